//! The trampolines `runtime.callN`, their common tail `callRet`, and the move that they run with a length of their own.
//!
//! A trampoline copies the stack arguments into its own frame, loads the argument registers (in Go 1.27), calls the
//! function, stores the registers again, and hands the results to `callRet`, which calls `reflectcallmove` to copy them back
//! with write barriers: type, where to, where from, bytes and, since 2020, the register arguments, each a word.
//!
//! Until 2018 the trampolines state 24 bytes of arguments, what they were before the type was added, though there are 32.
//! It harms nobody, for the pointers are among them.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::{LINK_BYTES, Routine};
use super::{has_register_arguments, reflectcall_args};
use crate::routine::{Head, REFLECTCALL_ARGS_BYTES};
use crate::s390x::encode::{Cc, NONE, R, SP};

/// Offsets in the arguments of `reflectcall`.
mod arg {
    pub const TYPE: u32 = 0;
    pub const FUNCTION: u32 = 8;
    pub const STACK_ARGS: u32 = 16;
    pub const STACK_ARGS_SIZE: u32 = 24;
    pub const RESULTS_OFFSET: u32 = 28;
    pub const REG_ARGS: u32 = 40;
}

/// Registers that `callRet` takes: type, caller's argument memory, our copy of it, bytes, register arguments.
mod handed {
    use super::R;
    pub const TYPE: R = R(7);
    pub const TO: R = R(6);
    pub const FROM: R = R(4);
    pub const BYTES: R = R(5);
    pub const REG_ARGS: R = R(10);
}

/// The closure context register.
const CONTEXT: R = R(12);
/// Where outgoing arguments start.
const OUT: i64 = LINK_BYTES as i64;
/// Most bytes that one move copies.
const MOVE_BYTES: u16 = 256;
/// The arguments and our copy of them, while they are copied.
const SOURCE: R = R(4);
const COPY: R = R(6);
/// The move of a length that is not known beforehand.
const MOVE_REST: &str = "callfnMVC";

/// `runtime.callN` for argument areas of up to `bytes` bytes.
pub fn call(epoch: Epoch, assembler: Assembler, bytes: u32) -> Routine {
    let head = Head {
        name: "runtime.call",
        frame_bytes: Some(bytes),
        args_bytes: if epoch.has_reg_args() { REFLECTCALL_ARGS_BYTES } else { 24 },
        splits_stack: true,
        wrapper: true,
        maps: FrameMaps::Prototype,
    };
    let mut routine = Routine::new(assembler, head, reflectcall_args(epoch)).named(format!("runtime.call{bytes}"));
    copy_in(&mut routine);
    call_function(&mut routine, epoch);
    hand_over(&mut routine);
    routine.asm.brasl("callRet");
    routine.ret();
    routine
}

fn load_arg(routine: &mut Routine, r1: R, offset: u32) {
    let offset = routine.arg(offset);
    routine.load(r1, offset);
}

fn load_arg_w(routine: &mut Routine, r1: R, offset: u32) {
    let offset = routine.arg(offset);
    routine.load_w(r1, offset);
}

/// Copy the stack arguments into our frame: 256 bytes at a time, then the rest in one move whose length is in a register,
/// less one.
fn copy_in(routine: &mut Routine) {
    let (left, step) = (R(5), i64::from(MOVE_BYTES));
    load_arg(routine, SOURCE, arg::STACK_ARGS);
    load_arg_w(routine, left, arg::STACK_ARGS_SIZE);
    let asm = &mut routine.asm;
    asm.la(COPY, SP, NONE, OUT);
    let again = asm.here();
    let (rest, done) = (asm.label(), asm.label());
    asm.cghi(left, step);
    asm.brc(Cc::Lt, rest);
    asm.aghi(left, -step);
    asm.mvc(MOVE_BYTES, (COPY, 0), (SOURCE, 0));
    asm.la(SOURCE, SOURCE, NONE, step);
    asm.la(COPY, COPY, NONE, step);
    asm.brc(Cc::Always, again);
    asm.bind(rest);
    asm.cghi(left, 0);
    asm.brc(Cc::Eq, done);
    asm.aghi(left, -1);
    asm.exrl(left, MOVE_REST);
    asm.bind(done);
}

/// The move of one byte that is run with another length; nobody calls it.
pub fn move_rest(assembler: Assembler) -> Routine {
    let head = Head {
        name: MOVE_REST,
        frame_bytes: None,
        args_bytes: 0,
        splits_stack: false,
        wrapper: false,
        maps: FrameMaps::None,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    routine.asm.mvc(1, (COPY, 0), (SOURCE, 0));
    routine
}

/// Call through the closure. The register for the code's address moved out of the argument registers.
fn call_function(routine: &mut Routine, epoch: Epoch) {
    let in_registers = has_register_arguments(epoch);
    let code = if in_registers { R(10) } else { R(8) };
    load_arg(routine, CONTEXT, arg::FUNCTION);
    if in_registers {
        move_registers(routine, "runtime.unspillArgs");
    }
    routine.asm.lg(code, NONE, CONTEXT, 0);
    routine.asm.basr(code);
    if in_registers {
        move_registers(routine, "runtime.spillArgs");
    }
}

/// Load or store all argument registers from or to the `RegArgs`.
fn move_registers(routine: &mut Routine, how: &str) {
    load_arg(routine, handed::REG_ARGS, arg::REG_ARGS);
    routine.asm.brasl(how);
}

/// Put the results' place in both memories, and their size, where `callRet` expects them.
fn hand_over(routine: &mut Routine) {
    let results = R(1);
    load_arg(routine, handed::TYPE, arg::TYPE);
    load_arg(routine, handed::TO, arg::STACK_ARGS);
    load_arg_w(routine, handed::BYTES, arg::STACK_ARGS_SIZE);
    routine.asm.la(handed::FROM, SP, NONE, OUT);
    load_arg_w(routine, results, arg::RESULTS_OFFSET);
    routine.asm.agrk(handed::FROM, handed::FROM, results);
    routine.asm.agrk(handed::TO, handed::TO, results);
    routine.asm.sgr(handed::BYTES, results);
}

/// `callRet`: pass what the trampoline left in registers to `reflectcallmove` on the stack. Without arguments in registers there are no
/// register arguments to hand on, and it passes nil; before 2020 there is no such parameter.
pub fn call_ret(epoch: Epoch, assembler: Assembler) -> Routine {
    const REG_ARGS: i64 = OUT + 32;
    let head = Head {
        name: "callRet",
        frame_bytes: Some(if epoch.has_reg_args() { 40 } else { 32 }),
        args_bytes: 0,
        splits_stack: false,
        wrapper: false,
        maps: FrameMaps::Prototype,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    let asm = &mut routine.asm;
    let words = [handed::TYPE, handed::TO, handed::FROM, handed::BYTES];
    for (word, at) in words.into_iter().zip((OUT..).step_by(8)) {
        asm.stg(word, NONE, SP, at);
    }
    if has_register_arguments(epoch) {
        asm.stg(handed::REG_ARGS, NONE, SP, REG_ARGS);
    } else if epoch.has_reg_args() {
        asm.mvghi(SP, REG_ARGS, 0);
    }
    asm.brasl("runtime.reflectcallmove");
    routine.ret();
    routine
}
