//! Looking at many pointers in memory without touching it, as a scan does.

use std::cell::Cell;

use rcsim_uop::op::Access;

use super::{Memory, PAGE, PAGE_BITS, PAGE_BYTES, Page};
use crate::shadow::Shadow;

/// A look at memory, for pointers that are near each other: it remembers the page that it saw last.
pub struct Peek<'a, S: Shadow> {
    mem: &'a Memory<S>,
    acc: Access,
    /// Number of the page, and the page where there is one.
    last: Cell<(u64, Option<&'a Page<S::Word>>)>,
}

impl<'a, S: Shadow> Peek<'a, S> {
    /// The page that holds an address, if it was ever touched.
    #[inline(always)]
    fn page(&self, addr: u64) -> Option<&'a Page<S::Word>> {
        let (last, page) = self.last.get();
        let number = addr >> PAGE_BITS;
        if number == last { page } else { self.turn_to(addr) }
    }

    #[inline(never)]
    fn turn_to(&self, addr: u64) -> Option<&'a Page<S::Word>> {
        let page = self.mem.known_page(addr).map(|index| &self.mem.pages[index as usize]);
        self.last.set((addr >> PAGE_BITS, page));
        page
    }

    /// As [`Memory::peek_tagged`].
    #[inline]
    #[must_use]
    pub fn tagged(&self, addr: u64) -> Option<(u64, S::Word)> {
        let page = self.page(addr)?;
        let at = (addr % PAGE_BYTES) as usize;
        if at + self.acc.bytes() as usize > PAGE {
            return None;
        }
        Some((page.value(at, self.acc), page.words[at >> self.mem.granule_log2]))
    }

    /// As [`Memory::word`].
    #[inline]
    #[must_use]
    pub fn word(&self, addr: u64) -> S::Word {
        let at = (addr % PAGE_BYTES) as usize >> self.mem.granule_log2;
        self.page(addr).map_or_else(S::Word::default, |page| page.words[at])
    }
}

impl<S: Shadow> Memory<S> {
    /// Look at many pointers, which this access moves.
    #[must_use]
    pub fn peeks(&self, acc: Access) -> Peek<'_, S> {
        // No page has that number: addresses have 64 bits.
        Peek { mem: self, acc, last: Cell::new((u64::MAX, None)) }
    }
}
