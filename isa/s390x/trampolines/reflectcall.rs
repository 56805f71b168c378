//! `runtime.reflectcall`: picks the smallest trampoline whose frame holds the arguments, and jumps to it.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use super::{call_sizes, reflectcall_args};
use crate::routine::Head;
use crate::s390x::encode::{Cc, R};

/// Offset of what the trampoline is picked by: `frameSize`, before 2020 `argsize`.
const fn picked_by(epoch: Epoch) -> u32 {
    match epoch {
        Epoch::Y2014Before | Epoch::Y2014 | Epoch::Y2016 | Epoch::Y2018 => 24,
        Epoch::Y2020 | Epoch::Y2021 | Epoch::Go119 | Epoch::Go127 => 32,
    }
}

fn head(name: &'static str, args: &PointerMap) -> Head {
    Head {
        name,
        frame_bytes: None,
        args_bytes: 8 * args.words.len() as u32,
        splits_stack: false,
        wrapper: false,
        maps: FrameMaps::Prototype,
    }
}

/// What `reflect` calls: a jump to `reflectcall`, before the linker could give one function two names (Go 1.12).
pub fn reflect_call(assembler: Assembler) -> Routine {
    let args = PointerMap::default();
    let mut routine = Routine::new(assembler, head("reflect.call", &args), args);
    routine.asm.jg("runtime.reflectcall");
    routine
}

/// The routine. It has no frame: the trampoline sees its caller's arguments.
pub fn reflectcall(epoch: Epoch, assembler: Assembler) -> Routine {
    let args = reflectcall_args(epoch);
    let mut routine = Routine::new(assembler, head("runtime.reflectcall", &args), args);
    let (size, address) = (R(3), R(5));
    routine.load_w(size, routine.arg(picked_by(epoch)));
    for bytes in call_sizes(epoch) {
        dispatch(&mut routine, size, bytes);
    }
    routine.asm.larl(address, "runtime.badreflectcall");
    routine.asm.br(address);
    routine
}

/// Jump to the trampoline of `bytes` bytes when the frame is no larger.
fn dispatch(routine: &mut Routine, size: R, bytes: u32) {
    let (limit, address) = (R(4), R(5));
    let next = routine.asm.label();
    routine.constant(limit, i64::from(bytes));
    routine.asm.cgr(size, limit);
    routine.asm.brc(Cc::Gt, next);
    routine.asm.larl(address, &format!("runtime.call{bytes}"));
    routine.asm.br(address);
    routine.asm.bind(next);
}
