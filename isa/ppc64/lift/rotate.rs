//! Rotations under a mask (Power ISA 2.07, book I, 3.3.14): shifts by constants, field extraction and insertion are all
//! made of these.

use rcsim_uop::op::{Op, Shift, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use crate::ppc64::decode::{Gap, Lifted};

const W: Width = Width::W64;

/// Ones from bit `from` to bit `to`, counted from the most significant, wrapping around.
const fn mask(from: u8, to: u8) -> u64 {
    let (head, tail) = (u64::MAX >> from, u64::MAX << (63 - to));
    if from <= to { head & tail } else { head | tail }
}

/// Sort by opcode.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.primary() {
        20 => insert_word(cx),
        21 => word(cx),
        23 => word_variable(cx),
        30 => doubleword(cx),
        _ => Err(Gap::Opcode),
    }
}

/// The mask of a word rotation as one of doublewords: a mask that wraps takes in the upper half.
const fn word_mask(cx: &Cx<'_>) -> u64 {
    mask(cx.insn.c() + 32, cx.insn.e() + 32)
}

/// RLWINM.
fn word(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src, left, from, to) = (cx.insn.ra(), cx.insn.rt(), cx.insn.b(), cx.insn.c(), cx.insn.e());
    let mask = word_mask(cx);
    let out = cx.begin();
    if from > to {
        let both = rotated_twice(out, src, left);
        out.emit(Op::AndImm { width: W, dst, a: both, imm: mask });
    } else if left == 0 {
        out.emit(Op::AndImm { width: W, dst, a: src, imm: mask });
    } else if from == 0 && to == 31 - left {
        out.emit(Op::ShiftImm { op: Shift::Left, width: Width::W32, dst, a: src, amount: left });
    } else if to == 31 && 32 - from <= left {
        out.emit(Op::Extract { width: W, dst, src, lsb: 32 - left, len: 32 - from, signed: false });
    } else {
        let value = rotated_word(out, src, left);
        out.emit(Op::AndImm { width: W, dst, a: value, imm: mask });
    }
    cx.record(dst);
    Ok(())
}

/// The low word rotated left, the high word zero.
fn rotated_word(out: &mut BlockBuilder, src: Reg, left: u8) -> Reg {
    let value = out.temp();
    let amount = (32 - left) % 32;
    out.emit(Op::ShiftImm { op: Shift::RotateRight, width: Width::W32, dst: value, a: src, amount });
    value
}

/// The low word rotated left, in both halves.
fn rotated_twice(out: &mut BlockBuilder, src: Reg, left: u8) -> Reg {
    let value = rotated_word(out, src, left);
    out.emit(Op::Deposit { dst: value, base: value, src: value, lsb: 32, len: 32 });
    value
}

/// RLWNM: the count comes from a register.
fn word_variable(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src, count) = (cx.insn.ra(), cx.insn.rt(), cx.insn.rb());
    let mask = word_mask(cx);
    let out = cx.begin();
    let (right, value) = (out.temp(), out.temp());
    out.emit(Op::Sub { width: W, dst: right, a: ZERO, b: count });
    out.emit(Op::Shift { op: Shift::RotateRight, width: Width::W32, dst: value, a: src, b: right });
    out.emit(Op::Deposit { dst: value, base: value, src: value, lsb: 32, len: 32 });
    out.emit(Op::AndImm { width: W, dst, a: value, imm: mask });
    cx.record(dst);
    Ok(())
}

/// RLWIMI.
fn insert_word(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src, left, from, to) = (cx.insn.ra(), cx.insn.rt(), cx.insn.b(), cx.insn.c(), cx.insn.e());
    let mask = word_mask(cx);
    let out = cx.begin();
    if from <= to {
        let lsb = 31 - to;
        // The field's lowest bit comes to bit 0.
        let field = if left == lsb { src } else { rotated_word(out, src, (left + 32 - lsb) % 32) };
        out.emit(Op::Deposit { dst, base: dst, src: field, lsb, len: to - from + 1 });
    } else {
        let value = rotated_twice(out, src, left);
        merge(out, dst, value, mask);
    }
    cx.record(dst);
    Ok(())
}

/// `dst` with the bits of `value` under the mask.
fn merge(out: &mut BlockBuilder, dst: Reg, value: Reg, mask: u64) {
    let kept = out.temp();
    out.emit(Op::AndImm { width: W, dst: value, a: value, imm: mask });
    out.emit(Op::AndImm { width: W, dst: kept, a: dst, imm: !mask });
    out.emit(Op::Or { width: W, dst, a: kept, b: value });
}

