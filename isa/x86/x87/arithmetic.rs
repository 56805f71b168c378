//! Arithmetic on numbers of 80 bits, rounded to the precision of the control word.

use std::cmp::Ordering;

use super::number::{BIAS, Class, MAX_EXPONENT, Number};
use super::round::{Rounding, rounded, shift_right};

/// `a + b`.
pub fn add(a: Number, b: Number, rounding: Rounding) -> Number {
    let (x, y) = match (a.class(), b.class()) {
        (Class::Nan, _) | (_, Class::Nan) => return Number::nan_of(a, b),
        (Class::Infinite, Class::Infinite) if a.negative != b.negative => return Number::INDEFINITE,
        (Class::Infinite, _) => return a,
        (_, Class::Infinite) => return b,
        (Class::Zero, Class::Zero) if a.negative == b.negative => return a,
        (Class::Zero, Class::Zero) => return Number::zero(rounding.zero_is_negative()),
        (Class::Zero, Class::Finite { exponent, significand }) => {
            return finish(b.negative, exponent, u128::from(significand) << 64, rounding);
        }
        (Class::Finite { exponent, significand }, Class::Zero) => {
            return finish(a.negative, exponent, u128::from(significand) << 64, rounding);
        }
        (Class::Finite { exponent: ea, significand: ma }, Class::Finite { exponent: eb, significand: mb }) => {
            let (x, y) = ((ea, ma, a.negative), (eb, mb, b.negative));
            if (x.0, x.1) >= (y.0, y.1) { (x, y) } else { (y, x) }
        }
    };
    // The larger in magnitude first; one bit of room for the carry.
    let large = u128::from(x.1) << 63;
    let small = shift_right(u128::from(y.1) << 63, (x.0 - y.0) as u32);
    let sum = if x.2 == y.2 { large + small } else { large - small };
    if sum == 0 {
        return Number::zero(rounding.zero_is_negative());
    }
    let shift = sum.leading_zeros();
    finish(x.2, x.0 + 1 - shift as i32, sum << shift, rounding)
}

/// `-a`, which NaNs obey as well.
pub const fn negate(a: Number) -> Number {
    Number { negative: !a.negative, ..a }
}

/// `a - b`.
pub fn subtract(a: Number, b: Number, rounding: Rounding) -> Number {
    if a.is_nan() || b.is_nan() { Number::nan_of(a, b) } else { add(a, negate(b), rounding) }
}

/// `a * b`.
pub fn multiply(a: Number, b: Number, rounding: Rounding) -> Number {
    let negative = a.negative != b.negative;
    match (a.class(), b.class()) {
        (Class::Nan, _) | (_, Class::Nan) => Number::nan_of(a, b),
        (Class::Infinite, Class::Zero) | (Class::Zero, Class::Infinite) => Number::INDEFINITE,
        (Class::Infinite, _) | (_, Class::Infinite) => Number::infinity(negative),
        (Class::Zero, _) | (_, Class::Zero) => Number::zero(negative),
        (Class::Finite { exponent: ea, significand: ma }, Class::Finite { exponent: eb, significand: mb }) => {
            let product = u128::from(ma) * u128::from(mb);
            let shift = product.leading_zeros();
            finish(negative, ea + eb + 1 - shift as i32, product << shift, rounding)
        }
    }
}

/// `a / b`.
pub fn divide(a: Number, b: Number, rounding: Rounding) -> Number {
    let negative = a.negative != b.negative;
    match (a.class(), b.class()) {
        (Class::Nan, _) | (_, Class::Nan) => Number::nan_of(a, b),
        (Class::Infinite, Class::Infinite) | (Class::Zero, Class::Zero) => Number::INDEFINITE,
        (Class::Infinite, _) | (_, Class::Zero) => Number::infinity(negative),
        (Class::Zero, _) | (_, Class::Infinite) => Number::zero(negative),
        (Class::Finite { exponent: ea, significand: ma }, Class::Finite { exponent: eb, significand: mb }) => {
            let quotient = long_quotient(ma, mb);
            let shift = quotient.leading_zeros();
            finish(negative, ea - eb + 1 - shift as i32, quotient << shift, rounding)
        }
    }
}

/// `a / b * 2^126` with a trace of the remainder; both have their leading bit, so it has 126 or 127 bits.
fn long_quotient(a: u64, b: u64) -> u128 {
    let divisor = u128::from(b);
    let (dividend, places) = (u128::from(a) << 64, 62);
    let (high, rest) = (dividend / divisor, dividend % divisor);
    let (low, rest) = ((rest << places) / divisor, (rest << places) % divisor);
    (high << places) | low | u128::from(rest != 0)
}

/// The square root.
pub fn square_root(a: Number, rounding: Rounding) -> Number {
    match a.class() {
        Class::Nan => a.quiet(),
        Class::Zero => a,
        _ if a.negative => Number::INDEFINITE,
        Class::Infinite => a,
        Class::Finite { exponent, significand } => {
            // With an even exponent the root of a number in 1..4 is in 1..2.
            let radicand = u128::from(significand) << (63 + (exponent & 1));
            let root = radicand.isqrt();
            let rest = radicand - root * root;
            // Beyond the root: more than a half, less, or nothing; a half it cannot be.
            let beyond = if rest > root { 1 << 63 | 1 } else { u128::from(rest != 0) };
            finish(false, exponent >> 1, root << 64 | beyond, rounding)
        }
    }
}

