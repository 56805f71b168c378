//! The generations of Go's s390x assembler, as far as they differ in what it inserts.
//!
//! Sources of facts: the bytes that the toolchains of Go 1.19 and 1.27 make; for the older ones, `cmd/internal/obj/s390x`
//! as it was in Go 1.16, in 2018 and in 2016. Nothing at hand makes the bytes of the two oldest; where their encoder may
//! have chosen otherwise, as for constants, that of Go 1.16 is taken.

use rcsim_uop::Epoch;

/// One generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assembler {
    /// Go 1.8.
    Go18,
    /// Go 1.11: as before, with a larger stack guard.
    Go111,
    /// Go 1.16: the stack check of large frames compares distances.
    Go116,
    /// Go 1.19: the link register is saved a second time after the stack pointer has moved (Go issue 53374); the check of
    /// large frames subtracts.
    Go119,
    /// Go 1.27: no check for a panicking caller in wrappers; the stack check leaves argument registers alone.
    Go127,
}

impl Assembler {
    /// The assembler in use in an epoch.
    pub const fn of(epoch: Epoch) -> Self {
        match epoch {
            Epoch::Go127 => Self::Go127,
            Epoch::Go119 => Self::Go119,
            Epoch::Y2020 | Epoch::Y2021 => Self::Go116,
            Epoch::Y2018 => Self::Go111,
            Epoch::Y2014Before | Epoch::Y2014 | Epoch::Y2016 => Self::Go18,
        }
    }

    /// Distance of the guard from the end of the stack (`StackGuard`), where it shows.
    pub const fn stack_guard(self) -> u32 {
        match self {
            Self::Go18 => 720,
            Self::Go111 => 880,
            Self::Go116 | Self::Go119 | Self::Go127 => 928,
        }
    }
}
