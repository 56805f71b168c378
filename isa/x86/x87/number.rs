//! Numbers of 80 bits: a sign, an exponent of 15 bits, and a significand of 64 with an explicit leading bit (Intel SDM
//! volume 1, section 4.2.2 and 8.3).

use super::round::{Rounding, rounded};

/// Bias of the exponent.
pub const BIAS: i32 = 16383;
/// Exponent of infinities and NaNs.
pub const MAX_EXPONENT: u16 = 0x7fff;
/// The leading bit of a significand.
pub const LEADING: u64 = 1 << 63;
/// The bit that marks a NaN as quiet.
const QUIET: u64 = 1 << 62;

/// A number as a register holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// The sign.
    pub negative: bool,
    /// The exponent with its bias.
    pub exponent: u16,
    /// The significand.
    pub significand: u64,
}

/// What a number is to arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Zero.
    Zero,
    /// `significand * 2^(exponent - 63)`, the leading bit set.
    Finite { exponent: i32, significand: u64 },
    /// Infinity.
    Infinite,
    /// Not a number, or bits that are no number at all.
    Nan,
}

impl Number {
    /// The NaN that stands for a result that does not exist.
    pub const INDEFINITE: Self = Self { negative: true, exponent: MAX_EXPONENT, significand: LEADING | QUIET };
    /// One.
    pub const ONE: Self = Self { negative: false, exponent: BIAS as u16, significand: LEADING };

    /// Zero with a sign.
    pub const fn zero(negative: bool) -> Self {
        Self { negative, exponent: 0, significand: 0 }
    }

    /// Infinity with a sign.
    pub const fn infinity(negative: bool) -> Self {
        Self { negative, exponent: MAX_EXPONENT, significand: LEADING }
    }

    /// From the two slots of a register: significand; exponent and sign.
    pub const fn from_slots(significand: u64, rest: u64) -> Self {
        Self { negative: rest & 0x8000 != 0, exponent: rest as u16 & MAX_EXPONENT, significand }
    }

    /// The second slot: exponent and sign.
    pub const fn rest(self) -> u64 {
        (self.negative as u64) << 15 | self.exponent as u64
    }

    /// What it is.
    pub const fn class(self) -> Class {
        let Self { exponent, significand, .. } = self;
        match (exponent, significand) {
            (0, 0) => Class::Zero,
            (0, _) => {
                let shift = significand.leading_zeros();
                Class::Finite { exponent: 1 - BIAS - shift as i32, significand: significand << shift }
            }
            (MAX_EXPONENT, LEADING) => Class::Infinite,
            // Since the 387, a significand without its leading bit is no number.
            (MAX_EXPONENT, _) | (_, 0..LEADING) => Class::Nan,
            _ => Class::Finite { exponent: exponent as i32 - BIAS, significand },
        }
    }

    /// Whether it is a NaN.
    pub const fn is_nan(self) -> bool {
        matches!(self.class(), Class::Nan)
    }

    const fn is_proper_nan(self) -> bool {
        self.exponent == MAX_EXPONENT && self.significand & LEADING != 0
    }

    const fn is_quiet(self) -> bool {
        self.significand & QUIET != 0
    }

    /// The NaN made quiet; what is no number at all becomes the indefinite.
    pub const fn quiet(self) -> Self {
        if self.is_proper_nan() { Self { significand: self.significand | QUIET, ..self } } else { Self::INDEFINITE }
    }

    /// The NaN that comes out of an operation of two operands of which one is a NaN: a quiet one before a signalling one,
    /// then the larger significand, then the positive one (SDM volume 1, table 4-7).
    pub fn nan_of(a: Self, b: Self) -> Self {
        match (a.is_nan(), b.is_nan()) {
            (true, false) => a.quiet(),
            (false, true) => b.quiet(),
            _ if !a.is_proper_nan() || !b.is_proper_nan() => Self::INDEFINITE,
            _ if a.is_quiet() != b.is_quiet() => if a.is_quiet() { a } else { b },
            _ => {
                let takes_a = (a.significand, b.negative) >= (b.significand, a.negative);
                if takes_a { a.quiet() } else { b.quiet() }
            }
        }
    }

