//! Floating-point arithmetic of the micro-ops, bit-exact on every host.
//!
//! The host computes finite results, which IEEE 754 fixes; NaNs are made by the guest's own rules ([`FpRules`]), because
//! hosts differ in them.

use rcsim_uop::fp::{FpAlu, FpFormat, FpRound, FpRules, FpUnary, IntRule, NanRule};
use rcsim_uop::op::Width;

const QUIET32: u64 = 0x0040_0000;
const QUIET64: u64 = 0x0008_0000_0000_0000;

fn is_nan(format: FpFormat, bits: u64) -> bool {
    match format {
        FpFormat::F32 => f32::from_bits(bits as u32).is_nan(),
        FpFormat::F64 => f64::from_bits(bits).is_nan(),
    }
}

const fn quiet_bit(format: FpFormat) -> u64 {
    match format {
        FpFormat::F32 => QUIET32,
        FpFormat::F64 => QUIET64,
    }
}

fn is_signalling(format: FpFormat, bits: u64) -> bool {
    is_nan(format, bits) && bits & quiet_bit(format) == 0
}

/// The NaN that an invalid operation gives.
#[must_use]
pub fn default_nan(format: FpFormat, rules: FpRules) -> u64 {
    if rules.nan == NanRule::SignallingMarked {
        return match format {
            FpFormat::F32 => 0x7fbf_ffff,
            FpFormat::F64 => 0x7ff7_ffff_ffff_ffff,
        };
    }
    match (format, rules.default_nan_negative) {
        (FpFormat::F32, false) => 0x7fc0_0000,
        (FpFormat::F32, true) => 0xffc0_0000,
        (FpFormat::F64, false) => 0x7ff8_0000_0000_0000,
        (FpFormat::F64, true) => 0xfff8_0000_0000_0000,
    }
}

/// The NaN that comes out of an operation with these operands, when one of them is a NaN.
fn propagated(format: FpFormat, rules: FpRules, operands: &[u64]) -> Option<u64> {
    let first = |wanted: fn(FpFormat, u64) -> bool| {
        operands.iter().copied().find(|bits| wanted(format, *bits)).map(|bits| bits | quiet_bit(format))
    };
    let any = first(is_nan)?;
    Some(match rules.nan {
        NanRule::Default | NanRule::Boxed | NanRule::SignallingMarked => default_nan(format, rules),
        NanRule::FirstOperand | NanRule::FirstThenAddend => any,
        NanRule::SignallingFirst | NanRule::SignallingInOrder => first(is_signalling).unwrap_or(any),
    })
}

/// A result that is no propagated NaN: a NaN made here is the default one.
fn fresh(format: FpFormat, rules: FpRules, bits: u64) -> u64 {
    if is_nan(format, bits) { default_nan(format, rules) } else { bits }
}

/// The arithmetic itself, the same for both formats. Zeros of different sign are ordered for minimum and maximum.
macro_rules! compute {
    ($op:expr, $a:expr, $b:expr) => {
        match $op {
            FpAlu::Add => $a + $b,
            FpAlu::Sub => $a - $b,
            FpAlu::Mul => $a * $b,
            FpAlu::Div => $a / $b,
            FpAlu::Min | FpAlu::MinNum | FpAlu::MinSecond => {
                if $a < $b || ($a == $b && $a.is_sign_negative()) { $a } else { $b }
            }
            FpAlu::Max | FpAlu::MaxNum | FpAlu::MaxSecond => {
                if $a > $b || ($a == $b && $a.is_sign_positive()) { $a } else { $b }
            }
            FpAlu::CopySign => $a.copysign($b),
        }
    };
}

