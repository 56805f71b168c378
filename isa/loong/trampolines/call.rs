//! The trampolines `runtime.callN` and their common tail `callRet`.
//!
//! A trampoline copies the stack arguments into its own frame, loads the argument registers (in releases that have them),
//! calls the function, stores the registers again, and hands the results to `callRet`, which calls `reflectcallmove` to
//! copy them back with write barriers.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::flags::HAS_LSX;
use super::frame::Routine;
use crate::loong::encode::{R, RA, SP};
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
    use super::R;
    pub const TYPE: R = R(7);
    pub const TO: R = R(4);
    pub const FROM: R = R(12);
    pub const BYTES: R = R(5);
    pub const REG_ARGS: R = R(25);
}

/// The closure context.
const CONTEXT: R = R(29);
/// What loops begin at a multiple of in Go 1.27.
const LOOP_ALIGN: u32 = 16;

/// `runtime.callN` for argument areas of up to `bytes` bytes.
pub fn call(epoch: Epoch, assembler: Assembler, bytes: u32) -> Routine {
    let head = Head {
        name: "runtime.call",
        frame_bytes: Some(bytes),
        args_bytes: args_bytes(epoch),
        splits_stack: true,
        wrapper: true,
        maps: FrameMaps::Prototype,
    };
    let mut routine = Routine::new(assembler, head, reflectcall_args()).named(format!("runtime.call{bytes}"));
    let in_registers = epoch >= Epoch::Go127;
    if in_registers { copy_in_blocks(&mut routine) } else { copy_in_bytes(&mut routine) }
    if in_registers {
        move_registers(&mut routine, "runtime.unspillArgs");
    }
    let code = if in_registers { R(25) } else { R(6) };
    load_arg(&mut routine, CONTEXT, arg::FUNCTION);
    routine.asm.ld(code, CONTEXT, 0);
    routine.asm.jirl(RA, code);
    if in_registers {
        move_registers(&mut routine, "runtime.spillArgs");
    }
    hand_over(&mut routine);
    routine.asm.bl("callRet");
    routine.ret();
    routine.end()
}

/// Bytes of the arguments, as the trampolines state them: the first release states half of what they are.
fn args_bytes(epoch: Epoch) -> u32 {
    if epoch >= Epoch::Go127 { REFLECTCALL_ARGS_BYTES } else { 24 }
}

fn load_arg(routine: &mut Routine, rd: R, offset: i32) {
    let offset = routine.arg(offset);
    routine.load(rd, offset);
}

fn load_arg_w(routine: &mut Routine, rd: R, offset: i32) {
    let offset = routine.arg(offset);
    routine.load_w(rd, offset);
}

/// Copy the stack arguments into our frame byte by byte.
fn copy_in_bytes(routine: &mut Routine) {
    let (from, end, to, byte) = (R(4), R(5), R(12), R(6));
    load_arg(routine, from, arg::STACK_ARGS);
    load_arg_w(routine, end, arg::STACK_ARGS_SIZE);
    let asm = &mut routine.asm;
    asm.mov(to, SP);
    asm.addi(to, to, 8);
    asm.add(end, end, to);
    let again = asm.here();
    let done = asm.label();
    asm.beq(to, end, done);
    asm.ld_bu(byte, from, 0);
    asm.addi(from, from, 1);
    asm.st_b(byte, to, 0);
    asm.addi(to, to, 1);
    routine.jump(again);
    routine.asm.bind(done);
}

/// Registers of the faster copy.
mod copying {
    use super::R;
    pub const FROM: R = R(4);
    pub const LEFT: R = R(5);
    pub const TO: R = R(12);
    /// The size of what is copied at once: 16, then 8.
    pub const BLOCK: R = R(13);
    pub const FIRST: R = R(14);
    pub const SECOND: R = R(15);
    pub const HAS_VECTORS: R = R(16);
    /// The assembler's own, for the address of the flag.
    pub const ADDRESS: R = R(30);
    /// A vector register.
    pub const VECTOR: u8 = 0;
}

