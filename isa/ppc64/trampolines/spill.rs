//! `runtime.spillArgs` and `runtime.unspillArgs`: all argument registers to and from an `abi.RegArgs`.
//!
//! They take its address in R20 and leave every other register alone.

use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use crate::ppc64::encode::{Asm, R};
use crate::routine::Head;

/// The address of the `RegArgs`.
const REG_ARGS: R = R(20);

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

/// Call `ints` for each integer register and `floats` for each floating-point one, with their offsets.
fn each(asm: &mut Asm, ints: fn(&mut Asm, R, R, i64), floats: fn(&mut Asm, u8, R, i64)) {
    let mut offset = 0;
    for n in (3..=10).chain(14..=17) {
        ints(asm, R(n), REG_ARGS, offset);
        offset += 8;
    }
    for n in 1..=12 {
        floats(asm, n, REG_ARGS, offset);
        offset += 8;
    }
}

/// Store them.
pub fn spill_args(assembler: Assembler) -> Routine {
    let mut routine = leaf(assembler, "runtime.spillArgs");
    each(&mut routine.asm, Asm::std, Asm::stfd);
    routine.ret();
    routine
}

/// Load them.
pub fn unspill_args(assembler: Assembler) -> Routine {
    let mut routine = leaf(assembler, "runtime.unspillArgs");
    each(&mut routine.asm, Asm::ld, Asm::lfd);
    routine.ret();
    routine
}
