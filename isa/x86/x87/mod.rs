//! The x87 unit: eight registers of 80 bits used as a stack, which MMX uses as eight registers of 64.
//!
//! Go's 386 port computes with SSE, but its hand-written functions still convert, round and take roots here. The unit
//! knows every basic operation, rounded as the control word asks; sines, logarithms and their kin are not modelled.
//! Exception flags are never raised, as in MXCSR: nothing reads them. Start reading at [`operation`].

pub mod arithmetic;
pub mod number;
pub mod operation;
mod round;
pub mod unit;

pub use unit::start;
