//! From the shape of a block to what one core makes of it: operations with ports, latencies and places in the window.

use rcsim_machine::MemoryAccess;

use crate::class::OpClass;
use crate::core_file::{Core, Fusion, OpCost};
use crate::shape::{BranchKind, FLAGS, InsnShape, MemoryUse, Part, Repeat, Shape};

/// One operation of a core.
#[derive(Clone, Debug)]
pub struct CoreOp {
    /// Its cost. For a store, that of its data.
    pub cost: OpCost,
    /// The cost of a store's address.
    pub address: OpCost,
    /// Cycles after its start that its operands are needed.
    pub late: u32,
    /// Cycles of a load beyond those of an integer load.
    pub beyond: u16,
    /// What its helper moves, if that takes time.
    pub bulk: Option<Bulk>,
    /// Of an instruction's first operation: what is to be known about the instruction.
    pub whole: Option<Whole>,
    /// Its class.
    pub class: OpClass,
    /// What it does with memory.
    pub memory: MemoryUse,
    /// Registers that must be known: a run of [`CoreBlock::registers`].
    pub reads: Run,
    /// Registers that a store stores.
    pub data: Run,
    /// Registers that become known.
    pub writes: Run,
    /// When it decides where control goes.
    pub branch: Option<BranchKind>,
    /// Whether the branch belongs to the next instruction.
    pub fused: bool,
    /// Index of its instruction in the block.
    pub insn: u16,
}

impl CoreOp {
    /// Whether it is a store that starts with its address.
    #[must_use]
    pub fn address_first(&self) -> bool {
        matches!(self.memory, MemoryUse::Store { .. }) && self.address.ports != 0
    }
}

/// Memory that the helper of an instruction moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bulk {
    /// How many of the instruction's accesses are not the helper's: they come first.
    pub from: u8,
    /// Bytes in a cycle.
    pub bytes: u16,
}

impl Bulk {
    fn new(insn: &InsnShape, cost: OpCost) -> Option<Self> {
        let own = |part: &Part| match part.memory {
            MemoryUse::None => 0,
            MemoryUse::Load { count, .. } | MemoryUse::Store { count, .. } => count,
        };
        (cost.bytes > 0).then(|| Self { from: insn.parts.iter().map(own).sum(), bytes: cost.bytes })
    }

    /// The helper's accesses among those of the instruction.
    #[must_use]
    pub fn accesses(self, of_insn: &[MemoryAccess]) -> &[MemoryAccess] {
        of_insn.get(usize::from(self.from)..).unwrap_or_default()
    }

    /// Cycles that it takes to move them: as many bytes as are written, or read if none are.
    #[must_use]
    pub fn cycles(self, moved: &[MemoryAccess]) -> u64 {
        let sum = |write: bool| -> u64 {
            moved.iter().filter(|access| access.write == write).map(|access| u64::from(access.bytes)).sum()
        };
        let bytes = Some(sum(true)).filter(|written| *written > 0).unwrap_or_else(|| sum(false));
        bytes.div_ceil(u64::from(self.bytes.max(1)))
    }
}

/// An instruction as one thing.
#[derive(Clone, Copy, Debug)]
pub struct Whole {
    /// Cycles from its start to the first of its results.
    pub first_result: u16,
    /// Places of all its operations.
    pub places: u32,
}

impl Whole {
    fn of(ops: &[CoreOp]) -> Self {
        let result = |op: &CoreOp| match op.memory {
            MemoryUse::Store { .. } => op.address.latency.max(op.cost.latency),
            MemoryUse::Load { .. } | MemoryUse::None => op.cost.latency,
        };
        Self {
            first_result: ops.iter().map(result).min().unwrap_or(0),
            places: ops.iter().map(|op| u32::from(op.cost.slots)).sum(),
        }
    }
}

/// A run of register numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    first: u32,
    len: u8,
}

impl Run {
    /// Where its registers stand.
    #[inline]
    #[must_use]
    pub const fn range(self) -> std::ops::Range<usize> {
        self.first as usize..self.first as usize + self.len as usize
    }
}

/// One instruction.
#[derive(Clone, Copy, Debug)]
pub struct CoreInsn {
    /// Address.
    pub pc: u64,
    /// Length in bytes.
    pub len: u16,
    /// First operation after it.
    pub end_op: u32,
    /// Number in the model's list of instructions.
    pub id: u32,
}

/// A block as a core sees it.
#[derive(Clone, Debug, Default)]
pub struct CoreBlock {
    /// Address.
    pub pc: u64,
    /// Its instructions.
    pub insns: Vec<CoreInsn>,
    /// Their operations.
    pub ops: Vec<CoreOp>,
    /// Register numbers that the operations refer to.
    pub registers: Vec<u8>,
    /// When its last instruction repeats itself.
    pub repeat: Option<Repeat>,
}

