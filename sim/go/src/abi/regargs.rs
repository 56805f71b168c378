//! The shape of `internal/abi.RegArgs`: register contents in memory.

use rcsim_uop::port::{Float32Form, WordFormat};
use rcsim_workloads::layout::align_up;

use super::RegCounts;

/// Offsets of the parts of a `RegArgs` in bytes: integer registers, floating-point registers, the copy of the integer
/// registers that the collector scans, and the bitmap of results that are pointers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegArgsLayout {
    word: WordFormat,
    counts: RegCounts,
    float32: Float32Form,
}

impl RegArgsLayout {
    /// The block for so many registers.
    #[must_use]
    pub const fn new(word: WordFormat, counts: RegCounts, float32: Float32Form) -> Self {
        Self { word, counts, float32 }
    }

    fn word_bytes(&self) -> u64 {
        u64::from(self.word.bytes)
    }

    /// The registers that it has room for.
    #[must_use]
    pub const fn counts(&self) -> RegCounts {
        self.counts
    }

    /// Offset of integer register `reg`.
    #[must_use]
    pub fn int(&self, reg: usize) -> u64 {
        reg as u64 * self.word_bytes()
    }

    /// Offset of a part of `size` bytes in integer register `reg`: the low-order end of the slot.
    #[must_use]
    pub fn int_part(&self, reg: usize, size: u64) -> u64 {
        self.int(reg) + if self.word.big_endian { self.word_bytes() - size } else { 0 }
    }

    /// Offset of floating-point register `reg`.
    #[must_use]
    pub fn float(&self, reg: usize) -> u64 {
        self.int(self.counts.ints) + reg as u64 * 8
    }

    /// Offset of the scanned copy of integer register `reg`.
    #[must_use]
    pub fn pointer(&self, reg: usize) -> u64 {
        self.float(self.counts.floats) + reg as u64 * self.word_bytes()
    }

    /// Which words of the block its type calls pointers: the scanned copies.
    #[must_use]
    pub fn pointer_words(&self) -> Vec<bool> {
        let word = self.word_bytes();
        let scanned = self.pointer(0)..self.pointer(self.counts.ints);
        (0..self.size() / word).map(|n| scanned.contains(&(n * word))).collect()
    }

    /// Offset of the bitmap of pointer results.
    #[must_use]
    pub fn result_bitmap(&self) -> u64 {
        self.pointer(self.counts.ints)
    }

    /// Bytes of that bitmap.
    #[must_use]
    pub fn bitmap_bytes(&self) -> u64 {
        self.counts.ints.div_ceil(8) as u64
    }

    /// Bytes of the whole block.
    #[must_use]
    pub fn size(&self) -> u64 {
        align_up(self.result_bitmap() + self.bitmap_bytes(), self.word_bytes())
    }

    /// How a `float32` stands in a floating-point slot.
    #[must_use]
    pub const fn float32(&self) -> Float32Form {
        self.float32
    }

    /// Bits of a `float32` as its slot holds them.
    #[must_use]
    pub fn float32_to_slot(&self, bits: u32) -> u64 {
        match self.float32 {
            Float32Form::Low => u64::from(bits),
            Float32Form::AsFloat64 => f64::from(f32::from_bits(bits)).to_bits(),
            Float32Form::Boxed => 0xffff_ffff_0000_0000 | u64::from(bits),
            Float32Form::High => u64::from(bits) << 32,
        }
    }

    /// Bits of the `float32` that a slot holds.
    #[must_use]
    pub fn float32_from_slot(&self, slot: u64) -> u32 {
        match self.float32 {
            Float32Form::Low | Float32Form::Boxed => slot as u32,
            Float32Form::AsFloat64 => (f64::from_bits(slot) as f32).to_bits(),
            Float32Form::High => (slot >> 32) as u32,
        }
    }
}
