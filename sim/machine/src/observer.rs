//! The observer: sees the retired stream and changes nothing.

use rcsim_uop::Block;

/// What looks on while the interpreter runs. The constants say which events are wanted; the others cost nothing.
pub trait Observer {
    /// Whether [`Observer::block`] is wanted.
    const BLOCKS: bool = false;
    /// Whether [`Observer::insn`] is wanted.
    const INSNS: bool = false;
    /// Whether [`Observer::memory`] is wanted.
    const MEMORY: bool = false;

    /// A block is about to run.
    fn block(&mut self, _block: &Block) {}
    /// Instruction number `index` of a block is about to run.
    fn insn(&mut self, _block: &Block, _index: usize) {}
    /// The instruction announced last has accessed memory.
    fn memory(&mut self, _addr: u64, _bytes: u64, _write: bool) {}
    /// So many instructions of the block announced last have retired; fewer than it has when it trapped.
    fn retired(&mut self, _block: &Block, _insns: usize) {}
}

/// Nobody looks on.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {}

/// A memory access of a retired instruction. Helpers' accesses are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryAccess {
    /// Address of its first byte.
    pub addr: u64,
    /// Number of bytes.
    pub bytes: u32,
    /// Whether it writes (else reads).
    pub write: bool,
}

/// A block that has retired, whole or in part. Where it went is the address of the block that comes next.
#[derive(Clone, Copy, Debug)]
pub struct RetiredBlock<'a> {
    /// The block.
    pub block: &'a Block,
    /// How many of its instructions retired.
    pub insns: usize,
    /// What they accessed, in order.
    pub accesses: &'a [MemoryAccess],
    /// For each instruction that began, how many accesses came before it.
    pub first_access: &'a [u32],
}

impl RetiredBlock<'_> {
    /// The accesses of instruction number `insn`.
    #[must_use]
    pub fn accesses_of(&self, insn: usize) -> &[MemoryAccess] {
        let at = |n: usize| self.first_access.get(n).map_or(self.accesses.len(), |first| *first as usize);
        &self.accesses[at(insn)..at(insn + 1)]
    }
}

/// Collects what happens in a block, so that whoever follows the stream is called once a block.
#[derive(Debug, Default)]
pub struct BlockRecorder {
    accesses: Vec<MemoryAccess>,
    first_access: Vec<u32>,
}

impl BlockRecorder {
    /// A block begins.
    #[inline]
    pub fn begin(&mut self) {
        self.accesses.clear();
        self.first_access.clear();
    }

    /// An instruction begins.
    #[inline]
    pub fn insn(&mut self) {
        self.first_access.push(self.accesses.len() as u32);
    }

    /// The instruction accessed memory.
    #[inline]
    pub fn memory(&mut self, addr: u64, bytes: u64, write: bool) {
        self.accesses.push(MemoryAccess { addr, bytes: bytes as u32, write });
    }

    /// The block as far as it retired.
    #[must_use]
    pub fn finish<'a>(&'a self, block: &'a Block, insns: usize) -> RetiredBlock<'a> {
        RetiredBlock { block, insns, accesses: &self.accesses, first_access: &self.first_access }
    }
}
