//! The trampolines `runtime.callN` and their common tail `callRet`.
//!
//! A trampoline copies the stack arguments into its own frame, calls the function, and sees that the results get back:
//!
//! | epoch | how |
//! |---|---|
//! | 2014-before | it copies them itself |
//! | 2014-df027ac | the same, and `runtime.callwritebarrier` afterwards; but a line of the macro ended too early, and with it every trampoline |
//! | since 2016 | `callRet` has `runtime.reflectcallmove` copy them |
//!
//! No arguments ever come in registers here; since 2020 `reflectcallmove` is given a nil pointer for them.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::args::Arguments;
use super::assembler::Assembler;
use super::frame::Routine;
use crate::arm::encode::{Cc, R, SP};
use crate::routine::Head;

/// Registers that `callRet` takes: type, caller's argument memory, our copy of it, bytes.
mod handed {
    use super::R;
    pub const TYPE: R = R(4);
    pub const TO: R = R(0);
    pub const FROM: R = R(1);
    pub const BYTES: R = R(2);
}

/// The closure context register.
const CONTEXT: R = R(7);
/// The code's address.
const CODE: R = R(0);
/// A byte on its way.
const BYTE: R = R(5);
/// The results' offset.
const RESULTS: R = R(3);

/// `runtime.callN` for argument areas of up to `bytes` bytes.
pub fn call(epoch: Epoch, assembler: Assembler, bytes: u32) -> Routine {
    let args = Arguments::of(epoch);
    let head = Head {
        name: "runtime.call",
        frame_bytes: Some(bytes),
        args_bytes: args.bytes(),
        splits_stack: true,
        wrapper: true,
        maps: FrameMaps::Prototype,
    };
    let mut routine =
        Routine::new(assembler, head, args.trampoline_map()).named(format!("runtime.call{bytes}"));
    copy_in(&mut routine, args);
    load_arg(&mut routine, CONTEXT, args.function());
    routine.asm.ldr(CODE, CONTEXT, 0);
    routine.asm.blx(CODE);
    match epoch {
        Epoch::Y2014Before => copy_results(&mut routine, args),
        // The line with the label of the loop that copies lacked its continuation: the macro ends here, and what should
        // follow became part of the routine before the first trampoline, where nothing reaches it (fixed by Go's commit
        // a6a30fefd9). Control runs on into whatever comes next.
        Epoch::Y2014 => point_at_results(&mut routine, args),
        _ => hand_over(&mut routine, args),
    }
    routine.end()
}

fn load_arg(routine: &mut Routine, d: R, offset: u32) {
    let offset = routine.arg(offset);
    routine.load(d, offset);
}

/// Copy the stack arguments into our frame byte by byte.
fn copy_in(routine: &mut Routine, args: Arguments) {
    let (from, to, bytes) = (R(0), R(1), R(2));
    load_arg(routine, from, args.stack_args());
    load_arg(routine, bytes, args.stack_args_size());
    routine.sp_plus(to, 4);
    let again = routine.asm.here();
    let done = routine.asm.label();
    routine.asm.cmp_imm(bytes, 0);
    routine.asm.b_if(Cc::Eq, done);
    copy_byte(routine, to, from, bytes);
    routine.asm.b(again);
    routine.asm.bind(done);
}

fn copy_byte(routine: &mut Routine, to: R, from: R, bytes: R) {
    routine.asm.ldrb_post(BYTE, from, 1);
    routine.asm.strb_post(BYTE, to, 1);
    routine.asm.sub_imm(bytes, bytes, 1);
}

/// Copy the results back, without a thought of the collector.
fn copy_results(routine: &mut Routine, args: Arguments) {
    point_at_results(routine, args);
    let again = routine.asm.here();
    routine.asm.cmp_imm(handed::BYTES, 0);
    routine.ret_if(Cc::Eq);
    copy_byte(routine, handed::TO, handed::FROM, handed::BYTES);
    routine.asm.b(again);
}

/// Put the results' place in both memories, and their size, into registers.
fn point_at_results(routine: &mut Routine, args: Arguments) {
    load_arg(routine, handed::TO, args.stack_args());
    load_arg(routine, handed::BYTES, args.stack_args_size());
    load_arg(routine, RESULTS, args.results_offset());
    routine.sp_plus(handed::FROM, 4);
    routine.asm.add(Cc::Always, handed::FROM, handed::FROM, RESULTS);
    routine.asm.add(Cc::Always, handed::TO, handed::TO, RESULTS);
    routine.asm.sub(Cc::Always, handed::BYTES, handed::BYTES, RESULTS);
}

fn hand_over(routine: &mut Routine, args: Arguments) {
    load_arg(routine, handed::TYPE, Arguments::TYPE);
    point_at_results(routine, args);
    routine.asm.bl(Cc::Always, "callRet");
    routine.ret();
}

/// `callRet`: pass what the trampoline left in registers to `reflectcallmove` on the stack; since 2020 with a nil pointer
/// for register arguments. Before 2016 there is none.
pub fn call_ret(epoch: Epoch, assembler: Assembler) -> Routine {
    let words = if epoch.has_reg_args() { 5 } else { 4 };
    let head = Head {
        name: "callRet",
        frame_bytes: Some(words * 4),
        args_bytes: 0,
        splits_stack: false,
        wrapper: false,
        maps: FrameMaps::Prototype,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    let asm = &mut routine.asm;
    for (offset, register) in (4..).step_by(4).zip([handed::TYPE, handed::TO, handed::FROM, handed::BYTES]) {
        asm.str(register, SP, offset);
    }
    if epoch.has_reg_args() {
        asm.mov_imm(CONTEXT, 0);
        asm.str(CONTEXT, SP, 20);
    }
    asm.bl(Cc::Always, "runtime.reflectcallmove");
    routine.ret();
    routine.end()
}
