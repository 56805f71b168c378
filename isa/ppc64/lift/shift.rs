//! Shifts: counts have one bit more than the width needs, and signed right shifts set XER's carry when ones are lost from
//! a negative value.

use rcsim_uop::op::{Op, Pred, Shift, Width};
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use crate::ppc64::decode::Lifted;
use crate::ppc64::regs::CA;

/// Bits of the count.
const fn count_bits(width: Width) -> u8 {
    match width {
        Width::W64 => 7,
        _ => 6,
    }
}

/// SLW, SLD, SRW, SRD.
pub fn far(cx: &mut Cx<'_>, op: Shift, width: Width) -> Lifted {
    let (dst, a, b) = (cx.insn.ra(), cx.insn.rt(), cx.insn.rb());
    let count_bits = count_bits(width);
    cx.emit_recorded(dst, [Op::ShiftFar { op, width, dst, a, b, count_bits }])
}

/// SRAW and SRAD.
pub fn far_signed(cx: &mut Cx<'_>, width: Width) -> Lifted {
    let (dst, a, b) = (cx.insn.ra(), cx.insn.rt(), cx.insn.rb());
    let count_bits = count_bits(width);
    let out = cx.begin();
    let (shifted, back) = (out.temp(), out.temp());
    out.emit(Op::ShiftFar { op: Shift::RightSigned, width, dst: shifted, a, b, count_bits });
    out.emit(Op::ShiftFar { op: Shift::Left, width, dst: back, a: shifted, b, count_bits });
    carry(out, width, a, back);
    out.copy(dst, shifted);
    cx.record(dst);
    Ok(())
}

/// Carry: the value is negative, and shifting back does not restore it.
fn carry(out: &mut BlockBuilder, width: Width, value: Reg, back: Reg) {
    let (lost, negative) = (out.temp(), out.temp());
    out.emit(Op::SetCmp { pred: Pred::Ne, width, dst: lost, a: back, b: value });
    out.emit(Op::SetCmpImm { pred: Pred::LtS, width, dst: negative, a: value, imm: 0 });
    out.emit(Op::And { width: Width::W64, dst: CA, a: lost, b: negative });
}

/// SRAWI.
pub fn srawi(cx: &mut Cx<'_>) -> Lifted {
    let amount = cx.insn.b();
    by_constant(cx, Width::S32, amount)
}

/// SRADI, whose count is split.
pub fn sradi(cx: &mut Cx<'_>) -> Lifted {
    let amount = cx.insn.b() | ((cx.insn.word >> 1 & 1) as u8) << 5;
    by_constant(cx, Width::W64, amount)
}

fn by_constant(cx: &mut Cx<'_>, width: Width, amount: u8) -> Lifted {
    let (dst, a) = (cx.insn.ra(), cx.insn.rt());
    let out = cx.begin();
    if amount == 0 {
        out.constant(CA, 0);
    } else {
        let (lost, negative) = (out.temp(), out.temp());
        out.emit(Op::AndImm { width: Width::W64, dst: lost, a, imm: (1 << amount) - 1 });
        out.emit(Op::SetCmpImm { pred: Pred::Ne, width: Width::W64, dst: lost, a: lost, imm: 0 });
        out.emit(Op::SetCmpImm { pred: Pred::LtS, width, dst: negative, a, imm: 0 });
        out.emit(Op::And { width: Width::W64, dst: CA, a: lost, b: negative });
    }
    out.emit(Op::ShiftImm { op: Shift::RightSigned, width, dst, a, amount });
    cx.record(dst);
    Ok(())
}
