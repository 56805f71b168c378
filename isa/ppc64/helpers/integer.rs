//! Integer operations.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperTrap};

/// DIVDEU. What does not fit, and division by zero, are undefined: zero.
pub fn divide_extended_unsigned(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, high, divisor, _] = args.regs;
    let (dividend, divisor) = (u128::from(guest.reg(high)) << 64, u128::from(guest.reg(divisor)));
    let quotient = dividend.checked_div(divisor).and_then(|quotient| u64::try_from(quotient).ok());
    guest.set_reg(dst, quotient.unwrap_or(0));
    Ok(())
}

/// DIVDE.
pub fn divide_extended_signed(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, high, divisor, _] = args.regs;
    let (dividend, divisor) = (i128::from(guest.reg(high) as i64) << 64, i128::from(guest.reg(divisor) as i64));
    let quotient = dividend.checked_div(divisor).and_then(|quotient| i64::try_from(quotient).ok());
    guest.set_reg(dst, quotient.unwrap_or(0) as u64);
    Ok(())
}

/// CMPB.
pub fn compare_bytes(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, a, b, _] = args.regs;
    let (a, b) = (guest.reg(a).to_le_bytes(), guest.reg(b).to_le_bytes());
    let equal: [u8; 8] = std::array::from_fn(|n| if a[n] == b[n] { 0xff } else { 0 });
    guest.set_reg(dst, u64::from_le_bytes(equal));
    Ok(())
}
