//! Moves of floating-point registers: to each other, from constants, to and from general registers; FPSCR.

use rcsim_uop::op::{Op, Pred, Width};

use super::Cx;
use super::float::{Float, VD, VM, VN, is_double};
use crate::arm::decode::{Gap, Lifted, When};
use crate::arm::helpers::{pack_op, show_packed_op};
use crate::arm::machine::BEYOND;
use crate::arm::regs::{FP_FLAGS, FPSCR, PC};

const W: Width = Width::W32;

/// VMOV between registers.
pub fn register(cx: &mut Cx<'_>) -> Lifted {
    let (insn, double) = (cx.insn, is_double(cx.insn));
    let (dst, src) = (Float::named(insn, VD, double), Float::named(insn, VM, double));
    let out = cx.begin();
    match (dst, src) {
        (Float::Double(dst), Float::Double(src)) => out.copy(dst, src),
        (Float::Single(reg, upper), _) => {
            let (src, lsb) = (src.read(out), if upper { 32 } else { 0 });
            out.emit(Op::Deposit { dst: reg, base: reg, src, lsb, len: 32 });
        }
        (Float::Double(_), Float::Single(..)) => {}
    }
    Ok(())
}

/// A constant of eight bits: sign, three bits of exponent, four of fraction (A7.5.1).
const fn expand(imm: u64, double: bool) -> u64 {
    let (sign, high, low) = (imm >> 7 & 1, imm >> 6 & 1, imm & 0x3f);
    if double {
        let exponent = (high ^ 1) << 8 | if high == 1 { 0xff } else { 0 };
        sign << 63 | exponent << 54 | low << 48
    } else {
        let exponent = (high ^ 1) << 5 | if high == 1 { 0x1f } else { 0 };
        sign << 31 | exponent << 25 | low << 19
    }
}

/// VMOV of a constant.
pub fn constant(cx: &mut Cx<'_>) -> Lifted {
    let (insn, double) = (cx.insn, is_double(cx.insn));
    if insn.bit(7) || insn.bit(5) {
        return Err(Gap::Opcode);
    }
    let value = expand(u64::from(insn.field(16, 4) << 4 | insn.field(0, 4)), double);
    let out = cx.begin();
    Float::named(insn, VD, double).write(out, |out, dst| out.constant(dst, value));
    Ok(())
}

/// Moves of one word (A7.8), by the coprocessor's number and bits 21 to 23.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let (scalar, op, reads) = (is_double(cx.insn), cx.insn.field(21, 3), cx.insn.bit(20));
    match (scalar, op) {
        (false, 0) => {
            let single = Float::named(cx.insn, VN, false);
            word(cx, single, reads)
        }
        (false, 7) if reads => read_status(cx),
        (false, 7) => write_status(cx),
        (true, half @ (0 | 1)) if cx.insn.field(5, 2) == 0 => {
            let Float::Double(reg) = Float::named(cx.insn, VN, true) else { return Err(Gap::Opcode) };
            word(cx, Float::Single(reg, half == 1), reads)
        }
        _ => Err(Gap::Opcode),
    }
}

/// VMOV between a general register and a single, or half of a double.
fn word(cx: &mut Cx<'_>, single: Float, reads: bool) -> Lifted {
    let general = cx.general(12)?;
    let Float::Single(reg, upper) = single else { return Err(Gap::Opcode) };
    let lsb = if upper { 32 } else { 0 };
    cx.emit(if reads {
        Op::Extract { width: W, dst: general, src: reg, lsb, len: 32, signed: false }
    } else {
        Op::Deposit { dst: reg, base: reg, src: general, lsb, len: 32 }
    })
}

/// VMOV between two general registers and a double, or two neighbouring singles.
pub fn two_words(cx: &mut Cx<'_>) -> Lifted {
    let (insn, double) = (cx.insn, is_double(cx.insn));
    let (low, high) = (cx.general(12)?, cx.general(16)?);
    if insn.field(6, 2) != 0 || !insn.bit(4) {
        return Err(Gap::Opcode);
    }
    let halves = match Float::named(insn, VM, double) {
        Float::Double(reg) => [Float::Single(reg, false), Float::Single(reg, true)],
        single @ Float::Single(reg, upper) => {
            let next = if upper { reg.plus(1) } else { reg };
            [single, Float::Single(next, !upper)]
        }
    };
    let out = cx.begin();
    for (half, general) in halves.into_iter().zip([low, high]) {
        let Float::Single(reg, upper) = half else { continue };
        let lsb = if upper { 32 } else { 0 };
        out.emit(if insn.bit(20) {
            Op::Extract { width: W, dst: general, src: reg, lsb, len: 32, signed: false }
        } else {
            Op::Deposit { dst: reg, base: reg, src: general, lsb, len: 32 }
        });
    }
    Ok(())
}

/// Number of FPSCR among the registers that VMRS and VMSR name.
const STATUS: u32 = 1;

/// VMRS: to the flags when the field names the program counter.
fn read_status(cx: &mut Cx<'_>) -> Lifted {
    if cx.insn.field(16, 4) != STATUS {
        return Err(Gap::Opcode);
    }
    if cx.insn.number(12) == PC {
        return cx.emit(Op::SetFlags { src: FP_FLAGS });
    }
    let dst = cx.general(12)?;
    cx.emit(show_packed_op(dst, FP_FLAGS, FPSCR))
}

/// Exceptions that have happened, which no operation here notes: as software wrote them.
const KEPT: u64 = 0x0800_009f;
/// Default NaN, flush to zero, rounding mode, vector length and stride, enabled traps.
const NOT_MODELLED: u64 = 0x03f7_9f00;

/// VMSR. Other modes than Go's are not modelled: a program that asks for one is told so when it does.
fn write_status(cx: &mut Cx<'_>) -> Lifted {
    let src = cx.general(12)?;
    if cx.insn.field(16, 4) != STATUS || cx.insn.when() != When::Always {
        return Err(Gap::Opcode);
    }
    let (pc, next) = (cx.insn.pc, cx.insn.next());
    let out = cx.begin();
    let asked = out.temp();
    out.emit(Op::AndImm { width: W, dst: asked, a: src, imm: NOT_MODELLED });
    out.emit(Op::AndImm { width: W, dst: FPSCR, a: src, imm: KEPT });
    out.emit(pack_op(FP_FLAGS, src));
    out.end(Op::BranchCmpImm { pred: Pred::Ne, width: W, a: asked, imm: 0 }, &[pc + BEYOND, next]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn constants_are_small_numbers() {
        assert_eq!(f64::from_bits(expand(0x70, true)), 1.0);
        assert_eq!(f64::from_bits(expand(0x80, true)), -2.0);
        assert_eq!(f32::from_bits(expand(0x70, false) as u32), 1.0);
        assert_eq!(f32::from_bits(expand(0x24, false) as u32), 10.0);
    }
}
