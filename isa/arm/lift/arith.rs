//! Additions, subtractions, comparisons (A8.8.1 and following).

use rcsim_uop::flags::{Cond, FlagOp};
use rcsim_uop::op::{Mem, Op, Scale, Shift, Width};
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use super::data::{Operation, op};
use super::operand::{constant, value};
use crate::arm::decode::Second;
use crate::arm::regs::PC;

const W: Width = Width::W32;

/// ADD, SUB, RSB, ADC, SBC, RSC, CMP, CMN, with or without flags.
pub fn lift(cx: &mut Cx<'_>, operation: Operation) {
    let Operation { op, flags, dst, first, second } = operation;
    match (op, flags) {
        (op::ADD, false) => add(cx, dst, first, second),
        (op::SUB, false) => subtract(cx, dst, first, second),
        (op::RSB, false) => {
            let (b, a) = (cx.read(first), value(cx, second));
            cx.out.emit(Op::Sub { width: W, dst, a, b });
        }
        (op::ADC | op::SBC | op::RSC, _) => with_carry(cx, operation),
        (op::RSB, true) => {
            let (b, a) = (cx.read(first), value(cx, second));
            cx.out.emit(Op::SubF { width: W, borrow: false, dst, a, b });
        }
        (op::ADD | op::CMN, _) => with_flags(cx, dst, first, second, false),
        _ => with_flags(cx, dst, first, second, true),
    }
}

/// ADD. What is added to the program counter is an address, known here.
fn add(cx: &mut Cx<'_>, dst: Reg, first: u8, second: Second) {
    match second {
        Second::Constant(imm, _) if first == PC => {
            let address = (cx.insn.seen_pc() as u32).wrapping_add(imm);
            cx.out.constant(dst, u64::from(address));
        }
        Second::Constant(imm, _) => {
            let a = cx.read(first);
            add_constant(cx.out, dst, a, i64::from(imm));
        }
        Second::Shifted(n, Shift::Left, amount @ 1..=7) => {
            let (base, index) = (cx.read(first), cx.read(n));
            let mem = Mem { base, index, scale: Scale::shift(amount), disp: 0 };
            cx.out.emit(Op::Lea { width: W, dst, mem });
        }
        _ => {
            let (a, b) = (cx.read(first), value(cx, second));
            cx.out.emit(Op::Add { width: W, dst, a, b });
        }
    }
}

/// SUB.
fn subtract(cx: &mut Cx<'_>, dst: Reg, first: u8, second: Second) {
    let a = cx.read(first);
    match second {
        Second::Constant(imm, _) => add_constant(cx.out, dst, a, -i64::from(imm)),
        Second::Shifted(n, shift, amount @ 1..=31) => {
            let b = cx.read(n);
            cx.out.emit(Op::SubShifted { width: W, dst, a, b, shift, amount });
        }
        _ => {
            let b = value(cx, second);
            cx.out.emit(Op::Sub { width: W, dst, a, b });
        }
    }
}

/// Registers hold no more than 32 bits, so adding nothing is a copy.
fn add_constant(out: &mut BlockBuilder, dst: Reg, a: Reg, imm: i64) {
    if imm == 0 { out.copy(dst, a) } else { out.add_imm(W, dst, a, imm) }
}

/// ADDS, CMN, SUBS, CMP.
fn with_flags(cx: &mut Cx<'_>, dst: Reg, first: u8, second: Second, subtracts: bool) {
    let a = cx.read(first);
    if let Second::Constant(imm, _) = second {
        let imm = i64::from(imm);
        cx.out.emit(if subtracts {
            Op::SubFImm { width: W, borrow: false, dst, a, imm }
        } else {
            Op::AddFImm { width: W, dst, a, imm }
        });
        return;
    }
    let b = value(cx, second);
    cx.out.emit(if subtracts {
        Op::SubF { width: W, borrow: false, dst, a, b }
    } else {
        Op::AddF { width: W, dst, a, b }
    });
}

/// ADC, SBC, RSC.
fn with_carry(cx: &mut Cx<'_>, operation: Operation) {
    let Operation { op, flags, dst, first, second } = operation;
    let (a, b) = match second {
        Second::Constant(imm, _) => (cx.read(first), constant(cx.out, u64::from(imm))),
        _ => (cx.read(first), value(cx, second)),
    };
    let (a, b) = if op == op::RSC { (b, a) } else { (a, b) };
    let adds = op == op::ADC;
    if flags {
        let op = if adds { FlagOp::AddCarry } else { FlagOp::SubCarryNoBorrow };
        cx.out.emit(Op::AluF { op, width: W, dst, a, b });
        return;
    }
    let (carry, partly) = (cx.out.temp(), cx.out.temp());
    if adds {
        cx.out.emit(Op::SetCond { cond: Cond::Cs, dst: carry });
        cx.out.emit(Op::Add { width: W, dst: partly, a, b });
        cx.out.emit(Op::Add { width: W, dst, a: partly, b: carry });
    } else {
        cx.out.emit(Op::SetCond { cond: Cond::Cc, dst: carry });
        cx.out.emit(Op::Sub { width: W, dst: partly, a, b });
        cx.out.emit(Op::Sub { width: W, dst, a: partly, b: carry });
    }
}
