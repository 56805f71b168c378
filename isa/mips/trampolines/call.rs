//! The trampolines `runtime.callN` and their common tail `callRet`.
//!
//! A trampoline copies the stack arguments into its own frame, calls the function, and hands the results to `callRet`,
//! which calls `reflectcallmove` to copy them back with write barriers. No arguments ever come in registers here.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::args::Arguments;
use super::assembler::Assembler;
use super::frame::Routine;
use crate::mips::encode::{R, R0, SP};
use crate::routine::Head;

/// Registers that `callRet` takes: type, caller's argument memory, our copy of it, bytes.
mod handed {
    use super::R;
    pub const TYPE: R = R(5);
    pub const TO: R = R(1);
    pub const FROM: R = R(3);
    pub const BYTES: R = R(2);
}

/// The closure context register.
const CONTEXT: R = R(22);
/// The code's address, a byte, the results' offset.
const SCRATCH: R = R(4);

/// Argument bytes that trampolines state: until 2018 still those of before they had a type, and on 64-bit machines
/// alone.
fn stated_bytes(epoch: Epoch, args: Arguments, word: i32) -> u32 {
    if epoch <= Epoch::Y2018 && word == 8 { 24 } else { args.bytes() }
}

/// `runtime.callN` for argument areas of up to `bytes` bytes.
pub fn call(epoch: Epoch, assembler: Assembler, bytes: u32) -> Routine {
    let args = Arguments::of(epoch, assembler.word_bytes());
    let head = Head {
        name: "runtime.call",
        frame_bytes: Some(bytes),
        args_bytes: stated_bytes(epoch, args, assembler.word_bytes()),
        splits_stack: true,
        wrapper: true,
        maps: FrameMaps::Prototype,
    };
    let mut routine = Routine::new(assembler, head, args.map()).named(format!("runtime.call{bytes}"));
    copy_in(&mut routine, args);
    load_arg(&mut routine, CONTEXT, args.function());
    routine.asm.load(SCRATCH, CONTEXT, 0);
    routine.asm.jalr(SCRATCH);
    hand_over(&mut routine, args);
    routine.asm.jal("callRet");
    routine.ret();
    routine
}

fn load_arg(routine: &mut Routine, rt: R, offset: i32) {
    let offset = routine.arg(offset);
    routine.load(rt, offset);
}

fn load_arg_w(routine: &mut Routine, rt: R, offset: i32) {
    let offset = routine.arg(offset);
    routine.load_w(rt, offset);
}

/// Copy the stack arguments into our frame byte by byte.
fn copy_in(routine: &mut Routine, args: Arguments) {
    let (from, end, to, byte) = (R(1), R(2), R(3), SCRATCH);
    load_arg(routine, from, args.stack_args());
    load_arg_w(routine, end, args.stack_args_size());
    routine.asm.mov(to, SP);
    routine.add_constant(to, to, routine.word());
    routine.add(end, end, to);
    let again = routine.asm.here();
    let done = routine.asm.label();
    routine.asm.beq(to, end, done);
    routine.asm.lbu(byte, from, 0);
    routine.add_constant(from, from, 1);
    routine.asm.sb(byte, to, 0);
    routine.add_constant(to, to, 1);
    routine.asm.b(again);
    routine.asm.bind(done);
}

/// Put the results' place in both memories, and their size, where `callRet` expects them.
fn hand_over(routine: &mut Routine, args: Arguments) {
    let results = SCRATCH;
    load_arg(routine, handed::TYPE, Arguments::TYPE);
    load_arg(routine, handed::TO, args.stack_args());
    load_arg_w(routine, handed::BYTES, args.stack_args_size());
    load_arg_w(routine, results, args.results_offset());
    routine.add_constant(handed::FROM, SP, routine.word());
    routine.add(handed::FROM, handed::FROM, results);
    routine.add(handed::TO, handed::TO, results);
    routine.asm.subu(handed::BYTES, handed::BYTES, results);
}

/// `callRet`: pass what the trampoline left in registers to `reflectcallmove` on the stack; since 2020 with a nil pointer
/// for register arguments.
pub fn call_ret(epoch: Epoch, assembler: Assembler) -> Routine {
    let word = assembler.word_bytes();
    let words = if epoch.has_reg_args() { 5 } else { 4 };
    let head = Head {
        name: "callRet",
        frame_bytes: Some(words * word.unsigned_abs()),
        args_bytes: 0,
        splits_stack: false,
        wrapper: false,
        maps: FrameMaps::Prototype,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    let handed = [handed::TYPE, handed::TO, handed::FROM, handed::BYTES, R0];
    for (offset, register) in (1..=words as i32).map(|n| n * word).zip(handed) {
        routine.asm.store(register, SP, offset);
    }
    routine.asm.jal("runtime.reflectcallmove");
    routine.ret();
    routine
}
