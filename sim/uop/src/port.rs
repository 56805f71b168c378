//! How Go uses an architecture: what the world of Go must know to place arguments, call functions, walk frames and
//! recognise binaries, without ever naming the architecture.
//!
//! A *port* is one GOARCH. One instruction set may carry several (ppc64 and ppc64le). Everything here is stated by the
//! folder of the architecture under `isa/`.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::copy_loop::{CopyPlan, CopyProgram, EmulatorNames};
use crate::epoch::Epoch;
use crate::guest::{Guest, MemFault};
use crate::isa::Isa;
use crate::op::Access;
use crate::reg::Reg;

/// What identifies a port's ELF files: fields of the ELF header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElfIdentity {
    /// `e_machine`.
    pub machine: u16,
    /// 32 or 64.
    pub class_bits: u8,
    /// Byte order.
    pub big_endian: bool,
}

/// The kind of file that a port's programs come as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// ELF with this identity.
    Elf(ElfIdentity),
    /// A WebAssembly module.
    Wasm,
}

/// A CPU feature of the guest that can be switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Name, as `--cpu-feature` takes it and as Go's `internal/cpu` spells it, lower case.
    pub name: &'static str,
    /// Whether the port's baseline has it.
    pub baseline: bool,
    /// One line of what it is.
    pub summary: &'static str,
}

/// Size and order of a port's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordFormat {
    /// Bytes of a pointer: 4 or 8.
    pub bytes: u8,
    /// Bytes of an `int`'s register slot in Go's ABI0, equal to `bytes` except on amd64p32.
    pub register_bytes: u8,
    /// Largest alignment of a basic type: 4 on 386, arm and mips (Go aligns 64-bit values to 4 there), else 8.
    pub max_align: u8,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
}

impl WordFormat {
    /// The access that moves one pointer.
    #[must_use]
    pub const fn access(self) -> Access {
        self.access_of(self.bytes)
    }

    /// The access that moves `bytes` bytes: 1, 2, 4 or 8.
    #[must_use]
    pub const fn access_of(self, bytes: u8) -> Access {
        let log2 = bytes.trailing_zeros() as u8;
        if self.big_endian { Access::big(log2) } else { Access::little(log2) }
    }
}

/// Where a call leaves its return address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// On the stack, pushed by the call.
    Stack,
    /// In a register; the callee's prologue stores it at the bottom of its frame.
    Register(Reg),
}

/// Facts of a port's calling convention.
#[derive(Clone, Copy, Debug)]
pub struct Convention {
    /// The stack pointer.
    pub sp: Reg,
    /// Where a call leaves its return address.
    pub link: Link,
    /// The closure context register.
    pub context: Reg,
    /// Bytes between the stack pointer at the first instruction of a function and its first stack argument: the return
    /// address on machines that push it, the fixed frame area elsewhere.
    pub args_above_sp: u8,
    /// What the stack pointer is a multiple of at every call.
    pub stack_align: u8,
    /// The frame-pointer register, where Go keeps one. A function that has a frame saves the caller's in the word below
    /// the stack pointer's value at its entry.
    pub frame_pointer: Option<Reg>,
    /// On machines with a link register: where a prologue keeps the link register's value while it calls
    /// `runtime.morestack`.
    pub link_at_growth: Option<Reg>,
}

/// How a `float32` stands in a floating-point argument register, and so in a slot of `RegArgs.Floats`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Float32Form {
    /// In the low 32 bits, the rest undefined (amd64, arm64, loong64).
    Low,
    /// Converted to a `float64` (ppc64).
    AsFloat64,
    /// In the low 32 bits, the rest ones (riscv64).
    Boxed,
    /// In the high 32 bits (s390x).
    High,
}

/// The registers that pass arguments and results in an epoch; empty lists mean that everything goes on the stack.
#[derive(Clone, Debug)]
pub struct ArgRegisters {
    /// Integer registers in order.
    pub ints: Vec<Reg>,
    /// Floating-point registers in order, by their slot that holds the scalar.
    pub floats: Vec<Reg>,
    /// How a `float32` is held.
    pub float32: Float32Form,
}

impl ArgRegisters {
    /// No argument registers: ABI0.
    #[must_use]
    pub const fn none() -> Self {
        Self { ints: Vec::new(), floats: Vec::new(), float32: Float32Form::Low }
    }
}

/// A place in code that a linker fills in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// Offset of the first byte from the start of the function.
    pub offset: u32,
    /// Number of bytes that the linker may change; not all bits of them need to.
    pub len: u8,
    /// Bits that the linker fills, byte by byte, for comparing code with relocations aside.
    pub mask: Vec<u8>,
    /// The symbol. It ends in `<ABIInternal>` when the call passes arguments in registers where the epoch has them.
    pub target: String,
}

