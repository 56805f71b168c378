//! Instructions with a 16-bit immediate (D form) that do not touch memory.

use rcsim_uop::op::{Op, Pred, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::{Cx, order};
use crate::ppc64::decode::{Gap, Lifted};
use crate::ppc64::regs::{CA, cr};

/// Sort by primary opcode.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.primary() {
        7 => multiply(cx),
        8 => subtract_from(cx),
        10 => compare(cx, false),
        11 => compare(cx, true),
        12 => add_carrying(cx, false),
        13 => add_carrying(cx, true),
        14 => add(cx, 0),
        15 => add(cx, 16),
        24..=29 => logical(cx),
        _ => Err(Gap::Opcode),
    }
}

/// ADDI and ADDIS; LI and LIS where the field RA is zero.
fn add(cx: &mut Cx<'_>, shift: u32) -> Lifted {
    let (rt, ra, imm) = (cx.insn.rt(), cx.insn.ra_or_zero(), cx.insn.si() << shift);
    cx.begin().add_imm(Width::W64, rt, ra, imm);
    Ok(())
}

/// ADDIC: a sum below its first operand has wrapped. The operand is compared before the sum may replace it.
fn add_carrying(cx: &mut Cx<'_>, record: bool) -> Lifted {
    let (dst, a, imm) = (cx.insn.rt(), cx.insn.ra(), cx.insn.si());
    let out = cx.begin();
    // a + imm carries when a > !imm, that is, when a is at least 2^64 - imm.
    if imm == 0 {
        out.constant(CA, 0);
    } else {
        out.emit(Op::SetCmpImm { pred: Pred::GeU, width: Width::W64, dst: CA, a, imm: imm.wrapping_neg() });
    }
    out.add_imm(Width::W64, dst, a, imm);
    if record {
        out.emit(order(Width::W64, true, cr(0), dst, ZERO));
    }
    Ok(())
}

/// SUBFIC: carries when nothing is borrowed.
fn subtract_from(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, imm) = (cx.insn.rt(), cx.insn.ra(), cx.insn.si());
    let out = cx.begin();
    let from = constant(out, imm as u64);
    out.emit(Op::SetCmp { pred: Pred::GeU, width: Width::W64, dst: CA, a: from, b: a });
    out.emit(Op::Sub { width: Width::W64, dst, a: from, b: a });
    Ok(())
}

/// A constant in a register.
pub fn constant(out: &mut BlockBuilder, value: u64) -> Reg {
    if value == 0 {
        return ZERO;
    }
    let reg = out.temp();
    out.constant(reg, value);
    reg
}

/// MULLI.
fn multiply(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, imm) = (cx.insn.rt(), cx.insn.ra(), cx.insn.si());
    let out = cx.begin();
    let b = constant(out, imm as u64);
    out.emit(Op::Mul { width: Width::W64, dst, a, b });
    Ok(())
}

/// CMPI and CMPLI, of words or doublewords.
fn compare(cx: &mut Cx<'_>, signed: bool) -> Lifted {
    let width = super::compare::width(cx.insn);
    let (field, a) = (cx.insn.bf(), cx.insn.ra());
    let imm = if signed { cx.insn.si() as u64 } else { cx.insn.ui() };
    let out = cx.begin();
    let b = constant(out, imm);
    out.emit(order(width, signed, field, a, b));
    Ok(())
}

/// ORI, ORIS, XORI, XORIS, ANDI., ANDIS.: odd opcodes shift the immediate.
fn logical(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, width) = (cx.insn.ra(), cx.insn.rt(), Width::W64);
    let opcode = cx.insn.primary();
    let imm = cx.insn.ui() << if opcode.is_multiple_of(2) { 0 } else { 16 };
    let out = cx.begin();
    match opcode {
        24 | 25 if imm == 0 => out.copy(dst, a),
        24 | 25 => out.emit(Op::OrImm { width, dst, a, imm }),
        26 | 27 => out.emit(Op::XorImm { width, dst, a, imm }),
        _ => {
            out.emit(Op::AndImm { width, dst, a, imm });
            out.emit(order(width, true, cr(0), dst, ZERO));
        }
    }
    Ok(())
}
