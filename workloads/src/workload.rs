//! A workload: what one file says, checked.

use std::sync::Arc;

use rcsim_diag::{Code, Diagnostics, Located, Source, Span};

use crate::format;
use crate::given::{Given, GivenValue};
use crate::gotype::{Signature, TypeId, TypeSpace};
use crate::patch::Patch;
use crate::value::{Heap, Value};

/// How the function is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// `value-call`: `reflect.Value.Call` of a compiled function.
    ValueCall,
    /// `make-func`: compiled code calls a function made by `reflect.MakeFunc`.
    MakeFunc,
    /// `method-value`: compiled code calls a method value that came from `reflect.Value.Method(i).Interface()`.
    MethodValue(Receiver),
    /// `method-call`: `reflect.Value.Call` of a method, that is, of `reflect.Value.Method(i)`.
    MethodCall(Receiver),
    /// `finalizer`, `defer`, `cgo-callback`: the runtime calls the function through `reflectcall`.
    Runtime(RuntimeCaller),
    /// `reflectcall`: the runtime's `reflectcall` itself, with a frame of given size and no registers.
    Reflectcall(Frame),
}

impl Call {
    /// The word in the file.
    pub fn word(&self) -> &'static str {
        match self {
            Self::ValueCall => "value-call",
            Self::MakeFunc => "make-func",
            Self::MethodValue(_) => "method-value",
            Self::MethodCall(_) => "method-call",
            Self::Runtime(caller) => caller.word(),
            Self::Reflectcall(_) => "reflectcall",
        }
    }

    /// The receiver, when a method is called.
    pub fn receiver(&self) -> Option<&Receiver> {
        match self {
            Self::MethodValue(receiver) | Self::MethodCall(receiver) => Some(receiver),
            Self::ValueCall | Self::MakeFunc | Self::Runtime(_) | Self::Reflectcall(_) => None,
        }
    }
}

/// Which part of the runtime calls the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuntimeCaller {
    /// `finalizer`: the goroutine that runs finalizers. Its argument is a pointer to the object.
    Finalizer,
    /// `defer`: `runtime.Goexit` runs deferred calls.
    Defer,
    /// `cgo-callback`: C code calls back.
    CgoCallback,
}

impl RuntimeCaller {
    /// The word in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Finalizer => "finalizer",
            Self::Defer => "defer",
            Self::CgoCallback => "cgo-callback",
        }
    }

    /// Whether nobody looks at the results. The run's results are then the arguments as the callee got them.
    pub fn drops_results(self) -> bool {
        self != Self::CgoCallback
    }
}

/// On what a method is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// The type of the value: T, *T, or an interface.
    pub ty: TypeId,
    /// The method's name; exported.
    pub method: String,
    /// Whether the method is declared on *T.
    pub pointer_receiver: bool,
}

/// The frame of a bare `reflectcall`: `frame_bytes` bytes, of which those from `ret_offset` on are results. Both are
/// multiples of 8 and below 4 GiB. As a function type it is `func([ret_offset/4]uint32) [(frame_bytes-ret_offset)/4]uint32`:
/// arrays of more than one element always travel on the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Size of arguments and results.
    pub frame_bytes: u32,
    /// Offset of the results.
    pub ret_offset: u32,
}

/// What the called function does: the actions in order, then the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callee {
    /// What happens first.
    pub actions: Vec<Action>,
    /// How it ends.
    pub outcome: Outcome,
}

/// One thing that a callee does before it ends. The set is closed: what is not here is written as a Go function and called
/// by `symbol`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `{ store-to-heap = N }`: stores argument N into a fresh heap object that a global variable keeps.
    StoreToHeap {
        /// Which argument, from 0.
        arg: usize,
    },
    /// `{ allocate = N }`: allocates N bytes without pointers; a global variable keeps them.
    Allocate {
        /// How many bytes.
        bytes: u64,
    },
    /// `{ grow-stack = N }`: calls itself deeper until N more bytes of stack are in use, then comes back.
    GrowStack {
        /// How many bytes.
        bytes: u64,
    },
    /// `"call-back"`: makes one more reflective call, of a function without parameters and results.
    CallBack,
    /// `"clobber-registers"`: overwrites every register that the calling convention lets a callee overwrite.
    ClobberRegisters,
    /// `"gc"`: runs a full collection.
    Gc,
}

