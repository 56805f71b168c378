//! Operators as micro-ops: the dispatcher. Each group of operators has its file.
//!
//! An operator reads its operands from the top of the stack and leaves its result where the first of them was. What an
//! `i32` operator leaves is zero-extended, so `i64.extend_i32_u` and the reinterpretations cost nothing.

mod call;
mod control;
mod convert;
mod float;
mod integer;
mod memory;
mod variable;

use rcsim_uop::build::BlockBuilder;
use rcsim_uop::isa::LiftError;
use rcsim_uop::op::{Op, Stop};
use rcsim_uop::reg::Reg;
use wasmparser::Operator;

use super::disasm;
use super::isa::{Decoded, WasmIsa};
use super::regs::window;

/// An operator being lifted.
struct Lift<'a> {
    isa: &'a WasmIsa,
    at: &'a Decoded<'a>,
    /// Height of the operand stack before the operator.
    height: u16,
    out: &'a mut BlockBuilder,
}

impl Lift<'_> {
    /// The slot of the operand at a height from the bottom of the stack.
    fn slot(&self, height: u16) -> Reg {
        window(self.at.plan.locals + height)
    }

    /// The slot of the operand `depth` places from the top, 1 for the topmost; for a result, 0 for the place above it.
    fn top(&self, depth: u16) -> Reg {
        self.slot(self.height - depth)
    }

    fn emit(&mut self, op: Op) {
        self.out.emit(op);
    }

    /// Address of an offset of the file.
    fn address(&self, offset: u32) -> u64 {
        self.isa.space().file(offset)
    }

    /// Address of the next operator.
    fn next(&self) -> u64 {
        self.address(self.at.next)
    }
}

/// What lifts one operator. Looked up before the operator is announced, so that an unknown one leaves no trace.
type Action = Box<dyn FnOnce(&mut Lift<'_>)>;

/// The action of an operator: each group knows its own.
fn action(op: &Operator<'_>) -> Option<Action> {
    control::action(op)
        .or_else(|| call::action(op))
        .or_else(|| variable::action(op))
        .or_else(|| memory::action(op))
        .or_else(|| integer::action(op))
        .or_else(|| float::action(op))
        .or_else(|| convert::action(op))
}

/// Two operands, one result, one micro-op.
fn binary(make: impl Fn(Reg, Reg, Reg) -> Op + 'static) -> Option<Action> {
    Some(Box::new(move |lift| {
        let (a, b) = (lift.top(2), lift.top(1));
        lift.emit(make(a, a, b));
    }))
}

/// One operand, one result, one micro-op.
fn unary(make: impl Fn(Reg, Reg) -> Op + 'static) -> Option<Action> {
    Some(Box::new(move |lift| {
        let a = lift.top(1);
        lift.emit(make(a, a));
    }))
}

/// No micro-op: the slot's content stands for the result as it is.
fn nothing() -> Option<Action> {
    Some(Box::new(|_| {}))
}

/// Lift the operator at `pc`.
///
/// # Errors
/// [`LiftError::Unsupported`] for an operator that no group knows.
pub fn operator(isa: &WasmIsa, pc: u64, at: &Decoded<'_>, out: &mut BlockBuilder) -> Result<(), LiftError> {
    let len = at.next - at.step.offset;
    let Some(action) = action(&at.op) else {
        let bytes = &isa.module().file[at.step.offset as usize..at.next as usize];
        return Err(LiftError::Unsupported {
            pc,
            bytes: bytes.iter().take(16).copied().collect(),
            text: disasm::text(&at.op, isa.module()),
            feature: None,
        });
    };
    out.long_insn(pc, u16::try_from(len).unwrap_or(u16::MAX));
    let Some(height) = at.step.height else {
        // Code after an unconditional branch, which validation lets have any stack: nothing can run it.
        out.stop(Stop::Undefined, 0, pc);
        return Ok(());
    };
    let lift = &mut Lift { isa, at, height, out };
    if at.step.offset == at.function.entry {
        variable::clear_locals(lift);
    }
    action(lift);
    Ok(())
}
