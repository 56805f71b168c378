//! `reflect.makeFuncStub` and `reflect.methodValueCall`: the code of functions that `reflect` makes.
//!
//! Both leave the closure context, the address of their caller's arguments, the address of a flag and the address of the
//! spilled argument registers for a Go function. The flag tells the collector whether the result words of the argument
//! area hold results yet.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use crate::loong::encode::{Asm, R, SP, ZERO};
use crate::routine::Head;

/// Offsets of the outgoing arguments.
const OUT_CONTEXT: i32 = 8;
const OUT_ARGS: i32 = 16;
const OUT_RET_VALID: i32 = 24;
const OUT_REGS: i32 = 32;
/// Offset of the flag.
const RET_VALID: i32 = 40;
/// Offset of the spilled registers in the frame, in releases that have them.
const REG_ARGS: i32 = 48;
/// The closure context.
const CONTEXT: R = R(29);

/// How the author cleared the flag: a whole word, or one byte of it.
type Clear = fn(&mut Asm, R, R, i32);

/// `reflect.makeFuncStub`.
pub fn make_func_stub(epoch: Epoch, assembler: Assembler) -> Routine {
    stub(epoch, assembler, "reflect.makeFuncStub", "reflect.callReflect", Asm::st)
}

/// `reflect.methodValueCall`.
pub fn method_value_call(epoch: Epoch, assembler: Assembler) -> Routine {
    stub(epoch, assembler, "reflect.methodValueCall", "reflect.callMethod", Asm::st_b)
}

fn stub(epoch: Epoch, assembler: Assembler, name: &'static str, target: &str, clear: Clear) -> Routine {
    let in_registers = epoch >= Epoch::Go127;
    let head = Head {
        name,
        frame_bytes: Some(if in_registers { 432 } else { 40 }),
        // The runtime finds the size of the arguments through the closure.
        args_bytes: 0,
        splits_stack: false,
        wrapper: true,
        maps: FrameMaps::Context,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    if in_registers {
        with_register_arguments(&mut routine, target, clear);
    } else {
        on_stack_only(&mut routine, target);
    }
    routine.ret();
    routine.end()
}

fn with_register_arguments(routine: &mut Routine, target: &str, clear: Clear) {
    let (regs, scratch) = (R(25), R(20));
    let asm = &mut routine.asm;
    asm.addi(regs, SP, REG_ARGS);
    asm.bl("runtime.spillArgs");
    // Kept where the call below does not write.
    asm.st(CONTEXT, SP, OUT_REGS);
    asm.mov(R(4), CONTEXT);
    asm.mov(R(5), regs);
    asm.bl("reflect.moveMakeFuncArgPtrs<ABIInternal>");
    asm.ld(CONTEXT, SP, OUT_REGS);
    pass_context_and_args(routine, scratch);
    clear(&mut routine.asm, ZERO, SP, RET_VALID);
    pass_ret_valid(routine, scratch);
    let asm = &mut routine.asm;
    asm.addi(scratch, SP, REG_ARGS);
    asm.st(scratch, SP, OUT_REGS);
    asm.bl(target);
    asm.addi(regs, SP, REG_ARGS);
    asm.bl("runtime.unspillArgs");
}

fn pass_context_and_args(routine: &mut Routine, scratch: R) {
    let args = routine.arg(0);
    routine.asm.st(CONTEXT, SP, OUT_CONTEXT);
    routine.asm.addi(scratch, SP, args);
    routine.asm.st(scratch, SP, OUT_ARGS);
}

/// Pass the address of the flag.
fn pass_ret_valid(routine: &mut Routine, scratch: R) {
    routine.asm.addi(scratch, SP, RET_VALID);
    routine.asm.st(scratch, SP, OUT_RET_VALID);
}

/// No arguments in registers: a nil pointer to them is passed.
fn on_stack_only(routine: &mut Routine, target: &str) {
    let scratch = R(19);
    pass_context_and_args(routine, scratch);
    routine.asm.st_b(ZERO, SP, RET_VALID);
    pass_ret_valid(routine, scratch);
    routine.asm.st(ZERO, SP, OUT_REGS);
    routine.asm.bl(target);
}
