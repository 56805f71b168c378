//! `runtime.spillArgs` and `runtime.unspillArgs`: all argument registers to and from an `abi.RegArgs`.
//!
//! They take its address in R25 and leave every other register alone.

use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use crate::loong::encode::{Asm, F, R};
use crate::loong::port::{FLOAT_ARGS, INT_ARGS};
use crate::routine::Head;

/// The address of the `RegArgs`.
const REG_ARGS: R = R(25);

fn leaf(assembler: Assembler, name: &'static str) -> Routine {
    let head =
        Head { name, frame_bytes: None, args_bytes: 0, splits_stack: false, wrapper: false, maps: FrameMaps::None };
    Routine::new(assembler, head, PointerMap::default())
}

/// Call `int` for each integer register and `float` for each floating-point one, with its offset.
fn each(asm: &mut Asm, int: fn(&mut Asm, R, R, i32), float: fn(&mut Asm, F, R, i32)) {
    let mut offset = 0;
    for n in INT_ARGS {
        int(asm, R(n), REG_ARGS, offset);
        offset += 8;
    }
    for n in FLOAT_ARGS {
        float(asm, F(n), REG_ARGS, offset);
        offset += 8;
    }
}

/// Store them.
pub fn spill_args(assembler: Assembler) -> Routine {
    let mut routine = leaf(assembler, "runtime.spillArgs");
    each(&mut routine.asm, Asm::st, Asm::fst);
    routine.ret();
    routine.end()
}

/// Load them.
pub fn unspill_args(assembler: Assembler) -> Routine {
    let mut routine = leaf(assembler, "runtime.unspillArgs");
    each(&mut routine.asm, Asm::ld, Asm::fld);
    routine.ret();
    routine.end()
}
