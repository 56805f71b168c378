//! Instructions that mean something else than their bytes say: a layer between lift and block.
//!
//! An edited instruction keeps its address and length; only what it does is replaced. So one mechanism serves every
//! architecture, needs no encoder, and can do what no encoding could: move half of a pair, or drop one store of several. The
//! layer lies under the block builder, not over finished blocks: dead flags are dropped after it, so an instruction whose flags
//! come alive because another was edited away computes them.
//!
//! Must not know: why anybody edits. Start reading at [`Lifted`].

use std::collections::BTreeMap;

use crate::block::InsnMark;
use crate::build::BlockBuilder;
use crate::effects::ends_block;
use crate::isa::{CodeView, Isa, LiftError};
use crate::op::{Edge, Op};

/// What one instruction does, as its lift says; for a branch with a delay slot both.
#[derive(Clone, Debug, PartialEq)]
pub struct Lifted {
    /// The instructions, `first_op` counted from the first micro-op here.
    pub insns: Vec<InsnMark>,
    /// The micro-ops. The last one may transfer control.
    pub ops: Vec<Op>,
    /// Where the control transfer can lead.
    pub exits: Vec<u64>,
}

impl Lifted {
    /// What the instruction at `pc` does.
    ///
    /// # Errors
    /// When it cannot be lifted.
    pub fn at(isa: &dyn Isa, code: &dyn CodeView, pc: u64) -> Result<Self, LiftError> {
        let mut out = BlockBuilder::new(pc, isa.regs().temps());
        isa.lift(code, pc, &mut out)?;
        Ok(out.into_lifted())
    }

    /// Address behind it.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.insns.last().map_or(0, |mark| mark.pc + u64::from(mark.len))
    }

    /// Whether it transfers control.
    #[must_use]
    pub fn ends_block(&self) -> bool {
        self.ops.last().is_some_and(ends_block)
    }

    /// An instruction of the same place that does `ops`, and goes on behind itself.
    #[must_use]
    pub fn straight(&self, ops: Vec<Op>) -> Self {
        let insns = self.insns.iter().map(|mark| InsnMark { first_op: 0, ..*mark }).collect();
        Self { insns, ops, exits: Vec::new() }
    }

    /// An instruction of the same place that does nothing.
    #[must_use]
    pub fn nothing(&self) -> Self {
        let mut nothing = self.straight(Vec::new());
        if self.ends_block() {
            // What follows need not be an instruction that the lift expected to be reached: begin a block there.
            nothing.ops.push(Op::Goto { edge: Edge::Jump });
            nothing.exits.push(self.end());
        }
        nothing
    }

    /// What this instruction does, done at the place of another: whatever names the address behind it names the one behind
    /// the other.
    #[must_use]
    pub fn moved_to(&self, place: &Self) -> Self {
        let (from, to) = (self.end(), place.end());
        let mut ops = self.ops.clone();
        for op in &mut ops {
            match op {
                Op::Const { value, .. } if *value == from => *value = to,
                Op::PushConst { value, .. } if u64::from(*value) == from => *value = to as u32,
                _ => {}
            }
        }
        let exits = self.exits.iter().map(|exit| if *exit == from { to } else { *exit }).collect();
        let insns = place.insns.iter().map(|mark| InsnMark { first_op: 0, ..*mark }).collect();
        Self { insns, ops, exits }
    }
}

/// Edited instructions by address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edits {
    by_pc: BTreeMap<u64, Lifted>,
}

impl Edits {
    /// No edits.
    #[must_use]
    pub const fn none() -> Self {
        Self { by_pc: BTreeMap::new() }
    }

    /// From now on the instruction at its address does this.
    pub fn put(&mut self, lifted: Lifted) {
        if let Some(first) = lifted.insns.first() {
            self.by_pc.insert(first.pc, lifted);
        }
    }

    /// Whether nothing is edited.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_pc.is_empty()
    }

    /// What the instruction at an address does, when that is edited.
    #[must_use]
    pub fn at(&self, pc: u64) -> Option<&Lifted> {
        self.by_pc.get(&pc)
    }

    /// Every edited instruction, by address.
    pub fn iter(&self) -> impl Iterator<Item = &Lifted> {
        self.by_pc.values()
    }
}