    /// The value of an integer, which is exact.
    pub const fn from_int(value: i64) -> Self {
        if value == 0 {
            return Self::zero(false);
        }
        let magnitude = value.unsigned_abs();
        let shift = magnitude.leading_zeros();
        let exponent = (BIAS + 63 - shift as i32) as u16;
        Self { negative: value < 0, exponent, significand: magnitude << shift }
    }

    /// The value of a binary number of 32 or 64 bits, which is exact; a signalling NaN becomes quiet.
    pub const fn from_binary(bits: u64, format: Binary) -> Self {
        let (fraction_bits, max) = (format.fraction_bits(), format.max_exponent());
        let negative = bits >> (format.bits() - 1) & 1 != 0;
        let exponent = (bits >> fraction_bits) as i32 & max;
        let fraction = (bits & ((1 << fraction_bits) - 1)) << (63 - fraction_bits);
        match (exponent, fraction) {
            (0, 0) => Self::zero(negative),
            (0, _) => {
                let shift = fraction.leading_zeros();
                let exponent = (1 - format.bias() - shift as i32 + BIAS) as u16;
                Self { negative, exponent, significand: fraction << shift }
            }
            (e, 0) if e == max => Self::infinity(negative),
            (e, _) if e == max => {
                Self { negative, exponent: MAX_EXPONENT, significand: LEADING | QUIET | fraction }
            }
            _ => Self {
                negative,
                exponent: (exponent - format.bias() + BIAS) as u16,
                significand: LEADING | fraction,
            },
        }
    }

    /// The nearest binary number of 32 or 64 bits in the sense of the rounding.
    pub fn to_binary(self, format: Binary, rounding: Rounding) -> u64 {
        let sign = u64::from(self.negative) << (format.bits() - 1);
        let (fraction_bits, max) = (format.fraction_bits(), format.max_exponent());
        let infinity = (max as u64) << fraction_bits;
        let (exponent, significand) = match self.class() {
            Class::Zero => return sign,
            Class::Infinite => return sign | infinity,
            Class::Nan => {
                let nan = self.quiet();
                let sign = u64::from(nan.negative) << (format.bits() - 1);
                return sign | infinity | (nan.significand & !LEADING) >> (63 - fraction_bits);
            }
            Class::Finite { exponent, significand } => (exponent + format.bias(), significand),
        };
        // Below the smallest exponent the significand loses its low bits.
        let lost = if exponent < 1 { (1 - exponent) as u32 } else { 0 };
        let wide = super::round::shift_right(u128::from(significand) << 64, lost);
        let (wide, carried) = rounded(wide, fraction_bits + 1, rounding, self.negative);
        let exponent = exponent.max(1) + i32::from(carried);
        if exponent >= max {
            return sign | if rounding.overflows_to_infinity(self.negative) { infinity } else { infinity - 1 };
        }
        let kept = (wide >> (127 - fraction_bits)) as u64;
        // A number that kept its leading bit has an exponent; one that lost it has none.
        let exponent = if kept >> fraction_bits == 0 { 0 } else { exponent as u64 };
        sign | exponent << fraction_bits | kept & ((1 << fraction_bits) - 1)
    }

    /// The integer of so many bits, or the smallest when it does not fit.
    pub fn to_int(self, bits: u32, rounding: Rounding) -> i64 {
        let smallest = i64::MIN >> (64 - bits);
        let whole = match self.integral(rounding).class() {
            Class::Zero => return 0,
            Class::Finite { exponent, significand } if exponent < 64 => i128::from(significand >> (63 - exponent)),
            _ => return smallest,
        };
        let value = if self.negative { -whole } else { whole };
        match i64::try_from(value) {
            Ok(value) if value >= smallest && value <= !smallest => value,
            _ => smallest,
        }
    }

