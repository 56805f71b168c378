//! Shifts by an amount that an address gives: its low six bits; and FLOGR.

use rcsim_uop::op::{Mem, Op, Shift, Unary, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::{Cx, W32, W64, order, place};
use crate::s390x::decode::{Gap, Lifted};
use crate::s390x::regs::CC;

/// Bits of an amount.
const AMOUNT_BITS: u8 = 6;

/// First bytes 88 to 8F. Left arithmetic shifts tell an overflow, which Go never asks for.
pub fn short(cx: &mut Cx<'_>) -> Lifted {
    let (r, amount) = (cx.insn.r(8), cx.insn.base(16));
    match cx.insn.first() {
        0x88 => shift(cx, Shift::Right, W32, r, r, amount),
        0x89 => shift(cx, Shift::Left, W32, r, r, amount),
        0x8a => shift(cx, Shift::RightSigned, W32, r, r, amount),
        _ => Err(Gap::Opcode),
    }
}

/// First byte EB: SRAG, SRLG, SLLG, RLLG, RLL, SRAK, SRLK, SLLK.
pub fn long(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src, amount) = (cx.insn.r(8), cx.insn.r(12), cx.insn.base_long());
    match cx.insn.last() {
        0x0a => shift(cx, Shift::RightSigned, W64, dst, src, amount),
        0x0c => shift(cx, Shift::Right, W64, dst, src, amount),
        0x0d => shift(cx, Shift::Left, W64, dst, src, amount),
        0x1c => rotate(cx, W64, dst, src, amount),
        0x1d => rotate(cx, W32, dst, src, amount),
        0xdc => shift(cx, Shift::RightSigned, W32, dst, src, amount),
        0xde => shift(cx, Shift::Right, W32, dst, src, amount),
        0xdf => shift(cx, Shift::Left, W32, dst, src, amount),
        _ => Err(Gap::Opcode),
    }
}

/// The register that holds the amount in its low bits.
fn amount_register(out: &mut BlockBuilder, amount: Mem) -> Reg {
    if amount.disp & 63 == 0 {
        return amount.base;
    }
    let sum = out.temp();
    out.emit(Op::AddImm { width: W64, dst: sum, a: amount.base, imm: i64::from(amount.disp) });
    sum
}

fn shift(cx: &mut Cx<'_>, op: Shift, width: Width, dst: Reg, src: Reg, amount: Mem) -> Lifted {
    let out = cx.begin();
    let result = if width == W64 { dst } else { out.temp() };
    if amount.base == ZERO {
        by_constant(out, op, width, result, src, amount.disp as u8 & 63);
    } else {
        let b = amount_register(out, amount);
        out.emit(Op::ShiftFar { op, width, dst: result, a: src, b, count_bits: AMOUNT_BITS });
    }
    if width != W64 {
        place(out, width, dst, result);
    }
    if op == Shift::RightSigned {
        out.emit(order(width, true, dst, ZERO));
    }
    Ok(())
}

fn by_constant(out: &mut BlockBuilder, op: Shift, width: Width, dst: Reg, a: Reg, amount: u8) {
    let widest = width.bits() as u8 - 1;
    match op {
        _ if amount == 0 && width == W64 => out.copy(dst, a),
        Shift::RightSigned => out.emit(Op::ShiftImm { op, width, dst, a, amount: amount.min(widest) }),
        _ if amount > widest => out.constant(dst, 0),
        _ => out.emit(Op::ShiftImm { op, width, dst, a, amount }),
    }
}

/// RLLG and RLL: left is right the other way round.
fn rotate(cx: &mut Cx<'_>, width: Width, dst: Reg, src: Reg, amount: Mem) -> Lifted {
    let op = Shift::RotateRight;
    let out = cx.begin();
    let result = if width == W64 { dst } else { out.temp() };
    if amount.base == ZERO {
        let bits = width.bits() as u8;
        let right = (bits - (amount.disp as u8 & (bits - 1))) & (bits - 1);
        out.emit(Op::ShiftImm { op, width, dst: result, a: src, amount: right });
    } else {
        let b = amount_register(out, amount);
        let right = out.temp();
        out.emit(Op::Sub { width: W64, dst: right, a: ZERO, b });
        out.emit(Op::Shift { op, width, dst: result, a: src, b: right });
    }
    if width != W64 {
        place(out, width, dst, result);
    }
    Ok(())
}

/// FLOGR: the number of the leftmost one, 64 for none; the odd register gets the operand without it.
pub fn leftmost_one(cx: &mut Cx<'_>) -> Lifted {
    let (even, odd) = cx.insn.pair(24)?;
    let src = cx.insn.r(28);
    let out = cx.begin();
    let (count, one, rest) = (out.temp(), out.temp(), out.temp());
    out.emit(Op::Unary { op: Unary::LeadingZeros, width: W64, dst: count, src });
    out.constant(one, 1 << 63);
    out.emit(Op::ShiftFar { op: Shift::Right, width: W64, dst: one, a: one, b: count, count_bits: 7 });
    out.emit(Op::Compare3 { width: W64, signed: false, dst: CC, a: src, b: ZERO, less: 2, equal: 0, greater: 2 });
    out.emit(Op::AndNot { width: W64, dst: rest, a: src, b: one });
    out.copy(even, count);
    out.copy(odd, rest);
    Ok(())
}