/// How a callee ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// `"return-args"`: result i is argument i.
    ReturnArgs,
    /// `{ return = […] }`: result i is the value i of the list, made by the callee.
    Return,
    /// `"drop-args"`: every result is its zero value.
    DropArgs,
    /// `"panic"` or `{ panic = "text" }`: panics with a string.
    Panic(String),
}

/// How much stack is left between the stack pointer and the goroutine's guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StackLeft {
    /// So many bytes, rounded up to what the port's stack pointer is a multiple of.
    Bytes(u32),
    /// `"too-little"`: the most with which the stack check of the trampoline that will make the call has to ask for more.
    TooLittle,
    /// `"just-enough"`: the least with which it has not.
    JustEnough,
}

/// Which write barrier is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Barrier {
    /// That of the epoch.
    Epoch,
    /// None.
    None,
    /// Dijkstra's, as until Go 1.7.
    Dijkstra,
    /// The hybrid one, as since Go 1.8.
    Hybrid,
}

/// At which steps the collector may stop the goroutine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Points {
    /// Where Go may stop.
    Go,
    /// At each step.
    Every,
    /// Nowhere.
    None,
}

/// `[gc]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Gc {
    /// `barrier`, by default that of the epoch.
    pub barrier: Barrier,
    /// `points`, by default where Go may stop.
    pub points: Points,
}

/// A finding that is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedFinding {
    /// The code.
    pub code: Located<Code>,
    /// In which epochs; nothing means all.
    pub epochs: Option<Vec<Located<String>>>,
    /// On which architectures; nothing means all.
    pub archs: Option<Vec<Located<String>>>,
}

impl ExpectedFinding {
    /// Whether the finding is expected in this run.
    pub fn applies(&self, arch: &str, epoch: &str) -> bool {
        names_apply(&self.archs, arch) && names_apply(&self.epochs, epoch)
    }
}

/// How a run breaks off: neither by returning nor by a panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BreakKind {
    /// `trap`: an instruction traps.
    Trap,
    /// `service`: a service is told to use memory that is not there.
    Service,
    /// `unbalanced`: a call comes back with another stack pointer.
    Unbalanced,
    /// `unwind`: the runtime cannot make sense of a frame.
    Unwind,
    /// `endless`: the most steps of a run are reached.
    Endless,
}

impl BreakKind {
    /// The word in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::Service => "service",
            Self::Unbalanced => "unbalanced",
            Self::Unwind => "unwind",
            Self::Endless => "endless",
        }
    }

    /// What it is, in words that follow "the run breaks off:".
    pub fn words(self) -> &'static str {
        match self {
            Self::Trap => "an instruction traps",
            Self::Service => "a service cannot access memory",
            Self::Unbalanced => "a call comes back with another stack pointer",
            Self::Unwind => "a frame cannot be unwound",
            Self::Endless => "it does not end",
        }
    }
}

/// That a run is expected to break off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedBreak {
    /// How.
    pub kind: Located<BreakKind>,
    /// Where: a function with the offset of the instruction in it, or the step of a service. An endless run has no place.
    pub at: Option<Located<String>>,
    /// In which epochs; nothing means all.
    pub epochs: Option<Vec<Located<String>>>,
    /// On which architectures; nothing means all.
    pub archs: Option<Vec<Located<String>>>,
}

impl ExpectedBreak {
    /// Whether it is expected in this run.
    pub fn applies(&self, arch: &str, epoch: &str) -> bool {
        names_apply(&self.archs, arch) && names_apply(&self.epochs, epoch)
    }
}

/// Values with the objects that they refer to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Values {
    /// The objects.
    pub heap: Heap,
    /// The values.
    pub values: Vec<Value>,
}

/// How the call is expected to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedEnd {
    /// As the callee says: nothing else was written.
    ByCallee,
    /// With these results, written under `results`.
    Results(Values),
    /// With a panic of this text.
    Panic(String),
}

/// `[expect]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expect {
    /// How the call ends.
    pub end: ExpectedEnd,
    /// What is found.
    pub findings: Vec<ExpectedFinding>,
    /// Where the run breaks off before it comes to that end. At most one applies to a run.
    pub breaks_off: Vec<ExpectedBreak>,
}

impl Expect {
    /// Where a run is expected to break off.
    pub fn break_off(&self, arch: &str, epoch: &str) -> Option<&ExpectedBreak> {
        self.breaks_off.iter().find(|one| one.applies(arch, epoch))
    }
}

