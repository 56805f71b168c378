//! Operations with an immediate: formats RI (first byte A7) and RIL (C0, C2), and branches relative to the instruction.

use rcsim_uop::op::{Op, Width};

use super::arith::{self, ADD, ADD_LOGICAL, Alu, SUB_LOGICAL, binary};
use super::operand::Operand;
use super::{Cx, W32, W64, branch, compare, divide, insert, place};
use crate::s390x::decode::{Gap, Lifted};
use crate::s390x::helpers;
use crate::s390x::regs::CC;

/// First byte A7.
pub fn halfword(cx: &mut Cx<'_>) -> Lifted {
    let r = cx.insn.r(8);
    let imm = Operand::Imm(cx.insn.signed(16, 16));
    let target = cx.insn.relative(16, 16);
    match cx.insn.extension() {
        0x0 => test_under_mask(cx, 16),
        0x1 => test_under_mask(cx, 0),
        0x2 => test_under_mask(cx, 48),
        0x3 => test_under_mask(cx, 32),
        0x4 => branch::relative(cx, target),
        0x5 => branch::call_relative(cx, target),
        0x6 => branch::count_relative(cx, W32, target),
        0x7 => branch::count_relative(cx, W64, target),
        0x8 => load(cx, W32),
        0x9 => load(cx, W64),
        0xa => binary(cx, ADD, W32, r, r, imm),
        0xb => binary(cx, ADD, W64, r, r, imm),
        0xc => divide::multiply_single(cx, W32, r, imm),
        0xd => divide::multiply_single(cx, W64, r, imm),
        0xe => compare::compare(cx, W32, true, r, imm),
        _ => compare::compare(cx, W64, true, r, imm),
    }
}

/// LHI and LGHI.
fn load(cx: &mut Cx<'_>, width: Width) -> Lifted {
    let (dst, imm) = (cx.insn.r(8), Operand::Imm(cx.insn.signed(16, 16)));
    let out = cx.begin();
    if width == W64 {
        imm.read_into(out, dst);
    } else {
        let value = imm.read(out);
        place(out, width, dst, value);
    }
    Ok(())
}

/// TMLL, TMLH, TMHL, TMHH: test the sixteen bits from bit `lsb` counted from the right.
fn test_under_mask(cx: &mut Cx<'_>, lsb: u8) -> Lifted {
    let (src, mask) = (cx.insn.r(8), cx.insn.field(16, 16) as u32);
    let out = cx.begin();
    let part = out.temp();
    out.emit(Op::Extract { width: W64, dst: part, src, lsb, len: 16, signed: false });
    out.emit(helpers::call(helpers::TEST_CODE, CC, part, rcsim_uop::reg::ZERO, mask));
    Ok(())
}

/// First bytes C0 and C2.
pub fn word(cx: &mut Cx<'_>) -> Lifted {
    let (r, signed, bits) = (cx.insn.r(8), cx.insn.signed(16, 32), cx.insn.field(16, 32));
    let (imm, unsigned) = (Operand::Imm(signed), Operand::Imm(bits as i64));
    match (cx.insn.first(), cx.insn.extension()) {
        (0xc0, 0x0) => {
            let value = cx.insn.relative(16, 32);
            cx.emit([Op::Const { dst: r, value }])
        }
        (0xc0, 0x1) => cx.emit([Op::Const { dst: r, value: signed as u64 }]),
        (0xc0, 0x4) => branch::relative(cx, cx.insn.relative(16, 32)),
        (0xc0, 0x5) => branch::call_relative(cx, cx.insn.relative(16, 32)),
        (0xc0, _) => insert::words(cx),
        (0xc2, 0x0) => divide::multiply_single(cx, W64, r, imm),
        (0xc2, 0x1) => divide::multiply_single(cx, W32, r, imm),
        (0xc2, 0x4) => binary(cx, SUB_LOGICAL, W64, r, r, unsigned),
        (0xc2, 0x5) => binary(cx, SUB_LOGICAL, W32, r, r, unsigned),
        (0xc2, 0x8) => binary(cx, ADD, W64, r, r, imm),
        (0xc2, 0x9) => binary(cx, ADD, W32, r, r, imm),
        (0xc2, 0xa) => binary(cx, ADD_LOGICAL, W64, r, r, unsigned),
        (0xc2, 0xb) => binary(cx, ADD_LOGICAL, W32, r, r, unsigned),
        (0xc2, 0xc) => compare::compare(cx, W64, true, r, imm),
        (0xc2, 0xd) => compare::compare(cx, W32, true, r, imm),
        (0xc2, 0xe) => compare::compare(cx, W64, false, r, unsigned),
        (0xc2, 0xf) => compare::compare(cx, W32, false, r, unsigned),
        _ => Err(Gap::Opcode),
    }
}

/// The operation of NIHF, OILL and kin: on some bits of a register, with the code of those bits alone.
pub fn logic(cx: &mut Cx<'_>, op: Alu, imm: u64, lsb: u8, len: u8) -> Lifted {
    let dst = cx.insn.r(8);
    let mask = (u64::MAX >> (64 - len)) << lsb;
    let imm = imm << lsb;
    let out = cx.begin();
    out.emit(match op {
        Alu::And => Op::AndImm { width: W64, dst, a: dst, imm: imm | !mask },
        Alu::Or => Op::OrImm { width: W64, dst, a: dst, imm },
        _ => Op::XorImm { width: W64, dst, a: dst, imm },
    });
    let part = if (lsb, len) == (0, 32) {
        dst
    } else {
        let part = out.temp();
        out.emit(Op::Extract { width: W64, dst: part, src: dst, lsb, len, signed: false });
        part
    };
    arith::logic_code(out, W32, part);
    Ok(())
}
