//! Integer arithmetic of the micro-ops.

use rcsim_uop::op::{Divide, DivideRule, Logic, MulHigh, Rmw, Shift, Unary, Width};

/// A rarer bitwise operation; not yet cut to the width.
#[inline]
#[must_use]
pub fn logic(op: Logic, a: u64, b: u64) -> u64 {
    match op {
        Logic::OrNot => a | !b,
        Logic::Nand => !(a & b),
        Logic::Nor => !(a | b),
        Logic::Xnor => !(a ^ b),
    }
}

/// The sum of signed operands; `None` when it does not fit the width.
#[inline]
#[must_use]
pub fn add_checked(width: Width, a: u64, b: u64) -> Option<u64> {
    let (a, b) = (width.sign_extend(a) as i64, width.sign_extend(b) as i64);
    fitting(width, a.checked_add(b)?)
}

/// The difference of signed operands; `None` when it does not fit the width.
#[inline]
#[must_use]
pub fn sub_checked(width: Width, a: u64, b: u64) -> Option<u64> {
    let (a, b) = (width.sign_extend(a) as i64, width.sign_extend(b) as i64);
    fitting(width, a.checked_sub(b)?)
}

/// A signed value as it stands in a slot, when it fits.
#[inline]
fn fitting(width: Width, value: i64) -> Option<u64> {
    (width.sign_extend(value as u64) as i64 == value).then(|| width.fit(value as u64))
}

/// A shift by a count below the width, or taken modulo the width.
#[inline]
#[must_use]
pub fn shift(op: Shift, width: Width, a: u64, count: u64) -> u64 {
    let bits = width.bits();
    let count = count as u32 & (bits - 1);
    let result = match op {
        Shift::Left => a << count,
        Shift::Right => width.zero_extend(a) >> count,
        Shift::RightSigned => ((width.sign_extend(a) as i64) >> count) as u64,
        Shift::RotateRight => {
            let a = width.zero_extend(a);
            (a >> count) | (a << ((bits - count) & (bits - 1)))
        }
    };
    width.fit(result)
}

/// A shift whose count may reach or pass the width.
#[must_use]
pub fn shift_far(op: Shift, width: Width, a: u64, count: u64, count_bits: u8) -> u64 {
    let count = count & ((1_u64 << count_bits) - 1);
    if count < u64::from(width.bits()) {
        return shift(op, width, a, count);
    }
    match op {
        Shift::Left | Shift::Right => 0,
        Shift::RightSigned => shift(op, width, a, u64::from(width.bits() - 1)),
        Shift::RotateRight => shift(op, width, a, count),
    }
}

/// The high half of a product.
#[must_use]
pub fn mul_high(kind: MulHigh, width: Width, a: u64, b: u64) -> u64 {
    let signed = |v: u64| i128::from(width.sign_extend(v) as i64);
    let unsigned = |v: u64| i128::from(width.zero_extend(v));
    let product = match kind {
        MulHigh::Unsigned => (u128::from(width.zero_extend(a)) * u128::from(width.zero_extend(b))) as i128,
        MulHigh::Signed => signed(a) * signed(b),
        MulHigh::Mixed => signed(a) * unsigned(b),
    };
    width.fit((product >> width.bits()) as u64)
}

/// Quotient or remainder; `None` when the rule is to trap.
#[must_use]
pub fn divide(op: Divide, rule: DivideRule, width: Width, a: u64, b: u64) -> Option<u64> {
    let (ua, ub) = (width.zero_extend(a), width.zero_extend(b));
    let (sa, sb) = (width.sign_extend(a) as i64, width.sign_extend(b) as i64);
    let smallest = i64::MIN >> (64 - width.bits());
    let signed = matches!(op, Divide::QuotientS | Divide::RemainderS);
    let overflows = signed && sa == smallest && sb == -1;
    if rule == DivideRule::Trap && (ub == 0 || overflows) {
        return None;
    }
    let result = match op {
        Divide::QuotientU | Divide::QuotientS if ub == 0 => match rule {
            DivideRule::AllOnes => u64::MAX,
            _ => 0,
        },
        Divide::RemainderU | Divide::RemainderS if ub == 0 => a,
        Divide::QuotientS if overflows => a,
        Divide::RemainderS if overflows => 0,
        Divide::QuotientU => ua / ub,
        Divide::RemainderU => ua % ub,
        Divide::QuotientS => (sa / sb) as u64,
        Divide::RemainderS => (sa % sb) as u64,
    };
    Some(width.fit(result))
}

/// An operation of one operand.
#[must_use]
pub fn unary(op: Unary, width: Width, a: u64) -> u64 {
    let bits = width.bits();
    let unused = 64 - bits;
    let low = width.zero_extend(a);
    let result = match op {
        Unary::LeadingZeros => u64::from(low.leading_zeros() - unused),
        Unary::LeadingSigns => {
            let wide = width.sign_extend(a);
            let flipped = wide ^ (((wide as i64) >> 63) as u64);
            u64::from(flipped.leading_zeros() - unused - 1)
        }
        Unary::TrailingZeros => u64::from(low.trailing_zeros().min(bits)),
        Unary::CountOnes => u64::from(low.count_ones()),
        Unary::SwapBytes => low.swap_bytes() >> unused,
        Unary::SwapBytes16 => ((low & 0x00ff_00ff_00ff_00ff) << 8) | ((low >> 8) & 0x00ff_00ff_00ff_00ff),
        Unary::SwapBytes32 => low.swap_bytes().rotate_left(32),
        Unary::ReverseBits => low.reverse_bits() >> unused,
    };
    width.fit(result)
}

