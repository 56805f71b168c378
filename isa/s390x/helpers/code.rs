//! Condition codes that no comparison gives (Principles of Operation, "Condition Codes").

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperTrap};

/// What a condition code is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Sum {
    /// Signed sum.
    Add,
    /// Signed difference.
    Sub,
    /// Unsigned sum.
    AddLogical,
    /// Unsigned difference.
    SubLogical,
}

const IS_NARROW: u32 = 4;

impl Sum {
    /// The immediate: of 64 bits, or of 32.
    pub const fn of(self, narrow: bool) -> u32 {
        self as u32 | if narrow { IS_NARROW } else { 0 }
    }
}

/// 0 zero, 1 negative, 2 positive, 3 overflow.
fn signed((result, overflow): (i64, bool)) -> u64 {
    if overflow { 3 } else { sign(result) }
}

fn sign(value: i64) -> u64 {
    match value.signum() {
        0 => 0,
        1 => 2,
        _ => 1,
    }
}

/// Bit 1: carry, or no borrow; bit 0: not zero.
fn logical(result: u64, carry: bool) -> u64 {
    u64::from(carry) << 1 | u64::from(result != 0)
}

fn wide(kind: u32, a: u64, b: u64) -> u64 {
    match kind {
        0 => signed((a as i64).overflowing_add(b as i64)),
        1 => signed((a as i64).overflowing_sub(b as i64)),
        2 => {
            let (result, carry) = a.overflowing_add(b);
            logical(result, carry)
        }
        _ => {
            let (result, borrow) = a.overflowing_sub(b);
            logical(result, !borrow)
        }
    }
}

fn narrow(kind: u32, a: u32, b: u32) -> u64 {
    let widen = |(result, overflow): (i32, bool)| signed((i64::from(result), overflow));
    match kind {
        0 => widen((a as i32).overflowing_add(b as i32)),
        1 => widen((a as i32).overflowing_sub(b as i32)),
        2 => {
            let (result, carry) = a.overflowing_add(b);
            logical(u64::from(result), carry)
        }
        _ => {
            let (result, borrow) = a.overflowing_sub(b);
            logical(u64::from(result), !borrow)
        }
    }
}

/// See [`super::SUM_CODE`].
pub fn sum(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, a, b, _] = args.regs;
    let (a, b) = (guest.reg(a), guest.reg(b));
    let kind = args.imm & 3;
    let code = if args.imm & IS_NARROW != 0 { narrow(kind, a as u32, b as u32) } else { wide(kind, a, b) };
    guest.set_reg(dst, code);
    Ok(())
}

/// See [`super::SUM_CODE_IMM`].
pub fn sum_imm(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let a = guest.reg(args.regs[1]);
    guest.set_reg(args.regs[0], wide(0, a, args.imm as i32 as u64));
    Ok(())
}

/// See [`super::SUM_CODE_IMM_32`].
pub fn sum_imm_32(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let a = guest.reg(args.regs[1]) as u32;
    guest.set_reg(args.regs[0], narrow(0, a, args.imm));
    Ok(())
}

/// See [`super::TEST_CODE`]: 0 selected bits all zero, 3 all ones, else 1, or 2 when the leftmost is one.
pub fn test(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let mask = args.imm & 0xffff;
    let selected = guest.reg(args.regs[1]) as u32 & mask;
    let leftmost = 31_u32.checked_sub(mask.leading_zeros()).map_or(0, |bit| selected >> bit & 1);
    let code = match selected {
        0 => 0,
        _ if selected == mask => 3,
        _ => 1 + leftmost,
    };
    guest.set_reg(args.regs[0], u64::from(code));
    Ok(())
}

const FROM_SINGLE: u32 = 1;
const TO_WORD: u32 = 2;
const TO_UNSIGNED: u32 = 4;

/// The immediate of a conversion.
pub const fn conversion(single: bool, word: bool, unsigned: bool) -> u32 {
    (single as u32 * FROM_SINGLE) | (word as u32 * TO_WORD) | (unsigned as u32 * TO_UNSIGNED)
}

/// See [`super::CONVERT_CODE`]: the sign of the number, 3 when it is none or does not fit.
pub fn convert(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let has = |flag| args.imm & flag != 0;
    let number = |bits: u64| {
        if has(FROM_SINGLE) { f64::from(f32::from_bits(bits as u32)) } else { f64::from_bits(bits) }
    };
    let (value, rounded) = (number(guest.reg(args.regs[1])), number(guest.reg(args.regs[2])));
    let above = match (has(TO_WORD), has(TO_UNSIGNED)) {
        (false, false) => 63,
        (false, true) => 64,
        (true, false) => 31,
        (true, true) => 32,
    };
    let limit = f64::from(above).exp2();
    let lowest = if has(TO_UNSIGNED) { 0.0 } else { -limit };
    let fits = rounded >= lowest && rounded < limit;
    let code = match value.partial_cmp(&0.0) {
        _ if !fits => 3,
        Some(std::cmp::Ordering::Less) => 1,
        Some(std::cmp::Ordering::Greater) => 2,
        _ => 0,
    };
    guest.set_reg(args.regs[0], code);
    Ok(())
}

/// See [`super::COUNT_BYTES`].
pub fn count_bytes(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let counts = guest.reg(args.regs[1]).to_le_bytes().map(|byte| byte.count_ones() as u8);
    guest.set_reg(args.regs[0], u64::from_le_bytes(counts));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_sum_tells_its_sign_or_that_it_overflows() {
        assert_eq!(wide(0, 1, 1), 2);
        assert_eq!(wide(0, 1, u64::MAX), 0);
        assert_eq!(wide(1, 1, 2), 1);
        assert_eq!(wide(0, i64::MAX as u64, 1), 3);
        assert_eq!(narrow(0, i32::MAX as u32, 1), 3);
    }

    #[test]
    fn an_unsigned_sum_tells_carry_and_zero_and_a_difference_the_lack_of_a_borrow() {
        assert_eq!(wide(2, u64::MAX, 1), 2);
        assert_eq!(wide(2, u64::MAX, 2), 3);
        assert_eq!(wide(3, 1, 2), 1);
        assert_eq!(narrow(3, 2, 2), 2);
    }
}
