//! `runtime.spillArgs` and `runtime.unspillArgs`: all argument registers to and from an `abi.RegArgs`.
//!
//! They take its address in R20 and leave every other register alone.

use rcsim_uop::port::{FrameMaps, PointerMap};

use super::assembler::Assembler;
use super::frame::Routine;
use crate::arm64::encode::{Asm, X};
use crate::routine::Head;

/// Argument registers of each kind.
const REGISTERS: u8 = 16;
/// The address of the `RegArgs`.
const REG_ARGS: X = X(20);

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

/// Call `ints` for each pair of integer registers and `floats` for each of floating-point ones, with their offsets.
fn pairs(asm: &mut Asm, ints: fn(&mut Asm, X, X, X, i32), floats: fn(&mut Asm, X, X, X, i32)) {
    let each = || (0..REGISTERS).step_by(2);
    for n in each() {
        ints(asm, X(n), X(n + 1), REG_ARGS, i32::from(n) * 8);
    }
    for n in each() {
        floats(asm, X(n), X(n + 1), REG_ARGS, i32::from(REGISTERS + n) * 8);
    }
}

/// Store them.
pub fn spill_args(assembler: Assembler) -> Routine {
    let mut routine = leaf(assembler, "runtime.spillArgs");
    pairs(&mut routine.asm, Asm::stp, Asm::stp_d);
    routine.ret();
    routine.end()
}

/// Load them.
pub fn unspill_args(assembler: Assembler) -> Routine {
    let mut routine = leaf(assembler, "runtime.unspillArgs");
    pairs(&mut routine.asm, Asm::ldp, Asm::ldp_d);
    routine.ret();
    routine.end()
}
