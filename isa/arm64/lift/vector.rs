//! Vector instructions (Advanced SIMD).
//!
//! A vector operand is a run of slots: two for a 128-bit arrangement, one for a 64-bit one, whose result clears the
//! upper slot.

use rcsim_uop::op::{Lane, Op, VecAlu, VecShift, Width};
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::{Opcode as O, Operand, SIMDSizeCode};

use super::{Cx, crypto};
use super::scalar_memory::clear_above;
use crate::arm64::decode::{Gap, Lifted, vector};
use crate::arm64::helpers;

/// A vector operand: its low slot, its number of slots, its lanes.
#[derive(Clone, Copy, Debug)]
pub struct Vector {
    /// Low slot.
    pub reg: Reg,
    /// Number of slots.
    pub words: u8,
    /// Size of its lanes.
    pub lane: Lane,
}

/// The lanes of an arrangement.
pub fn lane_of(size: SIMDSizeCode) -> Lifted<Lane> {
    Ok(match size {
        SIMDSizeCode::B => Lane::B8,
        SIMDSizeCode::H => Lane::B16,
        SIMDSizeCode::S => Lane::B32,
        SIMDSizeCode::D => Lane::B64,
        SIMDSizeCode::Q => return Err(Gap::Shape),
    })
}

/// Vector operand `i`.
pub fn operand(cx: &Cx<'_>, i: usize) -> Lifted<Vector> {
    match cx.insn.operands[i] {
        Operand::SIMDRegisterElements(whole, n, size) => {
            let words = if whole == SIMDSizeCode::Q { 2 } else { 1 };
            Ok(Vector { reg: vector(n), words, lane: lane_of(size)? })
        }
        // Scalar forms of 64 bits are vectors of one lane.
        Operand::SIMDRegister(SIMDSizeCode::D, n) => Ok(Vector { reg: vector(n), words: 1, lane: Lane::B64 }),
        _ => Err(Gap::Shape),
    }
}

/// After a 64-bit operation the upper half is zero.
pub fn finish(out: &mut BlockBuilder, dst: Vector) {
    if dst.words == 1 {
        clear_above(out, dst.reg);
    }
}

/// Lift a vector instruction.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.opcode {
        O::SHL | O::USHR | O::SSHR => shift(cx),
        O::SRI | O::SLI => shift_insert(cx),
        O::NOT => invert(cx),
        O::NEG => negate(cx),
        O::EXT => extract(cx),
        O::BSL | O::BIT | O::BIF => select(cx),
        O::MOVI | O::MVNI => constant(cx),
        O::TBL => table(cx),
        O::CNT => bytewise(cx, helpers::COUNT_ONES, 0),
        O::REV16 => bytewise(cx, helpers::REVERSE, 16),
        O::REV32 => bytewise(cx, helpers::REVERSE, 32),
        O::REV64 => bytewise(cx, helpers::REVERSE, 64),
        O::UADDLV | O::SADDLV | O::ADDV | O::UMAXV | O::UMINV | O::SMAXV | O::SMINV => reduce(cx),
        O::ORR if cx.insn.operands[1] == cx.insn.operands[2] => copy(cx),
        opcode => match lanewise(opcode) {
            Some((op, swapped)) => binary(cx, op, swapped),
            None => crypto::lift(cx),
        },
    }
}

/// Operations that are one micro-op, and whether it takes its operands the other way round.
fn lanewise(opcode: O) -> Option<(VecAlu, bool)> {
    Some(match opcode {
        O::ADD => (VecAlu::Add, false),
        O::SUB => (VecAlu::Sub, false),
        O::MUL => (VecAlu::Mul, false),
        O::AND => (VecAlu::And, false),
        O::BIC => (VecAlu::AndNot, false),
        O::ORR => (VecAlu::Or, false),
        O::ORN => (VecAlu::OrNot, false),
        O::EOR => (VecAlu::Xor, false),
        O::CMEQ => (VecAlu::Eq, false),
        O::CMGT => (VecAlu::GtS, false),
        O::CMHI => (VecAlu::GtU, false),
        O::CMGE => (VecAlu::GeS, false),
        O::CMHS => (VecAlu::GeU, false),
        O::UMIN => (VecAlu::MinU, false),
        O::UMAX => (VecAlu::MaxU, false),
        O::SMIN => (VecAlu::MinS, false),
        O::SMAX => (VecAlu::MaxS, false),
        O::USHL => (VecAlu::ShiftU, false),
        O::SSHL => (VecAlu::ShiftS, false),
        O::ZIP1 => (VecAlu::InterleaveLow, false),
        O::ZIP2 => (VecAlu::InterleaveHigh, false),
        O::UZP1 => (VecAlu::Even, false),
        O::UZP2 => (VecAlu::Odd, false),
        O::TRN1 => (VecAlu::TransposeEven, false),
        O::TRN2 => (VecAlu::TransposeOdd, false),
        O::ADDP => (VecAlu::AddPairs, false),
        O::CMLT => (VecAlu::GtS, true),
        O::CMLE => (VecAlu::GeS, true),
        _ => return None,
    })
}

