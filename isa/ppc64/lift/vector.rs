//! Vector instructions (primary opcode 4) on registers.
//!
//! The manual numbers elements from the most significant end; the micro-ops number lanes from the other. Operations lane
//! by lane do not care.

use rcsim_uop::op::{Lane, Op, Pred, VecAlu, Width};
use rcsim_uop::reg::ZERO;

use super::Cx;
use crate::ppc64::decode::{Gap, Lifted};
use crate::ppc64::helpers;
use crate::ppc64::regs::{cr, v};

/// Sort by extended opcode: six bits with three operands, eleven with two; comparisons have ten.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.word & 0x3f {
        43 => return helper(cx, helpers::PERMUTE),
        44 => return shift_bytes(cx),
        _ => {}
    }
    if let Some((op, lane)) = comparison(cx.insn.word & 0x3ff) {
        return compare(cx, op, lane);
    }
    let operation = cx.insn.word & 0x7ff;
    if let Some((op, lane)) = lanewise(operation) {
        return binary(cx, op, lane);
    }
    match operation {
        1284 => inverted(cx),
        524 => splat(cx, Lane::B8),
        588 => splat(cx, Lane::B16),
        652 => splat(cx, Lane::B32),
        780 => splat_constant(cx, Lane::B8),
        844 => splat_constant(cx, Lane::B16),
        908 => splat_constant(cx, Lane::B32),
        _ => Err(Gap::Opcode),
    }
}

/// Operations that are one micro-op.
const fn lanewise(operation: u32) -> Option<(VecAlu, Lane)> {
    Some(match operation {
        0 => (VecAlu::Add, Lane::B8),
        64 => (VecAlu::Add, Lane::B16),
        128 => (VecAlu::Add, Lane::B32),
        192 => (VecAlu::Add, Lane::B64),
        1024 => (VecAlu::Sub, Lane::B8),
        1088 => (VecAlu::Sub, Lane::B16),
        1152 => (VecAlu::Sub, Lane::B32),
        1216 => (VecAlu::Sub, Lane::B64),
        137 => (VecAlu::Mul, Lane::B32),
        1028 => (VecAlu::And, Lane::B64),
        1092 => (VecAlu::AndNot, Lane::B64),
        1156 => (VecAlu::Or, Lane::B64),
        1220 => (VecAlu::Xor, Lane::B64),
        1348 => (VecAlu::OrNot, Lane::B64),
        2 => (VecAlu::MaxU, Lane::B8),
        514 => (VecAlu::MinU, Lane::B8),
        _ => return None,
    })
}

/// Comparisons by the low ten bits; equal ones and greater ones.
const fn comparison(operation: u32) -> Option<(VecAlu, Lane)> {
    Some(match operation {
        6 => (VecAlu::Eq, Lane::B8),
        70 => (VecAlu::Eq, Lane::B16),
        134 => (VecAlu::Eq, Lane::B32),
        199 => (VecAlu::Eq, Lane::B64),
        518 => (VecAlu::GtU, Lane::B8),
        582 => (VecAlu::GtU, Lane::B16),
        646 => (VecAlu::GtU, Lane::B32),
        711 => (VecAlu::GtU, Lane::B64),
        774 => (VecAlu::GtS, Lane::B8),
        838 => (VecAlu::GtS, Lane::B16),
        902 => (VecAlu::GtS, Lane::B32),
        967 => (VecAlu::GtS, Lane::B64),
        _ => return None,
    })
}

fn binary(cx: &mut Cx<'_>, op: VecAlu, lane: Lane) -> Lifted {
    let (dst, a, b) = (v(cx.insn.t()), v(cx.insn.a()), v(cx.insn.b()));
    cx.emit([Op::VecAlu { op, lane, words: 2, dst, a, b }])
}

/// VCMPxx, which may record in field 6 whether all lanes hold, or none.
fn compare(cx: &mut Cx<'_>, op: VecAlu, lane: Lane) -> Lifted {
    const ALL: u8 = 3;
    let dst = v(cx.insn.t());
    let records = cx.insn.word >> 10 & 1 != 0;
    binary(cx, op, lane)?;
    if records {
        let (all, any) = (cx.out.temp(), cx.out.temp());
        let width = Width::W64;
        cx.out.emit(Op::And { width, dst: all, a: dst, b: dst.plus(1) });
        cx.out.emit(Op::SetCmpImm { pred: Pred::Eq, width, dst: all, a: all, imm: -1 });
        cx.out.emit(Op::Or { width, dst: any, a: dst, b: dst.plus(1) });
        cx.out.emit(Op::SetCmpImm { pred: Pred::Eq, width, dst: any, a: any, imm: 0 });
        cx.out.emit(Op::Lea { width, dst: any, mem: rcsim_uop::op::Mem::indexed(any, any, 0, 0) });
        cx.out.emit(Op::Lea { width, dst: cr(6), mem: rcsim_uop::op::Mem::indexed(any, all, ALL, 0) });
    }
    Ok(())
}

/// VNOR.
fn inverted(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, b) = (v(cx.insn.t()), v(cx.insn.a()), v(cx.insn.b()));
    let half = |n| Op::Logic {
        op: rcsim_uop::op::Logic::Nor,
        width: Width::W64,
        dst: dst.plus(n),
        a: a.plus(n),
        b: b.plus(n),
    };
    cx.emit([half(0), half(1)])
}

/// VSPLTB, VSPLTH, VSPLTW: the element's number counts from the most significant.
fn splat(cx: &mut Cx<'_>, lane: Lane) -> Lifted {
    let (dst, src) = (v(cx.insn.t()), v(cx.insn.b()));
    let bits = lane.bits() as u8;
    let lanes = 128 / bits;
    let from_low = lanes - 1 - cx.insn.a() % lanes;
    let at = u32::from(from_low) * u32::from(bits);
    let (slot, lsb) = (src.plus((at / 64) as u8), (at % 64) as u8);
    let out = cx.begin();
    let value = out.temp();
    out.emit(Op::Extract { width: Width::W64, dst: value, src: slot, lsb, len: bits, signed: false });
    out.emit(Op::VecSplat { lane, words: 2, dst, src: value });
    Ok(())
}

/// VSPLTISB, VSPLTISH, VSPLTISW: a signed constant of five bits.
fn splat_constant(cx: &mut Cx<'_>, lane: Lane) -> Lifted {
    let (dst, value) = (v(cx.insn.t()), ((cx.insn.a() as i8) << 3 >> 3) as i64);
    if value == 0 {
        return cx.emit([Op::VecZero { words: 2, dst }]);
    }
    let out = cx.begin();
    let src = super::immediate::constant(out, value as u64);
    out.emit(Op::VecSplat { lane, words: 2, dst, src });
    Ok(())
}

/// A helper of three vectors.
fn helper(cx: &mut Cx<'_>, id: u16) -> Lifted {
    let (dst, a, b, c) = (v(cx.insn.t()), v(cx.insn.a()), v(cx.insn.b()), v(cx.insn.c()));
    cx.emit([helpers::vector(id, dst, a, b, c, 0)])
}

/// VSLDOI: sixteen bytes of the 32 of both operands, from the constant's number on.
fn shift_bytes(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, b) = (v(cx.insn.t()), v(cx.insn.a()), v(cx.insn.b()));
    let from = u32::from(cx.insn.c() & 15);
    cx.emit([helpers::vector(helpers::SHIFT_BYTES, dst, a, b, ZERO, from)])
}
