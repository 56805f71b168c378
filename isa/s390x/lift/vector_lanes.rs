//! Lanes of vector registers: to and from general registers, constants, selection.

use rcsim_uop::op::{Lane, Op};

use super::operand::address;
use super::vector::{Numbers, lane};
use super::{Cx, W64};
use crate::s390x::decode::{Gap, Lifted};
use crate::s390x::helpers;
use crate::s390x::regs::v;

const WORDS: u8 = 2;

/// Sort by the last byte.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.last() {
        0x21 => lane_out(cx),
        0x22 => lane_in(cx),
        0x44 => byte_mask(cx),
        0x45 => replicate_immediate(cx),
        0x4d => replicate(cx),
        0x56 => copy(cx),
        0x62 => pair(cx),
        0x80 => find_equal(cx),
        0x8c => permute(cx),
        _ => select(cx),
    }
}

/// VLGV: the address, which is none, numbers the lane.
fn lane_out(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src, number) = (cx.insn.r(8), v(Numbers::of(cx.insn).v2), cx.insn.base(16));
    let lane = lane(cx.insn.four(32))?;
    let out = cx.begin();
    let number = address(out, number);
    out.emit(helpers::call(helpers::LANE_OUT, dst, src, number, lane as u32));
    Ok(())
}

/// VLVG.
fn lane_in(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src, number) = (v(Numbers::of(cx.insn).v1), cx.insn.r(12), cx.insn.base(16));
    let lane = lane(cx.insn.four(32))?;
    let out = cx.begin();
    let number = address(out, number);
    out.emit(helpers::call(helpers::LANE_IN, dst, src, number, lane as u32));
    Ok(())
}

/// VGBM, with VZERO and VONE: each bit of the mask makes a byte.
fn byte_mask(cx: &mut Cx<'_>) -> Lifted {
    let (dst, mask) = (v(Numbers::of(cx.insn).v1), cx.insn.field(16, 16));
    let bytes = |mask: u64| (0..8).filter(|bit| mask >> bit & 1 != 0).fold(0, |all, bit| all | 0xff << (8 * bit));
    cx.emit([
        Op::Const { dst, value: bytes(mask & 0xff) },
        Op::Const { dst: dst.plus(1), value: bytes(mask >> 8) },
    ])
}

/// VREPI.
fn replicate_immediate(cx: &mut Cx<'_>) -> Lifted {
    let (dst, imm) = (v(Numbers::of(cx.insn).v1), cx.insn.signed(16, 16));
    let lane = lane(cx.insn.four(32))?;
    let out = cx.begin();
    let src = out.temp();
    out.constant(src, imm as u64);
    out.emit(Op::VecSplat { lane, words: WORDS, dst, src });
    Ok(())
}

/// VREP.
fn replicate(cx: &mut Cx<'_>) -> Lifted {
    let (n, number) = (Numbers::of(cx.insn), cx.insn.field(16, 16));
    let lane = lane(cx.insn.four(32))?;
    let out = cx.begin();
    let (value, index) = (out.temp(), out.temp());
    out.constant(index, number);
    out.emit(helpers::call(helpers::LANE_OUT, value, v(n.v2), index, lane as u32));
    out.emit(Op::VecSplat { lane, words: WORDS, dst: v(n.v1), src: value });
    Ok(())
}

/// VLR.
fn copy(cx: &mut Cx<'_>) -> Lifted {
    let n = Numbers::of(cx.insn);
    cx.emit([Op::VecCopy { words: WORDS, dst: v(n.v1), src: v(n.v2) }])
}

/// VLVGP: two general registers.
fn pair(cx: &mut Cx<'_>) -> Lifted {
    let (dst, high, low) = (v(Numbers::of(cx.insn).v1), cx.insn.r(12), cx.insn.r(16));
    cx.emit([Op::Copy { dst: dst.plus(1), src: high }, Op::Copy { dst, src: low }])
}

/// VFEE where it tells the condition code and does not look for zero, as Go's search for a byte does.
fn find_equal(cx: &mut Cx<'_>) -> Lifted {
    const CODE_ALONE: u8 = 1;
    let n = Numbers::of(cx.insn);
    let lane = lane(cx.insn.four(32))?;
    if cx.insn.four(24) != CODE_ALONE || lane == Lane::B64 {
        return Err(Gap::Opcode);
    }
    cx.emit([helpers::call(helpers::FIND_EQUAL, v(n.v1), v(n.v2), v(n.v3), lane as u32)])
}

/// VPERM.
fn permute(cx: &mut Cx<'_>) -> Lifted {
    let n = Numbers::of(cx.insn);
    cx.emit([Op::Helper { id: helpers::PERMUTE, a: v(n.v1), b: v(n.v2), c: v(n.v3), d: v(n.v4), imm: 0 }])
}

/// VSEL: bits of the second operand where the fourth has ones, of the third elsewhere.
fn select(cx: &mut Cx<'_>) -> Lifted {
    if cx.insn.last() != 0x8d {
        return Err(Gap::Opcode);
    }
    let n = Numbers::of(cx.insn);
    let out = cx.begin();
    for half in 0..WORDS {
        let [dst, a, b, mask] = [n.v1, n.v2, n.v3, n.v4].map(|number| v(number).plus(half));
        let (chosen, rest) = (out.temp(), out.temp());
        out.emit(Op::And { width: W64, dst: chosen, a, b: mask });
        out.emit(Op::AndNot { width: W64, dst: rest, a: b, b: mask });
        out.emit(Op::Or { width: W64, dst, a: chosen, b: rest });
    }
    Ok(())
}
