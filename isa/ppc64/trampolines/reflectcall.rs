//! `runtime.reflectcall`: picks the smallest trampoline whose frame holds the arguments, and jumps to it.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::args::Arguments;
use super::assembler::{Assembler, Generation};
use super::call_sizes;
use super::frame::Routine;
use crate::ppc64::encode::{Cc, R};
use crate::routine::Head;

fn head(name: &'static str, args_bytes: u32) -> Head {
    Head { name, frame_bytes: None, args_bytes, splits_stack: false, wrapper: false, maps: FrameMaps::Prototype }
}

/// What `reflect` calls: a jump to `reflectcall`, before the linker could give one function two names (Go 1.12).
pub fn reflect_call(assembler: Assembler) -> Routine {
    let mut routine = Routine::new(assembler, head("reflect.call", 0), PointerMap::default());
    routine.asm.b_to("runtime.reflectcall");
    routine
}

/// The routine. It has no frame: the trampoline sees its caller's arguments.
pub fn reflectcall(epoch: Epoch, assembler: Assembler) -> Routine {
    let args = Arguments::of(epoch);
    let mut routine = Routine::new(assembler, head("runtime.reflectcall", args.bytes()), args.map());
    let (size, target) = (R(3), target(assembler));
    routine.load_w(size, routine.arg(args.picks()));
    for bytes in call_sizes(epoch) {
        dispatch(&mut routine, size, target, bytes);
    }
    jump(&mut routine, target, "runtime.badreflectcall");
    routine
}

/// Where an indirect jump takes its target from: R12 by convention, which Go follows since it makes position-independent
/// code (Go 1.6).
pub fn target(assembler: Assembler) -> R {
    if assembler.generation == Generation::Go14 { R(31) } else { R(12) }
}

/// Jump to the trampoline of `bytes` bytes when the frame is no larger.
fn dispatch(routine: &mut Routine, size: R, target: R, bytes: u32) {
    let limit = R(31);
    let next = routine.asm.label();
    routine.constant(limit, i64::from(bytes));
    routine.asm.cmpd(size, limit);
    routine.asm.b_if(Cc::Gt, next);
    jump(routine, target, &format!("runtime.call{bytes}"));
    routine.asm.bind(next);
}

fn jump(routine: &mut Routine, target: R, symbol: &str) {
    routine.address(target, symbol);
    routine.asm.mtctr(target);
    routine.asm.bctr();
}
