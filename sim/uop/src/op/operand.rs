//! What an operation works on: widths, accesses, addresses.

use crate::reg::Reg;

/// How many bits an integer operation works on, and how the result fills its 64-bit slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Width {
    /// 8 bits, result zero-extended.
    W8,
    /// 16 bits, result zero-extended.
    W16,
    /// 32 bits, result zero-extended.
    W32,
    /// 64 bits.
    W64,
    /// 32 bits, result sign-extended: the word operations of mips64, riscv64 and loong64.
    S32,
}

impl Width {
    /// Number of bits.
    #[inline]
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::W8 => 8,
            Self::W16 => 16,
            Self::W32 | Self::S32 => 32,
            Self::W64 => 64,
        }
    }

    /// The low bits of a value, the rest zero.
    #[inline]
    #[must_use]
    pub const fn zero_extend(self, value: u64) -> u64 {
        let unused = 64 - self.bits();
        (value << unused) >> unused
    }

    /// The low bits of a value, the rest copies of the top one of them.
    #[inline]
    #[must_use]
    pub const fn sign_extend(self, value: u64) -> u64 {
        let unused = 64 - self.bits();
        (((value << unused) as i64) >> unused) as u64
    }

    /// A result as it stands in its slot.
    #[inline]
    #[must_use]
    pub const fn fit(self, value: u64) -> u64 {
        match self {
            Self::W64 => value,
            Self::W32 => value as u32 as u64,
            Self::S32 => value as i32 as u64,
            Self::W8 => value as u8 as u64,
            Self::W16 => value as u16 as u64,
        }
    }
}

/// How a memory access moves bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Access(u8);

impl Access {
    const SIZE: u8 = 3;
    const SIGNED: u8 = 4;
    const BIG: u8 = 8;
    const ALIGNED: u8 = 16;

    /// An unsigned little-endian access of `1 << log2` bytes (`log2` up to 3), at any alignment.
    #[must_use]
    pub const fn little(log2: u8) -> Self {
        assert!(log2 <= 3);
        Self(log2)
    }

    /// An unsigned big-endian access of `1 << log2` bytes (`log2` up to 3), at any alignment.
    #[must_use]
    pub const fn big(log2: u8) -> Self {
        assert!(log2 <= 3);
        Self(log2 | Self::BIG)
    }

    /// The same access, sign-extended to 64 bits on load.
    #[must_use]
    pub const fn signed(self) -> Self {
        Self(self.0 | Self::SIGNED)
    }

    /// The same access, trapping when the address is not a multiple of the size.
    #[must_use]
    pub const fn aligned(self) -> Self {
        Self(self.0 | Self::ALIGNED)
    }

    /// The same access of `1 << log2` bytes (`log2` up to 3).
    #[must_use]
    pub const fn resized(self, log2: u8) -> Self {
        assert!(log2 <= 3);
        Self(self.0 & !Self::SIZE | log2)
    }

    /// Number of bytes: 1, 2, 4 or 8.
    #[inline]
    #[must_use]
    pub const fn bytes(self) -> u64 {
        1 << (self.0 & Self::SIZE)
    }

    /// Base-2 logarithm of the number of bytes.
    #[inline]
    #[must_use]
    pub const fn log2(self) -> u8 {
        self.0 & Self::SIZE
    }

    /// Whether a load sign-extends.
    #[inline]
    #[must_use]
    pub const fn is_signed(self) -> bool {
        self.0 & Self::SIGNED != 0
    }

    /// Whether the most significant byte comes first.
    #[inline]
    #[must_use]
    pub const fn is_big(self) -> bool {
        self.0 & Self::BIG != 0
    }

    /// Whether it moves eight little-endian bytes as they are.
    #[inline]
    #[must_use]
    pub const fn is_plain_word(self) -> bool {
        self.0 & (Self::SIZE | Self::BIG) == 3
    }

    /// Whether a misaligned address traps.
    #[inline]
    #[must_use]
    pub const fn must_align(self) -> bool {
        self.0 & Self::ALIGNED != 0
    }
}

/// How an index register enters an address: shifted left, and taken whole or as its low 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scale(u8);

impl Scale {
    const SHIFT: u8 = 7;
    const UNSIGNED_32: u8 = 8;
    const SIGNED_32: u8 = 16;
    const WRAP_32: u8 = 32;

    /// The whole index, shifted left by `shift` (up to 7).
    #[must_use]
    pub const fn shift(shift: u8) -> Self {
        assert!(shift <= Self::SHIFT);
        Self(shift)
    }

    /// The same with the index zero-extended from 32 bits first.
    #[must_use]
    pub const fn index_u32(self) -> Self {
        Self(self.0 | Self::UNSIGNED_32)
    }

    /// The same with the index sign-extended from 32 bits first.
    #[must_use]
    pub const fn index_s32(self) -> Self {
        Self(self.0 | Self::SIGNED_32)
    }

    /// The same with the final address cut to 32 bits, as on 32-bit guests.
    #[must_use]
    pub const fn wrap_32(self) -> Self {
        Self(self.0 | Self::WRAP_32)
    }

    /// The address of `base + scaled index + disp`.
    #[inline]
    #[must_use]
    pub const fn address(self, base: u64, index: u64, disp: i32) -> u64 {
        // Most addresses have no index, or one of bytes.
        if self.0 == 0 {
            return base.wrapping_add(index).wrapping_add(disp as u64);
        }
        let index = match self.0 & (Self::UNSIGNED_32 | Self::SIGNED_32) {
            0 => index,
            Self::UNSIGNED_32 => index as u32 as u64,
            _ => index as i32 as u64,
        };
        let sum = base.wrapping_add(index << (self.0 & Self::SHIFT)).wrapping_add(disp as u64);
        if self.0 & Self::WRAP_32 != 0 { sum as u32 as u64 } else { sum }
    }

    /// The left shift of the index.
    #[must_use]
    pub const fn shift_amount(self) -> u8 {
        self.0 & Self::SHIFT
    }

    /// Whether the final address is cut to 32 bits.
    #[must_use]
    pub const fn wraps(self) -> bool {
        self.0 & Self::WRAP_32 != 0
    }
}

/// The address of a load or store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mem {
    /// Base register.
    pub base: Reg,
    /// Index register, [`crate::reg::ZERO`] for none.
    pub index: Reg,
    /// How the index enters.
    pub scale: Scale,
    /// Constant displacement in bytes.
    pub disp: i32,
}

impl Mem {
    /// `base + disp`.
    #[must_use]
    pub const fn at(base: Reg, disp: i32) -> Self {
        Self { base, index: crate::reg::ZERO, scale: Scale::shift(0), disp }
    }

    /// `base + (index << shift) + disp`.
    #[must_use]
    pub const fn indexed(base: Reg, index: Reg, shift: u8, disp: i32) -> Self {
        Self { base, index, scale: Scale::shift(shift), disp }
    }

    /// The same address cut to 32 bits.
    #[must_use]
    pub const fn wrap_32(mut self) -> Self {
        self.scale = self.scale.wrap_32();
        self
    }
}

/// When a base register is updated by a load or store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Writeback {
    /// Never.
    None,
    /// The access uses the updated base.
    Pre,
    /// The access uses the old base.
    Post,
}
