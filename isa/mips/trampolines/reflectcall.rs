//! `runtime.reflectcall`: picks the smallest trampoline whose frame holds the arguments, and jumps to it.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::args::Arguments;
use super::assembler::Assembler;
use super::call_sizes;
use super::frame::Routine;
use crate::mips::encode::{R, R0};
use crate::routine::Head;

/// The size, what it is compared with, and the trampoline's address.
const SIZE: R = R(1);
const LIMIT: R = R(23);
const ADDRESS: R = R(4);

const fn head(name: &'static str, args_bytes: u32) -> Head {
    Head { name, frame_bytes: None, args_bytes, splits_stack: false, wrapper: false, maps: FrameMaps::Prototype }
}

/// What `reflect` calls: a jump to `reflectcall`, before the linker could give one function two names (Go 1.12).
pub fn reflect_call(assembler: Assembler) -> Routine {
    let mut routine = Routine::new(assembler, head("reflect.call", 0), PointerMap::default());
    routine.asm.j("runtime.reflectcall");
    routine
}

/// The routine. It has no frame: the trampoline sees its caller's arguments.
pub fn reflectcall(epoch: Epoch, assembler: Assembler) -> Routine {
    let args = Arguments::of(epoch, assembler.word_bytes());
    let mut routine = Routine::new(assembler, head("runtime.reflectcall", args.bytes()), args.map());
    let offset = routine.arg(args.picks());
    routine.load_w(SIZE, offset);
    for bytes in call_sizes(epoch) {
        let next = routine.asm.label();
        routine.constant(LIMIT, bytes as i32);
        routine.asm.sltu(LIMIT, LIMIT, SIZE);
        routine.asm.bne(LIMIT, R0, next);
        jump(&mut routine, &format!("runtime.call{bytes}"));
        routine.asm.bind(next);
    }
    jump(&mut routine, "runtime.badreflectcall");
    routine
}

fn jump(routine: &mut Routine, target: &str) {
    routine.asm.address(ADDRESS, target);
    routine.asm.jr(ADDRESS);
}
