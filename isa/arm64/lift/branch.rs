//! Branches, calls, returns and traps.

use rcsim_uop::op::{Edge, Op, Pred, Stop, Width};
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::Opcode;

use super::Cx;
use crate::arm64::decode::{Gap, Lifted, condition};
use crate::arm64::regs::LR;

/// B, BL, BR, BLR, RET.
pub fn transfer(cx: &mut Cx<'_>) -> Lifted {
    let next = cx.insn.next();
    match cx.insn.opcode {
        Opcode::B => {
            let target = cx.insn.target(0)?;
            cx.begin().goto(Edge::Jump, target);
        }
        Opcode::BL => {
            let target = cx.insn.target(0)?;
            let out = cx.begin();
            out.constant(LR, next);
            out.goto(Edge::Call, target);
        }
        Opcode::BR => {
            let target = cx.insn.src(0)?;
            cx.begin().goto_reg(Edge::Jump, target);
        }
        Opcode::BLR => {
            let target = cx.insn.src(0)?;
            call_reg(cx.begin(), target, next);
        }
        _ => {
            let target = cx.insn.src(0)?;
            cx.begin().goto_reg(Edge::Return, target);
        }
    }
    Ok(())
}

/// The target may be the link register itself, whose old value counts.
fn call_reg(out: &mut BlockBuilder, target: Reg, next: u64) {
    let target = if target == LR {
        let old = out.temp();
        out.copy(old, LR);
        old
    } else {
        target
    };
    out.constant(LR, next);
    out.goto_reg(Edge::Call, target);
}

/// B.cond, CBZ, CBNZ, TBZ, TBNZ.
pub fn conditional(cx: &mut Cx<'_>) -> Lifted {
    let next = cx.insn.next();
    let (op, target) = match cx.insn.opcode {
        Opcode::Bcc(code) => {
            let target = cx.insn.target(0)?;
            match condition(code) {
                Some(cond) => (Op::BranchCond { cond }, target),
                None => {
                    cx.begin().goto(Edge::Jump, target);
                    return Ok(());
                }
            }
        }
        Opcode::CBZ => (compare_zero(cx, Pred::Eq)?, cx.insn.target(1)?),
        Opcode::CBNZ => (compare_zero(cx, Pred::Ne)?, cx.insn.target(1)?),
        Opcode::TBZ => (test_bit(cx, false)?, cx.insn.target(2)?),
        _ => (test_bit(cx, true)?, cx.insn.target(2)?),
    };
    cx.begin().end(op, &[target, next]);
    Ok(())
}

fn compare_zero(cx: &Cx<'_>, pred: Pred) -> Lifted<Op> {
    let (width, a): (Width, Reg) = (cx.insn.width(0)?, cx.insn.src(0)?);
    Ok(Op::BranchCmpImm { pred, width, a, imm: 0 })
}

fn test_bit(cx: &Cx<'_>, set: bool) -> Lifted<Op> {
    let (a, bit) = (cx.insn.src(0)?, cx.insn.small(1)?);
    if bit > 63 {
        return Err(Gap::Shape);
    }
    Ok(Op::BranchBit { a, bit, set })
}

/// SVC, BRK, UDF.
pub fn stop(cx: &mut Cx<'_>) -> Lifted {
    let (pc, next, code) = (cx.insn.pc, cx.insn.next(), cx.insn.imm(0)? as u32);
    match cx.insn.opcode {
        Opcode::SVC => cx.begin().stop(Stop::Syscall, code, next),
        Opcode::BRK => cx.begin().stop(Stop::Breakpoint, code, pc),
        _ => cx.begin().stop(Stop::Undefined, code, pc),
    }
    Ok(())
}
