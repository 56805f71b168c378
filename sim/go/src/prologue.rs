//! What a compiled prologue saves before it asks for a larger stack: there the collector finds the arguments that came in
//! registers, when it stops the goroutine at that place.
//!
//! The compiler puts the stores right before the call of `runtime.morestack`, each into the argument's word of the spill area,
//! which the function's first argument map covers. So the code itself says which registers the scan sees; the map says which of
//! them are pointers. The context register survives in the goroutine's own record (`g.sched.ctxt`), unless the call is that of
//! `runtime.morestack_noctxt`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use rcsim_machine::Shadow;
use rcsim_uop::Block;
use rcsim_uop::build::build_block;
use rcsim_uop::isa::{CodeView, Isa};
use rcsim_uop::op::{Edge, Op};
use rcsim_uop::reg::Reg;

use crate::code::Source;
use crate::world::World;

/// Blocks that are looked at for the call; a prologue's few come first.
const MAX_BLOCKS: usize = 64;
/// Instructions of a block.
const MAX_INSNS: usize = 64;

/// What is saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Saved {
    /// Registers, and how far above the stack pointer each is put.
    pub registers: Vec<(Reg, i64)>,
    /// Whether the context is kept.
    pub context: bool,
}

/// What is known of prologues.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prologues {
    by_entry: BTreeMap<u64, Option<Arc<Saved>>>,
    /// What the function at hand saves.
    at_hand: Option<Arc<Saved>>,
}

impl Prologues {
    /// What the function at hand saves, where that is known.
    pub(crate) fn at_hand(&self) -> Option<&Saved> {
        self.at_hand.as_deref()
    }
}

impl<S: Shadow> World<'_, S> {
    /// The goroutine is in the prologue of the function at hand.
    pub(crate) fn enter_prologue(&mut self) {
        if !matches!(self.code.source(), Source::File(_)) {
            return;
        }
        let entry = self.function_entry();
        if let Some(known) = self.prologues.by_entry.get(&entry) {
            self.prologues.at_hand.clone_from(known);
            return;
        }
        let growth = |pc| match self.code.at(pc).map(|function| function.name.as_str()) {
            Some("runtime.morestack") => Some(Growth::WithContext),
            Some("runtime.morestack_noctxt") => Some(Growth::WithoutContext),
            _ => None,
        };
        let found =
            saved(&*self.core.isa, &self.core.mem, self.core.convention.sp, entry, growth).map(Arc::new);
        self.prologues.by_entry.insert(entry, found.clone());
        self.prologues.at_hand = found;
    }
}

/// Who asks for a larger stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Growth {
    /// `runtime.morestack`.
    WithContext,
    /// `runtime.morestack_noctxt`.
    WithoutContext,
}

/// What the prologue at `entry` saves. `growth` tells which functions ask for a larger stack. `None` where no such call is found.
pub(crate) fn saved(
    isa: &dyn Isa,
    code: &dyn CodeView,
    sp: Reg,
    entry: u64,
    growth: impl Fn(u64) -> Option<Growth>,
) -> Option<Saved> {
    let (mut queue, mut known) = (VecDeque::from([entry]), BTreeSet::from([entry]));
    for _ in 0..MAX_BLOCKS {
        let block = build_block(isa, code, queue.pop_front()?, MAX_INSNS).ok()?;
        if let Some(growth) = target(&block).and_then(&growth) {
            let registers = block.ops.iter().flat_map(|op| stored(op, sp)).collect();
            return Some(Saved { registers, context: growth == Growth::WithContext });
        }
        if !calls(&block) {
            queue.extend(block.exits.iter().copied().filter(|exit| known.insert(*exit)));
        }
    }
    None
}

/// Whether a block ends in a call: what is behind one is no prologue any more.
fn calls(block: &Block) -> bool {
    matches!(
        block.ops.last(),
        Some(Op::Goto { edge: Edge::Call } | Op::GotoReg { .. } | Op::WindowPush { .. })
    )
}

/// Where a block goes, when it always goes there.
fn target(block: &Block) -> Option<u64> {
    match block.ops.last()? {
        Op::Goto { .. } | Op::WindowPush { .. } => block.exits.first().copied(),
        Op::GotoReg { addr, .. } => constant(block, *addr),
        _ => None,
    }
}

/// What a register holds at the end of a block that makes it of constants.
fn constant(block: &Block, reg: Reg) -> Option<u64> {
    let (at, op) = block.ops.iter().enumerate().rev().find(|(_, op)| writes(op) == Some(reg))?;
    let before = |a: Reg| {
        let earlier = block.ops[..at].iter().rev().find(|op| writes(op) == Some(a))?;
        if let Op::Const { value, .. } = earlier { Some(*value) } else { None }
    };
    match op {
        Op::Const { value, .. } => Some(*value),
        Op::AddImm { a, imm, .. } => before(*a).map(|value| value.wrapping_add_signed(*imm)),
        _ => None,
    }
}

/// The register that a simple operation writes.
fn writes(op: &Op) -> Option<Reg> {
    match op {
        Op::Const { dst, .. } | Op::AddImm { dst, .. } | Op::Copy { dst, .. } | Op::Load { dst, .. } => {
            Some(*dst)
        }
        _ => None,
    }
}

/// Registers that a micro-op stores above the stack pointer.
fn stored(op: &Op, sp: Reg) -> Vec<(Reg, i64)> {
    match op {
        Op::Store { src, mem, .. } if mem.base == sp => vec![(*src, i64::from(mem.disp))],
        Op::StorePair { acc, src, src2, base, disp, .. } if *base == sp => {
            vec![(*src, i64::from(*disp)), (*src2, i64::from(*disp) + acc.bytes() as i64)]
        }
        _ => Vec::new(),
    }
}
