//! `runtime.reflectcall`: picks the smallest trampoline whose frame holds the arguments, and jumps to it.

use rcsim_uop::port::FrameMaps;

use super::assembler::Assembler;
use super::frame::{Head, Routine};
use super::{REFLECTCALL_ARGS_BYTES, call_sizes, reflectcall_args};
use crate::arm64::encode::{Cc, X};

/// Offset of `frameSize` in the arguments.
const FRAME_SIZE: u32 = 32;

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
    let (size, address) = (X(16), X(27));
    routine.load_w(size, routine.arg(FRAME_SIZE));
    for bytes in call_sizes() {
        dispatch(&mut routine, size, address, bytes);
    }
    routine.asm.address(X(0), "runtime.badreflectcall");
    routine.asm.br(X(0));
    routine.end()
}

/// Jump to the trampoline of `bytes` bytes when the frame is no larger.
fn dispatch(routine: &mut Routine, size: X, address: X, bytes: u32) {
    let next = routine.asm.label();
    routine.constant(address, bytes);
    routine.asm.cmp(size, address);
    routine.asm.b_if(Cc::Gt, next);
    routine.asm.address(address, &format!("runtime.call{bytes}"));
    routine.asm.br(address);
    routine.asm.bind(next);
}
