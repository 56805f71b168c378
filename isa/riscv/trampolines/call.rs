//! The trampolines `runtime.callN` and their common tail `callRet`.
//!
//! A trampoline copies the stack arguments into its own frame, loads the argument registers (from Go 1.19 on), calls
//! the function, stores the registers again, and hands the results to `callRet`, which calls `reflectcallmove` to copy
//! them back with write barriers.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use crate::riscv::encode::{RA, SP, X, ZERO};
use crate::riscv::port::context;
use crate::routine::{Head, REFLECTCALL_ARGS_BYTES, reflectcall_args};

/// Offsets in the arguments of `reflectcall`.
mod arg {
    pub const TYPE: i32 = 0;
    pub const FUNCTION: i32 = 8;
    pub const STACK_ARGS: i32 = 16;
    pub const STACK_ARGS_SIZE: i32 = 24;
    pub const RESULTS_OFFSET: i32 = 28;
    pub const REG_ARGS: i32 = 40;
}

/// Registers that `callRet` takes: type, caller's argument memory, our copy of it, bytes, register arguments.
mod handed {
    use super::X;
    pub const TYPE: X = X(15);
    pub const TO: X = X(11);
    pub const FROM: X = X(13);
    pub const BYTES: X = X(12);
    pub const REG_ARGS: X = X(25);
}

/// `runtime.callN` for argument areas of up to `bytes` bytes.
pub fn call(epoch: Epoch, assembler: Assembler, bytes: u32) -> Routine {
    let head = Head {
        name: "runtime.call",
        frame_bytes: Some(bytes),
        args_bytes: REFLECTCALL_ARGS_BYTES,
        splits_stack: true,
        wrapper: true,
        maps: FrameMaps::Prototype,
    };
    let mut routine = Routine::new(assembler, head, reflectcall_args()).named(format!("runtime.call{bytes}"));
    copy_in(&mut routine);
    if epoch >= Epoch::Go119 {
        move_registers(&mut routine, "runtime.unspillArgs");
    }
    call_function(&mut routine, epoch);
    if epoch >= Epoch::Go119 {
        move_registers(&mut routine, "runtime.spillArgs");
    }
    hand_over(&mut routine);
    routine.call("callRet");
    routine.ret();
    routine.end()
}

fn load_arg(routine: &mut Routine, rd: X, offset: i32) {
    let offset = routine.arg(offset);
    routine.load(rd, offset);
}

fn load_arg_w(routine: &mut Routine, rd: X, offset: i32) {
    let offset = routine.arg(offset);
    routine.load_w(rd, offset);
}

/// Copy the stack arguments into our frame byte by byte.
fn copy_in(routine: &mut Routine) {
    let (from, end, to, byte) = (X(11), X(12), X(13), X(14));
    load_arg(routine, from, arg::STACK_ARGS);
    load_arg_w(routine, end, arg::STACK_ARGS_SIZE);
    let asm = &mut routine.asm;
    asm.addi(to, SP, 0);
    asm.addi(to, to, 8);
    asm.add(end, end, to);
    let again = asm.here();
    let done = asm.label();
    asm.beq(to, end, done);
    asm.lbu(byte, from, 0);
    asm.addi(from, from, 1);
    asm.sb(byte, to, 0);
    asm.addi(to, to, 1);
    asm.j(again);
    asm.bind(done);
}

/// Load or store all argument registers from or to the `RegArgs`.
fn move_registers(routine: &mut Routine, how: &str) {
    load_arg(routine, handed::REG_ARGS, arg::REG_ARGS);
    routine.call(how);
}

/// Call through the closure. The register for the code's address moved out of the argument registers.
fn call_function(routine: &mut Routine, epoch: Epoch) {
    let code = if epoch >= Epoch::Go119 { X(25) } else { X(14) };
    let closure = X(context(epoch));
    load_arg(routine, closure, arg::FUNCTION);
    routine.asm.ld(code, closure, 0);
    routine.asm.jalr(RA, code);
}

/// Put the results' place in both memories, and their size, where `callRet` expects them.
fn hand_over(routine: &mut Routine) {
    let results = X(14);
    load_arg(routine, handed::TYPE, arg::TYPE);
    load_arg(routine, handed::TO, arg::STACK_ARGS);
    load_arg_w(routine, handed::BYTES, arg::STACK_ARGS_SIZE);
    load_arg_w(routine, results, arg::RESULTS_OFFSET);
    let asm = &mut routine.asm;
    asm.addi(handed::FROM, SP, 8);
    asm.add(handed::FROM, handed::FROM, results);
    asm.add(handed::TO, handed::TO, results);
    asm.sub(handed::BYTES, handed::BYTES, results);
}

/// `callRet`: pass what the trampoline left in registers to `reflectcallmove` on the stack. Before Go 1.19 there are no
/// register arguments to hand on, and it passes nil.
pub fn call_ret(epoch: Epoch, assembler: Assembler) -> Routine {
    let head = Head {
        name: "callRet",
        frame_bytes: Some(40),
        args_bytes: 0,
        splits_stack: false,
        wrapper: false,
        maps: FrameMaps::Prototype,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    let asm = &mut routine.asm;
    asm.sd(handed::TYPE, SP, 8);
    asm.sd(handed::TO, SP, 16);
    asm.sd(handed::FROM, SP, 24);
    asm.sd(handed::BYTES, SP, 32);
    match epoch {
        _ if epoch >= Epoch::Go119 => asm.sd(handed::REG_ARGS, SP, 40),
        _ if epoch >= Epoch::Y2021 => asm.sd(ZERO, SP, 40),
        // Written as a store of the constant 0 to 40(SP), which the assembler took for a move of it to the base
        // register: the stack pointer becomes zero (fixed by Go's commit f0be3cc547).
        _ => routine.constant(SP, 0),
    }
    routine.call("runtime.reflectcallmove");
    routine.ret();
    routine.end()
}
