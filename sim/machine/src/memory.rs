//! Guest memory: 64 bits of address space, in pages of 4 KiB that exist once they are touched.
//!
//! A mapping states permissions and costs nothing until it is used, so a guest may reserve gigabytes. The fast path is a
//! direct-mapped table of recently used pages; a page carries a few spare bytes at its end so that every load within it
//! can read eight bytes and cut. Beside the bytes, a page carries the shadow's words, one a granule (a pointer).

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use rcsim_uop::guest::{AccessKind, FaultCause, MemFault};
use rcsim_uop::isa::CodeView;
use rcsim_uop::op::Access;

use crate::shadow::Shadow;

mod access;
mod peek;

pub use peek::Peek;

/// Base-2 logarithm of the page size.
pub const PAGE_BITS: u32 = 12;
/// Bytes of a page.
pub const PAGE_BYTES: u64 = 1 << PAGE_BITS;
const PAGE: usize = PAGE_BYTES as usize;
/// Spare bytes at the end of a page, see the module's text.
const SPARE: usize = 8;
const TLB_ENTRIES: usize = 256;

/// What the guest may do with a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Perms {
    /// Read data.
    pub read: bool,
    /// Write data.
    pub write: bool,
    /// Execute.
    pub execute: bool,
}

impl Perms {
    /// Data that may be read and written.
    pub const DATA: Self = Self { read: true, write: true, execute: false };
    /// Data that may be read.
    pub const CONST: Self = Self { read: true, write: false, execute: false };
    /// Code.
    pub const CODE: Self = Self { read: true, write: false, execute: true };
    /// Nothing: an address range that traps on purpose.
    pub const NONE: Self = Self { read: false, write: false, execute: false };

    const fn allows(self, kind: AccessKind) -> bool {
        match kind {
            AccessKind::Read => self.read,
            AccessKind::Write => self.write,
            AccessKind::Execute => self.execute,
        }
    }
}

struct Page<W> {
    data: Box<[u8; PAGE + SPARE]>,
    words: Box<[W]>,
}

/// A page number is already well spread; multiplying by an odd constant is hash enough.
#[derive(Default)]
pub(crate) struct AddrHasher(u64);

impl Hasher for AddrHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte) ^ self.0);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
    }
}

/// Maps numbers that are spread well enough: pages, addresses.
pub(crate) type AddrMap<V> = HashMap<u64, V, BuildHasherDefault<AddrHasher>>;

#[derive(Clone, Copy)]
struct TlbEntry {
    /// Page number, all ones when empty.
    page: u64,
    index: u32,
}

/// Where a page is in the table. Guests begin heap, stacks and data at round addresses; their first pages must not push each
/// other out.
#[inline(always)]
const fn tlb_slot(number: u64) -> usize {
    (number ^ number >> 17) as usize % TLB_ENTRIES
}

const EMPTY: TlbEntry = TlbEntry { page: u64::MAX, index: 0 };

/// A mapping of the address space.
#[derive(Clone, Debug)]
pub struct Region {
    /// First address.
    pub start: u64,
    /// Bytes.
    pub bytes: u64,
    /// What the guest may do.
    pub perms: Perms,
}

/// Guest memory with the words of a shadow beside it.
pub struct Memory<S: Shadow> {
    regions: BTreeMap<u64, Region>,
    pages: Vec<Page<S::Word>>,
    /// Those of them that were unmapped: empty, and to be used again.
    free: Vec<u32>,
    by_number: AddrMap<u32>,
    read_tlb: [TlbEntry; TLB_ENTRIES],
    write_tlb: [TlbEntry; TLB_ENTRIES],
    hooks: AddrMap<u32>,
    granule_log2: u32,
    max_pages: usize,
}

impl<S: Shadow> Memory<S> {
    /// Empty memory of a guest whose pointers have `pointer_bytes` bytes (4 or 8), which may use at most `max_bytes`.
    #[must_use]
    pub fn new(pointer_bytes: u8, max_bytes: u64) -> Self {
        Self {
            regions: BTreeMap::new(),
            pages: Vec::new(),
            free: Vec::new(),
            by_number: AddrMap::default(),
            read_tlb: [EMPTY; TLB_ENTRIES],
            write_tlb: [EMPTY; TLB_ENTRIES],
            hooks: AddrMap::default(),
            granule_log2: pointer_bytes.trailing_zeros(),
            max_pages: usize::try_from(max_bytes >> PAGE_BITS).unwrap_or(usize::MAX),
        }
    }