    /// Rounded to an integral value.
    pub fn integral(self, rounding: Rounding) -> Self {
        let (exponent, significand) = match self.class() {
            Class::Zero | Class::Infinite => return self,
            Class::Nan => return self.quiet(),
            Class::Finite { exponent, .. } if exponent >= 63 => return self,
            Class::Finite { exponent, significand } => (exponent, significand),
        };
        // Bits before the point; none for what is below one, whose leading bit then stands behind it.
        let before = (exponent + 1).max(0) as u32;
        let lost = (-1 - exponent).max(0) as u32;
        let wide = super::round::shift_right(u128::from(significand) << 63, lost);
        // One bit of room above, so that there is always a bit to keep.
        let (wide, _) = rounded(wide, before + 1, rounding, self.negative);
        if wide == 0 {
            return Self::zero(self.negative);
        }
        let shift = wide.leading_zeros();
        // The top bit stands one place above the leading bit of a number with `before` places.
        let exponent = before as i32 - shift as i32;
        let significand = (wide << shift >> 64) as u64;
        Self { negative: self.negative, exponent: (exponent + BIAS) as u16, significand }
    }
}

/// A binary format in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// 32 bits.
    Single,
    /// 64 bits.
    Double,
}

impl Binary {
    const fn bits(self) -> u32 {
        match self {
            Self::Single => 32,
            Self::Double => 64,
        }
    }

    const fn fraction_bits(self) -> u32 {
        match self {
            Self::Single => 23,
            Self::Double => 52,
        }
    }

    const fn max_exponent(self) -> i32 {
        match self {
            Self::Single => 0xff,
            Self::Double => 0x7ff,
        }
    }

    const fn bias(self) -> i32 {
        self.max_exponent() / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bit patterns of every kind: zeros, denormals, ones, halves, extremes, infinities.
    const DOUBLES: [f64; 14] = [
        0.0,
        -0.0,
        1.0,
        -1.5,
        0.5,
        2.5,
        1e300,
        -1e-300,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        f64::INFINITY,
        0.1,
        9_007_199_254_740_993.0,
    ];

    #[test]
    fn a_double_comes_back_as_it_went() {
        for value in DOUBLES {
            let number = Number::from_binary(value.to_bits(), Binary::Double);
            assert_eq!(number.to_binary(Binary::Double, Rounding::NEAREST), value.to_bits(), "{value:e}");
        }
    }

    #[test]
    fn a_double_narrows_as_the_processor_narrows_it() {
        for value in DOUBLES {
            let number = Number::from_binary(value.to_bits(), Binary::Double);
            let single = number.to_binary(Binary::Single, Rounding::NEAREST);
            assert_eq!(single, u64::from((value as f32).to_bits()), "{value:e}");
        }
    }

    #[test]
    fn a_double_rounds_to_integers_as_the_processor_rounds_it() {
        for value in DOUBLES {
            let number = Number::from_binary(value.to_bits(), Binary::Double);
            let back = |rounding| f64::from_bits(number.integral(rounding).to_binary(Binary::Double, rounding));
            assert_eq!(back(Rounding::NEAREST).to_bits(), value.round_ties_even().to_bits(), "{value:e}");
            assert_eq!(back(Rounding::ZERO).to_bits(), value.trunc().to_bits(), "{value:e}");
            assert_eq!(back(Rounding::DOWN).to_bits(), value.floor().to_bits(), "{value:e}");
            assert_eq!(back(Rounding::UP).to_bits(), value.ceil().to_bits(), "{value:e}");
        }
    }

    #[test]
    fn an_integer_that_does_not_fit_is_the_smallest() {
        let big = Number::from_int(i64::from(i32::MAX) + 1);
        assert_eq!(big.to_int(32, Rounding::NEAREST), i64::from(i32::MIN));
        assert_eq!(big.to_int(64, Rounding::NEAREST), 1 << 31);
        assert_eq!(Number::from_int(i64::MIN).to_int(64, Rounding::NEAREST), i64::MIN);
        assert_eq!(Number::INDEFINITE.to_int(16, Rounding::NEAREST), i64::from(i16::MIN));
    }
}
