//! The generations of Go's ppc64 assembler, as far as they differ in what it inserts.
//!
//! Sources of facts: the bytes that the toolchains of Go 1.19 and 1.27 make; for the older ones,
//! `cmd/internal/obj/ppc64` as it was in Go 1.16, in 2018 and in October 2016, and `src/liblink` as it was in the week of
//! the commit of 2014. Nothing at hand makes the bytes of those.

use rcsim_uop::Epoch;

/// One generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// The last of the assemblers written in C: a frame's fixed part is one word, and a large frame is made before the link
    /// register is saved in it.
    Go14,
    /// Go 1.8: four words; the check of middle-sized frames does not count on what small frames may use below the guard.
    Go18,
    /// Go 1.11: it does; constants of 16 unsigned bits take one instruction, and loops stay as their authors wrote them.
    Go111,
    /// Go 1.16: a larger stack guard. Until then the prologue uses R3 to R6, since no arguments come in registers; far
    /// accesses and addresses of symbols go through R31.
    Go116,
    /// Go 1.19: R22 to R25; a far access goes through its own destination.
    Go119,
    /// Go 1.27: no check for a panicking caller in wrappers; large frames are made by one indexed store.
    Go127,
}

impl Generation {
    /// Bytes of the fixed part at the bottom of every frame (`FIXED_FRAME` of Go's `asm_ppc64x.h`): the saved link register
    /// and, since frames follow the 64-bit ELF V2 ABI (Go 1.6), two reserved words and the saved table pointer.
    pub const fn fixed_frame(self) -> u32 {
        match self {
            Self::Go14 => 8,
            _ => 32,
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

    /// Whether the pass that lines up blocks (`follow`) repeats the test of a loop at its end, where the author wrote a jump
    /// back to it.
    pub fn turns_loops(self) -> bool {
        self <= Self::Go18
    }

    /// Whether a constant of 16 unsigned bits is taken for one of 32.
    pub fn widens_constants(self) -> bool {
        self <= Self::Go18
    }
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
            Epoch::Y2020 | Epoch::Y2021 => Generation::Go116,
            Epoch::Y2018 => Generation::Go111,
            Epoch::Y2016 => Generation::Go18,
            Epoch::Y2014Before | Epoch::Y2014 => Generation::Go14,
        };
        Self { generation, big_endian }
    }

    /// Where outgoing arguments start, above the fixed part of the frame.
    pub const fn outgoing(self) -> i64 {
        self.generation.fixed_frame() as i64
    }
}
