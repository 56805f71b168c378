//! Branches and calls (A8.8.18, A8.8.25 to A8.8.27).

use rcsim_uop::op::{Edge, Op};

use super::Cx;
use crate::arm::decode::{Lifted, When};
use crate::arm::regs::{LINK, PC, r};

/// B and BL.
pub fn immediate(cx: &mut Cx<'_>) -> Lifted {
    let (links, target, next) = (cx.insn.bit(24), cx.insn.branch_target(), cx.insn.next());
    match (links, cx.insn.when()) {
        (false, When::If(cond)) => {
            cx.out.insn(cx.insn.pc, 4);
            cx.out.end(Op::BranchCond { cond }, &[target, next]);
        }
        (false, _) => {
            cx.begin();
            cx.out.goto(Edge::Jump, target);
        }
        // What stands before it is a block of its own: the collector may look at a goroutine where a block ends, and finds it
        // in the caller then, not at the beginning of the called function.
        (true, When::If(_)) if cx.out.insn_count() > 0 => cx.out.goto(Edge::Jump, cx.insn.pc),
        (true, When::If(_)) => {
            cx.begin_leaving();
            cx.out.constant(LINK, next);
            let to = cx.out.temp();
            cx.out.constant(to, target);
            cx.leave(Edge::Call, to);
        }
        (true, _) => {
            cx.begin();
            cx.out.constant(LINK, next);
            cx.out.goto(Edge::Call, target);
        }
    }
    Ok(())
}

/// BX: to the link register, it returns.
pub fn exchange(cx: &mut Cx<'_>) -> Lifted {
    let n = cx.insn.number(0);
    cx.begin_leaving();
    let target = cx.read(n);
    let edge = if n != PC && r(n) == LINK { Edge::Return } else { Edge::Jump };
    cx.leave(edge, target);
    Ok(())
}

/// BLX of a register.
pub fn call(cx: &mut Cx<'_>) -> Lifted {
    let src = cx.general(0)?;
    let next = cx.insn.next();
    cx.begin_leaving();
    let target = if src == LINK { cx.out.temp() } else { src };
    cx.out.copy(target, src);
    cx.out.constant(LINK, next);
    cx.leave(Edge::Call, target);
    Ok(())
}
