//! The generations of Go's ppc64 assembler, as far as they differ in what it inserts.
//!
//! Sources of facts: the bytes that the toolchains of Go 1.19 and 1.27 make; for the older one,
//! `cmd/internal/obj/ppc64` as it was in Go 1.16.

use rcsim_uop::Epoch;

/// One generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assembler {
    /// Go 1.16: the prologue uses R3 to R6, since no arguments come in registers; far accesses and addresses of symbols
    /// go through R31.
    Go116,
    /// Go 1.19: R22 to R25; a far access goes through its own destination.
    Go119,
    /// Go 1.27: no check for a panicking caller in wrappers; large frames are made by one indexed store.
    Go127,
}

impl Assembler {
    /// The assembler in use in an epoch. Both commits of 2020 and 2021 come before register arguments on ppc64 (Go
    /// 1.18), and before the prologue moved away from the argument registers.
    pub fn of(epoch: Epoch) -> Self {
        match epoch {
            Epoch::Go127 => Self::Go127,
            Epoch::Go119 => Self::Go119,
            _ => Self::Go116,
        }
    }
}