/// An operation of two operands.
#[must_use]
pub fn alu(op: FpAlu, format: FpFormat, rules: FpRules, a: u64, b: u64) -> u64 {
    let (a, b) = (cut(format, a), cut(format, b));
    match op {
        FpAlu::MinSecond => return select_second(format, a, b, f64::lt),
        FpAlu::MaxSecond => return select_second(format, a, b, f64::gt),
        FpAlu::CopySign => return copy_sign(format, a, b),
        FpAlu::MinNum | FpAlu::MaxNum => {
            if let Some(number) = the_number(format, rules, a, b) {
                return number;
            }
        }
        _ => {}
    }
    if let Some(nan) = propagated(format, rules, &[a, b]) {
        return nan;
    }
    let bits = match format {
        FpFormat::F32 => {
            let (a, b) = (f32::from_bits(a as u32), f32::from_bits(b as u32));
            u64::from(compute!(op, a, b).to_bits())
        }
        FpFormat::F64 => {
            let (a, b) = (f64::from_bits(a), f64::from_bits(b));
            compute!(op, a, b).to_bits()
        }
    };
    fresh(format, rules, bits)
}

fn cut(format: FpFormat, bits: u64) -> u64 {
    match format {
        FpFormat::F32 => u64::from(bits as u32),
        FpFormat::F64 => bits,
    }
}

/// What stands above a boxed 32-bit value.
const BOX: u64 = 0xffff_ffff_0000_0000;

fn is_boxed(format: FpFormat, rules: FpRules) -> bool {
    rules.nan == NanRule::Boxed && format == FpFormat::F32
}

/// The value in a slot.
#[must_use]
pub fn taken(format: FpFormat, rules: FpRules, slot: u64) -> u64 {
    if is_boxed(format, rules) && slot & BOX != BOX { default_nan(format, rules) } else { slot }
}

/// A result as it stands in its slot.
#[must_use]
pub fn placed(format: FpFormat, rules: FpRules, value: u64) -> u64 {
    if is_boxed(format, rules) { value | BOX } else { value }
}

/// The value as a double; exact for both formats.
fn value(format: FpFormat, bits: u64) -> f64 {
    match format {
        FpFormat::F32 => f64::from(f32::from_bits(bits as u32)),
        FpFormat::F64 => f64::from_bits(bits),
    }
}

fn select_second(format: FpFormat, a: u64, b: u64, wins: fn(&f64, &f64) -> bool) -> u64 {
    if wins(&value(format, a), &value(format, b)) { a } else { b }
}

fn copy_sign(format: FpFormat, a: u64, b: u64) -> u64 {
    let sign = match format {
        FpFormat::F32 => 1 << 31,
        FpFormat::F64 => 1 << 63,
    };
    (a & !sign) | (b & sign)
}

/// The operand that is a number when the other is a NaN: a quiet one, or any where NaNs never propagate (RISC-V follows
/// minimumNumber of IEEE 754-2019).
fn the_number(format: FpFormat, rules: FpRules, a: u64, b: u64) -> Option<u64> {
    if !rules.nan.never_propagates() && (is_signalling(format, a) || is_signalling(format, b)) {
        return None;
    }
    match (is_nan(format, a), is_nan(format, b)) {
        (true, false) => Some(b),
        (false, true) => Some(a),
        _ => None,
    }
}

/// An operation of one operand.
#[must_use]
pub fn unary(op: FpUnary, format: FpFormat, round: FpRound, rules: FpRules, a: u64) -> u64 {
    let a = cut(format, a);
    let sign = match format {
        FpFormat::F32 => 1 << 31,
        FpFormat::F64 => 1_u64 << 63,
    };
    match op {
        FpUnary::Neg => return a ^ sign,
        FpUnary::Abs => return a & !sign,
        FpUnary::Sqrt | FpUnary::RoundIntegral => {}
    }
    if let Some(nan) = propagated(format, rules, &[a]) {
        return nan;
    }
    let bits = match (op, format) {
        (FpUnary::Sqrt, FpFormat::F32) => u64::from(f32::from_bits(a as u32).sqrt().to_bits()),
        (FpUnary::Sqrt, FpFormat::F64) => f64::from_bits(a).sqrt().to_bits(),
        (_, FpFormat::F32) => u64::from((integral(round, value(format, a)) as f32).to_bits()),
        (_, FpFormat::F64) => integral(round, f64::from_bits(a)).to_bits(),
    };
    fresh(format, rules, bits)
}

