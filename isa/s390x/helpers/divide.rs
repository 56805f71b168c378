//! Division of a dividend that fills a pair of registers.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperTrap};

/// What is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Dividend {
    /// 128 bits in two registers (DLGR).
    Doublewords,
    /// 64 bits in the low halves of two registers, whose high halves stay (DLR).
    Words,
    /// The same, signed (DR).
    SignedWords,
}

const fn joined(high: u64, low: u64) -> u64 {
    high << 32 | low & 0xffff_ffff
}

const fn low_half(register: u64, value: u32) -> u64 {
    register & !0xffff_ffff | value as u64
}

/// See [`super::DIVIDE`].
pub fn divide(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [even, odd, divisor, _] = args.regs;
    let (high, low, divisor) = (guest.reg(even), guest.reg(odd), guest.reg(divisor));
    let (remainder, quotient) = if args.imm == Dividend::Doublewords as u32 {
        doublewords(high, low, divisor).ok_or(HelperTrap::Divide)?
    } else {
        let signed = args.imm == Dividend::SignedWords as u32;
        let (remainder, quotient) = words(joined(high, low), divisor as u32, signed).ok_or(HelperTrap::Divide)?;
        (low_half(high, remainder), low_half(low, quotient))
    };
    guest.set_reg(even, remainder);
    guest.set_reg(odd, quotient);
    Ok(())
}

/// Remainder and quotient; nothing when the quotient does not fit.
fn doublewords(high: u64, low: u64, divisor: u64) -> Option<(u64, u64)> {
    let (dividend, divisor) = (u128::from(high) << 64 | u128::from(low), u128::from(divisor));
    let quotient = u64::try_from(dividend.checked_div(divisor)?).ok()?;
    Some(((dividend % divisor) as u64, quotient))
}

fn words(dividend: u64, divisor: u32, signed: bool) -> Option<(u32, u32)> {
    if signed {
        let (dividend, divisor) = (dividend as i64, i64::from(divisor as i32));
        let quotient = i32::try_from(dividend.checked_div(divisor)?).ok()?;
        return Some((dividend.checked_rem(divisor)? as i32 as u32, quotient as u32));
    }
    let divisor = u64::from(divisor);
    let quotient = u32::try_from(dividend.checked_div(divisor)?).ok()?;
    Some(((dividend % divisor) as u32, quotient))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotient_that_does_not_fit_is_none() {
        assert_eq!(doublewords(1, 0, 2), Some((0, 1 << 63)));
        assert_eq!(doublewords(2, 0, 2), None);
        assert_eq!(doublewords(0, 5, 0), None);
    }

    #[test]
    fn signed_words_round_towards_zero() {
        assert_eq!(words(-7_i64 as u64, 2, true), Some((-1_i32 as u32, -3_i32 as u32)));
        assert_eq!(words(7, 2, false), Some((1, 3)));
    }
}
