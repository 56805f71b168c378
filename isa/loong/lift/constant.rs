//! Parts of constants, and sums with the address of the instruction.

use rcsim_uop::op::{Op, Width};
use rcsim_uop::reg::ZERO;

use super::Cx;
use crate::loong::decode::Lifted;
use crate::loong::table::PcAdd;

const LONG: Width = Width::W64;
/// What LU52I.D leaves of its operand.
const BELOW_52: u64 = (1 << 52) - 1;
/// What LU32I.D leaves of its register.
const BELOW_32: u64 = (1 << 32) - 1;

/// ADDU16I.D.
pub fn add_upper_16(cx: &mut Cx<'_>) -> Lifted {
    let (a, imm) = (cx.insn.rj(), i64::from(cx.insn.si16()) << 16);
    cx.result(|out, dst| out.add_imm(LONG, dst, a, imm))
}

/// LU12I.W.
pub fn load_upper_12(cx: &mut Cx<'_>) -> Lifted {
    let value = (cx.insn.si20() << 12) as u64;
    cx.result(|out, dst| out.constant(dst, value))
}

/// LU32I.D: the lower half stays.
pub fn load_upper_32(cx: &mut Cx<'_>) -> Lifted {
    let upper = (i64::from(cx.insn.si20()) << 32) as u64;
    cx.result(|out, dst| {
        out.emit(Op::AndImm { width: LONG, dst, a: dst, imm: BELOW_32 });
        out.emit(Op::OrImm { width: LONG, dst, a: dst, imm: upper });
    })
}

/// LU52I.D: the upper twelve bits above the lower ones of the operand.
pub fn load_upper_52(cx: &mut Cx<'_>) -> Lifted {
    let (a, upper) = (cx.insn.rj(), (i64::from(cx.insn.si12()) << 52) as u64);
    cx.result(|out, dst| {
        if a == ZERO {
            out.constant(dst, upper);
        } else {
            out.emit(Op::AndImm { width: LONG, dst, a, imm: BELOW_52 });
            out.emit(Op::OrImm { width: LONG, dst, a: dst, imm: upper });
        }
    })
}

/// PCADDI and its kin.
pub fn add_to_pc(cx: &mut Cx<'_>, how: PcAdd) -> Lifted {
    const IN_PAGE: u64 = 0xfff;
    let (pc, imm) = (cx.insn.pc, i64::from(cx.insn.si20()));
    let plus = |shift: u32| pc.wrapping_add((imm << shift) as u64);
    let value = match how {
        PcAdd::Words => plus(2),
        PcAdd::Pages => plus(12),
        PcAdd::Page => plus(12) & !IN_PAGE,
        PcAdd::Far => plus(18),
    };
    cx.result(|out, dst| out.constant(dst, value))
}
