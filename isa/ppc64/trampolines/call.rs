//! The trampolines `runtime.callN` and their common tail `callRet`.
//!
//! A trampoline copies the stack arguments into its own frame, loads the argument registers (from Go 1.18 on), calls
//! the function, stores the registers again, and sees that the results get back:
//!
//! | epoch | how |
//! |---|---|
//! | 2014-before | it copies them itself |
//! | 2014-df027ac | the same, and `runtime.callwritebarrier` afterwards |
//! | since 2016 | `callRet` has `runtime.reflectcallmove` copy them with write barriers |

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::args::Arguments;
use super::assembler::{Assembler, Generation};
use super::copy::{self, Copy};
use super::frame::Routine;
use super::reflectcall::target;
use crate::ppc64::encode::{R, R0, SP};
use crate::routine::Head;

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
/// The results' offset.
const RESULTS: R = R(6);
/// The table pointer, and where the fixed part of a frame keeps it.
const TOC: R = R(2);
const SAVED_TOC: i64 = 24;

/// `runtime.callN` for argument areas of up to `bytes` bytes.
pub fn call(epoch: Epoch, assembler: Assembler, bytes: u32) -> Routine {
    let args = Arguments::of(epoch);
    let head = Head {
        name: "runtime.call",
        frame_bytes: Some(bytes),
        args_bytes: args.trampoline_bytes(),
        splits_stack: true,
        wrapper: true,
        maps: FrameMaps::Prototype,
    };
    let mut routine =
        Routine::new(assembler, head, args.trampoline_map()).named(format!("runtime.call{bytes}"));
    copy_in(&mut routine, epoch, assembler);
    call_function(&mut routine, epoch, assembler);
    match epoch {
        Epoch::Y2014Before => copy_results(&mut routine, args, assembler),
        Epoch::Y2014 => {
            copy_results(&mut routine, args, assembler);
            shade_results(&mut routine, args, assembler);
        }
        _ => {
            hand_over(&mut routine, args, assembler);
            routine.asm.bl("callRet");
        }
    }
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

fn copy_in(routine: &mut Routine, epoch: Epoch, assembler: Assembler) {
    let args = Arguments::of(epoch);
    let copy = Copy { from: R(3), bytes: R(4), to: R(5) };
    load_arg(routine, copy.from, args.stack_args());
    load_arg_w(routine, copy.bytes, args.stack_args_size());
    copy::arguments(routine, epoch, assembler, copy);
}

/// Call through the closure. Since Go 1.6 the callee may be in another module, with a table of its own, so that the
/// caller's table pointer is loaded again afterwards.
fn call_function(routine: &mut Routine, epoch: Epoch, assembler: Assembler) {
    let target = target(assembler);
    load_arg(routine, CONTEXT, Arguments::of(epoch).function());
    if epoch >= Epoch::Go119 {
        move_registers(routine, "runtime.unspillArgs");
    }
    routine.asm.ld(target, CONTEXT, 0);
    routine.asm.mtctr(target);
    routine.asm.bctrl();
    if assembler.generation > Generation::Go14 {
        routine.asm.ld(TOC, SP, SAVED_TOC);
    }
    if epoch >= Epoch::Go119 {
        move_registers(routine, "runtime.spillArgs");
    }
}

/// Load or store all argument registers from or to the `RegArgs`.
fn move_registers(routine: &mut Routine, how: &str) {
    load_arg(routine, handed::REG_ARGS, Arguments::REG_ARGS);
    routine.asm.bl(how);
}

/// Copy the results back, without a thought of the collector.
fn copy_results(routine: &mut Routine, args: Arguments, assembler: Assembler) {
    load_arg(routine, handed::TO, args.stack_args());
    load_arg_w(routine, handed::BYTES, args.stack_args_size());
    load_arg_w(routine, RESULTS, args.results_offset());
    let asm = &mut routine.asm;
    asm.mr(handed::FROM, SP);
    asm.add(handed::FROM, handed::FROM, RESULTS);
    asm.add(handed::TO, handed::TO, RESULTS);
    asm.sub(handed::BYTES, handed::BYTES, RESULTS);
    asm.addi(handed::FROM, handed::FROM, assembler.outgoing() - 1);
    copy::results(routine, assembler, Copy { from: handed::FROM, bytes: handed::BYTES, to: handed::TO });
}

/// Have the collector told what the copy has overwritten.
fn shade_results(routine: &mut Routine, args: Arguments, assembler: Assembler) {
    load_arg(routine, handed::TYPE, Arguments::TYPE);
    load_arg(routine, handed::TO, args.stack_args());
    load_arg_w(routine, handed::BYTES, args.stack_args_size());
    load_arg_w(routine, RESULTS, args.results_offset());
    for (word, at) in [handed::TYPE, handed::TO, handed::BYTES, RESULTS].into_iter().zip((assembler.outgoing()..).step_by(8)) {
        routine.asm.std(word, SP, at);
    }
    routine.asm.bl("runtime.callwritebarrier");
}

/// Put the results' place in both memories, and their size, where `callRet` expects them.
fn hand_over(routine: &mut Routine, args: Arguments, assembler: Assembler) {
    load_arg(routine, handed::TYPE, Arguments::TYPE);
    load_arg(routine, handed::TO, args.stack_args());
    load_arg_w(routine, handed::BYTES, args.stack_args_size());
    load_arg_w(routine, RESULTS, args.results_offset());
    routine.asm.addi(handed::FROM, SP, assembler.outgoing());
    routine.asm.add(handed::FROM, handed::FROM, RESULTS);
    routine.asm.add(handed::TO, handed::TO, RESULTS);
    routine.asm.sub(handed::BYTES, handed::BYTES, RESULTS);
}

/// `callRet`: pass what the trampoline left in registers to `reflectcallmove` on the stack. Before Go 1.18 there are no
/// register arguments to hand on, and it passes nil; before 2020 there is no such parameter, before 2016 no such routine.
pub fn call_ret(epoch: Epoch, assembler: Assembler) -> Routine {
    let words = if epoch.has_reg_args() { 5 } else { 4 };
    let head = Head {
        name: "callRet",
        frame_bytes: Some(8 * words),
        args_bytes: 0,
        splits_stack: false,
        wrapper: false,
        maps: FrameMaps::Prototype,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    let reg_args = if epoch >= Epoch::Go119 { handed::REG_ARGS } else { R0 };
    let passed = [handed::TYPE, handed::TO, handed::FROM, handed::BYTES, reg_args];
    for (word, at) in passed.into_iter().take(words as usize).zip((assembler.outgoing()..).step_by(8)) {
        routine.asm.std(word, SP, at);
    }
    routine.asm.bl("runtime.reflectcallmove");
    routine.ret();
    routine
}
