//! LDRD and STRD: two neighbouring words, an even register and the next.

use rcsim_uop::op::{Access, Op, Width, Writeback};
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use super::memory::{Place, address, write_back};
use crate::arm::decode::{Gap, Lifted};
use crate::arm::regs::r;

const WORD: Access = Access::little(2).aligned();

const fn even(rt: u8) -> Lifted {
    if rt.is_multiple_of(2) && rt < 14 { Ok(()) } else { Err(Gap::Opcode) }
}

/// A register that holds the address.
fn place_register(cx: &mut Cx<'_>, place: Place) -> (Reg, Option<Reg>) {
    let (mem, updated) = address(cx, place);
    let base = cx.out.temp();
    cx.out.emit(Op::Lea { width: Width::W32, dst: base, mem });
    (base, updated)
}

/// LDRD.
pub fn load(cx: &mut Cx<'_>, rt: u8, place: Place) -> Lifted {
    even(rt)?;
    cx.begin();
    let (base, updated) = place_register(cx, place);
    load_two(cx.out, r(rt), r(rt + 1), base, 0);
    write_back(cx, place, updated);
    Ok(())
}

/// STRD.
pub fn store(cx: &mut Cx<'_>, rt: u8, place: Place) -> Lifted {
    even(rt)?;
    cx.begin();
    let (base, updated) = place_register(cx, place);
    store_two(cx.out, r(rt), r(rt + 1), base, 0);
    write_back(cx, place, updated);
    Ok(())
}

/// Two words from `base + disp`.
pub fn load_two(out: &mut BlockBuilder, dst: Reg, dst2: Reg, base: Reg, disp: i32) {
    out.emit(Op::LoadPair { acc: WORD, dst, dst2, base, disp, update: Writeback::None });
}

/// Two words to `base + disp`.
pub fn store_two(out: &mut BlockBuilder, src: Reg, src2: Reg, base: Reg, disp: i32) {
    out.emit(Op::StorePair { acc: WORD, src, src2, base, disp, update: Writeback::None });
}
