//! Blocks and branches inside a function.
//!
//! `block`, `loop` and `end` cost nothing: the plan knows where each branch goes.

use rcsim_uop::op::{Edge, Op, Pred, Stop, Width};
use rcsim_uop::reg::Reg;
use wasmparser::Operator;

use super::{Action, Lift, call, nothing};
use crate::wasm::plan::{Flow, Target};

pub fn action(op: &Operator<'_>) -> Option<Action> {
    match op {
        Operator::Block { .. } | Operator::Loop { .. } => nothing(),
        Operator::End => Some(Box::new(|lift| {
            if lift.at.step.flow == Flow::Leave {
                call::leave(lift);
            }
        })),
        Operator::If { .. } => Some(Box::new(|lift| test(lift, Pred::Ne))),
        Operator::Else | Operator::Br { .. } => Some(Box::new(always)),
        Operator::BrIf { .. } => Some(Box::new(when)),
        Operator::BrTable { .. } => Some(Box::new(table)),
        Operator::Unreachable => Some(Box::new(|lift| {
            let pc = lift.address(lift.at.step.offset);
            lift.out.stop(Stop::Undefined, 0, pc);
        })),
        _ => None,
    }
}

/// The one place that control can go to besides the next operator.
fn target(lift: &Lift<'_>) -> Target {
    match lift.at.step.flow {
        Flow::Branch(target) => target,
        // The plan gives each of these operators a branch.
        Flow::Next | Flow::Table(_) | Flow::Leave => unreachable!("a branch without a target"),
    }
}

/// On to the next operator when the top of the stack is not zero, else to the target.
fn test(lift: &mut Lift<'_>, pred: Pred) {
    let (a, exits) = (lift.top(1), [lift.next(), lift.address(target(lift).offset)]);
    lift.out.end(Op::BranchCmpImm { pred, width: Width::W32, a, imm: 0 }, &exits);
}

/// What a branch carries from a slot to where its target wants it, when it stands elsewhere.
fn carried(lift: &Lift<'_>, from: u16, target: Target) -> Option<Op> {
    let (src, dst) = (lift.slot(from), lift.slot(target.height));
    (target.arity == 1 && src != dst).then_some(Op::Copy { dst, src })
}

fn always(lift: &mut Lift<'_>) {
    let target = target(lift);
    if target.arity == 1 && let Some(copy) = carried(lift, lift.height - 1, target) {
        lift.emit(copy);
    }
    let to = lift.address(target.offset);
    lift.out.goto(Edge::Jump, to);
}

fn when(lift: &mut Lift<'_>) {
    let (target, test) = (target(lift), lift.top(1));
    if target.arity == 1 && let Some(copy) = carried(lift, lift.height - 2, target) {
        lift.emit(Op::SkipIfZero { test, count: 1 });
        lift.emit(copy);
    }
    let exits = [lift.address(target.offset), lift.next()];
    lift.out.end(Op::BranchCmpImm { pred: Pred::Ne, width: Width::W32, a: test, imm: 0 }, &exits);
}

fn table(lift: &mut Lift<'_>) {
    let Flow::Table(targets) = &lift.at.step.flow else { unreachable!("a br_table without targets") };
    let index = lift.top(1);
    carry_by_index(lift, index, targets);
    let exits: Vec<u64> = targets.iter().map(|target| lift.address(target.offset)).collect();
    lift.out.end(Op::Switch { index }, &exits);
}

/// Move the carried value for whichever target the index selects.
fn carry_by_index(lift: &mut Lift<'_>, index: Reg, targets: &[Target]) {
    let Some((default, listed)) = targets.split_last() else { return };
    if default.arity == 0 {
        return;
    }
    let from = lift.height - 2;
    if listed.iter().all(|target| target.height == default.height) {
        if let Some(copy) = carried(lift, from, *default) {
            lift.emit(copy);
        }
        return;
    }
    let test = lift.out.temp();
    let carry_when = |lift: &mut Lift<'_>, pred, imm, target| {
        if let Some(copy) = carried(lift, from, target) {
            lift.emit(Op::SetCmpImm { pred, width: Width::W32, dst: test, a: index, imm });
            lift.emit(Op::SkipIfZero { test, count: 1 });
            lift.emit(copy);
        }
    };
    for (at, target) in listed.iter().enumerate() {
        carry_when(lift, Pred::Eq, at as i64, *target);
    }
    carry_when(lift, Pred::GeU, listed.len() as i64, *default);
}