/// The doubleword rotations: the count has its sixth bit in bit 1, the mask's end in bit 5.
fn doubleword(cx: &mut Cx<'_>) -> Lifted {
    let left = cx.insn.b() | ((cx.insn.word >> 1 & 1) as u8) << 5;
    let end = cx.insn.c() | ((cx.insn.word >> 5 & 1) as u8) << 5;
    match cx.insn.word >> 2 & 7 {
        0 => clear_left(cx, left, end),
        1 => clear_right(cx, left, end),
        2 => clear_both(cx, left, end),
        3 => insert(cx, left, end),
        4 => variable(cx, end),
        _ => Err(Gap::Opcode),
    }
}

fn rotated(out: &mut BlockBuilder, src: Reg, left: u8) -> Reg {
    if left == 0 {
        return src;
    }
    let value = out.temp();
    out.emit(Op::ShiftImm { op: Shift::RotateRight, width: W, dst: value, a: src, amount: 64 - left });
    value
}

fn under_mask(out: &mut BlockBuilder, dst: Reg, src: Reg, left: u8, mask: u64) {
    if mask == u64::MAX {
        let amount = (64 - left) % 64;
        out.emit(Op::ShiftImm { op: Shift::RotateRight, width: W, dst, a: src, amount });
        return;
    }
    let a = rotated(out, src, left);
    out.emit(Op::AndImm { width: W, dst, a, imm: mask });
}

/// RLDICL: SRDI and field extraction are forms of it.
fn clear_left(cx: &mut Cx<'_>, left: u8, from: u8) -> Lifted {
    let (dst, src) = (cx.insn.ra(), cx.insn.rt());
    let out = cx.begin();
    if left != 0 && 64 - from <= left {
        out.emit(Op::Extract { width: W, dst, src, lsb: 64 - left, len: 64 - from, signed: false });
    } else {
        under_mask(out, dst, src, left, mask(from, 63));
    }
    cx.record(dst);
    Ok(())
}

/// RLDICR: SLDI is a form of it.
fn clear_right(cx: &mut Cx<'_>, left: u8, to: u8) -> Lifted {
    let (dst, src) = (cx.insn.ra(), cx.insn.rt());
    let out = cx.begin();
    if left != 0 && to == 63 - left {
        out.emit(Op::ShiftImm { op: Shift::Left, width: W, dst, a: src, amount: left });
    } else {
        under_mask(out, dst, src, left, mask(0, to));
    }
    cx.record(dst);
    Ok(())
}

/// RLDIC.
fn clear_both(cx: &mut Cx<'_>, left: u8, from: u8) -> Lifted {
    let (dst, src) = (cx.insn.ra(), cx.insn.rt());
    let out = cx.begin();
    under_mask(out, dst, src, left, mask(from, 63 - left));
    cx.record(dst);
    Ok(())
}

/// RLDIMI.
fn insert(cx: &mut Cx<'_>, left: u8, from: u8) -> Lifted {
    let (dst, src) = (cx.insn.ra(), cx.insn.rt());
    let out = cx.begin();
    if from <= 63 - left {
        out.emit(Op::Deposit { dst, base: dst, src, lsb: left, len: 64 - left - from });
    } else {
        let value = out.temp();
        out.emit(Op::ShiftImm { op: Shift::RotateRight, width: W, dst: value, a: src, amount: (64 - left) % 64 });
        merge(out, dst, value, mask(from, 63 - left));
    }
    cx.record(dst);
    Ok(())
}

/// RLDCL and RLDCR: the count comes from a register.
fn variable(cx: &mut Cx<'_>, end: u8) -> Lifted {
    let (dst, src, count) = (cx.insn.ra(), cx.insn.rt(), cx.insn.rb());
    let mask = if cx.insn.word >> 1 & 1 == 0 { mask(end, 63) } else { mask(0, end) };
    let out = cx.begin();
    let (right, value) = (out.temp(), out.temp());
    out.emit(Op::Sub { width: W, dst: right, a: ZERO, b: count });
    out.emit(Op::Shift { op: Shift::RotateRight, width: W, dst: value, a: src, b: right });
    out.emit(Op::AndImm { width: W, dst, a: value, imm: mask });
    cx.record(dst);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_count_from_the_most_significant_bit_and_wrap_around() {
        assert_eq!(mask(0, 63), u64::MAX);
        assert_eq!(mask(63, 63), 1);
        assert_eq!(mask(0, 0), 1 << 63);
        assert_eq!(mask(32, 63), 0xffff_ffff);
        assert_eq!(mask(63, 0), 1 << 63 | 1);
    }
}
