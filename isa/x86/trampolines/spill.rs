//! `spillArgs` and `unspillArgs`: the argument registers to and from the block that r12 points to.

use rcsim_uop::Epoch;
use rcsim_uop::port::{FrameMaps, PointerMap};

use super::{Routine, Target};
use crate::x86::encode::{Assembler, At, Gpr};

/// Integer argument registers in order.
const INTS: [Gpr; 9] =
    [Gpr::AX, Gpr::BX, Gpr::CX, Gpr::DI, Gpr::SI, Gpr::R8, Gpr::R9, Gpr::R10, Gpr::R11];
/// Number of floating-point argument registers, X0 and on.
const FLOATS: u8 = 15;
/// Where the block is.
pub const BLOCK: Gpr = Gpr::R12;

/// The name of `spillArgs` in an epoch: it was private to its file at first.
pub fn spill_name(epoch: Epoch) -> &'static str {
    if epoch == Epoch::Y2020 { "spillArgs" } else { "runtime.spillArgs" }
}

/// The name of `unspillArgs` in an epoch.
pub fn unspill_name(epoch: Epoch) -> &'static str {
    if epoch == Epoch::Y2020 { "unspillArgs" } else { "runtime.unspillArgs" }
}

/// Store the argument registers.
pub fn spill_args(target: Target) -> Routine {
    leaf(target, spill_name(target.epoch), |a| {
        for (register, at) in INTS.into_iter().zip(slots()) {
            a.store(at, register);
        }
        for (register, at) in (0..FLOATS).zip(slots().skip(INTS.len())) {
            a.store_xmm_low(at, register);
        }
    })
}

/// Load the argument registers.
pub fn unspill_args(target: Target) -> Routine {
    leaf(target, unspill_name(target.epoch), |a| {
        for (register, at) in INTS.into_iter().zip(slots()) {
            a.load(register, at);
        }
        for (register, at) in (0..FLOATS).zip(slots().skip(INTS.len())) {
            a.load_xmm_low(register, at);
        }
    })
}

/// The words of the block.
fn slots() -> impl Iterator<Item = At> {
    (0..).step_by(8).map(|offset| At(BLOCK, offset))
}

fn leaf(target: Target, name: &str, body: impl FnOnce(&mut Assembler)) -> Routine {
    let mut code = Assembler::new(target.mode);
    body(&mut code);
    code.ret();
    Routine {
        name: name.into(),
        code,
        frame_bytes: 0,
        args_bytes: 0,
        splits_stack: false,
        maps: FrameMaps::None,
        args: PointerMap::default(),
    }
}
