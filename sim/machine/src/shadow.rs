//! The shadow: a second machine that runs beside the first and knows something about every value.
//!
//! The interpreter asks it for a tag whenever a slot is written and shows it every memory word that moves. With
//! [`NoShadow`] all of this compiles to nothing.

use rcsim_uop::op::Access;

/// How a result came from its operands, as far as a shadow may care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derive {
    /// Sum: keeps a pointer plus an offset.
    Add,
    /// Difference: keeps a pointer minus an offset; the difference of two pointers is none.
    Sub,
    /// And with a mask: aligning a pointer.
    And,
    /// Or, exclusive or: tagging a pointer, merging parts.
    Or,
    /// A field of the operand, or a field put into it.
    Part,
    /// Anything else: the result is no pointer.
    Other,
}

/// A heap object that has just been made.
#[derive(Clone, Copy, Debug)]
pub struct NewObject<'a> {
    /// Address of its first byte.
    pub addr: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// Which of its words are pointers, as far as its type reaches. Memory that was asked for without a type, and what is
    /// behind the type's end, is in no map: nobody has said that there are numbers.
    pub pointers: &'a [bool],
    /// What it is for.
    pub what: &'a str,
    /// Where in the run it was made.
    pub place: &'a str,
}

/// Why the collector may stop the goroutine here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PointKind {
    /// A prologue checks for stack overflow; the collector's request to stop looks like one.
    StackCheck,
    /// Memory is allocated.
    Allocation,
    /// Code of the user runs.
    UserCode,
    /// The reflective call is over, and its caller goes on.
    AfterCall,
    /// Between two instructions where Go never stops this code.
    Step,
}

impl PointKind {
    /// Whether Go's rules let the collector stop the goroutine there.
    #[must_use]
    pub const fn is_permitted(self) -> bool {
        match self {
            Self::StackCheck | Self::Allocation | Self::UserCode | Self::AfterCall => true,
            Self::Step => false,
        }
    }
}

/// What a root is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RootKind {
    /// A word of a frame on the stack.
    Stack,
    /// A register that the function at hand saves where the scan looks.
    Register,
    /// A global variable.
    Global,
}

/// A word that a scan reads as a pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root<W> {
    /// What it is a part of.
    pub kind: RootKind,
    /// Where it is; for a register the number of its slot.
    pub addr: u64,
    /// What it holds.
    pub value: u64,
    /// What the shadow knows of that.
    pub word: W,
}

/// A word of which the code's author has said, once for the whole function, whether it is a pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared<W> {
    /// The word.
    pub root: Root<W>,
    /// What was said.
    pub pointer: bool,
    /// Whether a pointer's value is an address of any memory; of numbers nobody asks.
    pub address: bool,
}

/// Reads a pointer-sized word of memory as the collector does, with what the shadow knows of it.
pub type ReadWord<'a, W> = &'a dyn Fn(u64) -> Option<(u64, W)>;

/// A moment at which the collector may stop the goroutine, with what it would see then.
pub struct GcPoint<'a, W> {
    /// Why.
    pub kind: PointKind,
    /// Where, in words; worked out only when somebody asks.
    pub place: &'a dyn Fn() -> String,
    /// Address of the instruction at hand, or `None` when a service is at work.
    pub pc: Option<u64>,
    /// Guest instructions before it.
    pub step: u64,
    /// What the scan of the stack reads.
    pub roots: &'a [Root<W>],
    /// Argument words of functions whose map is that of a declaration rather than a compiler's list of what is still used.
    pub declared: &'a [Declared<W>],
    /// Frames scanned.
    pub frames: usize,
    /// Memory.
    pub word: ReadWord<'a, W>,
    /// Places outside the collector's sight that hold a pointer into an address range: what each holds, and its name.
    pub holders: &'a dyn Fn(u64, u64) -> Vec<(u64, String)>,
    /// A root in words.
    pub name: &'a dyn Fn(&Root<W>) -> String,
}

/// Rules about frames, values and unwinding: whoever knows the frames judges them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FrameRule {
    /// An argument or result is in the wrong place.
    WrongPlace,
    /// Memory of a frame is accessed by code that does not own it.
    OutsideFrame,
    /// A register or slot that somebody still needs is overwritten.
    Clobbered,
    /// A reflected value has the wrong kind, flag or type descriptor.
    WrongKind,
    /// Stack, offset or access are not aligned as they must be.
    Misaligned,
    /// A frame cannot be unwound by its own tables.
    CannotUnwind,
    /// Functions that do not check the stack need more of it than is reserved.
    NosplitBudget,
}

