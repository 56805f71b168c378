//! Locals, globals, constants, and operators that only rearrange the stack.

use rcsim_uop::op::Op;
use rcsim_uop::reg::Reg;
use wasmparser::Operator;

use super::{Action, Lift, nothing};
use crate::wasm::regs::{MAX_GLOBALS, window};

pub fn action(op: &Operator<'_>) -> Option<Action> {
    match *op {
        Operator::LocalGet { local_index } => move_up(local(local_index)?),
        Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => move_down(local(local_index)?),
        Operator::GlobalGet { global_index } if global_index < MAX_GLOBALS => Some(Box::new(move |lift| {
            let src = lift.isa.module().global_slot(global_index);
            let dst = lift.top(0);
            lift.emit(Op::Copy { dst, src });
        })),
        Operator::GlobalSet { global_index } if global_index < MAX_GLOBALS => Some(Box::new(move |lift| {
            let dst = lift.isa.module().global_slot(global_index);
            let src = lift.top(1);
            lift.emit(Op::Copy { dst, src });
        })),
        Operator::I32Const { value } => constant(u64::from(value as u32)),
        Operator::I64Const { value } => constant(value as u64),
        Operator::F32Const { value } => constant(u64::from(value.bits())),
        Operator::F64Const { value } => constant(value.bits()),
        Operator::Drop | Operator::Nop => nothing(),
        Operator::Select => Some(Box::new(|lift| {
            let (a, b, test) = (lift.top(3), lift.top(2), lift.top(1));
            lift.emit(Op::Select { dst: a, test, a, b });
        })),
        _ => None,
    }
}

/// A function with more locals than slots has no plan, so an index that fits is a slot.
fn local(index: u32) -> Option<Reg> {
    let place = u16::try_from(index).ok()?;
    (place < crate::wasm::regs::WINDOW_SLOTS).then(|| window(place))
}

fn move_up(src: Reg) -> Option<Action> {
    Some(Box::new(move |lift| {
        let dst = lift.top(0);
        lift.emit(Op::Copy { dst, src });
    }))
}

fn move_down(dst: Reg) -> Option<Action> {
    Some(Box::new(move |lift| {
        let src = lift.top(1);
        lift.emit(Op::Copy { dst, src });
    }))
}

fn constant(value: u64) -> Option<Action> {
    Some(Box::new(move |lift| {
        let dst = lift.top(0);
        lift.emit(Op::Const { dst, value });
    }))
}

/// Declared locals are zero when the function starts. Its first operator does it, wherever the function was called
/// from; no branch leads there, since branches to a `loop` go to what follows it.
pub fn clear_locals(lift: &mut Lift<'_>) {
    let params = u16::from(lift.at.function.signature.params);
    let words = (lift.at.plan.locals - params) as u8;
    if words > 0 {
        lift.emit(Op::VecZero { words, dst: window(params) });
    }
}