    /// Map `bytes` bytes at `start`, both multiples of the page size, replacing what overlaps; contents of pages that
    /// were there before stay.
    ///
    /// # Panics
    /// When the range is not made of pages or wraps around: the caller's mistake, the guest cannot cause it.
    pub fn map(&mut self, start: u64, bytes: u64, perms: Perms) {
        assert!(start.is_multiple_of(PAGE_BYTES) && bytes.is_multiple_of(PAGE_BYTES), "not whole pages");
        assert!(start.checked_add(bytes).is_some(), "mapping wraps around");
        self.unmap_range(start, bytes);
        self.regions.insert(start, Region { start, bytes, perms });
        self.forget_translations();
    }

    /// Remove mappings of a range and what they hold.
    pub fn unmap(&mut self, start: u64, bytes: u64) {
        self.unmap_range(start, bytes);
        for number in (start >> PAGE_BITS)..((start + bytes) >> PAGE_BITS) {
            if let Some(index) = self.by_number.remove(&number) {
                let page = &mut self.pages[index as usize];
                page.data.fill(0);
                page.words.fill(S::Word::default());
                self.free.push(index);
            }
        }
        self.forget_translations();
    }

    fn unmap_range(&mut self, start: u64, bytes: u64) {
        let end = start + bytes;
        let overlapping: Vec<Region> = self
            .regions
            .range(..end)
            .map(|(_, region)| region.clone())
            .filter(|region| region.start + region.bytes > start)
            .collect();
        for region in overlapping {
            self.regions.remove(&region.start);
            let region_end = region.start + region.bytes;
            if region.start < start {
                let left = Region { bytes: start - region.start, ..region.clone() };
                self.regions.insert(left.start, left);
            }
            if region_end > end {
                let right = Region { start: end, bytes: region_end - end, ..region };
                self.regions.insert(right.start, right);
            }
        }
    }

    fn forget_translations(&mut self) {
        self.read_tlb = [EMPTY; TLB_ENTRIES];
        self.write_tlb = [EMPTY; TLB_ENTRIES];
    }

    /// The mapping that holds `addr`.
    #[must_use]
    pub fn region(&self, addr: u64) -> Option<&Region> {
        let (_, region) = self.regions.range(..=addr).next_back()?;
        (addr - region.start < region.bytes).then_some(region)
    }

