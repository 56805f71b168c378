//! Instructions without a condition (A5.7): barriers, prefetches; and Advanced SIMD (A7.4, A7.7), which Go never uses.

use rcsim_uop::op::Op;

use super::{Cx, status};
use crate::arm::decode::{Gap, Lifted};
use crate::arm::text::GO_UNDEFINED;

/// By the bits that are fixed.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    const BARRIERS: u32 = 0xf57f_f000;
    const PREFETCH: u32 = 0xf510_f000;
    const VECTORS: u32 = 0xf200_0000;
    const VECTOR_MEMORY: u32 = 0xf400_0000;
    let word = cx.insn.word;
    match word {
        GO_UNDEFINED => status::never_comes_here(cx),
        _ if word & 0xffff_ff00 == BARRIERS => barrier(cx),
        _ if word & 0xfd30_f000 == PREFETCH => cx.nothing(),
        _ if word & 0xfe00_0000 == VECTORS || word & 0xff10_0000 == VECTOR_MEMORY => Err(Gap::Feature("neon")),
        _ => Err(Gap::Opcode),
    }
}

/// DSB, DMB, ISB; CLREX ends what LDREX began, which no program of Go's tells from any other store.
fn barrier(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.field(4, 4) {
        1 => cx.nothing(),
        4..=6 => cx.emit(Op::Fence),
        _ => Err(Gap::Opcode),
    }
}
