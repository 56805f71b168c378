//! A block: micro-ops of a run of instructions that is entered at its start and left at its end.

use crate::op::Op;

/// Where one instruction stands in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InsnMark {
    /// Guest address.
    pub pc: u64,
    /// Length in bytes.
    pub len: u16,
    /// Index of its first micro-op.
    pub first_op: u16,
}

/// To which instruction a micro-op belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Guest address of the instruction.
    pub pc: u64,
    /// Its number in the block.
    pub insn: u32,
}

/// A lifted block. Immutable once built; every block has passed [`crate::verify::verify`].
#[derive(Clone, Debug)]
pub struct Block {
    /// Address of the first instruction.
    pub pc: u64,
    /// The micro-ops; the last one, and only it, transfers control.
    pub ops: Box<[Op]>,
    /// The instructions in order. An instruction may have no micro-op (a no-op); its mark then shares the index of
    /// the next.
    pub insns: Box<[InsnMark]>,
    /// Addresses that the block can continue at; what each index means is stated by the last micro-op.
    pub exits: Box<[u64]>,
    /// The instruction of each micro-op; an instruction without micro-ops owns none, so of several marks with the same index
    /// the last one answers.
    pub places: Box<[Place]>,
    /// For each instruction, how many memory accesses those before it make. Nothing when that is not the same each time that the
    /// block runs, or when a helper makes some of them.
    pub first_access: Option<Box<[u32]>>,
}

impl Block {
    /// Address just after the last instruction in memory order of the block.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.insns.last().map_or(self.pc, |mark| mark.pc + u64::from(mark.len))
    }

    /// Index of the instruction that the micro-op at `op` belongs to.
    #[must_use]
    pub fn insn_of(&self, op: usize) -> usize {
        self.places[op].insn as usize
    }

    /// The micro-ops of instruction number `insn`.
    #[must_use]
    pub fn ops_of(&self, insn: usize) -> &[Op] {
        let first = usize::from(self.insns[insn].first_op);
        let last = self.insns.get(insn + 1).map_or(self.ops.len(), |next| usize::from(next.first_op));
        &self.ops[first..last]
    }
}

/// The instruction of each of so many micro-ops.
pub(crate) fn places(insns: &[InsnMark], ops: usize) -> Box<[Place]> {
    let mut next = 0;
    let place = |op| {
        while insns.get(next).is_some_and(|mark| usize::from(mark.first_op) <= op) {
            next += 1;
        }
        let insn = usize::saturating_sub(next, 1);
        Place { pc: insns.get(insn).map_or(0, |mark| mark.pc), insn: insn as u32 }
    };
    (0..ops).map(place).collect()
}