    /// All mappings in address order.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.regions.values()
    }

    /// Put a hook at an address: the interpreter stops before executing there. Blocks lifted before must be dropped.
    pub fn set_hook(&mut self, pc: u64, number: u32) {
        self.hooks.insert(pc, number);
    }

    /// The index of the page that holds `addr`, made when it is touched for the first time.
    fn find(&mut self, addr: u64, kind: AccessKind) -> Result<u32, FaultCause> {
        let perms = self.region(addr).ok_or(FaultCause::Unmapped)?.perms;
        if !perms.allows(kind) {
            return Err(FaultCause::Protected);
        }
        self.touch(addr >> PAGE_BITS)
    }

    fn touch(&mut self, number: u64) -> Result<u32, FaultCause> {
        if let Some(index) = self.by_number.get(&number) {
            return Ok(*index);
        }
        if let Some(index) = self.free.pop() {
            self.by_number.insert(number, index);
            return Ok(index);
        }
        if self.pages.len() >= self.max_pages {
            return Err(FaultCause::Exhausted);
        }
        let words = vec![S::Word::default(); PAGE >> self.granule_log2].into();
        let index = self.pages.len() as u32;
        self.pages.push(Page { data: Box::new([0; PAGE + SPARE]), words });
        self.by_number.insert(number, index);
        Ok(index)
    }

    /// Translate an access that the fast path could not; `None` when it crosses a page.
    #[cold]
    fn translate(&mut self, addr: u64, bytes: u64, kind: AccessKind) -> Result<u32, MemFault> {
        let index = self.find(addr, kind).map_err(|cause| MemFault { addr, bytes, kind, cause })?;
        let number = addr >> PAGE_BITS;
        let entry = TlbEntry { page: number, index };
        match kind {
            AccessKind::Write => self.write_tlb[tlb_slot(number)] = entry,
            AccessKind::Read => self.read_tlb[tlb_slot(number)] = entry,
            AccessKind::Execute => {}
        }
        Ok(index)
    }

    #[inline(always)]
    fn page_for(&mut self, addr: u64, bytes: u64, kind: AccessKind) -> Result<&mut Page<S::Word>, MemFault> {
        let number = addr >> PAGE_BITS;
        let tlb = if matches!(kind, AccessKind::Write) { &self.write_tlb } else { &self.read_tlb };
        let entry = tlb[tlb_slot(number)];
        let index = if entry.page == number { entry.index } else { self.translate(addr, bytes, kind)? };
        Ok(&mut self.pages[index as usize])
    }

    /// Whether the guest may access the whole range.
    ///
    /// # Errors
    /// The first address where it may not.
    pub fn check(&mut self, addr: u64, bytes: u64, kind: AccessKind) -> Result<(), MemFault> {
        let mut at = addr;
        let end =
            addr.checked_add(bytes).ok_or(MemFault { addr, bytes, kind, cause: FaultCause::Unmapped })?;
        while at < end {
            let fault = |cause| MemFault { addr: at, bytes, kind, cause };
            let region = self.region(at).ok_or(fault(FaultCause::Unmapped))?;
            if !region.perms.allows(kind) {
                return Err(fault(FaultCause::Protected));
            }
            at = region.start + region.bytes;
        }
        Ok(())
    }

    /// Read bytes that the guest may access in the given way.
    ///
    /// # Errors
    /// When it may not.
    fn read_checked(&mut self, addr: u64, out: &mut [u8], kind: AccessKind) -> Result<(), MemFault> {
        let bytes = out.len() as u64;
        self.check(addr, bytes, kind)?;
        for (at, chunk) in chunks(addr, bytes) {
            let index =
                self.touch(at >> PAGE_BITS).map_err(|cause| MemFault { addr: at, bytes, kind, cause })?;
            let offset = (at % PAGE_BYTES) as usize;
            let from = (at - addr) as usize;
            out[from..from + chunk].copy_from_slice(&self.pages[index as usize].data[offset..offset + chunk]);
        }
        Ok(())
    }

    /// Write bytes whose pages exist, because they were checked and touched before.
    fn write_unchecked(&mut self, addr: u64, bytes: &[u8]) {
        for (at, chunk) in chunks(addr, bytes.len() as u64) {
            let Some(index) = self.by_number.get(&(at >> PAGE_BITS)) else { continue };
            let offset = (at % PAGE_BYTES) as usize;
            let from = (at - addr) as usize;
            self.pages[*index as usize].data[offset..offset + chunk]
                .copy_from_slice(&bytes[from..from + chunk]);
        }
    }

    /// Read bytes as the guest could.
    ///
    /// # Errors
    /// When it could not.
    pub fn read_bytes(&mut self, addr: u64, out: &mut [u8]) -> Result<(), MemFault> {
        self.read_checked(addr, out, AccessKind::Read)
    }

    /// Write bytes as the guest could; their shadow words become unknown.
    ///
    /// # Errors
    /// When it could not; nothing is written then.
    pub fn write_bytes(&mut self, addr: u64, bytes: &[u8]) -> Result<(), MemFault> {
        self.check(addr, bytes.len() as u64, AccessKind::Write)?;
        self.load_image(addr, bytes)
    }

    /// Write bytes whatever the permissions, as a loader does.
    ///
    /// # Errors
    /// When the memory limit is reached.
    pub fn load_image(&mut self, addr: u64, bytes: &[u8]) -> Result<(), MemFault> {
        for (at, _) in chunks(addr, bytes.len() as u64) {
            let fault =
                |cause| MemFault { addr: at, bytes: bytes.len() as u64, kind: AccessKind::Write, cause };
            self.touch(at >> PAGE_BITS).map_err(fault)?;
        }
        self.write_unchecked(addr, bytes);
        if size_of::<S::Word>() != 0 && !bytes.is_empty() {
            let granule = 1_u64 << self.granule_log2;
            let mut at = addr & !(granule - 1);
            while at < addr + bytes.len() as u64 {
                self.scatter_words(at, &[S::Word::default()]);
                at += granule;
            }
        }
        Ok(())
    }

    /// The shadow words of the granules that a range overlaps, and the offset of its first byte in the first of them.
    #[must_use]
    pub fn gather_words(&self, addr: u64, bytes: u64) -> (Vec<S::Word>, usize) {
        let granule = 1_u64 << self.granule_log2;
        let first = addr & !(granule - 1);
        let mut words = Vec::new();
        let mut at = first;
        while at < addr + bytes {
            words.push(self.word(at));
            at += granule;
        }
        (words, (addr - first) as usize)
    }

    /// The index of the page that holds `addr`, if it was ever touched.
    #[inline]
    fn known_page(&self, addr: u64) -> Option<u32> {
        let number = addr >> PAGE_BITS;
        let entry = self.read_tlb[tlb_slot(number)];
        if entry.page == number { Some(entry.index) } else { self.by_number.get(&number).copied() }
    }

    /// The shadow word of the granule that holds `addr`.
    #[must_use]
    pub fn word(&self, addr: u64) -> S::Word {
        let Some(index) = self.known_page(addr) else { return S::Word::default() };
        self.pages[index as usize].words[(addr % PAGE_BYTES) as usize >> self.granule_log2]
    }

    /// Set the shadow words of consecutive granules, the first being the one that holds `addr`.
    pub fn scatter_words(&mut self, addr: u64, words: &[S::Word]) {
        let granule = 1_u64 << self.granule_log2;
        for (n, word) in words.iter().enumerate() {
            let at = addr + n as u64 * granule;
            if let Some(index) = self.by_number.get(&(at >> PAGE_BITS)) {
                let slot = (at % PAGE_BYTES) as usize >> self.granule_log2;
                self.pages[*index as usize].words[slot] = *word;
            }
        }
    }

    /// Base-2 logarithm of the bytes that one shadow word stands for.
    #[must_use]
    pub const fn granule_log2(&self) -> u32 {
        self.granule_log2
    }

    /// Set the shadow words of a range of whole granules, as far as memory there was ever touched.
    pub fn fill_words(&mut self, addr: u64, bytes: u64, word: S::Word) {
        for (at, chunk) in chunks(addr, bytes) {
            if let Some(index) = self.by_number.get(&(at >> PAGE_BITS)) {
                let first = (at % PAGE_BYTES) as usize >> self.granule_log2;
                let words = &mut self.pages[*index as usize].words;
                words[first..first + (chunk >> self.granule_log2)].fill(word);
            }
        }
    }

    /// A value as it is in memory, whatever the permissions; `None` when nothing was ever there or it crosses a page.
    #[must_use]
    pub fn peek(&self, addr: u64, acc: Access) -> Option<u64> {
        let index = self.known_page(addr)?;
        let at = (addr % PAGE_BYTES) as usize;
        if at + acc.bytes() as usize > PAGE {
            return None;
        }
        Some(self.pages[index as usize].value(at, acc))
    }

    /// As [`Memory::peek`], with the shadow word of the granule that holds the first byte.
    #[must_use]
    pub fn peek_tagged(&self, addr: u64, acc: Access) -> Option<(u64, S::Word)> {
        let index = self.known_page(addr)?;
        let at = (addr % PAGE_BYTES) as usize;
        if at + acc.bytes() as usize > PAGE {
            return None;
        }
        let page = &self.pages[index as usize];
        Some((page.value(at, acc), page.words[at >> self.granule_log2]))
    }

    /// Bytes of memory that the guest has touched.
    #[must_use]
    pub fn touched_bytes(&self) -> u64 {
        self.by_number.len() as u64 * PAGE_BYTES
    }
}

