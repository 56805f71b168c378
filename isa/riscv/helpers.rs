//! Operations too odd for a micro-op of their own: the class of a floating-point value, combining the bits of bytes.
//!
//! Each is declared with what it touches: the result in `a`, the operand in `b`.

use rcsim_uop::fp::FpFormat;
use rcsim_uop::guest::Guest;
use rcsim_uop::isa::{HelperArgs, HelperDecl, HelperMemory, HelperOperand, HelperProvenance, HelperTrap};
use rcsim_uop::op::Op;
use rcsim_uop::reg::ZERO;
use rcsim_uop::Reg;

/// FCLASS: `a` = the class of `b`; the immediate is 1 for single precision.
pub const CLASS: u16 = 0;
/// ORC.B: each byte of `a` is all ones where that of `b` is not zero.
pub const OR_COMBINE: u16 = 1;

const fn unary(name: &'static str, body: fn(&mut dyn Guest, HelperArgs) -> Result<(), HelperTrap>) -> HelperDecl {
    HelperDecl {
        name,
        reads: &[HelperOperand::Arg(1, 1)],
        writes: &[HelperOperand::Arg(0, 1)],
        memory: HelperMemory::None,
        provenance: HelperProvenance::Drops,
        body,
    }
}

/// All helpers, in the order of their numbers.
pub static ALL: &[HelperDecl] = &[unary("fclass", classify), unary("orc.b", or_combine)];

/// The micro-op of FCLASS.
pub const fn class(format: FpFormat, dst: Reg, src: Reg) -> Op {
    let imm = match format {
        FpFormat::F32 => 1,
        FpFormat::F64 => 0,
    };
    Op::Helper { id: CLASS, a: dst, b: src, c: ZERO, d: ZERO, imm }
}

/// The micro-op of ORC.B.
pub const fn or_combined(dst: Reg, src: Reg) -> Op {
    Op::Helper { id: OR_COMBINE, a: dst, b: src, c: ZERO, d: ZERO, imm: 0 }
}

fn classify(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let bits = guest.reg(args.regs[1]);
    let class = if args.imm == 1 { class_of_single(bits) } else { class_of(bits, 11, 52) };
    guest.set_reg(args.regs[0], class);
    Ok(())
}

/// What is not boxed is the canonical NaN.
const fn class_of_single(bits: u64) -> u64 {
    if bits >> 32 == 0xffff_ffff { class_of(bits & 0xffff_ffff, 8, 23) } else { QUIET }
}

const SIGNALLING: u64 = 1 << 8;
const QUIET: u64 = 1 << 9;

/// One bit of ten (manual 21.9): negative infinity, normal, subnormal, zero; positive zero, subnormal, normal,
/// infinity; signalling and quiet NaN.
const fn class_of(bits: u64, exponent_bits: u32, fraction_bits: u32) -> u64 {
    let negative = bits >> (exponent_bits + fraction_bits) & 1 == 1;
    let largest = (1 << exponent_bits) - 1;
    let exponent = bits >> fraction_bits & largest;
    let fraction = bits & ((1 << fraction_bits) - 1);
    if exponent == largest && fraction != 0 {
        return if fraction >> (fraction_bits - 1) == 1 { QUIET } else { SIGNALLING };
    }
    let magnitude = if exponent == largest {
        3
    } else if exponent != 0 {
        2
    } else if fraction != 0 {
        1
    } else {
        0
    };
    if negative { 1 << (3 - magnitude) } else { 1 << (4 + magnitude) }
}

fn or_combine(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let bytes = guest.reg(args.regs[1]).to_le_bytes().map(|byte| if byte == 0 { 0 } else { 0xff });
    guest.set_reg(args.regs[0], u64::from_le_bytes(bytes));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_go_from_minus_infinity_to_infinity() {
        let values = [f64::NEG_INFINITY, -1.0, -1e-310, -0.0, 0.0, 1e-310, 1.0, f64::INFINITY];
        for (bit, value) in values.into_iter().enumerate() {
            assert_eq!(class_of(value.to_bits(), 11, 52), 1 << bit, "{value}");
        }
    }

    #[test]
    fn nans_have_classes_of_their_own() {
        assert_eq!(class_of(0x7ff0_0000_0000_0001, 11, 52), SIGNALLING);
        assert_eq!(class_of(f64::NAN.to_bits(), 11, 52), QUIET);
        assert_eq!(class_of_single(0x3f80_0000), QUIET);
        assert_eq!(class_of_single(0xffff_ffff_3f80_0000), 1 << 6);
    }
}