/// `len` bits of `value` from `lsb`, extended to 64 bits.
#[inline]
#[must_use]
pub fn extract(value: u64, lsb: u8, len: u8, signed: bool) -> u64 {
    let top = value << (64 - u32::from(lsb) - u32::from(len));
    let unused = 64 - u32::from(len);
    if signed { ((top as i64) >> unused) as u64 } else { top >> unused }
}

/// `base` with `len` bits from `lsb` replaced.
#[inline]
#[must_use]
pub fn deposit(base: u64, value: u64, lsb: u8, len: u8) -> u64 {
    let mask = (u64::MAX >> (64 - u32::from(len))) << lsb;
    (base & !mask) | ((value << lsb) & mask)
}

/// The new value of an atomic update.
#[must_use]
pub fn rmw(op: Rmw, width: Width, old: u64, src: u64) -> u64 {
    let (sa, sb) = (width.sign_extend(old) as i64, width.sign_extend(src) as i64);
    let (ua, ub) = (width.zero_extend(old), width.zero_extend(src));
    match op {
        Rmw::Swap => src,
        Rmw::Add => old.wrapping_add(src),
        Rmw::And => old & src,
        Rmw::AndNot => old & !src,
        Rmw::Or => old | src,
        Rmw::Xor => old ^ src,
        Rmw::MaxS => sa.max(sb) as u64,
        Rmw::MaxU => ua.max(ub),
        Rmw::MinS => sa.min(sb) as u64,
        Rmw::MinU => ua.min(ub),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_sum_that_does_not_fit_its_width_is_none() {
        assert_eq!(add_checked(Width::W32, 0x7fff_ffff, 1), None);
        assert_eq!(add_checked(Width::W64, 0x7fff_ffff, 1), Some(0x8000_0000));
        assert_eq!(add_checked(Width::W64, i64::MAX as u64, 1), None);
        assert_eq!(add_checked(Width::S32, u64::MAX, 1), Some(0));
        assert_eq!(add_checked(Width::W32, 0xffff_fffe, 1), Some(0xffff_ffff));
    }

    #[test]
    fn a_signed_difference_that_does_not_fit_its_width_is_none() {
        assert_eq!(sub_checked(Width::S32, 0x8000_0000, 1), None);
        assert_eq!(sub_checked(Width::W64, 0, i64::MIN as u64), None);
        assert_eq!(sub_checked(Width::S32, 1, 2), Some(u64::MAX));
    }

    #[test]
    fn bytes_divide_as_wide_arithmetic_says() {
        for a in 0..=255_u64 {
            for b in 0..=255_u64 {
                let (sa, sb) = (i32::from(a as i8), i32::from(b as i8));
                let q = divide(Divide::QuotientS, DivideRule::Trap, Width::W8, a, b);
                let r = divide(Divide::RemainderS, DivideRule::Trap, Width::W8, a, b);
                match sa.checked_div(sb) {
                    Some(want) if want <= 127 => {
                        assert_eq!(q, Some(u64::from(want as u8)), "{sa} / {sb}");
                        assert_eq!(r, Some(u64::from((sa % sb) as u8)), "{sa} % {sb}");
                    }
                    _ => assert_eq!((q, r), (None, None), "{sa} / {sb}"),
                }
            }
        }
    }

    #[test]
    fn a_field_put_in_comes_out_again() {
        for lsb in 0..64_u8 {
            for len in 1..=64 - lsb {
                let base = 0x0123_4567_89ab_cdef;
                let value = 0xfedc_ba98_7654_3210;
                let merged = deposit(base, value, lsb, len);
                assert_eq!(extract(merged, lsb, len, false), value & (u64::MAX >> (64 - len)));
                let mask = (u64::MAX >> (64 - len)) << lsb;
                assert_eq!(merged & !mask, base & !mask);
            }
        }
    }

    #[test]
    fn leading_signs_of_all_halfwords() {
        for a in 0..=0xffff_u64 {
            let signed = a as u16 as i16;
            let want = if signed < 0 { (!signed).leading_zeros() } else { signed.leading_zeros() } - 1;
            assert_eq!(unary(Unary::LeadingSigns, Width::W16, a), u64::from(want));
        }
    }

    #[test]
    fn rotations_keep_every_bit() {
        for count in 0..64 {
            let wide = shift(Shift::RotateRight, Width::W64, 0x0123_4567_89ab_cdef, count);
            assert_eq!(wide, 0x0123_4567_89ab_cdef_u64.rotate_right(count as u32));
            let word = shift(Shift::RotateRight, Width::W32, 0xffff_ffff_89ab_cdef, count);
            assert_eq!(word, u64::from(0x89ab_cdef_u32.rotate_right(count as u32)));
        }
    }

    #[test]
    fn far_shifts_run_out_of_bits() {
        assert_eq!(shift_far(Shift::Left, Width::W32, 1, 32, 6), 0);
        assert_eq!(shift_far(Shift::RightSigned, Width::W32, 0x8000_0000, 40, 6), 0xffff_ffff);
        assert_eq!(shift_far(Shift::Right, Width::W64, u64::MAX, 64, 7), 0);
        assert_eq!(shift_far(Shift::Left, Width::W32, 1, 64, 6), 1);
    }
}
