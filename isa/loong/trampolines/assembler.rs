//! The generations of Go's loong64 assembler, as far as they differ in what it inserts.
//!
//! Source of facts: the bytes that the toolchains of Go 1.19 and 1.27 make.

use rcsim_uop::Epoch;

/// One generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assembler {
    /// Go 1.19, the first: no branches on one register, addresses by distance, the stack grows in front of the body, and
    /// wrappers look for a panicking caller.
    Go119,
    /// Go 1.27: branches on one register, addresses by page, the stack grows behind the body, the prologue stores the link
    /// register twice.
    Go127,
}

impl Assembler {
    /// The assembler in use in an epoch.
    pub fn of(epoch: Epoch) -> Self {
        if epoch >= Epoch::Go127 { Self::Go127 } else { Self::Go119 }
    }

    /// Whether it is the first.
    pub const fn is_first(self) -> bool {
        matches!(self, Self::Go119)
    }
}
