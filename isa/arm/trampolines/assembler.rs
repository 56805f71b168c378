//! The generations of Go's arm assembler, as far as they differ in what it inserts.
//!
//! Sources of facts: the bytes that the toolchains of Go 1.19 and 1.27 make; for the older ones, `cmd/internal/obj/arm` as it
//! was in Go 1.16, 1.11 and 1.8 and `liblink/obj5.c` of Go 1.4. Nothing at hand makes the bytes of the oldest; where their
//! encoder may have chosen otherwise, that of Go 1.19 is taken.

use rcsim_uop::Epoch;

/// One generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assembler {
    /// Go 1.4: growing the stack stands in the way of the common case, in conditional instructions.
    Go14,
    /// Go 1.8: growing the stack stands behind the routine; what wrappers do in a panic still does not.
    Go18,
    /// Go 1.11: what wrappers do in a panic stands there as well.
    Go111,
    /// Go 1.16: another distance of the stack guard.
    Go116,
    /// Go 1.19: the check of large frames tests for underflow.
    Go119,
    /// Go 1.27: code for Armv7, when no other is asked for, which has a move of 16-bit constants; no check for a panicking
    /// caller in wrappers.
    Go127,
}

impl Assembler {
    /// The assembler in use in an epoch. Both commits of 2020 and 2021 come before the check of large frames changed
    /// (April 2021).
    pub fn of(epoch: Epoch) -> Self {
        match epoch {
            Epoch::Go127 => Self::Go127,
            Epoch::Go119 => Self::Go119,
            Epoch::Y2020 | Epoch::Y2021 => Self::Go116,
            Epoch::Y2018 => Self::Go111,
            Epoch::Y2016 => Self::Go18,
            Epoch::Y2014Before | Epoch::Y2014 => Self::Go14,
        }
    }

    /// Distance of the guard from the end of the stack (`StackGuard`), where it shows.
    pub const fn stack_guard(self) -> u32 {
        match self {
            Self::Go14 => 640,
            Self::Go18 => 720,
            Self::Go111 => 880,
            Self::Go116 | Self::Go119 | Self::Go127 => 928,
        }
    }
}
