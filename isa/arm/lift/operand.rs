//! The second operand of data processing: its value, and the carry that its shift gives.

use rcsim_uop::flags::Cond;
use rcsim_uop::op::{Op, Shift, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use crate::arm::decode::Second;

const W: Width = Width::W32;

/// A constant in a register.
pub fn constant(out: &mut BlockBuilder, value: u64) -> Reg {
    if value == 0 {
        return ZERO;
    }
    let dst = out.temp();
    out.constant(dst, value);
    dst
}

/// A register that holds the operand.
pub fn value(cx: &mut Cx<'_>, second: Second) -> Reg {
    match second {
        Second::Constant(value, _) => constant(cx.out, u64::from(value)),
        Second::Plain(n) => cx.read(n),
        _ => {
            let dst = cx.out.temp();
            value_into(cx, dst, second);
            dst
        }
    }
}

/// `dst` = the operand.
pub fn value_into(cx: &mut Cx<'_>, dst: Reg, second: Second) {
    match second {
        Second::Constant(value, _) => cx.out.constant(dst, u64::from(value)),
        Second::Plain(n) => {
            let src = cx.read(n);
            cx.out.copy(dst, src);
        }
        Second::Shifted(n, op, amount) => {
            let a = cx.read(n);
            shift_by_constant(cx.out, dst, a, op, amount);
        }
        Second::ThroughCarry(n) => {
            let a = cx.read(n);
            through_carry(cx.out, dst, a);
        }
        Second::ByRegister(n, op, count) => {
            let (a, b) = (cx.read(n), cx.read(count));
            cx.out.emit(match op {
                Shift::RotateRight => Op::Shift { op, width: W, dst, a, b },
                _ => Op::ShiftFar { op, width: W, dst, a, b, count_bits: 8 },
            });
        }
    }
}

/// A shift by 1 to 32 places.
fn shift_by_constant(out: &mut BlockBuilder, dst: Reg, a: Reg, op: Shift, amount: u8) {
    match (op, amount) {
        (Shift::RightSigned, 32) => out.emit(Op::ShiftImm { op, width: W, dst, a, amount: 31 }),
        (_, 32) => out.constant(dst, 0),
        _ => out.emit(Op::ShiftImm { op, width: W, dst, a, amount }),
    }
}

/// The carry comes in at the top.
fn through_carry(out: &mut BlockBuilder, dst: Reg, a: Reg) {
    let (carry, shifted) = (out.temp(), out.temp());
    out.emit(Op::SetCond { cond: Cond::Cs, dst: carry });
    out.emit(Op::ShiftImm { op: Shift::Right, width: W, dst: shifted, a, amount: 1 });
    out.emit(Op::Deposit { dst, base: shifted, src: carry, lsb: 31, len: 1 });
}

/// A register whose lowest bit is the carry that the operand gives; `None` when the carry stays as it is. To be called
/// before the operation changes a register.
pub fn carry(cx: &mut Cx<'_>, second: Second) -> Option<Reg> {
    match second {
        Second::Plain(_) | Second::Constant(_, None) => None,
        Second::Constant(_, Some(carry)) => Some(constant(cx.out, u64::from(carry))),
        Second::Shifted(n, op, amount) => {
            let lsb = if op == Shift::Left { 32 - amount } else { amount - 1 };
            let src = cx.read(n);
            Some(bit(cx.out, src, lsb))
        }
        Second::ThroughCarry(n) => {
            let src = cx.read(n);
            Some(bit(cx.out, src, 0))
        }
        Second::ByRegister(n, op, count) => {
            let (a, count) = (cx.read(n), cx.read(count));
            Some(carry_by_register(cx.out, a, op, count))
        }
    }
}

fn bit(out: &mut BlockBuilder, src: Reg, lsb: u8) -> Reg {
    let dst = out.temp();
    out.emit(Op::Extract { width: W, dst, src, lsb, len: 1, signed: false });
    dst
}

/// The last bit that leaves the register; the carry as it was when nothing is shifted. Wide enough a register keeps that
/// bit just outside the lower half, or just inside it.
fn carry_by_register(out: &mut BlockBuilder, a: Reg, op: Shift, count: Reg) -> Reg {
    const WIDE: Width = Width::W64;
    let (shifted, new, old, places) = (out.temp(), out.temp(), out.temp(), out.temp());
    out.emit(Op::AndImm { width: W, dst: places, a: count, imm: 0xff });
    let far = |op, a| Op::ShiftFar { op, width: WIDE, dst: shifted, a, b: places, count_bits: 8 };
    let lsb = match op {
        Shift::Left => {
            out.emit(far(op, a));
            32
        }
        Shift::Right | Shift::RightSigned => {
            out.emit(Op::ShiftImm { op: Shift::Left, width: WIDE, dst: shifted, a, amount: 32 });
            out.emit(far(op, shifted));
            31
        }
        Shift::RotateRight => {
            out.emit(Op::Shift { op, width: W, dst: shifted, a, b: places });
            31
        }
    };
    out.emit(Op::Extract { width: WIDE, dst: new, src: shifted, lsb, len: 1, signed: false });
    out.emit(Op::SetCond { cond: Cond::Cs, dst: old });
    out.emit(Op::Select { dst: new, test: places, a: new, b: old });
    new
}
