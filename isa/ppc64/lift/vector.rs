//! Vector instructions (primary opcode 4) on registers.
//!
//! The manual numbers elements from the most significant end; the micro-ops number lanes from the other. Operations lane
//! by lane do not care.

use rcsim_uop::op::{Lane, Logic, Mem, Op, Pred, VecAlu, Width};
use rcsim_uop::reg::ZERO;

use super::Cx;
use crate::ppc64::decode::{Gap, Lifted};
use crate::ppc64::helpers::{self, LaneOp};
use crate::ppc64::regs::{cr, v};

/// Sort by extended opcode: six bits with three operands, eleven with two; comparisons have ten.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.word & 0x3f {
        42 => return select(cx),
        43 => return helper(cx, helpers::PERMUTE),
        44 => return shift_bytes(cx),
        _ => {}
    }
    if let Some((op, lane)) = comparison(cx.insn.word & 0x3ff) {
        return compare(cx, op, lane);
    }
    if let Some(lane) = inequality(cx.insn.word & 0x3ff) {
        return differ(cx, lane);
    }
    let operation = cx.insn.word & 0x7ff;
    if let Some((op, lane)) = reversed(operation) {
        return interleave(cx, op, lane);
    }
    if let Some((op, lane)) = counted(operation) {
        return lanes(cx, op, lane);
    }
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
        1356 => helper(cx, helpers::PERMUTE_BITS),
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

/// Comparisons for inequality (POWER9).
const fn inequality(operation: u32) -> Option<Lane> {
    Some(match operation {
        7 => Lane::B8,
        71 => Lane::B16,
        135 => Lane::B32,
        _ => return None,
    })
}

/// Merges: the first operand gives the more significant lane of each pair, which for the micro-ops is the second.
const fn reversed(operation: u32) -> Option<(VecAlu, Lane)> {
    Some(match operation {
        12 => (VecAlu::InterleaveHigh, Lane::B8),
        76 => (VecAlu::InterleaveHigh, Lane::B16),
        140 => (VecAlu::InterleaveHigh, Lane::B32),
        268 => (VecAlu::InterleaveLow, Lane::B8),
        332 => (VecAlu::InterleaveLow, Lane::B16),
        396 => (VecAlu::InterleaveLow, Lane::B32),
        1676 => (VecAlu::TransposeEven, Lane::B32),
        1932 => (VecAlu::TransposeOdd, Lane::B32),
        _ => return None,
    })
}

/// Shifts, rotations and counts of each lane.
const fn counted(operation: u32) -> Option<(LaneOp, Lane)> {
    Some(match operation {
        4 => (LaneOp::RotateLeft, Lane::B8),
        68 => (LaneOp::RotateLeft, Lane::B16),
        132 => (LaneOp::RotateLeft, Lane::B32),
        196 => (LaneOp::RotateLeft, Lane::B64),
        260 => (LaneOp::Left, Lane::B8),
        324 => (LaneOp::Left, Lane::B16),
        388 => (LaneOp::Left, Lane::B32),
        1476 => (LaneOp::Left, Lane::B64),
        516 => (LaneOp::Right, Lane::B8),
        580 => (LaneOp::Right, Lane::B16),
        644 => (LaneOp::Right, Lane::B32),
        1732 => (LaneOp::Right, Lane::B64),
        772 => (LaneOp::RightSigned, Lane::B8),
        836 => (LaneOp::RightSigned, Lane::B16),
        900 => (LaneOp::RightSigned, Lane::B32),
        964 => (LaneOp::RightSigned, Lane::B64),
        1794 => (LaneOp::LeadingZeros, Lane::B8),
        1858 => (LaneOp::LeadingZeros, Lane::B16),
        1922 => (LaneOp::LeadingZeros, Lane::B32),
        1986 => (LaneOp::LeadingZeros, Lane::B64),
        1795 => (LaneOp::CountOnes, Lane::B8),
        1859 => (LaneOp::CountOnes, Lane::B16),
        1923 => (LaneOp::CountOnes, Lane::B32),
        1987 => (LaneOp::CountOnes, Lane::B64),
        _ => return None,
    })
}

