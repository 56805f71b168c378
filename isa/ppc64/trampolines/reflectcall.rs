//! `runtime.reflectcall`: picks the smallest trampoline whose frame holds the arguments, and jumps to it.

use rcsim_uop::port::FrameMaps;

use super::assembler::Assembler;
use super::frame::Routine;
use super::call_sizes;
use crate::ppc64::encode::{Cc, R};
use crate::routine::{Head, REFLECTCALL_ARGS_BYTES, reflectcall_args};

/// Offset of `frameSize` in the arguments.
const FRAME_SIZE: u32 = 32;
/// Where an indirect jump takes its target from, by convention.
const TARGET: R = R(12);

/// The routine. It has no frame: the trampoline sees its caller's arguments.
pub fn reflectcall(assembler: Assembler) -> Routine {
    let head = Head {
        name: "runtime.reflectcall",
        frame_bytes: None,
        args_bytes: REFLECTCALL_ARGS_BYTES,
        splits_stack: false,
        wrapper: false,
        maps: FrameMaps::Prototype,
    };
    let mut routine = Routine::new(assembler, head, reflectcall_args());
    let size = R(3);
    routine.load_w(size, routine.arg(FRAME_SIZE));
    for bytes in call_sizes() {
        dispatch(&mut routine, size, bytes);
    }
    jump(&mut routine, "runtime.badreflectcall");
    routine
}

/// Jump to the trampoline of `bytes` bytes when the frame is no larger.
fn dispatch(routine: &mut Routine, size: R, bytes: u32) {
    let limit = R(31);
    let next = routine.asm.label();
    routine.constant(limit, i64::from(bytes));
    routine.asm.cmpd(size, limit);
    routine.asm.b_if(Cc::Gt, next);
    jump(routine, &format!("runtime.call{bytes}"));
    routine.asm.bind(next);
}

fn jump(routine: &mut Routine, target: &str) {
    routine.address(TARGET, target);
    routine.asm.mtctr(TARGET);
    routine.asm.bctr();
}
