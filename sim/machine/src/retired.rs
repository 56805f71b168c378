//! Blocks that have retired, for those who follow a run block by block.

use rcsim_uop::Block;

/// A memory access of a retired instruction. What its helper accessed comes last, neighbouring accesses as one: their sizes
/// are rcsim's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryAccess {
    /// Address of its first byte.
    pub addr: u64,
    /// Number of bytes.
    pub bytes: u32,
    /// Whether it writes (else reads).
    pub write: bool,
}

impl MemoryAccess {
    /// Become one with an access beside this one, if that is of the same kind and both together are no more than 4 GiB.
    fn take_in(&mut self, other: &Self) -> bool {
        let end = |access: &Self| access.addr.wrapping_add(u64::from(access.bytes));
        let (end, other_end) = (end(self), end(other));
        let beside = end == other.addr || other_end == self.addr;
        let Some(bytes) = self.bytes.checked_add(other.bytes) else { return false };
        if !beside || self.write != other.write {
            return false;
        }
        (self.addr, self.bytes) = (self.addr.min(other.addr), bytes);
        true
    }
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
    /// For each instruction that began, and perhaps others after those, how many accesses came before it.
    pub first_access: &'a [u32],
}

impl<'a> RetiredBlock<'a> {
    /// The accesses of instruction number `insn`.
    #[inline]
    #[must_use]
    pub fn accesses_of(&self, insn: usize) -> &'a [MemoryAccess] {
        let all = self.accesses.len();
        let at = |n: usize| self.first_access.get(n).map_or(all, |first| all.min(*first as usize));
        &self.accesses[at(insn)..at(insn + 1)]
    }

    /// So many neighbouring accesses of instruction number `insn`, from its `nth` on, as one: address and bytes. Nothing when it
    /// made none of them.
    #[inline]
    #[must_use]
    pub fn merged(&self, insn: usize, nth: usize, count: usize) -> Option<(u64, u32)> {
        let at = *self.first_access.get(insn)? as usize + nth;
        let end = self.first_access.get(insn + 1).map_or(self.accesses.len(), |next| *next as usize);
        let (first, others) = self.accesses.get(at..end.min(at + count))?.split_first()?;
        Some((first.addr, others.iter().fold(first.bytes, |sum, access| sum + access.bytes)))
    }
}

/// Collects what happens in a block, so that whoever follows the stream is called once a block.
#[derive(Debug, Default)]
pub struct BlockRecorder {
    accesses: Vec<MemoryAccess>,
    first_access: Vec<u32>,
    /// Of the helper of the instruction that runs.
    helper: Vec<MemoryAccess>,
}

/// How many of a helper's last accesses one may be a neighbour of: it copies by turns, perhaps from two places.
const TURNS: usize = 3;

impl BlockRecorder {
    /// A block begins.
    #[inline]
    pub fn begin(&mut self) {
        self.accesses.clear();
        self.first_access.clear();
        self.helper.clear();
    }

    /// Whether [`BlockRecorder::insn`] is to be told of a block's instructions: not where their accesses are known beforehand.
    #[inline]
    #[must_use]
    pub fn wants_insns(&self, block: &Block) -> bool {
        block.first_access.is_none()
    }

    /// An instruction begins.
    #[inline]
    pub fn insn(&mut self) {
        self.end_helper();
        self.first_access.push(self.accesses.len() as u32);
    }

    /// The instruction accessed memory.
    #[inline]
    pub fn memory(&mut self, addr: u64, bytes: u64, write: bool) {
        self.accesses.push(MemoryAccess { addr, bytes: bytes as u32, write });
    }

    /// The helper of the instruction accessed memory.
    pub fn helper_memory(&mut self, addr: u64, bytes: u64, write: bool) {
        let new = MemoryAccess { addr, bytes: bytes as u32, write };
        let from = self.helper.len().saturating_sub(TURNS);
        if !self.helper[from..].iter_mut().any(|access| access.take_in(&new)) {
            self.helper.push(new);
        }
    }

    /// What a helper accessed comes after what its instruction did. Few instructions have one.
    #[inline]
    fn end_helper(&mut self) {
        if !self.helper.is_empty() {
            self.accesses.append(&mut self.helper);
        }
    }

    /// The block as far as it retired.
    #[inline]
    #[must_use]
    pub fn finish<'a>(&'a mut self, block: &'a Block, insns: usize) -> RetiredBlock<'a> {
        self.end_helper();
        let first_access = block.first_access.as_deref().unwrap_or(&self.first_access);
        RetiredBlock { block, insns, accesses: &self.accesses, first_access }
    }
}

#[cfg(test)]
mod tests {
    use super::{BlockRecorder, MemoryAccess};

    #[test]
    fn what_a_helper_copies_by_turns_is_one_access_each_way_after_those_of_the_instruction() {
        let mut recorder = BlockRecorder::default();
        recorder.begin();
        recorder.insn();
        for n in 0..4 {
            recorder.helper_memory(0x100 + 8 * n, 8, false);
            recorder.helper_memory(0x238 - 8 * n, 8, true);
        }
        recorder.memory(0x900, 4, false);
        recorder.insn();
        recorder.helper_memory(0x120, 8, false);
        recorder.end_helper();
        let access = |addr, bytes, write| MemoryAccess { addr, bytes, write };
        let expected = [
            access(0x900, 4, false),
            access(0x100, 32, false),
            access(0x220, 32, true),
            access(0x120, 8, false),
        ];
        assert_eq!(recorder.accesses, expected);
        assert_eq!(recorder.first_access, [0, 3]);
    }

    #[test]
    fn accesses_that_are_not_neighbours_or_too_long_together_stay_apart() {
        let mut access = MemoryAccess { addr: 0x100, bytes: 8, write: true };
        assert!(!access.take_in(&MemoryAccess { addr: 0x109, bytes: 8, write: true }));
        assert!(!access.take_in(&MemoryAccess { addr: 0x108, bytes: 8, write: false }));
        assert!(!access.take_in(&MemoryAccess { addr: 0x108, bytes: u32::MAX, write: true }));
        assert!(access.take_in(&MemoryAccess { addr: 0xf8, bytes: 8, write: true }));
        assert_eq!(access, MemoryAccess { addr: 0xf8, bytes: 16, write: true });
    }
}
