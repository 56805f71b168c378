//! The generations of Go's riscv64 assembler, as far as they differ in what it inserts.
//!
//! Sources of facts: the bytes that the toolchains of Go 1.19 and 1.27 make; for the older ones,
//! `cmd/internal/obj/riscv` as it was before and after the release of Go 1.16.

use rcsim_uop::Epoch;

/// One generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assembler {
    /// Go 1.16: calls take two instructions; the prologue uses X10 to X13, since no arguments come in registers; the
    /// check of large frames avoids subtracting from the stack pointer.
    Go116,
    /// Spring of 2021: the check of large frames tests for underflow instead.
    Go117,
    /// Go 1.19: a call is one instruction; the prologue uses X5 to X7 and stores the link register twice.
    Go119,
    /// Go 1.27: 16-bit instructions; no check for a panicking caller in wrappers.
    Go127,
}

impl Assembler {
    /// The assembler in use in an epoch.
    pub fn of(epoch: Epoch) -> Self {
        match epoch {
            Epoch::Go127 => Self::Go127,
            Epoch::Go119 => Self::Go119,
            Epoch::Y2021 => Self::Go117,
            _ => Self::Go116,
        }
    }

    /// Whether it shortens instructions.
    pub const fn shortens(self) -> bool {
        matches!(self, Self::Go127)
    }

    /// Whether it is one of those before register arguments.
    pub const fn is_old(self) -> bool {
        matches!(self, Self::Go116 | Self::Go117)
    }
}
