//! `runtime.reflectcall`: picks the smallest trampoline whose frame holds the arguments, and jumps to it.

use rcsim_uop::port::FrameMaps;

use super::assembler::Assembler;
use super::frame::Routine;
use super::call_sizes;
use crate::riscv::encode::{X, ZERO};
use crate::routine::{Head, REFLECTCALL_ARGS_BYTES, reflectcall_args};

/// Offset of `frameSize` in the arguments.
const FRAME_SIZE: i32 = 32;

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
    let (size, limit, address) = (X(5), X(6), X(7));
    let offset = routine.arg(FRAME_SIZE);
    routine.load_w(size, offset);
    for bytes in call_sizes() {
        let next = routine.asm.label();
        routine.constant(limit, bytes as i32);
        routine.asm.bltu(limit, size, next);
        jump(&mut routine, address, &format!("runtime.call{bytes}"));
        routine.asm.bind(next);
    }
    jump(&mut routine, address, "runtime.badreflectcall");
    routine.end()
}

fn jump(routine: &mut Routine, address: X, target: &str) {
    routine.asm.address(address, target);
    routine.asm.jalr(ZERO, address);
}
