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
use crate::arm64::encode::{SP, X, ZR};
use crate::routine::Head;

/// The closure context register.
const CONTEXT: X = X(26);
/// Offsets of the outgoing arguments.
const OUT_CONTEXT: u32 = 8;
const OUT_ARGS: u32 = 16;
const OUT_RET_VALID: u32 = 24;
const OUT_REGS: u32 = 32;
/// Offset of the spilled registers in the frame (Go 1.18 and later).
const REG_ARGS: u32 = 48;

/// `reflect.makeFuncStub`.
pub fn make_func_stub(epoch: Epoch, assembler: Assembler) -> Routine {
    stub(epoch, assembler, "reflect.makeFuncStub", "reflect.callReflect")
}

/// `reflect.methodValueCall`.
pub fn method_value_call(epoch: Epoch, assembler: Assembler) -> Routine {
    stub(epoch, assembler, "reflect.methodValueCall", "reflect.callMethod")
}

fn stub(epoch: Epoch, assembler: Assembler, name: &'static str, target: &str) -> Routine {
    let with_registers = epoch >= Epoch::Go119;
    let head = Head {
        name,
        frame_bytes: Some(match epoch {
            Epoch::Go119 | Epoch::Go127 => 432,
            Epoch::Y2020 | Epoch::Y2021 => 40,
            Epoch::Y2014Before | Epoch::Y2014 | Epoch::Y2016 | Epoch::Y2018 => 24,
        }),
        // The runtime finds the size of the arguments through the closure.
        args_bytes: 0,
        splits_stack: false,
        wrapper: true,
        maps: FrameMaps::Context,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    if with_registers {
        with_register_arguments(&mut routine, target);
    } else {
        on_stack_only(&mut routine, epoch, target);
    }
    routine.ret();
    routine.end()
}

fn with_register_arguments(routine: &mut Routine, target: &str) {
    let (regs, scratch) = (X(20), X(3));
    let args = routine.arg(0);
    let asm = &mut routine.asm;
    asm.add_imm(regs, SP, REG_ARGS);
    asm.bl("runtime.spillArgs");
    // Kept where the call below does not write.
    asm.str(CONTEXT, SP, OUT_REGS);
    asm.mov(X(0), CONTEXT);
    asm.mov(X(1), regs);
    asm.bl("reflect.moveMakeFuncArgPtrs<ABIInternal>");
    asm.ldr(CONTEXT, SP, OUT_REGS);
    asm.str(CONTEXT, SP, OUT_CONTEXT);
    asm.add_imm(scratch, SP, args);
    asm.str(scratch, SP, OUT_ARGS);
    pass_ret_valid(routine, 40);
    let asm = &mut routine.asm;
    asm.add_imm(scratch, SP, REG_ARGS);
    asm.str(scratch, SP, OUT_REGS);
    asm.bl(target);
    asm.add_imm(regs, SP, REG_ARGS);
    asm.bl("runtime.unspillArgs");
}

/// Clear the flag, which lies at `at`, and pass its address.
fn pass_ret_valid(routine: &mut Routine, at: u32) {
    let scratch = X(3);
    routine.asm.strb(ZR, SP, at);
    routine.asm.add_imm(scratch, SP, at);
    routine.asm.str(scratch, SP, OUT_RET_VALID);
}

/// No arguments in registers. Until 2018 there is no flag; in 2020 it lies where from 2021 on a nil pointer to register arguments is passed.
fn on_stack_only(routine: &mut Routine, epoch: Epoch, target: &str) {
    let scratch = X(3);
    let args = routine.arg(0);
    routine.asm.str(CONTEXT, SP, OUT_CONTEXT);
    routine.asm.add_imm(scratch, SP, args);
    routine.asm.str(scratch, SP, OUT_ARGS);
    if epoch >= Epoch::Y2021 {
        pass_ret_valid(routine, 40);
        routine.asm.str(ZR, SP, OUT_REGS);
    } else if epoch == Epoch::Y2020 {
        pass_ret_valid(routine, 32);
    }
    routine.asm.bl(target);
}
