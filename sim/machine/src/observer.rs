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
