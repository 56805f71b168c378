//! `reflect.makeFuncStub` and `reflect.methodValueCall`: the code of functions that `reflect` makes.
//!
//! Both leave the closure context, the address of their caller's arguments, (from 2020 on) the address of a flag and (from
//! 2021 on) a nil pointer for argument registers for a Go function. The flag tells the collector whether the result words
//! of the argument area hold results yet.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use crate::arm::encode::{Cc, R, SP};
use crate::routine::Head;

/// The closure context register.
const CONTEXT: R = R(7);
/// The register of the author's choice.
const SCRATCH: R = R(1);

/// `reflect.makeFuncStub`.
pub fn make_func_stub(epoch: Epoch, assembler: Assembler) -> Routine {
    stub(epoch, assembler, "reflect.makeFuncStub", "reflect.callReflect")
}

/// `reflect.methodValueCall`.
pub fn method_value_call(epoch: Epoch, assembler: Assembler) -> Routine {
    stub(epoch, assembler, "reflect.methodValueCall", "reflect.callMethod")
}

/// Where the flag stands: behind the words that are passed. Before 2020 there is none.
fn flag_at(epoch: Epoch) -> Option<u32> {
    match epoch {
        Epoch::Y2014Before | Epoch::Y2014 | Epoch::Y2016 | Epoch::Y2018 => None,
        Epoch::Y2020 => Some(16),
        Epoch::Y2021 | Epoch::Go119 | Epoch::Go127 => Some(20),
    }
}

fn stub(epoch: Epoch, assembler: Assembler, name: &'static str, target: &str) -> Routine {
    let head = Head {
        name,
        frame_bytes: Some(flag_at(epoch).unwrap_or(8)),
        // The runtime finds the size of the arguments through the closure.
        args_bytes: 0,
        splits_stack: false,
        wrapper: true,
        maps: FrameMaps::Context,
    };
    let mut routine = Routine::new(assembler, head, PointerMap::default());
    let args = routine.arg(0);
    routine.asm.str(CONTEXT, SP, 4);
    routine.sp_plus(SCRATCH, args);
    routine.asm.str(SCRATCH, SP, 8);
    if let Some(at) = flag_at(epoch) {
        pass_flag(&mut routine, at);
    }
    if epoch >= Epoch::Y2021 {
        routine.asm.mov_imm(SCRATCH, 0);
        routine.asm.str(SCRATCH, SP, 16);
    }
    routine.asm.bl(Cc::Always, target);
    routine.ret();
    routine.end()
}

/// Clear the flag and pass its address.
fn pass_flag(routine: &mut Routine, at: u32) {
    routine.asm.mov_imm(SCRATCH, 0);
    routine.asm.strb(SCRATCH, SP, at as i32);
    routine.sp_plus(SCRATCH, at);
    routine.asm.str(SCRATCH, SP, 12);
}
