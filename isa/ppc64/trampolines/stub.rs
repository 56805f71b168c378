//! `reflect.makeFuncStub` and `reflect.methodValueCall`: the code of functions that `reflect` makes.
//!
//! Both leave the closure context, the address of their caller's arguments, (from 2020 on) the address of a flag and (from
//! 2021 on) the address of the spilled argument registers for a Go function. The flag tells the collector whether the result
//! words of the argument area hold results yet.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use crate::ppc64::encode::{R, R0, SP};
use crate::routine::Head;

/// The closure context register.
const CONTEXT: R = R(11);
const SCRATCH: R = R(3);
/// The address of the spilled registers.
const REGS: R = R(20);
/// Offsets from the first outgoing argument.
const ARGS: i64 = 8;
const RET_VALID_ADDRESS: i64 = 16;
const REGS_ADDRESS: i64 = 24;
/// The flag, and until the call the context, kept where the call before it does not write (Go 1.18 and later).
const RET_VALID: i64 = 32;
/// The spilled registers (Go 1.18 and later).
const REG_ARGS: i64 = 40;

/// `reflect.makeFuncStub`.
pub fn make_func_stub(epoch: Epoch, assembler: Assembler) -> Routine {
    // Where the context goes first differs between the two stubs.
    stub(epoch, assembler, "reflect.makeFuncStub", "reflect.callReflect", [RET_VALID, 0])
}

/// `reflect.methodValueCall`.
pub fn method_value_call(epoch: Epoch, assembler: Assembler) -> Routine {
    stub(epoch, assembler, "reflect.methodValueCall", "reflect.callMethod", [0, RET_VALID])
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
    let out = assembler.outgoing();
    if epoch >= Epoch::Go119 {
        with_register_arguments(&mut routine, out, target, context_places);
    } else {
        on_stack_only(&mut routine, epoch, out, target);
    }
    routine.ret();
    routine
}

fn with_register_arguments(routine: &mut Routine, out: i64, target: &str, context_places: [i64; 2]) {
    let asm = &mut routine.asm;
    asm.addi(REGS, SP, out + REG_ARGS);
    asm.bl("runtime.spillArgs");
    for place in context_places {
        asm.std(CONTEXT, SP, out + place);
    }
    asm.std(REGS, SP, out + ARGS);
    asm.bl("reflect.moveMakeFuncArgPtrs");
    asm.ld(CONTEXT, SP, out + RET_VALID);
    pass_context_and_args(routine, out);
    let asm = &mut routine.asm;
    asm.addi(SCRATCH, SP, out + RET_VALID);
    asm.stb(R0, SCRATCH, 0);
    asm.std(SCRATCH, SP, out + RET_VALID_ADDRESS);
    asm.addi(SCRATCH, SP, out + REG_ARGS);
    asm.std(SCRATCH, SP, out + REGS_ADDRESS);
    asm.bl(target);
    asm.addi(REGS, SP, out + REG_ARGS);
    asm.bl("runtime.unspillArgs");
}

fn pass_context_and_args(routine: &mut Routine, out: i64) {
    let args = i64::from(routine.arg(0));
    routine.asm.std(CONTEXT, SP, out);
    routine.asm.addi(SCRATCH, SP, args);
    routine.asm.std(SCRATCH, SP, out + ARGS);
}

/// No arguments in registers. In 2020 the flag lies where from 2021 on a nil pointer to register arguments is passed; until
/// 2018 there is none.
fn on_stack_only(routine: &mut Routine, epoch: Epoch, out: i64, target: &str) {
    pass_context_and_args(routine, out);
    if epoch >= Epoch::Y2020 {
        pass_flag(routine, out, if epoch >= Epoch::Y2021 { RET_VALID } else { REGS_ADDRESS });
    }
    if epoch >= Epoch::Y2021 {
        routine.asm.std(R0, SP, out + REGS_ADDRESS);
    }
    routine.asm.bl(target);
}

/// Clear the flag and pass its address.
fn pass_flag(routine: &mut Routine, out: i64, at: i64) {
    let asm = &mut routine.asm;
    asm.stb(R0, SP, out + at);
    asm.addi(SCRATCH, SP, out + at);
    asm.std(SCRATCH, SP, out + RET_VALID_ADDRESS);
}
