//! Vector registers to and from memory. The leftmost doubleword comes first.

use rcsim_uop::op::{Mem, Op};
use rcsim_uop::{BlockBuilder, Reg};

use super::operand::address;
use super::vector::Numbers;
use super::{Cx, access};
use crate::s390x::decode::{Gap, Lifted};
use crate::s390x::helpers;
use crate::s390x::regs::v;

/// Sort by the last byte.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let (dst, mem) = (v(Numbers::of(cx.insn).v1), cx.insn.indexed());
    match cx.insn.last() {
        0x00 => element(cx, 0, false),
        0x01 => element(cx, 1, false),
        0x02 => element(cx, 3, false),
        0x03 => element(cx, 2, false),
        0x05 => replicate(cx),
        0x06 => {
            load(cx.begin(), dst, mem);
            Ok(())
        }
        0x08 => element(cx, 0, true),
        0x09 => element(cx, 1, true),
        0x0a => element(cx, 3, true),
        0x0b => element(cx, 2, true),
        0x0e => {
            store(cx.begin(), dst, mem);
            Ok(())
        }
        0x36 => multiple(cx, load),
        0x37 => with_length(cx, helpers::LOAD_LENGTH),
        0x3e => multiple(cx, store),
        0x3f => with_length(cx, helpers::STORE_LENGTH),
        _ => Err(Gap::Opcode),
    }
}

const fn after(mem: Mem, bytes: i32) -> Mem {
    Mem { disp: mem.disp + bytes, ..mem }
}

fn load(out: &mut BlockBuilder, dst: Reg, mem: Mem) {
    out.emit(Op::Load { acc: access(3), dst: dst.plus(1), mem });
    out.emit(Op::Load { acc: access(3), dst, mem: after(mem, 8) });
}

fn store(out: &mut BlockBuilder, src: Reg, mem: Mem) {
    out.emit(Op::Store { acc: access(3), src: src.plus(1), mem });
    out.emit(Op::Store { acc: access(3), src, mem: after(mem, 8) });
}

/// VLM and VSTM.
fn multiple(cx: &mut Cx<'_>, each: fn(&mut BlockBuilder, Reg, Mem)) -> Lifted {
    let n = Numbers::of(cx.insn);
    let mem = cx.insn.base(16);
    if n.v1 > n.v2 || n.v2 - n.v1 > 15 {
        return Err(Gap::Opcode);
    }
    let out = cx.begin();
    for (number, bytes) in (n.v1..=n.v2).zip((0..).step_by(16)) {
        each(out, v(number), after(mem, bytes));
    }
    Ok(())
}

/// VLEB, VLEH, VLEF, VLEG, VSTEB, VSTEH, VSTEF, VSTEG: one lane, numbered from the left.
fn element(cx: &mut Cx<'_>, log2: u8, stores: bool) -> Lifted {
    let (reg, mem, number) = (v(Numbers::of(cx.insn).v1), cx.insn.indexed(), cx.insn.four(32));
    let bits = 8_u8 << log2;
    let from_right = (128 / bits).checked_sub(number + 1).ok_or(Gap::Opcode)?;
    let lsb = u32::from(from_right) * u32::from(bits);
    let (slot, lsb) = (reg.plus((lsb / 64) as u8), (lsb % 64) as u8);
    let out = cx.begin();
    let value = out.temp();
    if stores {
        out.emit(Op::Extract { width: super::W64, dst: value, src: slot, lsb, len: bits, signed: false });
        out.emit(Op::Store { acc: access(log2), src: value, mem });
    } else {
        out.emit(Op::Load { acc: access(log2), dst: value, mem });
        out.emit(Op::Deposit { dst: slot, base: slot, src: value, lsb, len: bits });
    }
    Ok(())
}

/// VLREP.
fn replicate(cx: &mut Cx<'_>) -> Lifted {
    let (dst, mem) = (v(Numbers::of(cx.insn).v1), cx.insn.indexed());
    let lane = super::vector::lane(cx.insn.four(32))?;
    let out = cx.begin();
    let value = out.temp();
    out.emit(Op::Load { acc: access(lane as u8), dst: value, mem });
    out.emit(Op::VecSplat { lane, words: 2, dst, src: value });
    Ok(())
}

/// VLL and VSTL: the register at bit 12 says how many bytes, less one.
fn with_length(cx: &mut Cx<'_>, id: u16) -> Lifted {
    let (reg, length, mem) = (v(Numbers::of(cx.insn).v1), cx.insn.r(12), cx.insn.base(16));
    let out = cx.begin();
    let at = address(out, mem);
    out.emit(helpers::call(id, reg, length, at, 0));
    Ok(())
}