/// Copy the stack arguments into our frame: 16 bytes at once, in a vector where there are any, then 8, then single ones.
fn copy_in_blocks(routine: &mut Routine) {
    use copying::{BLOCK, FROM, LEFT, TO};
    load_arg(routine, FROM, arg::STACK_ARGS);
    load_arg_w(routine, LEFT, arg::STACK_ARGS_SIZE);
    routine.asm.mov(TO, SP);
    routine.constant(BLOCK, 16);
    let rest = routine.asm.label();
    routine.asm.addi(TO, TO, 8);
    routine.asm.blt(LEFT, BLOCK, rest);
    copy_16(routine, rest);
    routine.asm.bind(rest);
    copy_rest(routine);
}

fn copy_16(routine: &mut Routine, rest: crate::assembly::Label) {
    use copying::{ADDRESS, BLOCK, FIRST, FROM, HAS_VECTORS, LEFT, SECOND, TO, VECTOR};
    let words = routine.asm.label();
    routine.asm.byte_at(HAS_VECTORS, ADDRESS, HAS_LSX);
    routine.if_zero(HAS_VECTORS, words);
    let asm = &mut routine.asm;
    asm.align(LOOP_ALIGN);
    let again = asm.here();
    asm.vld(VECTOR, FROM);
    asm.addi(FROM, FROM, 16);
    asm.addi(LEFT, LEFT, -16);
    asm.vst(VECTOR, TO);
    asm.addi(TO, TO, 16);
    asm.bge(LEFT, BLOCK, again);
    asm.b(rest);
    asm.align(LOOP_ALIGN);
    asm.bind(words);
    asm.ld(FIRST, FROM, 0);
    asm.ld(SECOND, FROM, 8);
    asm.addi(FROM, FROM, 16);
    asm.addi(LEFT, LEFT, -16);
    asm.st(FIRST, TO, 0);
    asm.st(SECOND, TO, 8);
    asm.addi(TO, TO, 16);
    asm.bge(LEFT, BLOCK, words);
}

fn copy_rest(routine: &mut Routine) {
    use copying::{BLOCK, FIRST, FROM, LEFT, TO};
    let asm = &mut routine.asm;
    let (bytes, done) = (asm.label(), asm.label());
    asm.srli(BLOCK, BLOCK, 1);
    asm.blt(LEFT, BLOCK, bytes);
    asm.ld(FIRST, FROM, 0);
    asm.addi(FROM, FROM, 8);
    asm.addi(LEFT, LEFT, -8);
    asm.st(FIRST, TO, 0);
    asm.addi(TO, TO, 8);
    asm.align(LOOP_ALIGN);
    asm.bind(bytes);
    asm.beqz(LEFT, done);
    asm.ld_bu(FIRST, FROM, 0);
    asm.addi(FROM, FROM, 1);
    asm.addi(LEFT, LEFT, -1);
    asm.st_b(FIRST, TO, 0);
    asm.addi(TO, TO, 1);
    asm.b(bytes);
    asm.bind(done);
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
    let asm = &mut routine.asm;
    asm.addi(handed::FROM, SP, 8);
    asm.add(handed::FROM, handed::FROM, results);
    asm.add(handed::TO, handed::TO, results);
    asm.sub(handed::BYTES, handed::BYTES, results);
}

/// `callRet`: pass what the trampoline left in registers to `reflectcallmove` on the stack. The first release passes four of
/// its five arguments: as the fifth, the register arguments, it finds the link register that the trampoline saved, and with
/// no argument registers never looks where it points.
pub fn call_ret(epoch: Epoch, assembler: Assembler) -> Routine {
    let in_registers = epoch >= Epoch::Go127;
    let head = Head {
        name: "callRet",
        frame_bytes: Some(if in_registers { 40 } else { 32 }),
        args_bytes: 0,
        splits_stack: false,
        wrapper: false,
        maps: FrameMaps::Prototype,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    let asm = &mut routine.asm;
    asm.st(handed::TYPE, SP, 8);
    asm.st(handed::TO, SP, 16);
    asm.st(handed::FROM, SP, 24);
    asm.st(handed::BYTES, SP, 32);
    if in_registers {
        asm.st(handed::REG_ARGS, SP, 40);
    }
    routine.asm.bl("runtime.reflectcallmove");
    routine.ret();
    routine.end()
}
