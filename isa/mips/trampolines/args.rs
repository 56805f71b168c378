//! The arguments of `reflectcall` and the trampolines, which have the same.
//!
//! Three pointers: the type of the arguments, the function, the arguments on the stack. Then 32-bit sizes: of the
//! arguments, of those among them that are no results, since 2020 of the frame; then, since 2020, the pointer to the
//! register arguments.

use rcsim_uop::Epoch;
use rcsim_uop::port::PointerMap;

/// Where the arguments stand, with words of a size.
#[derive(Clone, Copy, Debug)]
pub struct Arguments {
    word: i32,
    epoch: Epoch,
}

impl Arguments {
    /// Those of an epoch.
    pub const fn of(epoch: Epoch, word: i32) -> Self {
        Self { word, epoch }
    }

    /// Offset of the type.
    pub const TYPE: i32 = 0;

    /// Offset of the function.
    pub const fn function(self) -> i32 {
        self.word
    }

    /// Offset of the arguments' address.
    pub const fn stack_args(self) -> i32 {
        2 * self.word
    }

    /// Offset of their size.
    pub const fn stack_args_size(self) -> i32 {
        3 * self.word
    }

    /// Offset of the results' offset among them.
    pub const fn results_offset(self) -> i32 {
        3 * self.word + 4
    }

    /// Offset of the size that picks a trampoline: of the frame, before 2020 of the arguments.
    pub fn picks(self) -> i32 {
        if self.epoch.has_reg_args() { 3 * self.word + 8 } else { self.stack_args_size() }
    }

    /// Their map.
    pub fn map(self) -> PointerMap {
        let mut words = vec![true, true, true];
        let sizes = if self.epoch.has_reg_args() { 12 } else { 8 };
        let size_words = (sizes + self.word - 1) / self.word;
        words.extend((0..size_words).map(|_| false));
        if self.epoch.has_reg_args() {
            words.push(true);
        }
        PointerMap { words }
    }

    /// Their bytes.
    pub fn bytes(self) -> u32 {
        self.map().words.len() as u32 * self.word.unsigned_abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_that_the_authors_state() {
        let bytes = |epoch, word| Arguments::of(epoch, word).bytes();
        assert_eq!(bytes(Epoch::Go127, 8), 48);
        assert_eq!(bytes(Epoch::Go127, 4), 28);
        assert_eq!(bytes(Epoch::Y2018, 8), 32);
        assert_eq!(bytes(Epoch::Y2018, 4), 20);
    }
}
