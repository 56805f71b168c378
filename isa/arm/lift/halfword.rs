//! Loads and stores of halves, of signed bytes and halves, and of pairs of words (A5.2.8).

use rcsim_uop::op::{Access, Op, Width};

use super::memory::{Offset, Place, load, store};
use super::{Cx, pair};
use crate::arm::decode::{Gap, Lifted, Second};
use crate::arm::regs::{PC, r};

/// LDRH, LDRSB, LDRSH, STRH, LDRD, STRD.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let insn = cx.insn;
    let down = !insn.bit(23);
    let offset = if insn.bit(22) {
        let distance = (insn.field(8, 4) << 4 | insn.field(0, 4)) as i32;
        Offset::Constant(if down { -distance } else { distance })
    } else {
        Offset::Register(Second::Plain(insn.number(0)), down)
    };
    let place = Place::of(cx, offset);
    place.check()?;
    let rt = insn.number(12);
    if rt == PC {
        return Err(Gap::Opcode);
    }
    match (insn.field(5, 2), insn.bit(20)) {
        (1, true) => {
            cx.begin();
            load(cx, Access::little(1), r(rt), place);
        }
        (1, false) => {
            cx.begin();
            store(cx, Access::little(1), rt, place);
        }
        (2, true) => signed(cx, 0, rt, place),
        (3, true) => signed(cx, 1, rt, place),
        (2, false) => return pair::load(cx, rt, place),
        _ => return pair::store(cx, rt, place),
    }
    Ok(())
}

/// Sign extension reaches to the end of the register, not to the end of its slot.
fn signed(cx: &mut Cx<'_>, log2: u8, rt: u8, place: Place) {
    let dst = r(rt);
    cx.begin();
    load(cx, Access::little(log2), dst, place);
    cx.out.emit(Op::Extract { width: Width::W32, dst, src: dst, lsb: 0, len: 8 << log2, signed: true });
}
