//! `runtime.reflectcall`: picks the smallest trampoline whose frame holds the arguments, and jumps to it.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::args::Arguments;
use super::assembler::Assembler;
use super::call_sizes;
use super::frame::Routine;
use crate::arm::encode::{Cc, R};
use crate::routine::Head;

/// The size, and the trampoline's address.
const SIZE: R = R(0);
const ADDRESS: R = R(1);

const fn head(name: &'static str, args_bytes: u32) -> Head {
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
    let args = Arguments::of(epoch);
    let mut routine = Routine::new(assembler, head("runtime.reflectcall", args.bytes()), args.map());
    let offset = routine.arg(args.picks());
    routine.load(SIZE, offset);
    for bytes in call_sizes() {
        let next = routine.asm.label();
        routine.asm.cmp_imm(SIZE, bytes);
        routine.asm.b_if(Cc::Hi, next);
        jump(&mut routine, &format!("runtime.call{bytes}"));
        routine.asm.bind(next);
    }
    jump(&mut routine, "runtime.badreflectcall");
    routine.end()
}

fn jump(routine: &mut Routine, target: &str) {
    routine.asm.ldr_symbol(ADDRESS, target);
    routine.asm.jump(ADDRESS);
}
