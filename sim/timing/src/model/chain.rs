//! The critical chain: for each operation, the one that it waited for last.

use crate::account::Cause;

/// Operations that are remembered: a call of many thousand instructions fits.
const OPERATIONS: usize = 1 << 16;

#[derive(Clone, Copy, Debug, Default)]
struct Link {
    insn: u32,
    /// How many operations back the one is that this one waited for; 0 ends the chain.
    back: u32,
    done: u64,
    cause: Option<Cause>,
}

/// The last operations.
pub struct Chain {
    links: Vec<Link>,
    next: u64,
    start: u64,
}

/// One instruction of a critical chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainStep {
    /// Number of the instruction.
    pub insn: u32,
    /// Cycles between what it waited for and its own end.
    pub cycles: u64,
    /// Why it waited.
    pub cause: Cause,
}

impl Default for Chain {
    fn default() -> Self {
        Self { links: vec![Link::default(); OPERATIONS], next: 0, start: 0 }
    }
}

impl Chain {
    /// Number of the next operation.
    #[inline]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// An operation of `insn` was done at `done`, after waiting for operation number `waited_for`.
    #[inline]
    pub fn push(&mut self, insn: u32, waited_for: u64, done: u64, cause: Cause) {
        let back = (self.next.saturating_sub(waited_for)).min(u64::from(u32::MAX)) as u32;
        self.links[self.next as usize % OPERATIONS] = Link { insn, back, done, cause: Some(cause) };
        self.next += 1;
    }

    /// What happens from now on is a chain of its own.
    pub fn restart(&mut self) {
        self.start = self.next;
    }

    /// From the last operation backwards: what it waited for, and so on, to the start or as far as is remembered.
    pub fn walk(&self) -> impl Iterator<Item = ChainStep> + '_ {
        let first = self.start.max(self.next.saturating_sub(OPERATIONS as u64));
        let mut at = self.next.checked_sub(1).filter(|last| *last >= first);
        std::iter::from_fn(move || {
            let number = at?;
            let link = self.links[number as usize % OPERATIONS];
            let before = number.checked_sub(u64::from(link.back)).filter(|n| *n >= first && *n < number);
            at = before;
            let since = before.map_or(link.done, |n| self.links[n as usize % OPERATIONS].done);
            let cycles = if before.is_some() { link.done.saturating_sub(since) } else { 0 };
            Some(ChainStep { insn: link.insn, cycles, cause: link.cause.unwrap_or(Cause::Base) })
        })
    }
}
