//! Loads and stores that wait for a condition.

use rcsim_uop::Reg;
use rcsim_uop::op::{Mem, Op, Width};

use super::branch::selected;
use super::operand::Operand;
use super::{Cx, W32, W64, access, place};
use crate::s390x::decode::Lifted;

/// LOCGR, LOCR, LOCGHI, LOCHI: `dst = b` when the mask at bit `mask` selects the condition code.
pub fn load(cx: &mut Cx<'_>, dst: Reg, b: Operand, mask: u32) -> Lifted {
    let narrow = matches!((cx.insn.first(), cx.insn.second(), cx.insn.last()), (0xb9, 0xf2, _) | (0xec, _, 0x42));
    let mask = cx.insn.four(mask);
    let out = cx.begin();
    let b = b.read(out);
    let test = selected(out, mask);
    if narrow {
        let chosen = out.temp();
        out.emit(Op::Select { dst: chosen, test, a: b, b: dst });
        place(out, W32, dst, chosen);
    } else {
        out.emit(Op::Select { dst, test, a: b, b: dst });
    }
    Ok(())
}

/// LOCG, LOC, STOCG, STOC: memory is not touched when the condition does not hold.
pub fn memory(cx: &mut Cx<'_>, width: Width, mem: Mem, stores: bool) -> Lifted {
    let (reg, mask) = (cx.insn.r(8), cx.insn.four(12));
    let acc = access(if width == W64 { 3 } else { 2 });
    let out = cx.begin();
    let test = selected(out, mask);
    let skip = out.position();
    out.emit(Op::SkipIfZero { test, count: 0 });
    if stores {
        out.emit(Op::Store { acc, src: reg, mem });
    } else if width == W64 {
        out.emit(Op::Load { acc, dst: reg, mem });
    } else {
        let value = out.temp();
        out.emit(Op::Load { acc, dst: value, mem });
        place(out, W32, reg, value);
    }
    out.land(skip);
    Ok(())
}
