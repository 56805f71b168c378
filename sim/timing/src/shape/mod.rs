//! The shape of a block: which operations a core would make of its instructions, before any core is known.
//!
//! A micro-op is no operation of a core: the lift splits what hardware does at once (a shifted operand is two micro-ops)
//! and folds what hardware splits (a store's address and data). An instruction here becomes its loads, one operation for
//! everything it computes, its stores and its branch, with their dependencies taken from `rcsim_uop::effects`.
//! What each costs, and which are merged further, is the core's: see `translate`.
//!
//! Start reading at [`Shape::of`]; `classify.rs` says which class a micro-op belongs to, `gather.rs` puts the operations of
//! one instruction together.

mod classify;
mod gather;
mod registers;

use rcsim_uop::{Block, Isa, Op};

use crate::class::OpClass;
pub use registers::{FLAGS, Registers};

/// What a branch is to a predictor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BranchKind {
    /// Taken or not, to a known address.
    Conditional,
    /// Always taken, to a known address.
    Jump,
    /// A call of a known address.
    Call,
    /// A jump to a computed address.
    JumpIndirect,
    /// A call of a computed address.
    CallIndirect,
    /// A return.
    Return,
}

/// What an operation does with memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryUse {
    /// Nothing.
    None,
    /// Reads the accesses of the instruction in this range.
    Load {
        /// Number of the first access within the instruction.
        first: u8,
        /// How many neighbouring accesses make up the load.
        count: u8,
    },
    /// Writes them.
    Store {
        /// Number of the first access within the instruction.
        first: u8,
        /// How many neighbouring accesses make up the store.
        count: u8,
    },
}

/// One operation. Registers are slots of the register file, wide registers by their first slot; [`FLAGS`] is one too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its class; a store's is that of its data.
    pub class: OpClass,
    /// What it does with memory.
    pub memory: MemoryUse,
    /// What must be known before it starts; a store's are those of its address.
    pub reads: Vec<u8>,
    /// What a store stores.
    pub data: Vec<u8>,
    /// What it makes known.
    pub writes: Vec<u8>,
    /// When it transfers control.
    pub branch: Option<BranchKind>,
    /// The helper's name, when it is one.
    pub helper: Option<&'static str>,
}

impl Part {
    pub(crate) const fn new(class: OpClass) -> Self {
        Self {
            class,
            memory: MemoryUse::None,
            reads: Vec::new(),
            data: Vec::new(),
            writes: Vec::new(),
            branch: None,
            helper: None,
        }
    }
}

/// An instruction that repeats itself, one element of memory at a time: a string instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// Whether an element is read.
    pub reads: bool,
    /// Whether an element is written.
    pub writes: bool,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsnShape {
    /// Address.
    pub pc: u64,
    /// Length in bytes.
    pub len: u16,
    /// Its operations in order; never empty.
    pub parts: Vec<Part>,
    /// When it repeats itself.
    pub repeat: Option<Repeat>,
}

impl InsnShape {
    /// Whether its operations compute, branch aside, and set the flags: what a core may fuse with a branch on them.
    #[must_use]
    pub fn sets_flags(&self) -> bool {
        self.parts.iter().any(|part| part.writes.contains(&FLAGS))
    }

    /// Whether it sets flags and nothing else: a comparison.
    #[must_use]
    pub fn is_comparison(&self) -> bool {
        self.parts.iter().all(|part| {
            let load = matches!(part.memory, MemoryUse::Load { .. });
            part.branch.is_none() && (load || part.writes == [FLAGS])
        })
    }
}

/// A block's instructions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// In order.
    pub insns: Vec<InsnShape>,
}

impl Shape {
    /// The shape of a block.
    #[must_use]
    pub fn of(block: &Block, isa: &dyn Isa, registers: &Registers) -> Self {
        let insns = (0..block.insns.len()).map(|n| insn(block, n, isa, registers)).collect();
        Self { insns }
    }
}

fn insn(block: &Block, n: usize, isa: &dyn Isa, registers: &Registers) -> InsnShape {
    let (mark, ops) = (block.insns[n], block.ops_of(n));
    let last = n + 1 == block.insns.len();
    let parts = gather::parts(ops, mark.pc + u64::from(mark.len), block, isa, registers);
    let repeat = (last && block.exits.contains(&mark.pc)).then(|| repeated(ops)).flatten();
    InsnShape { pc: mark.pc, len: mark.len, parts, repeat }
}

/// What one element of a repeated instruction does with memory, if it touches any.
fn repeated(ops: &[Op]) -> Option<Repeat> {
    let uses = || ops.iter().filter_map(rcsim_uop::effects::mem_use);
    let repeat = Repeat { reads: uses().any(|one| one.read), writes: uses().any(|one| one.write) };
    (repeat.reads || repeat.writes).then_some(repeat)
}
