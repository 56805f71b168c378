//! `runtime.spillArgs` and `runtime.unspillArgs`: all argument registers to and from an `abi.RegArgs`.
//!
//! They take its address in R10 and leave every other register alone.

use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use crate::routine::Head;
use crate::s390x::encode::{Asm, NONE, R};

/// The address of the `RegArgs`.
const REG_ARGS: R = R(10);

fn leaf(assembler: Assembler, name: &'static str) -> Routine {
    let head = Head {
        name,
        frame_bytes: None,
        args_bytes: 0,
        splits_stack: false,
        wrapper: false,
        maps: FrameMaps::None,
    };
    Routine::new(assembler, head, PointerMap::default())
}

/// Call `ints` for R2 to R9 and `floats` for F0 to F15, with their offsets.
fn each(asm: &mut Asm, ints: fn(&mut Asm, R, R, R, i64), floats: fn(&mut Asm, u8, R, i64)) {
    let mut offset = 0;
    for n in 2..=9 {
        ints(asm, R(n), NONE, REG_ARGS, offset);
        offset += 8;
    }
    for n in 0..=15 {
        floats(asm, n, REG_ARGS, offset);
        offset += 8;
    }
}

/// Store them.
pub fn spill_args(assembler: Assembler) -> Routine {
    let mut routine = leaf(assembler, "runtime.spillArgs");
    each(&mut routine.asm, Asm::stg, Asm::std);
    routine.ret();
    routine
}

/// Load them.
pub fn unspill_args(assembler: Assembler) -> Routine {
    let mut routine = leaf(assembler, "runtime.unspillArgs");
    each(&mut routine.asm, Asm::lg, Asm::ld);
    routine.ret();
    routine
}
