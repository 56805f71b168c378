//! Operations too odd for a micro-op of their own: classes of floating-point values, checksums, what the CPU says of
//! itself.
//!
//! Each is declared with what it touches: the result in `a`, operands in `b` and `c`.

use rcsim_uop::Reg;
use rcsim_uop::fp::FpFormat;
use rcsim_uop::guest::Guest;
use rcsim_uop::isa::{
    HelperArgs, HelperBody, HelperDecl, HelperMemory, HelperOperand, HelperProvenance, HelperTrap,
};
use rcsim_uop::op::Op;
use rcsim_uop::reg::ZERO;

use super::features::Features;

/// FCLASS: `a` = the class of `b`; the immediate is 1 for single precision.
const CLASS: u16 = 0;
/// CRC and CRCC: `a` = the checksum in `c` carried on over the low bits of `b`; the immediate is their number, and
/// [`CASTAGNOLI`].
const CHECKSUM: u16 = 1;
/// CPUCFG: `a` = the configuration word whose number is in `b`; the immediate has the features.
const CONFIGURATION: u16 = 2;

/// Marks the polynomial of CRCC.
const CASTAGNOLI: u32 = 0x100;

const fn pure(name: &'static str, reads: &'static [HelperOperand], body: HelperBody) -> HelperDecl {
    HelperDecl {
        name,
        reads,
        writes: &[HelperOperand::Arg(0, 1)],
        memory: HelperMemory::None,
        provenance: HelperProvenance::Drops,
        body,
    }
}

const ONE: &[HelperOperand] = &[HelperOperand::Arg(1, 1)];
const TWO: &[HelperOperand] = &[HelperOperand::Arg(1, 1), HelperOperand::Arg(2, 1)];

/// All helpers, in the order of their numbers.
pub static ALL: &[HelperDecl] =
    &[pure("fclass", ONE, classify), pure("crc", TWO, checksum), pure("cpucfg", ONE, configuration)];

const fn op(id: u16, dst: Reg, [b, c]: [Reg; 2], imm: u32) -> Op {
    Op::Helper { id, a: dst, b, c, d: ZERO, imm }
}

/// The micro-op of FCLASS.
pub const fn class(format: FpFormat, dst: Reg, src: Reg) -> Op {
    let imm = match format {
        FpFormat::F32 => 1,
        FpFormat::F64 => 0,
    };
    op(CLASS, dst, [src, ZERO], imm)
}

/// The micro-op of CRC and CRCC: `data` has `bits` bits.
pub const fn crc(dst: Reg, data: Reg, sum: Reg, bits: u8, castagnoli: bool) -> Op {
    op(CHECKSUM, dst, [data, sum], bits as u32 | if castagnoli { CASTAGNOLI } else { 0 })
}

/// The micro-op of CPUCFG on a CPU with these features.
pub const fn cpucfg(dst: Reg, src: Reg, features: Features) -> Op {
    let bits = features.crc32 as u32 | (features.lamcas as u32) << 1 | (features.lam_bh as u32) << 2;
    op(CONFIGURATION, dst, [src, ZERO], bits)
}

fn classify(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let bits = guest.reg(args.regs[1]);
    let class = if args.imm == 1 { class_of(bits & 0xffff_ffff, 8, 23) } else { class_of(bits, 11, 52) };
    guest.set_reg(args.regs[0], class);
    Ok(())
}

/// One bit of ten (volume 1, 3.2.2.5): signalling and quiet NaN; negative infinity, normal, subnormal, zero; the same four
/// positive.
const fn class_of(bits: u64, exponent_bits: u32, fraction_bits: u32) -> u64 {
    const SIGNALLING: u64 = 1;
    const QUIET: u64 = 2;
    const NEGATIVE_INFINITY: u64 = 4;
    const POSITIVE_INFINITY: u64 = 64;
    let negative = bits >> (exponent_bits + fraction_bits) & 1 == 1;
    let largest = (1 << exponent_bits) - 1;
    let exponent = bits >> fraction_bits & largest;
    let fraction = bits & ((1 << fraction_bits) - 1);
    if exponent == largest && fraction != 0 {
        return if fraction >> (fraction_bits - 1) == 1 { QUIET } else { SIGNALLING };
    }
    let below_infinity = if exponent == largest {
        0
    } else if exponent != 0 {
        1
    } else if fraction != 0 {
        2
    } else {
        3
    };
    (if negative { NEGATIVE_INFINITY } else { POSITIVE_INFINITY }) << below_infinity
}

fn checksum(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let polynomial = if args.imm & CASTAGNOLI != 0 { 0x82f6_3b78 } else { 0xedb8_8320 };
    let (data, sum) = (guest.reg(args.regs[1]), guest.reg(args.regs[2]) as u32);
    let result = carried_on(sum, data, args.imm & 0xff, polynomial);
    guest.set_reg(args.regs[0], result as i32 as u64);
    Ok(())
}

/// The reflected checksum over `bits` bits, the lowest first.
fn carried_on(sum: u32, data: u64, bits: u32, polynomial: u32) -> u32 {
    (0..bits).fold(sum, |sum, bit| {
        let low = sum ^ (data >> bit) as u32;
        sum >> 1 ^ if low & 1 == 1 { polynomial } else { 0 }
    })
}

fn configuration(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let has = |bit: u32| args.imm >> bit & 1 == 1;
    let features = Features { crc32: has(0), lamcas: has(1), lam_bh: has(2) };
    let [first, second] = features.configuration();
    let word = match guest.reg(args.regs[1]) {
        1 => first,
        2 => second,
        _ => 0,
    };
    guest.set_reg(args.regs[0], u64::from(word));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_go_down_from_infinity_to_zero_on_either_side() {
        let values = [f64::NEG_INFINITY, -1.0, -1e-310, -0.0, f64::INFINITY, 1.0, 1e-310, 0.0];
        for (bit, value) in values.into_iter().enumerate() {
            assert_eq!(class_of(value.to_bits(), 11, 52), 4 << bit, "{value}");
        }
    }

    #[test]
    fn nans_have_classes_of_their_own() {
        assert_eq!(class_of(0x7ff0_0000_0000_0001, 11, 52), 1);
        assert_eq!(class_of(f64::NAN.to_bits(), 11, 52), 2);
    }

    #[test]
    fn checksums_are_those_of_the_standards() {
        let over = |text: &[u8], polynomial| {
            !text.iter().fold(!0, |sum, byte| carried_on(sum, u64::from(*byte), 8, polynomial))
        };
        assert_eq!(over(b"123456789", 0xedb8_8320), 0xcbf4_3926);
        assert_eq!(over(b"123456789", 0x82f6_3b78), 0xe306_9283);
    }
}
