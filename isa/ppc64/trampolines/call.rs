//! The trampolines `runtime.callN` and their common tail `callRet`.
//!
//! A trampoline copies the stack arguments into its own frame, loads the argument registers (from Go 1.18 on), calls
//! the function, stores the registers again, and hands the results to `callRet`, which calls `reflectcallmove` to copy
//! them back with write barriers.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::{FIXED_FRAME, Routine};
use crate::assembly::Label;
use crate::ppc64::encode::{Cc, R, R0, SP};
use crate::routine::{Head, REFLECTCALL_ARGS_BYTES, reflectcall_args};

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
    pub const TO: R = R(3);
    pub const FROM: R = R(5);
    pub const BYTES: R = R(4);
    pub const REG_ARGS: R = R(20);
}

/// The closure context register.
const CONTEXT: R = R(11);
/// Where a function's address stands when it is called indirectly.
const TARGET: R = R(12);
/// The table pointer, and where the fixed part of a frame keeps it.
const TOC: R = R(2);
const SAVED_TOC: i64 = 24;
/// Where outgoing arguments start.
const OUT: i64 = FIXED_FRAME as i64;

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
    load_arg(&mut routine, CONTEXT, arg::FUNCTION);
    if epoch >= Epoch::Go119 {
        move_registers(&mut routine, "runtime.unspillArgs");
    }
    routine.asm.ld(TARGET, CONTEXT, 0);
    routine.asm.mtctr(TARGET);
    routine.asm.bctrl();
    routine.asm.ld(TOC, SP, SAVED_TOC);
    if epoch >= Epoch::Go119 {
        move_registers(&mut routine, "runtime.spillArgs");
    }
    hand_over(&mut routine);
    routine.asm.bl("callRet");
    routine.ret();
    routine
}

fn load_arg(routine: &mut Routine, rt: R, offset: u32) {
    let offset = routine.arg(offset);
    routine.load(rt, offset);
}

fn load_arg_w(routine: &mut Routine, rt: R, offset: u32) {
    let offset = routine.arg(offset);
    routine.load_w(rt, offset);
}

/// Copy the stack arguments into our frame: 8 bytes at a time, then the rest byte by byte. The updating accesses step
/// before they move, so both pointers start one step early.
fn copy_in(routine: &mut Routine) {
    let (from, bytes, to) = (R(3), R(4), R(5));
    load_arg(routine, from, arg::STACK_ARGS);
    load_arg_w(routine, bytes, arg::STACK_ARGS_SIZE);
    let asm = &mut routine.asm;
    let (few, rest, done) = (asm.label(), asm.label(), asm.label());
    asm.mr(to, SP);
    asm.cmpdi(bytes, 8);
    asm.b_if(Cc::Lt, few);
    asm.addi(to, to, OUT - 8);
    asm.addi(from, from, -8);
    let again = asm.here();
    asm.ldu(R(7), from, 8);
    asm.stdu(R(7), to, 8);
    asm.addi(bytes, bytes, -8);
    asm.cmpdi(bytes, 8);
    asm.b_if(Cc::Ge, again);
    leave_when_none_left(routine, bytes, done);
    routine.asm.addi(from, from, 7);
    routine.asm.addi(to, to, 7);
    routine.asm.b(rest);
    routine.asm.bind(few);
    leave_when_none_left(routine, bytes, done);
    routine.asm.addi(to, to, OUT - 1);
    routine.asm.addi(from, from, -1);
    routine.asm.bind(rest);
    copy_bytes(routine, from, bytes, to);
    routine.asm.bind(done);
}

fn leave_when_none_left(routine: &mut Routine, bytes: R, done: Label) {
    routine.asm.cmpd(R0, bytes);
    routine.asm.b_if(Cc::Eq, done);
}

/// The signed load of Go's assembler is a load and an extension.
fn copy_bytes(routine: &mut Routine, from: R, bytes: R, to: R) {
    let value = R(6);
    let asm = &mut routine.asm;
    let again = asm.here();
    asm.lbzu(value, from, 1);
    asm.extsb(value, value);
    asm.stbu(value, to, 1);
    asm.addi(bytes, bytes, -1);
    asm.cmpd(R0, bytes);
    // Zero is compared with what is left, not the other way round, so the loop runs once however many bytes are left.
    // Argument areas are whole words; nothing ever gets here.
    asm.b_if(Cc::Gt, again);
}

/// Load or store all argument registers from or to the `RegArgs`.
fn move_registers(routine: &mut Routine, how: &str) {
    load_arg(routine, handed::REG_ARGS, arg::REG_ARGS);
    routine.asm.bl(how);
}

/// Put the results' place in both memories, and their size, where `callRet` expects them.
fn hand_over(routine: &mut Routine) {
    let results = R(6);
    load_arg(routine, handed::TYPE, arg::TYPE);
    load_arg(routine, handed::TO, arg::STACK_ARGS);
    load_arg_w(routine, handed::BYTES, arg::STACK_ARGS_SIZE);
    load_arg_w(routine, results, arg::RESULTS_OFFSET);
    routine.asm.addi(handed::FROM, SP, OUT);
    routine.asm.add(handed::FROM, handed::FROM, results);
    routine.asm.add(handed::TO, handed::TO, results);
    routine.asm.sub(handed::BYTES, handed::BYTES, results);
}

/// `callRet`: pass what the trampoline left in registers to `reflectcallmove` on the stack. Before Go 1.18 there are no
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
    let reg_args = if epoch >= Epoch::Go119 { handed::REG_ARGS } else { R0 };
    let words = [handed::TYPE, handed::TO, handed::FROM, handed::BYTES, reg_args];
    for (word, at) in words.into_iter().zip((OUT..).step_by(8)) {
        routine.asm.std(word, SP, at);
    }
    routine.asm.bl("runtime.reflectcallmove");
    routine.ret();
    routine
}
