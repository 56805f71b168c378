//! The generations of Go's mips assembler, as far as they differ in what it inserts.
//!
//! Sources of facts: the bytes that the toolchains of Go 1.19 and 1.27 make; for the older ones, `cmd/internal/obj/mips`
//! as it was before the release of Go 1.17.

use rcsim_uop::Epoch;

use crate::mips::mode::Mode;

/// One generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// Go 1.8 to 1.13: the stack guard is nearer to the end of the stack.
    Go18,
    /// Go 1.16: the check of large frames avoids subtracting from the stack pointer.
    Go116,
    /// Spring of 2021: the check of large frames tests for underflow instead.
    Go117,
    /// Go 1.19: the prologue stores the link register twice.
    Go119,
    /// Go 1.27: no check for a panicking caller in wrappers.
    Go127,
}

/// The assembler of one of the ports.
#[derive(Clone, Copy, Debug)]
pub struct Assembler {
    /// How it makes code.
    pub generation: Generation,
    /// For which machine.
    pub mode: Mode,
}

impl Assembler {
    /// The assembler in use in an epoch.
    pub fn of(epoch: Epoch, mode: Mode) -> Self {
        let generation = match epoch {
            Epoch::Go127 => Generation::Go127,
            Epoch::Go119 => Generation::Go119,
            Epoch::Y2021 => Generation::Go117,
            Epoch::Y2020 => Generation::Go116,
            Epoch::Y2014Before | Epoch::Y2014 | Epoch::Y2016 | Epoch::Y2018 => Generation::Go18,
        };
        Self { generation, mode }
    }

    /// Bytes of a general register, and of the word that a frame keeps for the link register.
    pub fn word_bytes(self) -> i32 {
        i32::from(self.mode.word_bytes())
    }

    /// Distance of the stack guard from the end of the stack (`StackGuard`).
    pub const fn stack_guard(self) -> i32 {
        match self.generation {
            Generation::Go18 => 880,
            _ => 928,
        }
    }
}
