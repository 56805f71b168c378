//! Lifting: what each instruction means.
//!
//! [`lift`] only dispatches; the meaning of an instruction stands in the file of its group. Every lift function reads
//! its operands through [`context::Lift`], so that the 32-bit guest shares it.

mod alu;
mod atomic;
mod bits;
mod branch;
mod context;
mod integer;
mod mov;
mod muldiv;
mod operand;
mod shift;
mod sse_fp;
mod sse_helper;
mod sse_int;
mod sse_move;
mod stack;
mod string;
mod system;
#[cfg(test)]
mod tests;
mod vector;
mod x87;

use iced_x86::Instruction;
use rcsim_uop::BlockBuilder;

use self::context::{Lift, NotModelled};
use super::features::FeatureSet;
use super::regs;

/// Lift one instruction into the block.
///
/// # Errors
/// When it, or this form of it, is not modelled; the block is as it was then.
pub fn lift(
    insn: &Instruction,
    bits: u32,
    features: FeatureSet,
    out: &mut BlockBuilder,
) -> Result<(), Unmodelled> {
    let mut l = Lift::new(insn, bits, features, regs::temps());
    dispatch(&mut l).map_err(|NotModelled| Unmodelled)?;
    l.commit(out);
    Ok(())
}

/// The instruction is not modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmodelled;

fn dispatch(l: &mut Lift<'_>) -> context::Lifted {
    match integer::dispatch(l) {
        Some(lifted) => lifted,
        None => x87::dispatch(l).or_else(|| vector::dispatch(l)).unwrap_or(Err(NotModelled)),
    }
}