/// The second operand of a binary operation: a vector, or zero as the comparisons have it.
fn other(cx: &Cx<'_>, i: usize) -> Lifted<Option<Reg>> {
    if cx.insn.imm(i) == Ok(0) { Ok(None) } else { Ok(Some(operand(cx, i)?.reg)) }
}

fn zeros(out: &mut BlockBuilder) -> Reg {
    let dst = out.temps(2);
    out.emit(Op::VecZero { words: 2, dst });
    dst
}

fn binary(cx: &mut Cx<'_>, op: VecAlu, swapped: bool) -> Lifted {
    let (dst, a, b) = (operand(cx, 0)?, operand(cx, 1)?.reg, other(cx, 2)?);
    let out = cx.begin();
    let b = b.unwrap_or_else(|| zeros(out));
    let (a, b) = if swapped { (b, a) } else { (a, b) };
    out.emit(Op::VecAlu { op, lane: dst.lane, words: dst.words, dst: dst.reg, a, b });
    finish(out, dst);
    Ok(())
}

fn negate(cx: &mut Cx<'_>) -> Lifted {
    let (dst, b) = (operand(cx, 0)?, operand(cx, 1)?.reg);
    let out = cx.begin();
    let a = zeros(out);
    out.emit(Op::VecAlu { op: VecAlu::Sub, lane: dst.lane, words: dst.words, dst: dst.reg, a, b });
    finish(out, dst);
    Ok(())
}

fn copy(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src) = (operand(cx, 0)?, operand(cx, 1)?);
    let out = cx.begin();
    out.emit(Op::VecCopy { words: dst.words, dst: dst.reg, src: src.reg });
    finish(out, dst);
    Ok(())
}

fn invert(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src) = (operand(cx, 0)?, operand(cx, 1)?);
    let out = cx.begin();
    for word in 0..dst.words {
        let (dst, a) = (dst.reg.plus(word), src.reg.plus(word));
        out.emit(Op::XorImm { width: Width::W64, dst, a, imm: u64::MAX });
    }
    finish(out, dst);
    Ok(())
}

fn shift(cx: &mut Cx<'_>) -> Lifted {
    let op = match cx.insn.opcode {
        O::SHL => VecShift::Left,
        O::USHR => VecShift::Right,
        _ => VecShift::RightSigned,
    };
    let (dst, a, amount) = (operand(cx, 0)?, operand(cx, 1)?, cx.insn.small(2)?);
    let out = cx.begin();
    out.emit(Op::VecShift { op, lane: dst.lane, words: dst.words, dst: dst.reg, a: a.reg, amount });
    finish(out, dst);
    Ok(())
}

/// SRI and SLI: the shifted lanes replace what they reach, and the rest of the destination stays.
fn shift_insert(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, amount) = (operand(cx, 0)?, operand(cx, 1)?, cx.insn.small(2)?);
    let Vector { reg, words, lane } = dst;
    let all = u64::MAX >> (64 - lane.bits());
    let right = cx.insn.opcode == O::SRI;
    let reached = match (right, u32::from(amount)) {
        (true, count) => all.checked_shr(count).unwrap_or(0),
        (false, count) => all & all.checked_shl(count).unwrap_or(0),
    };
    let op = if right { VecShift::Right } else { VecShift::Left };
    let out = cx.begin();
    let (shifted, mask, value) = (out.temps(2), out.temps(2), out.temp());
    out.emit(Op::VecShift { op, lane, words, dst: shifted, a: a.reg, amount });
    out.constant(value, reached);
    out.emit(Op::VecSplat { lane, words, dst: mask, src: value });
    out.emit(Op::VecAlu { op: VecAlu::AndNot, lane, words, dst: reg, a: reg, b: mask });
    out.emit(Op::VecAlu { op: VecAlu::Or, lane, words, dst: reg, a: reg, b: shifted });
    finish(out, dst);
    Ok(())
}

