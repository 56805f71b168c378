//! Shifts.

use rcsim_uop::op::{Op, Shift, Width};
use rcsim_uop::reg::SINK;

use super::Cx;
use crate::mips::decode::{Gap, Lifted};

/// Of the low bits of a function: which shift.
const fn kind(function: u32) -> Shift {
    match function & 3 {
        0 => Shift::Left,
        2 => Shift::Right,
        _ => Shift::RightSigned,
    }
}

/// Since release 2 a bit beside a right shift makes it a rotation.
const fn rotates(field: u8) -> Lifted {
    if field == 0 { Ok(()) } else { Err(Gap::Feature("mips32r2")) }
}

/// SLL to SRAV. Register 0 shifted to itself is NOP.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    const BY_REGISTER: u32 = 4;
    let (function, width) = (cx.insn.function(), cx.mode.word());
    if function & BY_REGISTER != 0 {
        return by_register(cx, width);
    }
    rotates(cx.insn.rs_number())?;
    by_constant(cx, width, cx.insn.sa())
}

/// DSLL to DSRAV.
pub fn doubleword(cx: &mut Cx<'_>) -> Lifted {
    const BY_CONSTANT: u32 = 56;
    const PLUS_32: u32 = 4;
    cx.needs_wide()?;
    let (function, width) = (cx.insn.function(), Width::W64);
    if function < BY_CONSTANT {
        return by_register(cx, width);
    }
    rotates(cx.insn.rs_number())?;
    let more = if function & PLUS_32 != 0 { 32 } else { 0 };
    by_constant(cx, width, cx.insn.sa() + more)
}

fn by_constant(cx: &mut Cx<'_>, width: Width, amount: u8) -> Lifted {
    let (op, dst, a) = (kind(cx.insn.function()), cx.insn.rd_out(), cx.insn.rt());
    if dst == SINK {
        return cx.nothing();
    }
    cx.emit(Op::ShiftImm { op, width, dst, a, amount })
}

fn by_register(cx: &mut Cx<'_>, width: Width) -> Lifted {
    rotates(cx.insn.sa())?;
    let (op, dst, a, b) = (kind(cx.insn.function()), cx.insn.rd_out(), cx.insn.rt(), cx.insn.rs());
    cx.emit(Op::Shift { op, width, dst, a, b })
}
