//! Moves between floating-point registers, general ones, condition flags and the control register.
//!
//! The flags of exceptions in FCSR0 are kept as software wrote them, since operations set none. Rounding modes other than
//! to nearest and enabled traps are not modelled: a program that asks for one is told so when it does.

use rcsim_uop::Reg;
use rcsim_uop::op::{Op, Pred, Width};

use super::Cx;
use crate::loong::decode::{Gap, Lifted};
use crate::loong::machine::BEYOND;
use crate::loong::regs::FCSR;
use crate::loong::table::FloatMove;

const LONG: Width = Width::W64;
/// Flags and causes.
const KEPT: u64 = 0x1f1f_0000;
/// Rounding mode, enabled traps.
const NOT_MODELLED: u64 = 0x0000_031f;

/// Sort by direction.
pub fn lift(cx: &mut Cx<'_>, which: FloatMove) -> Lifted {
    match which {
        FloatMove::Gr2FrW => into_float(cx, 0),
        FloatMove::Gr2FrD => {
            let (dst, src) = (cx.insn.fd(), cx.insn.rj());
            cx.begin().copy(dst, src);
            Ok(())
        }
        FloatMove::Gr2FrhW => into_float(cx, 32),
        FloatMove::Fr2GrS => out_of_float(cx, 0),
        FloatMove::Fr2GrD => {
            let src = cx.insn.fj();
            cx.result(|out, dst| out.copy(dst, src))
        }
        FloatMove::Frh2GrS => out_of_float(cx, 32),
        FloatMove::Fr2Cf => into_flag(cx, cx.insn.fj()),
        FloatMove::Gr2Cf => into_flag(cx, cx.insn.rj()),
        FloatMove::Cf2Fr => {
            let (dst, src) = (cx.insn.fd(), cx.insn.cj());
            cx.begin().copy(dst, src);
            Ok(())
        }
        FloatMove::Cf2Gr => {
            let src = cx.insn.cj();
            cx.result(|out, dst| out.copy(dst, src))
        }
        FloatMove::Gr2Fcsr => write_control(cx),
        FloatMove::Fcsr2Gr => read_control(cx),
    }
}

/// One half of the register; the other stays.
fn into_float(cx: &mut Cx<'_>, lsb: u8) -> Lifted {
    let (dst, src) = (cx.insn.fd(), cx.insn.rj());
    cx.begin().emit(Op::Deposit { dst, base: dst, src, lsb, len: 32 });
    Ok(())
}

/// One half of the register, sign-extended.
fn out_of_float(cx: &mut Cx<'_>, lsb: u8) -> Lifted {
    let src = cx.insn.fj();
    cx.result(|out, dst| out.emit(Op::Extract { width: LONG, dst, src, lsb, len: 32, signed: true }))
}

/// The lowest bit counts.
fn into_flag(cx: &mut Cx<'_>, src: Reg) -> Lifted {
    let dst = cx.insn.cd();
    cx.begin().emit(Op::AndImm { width: LONG, dst, a: src, imm: 1 });
    Ok(())
}

/// MOVFCSR2GR: the whole register; its parts under other numbers are not modelled.
fn read_control(cx: &mut Cx<'_>) -> Lifted {
    if cx.insn.field(5, 2) != 0 {
        return Err(Gap::Shape);
    }
    cx.result(|out, dst| out.copy(dst, FCSR))
}

fn write_control(cx: &mut Cx<'_>) -> Lifted {
    if cx.insn.field(0, 2) != 0 {
        return Err(Gap::Shape);
    }
    let (src, pc, next) = (cx.insn.rj(), cx.insn.pc, cx.insn.next());
    let out = cx.begin();
    let asked = out.temp();
    out.emit(Op::AndImm { width: LONG, dst: asked, a: src, imm: NOT_MODELLED });
    out.emit(Op::AndImm { width: LONG, dst: FCSR, a: src, imm: KEPT });
    out.end(Op::BranchCmpImm { pred: Pred::Ne, width: LONG, a: asked, imm: 0 }, &[pc + BEYOND, next]);
    Ok(())
}