impl CoreBlock {
    /// What the core makes of this shape. `id` numbers instructions by address.
    pub fn new(pc: u64, shape: &Shape, core: &Core, mut id: impl FnMut(u64) -> u32) -> Self {
        let mut block = Self { pc, insns: Vec::new(), ops: Vec::new(), registers: Vec::new(), repeat: None };
        let fused = fused(shape, core.fusion);
        for (n, insn) in shape.insns.iter().enumerate() {
            block.repeat = insn.repeat;
            let becomes = fused.get(n + 1).copied().unwrap_or(false);
            if !fused[n] {
                block.insn(insn, n as u16, becomes, core);
            }
            block.insns.push(CoreInsn {
                pc: insn.pc,
                len: insn.len,
                end_op: block.ops.len() as u32,
                id: id(insn.pc),
            });
        }
        block
    }

    fn insn(&mut self, insn: &InsnShape, n: u16, becomes_branch: bool, core: &Core) {
        let first = self.ops.len();
        let mut after_load = false;
        for part in &insn.parts {
            let mut cost = cost_of(part, core);
            let loads = matches!(part.memory, MemoryUse::Load { .. });
            if after_load && core.load_op_fusion && part.memory == MemoryUse::None {
                cost.slots = cost.slots.saturating_sub(1);
            }
            after_load = loads;
            let op = CoreOp {
                cost,
                address: core.cost(match part.class {
                    OpClass::StorePairData => OpClass::StorePairAddress,
                    _ => OpClass::StoreAddress,
                }),
                late: late(part, cost, core),
                beyond: cost.latency.saturating_sub(core.cost(OpClass::Load).latency),
                bulk: part.helper.and_then(|_| Bulk::new(insn, cost)),
                whole: None,
                class: part.class,
                memory: part.memory,
                reads: self.run(&part.reads),
                data: self.run(&part.data),
                writes: self.run(&part.writes),
                branch: part.branch,
                fused: false,
                insn: n,
            };
            self.ops.push(op);
        }
        let whole = Whole::of(&self.ops[first..]);
        if let Some(op) = self.ops.get_mut(first) {
            op.whole = Some(whole);
        }
        if becomes_branch && let Some(last) = self.ops[first..].last_mut() {
            let branch = core.cost(OpClass::Branch);
            last.cost = OpCost { slots: last.cost.slots, ..branch };
            (last.branch, last.fused) = (Some(BranchKind::Conditional), true);
        }
    }

    fn run(&mut self, slots: &[u8]) -> Run {
        let run = Run { first: self.registers.len() as u32, len: slots.len() as u8 };
        self.registers.extend_from_slice(slots);
        run
    }
}

/// Cycles after its start that an operation needs its operands.
fn late(part: &Part, cost: OpCost, core: &Core) -> u32 {
    let of_class = if part.class.is_integer() { core.window.late_operands } else { 0 };
    cost.late.map_or(of_class, u32::from)
}

fn cost_of(part: &Part, core: &Core) -> OpCost {
    let own = part.helper.and_then(|name| core.helpers.iter().find(|(known, _)| known == name));
    own.map_or_else(|| core.cost(part.class), |(_, cost)| *cost)
}

/// For each instruction, whether it is the branch of a pair that the core makes one operation of.
fn fused(shape: &Shape, fusion: Fusion) -> Vec<bool> {
    let fits = |pair: &[InsnShape]| {
        let fuses = match fusion {
            Fusion::None => false,
            Fusion::Compare => pair[0].is_comparison(),
            Fusion::Alu => pair[0].is_comparison() || is_simple(&pair[0]),
        };
        fuses && pair[0].sets_flags() && branches_on_flags(&pair[1])
    };
    std::iter::once(false).chain(shape.insns.windows(2).map(fits)).collect()
}

/// Arithmetic or logic on registers and constants.
fn is_simple(insn: &InsnShape) -> bool {
    matches!(&insn.parts[..], [part] if part.class == OpClass::Alu && part.memory == MemoryUse::None)
}

fn branches_on_flags(insn: &InsnShape) -> bool {
    matches!(&insn.parts[..], [part] if part.branch == Some(BranchKind::Conditional) && part.reads == [FLAGS])
}

/// The accesses of an operation as one: address and bytes.
#[inline]
#[must_use]
pub fn merged(accesses: &[MemoryAccess], memory: MemoryUse) -> Option<(u64, u32)> {
    let (first, count) = match memory {
        MemoryUse::None => return None,
        MemoryUse::Load { first, count } | MemoryUse::Store { first, count } => (first, count),
    };
    let first = usize::from(first);
    if count == 1 {
        return accesses.get(first).map(|access| (access.addr, access.bytes));
    }
    let accesses = accesses.get(first..accesses.len().min(first + usize::from(count)))?;
    let start = accesses.first()?.addr;
    Some((start, accesses.iter().map(|access| access.bytes).sum()))
}
