//! First byte E7: the vector facility. The fifth bits of register numbers stand in a field before the last byte; the four of
//! them belong to the register fields from left to right.

use rcsim_uop::fp::{FpFormat, FpRound};
use rcsim_uop::op::{Lane, Op, VecAlu};

use super::{Cx, vector_lanes, vector_memory};
use crate::s390x::decode::{Gap, Insn, Lifted};
use crate::s390x::helpers::{self, LaneOp};
use crate::s390x::regs::{CC, f, v};

/// Slots of a vector register.
const WORDS: u8 = 2;

/// Numbers of the vector registers in the fields at bits 8, 12, 16 and 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// The first.
    pub v1: u8,
    /// The second, or the third where that is at bit 12.
    pub v2: u8,
    /// At bit 16.
    pub v3: u8,
    /// At bit 32.
    pub v4: u8,
}

impl Numbers {
    /// Those of an instruction.
    pub const fn of(insn: Insn) -> Self {
        Self {
            v1: insn.vector(8, 36),
            v2: insn.vector(12, 37),
            v3: insn.vector(16, 38),
            v4: insn.vector(32, 39),
        }
    }
}

/// The lanes that a mask names.
pub fn lane(mask: u8) -> Lifted<Lane> {
    [Lane::B8, Lane::B16, Lane::B32, Lane::B64].get(usize::from(mask)).copied().ok_or(Gap::Opcode)
}

/// Sort by the last byte.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.last() {
        0x00..=0x0e | 0x36 | 0x37 | 0x3e | 0x3f => vector_memory::lift(cx),
        0x21 | 0x22 | 0x44 | 0x45 | 0x4d | 0x56 | 0x62 | 0x80 | 0x8c | 0x8d => vector_lanes::lift(cx),
        0x64 => sum_across(cx, 32),
        0x65 => sum_across(cx, 64),
        0x67 => sum_across(cx, 128),
        0x68 => logic(cx, VecAlu::And),
        0x69 => logic(cx, VecAlu::AndNot),
        0x6a => logic(cx, VecAlu::Or),
        0x6d => logic(cx, VecAlu::Xor),
        0x8e => multiply_add(cx, true),
        0x8f => multiply_add(cx, false),
        0xe8 => compare_number(cx, [0, 1, 0]),
        0xea => compare_number(cx, [0, 1, 1]),
        0xeb => compare_number(cx, [0, 0, 1]),
        0xf3 => sum(cx, VecAlu::Add, LaneOp::AddWhole),
        0xf7 => sum(cx, VecAlu::Sub, LaneOp::SubWhole),
        0xf8 => equal(cx),
        _ => Err(Gap::Opcode),
    }
}

/// VN, VNC, VO, VX.
fn logic(cx: &mut Cx<'_>, op: VecAlu) -> Lifted {
    let n = Numbers::of(cx.insn);
    cx.emit([Op::VecAlu { op, lane: Lane::B64, words: WORDS, dst: v(n.v1), a: v(n.v2), b: v(n.v3) }])
}

/// VA and VS; the largest lane is the whole register.
fn sum(cx: &mut Cx<'_>, op: VecAlu, whole: LaneOp) -> Lifted {
    const WHOLE: u8 = 4;
    let n = Numbers::of(cx.insn);
    let mask = cx.insn.four(32);
    if mask == WHOLE {
        let imm = whole.with(Lane::B64, 128);
        return cx.emit([helpers::call(helpers::LANES, v(n.v1), v(n.v2), v(n.v3), imm)]);
    }
    let lane = lane(mask)?;
    cx.emit([Op::VecAlu { op, lane, words: WORDS, dst: v(n.v1), a: v(n.v2), b: v(n.v3) }])
}

/// VSUM, VSUMG, VSUMQ.
fn sum_across(cx: &mut Cx<'_>, into: u32) -> Lifted {
    let n = Numbers::of(cx.insn);
    let lane = lane(cx.insn.four(32))?;
    if lane.bits() >= into {
        return Err(Gap::Opcode);
    }
    let imm = LaneOp::SumAcross.with(lane, into);
    cx.emit([helpers::call(helpers::LANES, v(n.v1), v(n.v2), v(n.v3), imm)])
}

/// VCEQ, which may set the condition code.
fn equal(cx: &mut Cx<'_>) -> Lifted {
    let n = Numbers::of(cx.insn);
    let lane = lane(cx.insn.four(32))?;
    let (dst, a, b) = (v(n.v1), v(n.v2), v(n.v3));
    if cx.insn.four(24) & 1 != 0 {
        return cx.emit([helpers::call(helpers::EQUAL_CODE, dst, a, b, lane as u32)]);
    }
    cx.emit([Op::VecAlu { op: VecAlu::Eq, lane, words: WORDS, dst, a, b }])
}

/// The format of doubles, and the mark of an operation on the first lane alone.
const DOUBLES: u8 = 3;
const FIRST_ONLY: u8 = 8;

/// WFMADB and WFMSDB: `v1 = v2 * v3 ± v4` on doubles, in the first lane. The other lane is left undefined; QEMU clears it.
fn multiply_add(cx: &mut Cx<'_>, negate_c: bool) -> Lifted {
    if (cx.insn.four(20), cx.insn.four(28)) != (DOUBLES, FIRST_ONLY) {
        return Err(Gap::Opcode);
    }
    let n = Numbers::of(cx.insn);
    cx.emit([
        Op::FpMulAdd {
            format: FpFormat::F64,
            round: FpRound::NearestEven,
            dst: f(n.v1),
            a: f(n.v2),
            b: f(n.v3),
            c: f(n.v4),
            negate_product: false,
            negate_c,
        },
        Op::Const { dst: v(n.v1), value: 0 },
    ])
}

/// WFCEDB, WFCHEDB, WFCHDB: ones where the order is one of less, equal, greater as marked; and the condition code, 0 for
/// yes, 3 for no, where asked.
fn compare_number(cx: &mut Cx<'_>, [less, equal, greater]: [u8; 3]) -> Lifted {
    if (cx.insn.four(32), cx.insn.four(28)) != (DOUBLES, FIRST_ONLY) {
        return Err(Gap::Opcode);
    }
    let n = Numbers::of(cx.insn);
    let tells = cx.insn.four(24) & 1 != 0;
    let out = cx.begin();
    let holds = out.temp();
    let (a, b) = (f(n.v2), f(n.v3));
    out.emit(Op::FpCompare { format: FpFormat::F64, dst: holds, a, b, less, equal, greater, unordered: 0 });
    out.emit(Op::Sub { width: super::W64, dst: f(n.v1), a: rcsim_uop::reg::ZERO, b: holds });
    out.constant(v(n.v1), 0);
    if tells {
        // 1 less one is 0, 0 less one is all ones.
        out.emit(Op::AddImm { width: super::W64, dst: holds, a: holds, imm: -1 });
        out.emit(Op::AndImm { width: super::W64, dst: CC, a: holds, imm: 3 });
    }
    Ok(())
}
