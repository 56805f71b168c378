//! `reflect.makeFuncStub` and `reflect.methodValueCall`: the code of functions that `reflect` makes.
//!
//! Both leave the closure context, the address of their caller's arguments, the address of a flag and (from 2021 on) the
//! address of the spilled argument registers for a Go function. The flag tells the collector whether the result words of
//! the argument area hold results yet.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::{FIXED_FRAME, Routine};
use crate::ppc64::encode::{R, R0, SP};
use crate::routine::Head;

/// The closure context register.
const CONTEXT: R = R(11);
const SCRATCH: R = R(3);
/// The address of the spilled registers.
const REGS: R = R(20);
/// Outgoing arguments.
const OUT_CONTEXT: i64 = FIXED_FRAME as i64;
const OUT_ARGS: i64 = OUT_CONTEXT + 8;
const OUT_RET_VALID: i64 = OUT_CONTEXT + 16;
const OUT_REGS: i64 = OUT_CONTEXT + 24;
/// The flag, and until the call the context, kept where the call before it does not write (Go 1.18 and later).
const RET_VALID: i64 = OUT_CONTEXT + 32;
/// The spilled registers (Go 1.18 and later).
const REG_ARGS: i64 = OUT_CONTEXT + 40;

/// `reflect.makeFuncStub`.
pub fn make_func_stub(epoch: Epoch, assembler: Assembler) -> Routine {
    // Where the context goes first differs between the two stubs.
    stub(epoch, assembler, "reflect.makeFuncStub", "reflect.callReflect", [RET_VALID, OUT_CONTEXT])
}

/// `reflect.methodValueCall`.
pub fn method_value_call(epoch: Epoch, assembler: Assembler) -> Routine {
    stub(epoch, assembler, "reflect.methodValueCall", "reflect.callMethod", [OUT_CONTEXT, RET_VALID])
}

fn stub(
    epoch: Epoch,
    assembler: Assembler,
    name: &'static str,
    target: &str,
    context_places: [i64; 2],
) -> Routine {
    let head = Head {
        name,
        frame_bytes: Some(match epoch {
            Epoch::Go119 | Epoch::Go127 => 336,
            Epoch::Y2021 => 40,
            _ => 32,
        }),
        // The runtime finds the size of the arguments through the closure.
        args_bytes: 0,
        splits_stack: false,
        wrapper: true,
        maps: FrameMaps::Context,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    if epoch >= Epoch::Go119 {
        with_register_arguments(&mut routine, target, context_places);
    } else {
        on_stack_only(&mut routine, epoch, target);
    }
    routine.ret();
    routine
}

fn with_register_arguments(routine: &mut Routine, target: &str, context_places: [i64; 2]) {
    let asm = &mut routine.asm;
    asm.addi(REGS, SP, REG_ARGS);
    asm.bl("runtime.spillArgs");
    for place in context_places {
        asm.std(CONTEXT, SP, place);
    }
    asm.std(REGS, SP, OUT_ARGS);
    asm.bl("reflect.moveMakeFuncArgPtrs");
    asm.ld(CONTEXT, SP, RET_VALID);
    pass_context_and_args(routine);
    let asm = &mut routine.asm;
    asm.addi(SCRATCH, SP, RET_VALID);
    asm.stb(R0, SCRATCH, 0);
    asm.std(SCRATCH, SP, OUT_RET_VALID);
    asm.addi(SCRATCH, SP, REG_ARGS);
    asm.std(SCRATCH, SP, OUT_REGS);
    asm.bl(target);
    asm.addi(REGS, SP, REG_ARGS);
    asm.bl("runtime.unspillArgs");
}

fn pass_context_and_args(routine: &mut Routine) {
    let args = i64::from(routine.arg(0));
    routine.asm.std(CONTEXT, SP, OUT_CONTEXT);
    routine.asm.addi(SCRATCH, SP, args);
    routine.asm.std(SCRATCH, SP, OUT_ARGS);
}

/// No arguments in registers. In 2020 the flag lies where from 2021 on a nil pointer to register arguments is passed.
fn on_stack_only(routine: &mut Routine, epoch: Epoch, target: &str) {
    pass_context_and_args(routine);
    let flag = if epoch >= Epoch::Y2021 { RET_VALID } else { OUT_REGS };
    let asm = &mut routine.asm;
    asm.stb(R0, SP, flag);
    asm.addi(SCRATCH, SP, flag);
    asm.std(SCRATCH, SP, OUT_RET_VALID);
    if epoch >= Epoch::Y2021 {
        asm.std(R0, SP, OUT_REGS);
    }
    asm.bl(target);
}