/// EXT: bytes of a pair of vectors from byte `amount` of the first on.
fn extract(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, b, amount) = (operand(cx, 0)?, operand(cx, 1)?, operand(cx, 2)?, cx.insn.small(3)?);
    let Vector { reg, words, lane } = dst;
    let out = cx.begin();
    let (low, high) = (out.temps(2), out.temps(2));
    out.emit(Op::VecShift { op: VecShift::BytesRight, lane, words, dst: low, a: a.reg, amount });
    let amount = 8 * words - amount.min(8 * words);
    out.emit(Op::VecShift { op: VecShift::BytesLeft, lane, words, dst: high, a: b.reg, amount });
    out.emit(Op::VecAlu { op: VecAlu::Or, lane, words, dst: reg, a: low, b: high });
    finish(out, dst);
    Ok(())
}

/// BSL, BIT, BIF: bits of one or the other, by a mask. What is mask, chosen and kept differs (Arm ARM C7.2.22).
fn select(cx: &mut Cx<'_>) -> Lifted {
    let (dst, n, m) = (operand(cx, 0)?, operand(cx, 1)?.reg, operand(cx, 2)?.reg);
    let Vector { reg, words, lane } = dst;
    let (mask, set, clear) = match cx.insn.opcode {
        O::BSL => (reg, n, m),
        O::BIT => (m, n, reg),
        _ => (m, reg, n),
    };
    let out = cx.begin();
    let (chosen, other) = (out.temps(2), out.temps(2));
    out.emit(Op::VecAlu { op: VecAlu::And, lane, words, dst: chosen, a: set, b: mask });
    out.emit(Op::VecAlu { op: VecAlu::AndNot, lane, words, dst: other, a: clear, b: mask });
    out.emit(Op::VecAlu { op: VecAlu::Or, lane, words, dst: reg, a: chosen, b: other });
    finish(out, dst);
    Ok(())
}

/// MOVI and MVNI: a constant in every lane.
fn constant(cx: &mut Cx<'_>) -> Lifted {
    let invert = cx.insn.opcode == O::MVNI;
    let value = match cx.insn.operands[1] {
        Operand::ImmShift(value, shift) => u64::from(value) << shift,
        Operand::ImmShiftMSL(value, shift) => u64::from(value) << shift | ((1 << shift) - 1),
        _ => cx.insn.imm(1)?,
    };
    let value = if invert { !value } else { value };
    let dst = operand(cx, 0)?;
    let out = cx.begin();
    let src = out.temp();
    out.constant(src, value);
    out.emit(Op::VecSplat { lane: dst.lane, words: dst.words, dst: dst.reg, src });
    finish(out, dst);
    Ok(())
}

/// TBL with one register of 16 bytes as the table.
fn table(cx: &mut Cx<'_>) -> Lifted {
    let Operand::SIMDRegisterGroup(_, table, _, 1) = cx.insn.operands[1] else { return Err(Gap::Shape) };
    let (dst, index) = (operand(cx, 0)?, operand(cx, 2)?);
    let a = vector(table);
    let out = cx.begin();
    // All 16 bytes are the table even when only eight are looked up.
    let b = if dst.words == 2 {
        index.reg
    } else {
        let padded = out.temps(2);
        out.emit(Op::VecCopy { words: 1, dst: padded, src: index.reg });
        out.constant(padded.plus(1), 0);
        padded
    };
    out.emit(Op::VecAlu { op: VecAlu::TableZero, lane: Lane::B8, words: 2, dst: dst.reg, a, b });
    finish(out, dst);
    Ok(())
}

fn bytewise(cx: &mut Cx<'_>, helper: u16, imm: u32) -> Lifted {
    let (dst, src) = (operand(cx, 0)?, operand(cx, 1)?);
    let out = cx.begin();
    out.emit(helpers::vector(helper, dst.reg, src.reg, src.reg, imm | dst.lane.bits() << 8));
    finish(out, dst);
    Ok(())
}

/// Sums and extremes across the lanes, into the low bits of a register.
fn reduce(cx: &mut Cx<'_>) -> Lifted {
    let (Operand::SIMDRegister(_, dst), src) = (cx.insn.operands[0], operand(cx, 1)?) else {
        return Err(Gap::Shape);
    };
    let how = match cx.insn.opcode {
        O::UADDLV => helpers::reduction::LONG_SUM,
        O::SADDLV => helpers::reduction::LONG_SUM | helpers::reduction::SIGNED,
        O::ADDV => helpers::reduction::SUM,
        O::UMAXV => helpers::reduction::MAX,
        O::SMAXV => helpers::reduction::MAX | helpers::reduction::SIGNED,
        O::UMINV => helpers::reduction::MIN,
        _ => helpers::reduction::MIN | helpers::reduction::SIGNED,
    };
    let lanes = u32::from(src.words) * 64 / src.lane.bits();
    let imm = how | src.lane.bits() << 8 | lanes << 16;
    cx.begin().emit(helpers::vector(helpers::REDUCE, vector(dst), src.reg, src.reg, imm));
    Ok(())
}