fn integral(round: FpRound, x: f64) -> f64 {
    match round {
        FpRound::NearestEven => x.round_ties_even(),
        FpRound::NearestAway => x.round(),
        FpRound::Zero => x.trunc(),
        FpRound::Down => x.floor(),
        FpRound::Up => x.ceil(),
    }
}

/// `±(a × b) ± c` with one rounding.
#[must_use]
pub fn mul_add(
    format: FpFormat,
    rules: FpRules,
    [a, b, c]: [u64; 3],
    negate_product: bool,
    negate_c: bool,
) -> u64 {
    let [a, b, c] = [a, b, c].map(|bits| cut(format, bits));
    // Arm looks at the addend first (Arm ARM, FPProcessNaNs3), Power at the addend before the second factor (Power ISA
    // book I, 4.3.2), x86 at the operands in order.
    let order = match rules.nan {
        NanRule::SignallingFirst => [c, a, b],
        NanRule::FirstThenAddend => [a, c, b],
        NanRule::FirstOperand
        | NanRule::SignallingInOrder
        | NanRule::SignallingMarked
        | NanRule::Default
        | NanRule::Boxed => [a, b, c],
    };
    if let Some(nan) = propagated(format, rules, &order) {
        return nan;
    }
    let bits = match format {
        FpFormat::F32 => {
            let [a, b, c] = [a, b, c].map(|bits| f32::from_bits(bits as u32));
            let a = if negate_product { -a } else { a };
            u64::from(a.mul_add(b, if negate_c { -c } else { c }).to_bits())
        }
        FpFormat::F64 => {
            let [a, b, c] = [a, b, c].map(f64::from_bits);
            let a = if negate_product { -a } else { a };
            a.mul_add(b, if negate_c { -c } else { c }).to_bits()
        }
    };
    fresh(format, rules, bits)
}

/// Order of two values; `None` when one is a NaN.
#[must_use]
pub fn compare(format: FpFormat, a: u64, b: u64) -> Option<std::cmp::Ordering> {
    value(format, a).partial_cmp(&value(format, b))
}

/// Conversion to an integer.
#[must_use]
pub fn to_int(
    format: FpFormat,
    round: FpRound,
    width: Width,
    signed: bool,
    rules: FpRules,
    bits: u64,
) -> u64 {
    let x = value(format, cut(format, bits));
    let (low, high) = if signed {
        (-(2_i128.pow(width.bits() - 1)), 2_i128.pow(width.bits() - 1) - 1)
    } else {
        (0, 2_i128.pow(width.bits()) - 1)
    };
    let rounded = integral(round, x);
    // Doubles beyond the 128-bit range saturate in the cast, which is far out of every guest range anyway.
    let exact = rounded as i128;
    if !x.is_nan() && (low..=high).contains(&exact) {
        return width.fit(exact as u64);
    }
    let result = match rules.to_int {
        IntRule::Indefinite => 1_i128 << (width.bits() - 1),
        IntRule::Largest => high,
        IntRule::SaturateNanZero if x.is_nan() => 0,
        IntRule::SaturateNanMax if x.is_nan() => high,
        IntRule::SaturateNanMin if x.is_nan() => low,
        _ => exact.clamp(low, high),
    };
    width.fit(result as u64)
}

/// Conversion of an integer, rounded to nearest even.
#[must_use]
pub fn from_int(format: FpFormat, width: Width, signed: bool, bits: u64) -> u64 {
    let (s, u) = (width.sign_extend(bits) as i64, width.zero_extend(bits));
    match (format, signed) {
        (FpFormat::F32, true) => u64::from((s as f32).to_bits()),
        (FpFormat::F32, false) => u64::from((u as f32).to_bits()),
        (FpFormat::F64, true) => (s as f64).to_bits(),
        (FpFormat::F64, false) => (u as f64).to_bits(),
    }
}

