//! Why the interpreter returns.

use std::error::Error;
use std::fmt;

use rcsim_uop::guest::{AccessKind, FaultCause, MemFault};
use rcsim_uop::isa::LiftError;

/// What went wrong in the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrapKind {
    /// A memory access failed.
    Memory(MemFault),
    /// An integer division by zero, or its overflow.
    Divide,
    /// An instruction that states a trap, as a bounds check does.
    Arithmetic,
    /// An instruction that is defined to be undefined.
    Undefined,
    /// A breakpoint instruction.
    Breakpoint,
    /// Too many nested wasm calls.
    WindowOverflow,
    /// A wasm return without a call.
    WindowUnderflow,
    /// The instruction could not be lifted.
    Lift(LiftError),
}

/// A trap: the state of the guest is that before the instruction at `pc`, except for registers that the instruction
/// itself had changed before it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Address of the instruction.
    pub pc: u64,
    /// What went wrong.
    pub kind: TrapKind,
}

/// Why [`crate::run`] returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The guest reached a hook: the program counter is at it.
    Hook(u32),
    /// A system call instruction; the program counter is after it.
    Syscall(u32),
    /// The shadow asked to stop; the program counter is at the next instruction.
    Shadow,
    /// The step limit was reached, exactly.
    StepLimit,
    /// The guest trapped; the program counter is at the instruction.
    Trap(Trap),
}

impl fmt::Display for TrapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(fault) => write!(f, "{}", describe(*fault)),
            Self::Divide => f.write_str("integer division by zero or overflow"),
            Self::Arithmetic => f.write_str("trap instruction"),
            Self::Undefined => f.write_str("undefined instruction"),
            Self::Breakpoint => f.write_str("breakpoint instruction"),
            Self::WindowOverflow => f.write_str("too many nested wasm calls"),
            Self::WindowUnderflow => f.write_str("wasm return without a call"),
            Self::Lift(error) => error.fmt(f),
        }
    }
}

fn describe(fault: MemFault) -> String {
    let MemFault { addr, bytes, kind, cause } = fault;
    let verb = match kind {
        AccessKind::Read => "read",
        AccessKind::Write => "write",
        AccessKind::Execute => "execution",
    };
    let cause = match cause {
        FaultCause::Unmapped => "nothing is mapped there",
        FaultCause::Protected => "the mapping forbids it",
        FaultCause::Misaligned => "the address is misaligned",
        FaultCause::Exhausted => "the guest's memory limit is reached",
    };
    format!("{verb} of {bytes} bytes at {addr:#x}: {cause}")
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {:#x}: {}", self.pc, self.kind)
    }
}

impl Error for Trap {}