/// `[limits]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// The most steps that the run may take.
    pub steps: Option<u64>,
}

/// One workload file.
#[derive(Debug, Clone)]
pub struct Workload {
    /// The file.
    pub source: Arc<Source>,
    /// `name`
    pub name: Located<String>,
    /// `call`, with what belongs to it.
    pub call: Call,
    /// Every type of the workload.
    pub space: TypeSpace,
    /// The function type, without receiver.
    pub func: TypeId,
    /// Where the function type was written.
    pub func_span: Span,
    /// `callee`
    pub callee: Callee,
    /// `reserve-bytes`: bytes of stack that `reflectcall` is told to reserve at least, as for a callee that takes arguments in
    /// registers and may spill them. It is told since commit e021531.
    pub reserve_bytes: Option<u32>,
    /// `stack-left`: how much stack there is whenever `reflectcall` begins.
    pub stack_left: Option<StackLeft>,
    /// `symbol`: a function of the image that is the callee when there is an image.
    pub symbol: Option<Located<String>>,
    /// `args`, when they were written.
    pub written_args: Option<Located<Given>>,
    /// The values of `{ return = […] }`. Their heap holds the objects of `args`, too.
    pub returned: Option<Located<Given>>,
    /// `epochs`; nothing means all.
    pub epochs: Option<Vec<Located<String>>>,
    /// `archs`; nothing means all.
    pub archs: Option<Vec<Located<String>>>,
    /// `[gc]`
    pub gc: Gc,
    /// `[expect]`
    pub expect: Expect,
    /// `[limits]`
    pub limits: Limits,
    /// `[[patch]]`, in order.
    pub patches: Vec<Patch>,
}

impl Workload {
    /// Reads a workload.
    ///
    /// # Errors
    /// Every mistake in the text, with its place.
    pub fn parse(source: &Arc<Source>) -> Result<Self, Diagnostics> {
        format::read(source)
    }

    /// Parameters and results.
    pub fn signature(&self) -> &Signature {
        self.space.types().signature(self.func).expect("the reader accepts function types only")
    }

    /// Whether the caller does not look at the results: what is compared is then what the callee got.
    pub fn drops_results(&self) -> bool {
        matches!(self.call, Call::Runtime(caller) if caller.drops_results())
    }

    /// The types of what is compared in the end.
    pub fn end_types(&self) -> &[TypeId] {
        if self.drops_results() { &self.signature().params } else { &self.signature().results }
    }

    /// What goes in: values as written, or those of the parameters' types that are to be generated.
    pub fn given_args(&self) -> Vec<GivenValue> {
        match &self.written_args {
            Some(given) => given.value.values.clone(),
            None => {
                let params = self.signature().params.iter();
                params.map(|ty| GivenValue { ty: *ty, addressable: false, value: None }).collect()
            }
        }
    }

    /// The types of the values that go in: those of the parameters, or others that are assignable to them.
    pub fn arg_types(&self) -> Vec<TypeId> {
        self.given_args().iter().map(|given| given.ty).collect()
    }

    /// The types of the values that the callee returns: assignable to the results, and the same unless it is a made function.
    pub fn returned_types(&self) -> Vec<TypeId> {
        match (&self.returned, &self.callee.outcome) {
            (Some(given), _) => given.value.types(),
            (None, Outcome::ReturnArgs) => self.signature().params.clone(),
            (None, Outcome::Return | Outcome::DropArgs | Outcome::Panic(_)) => {
                self.signature().results.clone()
            }
        }
    }

    /// Whether the workload is for this architecture and epoch.
    pub fn applies(&self, arch: &str, epoch: &str) -> bool {
        names_apply(&self.archs, arch) && names_apply(&self.epochs, epoch)
    }

    /// The name as part of a Go identifier: letters, digits and `_`. Different names can have the same slug.
    pub fn slug(&self) -> String {
        let mut slug = String::new();
        for letter in self.name.value.chars() {
            match letter {
                'a'..='z' | 'A'..='Z' | '0'..='9' => slug.push(letter),
                _ if slug.ends_with('_') => {}
                _ => slug.push('_'),
            }
        }
        slug.trim_end_matches('_').to_owned()
    }
}

/// Whether a list of names, which may be left out to mean all, has this one.
pub(crate) fn names_apply(names: &Option<Vec<Located<String>>>, name: &str) -> bool {
    names.as_ref().is_none_or(|names| names.iter().any(|known| known.value == name))
}
