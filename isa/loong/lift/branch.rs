//! Jumps, calls, returns and conditional branches.

use rcsim_uop::Reg;
use rcsim_uop::op::{Edge, Op, Pred, Width};
use rcsim_uop::reg::SINK;

use super::Cx;
use crate::loong::decode::Lifted;
use crate::loong::regs::RA;

const LONG: Width = Width::W64;
/// Number of the link register.
const LINK: u8 = 1;

/// B and BL.
pub fn jump(cx: &mut Cx<'_>, links: bool) -> Lifted {
    let (target, next) = (cx.insn.target(cx.insn.distance26()), cx.insn.next());
    let out = cx.begin();
    if links {
        out.constant(RA, next);
    }
    out.goto(if links { Edge::Call } else { Edge::Jump }, target);
    Ok(())
}

/// What a jump through a register is, by the registers that it uses.
const fn edge(d: u8, j: u8) -> Edge {
    match (d, j) {
        (0, LINK) => Edge::Return,
        (0, _) => Edge::Jump,
        _ => Edge::Call,
    }
}

/// JIRL. The base may be the link register, whose old value counts.
pub fn jump_register(cx: &mut Cx<'_>) -> Lifted {
    let (base, distance, link, next) =
        (cx.insn.rj(), i64::from(cx.insn.distance16()), cx.insn.rd_out(), cx.insn.next());
    let edge = edge(cx.insn.d(), cx.insn.j());
    let out = cx.begin();
    let mut target: Reg = base;
    if distance != 0 || link == base {
        target = out.temp();
        out.add_imm(LONG, target, base, distance);
    }
    if link != SINK {
        out.constant(link, next);
    }
    out.goto_reg(edge, target);
    Ok(())
}

/// BEQ and its kin. What is always true is a jump.
pub fn compare(cx: &mut Cx<'_>, pred: Pred) -> Lifted {
    let (j, d) = (cx.insn.j(), cx.insn.d());
    let (a, b, width) = (cx.insn.rj(), cx.insn.rd(), LONG);
    let (target, next) = (cx.insn.target(cx.insn.distance16()), cx.insn.next());
    let out = cx.begin();
    match (pred, j, d) {
        // Go's assembler before 1.27 jumps so.
        (Pred::Eq, 0, 0) => out.goto(Edge::Jump, target),
        (_, _, 0) => out.end(Op::BranchCmpImm { pred, width, a, imm: 0 }, &[target, next]),
        _ => out.end(Op::BranchCmp { pred, width, a, b }, &[target, next]),
    }
    Ok(())
}

/// BEQZ and BNEZ.
pub fn zero(cx: &mut Cx<'_>, zero: bool) -> Lifted {
    let (a, pred) = (cx.insn.rj(), if zero { Pred::Eq } else { Pred::Ne });
    test(cx, a, pred)
}

/// BCEQZ and BCNEZ.
pub fn flag(cx: &mut Cx<'_>, set: bool) -> Lifted {
    let (a, pred) = (cx.insn.cj(), if set { Pred::Ne } else { Pred::Eq });
    test(cx, a, pred)
}

fn test(cx: &mut Cx<'_>, a: Reg, pred: Pred) -> Lifted {
    let exits = [cx.insn.target(cx.insn.distance21()), cx.insn.next()];
    cx.begin().end(Op::BranchCmpImm { pred, width: LONG, a, imm: 0 }, &exits);
    Ok(())
}
