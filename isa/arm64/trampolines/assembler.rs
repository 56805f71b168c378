//! The generations of Go's arm64 assembler, as far as they differ in what it inserts.
//!
//! Sources of facts: the bytes that the toolchains of Go 1.19 and 1.27 make; for the older ones,
//! `cmd/internal/obj/arm64` as it was in Go 1.16, in 2018 and in 2016. Nothing at hand makes the bytes of the two oldest;
//! where their encoder may have chosen otherwise, as for large constants, that of Go 1.16 is taken.

use rcsim_uop::Epoch;

/// One generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assembler {
    /// Go 1.8: what wrappers do in a panic stands in the way of the common case; a large frame is made before the link
    /// register is saved in it. No frame pointer.
    Go18,
    /// Go 1.11: as Go 1.16, without a frame pointer. It came within the half year that followed the commit of 2018, and is
    /// taken not to have been there.
    Go111,
    /// Go 1.16: the prologue uses R1 to R4, since no arguments come in registers.
    Go116,
    /// Go 1.19: R16, R17 and R20; link register and frame pointer stored together in large frames.
    Go119,
    /// Go 1.27: no check for a panicking caller in wrappers; large offsets split in two without a constant pool.
    Go127,
}

impl Assembler {
    /// The assembler in use in an epoch. Both commits of 2020 and 2021 come before register arguments on arm64 (Go
    /// 1.18), and before the prologue moved away from the argument registers (April 2021).
    pub fn of(epoch: Epoch) -> Self {
        match epoch {
            Epoch::Go127 => Self::Go127,
            Epoch::Go119 => Self::Go119,
            Epoch::Y2020 | Epoch::Y2021 => Self::Go116,
            Epoch::Y2018 => Self::Go111,
            Epoch::Y2014Before | Epoch::Y2014 | Epoch::Y2016 => Self::Go18,
        }
    }

    /// Whether functions keep a frame pointer.
    pub fn keeps_frame_pointer(self) -> bool {
        self >= Self::Go116
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
