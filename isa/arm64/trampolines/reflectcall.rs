//! `runtime.reflectcall`: picks the smallest trampoline whose frame holds the arguments, and jumps to it.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use super::{call_sizes, reflectcall_args, reflectcall_args_bytes};
use crate::arm64::encode::{Cc, X};
use crate::routine::Head;

/// Offset in the arguments of what picks the trampoline: `frameSize`, before 2020 the size of the arguments.
fn picked_by(epoch: Epoch) -> u32 {
    if epoch.has_reg_args() { 32 } else { 24 }
}

fn head(name: &'static str, args_bytes: u32) -> Head {
    Head { name, frame_bytes: None, args_bytes, splits_stack: false, wrapper: false, maps: FrameMaps::Prototype }
}

/// What `reflect` calls: a jump to `reflectcall`, before the linker could give one function two names (Go 1.12).
pub fn reflect_call(assembler: Assembler) -> Routine {
    let mut routine = Routine::new(assembler, head("reflect.call", 0), PointerMap::default());
    routine.asm.b_symbol("runtime.reflectcall");
    routine.end()
}

/// The routine. It has no frame: the trampoline sees its caller's arguments.
pub fn reflectcall(epoch: Epoch, assembler: Assembler) -> Routine {
    let head = head("runtime.reflectcall", reflectcall_args_bytes(epoch));
    let mut routine = Routine::new(assembler, head, reflectcall_args(epoch));
    let (size, address) = (X(16), X(27));
    routine.load_w(size, routine.arg(picked_by(epoch)));
    for bytes in call_sizes(epoch) {
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
