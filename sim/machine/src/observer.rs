//! The observer: sees the retired stream and changes nothing.

use rcsim_uop::Block;
use rcsim_uop::op::Access;
use rcsim_uop::reg::Reg;

/// Registers and memory as they are, for an observer that asks.
pub trait Sight {
    /// A register.
    fn reg(&self, reg: Reg) -> u64;
    /// Memory, `None` where there is none or the access leaves a page.
    fn peek(&self, addr: u64, acc: Access) -> Option<u64>;
    /// Guest instructions so far.
    fn steps(&self) -> u64;
}

/// What looks on while the interpreter runs. The constants say which events are wanted; the others cost nothing.
pub trait Observer {
    /// Whether [`Observer::block`] is wanted.
    const BLOCKS: bool = false;
    /// Whether [`Observer::insn`] is wanted.
    const INSNS: bool = false;
    /// Whether [`Observer::memory`] is wanted.
    const MEMORY: bool = false;
    /// Whether [`Observer::state`] is wanted.
    const STATE: bool = false;
    /// Whether [`Observer::helper_memory`] is wanted.
    const HELPER_MEMORY: bool = false;

    /// A block is about to run.
    fn block(&mut self, _block: &Block) {}
    /// The block announced last is about to run, and this is the state that it begins in. A hook of the host is a block, too.
    fn state<V: Sight>(&mut self, _block: &Block, _sight: &V) {}
    /// Whether [`Observer::insn`] is wanted of this block. It may come nevertheless.
    fn wants_insns(&self, _block: &Block) -> bool {
        Self::INSNS
    }
    /// Instruction number `index` of a block is about to run.
    fn insn(&mut self, _block: &Block, _index: usize) {}
    /// The instruction announced last has accessed memory.
    fn memory(&mut self, _addr: u64, _bytes: u64, _write: bool) {}
    /// The helper of the instruction announced last has accessed memory, of which [`Observer::memory`] is not told: an
    /// instruction that copies a block does so in pieces whose size is rcsim's own.
    fn helper_memory(&mut self, _addr: u64, _bytes: u64, _write: bool) {}
    /// So many instructions of the block announced last have retired; fewer than it has when it trapped.
    fn retired(&mut self, _block: &Block, _insns: usize) {}
}

/// Nobody looks on.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {}

/// Two observers at once.
pub struct Both<'a, A, B>(pub &'a mut A, pub &'a mut B);

impl<A: Observer, B: Observer> Observer for Both<'_, A, B> {
    const BLOCKS: bool = A::BLOCKS || B::BLOCKS;
    const INSNS: bool = A::INSNS || B::INSNS;
    const MEMORY: bool = A::MEMORY || B::MEMORY;
    const STATE: bool = A::STATE || B::STATE;
    const HELPER_MEMORY: bool = A::HELPER_MEMORY || B::HELPER_MEMORY;

    #[inline(always)]
    fn block(&mut self, block: &Block) {
        self.0.block(block);
        self.1.block(block);
    }

    #[inline(always)]
    fn state<V: Sight>(&mut self, block: &Block, sight: &V) {
        self.0.state(block, sight);
        self.1.state(block, sight);
    }

    #[inline(always)]
    fn wants_insns(&self, block: &Block) -> bool {
        self.0.wants_insns(block) || self.1.wants_insns(block)
    }

    #[inline(always)]
    fn insn(&mut self, block: &Block, index: usize) {
        self.0.insn(block, index);
        self.1.insn(block, index);
    }

    #[inline(always)]
    fn memory(&mut self, addr: u64, bytes: u64, write: bool) {
        self.0.memory(addr, bytes, write);
        self.1.memory(addr, bytes, write);
    }

    #[inline]
    fn helper_memory(&mut self, addr: u64, bytes: u64, write: bool) {
        self.0.helper_memory(addr, bytes, write);
        self.1.helper_memory(addr, bytes, write);
    }

    #[inline(always)]
    fn retired(&mut self, block: &Block, insns: usize) {
        self.0.retired(block, insns);
        self.1.retired(block, insns);
    }
}
