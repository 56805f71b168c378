//! Pointer masks: one bit per word, and the byte programs that stand for long ones.
//!
//! Owns: [`PointerMask`] and the program encoding (`runtime/mbitmap.go`, runGCProg): `0` ends; `n` in 1..=127 is followed by
//! n literal bits; `0x80|n` repeats the last n bits c times, c a varint, and n a varint too when it is 0.

use super::bytes::varint32;
use super::error::{Gap, ImageError, Part};
use super::memory::Addr;

/// Longest mask that is produced, in words: 2 GiB of 64-bit memory.
pub const MASK_LIMIT_WORDS: u64 = 1 << 28;

/// Which words of a piece of memory hold pointers, from its start.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct PointerMask {
    bits: Vec<u8>,
    words: u64,
}

impl PointerMask {
    /// A mask of `words` bits stored eight to a byte, least significant first; `None` when `bytes` are too few.
    pub(super) fn from_bytes(bytes: &[u8], words: u64) -> Option<PointerMask> {
        let bits = bytes.get(..usize::try_from(words.div_ceil(8)).ok()?)?.to_vec();
        Some(PointerMask { bits, words })
    }

    /// Number of words that the mask describes; words behind them hold no pointers.
    pub fn len_words(&self) -> u64 {
        self.words
    }

    /// Whether word `index` holds a pointer.
    pub fn is_pointer(&self, index: u64) -> bool {
        index < self.words && self.bits[(index / 8) as usize] >> (index % 8) & 1 == 1
    }

    /// The indices of the words that hold pointers.
    pub fn pointers(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.words).filter(|&index| self.is_pointer(index))
    }

    fn push(&mut self, bit: bool) {
        if self.words.is_multiple_of(8) {
            self.bits.push(0);
        }
        let last = self.bits.len() - 1;
        self.bits[last] |= u8::from(bit) << (self.words % 8);
        self.words += 1;
    }
}

/// Runs the program at the start of `bytes`, which must describe at most `limit_words`.
pub(super) fn run(bytes: &[u8], address: Addr, limit_words: u64) -> Result<PointerMask, ImageError> {
    if limit_words > MASK_LIMIT_WORDS {
        return Err(ImageError::Unsupported(Gap::PointerMaskSize));
    }
    let wrong = |expected| ImageError::at(Part::PointerMask, address, expected);
    let mut mask = PointerMask::default();
    let mut rest = bytes;
    loop {
        let (&instruction, after) = rest.split_first().ok_or_else(|| wrong("a program that ends"))?;
        rest = after;
        let count = u64::from(instruction & 0x7f);
        if instruction == 0 {
            return Ok(mask);
        }
        let (repeated, times) = if instruction & 0x80 == 0 {
            let literal =
                rest.get(..count.div_ceil(8) as usize).ok_or_else(|| wrong("all bits of a literal"))?;
            rest = &rest[literal.len()..];
            push_literal(&mut mask, literal, count);
            (0, 0)
        } else {
            let mut number = || {
                let (value, width) = varint32(rest).ok_or_else(|| wrong("a varint"))?;
                rest = &rest[width..];
                Ok::<u64, ImageError>(u64::from(value))
            };
            (if count == 0 { number()? } else { count }, number()?)
        };
        if repeated > mask.words || repeated * times > limit_words {
            return Err(wrong("a repetition within the mask"));
        }
        for _ in 0..repeated * times {
            mask.push(mask.is_pointer(mask.words - repeated));
        }
        if mask.words > limit_words {
            return Err(wrong("a mask no longer than its memory"));
        }
    }
}

fn push_literal(mask: &mut PointerMask, literal: &[u8], count: u64) {
    for index in 0..count {
        mask.push(literal[(index / 8) as usize] >> (index % 8) & 1 == 1);
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory::Addr;
    use super::{MASK_LIMIT_WORDS, run};

    fn pointers(program: &[u8], limit_words: u64) -> Option<Vec<u64>> {
        run(program, Addr(0), limit_words).ok().map(|mask| mask.pointers().collect())
    }

    #[test]
    fn literals_and_repetitions_build_the_mask() {
        // Three bits 1,0,1; the last two repeated twice: 1,0,1,0,1,0,1.
        assert_eq!(pointers(&[3, 0b101, 0x82, 2, 0], 7), Some(vec![0, 2, 4, 6]));
        // The count as a varint.
        assert_eq!(pointers(&[1, 1, 0x80, 1, 3, 0], 4), Some(vec![0, 1, 2, 3]));
    }

    #[test]
    fn damaged_programs_are_errors_and_stay_small() {
        assert_eq!(pointers(&[9, 1], 9), None);
        assert_eq!(pointers(&[0x81, 1, 0], 8), None);
        assert_eq!(pointers(&[1, 1, 0x81, 0xff, 0xff, 0xff, 0xff, 0x0f, 0], 8), None);
        assert_eq!(pointers(&[1, 1], 8), None);
        assert!(run(&[0], Addr(0), MASK_LIMIT_WORDS + 1).is_err());
    }
}
