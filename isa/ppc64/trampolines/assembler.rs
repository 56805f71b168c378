//! The generations of Go's ppc64 assembler, as far as they differ in what it inserts.
//!
//! Sources of facts: the bytes that the toolchains of Go 1.19 and 1.27 make; for the older one,
//! `cmd/internal/obj/ppc64` as it was in Go 1.16.

use rcsim_uop::Epoch;

/// One generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// Go 1.16: the prologue uses R3 to R6, since no arguments come in registers; far accesses and addresses of symbols
    /// go through R31.
    Go116,
    /// Go 1.19: R22 to R25; a far access goes through its own destination.
    Go119,
    /// Go 1.27: no check for a panicking caller in wrappers; large frames are made by one indexed store.
    Go127,
}

/// The assembler of one of the two ports.
#[derive(Clone, Copy, Debug)]
pub struct Assembler {
    /// How it makes code.
    pub generation: Generation,
    /// Whether it is that of the big-endian port.
    pub big_endian: bool,
}

impl Assembler {
    /// The assembler in use in an epoch. Both commits of 2020 and 2021 come before register arguments on ppc64 (Go
    /// 1.18), and before the prologue moved away from the argument registers.
    pub fn of(epoch: Epoch, big_endian: bool) -> Self {
        let generation = match epoch {
            Epoch::Go127 => Generation::Go127,
            Epoch::Go119 => Generation::Go119,
            _ => Generation::Go116,
        };
        Self { generation, big_endian }
    }
}
