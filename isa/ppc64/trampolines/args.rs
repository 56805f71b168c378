//! The arguments of `reflectcall` and the trampolines.
//!
//! | epoch | parameters |
//! |---|---|
//! | 2014-before | `fn, arg unsafe.Pointer, n, retoffset uint32` |
//! | 2014-df027ac to 2018 | `typ, fn, arg unsafe.Pointer, n, retoffset uint32` |
//! | since 2020 | `stackArgsType, fn, stackArgs unsafe.Pointer, stackArgsSize, stackRetOffset, frameSize uint32, regArgs *abi.RegArgs` |

use rcsim_uop::Epoch;
use rcsim_uop::port::PointerMap;

use crate::routine;

/// Where the arguments stand.
#[derive(Clone, Copy, Debug)]
pub struct Arguments {
    epoch: Epoch,
}

impl Arguments {
    /// Those of an epoch.
    pub const fn of(epoch: Epoch) -> Self {
        Self { epoch }
    }

    fn typed(self) -> bool {
        self.epoch > Epoch::Y2014Before
    }

    /// Offset of the type, where there is one.
    pub const TYPE: u32 = 0;

    /// Offset of the register arguments, since 2020.
    pub const REG_ARGS: u32 = 40;

    /// Offset of the function.
    pub fn function(self) -> u32 {
        if self.typed() { 8 } else { 0 }
    }

    /// Offset of the arguments' address.
    pub fn stack_args(self) -> u32 {
        self.function() + 8
    }

    /// Offset of their size.
    pub fn stack_args_size(self) -> u32 {
        self.function() + 16
    }

    /// Offset of the results' offset among them.
    pub fn results_offset(self) -> u32 {
        self.function() + 20
    }

    /// Offset of the size that picks a trampoline: of the frame, before 2020 of the arguments.
    pub fn picks(self) -> u32 {
        if self.epoch.has_reg_args() { self.function() + 24 } else { self.stack_args_size() }
    }

    /// Their map.
    pub fn map(self) -> PointerMap {
        if self.epoch.has_reg_args() {
            return routine::reflectcall_args();
        }
        let mut words = vec![true, true, false];
        if self.typed() {
            words.insert(0, true);
        }
        PointerMap { words }
    }

    /// The map that the trampolines have. Their prototypes were forgotten when the type became the first parameter, so
    /// that the third pointer counted as a number until Go 1.8 (a73d68e75e): a defect of that epoch.
    pub fn trampoline_map(self) -> PointerMap {
        match self.epoch {
            Epoch::Y2014 => PointerMap { words: vec![true, true, false, false] },
            _ => self.map(),
        }
    }

    /// Their bytes.
    pub fn bytes(self) -> u32 {
        8 * self.map().words.len() as u32
    }

    /// The bytes that the trampolines state: what they were before the type was added, until 2020. It harms nobody, for the
    /// pointers are among them.
    pub fn trampoline_bytes(self) -> u32 {
        if self.epoch.has_reg_args() { self.bytes() } else { 24 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_that_the_authors_state() {
        let bytes = |epoch| Arguments::of(epoch).bytes();
        let stated = |epoch| Arguments::of(epoch).trampoline_bytes();
        let epochs = [Epoch::Y2014Before, Epoch::Y2014, Epoch::Y2018, Epoch::Y2020, Epoch::Go127];
        assert_eq!(epochs.map(bytes), [24, 32, 32, 48, 48]);
        assert_eq!(epochs.map(stated), [24, 24, 24, 48, 48]);
    }
}
