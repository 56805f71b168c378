//! How a Go function learns which block to go on at, and which globals are Go's registers.

use rcsim_uop::Epoch;

use super::source::Reg;

/// The two conventions that Go has had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// Until Go 1.12: a function takes no parameter; function and block to go on at are the first two globals.
    Global,
    /// Since Go 1.13: the block is the one parameter, and every function keeps a copy of the stack pointer in a local.
    Parameter,
}

impl Convention {
    /// The convention of an epoch.
    pub fn of(epoch: Epoch) -> Self {
        if epoch <= Epoch::Y2018 { Self::Global } else { Self::Parameter }
    }

    /// The first global that both conventions have, the stack pointer.
    pub const fn first_global(self) -> u32 {
        match self {
            Self::Global => 2,
            Self::Parameter => 0,
        }
    }

    /// The global with the block to go on at, where there is one.
    pub const fn block_global(self) -> u32 {
        1
    }

    /// The global that a register is.
    pub const fn global(self, reg: Reg) -> Option<u32> {
        let role = match reg {
            Reg::Sp => 0,
            Reg::Ctxt => 1,
            Reg::G => 2,
            Reg::Ret(n) => 3 + n as u32,
            Reg::PcF => return Some(0),
            Reg::PcB => return Some(self.block_global()),
            Reg::Block | Reg::R(_) => return None,
        };
        Some(self.first_global() + role)
    }
}
