//! The trampolines `runtime.callN` and their common tail `callRet`.
//!
//! A trampoline copies the stack arguments into its own frame, loads the argument registers (from Go 1.18 on), calls
//! the function, stores the registers again, and hands the results to `callRet`, which calls `reflectcallmove` to copy
//! them back with write barriers: type, where to, where from, bytes and, since 2020, the register arguments, each a word,
//! from 8 above the stack pointer.
//!
//! Until 2018 the arguments are `typ, fn, arg unsafe.Pointer, n, retoffset uint32`, 32 bytes; still the trampolines state
//! 24, what they were before the type was added. It harms nobody, for the pointers are among them.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use super::{reflectcall_args, reflectcall_args_bytes};
use crate::arm64::encode::{Cc, SP, X, ZR};
use crate::routine::Head;

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
    use super::X;
    pub const TYPE: X = X(7);
    pub const TO: X = X(3);
    pub const FROM: X = X(5);
    pub const BYTES: X = X(4);
    pub const REG_ARGS: X = X(20);
}

/// The closure context register.
const CONTEXT: X = X(26);

/// `runtime.callN` for argument areas of up to `bytes` bytes.
pub fn call(epoch: Epoch, assembler: Assembler, bytes: u32) -> Routine {
    let in_2018 = epoch <= Epoch::Y2018;
    let head = Head {
        name: "runtime.call",
        // The authors rounded frames to 16 bytes, the link register included, before the assembler did.
        frame_bytes: Some(if in_2018 { bytes + 8 } else { bytes }),
        args_bytes: if in_2018 { 24 } else { reflectcall_args_bytes(epoch) },
        splits_stack: true,
        wrapper: true,
        maps: FrameMaps::Prototype,
    };
    let mut routine = Routine::new(assembler, head, reflectcall_args(epoch)).named(format!("runtime.call{bytes}"));
    if epoch <= Epoch::Y2016 {
        copy_in_by_bytes(&mut routine);
    } else {
        copy_in(&mut routine);
    }
    if epoch >= Epoch::Go119 {
        move_registers(&mut routine, "runtime.unspillArgs");
    }
    call_function(&mut routine, epoch);
    if epoch >= Epoch::Go119 {
        move_registers(&mut routine, "runtime.spillArgs");
    }
    hand_over(&mut routine);
    routine.asm.bl("callRet");
    routine.ret();
    routine.end()
}

fn load_arg(routine: &mut Routine, rt: X, offset: u32) {
    let offset = routine.arg(offset);
    routine.load(rt, offset);
}

fn load_arg_w(routine: &mut Routine, rt: X, offset: u32) {
    let offset = routine.arg(offset);
    routine.load_w(rt, offset);
}

/// Copy the stack arguments into our frame byte by byte.
fn copy_in_by_bytes(routine: &mut Routine) {
    let (from, end, to, byte) = (X(3), X(4), X(5), X(6));
    load_arg(routine, from, arg::STACK_ARGS);
    load_arg_w(routine, end, arg::STACK_ARGS_SIZE);
    let asm = &mut routine.asm;
    // Both pointers are one byte below, for accesses that count up first.
    asm.add_imm(to, SP, 0);
    asm.add_imm(to, to, 8 - 1);
    asm.sub_imm(from, from, 1);
    asm.add(end, end, to);
    let again = asm.here();
    let done = asm.label();
    asm.cmp(end, to);
    asm.b_if(Cc::Eq, done);
    asm.ldrb_pre(byte, from, 1);
    asm.strb_pre(byte, to, 1);
    asm.b(again);
    asm.bind(done);
}

/// Copy the stack arguments into our frame: 16 bytes at a time, then the rest byte by byte. This is so in Go 1.14, and
/// was not in 2016; the commit of 2018 is taken to have it.
fn copy_in(routine: &mut Routine) {
    let (from, bytes, to, end) = (X(3), X(4), X(5), X(6));
    load_arg(routine, from, arg::STACK_ARGS);
    load_arg_w(routine, bytes, arg::STACK_ARGS_SIZE);
    routine.asm.add_imm(to, SP, 8);
    routine.asm.and_imm(end, bytes, !0xf);
    copy_loop(routine, to, end, |routine| {
        routine.asm.ldp_post(X(7), X(8), from, 16);
        routine.asm.stp_post(X(7), X(8), to, 16);
    });
    routine.asm.and_imm(end, bytes, 0xf);
    copy_loop(routine, to, end, |routine| {
        routine.asm.ldrb_post(X(7), from, 1);
        routine.asm.strb_post(X(7), to, 1);
    });
}

/// Repeat `step` until `to` has advanced by as many bytes as `end` holds, if any.
fn copy_loop(routine: &mut Routine, to: X, end: X, step: impl Fn(&mut Routine)) {
    let done = routine.asm.label();
    routine.asm.cbz(end, done);
    routine.asm.add(end, to, end);
    let again = routine.asm.here();
    step(routine);
    routine.asm.cmp(end, to);
    routine.asm.b_if(Cc::Ne, again);
    routine.asm.bind(done);
}

/// Load or store all argument registers from or to the `RegArgs`.
fn move_registers(routine: &mut Routine, how: &str) {
    load_arg(routine, handed::REG_ARGS, arg::REG_ARGS);
    routine.asm.bl(how);
}

/// Call through the closure. The register for the code's address moved out of the argument registers.
fn call_function(routine: &mut Routine, epoch: Epoch) {
    let code = if epoch >= Epoch::Go119 { X(20) } else { X(0) };
    load_arg(routine, CONTEXT, arg::FUNCTION);
    routine.asm.ldr(code, CONTEXT, 0);
    routine.asm.blr(code);
}

/// Put the results' place in both memories, and their size, where `callRet` expects them.
fn hand_over(routine: &mut Routine) {
    let results = X(6);
    load_arg(routine, handed::TYPE, arg::TYPE);
    load_arg(routine, handed::TO, arg::STACK_ARGS);
    load_arg_w(routine, handed::BYTES, arg::STACK_ARGS_SIZE);
    load_arg_w(routine, results, arg::RESULTS_OFFSET);
    routine.asm.add_imm(handed::FROM, SP, 8);
    routine.asm.add(handed::FROM, handed::FROM, results);
    routine.asm.add(handed::TO, handed::TO, results);
    routine.asm.sub(handed::BYTES, handed::BYTES, results);
}

/// `callRet`: pass what the trampoline left in registers to `reflectcallmove` on the stack. Before Go 1.18 there are no
/// register arguments to hand on, and it passes nil; before 2020 there is no such parameter.
pub fn call_ret(epoch: Epoch, assembler: Assembler) -> Routine {
    let head = Head {
        name: "callRet",
        frame_bytes: Some(if epoch <= Epoch::Y2018 { 40 } else { 48 }),
        args_bytes: 0,
        splits_stack: false,
        wrapper: false,
        maps: FrameMaps::Prototype,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    let asm = &mut routine.asm;
    if epoch >= Epoch::Go119 {
        asm.stp(handed::TYPE, handed::TO, SP, 8);
        asm.stp(handed::FROM, handed::BYTES, SP, 24);
        asm.str(handed::REG_ARGS, SP, 40);
    } else {
        asm.str(handed::TYPE, SP, 8);
        asm.str(handed::TO, SP, 16);
        asm.str(handed::FROM, SP, 24);
        asm.str(handed::BYTES, SP, 32);
        if epoch.has_reg_args() {
            asm.str(ZR, SP, 40);
        }
    }
    asm.bl("runtime.reflectcallmove");
    routine.ret();
    routine.end()
}
