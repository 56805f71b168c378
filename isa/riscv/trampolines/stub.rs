//! `reflect.makeFuncStub` and `reflect.methodValueCall`: the code of functions that `reflect` makes.
//!
//! Both leave the closure context, the address of their caller's arguments, the address of a flag and (from 2021 on) the
//! address of the spilled argument registers for a Go function. The flag tells the collector whether the result words of
//! the argument area hold results yet.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use crate::riscv::encode::{SP, X, ZERO};
use crate::riscv::port::context;
use crate::routine::Head;

/// Offsets of the outgoing arguments.
const OUT_CONTEXT: i32 = 8;
const OUT_ARGS: i32 = 16;
const OUT_RET_VALID: i32 = 24;
const OUT_REGS: i32 = 32;
/// Offset of the spilled registers in the frame (Go 1.19 and later).
const REG_ARGS: i32 = 48;
/// Registers of the author's choice.
const ARGS: X = X(5);
const SCRATCH: X = X(6);

/// `reflect.makeFuncStub`.
pub fn make_func_stub(epoch: Epoch, assembler: Assembler) -> Routine {
    stub(epoch, assembler, "reflect.makeFuncStub", "reflect.callReflect")
}

/// `reflect.methodValueCall`.
pub fn method_value_call(epoch: Epoch, assembler: Assembler) -> Routine {
    stub(epoch, assembler, "reflect.methodValueCall", "reflect.callMethod")
}

/// Bytes of the frame.
fn frame_bytes(epoch: Epoch) -> u32 {
    match epoch {
        _ if epoch >= Epoch::Go119 => 432,
        _ if epoch >= Epoch::Y2021 => 40,
        _ => 32,
    }
}

fn stub(epoch: Epoch, assembler: Assembler, name: &'static str, target: &str) -> Routine {
    let head = Head {
        name,
        frame_bytes: Some(frame_bytes(epoch)),
        // The runtime finds the size of the arguments through the closure.
        args_bytes: 0,
        splits_stack: false,
        wrapper: true,
        maps: FrameMaps::Context,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    if epoch >= Epoch::Go119 {
        with_register_arguments(&mut routine, epoch, target);
    } else {
        on_stack_only(&mut routine, epoch, target);
    }
    routine.ret();
    routine.end()
}

fn with_register_arguments(routine: &mut Routine, epoch: Epoch, target: &str) {
    let (closure, regs) = (X(context(epoch)), X(25));
    routine.asm.addi(regs, SP, REG_ARGS);
    routine.call("runtime.spillArgs");
    // Kept where the call below does not write.
    routine.asm.sd(closure, SP, OUT_REGS);
    routine.asm.sd(closure, SP, OUT_CONTEXT);
    routine.asm.sd(regs, SP, OUT_ARGS);
    routine.call("reflect.moveMakeFuncArgPtrs");
    routine.asm.ld(closure, SP, OUT_REGS);
    pass_context_and_args(routine, closure);
    let ret_valid = 40;
    routine.asm.sd(ZERO, SP, ret_valid);
    pass_ret_valid(routine, ret_valid);
    routine.asm.addi(SCRATCH, SP, REG_ARGS);
    routine.asm.sd(SCRATCH, SP, OUT_REGS);
    routine.call(target);
    routine.asm.addi(regs, SP, REG_ARGS);
    routine.call("runtime.unspillArgs");
}

fn pass_context_and_args(routine: &mut Routine, closure: X) {
    let args = routine.arg(0);
    routine.asm.sd(closure, SP, OUT_CONTEXT);
    routine.asm.addi(ARGS, SP, args);
    routine.asm.sd(ARGS, SP, OUT_ARGS);
}

/// Pass the address of the flag at `at`.
fn pass_ret_valid(routine: &mut Routine, at: i32) {
    routine.asm.addi(SCRATCH, SP, at);
    routine.asm.sd(SCRATCH, SP, OUT_RET_VALID);
}

/// No arguments in registers. In 2020 the flag lies where from 2021 on a nil pointer to register arguments is passed.
fn on_stack_only(routine: &mut Routine, epoch: Epoch, target: &str) {
    let passes_regs = epoch >= Epoch::Y2021;
    let ret_valid = if passes_regs { 40 } else { 32 };
    pass_context_and_args(routine, X(context(epoch)));
    pass_ret_valid(routine, ret_valid);
    if passes_regs {
        routine.asm.sd(ZERO, SP, OUT_REGS);
    }
    routine.asm.sb(ZERO, SP, ret_valid);
    routine.call(target);
}