/// A violation of a rule about frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which rule.
    pub rule: FrameRule,
    /// What went wrong, in one line.
    pub message: String,
    /// Address of the guilty guest instruction, or `None` when a service is at work.
    pub pc: Option<u64>,
    /// The service's step, or what else tells the place in words.
    pub place: String,
    /// Guest instructions before it.
    pub step: u64,
    /// What the instruction or step does, in a few words.
    pub remark: String,
    /// Earlier moments that led to it: label, address of the instruction, place, step.
    pub events: Vec<(String, Option<u64>, String, u64)>,
    /// Explanations.
    pub notes: Vec<String>,
}

/// Which code runs a write barrier. It decides what happens where the destination is no heap memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BarrierKind {
    /// The compiler's barrier at the store of one pointer: it notes what it sees, wherever the destination is.
    Pointer,
    /// A bulk barrier for a typed move, clear or the copy of results: it looks the destination up first.
    Bulk,
}

/// Whether a barrier runs before the memory changes or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BarrierOrder {
    /// Before: the old pointers are still in place.
    Before,
    /// After: the old pointers are lost.
    After,
}

/// Where a barrier reads the pointers that are, or will be, in the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewPointers {
    /// In memory from this address on.
    At(u64),
    /// This one, from a register.
    Value(u64),
    /// There are none: the destination is cleared.
    Zero,
}

/// Which words of its range a barrier takes for pointers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarrierBitmap<'a> {
    /// Those that the heap's own bitmap says, from this address on.
    Heap(u64),
    /// These, one entry a word.
    Words(&'a [bool]),
}

/// A write barrier runs. The stores that belong to it follow or went before, and are told as all stores are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarrierEvent<'a> {
    /// Which code.
    pub kind: BarrierKind,
    /// Before or after the stores.
    pub order: BarrierOrder,
    /// First byte of the memory that changes.
    pub dst: u64,
    /// Bytes of the range.
    pub bytes: u64,
    /// Where the new pointers are.
    pub new: NewPointers,
    /// Which words count.
    pub bitmap: BarrierBitmap<'a>,
}

/// What runs beside the interpreter.
pub trait Shadow {
    /// What is known of a slot.
    type Tag: Copy + Default;
    /// What is known of a granule of memory, one pointer wide.
    type Word: Copy + Default + PartialEq;
    /// Whether there is anything to do; `false` removes every call.
    const ACTIVE: bool;

    /// The tag of a constant.
    fn constant(&mut self, value: u64) -> Self::Tag;
    /// The tag of a result computed from two operands. A missing operand is passed as the tag of a constant.
    fn derive(&mut self, how: Derive, a: Self::Tag, b: Self::Tag, result: u64) -> Self::Tag;
    /// The tag of a loaded value. `words` are the granules that the access overlaps; the first byte of the access is
    /// byte `offset` of the first of them.
    fn load(&mut self, addr: u64, acc: Access, words: &[Self::Word], offset: usize, value: u64) -> Self::Tag;
    /// Note a store in the granules that it overlaps, as in [`Shadow::load`].
    fn store(
        &mut self,
        addr: u64,
        acc: Access,
        words: &mut [Self::Word],
        offset: usize,
        tag: Self::Tag,
        value: u64,
    );
    /// As [`Shadow::load`], where the access moves one granule, all of it.
    #[inline(always)]
    fn load_word(&mut self, addr: u64, acc: Access, word: Self::Word, value: u64) -> Self::Tag {
        self.load(addr, acc, &[word], 0, value)
    }
    /// As [`Shadow::store`], where the access moves one granule, all of it.
    #[inline(always)]
    fn store_word(&mut self, addr: u64, acc: Access, word: &mut Self::Word, tag: Self::Tag, value: u64) {
        self.store(addr, acc, std::slice::from_mut(word), 0, tag, value);
    }
    /// Whether [`Shadow::point`] is wanted; without it nobody works out what the collector would see.
    const POINTS: bool = false;