/// Conversion between formats, rounded to nearest even. A NaN keeps the top of its payload.
#[must_use]
pub fn convert(from: FpFormat, to: FpFormat, rules: FpRules, bits: u64) -> u64 {
    let bits = cut(from, bits);
    if is_nan(from, bits) {
        return convert_nan(from, to, rules, bits);
    }
    match (from, to) {
        (FpFormat::F32, FpFormat::F64) => f64::from(f32::from_bits(bits as u32)).to_bits(),
        (FpFormat::F64, FpFormat::F32) => u64::from((f64::from_bits(bits) as f32).to_bits()),
        _ => bits,
    }
}

fn convert_nan(from: FpFormat, to: FpFormat, rules: FpRules, bits: u64) -> u64 {
    if rules.nan.never_propagates() {
        return default_nan(to, rules);
    }
    resized_nan(from, to, bits) | quiet_bit(to)
}

/// The sign and the top of the payload in another format.
const fn resized_nan(from: FpFormat, to: FpFormat, bits: u64) -> u64 {
    match (from, to) {
        (FpFormat::F32, FpFormat::F64) => {
            let sign = (bits & 0x8000_0000) << 32;
            sign | 0x7ff0_0000_0000_0000 | ((bits & 0x007f_ffff) << 29)
        }
        (FpFormat::F64, FpFormat::F32) => {
            let sign = (bits >> 32) & 0x8000_0000;
            sign | 0x7f80_0000 | ((bits >> 29) & 0x007f_ffff)
        }
        _ => bits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RISCV: FpRules =
        FpRules { nan: NanRule::Boxed, default_nan_negative: false, to_int: IntRule::SaturateNanMax };
    const SINGLE: FpFormat = FpFormat::F32;

    fn boxed(x: f32) -> u64 {
        placed(SINGLE, RISCV, u64::from(x.to_bits()))
    }

    #[test]
    fn boxed_values_are_added_as_they_are() {
        let sum = alu(FpAlu::Add, SINGLE, RISCV, boxed(1.5), boxed(2.25));
        assert_eq!(placed(SINGLE, RISCV, sum), boxed(3.75));
    }

    #[test]
    fn what_is_not_boxed_is_the_default_nan() {
        assert_eq!(taken(SINGLE, RISCV, u64::from(1.5_f32.to_bits())), 0x7fc0_0000);
        assert_eq!(taken(SINGLE, RISCV, boxed(1.5)), boxed(1.5));
        assert_eq!(taken(FpFormat::F64, RISCV, 1), 1);
    }

    #[test]
    fn a_number_wins_over_a_signalling_nan_where_nans_never_propagate() {
        let signalling = placed(SINGLE, RISCV, 0x7f80_0001);
        assert_eq!(
            placed(SINGLE, RISCV, alu(FpAlu::MinNum, SINGLE, RISCV, signalling, boxed(1.0))),
            boxed(1.0)
        );
        let arm = FpRules { nan: NanRule::SignallingFirst, ..RISCV };
        assert_eq!(alu(FpAlu::MinNum, SINGLE, arm, 0x7f80_0001, boxed(1.0)), 0x7fc0_0001);
    }

    #[test]
    fn every_nan_gives_the_default_nan_where_a_bit_marks_signalling_ones() {
        let mips = FpRules { nan: NanRule::SignallingMarked, ..RISCV };
        let add = |a, b| alu(FpAlu::Add, SINGLE, mips, a, b);
        assert_eq!(add(0x7f80_0001, 0x7fc0_0000), 0x7fbf_ffff);
        assert_eq!(add(0xff80_0001, 0x7f80_0002), 0x7fbf_ffff);
        assert_eq!(convert(SINGLE, FpFormat::F64, mips, 0x7f80_0001), 0x7ff7_ffff_ffff_ffff);
    }
}
