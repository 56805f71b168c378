//! Vector instructions (Advanced SIMD).
//!
//! A vector operand is a run of slots: two for a 128-bit arrangement, one for a 64-bit one, whose result clears the
//! upper slot.

use rcsim_uop::op::{Lane, Op, VecAlu, VecShift, Width};
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::{Opcode as O, Operand, SIMDSizeCode};

use super::Cx;
use super::scalar_memory::clear_above;
use crate::arm64::decode::{Gap, Lifted, vector};

/// A vector operand: its low slot, its number of slots, its lanes.
#[derive(Clone, Copy, Debug)]
struct Vector {
    reg: Reg,
    words: u8,
    lane: Lane,
}

fn lane_of(size: SIMDSizeCode) -> Lifted<Lane> {
    Ok(match size {
        SIMDSizeCode::B => Lane::B8,
        SIMDSizeCode::H => Lane::B16,
        SIMDSizeCode::S => Lane::B32,
        SIMDSizeCode::D => Lane::B64,
        SIMDSizeCode::Q => return Err(Gap::Shape),
    })
}

fn operand(cx: &Cx<'_>, i: usize) -> Lifted<Vector> {
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
fn finish(out: &mut BlockBuilder, dst: Vector) {
    if dst.words == 1 {
        clear_above(out, dst.reg);
    }
}

/// Lift a vector instruction.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.opcode {
        O::DUP => duplicate(cx),
        O::INS => insert(cx),
        O::SHL | O::USHR | O::SSHR => shift(cx),
        O::NOT => invert(cx),
        O::ORR if cx.insn.operands[1] == cx.insn.operands[2] => copy(cx),
        opcode => match lanewise(opcode) {
            Some((op, swapped)) => binary(cx, op, swapped),
            None => Err(Gap::Opcode),
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
        _ => return None,
    })
}

fn binary(cx: &mut Cx<'_>, op: VecAlu, swapped: bool) -> Lifted {
    let (dst, a, b) = (operand(cx, 0)?, operand(cx, 1)?, operand(cx, 2)?);
    let (a, b) = if swapped { (b, a) } else { (a, b) };
    let out = cx.begin();
    out.emit(Op::VecAlu { op, lane: dst.lane, words: dst.words, dst: dst.reg, a: a.reg, b: b.reg });
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

/// One lane: the slot that it is in, its lowest bit there, its width in bits.
fn lane(cx: &Cx<'_>, i: usize) -> Lifted<(Reg, u8, u8)> {
    let Operand::SIMDRegisterElementsLane(_, n, size, index) = cx.insn.operands[i] else {
        return Err(Gap::Shape);
    };
    let bits = lane_of(size)?.bits() as u8;
    let at = u32::from(index) * u32::from(bits);
    if at >= 128 {
        return Err(Gap::Shape);
    }
    Ok((vector(n).plus((at / 64) as u8), (at % 64) as u8, bits))
}

/// DUP from a general register or from a lane.
fn duplicate(cx: &mut Cx<'_>) -> Lifted {
    if let Operand::SIMDRegister(..) = cx.insn.operands[0] {
        return lane_to_scalar(cx);
    }
    let dst = operand(cx, 0)?;
    let from_lane = lane(cx, 1);
    let general = cx.insn.src(1);
    if from_lane.is_err() && general.is_err() {
        return Err(Gap::Shape);
    }
    let out = cx.begin();
    let src = match (from_lane, general) {
        (Ok((slot, lsb, len)), _) => {
            let value = out.temp();
            out.emit(Op::Extract { width: Width::W64, dst: value, src: slot, lsb, len, signed: false });
            value
        }
        (_, Ok(reg)) => reg,
        (Err(_), Err(gap)) => return Err(gap),
    };
    out.emit(Op::VecSplat { lane: dst.lane, words: dst.words, dst: dst.reg, src });
    finish(out, dst);
    Ok(())
}

/// DUP of a lane into a scalar register.
fn lane_to_scalar(cx: &mut Cx<'_>) -> Lifted {
    let ((_, dst), (slot, lsb, len)) = (cx.insn.scalar(0)?, lane(cx, 1)?);
    let out = cx.begin();
    out.emit(Op::Extract { width: Width::W64, dst, src: slot, lsb, len, signed: false });
    clear_above(out, dst);
    Ok(())
}

/// INS from a general register or from a lane; the other lanes stay.
fn insert(cx: &mut Cx<'_>) -> Lifted {
    let (slot, lsb, len) = lane(cx, 0)?;
    let from_lane = lane(cx, 1);
    let general = cx.insn.src(1);
    if from_lane.is_err() && general.is_err() {
        return Err(Gap::Shape);
    }
    let out = cx.begin();
    let src = match (from_lane, general) {
        (Ok((slot, lsb, len)), _) => {
            let value = out.temp();
            out.emit(Op::Extract { width: Width::W64, dst: value, src: slot, lsb, len, signed: false });
            value
        }
        (_, Ok(reg)) => reg,
        (Err(_), Err(gap)) => return Err(gap),
    };
    if len == 64 {
        out.copy(slot, src);
    } else {
        out.emit(Op::Deposit { dst: slot, base: slot, src, lsb, len });
    }
    Ok(())
}

/// UMOV and SMOV into a general register.
pub fn lane_to_general(cx: &mut Cx<'_>) -> Lifted {
    let signed = cx.insn.opcode == O::SMOV;
    let (width, dst, (src, lsb, len)) = (cx.insn.width(0)?, cx.insn.dst(0)?, lane(cx, 1)?);
    let out = cx.begin();
    if len == 64 {
        out.copy(dst, src);
    } else {
        out.emit(Op::Extract { width, dst, src, lsb, len, signed });
    }
    Ok(())
}