    /// The tag of a value that comes from outside the guest: what it points to is known by its address alone.
    #[inline(always)]
    fn host(&mut self, value: u64) -> Self::Tag {
        self.constant(value)
    }
    /// Host code has read a word as a number, and its tag is lost.
    #[inline(always)]
    fn host_read(&mut self, _tag: Self::Tag, _value: u64) {}
    /// An access goes to an address computed from a base and an index.
    #[inline(always)]
    fn address(&mut self, _base: Self::Tag, _index: Self::Tag, _addr: u64) {}
    /// What memory holds that no frame occupies.
    fn vacant(&self) -> Self::Word {
        Self::Word::default()
    }
    /// What is written to memory that no frame occupies any more, when the run is to show who reads it.
    fn scribble(&self) -> Option<u64> {
        None
    }
    /// What becomes of a word that a move of the stack adjusts.
    fn adjusted(&self, word: Self::Word) -> Self::Word {
        word
    }
    /// Whether nothing has been written to memory that holds this word.
    fn is_unwritten(&self, _word: Self::Word) -> bool {
        false
    }
    /// No frame is below this address of the stack any more. Returns the lowest address that may hold something else than
    /// [`Shadow::vacant`] words: what lies between belongs to frames that are gone.
    fn frames_end_at(&mut self, sp: u64) -> u64 {
        sp
    }
    /// What memory holds when a value with this tag is stored.
    fn word_of(&self, _tag: Self::Tag) -> Self::Word {
        Self::Word::default()
    }
    /// What is read from now on is read for the shadow's own sake, and is no use of anything; or is again.
    fn look_away(&mut self, _away: bool) {}
    /// The goroutine's stack is here now.
    fn stack(&mut self, _low: u64, _high: u64) {}
    /// Heap objects are in this range.
    fn heap(&mut self, _low: u64, _high: u64) {}
    /// Global variables of the guest's program are in this range.
    fn globals(&mut self, _low: u64, _high: u64) {}
    /// Show every word of that range to which a pointer into the heap was ever stored, in order of address.
    fn visit_written_globals(&self, _visit: &mut dyn FnMut(u64)) {}
    /// Memory in an object that serves one call and holds nothing of value after it.
    fn scratch(&mut self, _addr: u64, _bytes: u64) {}
    /// The only point at which the stack is to move, if there is one.
    fn move_at(&self) -> Option<u32> {
        None
    }
    /// Whether there is a point at each step.
    fn every_step(&self) -> bool {
        false
    }
    /// Whether the interpreter should return after the block at hand.
    #[inline(always)]
    fn stop_requested(&mut self) -> bool {
        false
    }
    /// The word at this address is what prologues compare the stack pointer with.
    fn stack_guard(&mut self, _addr: u64) {}
    /// A heap object was made.
    fn allocated(&mut self, _object: NewObject<'_>) {}
    /// The collector may stop the goroutine now. Returns the memory of objects that a collection here is to free:
    /// address and size of each.
    fn point(&mut self, _point: &GcPoint<'_, Self::Word>) -> Vec<(u64, u64)> {
        Vec::new()
    }
    /// A rule about frames is violated.
    fn violated(&mut self, _violation: Violation) {}
    /// A service runs a write barrier. `word` reads memory, with what the shadow knows of it.
    fn barrier(&mut self, _event: &BarrierEvent<'_>, _word: &dyn Fn(u64) -> Option<(u64, Self::Word)>) {}
    /// Guest code writes each pointer that its write barriers shade into this memory.
    fn barrier_buffer(&mut self, _low: u64, _high: u64) {}
    /// Services are at work in this place from now on; empty when the guest is.
    fn service_at(&mut self, _place: &str) {}
    /// Whether [`Shadow::begin_insn`] is wanted for every instruction. If not, it is told before whatever looks at memory, and at
    /// the end of each block: enough to say where something happened.
    const EVERY_INSN: bool = Self::ACTIVE;
    /// An instruction is about to begin. `step` counts instructions from the start of the run.
    fn begin_insn(&mut self, pc: u64, step: u64);
}

/// No shadow at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoShadow;

impl Shadow for NoShadow {
    type Tag = ();
    type Word = ();
    const ACTIVE: bool = false;

    #[inline(always)]
    fn constant(&mut self, _value: u64) {}
    #[inline(always)]
    fn derive(&mut self, _how: Derive, (): (), (): (), _result: u64) {}
    #[inline(always)]
    fn load(&mut self, _addr: u64, _acc: Access, _words: &[()], _offset: usize, _value: u64) {}
    #[inline(always)]
    fn store(&mut self, _: u64, _: Access, _: &mut [()], _: usize, (): (), _: u64) {}
    #[inline(always)]
    fn begin_insn(&mut self, _pc: u64, _step: u64) {}
}
