//! Moves between single lanes of vectors and other registers.

use rcsim_uop::op::{Op, Width};
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::{Opcode as O, Operand};

use super::Cx;
use super::scalar_memory::clear_above;
use super::vector::{finish, lane_of, operand};
use crate::arm64::decode::{Gap, Lifted, vector};

/// Where a copied value comes from.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// A general register.
    General(Reg),
    /// A lane: slot, lowest bit, bits.
    Lane(Reg, u8, u8),
}

fn source(cx: &Cx<'_>, i: usize) -> Lifted<Source> {
    match cx.insn.operands[i] {
        Operand::SIMDRegisterElementsLane(..) => lane(cx, i).map(|(slot, lsb, len)| Source::Lane(slot, lsb, len)),
        _ => cx.insn.src(i).map(Source::General),
    }
}

/// The value in the low bits of a register.
fn value(out: &mut BlockBuilder, source: Source) -> Reg {
    match source {
        Source::General(reg) => reg,
        Source::Lane(src, lsb, len) => {
            let dst = out.temp();
            out.emit(Op::Extract { width: Width::W64, dst, src, lsb, len, signed: false });
            dst
        }
    }
}

/// One lane: the slot that it is in, its lowest bit there, its width in bits.
pub fn lane(cx: &Cx<'_>, i: usize) -> Lifted<(Reg, u8, u8)> {
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
pub fn duplicate(cx: &mut Cx<'_>) -> Lifted {
    if let Operand::SIMDRegister(..) = cx.insn.operands[0] {
        return lane_to_scalar(cx);
    }
    let (dst, source) = (operand(cx, 0)?, source(cx, 1)?);
    let out = cx.begin();
    let src = value(out, source);
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
pub fn insert(cx: &mut Cx<'_>) -> Lifted {
    let ((slot, lsb, len), source) = (lane(cx, 0)?, source(cx, 1)?);
    let out = cx.begin();
    let src = value(out, source);
    if len == 64 {
        out.copy(slot, src);
    } else {
        out.emit(Op::Deposit { dst: slot, base: slot, src, lsb, len });
    }
    Ok(())
}

/// UMOV and SMOV into a general register.
pub fn to_general(cx: &mut Cx<'_>) -> Lifted {
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
