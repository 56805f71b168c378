//! How many memory accesses the instructions of a block make, where that can be said before it runs.

use crate::block::InsnMark;
use crate::effects::{may_access_memory, mem_use};
use crate::isa::Isa;
use crate::op::Op;

/// Accesses that a micro-op makes; nothing when that depends on what it finds, or is a helper's affair.
fn made(op: &Op, isa: &dyn Isa) -> Option<u32> {
    match *op {
        // The second one depends on the first.
        Op::CompareSwap { .. } | Op::StoreConditional { .. } => None,
        Op::LoadPair { .. } | Op::StorePair { .. } | Op::AtomicRmw { .. } => Some(2),
        Op::VecLoad { words, .. } | Op::VecStore { words, .. } => Some(u32::from(words)),
        _ if mem_use(op).is_some() => Some(1),
        _ => (!may_access_memory(op, isa)).then_some(0),
    }
}

/// The micro-ops that a skip at `at` may leave out.
fn left_out(ops: &[Op], at: usize) -> &[Op] {
    let count = match ops[at] {
        Op::SkipIfZero { count, .. } | Op::SkipIfNonZero { count, .. } | Op::SkipUnless { count, .. } => {
            count
        }
        _ => 0,
    };
    ops.get(at + 1..at + 1 + usize::from(count)).unwrap_or_default()
}

/// For each instruction, how many accesses come before it; see [`crate::Block::first_access`].
pub(crate) fn before_each(ops: &[Op], insns: &[InsnMark], isa: &dyn Isa) -> Option<Box<[u32]>> {
    let made: Vec<u32> = ops.iter().map(|op| made(op, isa)).collect::<Option<_>>()?;
    let optional = (0..ops.len()).any(|at| {
        let count = left_out(ops, at).len();
        made[at + 1..at + 1 + count].iter().any(|made| *made > 0)
    });
    let before = |mark: &InsnMark| made.iter().take(usize::from(mark.first_op)).sum();
    (!optional).then(|| insns.iter().map(before).collect())
}
