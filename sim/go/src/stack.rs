//! The goroutine stack: its bounds, guard and size limits. Growing it is done by the world, which knows the frames.

use crate::failure::{Failure, Limit};

/// Bytes above the stack's low end where the guard stands: what nosplit functions may use without a check (Go's
/// `runtime.stackGuard`: 800 + 128 since Go 1.19, the same sum before).
pub const GUARD_BYTES: u64 = 928;
/// Size of a new goroutine's stack here, in bytes. Go starts with 2 KiB and doubles; a larger start changes only how often
/// a stack moves.
pub const INITIAL_BYTES: u64 = 32 << 10;

/// A goroutine's stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stack {
    /// Lowest address.
    pub lo: u64,
    /// First address above it.
    pub hi: u64,
}

impl Stack {
    /// Bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.hi - self.lo
    }

    /// Bytes of the pages that it is made of. It begins where a page does.
    #[must_use]
    pub const fn mapped_bytes(self) -> u64 {
        self.bytes().next_multiple_of(PAGE_BYTES)
    }

    /// The address that a prologue compares the stack pointer with.
    #[must_use]
    pub const fn guard(self) -> u64 {
        self.lo + GUARD_BYTES
    }

    /// Whether it holds `addr`. The address just above counts: a frame may begin there.
    #[must_use]
    pub const fn contains(self, addr: u64) -> bool {
        self.lo <= addr && addr < self.hi
    }
}

/// What stacks are mapped in.
const PAGE_BYTES: u64 = rcsim_machine::memory::PAGE_BYTES;

/// Hands out stacks, each above the one before.
#[derive(Clone, Copy, Debug)]
pub struct StackArea {
    next: u64,
    end: u64,
    max_bytes: u64,
}

impl StackArea {
    /// An area of `bytes` bytes at `start`. Go limits a stack to 1,000,000,000 bytes on 64-bit ports and to 250,000,000 on
    /// the others (`runtime.main`).
    #[must_use]
    pub const fn new(start: u64, bytes: u64, word_bytes: u64) -> Self {
        let max_bytes = if word_bytes == 8 { 1_000_000_000 } else { 250_000_000 };
        Self { next: start, end: start + bytes, max_bytes }
    }

    /// A stack of `bytes` bytes.
    ///
    /// # Errors
    /// When Go's limit, or that of the address space, is exceeded.
    pub fn take(&mut self, bytes: u64) -> Result<Stack, Failure> {
        let hi = self.next.checked_add(bytes).filter(|hi| *hi <= self.end);
        let hi =
            hi.filter(|_| bytes <= self.max_bytes).ok_or(Failure::Limit(Limit::Stack(self.max_bytes)))?;
        let stack = Stack { lo: self.next, hi };
        // An unmapped page between stacks catches what runs off one.
        self.next = hi.next_multiple_of(PAGE_BYTES) + PAGE_BYTES;
        Ok(stack)
    }
}