/// Which words of a function's argument area are pointers at its entry, and in its whole body: the map that the
/// assembler derives from the function's Go prototype.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PointerMap {
    /// One entry a word.
    pub words: Vec<bool>,
}

/// What a frame's owner says about its stack maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameMaps {
    /// Arguments by the prototype, no pointers in locals.
    Prototype,
    /// The runtime finds the maps through the closure context kept in the first outgoing argument word
    /// (`makeFuncStub`, `methodValueCall`).
    Context,
    /// The function never stops while it is on the stack (leaf code that nothing interrupts).
    None,
}

/// One function of a built-in image.
#[derive(Clone, Debug)]
pub struct BuiltinFunction {
    /// Go's symbol name, as `runtime.call64` or `reflect.makeFuncStub`.
    pub name: String,
    /// Offset of its code from the start of the image's code.
    pub offset: u32,
    /// Its code in bytes.
    pub size: u32,
    /// Bytes of locals and outgoing arguments, as stated to Go's assembler.
    pub frame_bytes: u32,
    /// Bytes of arguments and results, as stated to Go's assembler.
    pub args_bytes: u32,
    /// Whether it checks for stack overflow on entry.
    pub splits_stack: bool,
    /// Distance of the stack pointer from its value at entry (positive: lower), from each code offset on.
    pub sp_deltas: Vec<(u32, i32)>,
    /// What is known about pointers in its frame.
    pub maps: FrameMaps,
    /// Argument words that are pointers.
    pub args: PointerMap,
    /// Places that a linker fills in.
    pub relocations: Vec<Relocation>,
}

/// The machinery of one epoch as rcsim assembles it itself, linked at an address.
#[derive(Clone, Debug)]
pub struct BuiltinImage {
    /// Address of the first byte.
    pub base: u64,
    /// The bytes to map there, executable: plain code, or a whole WebAssembly module.
    pub bytes: Vec<u8>,
    /// Offset of the code within `bytes`: what function offsets count from.
    pub code_offset: u32,
    /// Its functions in address order.
    pub functions: Vec<BuiltinFunction>,
}

/// Where the symbols that a built-in image refers to live.
pub trait Externs {
    /// Address of a function that the image does not contain; a service stands there. Symbols are written as in
    /// [`Relocation::target`].
    fn address(&mut self, symbol: &str) -> u64;

    /// Address of a variable of the program that the image is linked into; `None` where there is no program, and the image
    /// brings its own.
    fn variable(&mut self, _symbol: &str) -> Option<u64> {
        None
    }
}

/// Why a built-in image could not be assembled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// The port did not exist then.
    NoSuchEpoch {
        /// GOARCH.
        port: &'static str,
        /// The epoch asked for.
        epoch: Epoch,
        /// The first epoch that has the port.
        first: Epoch,
    },
    /// A bug of rcsim in the description of a function.
    Assembly {
        /// The function.
        function: String,
        /// What could not be encoded.
        what: String,
    },
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchEpoch { port, epoch, first } => {
                write!(f, "{port} did not exist in epoch {epoch}; its first epoch is {first}")
            }
            Self::Assembly { function, what } => write!(f, "cannot assemble {function}: {what}"),
        }
    }
}

impl Error for BuildError {}

/// Why an instruction set could not be set up for a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetupError {
    /// A feature name that the port does not know.
    UnknownFeature(String),
    /// The program's file is broken in a way that only the architecture can see.
    Program(String),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFeature(name) => write!(f, "unknown CPU feature `{name}`"),
            Self::Program(what) => f.write_str(what),
        }
    }
}

impl Error for SetupError {}

/// The program that an instruction set is set up for.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// Where its file (wasm) or nothing of interest (ELF) is mapped.
    pub base: u64,
    /// The file's bytes.
    pub file: &'a [u8],
}

/// Where services stand on ports without a place of their own: above Go programs, and near built-in images, so that calls
/// reach them.
const SERVICES: u64 = 0x1800_0000;

/// One GOARCH.
pub trait Port: Send + Sync {
    /// Go's name of it.
    fn goarch(&self) -> &'static str;

    /// One line about it.
    fn summary(&self) -> &'static str;

    /// What its programs come as.
    fn container(&self) -> Container;

    /// Sizes and byte order.
    fn word(&self) -> WordFormat;