fn lanes(cx: &mut Cx<'_>, op: LaneOp, lane: Lane) -> Lifted {
    let (dst, a, b) = (v(cx.insn.t()), v(cx.insn.a()), v(cx.insn.b()));
    cx.emit([helpers::vector(helpers::LANES, dst, a, b, ZERO, op.in_lanes(lane))])
}

fn interleave(cx: &mut Cx<'_>, op: VecAlu, lane: Lane) -> Lifted {
    let (dst, a, b) = (v(cx.insn.t()), v(cx.insn.a()), v(cx.insn.b()));
    cx.emit([Op::VecAlu { op, lane, words: 2, dst, a: b, b: a }])
}

fn binary(cx: &mut Cx<'_>, op: VecAlu, lane: Lane) -> Lifted {
    let (dst, a, b) = (v(cx.insn.t()), v(cx.insn.a()), v(cx.insn.b()));
    cx.emit([Op::VecAlu { op, lane, words: 2, dst, a, b }])
}

/// VCMPxx, which may record in field 6 whether all lanes hold, or none.
fn compare(cx: &mut Cx<'_>, op: VecAlu, lane: Lane) -> Lifted {
    binary(cx, op, lane)?;
    record_lanes(cx);
    Ok(())
}

/// VCMPNEB, VCMPNEH, VCMPNEW.
fn differ(cx: &mut Cx<'_>, lane: Lane) -> Lifted {
    cx.power9()?;
    let dst = v(cx.insn.t());
    binary(cx, VecAlu::Eq, lane)?;
    for half in [dst, dst.plus(1)] {
        cx.out.emit(Op::XorImm { width: Width::W64, dst: half, a: half, imm: u64::MAX });
    }
    record_lanes(cx);
    Ok(())
}

/// Field 6: all lanes in the bit for less, none in the bit for equal.
fn record_lanes(cx: &mut Cx<'_>) {
    const ALL_BY: u8 = 3;
    if cx.insn.word >> 10 & 1 == 0 {
        return;
    }
    let (lanes, out, width) = (v(cx.insn.t()), &mut *cx.out, Width::W64);
    let (all, none) = (out.temp(), out.temp());
    out.emit(Op::And { width, dst: all, a: lanes, b: lanes.plus(1) });
    out.emit(Op::SetCmpImm { pred: Pred::Eq, width, dst: all, a: all, imm: -1 });
    out.emit(Op::Or { width, dst: none, a: lanes, b: lanes.plus(1) });
    out.emit(Op::SetCmpImm { pred: Pred::Eq, width, dst: none, a: none, imm: 0 });
    out.emit(Op::Add { width, dst: none, a: none, b: none });
    out.emit(Op::Lea { width, dst: cr(6), mem: Mem::indexed(none, all, ALL_BY, 0) });
}

/// VNOR.
fn inverted(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, b) = (v(cx.insn.t()), v(cx.insn.a()), v(cx.insn.b()));
    let half = |n| Op::Logic {
        op: Logic::Nor,
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

/// VSEL: bits of the second operand where the third has ones, else of the first.
fn select(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, b, mask) = (v(cx.insn.t()), v(cx.insn.a()), v(cx.insn.b()), v(cx.insn.c()));
    let out = cx.begin();
    let (ones, zeros, lane) = (out.temps(2), out.temps(2), Lane::B64);
    out.emit(Op::VecAlu { op: VecAlu::And, lane, words: 2, dst: ones, a: b, b: mask });
    out.emit(Op::VecAlu { op: VecAlu::AndNot, lane, words: 2, dst: zeros, a, b: mask });
    out.emit(Op::VecAlu { op: VecAlu::Or, lane, words: 2, dst, a: ones, b: zeros });
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
