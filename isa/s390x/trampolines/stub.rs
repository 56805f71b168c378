//! `reflect.makeFuncStub` and `reflect.methodValueCall`: the code of functions that `reflect` makes.
//!
//! Both leave the closure context, the address of their caller's arguments, the address of a flag and (from 2021 on) the
//! address of the spilled argument registers for a Go function, `reflect.callReflect` or `reflect.callMethod`, each a word
//! from 8 above the stack pointer. The flag tells the collector whether the result words of the argument area hold
//! results yet; until 2018 there is none.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use super::has_register_arguments;
use crate::routine::Head;
use crate::s390x::encode::{NONE, R, SP};

/// The closure context register.
const CONTEXT: R = R(12);
/// Offsets of the outgoing arguments.
const OUT_CONTEXT: i64 = 8;
const OUT_ARGS: i64 = 16;
const OUT_RET_VALID: i64 = 24;
const OUT_REGS: i64 = 32;
/// The flag, from 2021 on. In 2020 it lies where then a nil pointer to register arguments is passed.
const RET_VALID: i64 = 40;
/// The spilled registers (Go 1.27).
const REG_ARGS: i64 = 48;

/// `reflect.makeFuncStub`.
pub fn make_func_stub(epoch: Epoch, assembler: Assembler) -> Routine {
    stub(epoch, assembler, "reflect.makeFuncStub", "reflect.callReflect")
}

/// `reflect.methodValueCall`.
pub fn method_value_call(epoch: Epoch, assembler: Assembler) -> Routine {
    stub(epoch, assembler, "reflect.methodValueCall", "reflect.callMethod")
}

fn stub(epoch: Epoch, assembler: Assembler, name: &'static str, target: &str) -> Routine {
    let head = Head {
        name,
        frame_bytes: Some(match epoch {
            Epoch::Go127 => 304,
            Epoch::Y2021 | Epoch::Go119 => 40,
            Epoch::Y2020 => 32,
            Epoch::Y2014Before | Epoch::Y2014 | Epoch::Y2016 | Epoch::Y2018 => 16,
        }),
        // The runtime finds the size of the arguments through the closure.
        args_bytes: 0,
        splits_stack: false,
        wrapper: true,
        maps: FrameMaps::Context,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    if has_register_arguments(epoch) {
        with_register_arguments(&mut routine, target);
    } else {
        on_stack_only(&mut routine, epoch, target);
    }
    routine.ret();
    routine
}

/// Pass the context and the address of the caller's arguments.
fn pass_context_and_args(routine: &mut Routine, scratch: R) {
    let args = i64::from(routine.arg(0));
    routine.asm.stg(CONTEXT, NONE, SP, OUT_CONTEXT);
    routine.asm.la(scratch, SP, NONE, args);
    routine.asm.stg(scratch, NONE, SP, OUT_ARGS);
}

/// Clear the flag, which lies at `at`, and pass its address.
fn pass_ret_valid(routine: &mut Routine, scratch: R, at: i64) {
    routine.asm.mvi(SP, at, 0);
    routine.asm.aghik(scratch, SP, at);
    routine.asm.stg(scratch, NONE, SP, OUT_RET_VALID);
}

fn with_register_arguments(routine: &mut Routine, target: &str) {
    let (regs, scratch) = (R(10), R(1));
    let asm = &mut routine.asm;
    asm.aghik(regs, SP, REG_ARGS);
    asm.brasl("runtime.spillArgs");
    // Kept where the call below does not write.
    asm.stg(CONTEXT, NONE, SP, OUT_REGS);
    asm.lgr(R(2), CONTEXT);
    asm.lgr(R(3), regs);
    asm.brasl("reflect.moveMakeFuncArgPtrs<ABIInternal>");
    asm.lg(CONTEXT, NONE, SP, OUT_REGS);
    pass_context_and_args(routine, scratch);
    pass_ret_valid(routine, scratch, RET_VALID);
    let asm = &mut routine.asm;
    asm.aghik(scratch, SP, REG_ARGS);
    asm.stg(scratch, NONE, SP, OUT_REGS);
    asm.brasl(target);
    asm.aghik(regs, SP, REG_ARGS);
    asm.brasl("runtime.unspillArgs");
}

/// No arguments in registers.
fn on_stack_only(routine: &mut Routine, epoch: Epoch, target: &str) {
    let scratch = R(3);
    pass_context_and_args(routine, scratch);
    if epoch >= Epoch::Y2021 {
        pass_ret_valid(routine, scratch, RET_VALID);
        routine.asm.mvghi(SP, OUT_REGS, 0);
    } else if epoch == Epoch::Y2020 {
        pass_ret_valid(routine, scratch, OUT_REGS);
    }
    routine.asm.brasl(target);
}
