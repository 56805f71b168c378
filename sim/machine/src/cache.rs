//! The cache of lifted blocks.
//!
//! A block is lifted when it is first reached and kept. Blocks remember which block followed at each exit, so straight
//! loops never look an address up.

use rcsim_uop::block::Block;
use rcsim_uop::build::{MAX_INSNS, build_edited_block};
use rcsim_uop::edit::Edits;
use rcsim_uop::isa::{CodeView, Isa, LiftError};

use crate::memory::AddrMap;

/// Index of a block in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockId(u32);

/// The exits whose successor is remembered.
const LINKS: usize = 2;
const UNLINKED: u32 = u32::MAX;
const JUMP_ENTRIES: usize = 1024;

struct Entry {
    block: Block,
    links: [u32; LINKS],
}

/// Lifted blocks by address.
#[derive(Default)]
pub struct CodeCache {
    entries: Vec<Entry>,
    by_pc: AddrMap<u32>,
    /// Recently used addresses: `(pc, block)`, for indirect jumps.
    jumps: Vec<(u64, u32)>,
    edits: Edits,
}

impl CodeCache {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self { jumps: vec![(u64::MAX, 0); JUMP_ENTRIES], ..Self::default() }
    }

    /// An empty cache of code some of whose instructions are edited.
    #[must_use]
    pub fn with_edits(edits: Edits) -> Self {
        Self { edits, ..Self::new() }
    }

    /// The instructions that are edited.
    #[must_use]
    pub fn edits(&self) -> &Edits {
        &self.edits
    }

    /// Forget all blocks: guest code or hooks have changed.
    pub fn clear(&mut self) {
        *self = Self::with_edits(std::mem::take(&mut self.edits));
    }

    /// Addresses of the instructions of all blocks that were reached.
    pub fn reached(&self) -> impl Iterator<Item = u64> {
        self.entries.iter().flat_map(|entry| entry.block.insns.iter().map(|mark| mark.pc))
    }

    /// The block at `pc`, lifted now if it was not before.
    ///
    /// # Errors
    /// When its first instruction cannot be lifted.
    #[inline]
    pub fn at(&mut self, isa: &dyn Isa, code: &dyn CodeView, pc: u64) -> Result<BlockId, LiftError> {
        let slot = (pc ^ (pc >> 10)) as usize % JUMP_ENTRIES;
        let (known, id) = self.jumps[slot];
        if known == pc {
            return Ok(BlockId(id));
        }
        let id = self.find_or_lift(isa, code, pc)?;
        self.jumps[slot] = (pc, id);
        Ok(BlockId(id))
    }

    fn find_or_lift(&mut self, isa: &dyn Isa, code: &dyn CodeView, pc: u64) -> Result<u32, LiftError> {
        if let Some(id) = self.by_pc.get(&pc) {
            return Ok(*id);
        }
        let block = build_edited_block(isa, code, &self.edits, pc, MAX_INSNS)?;
        let id = self.entries.len() as u32;
        self.entries.push(Entry { block, links: [UNLINKED; LINKS] });
        self.by_pc.insert(pc, id);
        Ok(id)
    }

    /// The block that follows exit number `exit` of `from`.
    ///
    /// # Errors
    /// When its first instruction cannot be lifted.
    #[inline(always)]
    pub fn follow(
        &mut self,
        isa: &dyn Isa,
        code: &dyn CodeView,
        from: BlockId,
        exit: usize,
    ) -> Result<BlockId, LiftError> {
        if let Some(link) = self.entries[from.0 as usize].links.get(exit)
            && *link != UNLINKED
        {
            return Ok(BlockId(*link));
        }
        self.follow_first(isa, code, from, exit)
    }

    /// As [`CodeCache::follow`], for an exit that is not remembered.
    #[cold]
    fn follow_first(
        &mut self,
        isa: &dyn Isa,
        code: &dyn CodeView,
        from: BlockId,
        exit: usize,
    ) -> Result<BlockId, LiftError> {
        let pc = self.entries[from.0 as usize].block.exits[exit];
        let next = self.at(isa, code, pc)?;
        if let Some(link) = self.entries[from.0 as usize].links.get_mut(exit) {
            *link = next.0;
        }
        Ok(next)
    }

    /// A block of the cache.
    #[inline]
    #[must_use]
    pub fn block(&self, id: BlockId) -> &Block {
        &self.entries[id.0 as usize].block
    }

    /// Blocks, instructions and micro-ops lifted so far.
    #[must_use]
    pub fn totals(&self) -> (usize, usize, usize) {
        let insns = self.entries.iter().map(|entry| entry.block.insns.len()).sum();
        let ops = self.entries.iter().map(|entry| entry.block.ops.len()).sum();
        (self.entries.len(), insns, ops)
    }
}
