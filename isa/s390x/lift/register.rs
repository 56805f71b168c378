//! Integer instructions on registers: formats RR (two bytes) and RRE, RRF (first byte B9).

use rcsim_uop::Reg;
use rcsim_uop::op::{Op, Unary, Width};

use super::arith::{self, ADD, ADD_LOGICAL, Alu, SUB, SUB_LOGICAL, binary};
use super::divide::{self, Double};
use super::operand::Operand;
use super::{Cx, W32, W64, compare, place, select, shift};
use crate::s390x::decode::{Gap, Lifted};
use crate::s390x::helpers;

/// First bytes 10 to 1F.
pub fn short(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src) = (cx.insn.r(8), cx.insn.r(12));
    let b = Operand::Reg(src);
    match cx.insn.first() {
        0x10 => arith::magnitude(cx, W32, dst, b, false),
        0x11 => arith::magnitude(cx, W32, dst, b, true),
        0x12 => arith::load_and_test(cx, W32, dst, b),
        0x13 => arith::negative(cx, W32, dst, b),
        0x14 => binary(cx, Alu::And, W32, dst, dst, b),
        0x15 => compare::compare(cx, W32, false, dst, b),
        0x16 => binary(cx, Alu::Or, W32, dst, dst, b),
        0x17 => binary(cx, Alu::Xor, W32, dst, dst, b),
        0x18 => load(cx, W32, dst, b),
        0x19 => compare::compare(cx, W32, true, dst, b),
        0x1a => binary(cx, ADD, W32, dst, dst, b),
        0x1b => binary(cx, SUB, W32, dst, dst, b),
        0x1c => divide::multiply(cx, 8, Double::SignedWords, b),
        0x1d => divide::divide_words(cx, 8, helpers::Dividend::SignedWords, b),
        0x1e => binary(cx, ADD_LOGICAL, W32, dst, dst, b),
        _ => binary(cx, SUB_LOGICAL, W32, dst, dst, b),
    }
}

/// A register's value, extended, or its low half.
pub fn load(cx: &mut Cx<'_>, width: Width, dst: Reg, b: Operand) -> Lifted {
    let out = cx.begin();
    if width == W64 {
        b.read_into(out, dst);
    } else {
        let value = b.read(out);
        place(out, width, dst, value);
    }
    Ok(())
}

/// First byte B9: the second byte's row says the width of the operands in most cases.
pub fn long(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src) = (cx.insn.r(24), cx.insn.r(28));
    let second = cx.insn.second();
    match second {
        0x00..=0x0d | 0x20 | 0x21 | 0x80..=0x82 | 0x86..=0x89 => wide(cx, second & 0xf, second, dst, Operand::Reg(src)),
        0x10..=0x1d | 0x30 | 0x31 => {
            let signed = !matches!(second, 0x16 | 0x1a | 0x1b | 0x31);
            wide(cx, second & 0xf, second, dst, Operand::word(src, signed))
        }
        0x0f | 0x1f => swap_bytes(cx, second == 0x0f, dst, src),
        0x26 | 0x27 | 0x94 | 0x95 => low(cx, W32, second, dst, src),
        0x84 | 0x85 => low(cx, W64, second, dst, src),
        0x96 => divide::multiply(cx, 24, Double::Words, Operand::Reg(src)),
        0x97 => divide::divide_words(cx, 24, helpers::Dividend::Words, Operand::Reg(src)),
        0x98 => arith::add_with_carry(cx, W32, dst, Operand::Reg(src)),
        0x99 => arith::subtract_with_borrow(cx, W32, dst, Operand::Reg(src)),
        0x83 => shift::leftmost_one(cx),
        0x46 => super::branch::count_to_register(cx, W64, 24, 28),
        0xe1 => count_ones(cx, dst, src),
        0xe2 | 0xf2 => select::load(cx, dst, Operand::Reg(src), 16),
        0xe4..=0xfb => three(cx, dst, src, cx.insn.r(16)),
        0x28..=0x2f | 0x1e | 0x3a..=0x3f => Err(Gap::Feature("MSA")),
        _ => Err(Gap::Opcode),
    }
}

