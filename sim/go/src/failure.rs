//! The ways in which a run ends other than by returning.
//!
//! Four kinds, never mixed: what the Go program does (a panic), what the guest's code does wrong (a trap), what
//! rcsim does not model (a gap), and limits.

use std::error::Error;
use std::fmt;

use rcsim_machine::Trap;
use rcsim_uop::guest::MemFault;

/// Why a run did not return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The Go program panicked.
    Panic {
        /// The panic's text.
        text: String,
    },
    /// The guest's code trapped.
    Trap {
        /// The trap.
        trap: Box<Trap>,
        /// The function it happened in, with the offset.
        place: String,
        /// Disassembly of the instruction, when there is one.
        text: Option<String>,
    },
    /// A service could not access memory that it was told to use.
    Service {
        /// What the service was doing.
        action: String,
        /// The access.
        fault: MemFault,
    },
    /// A call came back with another stack pointer than it left with.
    Unbalanced {
        /// The function called.
        function: String,
        /// Stack pointer before.
        before: u64,
        /// Stack pointer after.
        after: u64,
    },
    /// The runtime could not make sense of a frame.
    CannotUnwind {
        /// The function.
        function: String,
        /// What is wrong.
        why: String,
    },
    /// A method got another receiver than its value was made with.
    WrongReceiver {
        /// The receiver word.
        expected: u64,
        /// What the method got.
        found: u64,
    },
    /// A limit was reached.
    Limit(Limit),
    /// The run needs something that rcsim does not model.
    Unsupported {
        /// What.
        what: String,
    },
}

/// A limit of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Guest instructions.
    Steps(u64),
    /// Nested calls between services and guest code.
    Depth(usize),
    /// Bytes of a goroutine stack; Go's own limit.
    Stack(u64),
    /// Bytes of the heap.
    Heap(u64),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps(n) => write!(f, "step limit of {n} instructions reached"),
            Self::Depth(n) => write!(f, "more than {n} nested reflective calls"),
            Self::Stack(n) => write!(f, "stack overflow: the goroutine stack exceeds its limit of {n} bytes"),
            Self::Heap(n) => write!(f, "the heap exceeds its limit of {n} bytes"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panic { text } => write!(f, "panic: {text}"),
            Self::Trap { trap, place, text } => {
                write!(f, "trap in {place}: {}", trap.kind)?;
                text.as_ref().map_or(Ok(()), |text| write!(f, " (at `{text}`)"))
            }
            Self::Service { action, fault } => {
                write!(f, "{action}: cannot access {} bytes at {:#x}", fault.bytes, fault.addr)
            }
            Self::Unbalanced { function, before, after } => {
                write!(
                    f,
                    "{function} returned with stack pointer {after:#x}, it was {before:#x} before the call"
                )
            }
            Self::CannotUnwind { function, why } => write!(f, "cannot unwind {function}: {why}"),
            Self::WrongReceiver { expected, found } => {
                write!(f, "the method got receiver {found:#x}, it should be {expected:#x}")
            }
            Self::Limit(limit) => limit.fmt(f),
            Self::Unsupported { what } => write!(f, "not supported: {what}"),
        }
    }
}

impl Error for Failure {}
