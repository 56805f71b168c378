//! Branches, jumps, calls and returns, each with its delay slot.

use rcsim_uop::op::{Edge, Op, Pred, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::{Cx, slot};
use crate::mips::decode::{Gap, Lifted};
use crate::mips::regs::{LINK, fcc, r_out};

/// What a branch looks at.
#[derive(Clone, Copy, Debug)]
struct Condition {
    pred: Pred,
    width: Width,
    a: Reg,
    b: Reg,
}

impl Condition {
    const fn zero(pred: Pred, width: Width, a: Reg) -> Self {
        Self { pred, width, a, b: ZERO }
    }

    /// A register that is not zero when the condition holds now.
    fn tested(self, out: &mut BlockBuilder) -> Self {
        let Self { pred, width, a, b } = self;
        let test = out.temp();
        out.emit(Op::SetCmp { pred, width, dst: test, a, b });
        Self::zero(Pred::Ne, Width::W64, test)
    }

    const fn branch(self) -> Op {
        let Self { pred, width, a, b } = self;
        if b.0 == ZERO.0 {
            Op::BranchCmpImm { pred, width, a, imm: 0 }
        } else {
            Op::BranchCmp { pred, width, a, b }
        }
    }

    /// Whether it holds whatever the registers are.
    fn always(self) -> bool {
        self.a == self.b && matches!(self.pred, Pred::Eq | Pred::GeS | Pred::LeS)
    }
}

/// An address as this machine has them.
fn fit(cx: &Cx<'_>, address: u64) -> u64 {
    cx.mode.full().fit(address)
}

/// A conditional branch; `links` says that it leaves a return address whether it is taken or not.
fn conditional(cx: &mut Cx<'_>, condition: Condition, links: bool) -> Lifted {
    let (target, next) = (fit(cx, cx.insn.branch_target()), fit(cx, cx.insn.after_slot()));
    let before = |out: &mut BlockBuilder, busy: bool| {
        let condition = if busy || links { held(condition, out) } else { condition };
        if links {
            out.constant(LINK, next);
        }
        condition
    };
    slot::around(cx, before, |out, condition| {
        if condition.always() {
            out.goto(if links { Edge::Call } else { Edge::Jump }, target);
        } else {
            out.end(condition.branch(), &[target, next]);
        }
    })
}

/// The condition as it is now, whatever becomes of its registers.
fn held(condition: Condition, out: &mut BlockBuilder) -> Condition {
    if condition.always() { condition } else { condition.tested(out) }
}

/// BEQ, BNE, BLEZ, BGTZ.
pub fn compare(cx: &mut Cx<'_>) -> Lifted {
    let (pred, b) = match cx.insn.opcode() {
        4 => (Pred::Eq, cx.insn.rt()),
        5 => (Pred::Ne, cx.insn.rt()),
        6 => (Pred::LeS, ZERO),
        _ => (Pred::GtS, ZERO),
    };
    conditional(cx, Condition { pred, width: cx.mode.full(), a: cx.insn.rs(), b }, false)
}

/// BLTZ, BGEZ, BLTZAL, BGEZAL.
pub fn against_zero(cx: &mut Cx<'_>) -> Lifted {
    const LINKS: u8 = 16;
    let pred = match cx.insn.rt_number() & !LINKS {
        0 => Pred::LtS,
        1 => Pred::GeS,
        _ => return Err(Gap::Opcode),
    };
    let links = cx.insn.rt_number() & LINKS != 0;
    conditional(cx, Condition::zero(pred, cx.mode.full(), cx.insn.rs()), links)
}

/// BC1F and BC1T.
pub fn floating_point(cx: &mut Cx<'_>) -> Lifted {
    const LIKELY: u8 = 2;
    let field = cx.insn.rt_number();
    if field & LIKELY != 0 {
        return Err(Gap::Opcode);
    }
    let pred = if field & 1 != 0 { Pred::Ne } else { Pred::Eq };
    conditional(cx, Condition::zero(pred, Width::W64, fcc(field >> 2)), false)
}

/// J and JAL.
pub fn jump(cx: &mut Cx<'_>) -> Lifted {
    const JAL: u32 = 3;
    let links = cx.insn.opcode() == JAL;
    let (target, next) = (fit(cx, cx.insn.jump_target()), fit(cx, cx.insn.after_slot()));
    let before = |out: &mut BlockBuilder, _| {
        if links {
            out.constant(LINK, next);
        }
    };
    let edge = if links { Edge::Call } else { Edge::Jump };
    slot::around(cx, before, |out, ()| out.goto(edge, target))
}

/// JR and JALR. JALR must not link the register that it jumps through.
pub fn register(cx: &mut Cx<'_>) -> Lifted {
    const JALR: u32 = 9;
    let (target, next) = (cx.insn.rs(), fit(cx, cx.insn.after_slot()));
    let link = (cx.insn.function() == JALR).then(|| cx.insn.rd_number()).filter(|n| *n != 0);
    if link == Some(cx.insn.rs_number()) {
        return Err(Gap::Opcode);
    }
    let edge = match link {
        Some(n) if r_out(n) == LINK => Edge::Call,
        None if target == LINK => Edge::Return,
        Some(_) | None => Edge::Jump,
    };
    let before = |out: &mut BlockBuilder, busy: bool| {
        let target = if busy { copied(out, target) } else { target };
        if let Some(n) = link {
            out.constant(r_out(n), next);
        }
        target
    };
    slot::around(cx, before, |out, target| out.goto_reg(edge, target))
}

fn copied(out: &mut BlockBuilder, src: Reg) -> Reg {
    let dst = out.temp();
    out.copy(dst, src);
    dst
}
