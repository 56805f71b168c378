//! Immediates that go into part of a register: IIHH, NILL, OILH, LLIHL, and the forms with 32 bits.

use rcsim_uop::op::Op;

use super::arith::Alu;
use super::{Cx, immediate};
use crate::s390x::decode::{Gap, Lifted};

/// First byte A5: rows of four, from the leftmost halfword to the rightmost: insert, and, or, load with zeros.
pub fn halfwords(cx: &mut Cx<'_>) -> Lifted {
    let extension = cx.insn.extension();
    let lsb = 48 - 16 * (extension & 3);
    let imm = cx.insn.field(16, 16);
    match extension >> 2 {
        0 => insert(cx, imm, lsb, 16),
        1 => immediate::logic(cx, Alu::And, imm, lsb, 16),
        2 => immediate::logic(cx, Alu::Or, imm, lsb, 16),
        _ => load(cx, imm << lsb),
    }
}

/// First byte C0: XIHF, XILF, IIHF, IILF, NIHF, NILF, OIHF, OILF, LLIHF, LLILF.
pub fn words(cx: &mut Cx<'_>) -> Lifted {
    let extension = cx.insn.extension();
    let lsb = if extension & 1 == 0 { 32 } else { 0 };
    let imm = cx.insn.field(16, 32);
    match extension >> 1 {
        3 => immediate::logic(cx, Alu::Xor, imm, lsb, 32),
        4 => insert(cx, imm, lsb, 32),
        5 => immediate::logic(cx, Alu::And, imm, lsb, 32),
        6 => immediate::logic(cx, Alu::Or, imm, lsb, 32),
        7 => load(cx, imm << lsb),
        _ => Err(Gap::Opcode),
    }
}

fn insert(cx: &mut Cx<'_>, imm: u64, lsb: u8, len: u8) -> Lifted {
    let dst = cx.insn.r(8);
    let out = cx.begin();
    let value = out.temp();
    out.constant(value, imm);
    out.emit(Op::Deposit { dst, base: dst, src: value, lsb, len });
    Ok(())
}

fn load(cx: &mut Cx<'_>, value: u64) -> Lifted {
    let dst = cx.insn.r(8);
    cx.emit([Op::Const { dst, value }])
}
