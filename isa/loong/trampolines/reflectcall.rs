//! `runtime.reflectcall`: picks the smallest trampoline whose frame holds the arguments, and jumps to it.

use rcsim_uop::Epoch;
use rcsim_uop::port::FrameMaps;

use super::assembler::Assembler;
use super::call_sizes;
use super::frame::Routine;
use crate::loong::encode::{R, ZERO};
use crate::routine::{Head, REFLECTCALL_ARGS_BYTES, reflectcall_args};

/// Offsets in the arguments. The first release looks at the size of the stack arguments, which without register arguments
/// is that of the frame.
const STACK_ARGS_SIZE: i32 = 24;
const FRAME_SIZE: i32 = 32;

/// The routine. It has no frame: the trampoline sees its caller's arguments.
pub fn reflectcall(epoch: Epoch, assembler: Assembler) -> Routine {
    let head = Head {
        name: "runtime.reflectcall",
        frame_bytes: None,
        args_bytes: REFLECTCALL_ARGS_BYTES,
        splits_stack: false,
        wrapper: false,
        maps: FrameMaps::Prototype,
    };
    let mut routine = Routine::new(assembler, head, reflectcall_args());
    let (size, limit) = (R(19), R(30));
    let offset = routine.arg(if epoch >= Epoch::Go127 { FRAME_SIZE } else { STACK_ARGS_SIZE });
    routine.load_w(size, offset);
    for bytes in call_sizes() {
        let next = routine.asm.label();
        routine.constant(limit, bytes as i32);
        routine.asm.sltu(limit, limit, size);
        routine.unless_zero(limit, next);
        jump(&mut routine, &format!("runtime.call{bytes}"));
        routine.asm.bind(next);
    }
    jump(&mut routine, "runtime.badreflectcall");
    routine.end()
}

fn jump(routine: &mut Routine, target: &str) {
    let address = R(4);
    routine.address(address, target);
    routine.asm.jirl(ZERO, address);
}
