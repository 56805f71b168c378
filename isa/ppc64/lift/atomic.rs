//! Load and reserve, store conditional. Both trap on a misaligned address.

use rcsim_uop::Reg;
use rcsim_uop::op::{Access, Op, Shift, Width};

use super::memory::sum;
use super::{Cx, EQUAL};
use crate::ppc64::decode::{Gap, Lifted};
use crate::ppc64::regs::cr;

fn access(cx: &Cx<'_>) -> Lifted<Access> {
    let log2 = match cx.insn.extended() {
        52 | 694 => 0,
        116 | 726 => 1,
        20 | 150 => 2,
        84 | 214 => 3,
        _ => return Err(Gap::Opcode),
    };
    Ok(cx.access(log2).aligned())
}

/// The address in a register.
fn address(cx: &mut Cx<'_>) -> Reg {
    let mem = sum(cx);
    let plain = cx.insn.a() == 0;
    let out = cx.begin();
    if plain {
        return mem.index;
    }
    let dst = out.temp();
    out.emit(Op::Lea { width: Width::W64, dst, mem });
    dst
}

/// LBARX, LHARX, LWARX, LDARX.
pub fn load(cx: &mut Cx<'_>) -> Lifted {
    let (acc, dst) = (access(cx)?, cx.insn.rt());
    let base = address(cx);
    cx.out.emit(Op::LoadLinked { acc, dst, base });
    Ok(())
}

/// STBCX., STHCX., STWCX., STDCX.: field 0 says equal when the store was made.
pub fn store(cx: &mut Cx<'_>) -> Lifted {
    let (acc, src) = (access(cx)?, cx.insn.rt());
    if !cx.insn.lowest_bit() {
        return Err(Gap::Opcode);
    }
    let base = address(cx);
    let status = cx.out.temp();
    cx.out.emit(Op::StoreConditional { acc, status, base, src });
    let amount = EQUAL.trailing_zeros() as u8;
    cx.out.emit(Op::ShiftImm { op: Shift::Left, width: Width::W64, dst: cr(0), a: status, amount });
    Ok(())
}