impl<S: Shadow> CodeView for Memory<S> {
    fn fetch(&self, pc: u64, out: &mut [u8]) -> usize {
        let mut done = 0;
        for (at, chunk) in chunks(pc, out.len() as u64) {
            if !self.region(at).is_some_and(|region| region.perms.execute) {
                break;
            }
            let offset = (at % PAGE_BYTES) as usize;
            match self.by_number.get(&(at >> PAGE_BITS)) {
                Some(index) => {
                    let page = &self.pages[*index as usize];
                    out[done..done + chunk].copy_from_slice(&page.data[offset..offset + chunk]);
                }
                None => out[done..done + chunk].fill(0),
            }
            done += chunk;
        }
        done
    }

    fn hook(&self, pc: u64) -> Option<u32> {
        self.hooks.get(&pc).copied()
    }
}

/// The parts of a range that lie in one page each: `(address, bytes)`. A range that wraps around ends at the top.
fn chunks(addr: u64, bytes: u64) -> impl Iterator<Item = (u64, usize)> {
    let end = addr.saturating_add(bytes);
    let mut at = addr;
    std::iter::from_fn(move || {
        if at >= end {
            return None;
        }
        let chunk = (PAGE_BYTES - at % PAGE_BYTES).min(end - at);
        let here = at;
        at += chunk;
        Some((here, chunk as usize))
    })
}
