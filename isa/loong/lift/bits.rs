//! Bits and bytes: counts, other orders, fields, checksums.

use rcsim_uop::op::{Logic, Op, Shift, Unary, Width};
use rcsim_uop::reg::ZERO;

use super::Cx;
use crate::loong::decode::{Gap, Lifted};
use crate::loong::helpers;
use crate::loong::table::Reverse;

const LONG: Width = Width::W64;

/// CLO, CLZ, CTO, CTZ: ones are counted as the zeros of the inverse.
pub fn count(cx: &mut Cx<'_>, ones: bool, leading: bool, width: Width) -> Lifted {
    let src = cx.insn.rj();
    let op = if leading { Unary::LeadingZeros } else { Unary::TrailingZeros };
    cx.result(|out, dst| {
        let mut counted = src;
        if ones {
            counted = out.temp();
            out.emit(Op::Logic { op: Logic::Nor, width, dst: counted, a: src, b: ZERO });
        }
        out.emit(Op::Unary { op, width, dst, src: counted });
    })
}

/// REVB, REVH, BITREV: one or two reversals make any.
pub fn reverse(cx: &mut Cx<'_>, what: Reverse, width: Width) -> Lifted {
    let src = cx.insn.rj();
    let (first, second) = match what {
        Reverse::BytesOfHalfwords => (Unary::SwapBytes16, None),
        Reverse::BytesOfWords => (Unary::SwapBytes32, None),
        Reverse::Bytes => (Unary::SwapBytes, None),
        Reverse::HalfwordsOfWords => (Unary::SwapBytes32, Some(Unary::SwapBytes16)),
        Reverse::Halfwords => (Unary::SwapBytes, Some(Unary::SwapBytes16)),
        Reverse::BitsOfBytes => (Unary::ReverseBits, Some(Unary::SwapBytes)),
        Reverse::Bits => (Unary::ReverseBits, None),
    };
    cx.result(|out, dst| {
        out.emit(Op::Unary { op: first, width, dst, src });
        if let Some(op) = second {
            out.emit(Op::Unary { op, width, dst, src: dst });
        }
    })
}

/// EXT.W.B and EXT.W.H.
pub fn extend(cx: &mut Cx<'_>, len: u8) -> Lifted {
    let src = cx.insn.rj();
    cx.result(|out, dst| out.emit(Op::Extract { width: LONG, dst, src, lsb: 0, len, signed: true }))
}

/// Lowest bit and length of a field; the highest bit must not be below the lowest.
fn field_of(cx: &Cx<'_>, width: Width) -> Lifted<(u8, u8)> {
    let len = if width == LONG { 6 } else { 5 };
    let (highest, lowest) = (cx.insn.field(16, len), cx.insn.field(10, len));
    if highest < lowest { Err(Gap::Shape) } else { Ok((lowest, highest - lowest + 1)) }
}

/// BSTRINS: the low bits of the operand go into a field of the result register.
pub fn insert(cx: &mut Cx<'_>, width: Width) -> Lifted {
    let (lsb, len) = field_of(cx, width)?;
    let (base, src) = (cx.insn.rd(), cx.insn.rj());
    cx.result(|out, dst| {
        if width == LONG {
            out.emit(Op::Deposit { dst, base, src, lsb, len });
            return;
        }
        let word = out.temp();
        out.emit(Op::Deposit { dst: word, base, src, lsb, len });
        out.emit(Op::Extract { width, dst, src: word, lsb: 0, len: 32, signed: true });
    })
}

/// BSTRPICK: a field, zero-extended; a word is then sign-extended.
pub fn extract(cx: &mut Cx<'_>, width: Width) -> Lifted {
    let (lsb, len) = field_of(cx, width)?;
    let src = cx.insn.rj();
    cx.result(|out, dst| out.emit(Op::Extract { width, dst, src, lsb, len, signed: false }))
}

/// BYTEPICK: of both operands side by side, the second above the first, as many bytes as one has: the lowest are the
/// highest of the first, so many as the constant says.
pub fn byte_pick(cx: &mut Cx<'_>, width: Width) -> Lifted {
    let bits = width.bits() as u8;
    let from_low = 8 * cx.insn.field(15, if width == LONG { 3 } else { 2 });
    let (low, high) = (cx.insn.rj(), cx.insn.rk());
    cx.result(|out, dst| {
        if from_low == 0 {
            out.emit(Op::Extract { width, dst, src: high, lsb: 0, len: bits, signed: true });
            return;
        }
        let (above, below) = (out.temp(), out.temp());
        out.emit(Op::ShiftImm { op: Shift::Left, width, dst: above, a: high, amount: from_low });
        out.emit(Op::ShiftImm { op: Shift::Right, width, dst: below, a: low, amount: bits - from_low });
        out.emit(Op::Or { width, dst, a: above, b: below });
    })
}

/// CRC and CRCC.
pub fn crc(cx: &mut Cx<'_>, bits: u8, castagnoli: bool) -> Lifted {
    let (data, sum) = (cx.insn.rj(), cx.insn.rk());
    cx.result(|out, dst| out.emit(helpers::crc(dst, data, sum, bits, castagnoli)))
}
