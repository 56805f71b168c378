//! Division of a double word, and the shift of a double word.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperDecl, HelperMemory, HelperOperand, HelperProvenance, HelperTrap};

use crate::x86::regs::{RAX, RDX};

/// In the immediate of a helper: signed division, or a shift to the left.
const OPTION: u32 = 1 << 8;

/// See [`super::HelperId::Divide`].
pub const DIVIDE: HelperDecl = HelperDecl {
    name: "divide",
    reads: &[HelperOperand::Arg(0, 1), HelperOperand::Fixed(RAX, 1), HelperOperand::Fixed(RDX, 1)],
    writes: &[HelperOperand::Fixed(RAX, 1), HelperOperand::Fixed(RDX, 1)],
    memory: HelperMemory::None,
    provenance: HelperProvenance::Drops,
    body: divide,
};

/// See [`super::HelperId::DoubleShift`].
pub const DOUBLE_SHIFT: HelperDecl = HelperDecl {
    name: "double_shift",
    reads: &[
        HelperOperand::Arg(1, 1),
        HelperOperand::Arg(2, 1),
        HelperOperand::Arg(3, 1),
        HelperOperand::Flags,
    ],
    writes: &[HelperOperand::Arg(0, 1), HelperOperand::Flags],
    memory: HelperMemory::None,
    provenance: HelperProvenance::Drops,
    body: double_shift,
};

fn mask(bits: u32) -> u64 {
    u64::MAX >> (64 - bits)
}

/// `value` with the low `bits` replaced; 32 bits and more replace the whole register.
fn merge(old: u64, new: u64, bits: u32) -> u64 {
    if bits >= 32 { new & mask(bits) } else { old & !mask(bits) | new & mask(bits) }
}

fn divide(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let bits = args.imm & 0xff;
    let signed = args.imm & OPTION != 0;
    let (rax, rdx) = (guest.reg(RAX), guest.reg(RDX));
    // With 8 bits the dividend is ax and the remainder goes to ah.
    let high = if bits == 8 { rax >> 8 } else { rdx } & mask(bits);
    let dividend = u128::from(high) << bits | u128::from(rax & mask(bits));
    let divisor = guest.reg(args.regs[0]) & mask(bits);
    let result = if signed { signed_quotient(dividend, divisor, bits) } else { quotient(dividend, divisor, bits) };
    let (quotient, remainder) = result.ok_or(HelperTrap::Divide)?;
    if bits == 8 {
        guest.set_reg(RAX, merge(rax, (remainder & 0xff) << 8 | quotient & 0xff, 16));
    } else {
        guest.set_reg(RAX, merge(rax, quotient, bits));
        guest.set_reg(RDX, merge(rdx, remainder, bits));
    }
    Ok(())
}

/// Quotient and remainder; `None` when the divisor is zero or the quotient does not fit.
fn quotient(dividend: u128, divisor: u64, bits: u32) -> Option<(u64, u64)> {
    let divisor = u128::from(divisor);
    let quotient = dividend.checked_div(divisor)?;
    (quotient <= u128::from(mask(bits))).then_some((quotient as u64, (dividend % divisor) as u64))
}

fn signed_quotient(dividend: u128, divisor: u64, bits: u32) -> Option<(u64, u64)> {
    let unused = 128 - 2 * bits;
    let dividend = (dividend << unused) as i128 >> unused;
    let divisor = i128::from((divisor << (64 - bits)) as i64 >> (64 - bits));
    let quotient = dividend.checked_div(divisor)?;
    let limit = 1_i128 << (bits - 1);
    (-limit..limit).contains(&quotient).then_some((quotient as u64, (dividend % divisor) as u64))
}

fn double_shift(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    use rcsim_uop::flags::{C, N, P, V, Z};
    let bits = args.imm & 0xff;
    let left = args.imm & OPTION != 0;
    let count = guest.reg(args.regs[3]) as u32 & if bits == 64 { 63 } else { 31 };
    let (value, filling) = (guest.reg(args.regs[1]) & mask(bits), guest.reg(args.regs[2]) & mask(bits));
    if count == 0 {
        guest.set_reg(args.regs[0], value);
        return Ok(());
    }
    let (high, low) = if left { (value, filling) } else { (filling, value) };
    let wide = u128::from(high) << bits | u128::from(low);
    // The last bit that leaves the operand, and what stays.
    let (carry, result) = if left {
        (wide >> (2 * bits - count) & 1 != 0, (wide << count >> bits) as u64 & mask(bits))
    } else {
        (wide >> (count - 1) & 1 != 0, (wide >> count) as u64 & mask(bits))
    };
    let sign = 1_u64 << (bits - 1);
    let flag = |on: bool, flag: u64| if on { flag } else { 0 };
    guest.set_flags(
        flag(carry, C)
            | flag(result == 0, Z)
            | flag(result & sign != 0, N)
            | flag((value ^ result) & sign != 0, V)
            | flag((result as u8).count_ones().is_multiple_of(2), P),
    );
    guest.set_reg(args.regs[0], result);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_word_divides_by_a_word() {
        assert_eq!(quotient(1 << 64, 2, 64), Some((1 << 63, 0)));
        assert_eq!(signed_quotient(-7_i128 as u128 & ((1 << 64) - 1), 2, 32), Some((-3_i64 as u64, -1_i64 as u64)));
    }

    #[test]
    fn a_quotient_that_does_not_fit_traps() {
        assert_eq!(quotient(1 << 64, 1, 64), None);
        assert_eq!(quotient(5, 0, 32), None);
        assert_eq!(signed_quotient(0x8000_0000, 1, 32), None);
    }
}
