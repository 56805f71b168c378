//! Shifts, bit fields and counting.

use rcsim_uop::op::{Op, Shift, Unary, Width};
use rcsim_uop::reg::SINK;
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::Opcode;

use super::{Cx, move_reg};
use crate::arm64::decode::{Gap, Lifted};

/// LSLV, LSRV, ASRV, RORV: the count is taken modulo the width.
pub fn shift(cx: &mut Cx<'_>) -> Lifted {
    let op = match cx.insn.opcode {
        Opcode::LSLV => Shift::Left,
        Opcode::LSRV => Shift::Right,
        Opcode::ASRV => Shift::RightSigned,
        Opcode::RORV => Shift::RotateRight,
        _ => return Err(Gap::Opcode),
    };
    let (width, dst, a, b) = (cx.insn.width(0)?, cx.insn.dst(0)?, cx.insn.src(1)?, cx.insn.src(2)?);
    cx.begin().emit(Op::Shift { op, width, dst, a, b });
    Ok(())
}

/// UBFM and SBFM, which are shifts by a constant, extensions and field extractions (Arm ARM C6.2.396, C6.2.291).
pub fn extract_field(cx: &mut Cx<'_>) -> Lifted {
    let signed = cx.insn.opcode == Opcode::SBFM;
    let (width, dst, src) = (cx.insn.width(0)?, cx.insn.dst(0)?, cx.insn.src(1)?);
    let (rotate, top) = (cx.insn.small(2)?, cx.insn.small(3)?);
    let bits = width.bits() as u8;
    if rotate >= bits || top >= bits {
        return Err(Gap::Shape);
    }
    let out = cx.begin();
    if top >= rotate {
        from_middle(out, width, dst, src, rotate, top + 1 - rotate, signed);
    } else {
        to_middle(out, width, dst, src, bits - rotate, top + 1, signed);
    }
    Ok(())
}

/// `len` bits from bit `lsb` on go to the bottom.
fn from_middle(out: &mut BlockBuilder, width: Width, dst: Reg, src: Reg, lsb: u8, len: u8, signed: bool) {
    let op = if signed { Shift::RightSigned } else { Shift::Right };
    if u32::from(lsb + len) != width.bits() {
        out.emit(Op::Extract { width, dst, src, lsb, len, signed });
    } else if lsb == 0 {
        move_reg(out, width, dst, src);
    } else {
        out.emit(Op::ShiftImm { op, width, dst, a: src, amount: lsb });
    }
}

/// The lowest `len` bits go to bit `lsb` on.
fn to_middle(out: &mut BlockBuilder, width: Width, dst: Reg, src: Reg, lsb: u8, len: u8, signed: bool) {
    if u32::from(lsb + len) == width.bits() {
        out.emit(Op::ShiftImm { op: Shift::Left, width, dst, a: src, amount: lsb });
        return;
    }
    let field = out.temp();
    out.emit(Op::Extract { width, dst: field, src, lsb: 0, len, signed });
    out.emit(Op::ShiftImm { op: Shift::Left, width, dst, a: field, amount: lsb });
}

/// BFM: BFI, BFC and BFXIL.
pub fn insert_field(cx: &mut Cx<'_>) -> Lifted {
    let (width, dst, old, src) = (cx.insn.width(0)?, cx.insn.dst(0)?, cx.insn.src(0)?, cx.insn.src(1)?);
    let (rotate, top) = (cx.insn.small(2)?, cx.insn.small(3)?);
    let bits = width.bits() as u8;
    if rotate >= bits || top >= bits {
        return Err(Gap::Shape);
    }
    let out = cx.begin();
    if dst == SINK {
        return Ok(());
    }
    if top >= rotate {
        let field = out.temp();
        let len = top + 1 - rotate;
        out.emit(Op::Extract { width, dst: field, src, lsb: rotate, len, signed: false });
        out.emit(Op::Deposit { dst, base: old, src: field, lsb: 0, len });
    } else {
        out.emit(Op::Deposit { dst, base: old, src, lsb: bits - rotate, len: top + 1 });
    }
    if width == Width::W32 {
        move_reg(out, width, dst, dst);
    }
    Ok(())
}

/// EXTR: the low part of a register pair from bit `lsb` on; with one register twice, a rotation.
pub fn extract_pair(cx: &mut Cx<'_>) -> Lifted {
    let (width, dst) = (cx.insn.width(0)?, cx.insn.dst(0)?);
    let (high, low, lsb) = (cx.insn.src(1)?, cx.insn.src(2)?, cx.insn.small(3)?);
    if u32::from(lsb) >= width.bits() {
        return Err(Gap::Shape);
    }
    let out = cx.begin();
    if high == low {
        out.emit(Op::ShiftImm { op: Shift::RotateRight, width, dst, a: low, amount: lsb });
    } else if lsb == 0 {
        move_reg(out, width, dst, low);
    } else {
        let (upper, lower) = (out.temp(), out.temp());
        let left = width.bits() as u8 - lsb;
        out.emit(Op::ShiftImm { op: Shift::Left, width, dst: upper, a: high, amount: left });
        out.emit(Op::ShiftImm { op: Shift::Right, width, dst: lower, a: low, amount: lsb });
        out.emit(Op::Or { width, dst, a: upper, b: lower });
    }
    Ok(())
}

/// CLZ, CLS, RBIT, REV, REV16, REV32.
pub fn unary(cx: &mut Cx<'_>) -> Lifted {
    let op = match cx.insn.opcode {
        Opcode::CLZ => Unary::LeadingZeros,
        Opcode::CLS => Unary::LeadingSigns,
        Opcode::RBIT => Unary::ReverseBits,
        Opcode::REV => Unary::SwapBytes,
        Opcode::REV16 => Unary::SwapBytes16,
        Opcode::REV32 => Unary::SwapBytes32,
        _ => return Err(Gap::Opcode),
    };
    let (width, dst, src) = (cx.insn.width(0)?, cx.insn.dst(0)?, cx.insn.src(1)?);
    cx.begin().emit(Op::Unary { op, width, dst, src });
    Ok(())
}