/// The order of two numbers, when they have one.
pub fn compare(a: Number, b: Number) -> Option<Ordering> {
    if a.is_nan() || b.is_nan() {
        return None;
    }
    let key = |number: Number| -> (i32, u64) {
        match number.class() {
            Class::Zero => (i32::MIN, 0),
            Class::Finite { exponent, significand } => (exponent, significand),
            Class::Infinite | Class::Nan => (i32::MAX, 0),
        }
    };
    let is_zero = |number: Number| number.class() == Class::Zero;
    Some(match (a.negative, b.negative) {
        _ if is_zero(a) && is_zero(b) => Ordering::Equal,
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => key(a).cmp(&key(b)),
        (true, true) => key(b).cmp(&key(a)),
    })
}

/// The number with this exponent whose significand, the leading bit on top, is rounded.
fn finish(negative: bool, exponent: i32, significand: u128, rounding: Rounding) -> Number {
    let biased = exponent + BIAS;
    // Below the smallest exponent the significand loses its low bits.
    let lost = if biased < 1 { (1 - biased) as u32 } else { 0 };
    let (kept, carried) = rounded(shift_right(significand, lost), rounding.precision, rounding, negative);
    let biased = biased.max(1) + i32::from(carried);
    if biased >= i32::from(MAX_EXPONENT) {
        return overflow(negative, rounding);
    }
    let significand = (kept >> 64) as u64;
    let exponent = if significand >> 63 == 0 { 0 } else { biased as u16 };
    Number { negative, exponent, significand }
}

fn overflow(negative: bool, rounding: Rounding) -> Number {
    if rounding.overflows_to_infinity(negative) {
        return Number::infinity(negative);
    }
    Number { negative, exponent: MAX_EXPONENT - 1, significand: u64::MAX << (64 - rounding.precision) }
}

#[cfg(test)]
mod tests {
    use super::super::number::Binary;
    use super::*;

    /// Go's control word: 53 bits to nearest.
    const DOUBLE: u64 = 0x27f;

    /// SplitMix64; the seed is part of the test.
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        }

        /// A double of moderate size, so that results are neither too large nor too small for a double.
        fn double(&mut self) -> f64 {
            let bits = self.next();
            let exponent = 0x3ff - 100 + bits % 200;
            f64::from_bits(bits & !(0x7ff << 52) | exponent << 52)
        }
    }

    fn of(value: f64) -> Number {
        Number::from_binary(value.to_bits(), Binary::Double)
    }

    fn back(number: Number) -> u64 {
        number.to_binary(Binary::Double, Rounding::of(DOUBLE))
    }

    #[test]
    fn with_53_bits_results_are_those_of_doubles() {
        let rounding = Rounding::of(DOUBLE);
        let mut random = Random(0x6a09_e667_f3bc_c908);
        for _ in 0..20_000 {
            let (a, b) = (random.double(), random.double());
            assert_eq!(back(add(of(a), of(b), rounding)), (a + b).to_bits(), "{a:e} + {b:e}");
            assert_eq!(back(subtract(of(a), of(b), rounding)), (a - b).to_bits(), "{a:e} - {b:e}");
            assert_eq!(back(multiply(of(a), of(b), rounding)), (a * b).to_bits(), "{a:e} * {b:e}");
            assert_eq!(back(divide(of(a), of(b), rounding)), (a / b).to_bits(), "{a:e} / {b:e}");
            assert_eq!(back(square_root(of(a.abs()), rounding)), a.abs().sqrt().to_bits(), "sqrt {a:e}");
            assert_eq!(compare(of(a), of(b)), a.partial_cmp(&b), "{a:e} and {b:e}");
        }
    }

    #[test]
    fn with_64_bits_a_third_has_eleven_more() {
        let third = divide(Number::ONE, Number::from_int(3), Rounding::NEAREST);
        assert_eq!((third.exponent, third.significand), (16381, 0xaaaa_aaaa_aaaa_aaab));
        let root = square_root(Number::from_int(2), Rounding::NEAREST);
        assert_eq!((root.exponent, root.significand), (16383, 0xb504_f333_f9de_6484));
    }

    #[test]
    fn the_larger_of_two_quiet_nans_comes_out() {
        let nan = |payload: u64| Number { significand: 0xc000_0000_0000_0000 | payload, ..Number::INDEFINITE };
        assert_eq!(add(nan(1), nan(2), Rounding::NEAREST), nan(2));
        assert_eq!(multiply(nan(3), Number::ONE, Rounding::NEAREST), nan(3));
    }

    #[test]
    fn results_that_do_not_exist_are_indefinite() {
        let infinity = Number::infinity(false);
        let r = Rounding::NEAREST;
        assert_eq!(subtract(infinity, infinity, r), Number::INDEFINITE);
        assert_eq!(multiply(infinity, Number::zero(true), r), Number::INDEFINITE);
        assert_eq!(divide(Number::zero(false), Number::zero(false), r), Number::INDEFINITE);
        assert_eq!(square_root(Number::from_int(-1), r), Number::INDEFINITE);
    }

    #[test]
    fn the_smallest_numbers_lose_bits_one_by_one() {
        let tiny = Number { negative: false, exponent: 1, significand: 1 << 63 };
        let half = divide(tiny, Number::from_int(2), Rounding::NEAREST);
        assert_eq!((half.exponent, half.significand), (0, 1 << 62));
        assert_eq!(add(half, half, Rounding::NEAREST), tiny);
    }
}
