//! Bitwise operations, moves and tests. With flags they tell of the result's sign and whether it is zero, take the carry
//! from the shift of the second operand, and leave overflow alone.

use rcsim_uop::Reg;
use rcsim_uop::flags::FlagOp;
use rcsim_uop::op::{Op, Width};
use rcsim_uop::reg::{SINK, ZERO};

use super::Cx;
use super::data::{Operation, op};
use super::operand::{carry, constant, value, value_into};
use crate::arm::decode::{Lifted, Second};

const W: Width = Width::W32;

/// AND, EOR, ORR, BIC, MOV, MVN, TST, TEQ, with or without flags.
pub fn lift(cx: &mut Cx<'_>, operation: Operation) {
    if !operation.flags {
        return perform(cx, operation);
    }
    let carry = carry(cx, operation.second);
    let dst = if operation.dst == SINK { cx.out.temp() } else { operation.dst };
    perform(cx, Operation { dst, ..operation });
    test(cx, dst, carry);
}

/// Record what the flags tell of a result.
fn test(cx: &mut Cx<'_>, result: Reg, carry: Option<Reg>) {
    let (op, b) = match carry {
        None => (FlagOp::Tested, ZERO),
        Some(carry) => (FlagOp::TestedCarry, carry),
    };
    cx.out.emit(Op::AluF { op, width: W, dst: SINK, a: result, b });
}

fn perform(cx: &mut Cx<'_>, operation: Operation) {
    let Operation { op, dst, first, second, .. } = operation;
    match (op, second) {
        (op::MOV, _) => value_into(cx, dst, second),
        (op::AND | op::TST | op::EOR | op::TEQ | op::ORR | op::BIC, Second::Constant(imm, _)) => {
            let a = cx.read(first);
            by_constant(cx, op, dst, a, imm);
        }
        (op::AND | op::TST | op::EOR | op::TEQ | op::ORR | op::BIC, _) => {
            let (a, b) = (cx.read(first), value(cx, second));
            cx.out.emit(match op {
                op::AND | op::TST => Op::And { width: W, dst, a, b },
                op::EOR | op::TEQ => Op::Xor { width: W, dst, a, b },
                op::ORR => Op::Or { width: W, dst, a, b },
                _ => Op::AndNot { width: W, dst, a, b },
            });
        }
        (_, Second::Constant(imm, _)) => cx.out.constant(dst, u64::from(!imm)),
        _ => {
            let a = value(cx, second);
            cx.out.emit(Op::XorImm { width: W, dst, a, imm: u64::from(u32::MAX) });
        }
    }
}

fn by_constant(cx: &mut Cx<'_>, op: u32, dst: Reg, a: Reg, imm: u32) {
    let value = u64::from(imm);
    cx.out.emit(match op {
        op::AND | op::TST => Op::AndImm { width: W, dst, a, imm: value },
        op::EOR | op::TEQ => Op::XorImm { width: W, dst, a, imm: value },
        op::ORR => Op::OrImm { width: W, dst, a, imm: value },
        _ => Op::AndImm { width: W, dst, a, imm: u64::from(!imm) },
    });
}

/// MOVW, and MOVT, which replaces the upper half.
pub fn half(cx: &mut Cx<'_>, upper: bool) -> Lifted {
    let imm = u64::from(cx.insn.field(16, 4) << 12 | cx.insn.field(0, 12));
    let dst = cx.general(12)?;
    if !upper {
        return cx.emit(Op::Const { dst, value: imm });
    }
    cx.begin();
    let src = constant(cx.out, imm);
    cx.out.emit(Op::Deposit { dst, base: dst, src, lsb: 16, len: 16 });
    Ok(())
}
