//! Jumps, calls, returns and conditional branches.

use rcsim_uop::Reg;
use rcsim_uop::op::{Edge, Op, Pred, Width};
use rcsim_uop::reg::SINK;

use super::Cx;
use crate::riscv::decode::Lifted;

/// The registers that link calls and returns: `ra` and `t0` (manual 2.5.1).
const LINKS: [u8; 2] = [1, 5];

/// What a jump is, by the registers that it uses (manual 2.5.1, return-address stack hints).
fn edge(rd: u8, rs1: Option<u8>) -> Edge {
    if LINKS.contains(&rd) {
        Edge::Call
    } else if rs1.is_some_and(|rs1| LINKS.contains(&rs1)) {
        Edge::Return
    } else {
        Edge::Jump
    }
}

/// JAL.
pub fn jump(cx: &mut Cx<'_>) -> Lifted {
    let (target, next, link) = (cx.insn.jump_target(), cx.insn.next(), cx.insn.rd());
    let edge = edge(cx.insn.rd_number(), None);
    let out = cx.begin();
    if link != SINK {
        out.constant(link, next);
    }
    out.goto(edge, target);
    Ok(())
}

/// JALR: the lowest bit of the sum is cleared. The base may be the link register, whose old value counts.
pub fn jump_register(cx: &mut Cx<'_>) -> Lifted {
    let (base, imm, link, next) = (cx.insn.rs1(), i64::from(cx.insn.imm()), cx.insn.rd(), cx.insn.next());
    let edge = edge(cx.insn.rd_number(), Some(cx.insn.rs1_number()));
    let out = cx.begin();
    let target = out.temp();
    let mut sum: Reg = base;
    if imm != 0 {
        out.add_imm(Width::W64, target, base, imm);
        sum = target;
    }
    out.emit(Op::AndImm { width: Width::W64, dst: target, a: sum, imm: !1 });
    if link != SINK {
        out.constant(link, next);
    }
    out.goto_reg(edge, target);
    Ok(())
}

/// BEQ and its kin.
pub fn conditional(cx: &mut Cx<'_>, pred: Pred) -> Lifted {
    let (a, b, width) = (cx.insn.rs1(), cx.insn.rs2(), Width::W64);
    let exits = [cx.insn.branch_target(), cx.insn.next()];
    let op = if cx.insn.compares_with_zero() {
        Op::BranchCmpImm { pred, width, a, imm: 0 }
    } else {
        Op::BranchCmp { pred, width, a, b }
    };
    cx.begin().end(op, &exits);
    Ok(())
}
