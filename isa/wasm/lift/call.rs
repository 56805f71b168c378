//! Calls and returns.
//!
//! A call saves the caller's slots, moves the arguments to the start of the window and continues at the callee. What
//! the callee returns lands where the first argument was.

use rcsim_uop::op::{Edge, Op, Width};
use rcsim_uop::reg::{Reg, SINK, ZERO};
use wasmparser::Operator;

use super::{Action, Lift};
use crate::wasm::module::Signature;
use crate::wasm::regs::WINDOW;

pub fn action(op: &Operator<'_>) -> Option<Action> {
    match *op {
        Operator::Call { function_index } => Some(Box::new(move |lift| direct(lift, function_index))),
        Operator::CallIndirect { type_index, table_index: 0 } => {
            Some(Box::new(move |lift| indirect(lift, type_index)))
        }
        Operator::Return => Some(Box::new(leave)),
        _ => None,
    }
}

fn direct(lift: &mut Lift<'_>, function: u32) {
    let Some((callee, signature)) = lift.isa.module().callee(function) else {
        unreachable!("the plan has checked the callee")
    };
    let height = lift.height;
    push_window(lift, height, signature);
    let exits = [lift.isa.entry(callee), lift.next()];
    lift.out.end(Op::Goto { edge: Edge::Call }, &exits);
}

/// Through the address that stands for the table entry called as this type; what is there checks both.
fn indirect(lift: &mut Lift<'_>, type_index: u32) {
    let Some(signature) = lift.isa.module().signature(type_index) else {
        unreachable!("the plan has checked the type")
    };
    let (index, addr) = (lift.top(1), lift.out.temp());
    let first = lift.isa.space().entries(signature.kind);
    lift.emit(Op::AddImm { width: Width::W64, dst: addr, a: index, imm: first as i64 });
    let height = lift.height - 1;
    push_window(lift, height, signature);
    let exits = [lift.next()];
    lift.out.end(Op::GotoReg { edge: Edge::Call, addr }, &exits);
}

/// `height`: of the operand stack with the arguments on top.
fn push_window(lift: &mut Lift<'_>, height: u16, signature: Signature) {
    let args = signature.params;
    // Without arguments and result, the place may lie just beyond the last slot; nothing uses it then.
    let unused = args == 0 && signature.results == 0;
    let args_first = if unused { WINDOW } else { lift.slot(height - u16::from(args)) };
    let result = if signature.results == 1 { args_first } else { SINK };
    let count = (lift.at.plan.locals + height) as u8;
    lift.emit(Op::WindowPush { first: WINDOW, count, args_first, args, result });
}

/// Leave the function with the top of the stack.
pub fn leave(lift: &mut Lift<'_>) {
    let src: Reg = if lift.at.function.signature.results == 1 { lift.top(1) } else { ZERO };
    lift.out.end(Op::WindowPop { src }, &[]);
}
