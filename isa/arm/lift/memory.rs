//! Loads and stores of words and bytes (A5.3), and the addressing that they share with those of halves.

use rcsim_uop::Reg;
use rcsim_uop::op::{Access, Edge, Mem, Op, Width, Writeback};
use rcsim_uop::reg::ZERO;

use super::Cx;
use super::operand::value;
use crate::arm::decode::{Gap, Lifted, Second};
use crate::arm::regs::{PC, SP, r};

const W: Width = Width::W32;

/// What is added to the base.
#[derive(Clone, Copy, Debug)]
pub enum Offset {
    /// A constant.
    Constant(i32),
    /// A register, shifted or not; subtracted when the flag is set.
    Register(Second, bool),
}

/// Where an access goes, and what becomes of its base.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Number of the base register.
    pub base: u8,
    /// What is added to it.
    pub offset: Offset,
    /// When the base changes.
    pub update: Writeback,
}

impl Place {
    /// As bits 16 to 19, 21 and 24 say. The forms for unprivileged access update their base after the access like others.
    pub const fn of(cx: &Cx<'_>, offset: Offset) -> Self {
        let update = match (cx.insn.bit(24), cx.insn.bit(21)) {
            (true, false) => Writeback::None,
            (true, true) => Writeback::Pre,
            (false, _) => Writeback::Post,
        };
        Self { base: cx.insn.number(16), offset, update }
    }

    /// Fails when the base is the program counter and would change.
    pub fn check(self) -> Lifted {
        if self.base == PC && self.update != Writeback::None { Err(Gap::Opcode) } else { Ok(()) }
    }
}

/// LDR, LDRB, STR, STRB.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let insn = cx.insn;
    let down = !insn.bit(23);
    let offset = if insn.bit(25) {
        Offset::Register(insn.shifted(), down)
    } else {
        let distance = insn.field(0, 12) as i32;
        Offset::Constant(if down { -distance } else { distance })
    };
    let place = Place::of(cx, offset);
    place.check()?;
    let (rt, byte) = (insn.number(12), insn.bit(22));
    if byte && rt == PC {
        return Err(Gap::Opcode);
    }
    let acc = Access::little(if byte { 0 } else { 2 });
    match (insn.bit(20), rt) {
        (true, PC) => jump(cx, place),
        (true, _) => {
            cx.begin();
            load(cx, acc, r(rt), place);
        }
        (false, _) => {
            cx.begin();
            store(cx, acc, rt, place);
        }
    }
    Ok(())
}

/// LDR of the program counter: from the stack, which it pops, it returns.
fn jump(cx: &mut Cx<'_>, place: Place) {
    cx.begin_leaving();
    let target = cx.out.temp();
    load(cx, Access::little(2), target, place);
    let returns = place.update == Writeback::Post && place.base != PC && r(place.base) == SP;
    cx.leave(if returns { Edge::Return } else { Edge::Jump }, target);
}

/// `dst` = memory at the place.
pub fn load(cx: &mut Cx<'_>, acc: Access, dst: Reg, place: Place) {
    if let (Offset::Constant(disp), update @ (Writeback::Pre | Writeback::Post)) = (place.offset, place.update) {
        cx.out.emit(Op::LoadUpdate { acc, dst, base: r(place.base), disp, update, wrap: true });
        return;
    }
    let (mem, updated) = address(cx, place);
    cx.out.emit(Op::Load { acc, dst, mem });
    write_back(cx, place, updated);
}

/// Memory at the place = general register `rt`.
pub fn store(cx: &mut Cx<'_>, acc: Access, rt: u8, place: Place) {
    let src = cx.read(rt);
    if let (Offset::Constant(disp), update @ (Writeback::Pre | Writeback::Post)) = (place.offset, place.update) {
        cx.out.emit(Op::StoreUpdate { acc, src, base: r(place.base), disp, update, wrap: true });
        return;
    }
    let (mem, updated) = address(cx, place);
    cx.out.emit(Op::Store { acc, src, mem });
    write_back(cx, place, updated);
}

/// The address of an access, and the register that holds what the base becomes.
pub fn address(cx: &mut Cx<'_>, place: Place) -> (Mem, Option<Reg>) {
    if place.update == Writeback::None {
        return (plain(cx, place), None);
    }
    let base = r(place.base);
    let moved = cx.out.temp();
    match place.offset {
        Offset::Constant(disp) => cx.out.emit(Op::AddImm { width: W, dst: moved, a: base, imm: i64::from(disp) }),
        Offset::Register(second, down) => {
            let b = value(cx, second);
            cx.out.emit(sum(moved, base, b, down));
        }
    }
    let at = if place.update == Writeback::Pre { moved } else { base };
    (Mem::at(at, 0), Some(moved))
}

/// The base takes its new value.
pub fn write_back(cx: &mut Cx<'_>, place: Place, updated: Option<Reg>) {
    if let Some(updated) = updated {
        cx.out.copy(r(place.base), updated);
    }
}

const fn sum(dst: Reg, a: Reg, b: Reg, down: bool) -> Op {
    if down { Op::Sub { width: W, dst, a, b } } else { Op::Add { width: W, dst, a, b } }
}

/// An address from a base that stays. An access that a displacement carries beyond the address space fails, cut to 32 bits
/// or not: nothing is mapped at either of its ends.
fn plain(cx: &mut Cx<'_>, place: Place) -> Mem {
    use rcsim_uop::op::Shift;
    match place.offset {
        Offset::Constant(disp) if place.base == PC => literal(cx, disp),
        Offset::Constant(disp) => Mem::at(r(place.base), disp),
        Offset::Register(Second::Plain(n), false) => {
            let (base, index) = (cx.read(place.base), cx.read(n));
            Mem::indexed(base, index, 0, 0).wrap_32()
        }
        Offset::Register(Second::Shifted(n, Shift::Left, amount @ 1..=7), false) => {
            let (base, index) = (cx.read(place.base), cx.read(n));
            Mem::indexed(base, index, amount, 0).wrap_32()
        }
        Offset::Register(second, down) => {
            let (a, b, dst) = (cx.read(place.base), value(cx, second), cx.out.temp());
            cx.out.emit(sum(dst, a, b, down));
            Mem::at(dst, 0)
        }
    }
}

/// A constant among the code: its address is known. The program counter counts as a multiple of four (A4.2.2).
fn literal(cx: &mut Cx<'_>, disp: i32) -> Mem {
    let address = (cx.insn.seen_pc() as u32 & !3).wrapping_add_signed(disp);
    match i32::try_from(address) {
        Ok(near) => Mem::at(ZERO, near),
        Err(_) => {
            let base = cx.out.temp();
            cx.out.constant(base, u64::from(address));
            Mem::at(base, 0)
        }
    }
}
