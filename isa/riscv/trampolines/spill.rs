//! `runtime.spillArgs` and `runtime.unspillArgs`: all argument registers to and from an `abi.RegArgs`.
//!
//! They take its address in X25 and leave every other register alone.

use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use crate::riscv::encode::{Asm, F, X};
use crate::riscv::port::ARG_REGISTERS;
use crate::routine::Head;

/// The address of the `RegArgs`.
const REG_ARGS: X = X(25);

fn leaf(assembler: Assembler, name: &'static str) -> Routine {
    let head =
        Head { name, frame_bytes: None, args_bytes: 0, splits_stack: false, wrapper: false, maps: FrameMaps::None };
    Routine::new(assembler, head, PointerMap::default())
}

/// Call `int` for each integer register and `float` for each floating-point one, with its offset.
fn each(asm: &mut Asm, int: fn(&mut Asm, X, X, i32), float: fn(&mut Asm, F, X, i32)) {
    let mut offset = 0;
    for n in ARG_REGISTERS {
        int(asm, X(n), REG_ARGS, offset);
        offset += 8;
    }
    for n in ARG_REGISTERS {
        float(asm, F(n), REG_ARGS, offset);
        offset += 8;
    }
}

/// Store them.
pub fn spill_args(assembler: Assembler) -> Routine {
    let mut routine = leaf(assembler, "runtime.spillArgs");
    each(&mut routine.asm, Asm::sd, Asm::fsd);
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