/// 64-bit operations, by the lower half of the second byte; rows 0 and 1 are full registers and low halves, row 2 and 3
/// comparisons, row 8 logic and long arithmetic.
fn wide(cx: &mut Cx<'_>, column: u8, second: u8, dst: Reg, b: Operand) -> Lifted {
    match (second >> 4, column) {
        (0 | 1, 0) => arith::magnitude(cx, W64, dst, b, false),
        (0 | 1, 1) => arith::magnitude(cx, W64, dst, b, true),
        (0 | 1, 2) => arith::load_and_test(cx, W64, dst, b),
        (0 | 1, 3) => arith::negative(cx, W64, dst, b),
        (0 | 1, 4) | (1, 6) => load(cx, W64, dst, b),
        (0, 6) => low(cx, W64, second, dst, cx.insn.r(28)),
        (0, 7) => low(cx, W64, second, dst, cx.insn.r(28)),
        (1, 7) => low_31(cx, dst, cx.insn.r(28)),
        (0 | 1, 8) => binary(cx, ADD, W64, dst, dst, b),
        (0 | 1, 9) => binary(cx, SUB, W64, dst, dst, b),
        (0 | 1, 10) => binary(cx, ADD_LOGICAL, W64, dst, dst, b),
        (0 | 1, 11) => binary(cx, SUB_LOGICAL, W64, dst, dst, b),
        (0 | 1, 12) => divide::multiply_single(cx, W64, dst, b),
        (0 | 1, 13) => divide::divide_single(cx, 24, b),
        (2 | 3, 0) => compare::compare(cx, W64, true, dst, b),
        (2 | 3, 1) => compare::compare(cx, W64, false, dst, b),
        (8, 0) => binary(cx, Alu::And, W64, dst, dst, b),
        (8, 1) => binary(cx, Alu::Or, W64, dst, dst, b),
        (8, 2) => binary(cx, Alu::Xor, W64, dst, dst, b),
        (8, 6) => divide::multiply(cx, 24, Double::Doublewords, b),
        (8, 7) => divide::divide_doublewords(cx, 24, b),
        (8, 8) => arith::add_with_carry(cx, W64, dst, b),
        (8, 9) => arith::subtract_with_borrow(cx, W64, dst, b),
        _ => Err(Gap::Opcode),
    }
}

/// LGBR, LGHR, LBR, LHR, LLGCR, LLGHR, LLCR, LLHR: a byte or halfword, extended.
fn low(cx: &mut Cx<'_>, width: Width, second: u8, dst: Reg, src: Reg) -> Lifted {
    let is_byte = matches!(second, 0x06 | 0x26 | 0x84 | 0x94);
    let signed = second < 0x80;
    load(cx, width, dst, Operand::Low { reg: src, bits: if is_byte { 8 } else { 16 }, signed })
}

/// LLGTR.
fn low_31(cx: &mut Cx<'_>, dst: Reg, src: Reg) -> Lifted {
    load(cx, W64, dst, Operand::Low { reg: src, bits: 31, signed: false })
}

/// LRVGR and LRVR.
fn swap_bytes(cx: &mut Cx<'_>, is_wide: bool, dst: Reg, src: Reg) -> Lifted {
    let width = if is_wide { W64 } else { W32 };
    let out = cx.begin();
    let swapped = out.temp();
    out.emit(Op::Unary { op: Unary::SwapBytes, width, dst: swapped, src });
    place(out, width, dst, swapped);
    Ok(())
}

/// POPCNT: of each byte, or of the whole where the mask says so.
fn count_ones(cx: &mut Cx<'_>, dst: Reg, src: Reg) -> Lifted {
    let whole = cx.insn.four(16) & 8 != 0;
    let out = cx.begin();
    if whole {
        out.emit(Op::Unary { op: Unary::CountOnes, width: W64, dst, src });
    } else {
        out.emit(helpers::call(helpers::COUNT_BYTES, dst, src, rcsim_uop::reg::ZERO, 0));
    }
    arith::logic_code(out, W64, dst);
    Ok(())
}

/// Three registers: `r1 = r2 op r3`. Row E is of 64 bits, row F of 32.
fn three(cx: &mut Cx<'_>, dst: Reg, a: Reg, b: Reg) -> Lifted {
    let (width, b) = (if cx.insn.second() < 0xf0 { W64 } else { W32 }, Operand::Reg(b));
    let op = match cx.insn.second() & 0xf {
        4 => Alu::And,
        6 => Alu::Or,
        7 => Alu::Xor,
        8 => ADD,
        9 => SUB,
        10 => ADD_LOGICAL,
        11 => SUB_LOGICAL,
        _ => return Err(Gap::Opcode),
    };
    binary(cx, op, width, dst, a, b)
}