    /// The CPU features that can be switched.
    fn features(&self) -> &'static [Feature] {
        &[]
    }

    /// The instruction set with the given features on, for a program. WebAssembly needs the module to know what an
    /// instruction means; others ignore it.
    ///
    /// # Errors
    /// When a feature does not exist or the program is broken.
    fn isa(&self, features: &[&str], program: Program<'_>) -> Result<Arc<dyn Isa>, SetupError>;

    /// The calling convention of today.
    fn convention(&self) -> Convention;

    /// The calling convention of an epoch: the same, unless a register has changed its part since.
    fn convention_in(&self, _epoch: Epoch) -> Convention {
        self.convention()
    }

    /// The register that holds the address of a function while it is called through a pointer, where position-independent
    /// functions count on it; they find their own data from there.
    fn callee_address(&self, _epoch: Epoch) -> Option<Reg> {
        None
    }

    /// The argument registers of an epoch.
    fn arg_registers(&self, epoch: Epoch) -> ArgRegisters;

    /// The first epoch in which Go had this port.
    fn first_epoch(&self) -> Epoch;

    /// The last epoch in which Go had this port.
    fn last_epoch(&self) -> Epoch {
        Epoch::Go127
    }

    /// Assemble the machinery of an epoch at `base`.
    ///
    /// # Errors
    /// When the port did not exist then.
    fn builtin(&self, epoch: Epoch, base: u64, externs: &mut dyn Externs)
    -> Result<BuiltinImage, BuildError>;

    /// Make the state that a call instruction just before `return_to` would leave at the first instruction of the
    /// function at `entry`, and return the address to continue at. The stack pointer must be aligned.
    ///
    /// # Errors
    /// When the return address cannot be stored: the stack is not mapped.
    fn call(&self, guest: &mut dyn Guest, entry: u64, return_to: u64) -> Result<u64, MemFault>;

    /// Instructions of `len` bytes in all that do nothing; `None` where there are none of this length, or where what an
    /// instruction leaves undone breaks the code around it.
    fn nop(&self, _len: u64) -> Option<Vec<u8>> {
        None
    }

    /// The program that speed is measured on.
    fn copy_loop(&self, plan: &CopyPlan) -> CopyProgram;

    /// What other emulators call the architecture.
    fn emulators(&self) -> EmulatorNames;

    /// Do what a return instruction does at the first instruction of a function, before any prologue, and return the
    /// address to continue at. Services return this way.
    ///
    /// # Errors
    /// When the return address cannot be loaded.
    fn ret(&self, guest: &mut dyn Guest) -> Result<u64, MemFault>;

    /// The register in which a prologue's call of `runtime.morestack` leaves its return address, on machines with a link
    /// register: that one, unless the port links this call with another.
    fn growth_link(&self) -> Option<Reg> {
        match self.convention().link {
            Link::Register(link) => Some(link),
            Link::Stack => None,
        }
    }

    /// Go on after `runtime.morestack` and its kin have given the goroutine a larger stack: return to the prologue, which
    /// then runs again from the function's first instruction.
    ///
    /// # Errors
    /// When the return address cannot be loaded.
    fn ret_from_growth(&self, guest: &mut dyn Guest, _isa: &dyn Isa) -> Result<u64, MemFault> {
        let pc = match self.growth_link() {
            Some(link) => guest.reg(link),
            None => self.ret(guest)?,
        };
        let convention = self.convention();
        if let (Link::Register(link), Some(saved)) = (convention.link, convention.link_at_growth) {
            guest.copy_reg(link, saved);
        }
        Ok(pc)
    }

    /// Where the host's service number `number` stands: an address that no program occupies and that a hook can be put
    /// at. Where code addresses are not what Go's tables and function values hold, it is one that both agree on.
    /// `None` when the port has no room for so many.
    fn service_address(&self, number: u32) -> Option<u64> {
        Some(SERVICES + 16 * u64::from(number))
    }

    /// Make `g` the current goroutine: its register, and its thread-local slot inside the block of thread-local storage at `tls` (64 bytes on
    /// either side of it are mapped).
    ///
    /// # Errors
    /// When the slot cannot be stored.
    fn set_g(&self, guest: &mut dyn Guest, g: u64, tls: u64) -> Result<(), MemFault>;

    /// Bring registers that Go's compiled code expects to hold constants (a zero register that is not architectural)
    /// into that state.
    fn set_constants(&self, guest: &mut dyn Guest);

    /// Where calls from within a program enter a function that starts with these eight bytes, as an offset: behind what only
    /// calls from elsewhere need.
    fn inner_entry(&self, _start: [u8; 8]) -> u64 {
        0
    }

    /// The address that Go's tables use for an instruction address. They differ on WebAssembly only, where a Go PC is a
    /// function's index and a block number in it. `None` when the instruction set does not know.
    fn go_pc(&self, _isa: &dyn Isa, pc: u64) -> Option<u64> {
        Some(pc)
    }

    /// The instruction address of a Go PC; the reverse of [`Port::go_pc`].
    fn machine_pc(&self, _isa: &dyn Isa, go_pc: u64) -> Option<u64> {
        Some(go_pc)
    }
}
