//! Loads and stores of the guest: values and the words of the shadow beside them.
//!
//! Most accesses move one whole granule. They have a path of their own: such a one is aligned, so it crosses no page, and there is
//! one word to look at.

use rcsim_uop::guest::{AccessKind, FaultCause, MemFault};
use rcsim_uop::op::Access;

use super::{Memory, PAGE, PAGE_BYTES, Page};
use crate::shadow::Shadow;

impl<W> Page<W> {
    /// The value of a load within the page.
    #[inline(always)]
    pub(super) fn value(&self, at: usize, acc: Access) -> u64 {
        let mut eight = [0; 8];
        eight.copy_from_slice(&self.data[at..at + 8]);
        decode(u64::from_le_bytes(eight), acc)
    }

    /// Store the low bytes of a value within the page.
    #[inline(always)]
    fn put(&mut self, at: usize, acc: Access, value: u64) {
        if acc.is_plain_word() {
            put(&mut self.data[..], at, value.to_le_bytes());
        } else {
            store_small(&mut self.data[..], at, value, acc);
        }
    }

    /// The value of a load of one granule, and its word.
    #[inline(always)]
    fn whole(&self, addr: u64, acc: Access) -> (u64, &W) {
        let at = (addr % PAGE_BYTES) as usize;
        (self.value(at, acc), &self.words[at >> acc.log2()])
    }

    /// Store one granule; returns its word.
    #[inline(always)]
    fn put_whole(&mut self, addr: u64, acc: Access, value: u64) -> &mut W {
        let at = (addr % PAGE_BYTES) as usize;
        self.put(at, acc, value);
        &mut self.words[at >> acc.log2()]
    }
}

impl<S: Shadow> Memory<S> {
    /// Load a value as the access says.
    ///
    /// # Errors
    /// When the guest may not read there.
    #[inline(always)]
    pub fn load(&mut self, addr: u64, acc: Access) -> Result<u64, MemFault> {
        self.load_tagged(addr, acc, |_, _, _| ()).map(|(value, ())| value)
    }

    /// Load a value, with what a shadow makes of the granules that it came from.
    ///
    /// # Errors
    /// When the guest may not read there.
    #[inline(always)]
    pub fn load_shadowed(
        &mut self,
        shadow: &mut S,
        addr: u64,
        acc: Access,
    ) -> Result<(u64, S::Tag), MemFault> {
        if S::ACTIVE && self.is_whole(addr, acc) {
            let page = self.page_for(addr, acc.bytes(), AccessKind::Read)?;
            let (value, word) = page.whole(addr, acc);
            return Ok((value, shadow.load_word(addr, acc, *word, value)));
        }
        let tag = |words: &[S::Word], offset, value| match S::ACTIVE {
            true => shadow.load(addr, acc, words, offset, value),
            false => S::Tag::default(),
        };
        self.load_tagged(addr, acc, tag)
    }

    /// Store a value with its tag, and let a shadow note it in the granules that it overlaps.
    ///
    /// # Errors
    /// When the guest may not write there.
    #[inline(always)]
    pub fn store_shadowed(
        &mut self,
        shadow: &mut S,
        addr: u64,
        acc: Access,
        (value, tag): (u64, S::Tag),
    ) -> Result<(), MemFault> {
        if S::ACTIVE && self.is_whole(addr, acc) {
            let page = self.page_for(addr, acc.bytes(), AccessKind::Write)?;
            let word = page.put_whole(addr, acc, value);
            shadow.store_word(addr, acc, word, tag, value);
            return Ok(());
        }
        let note = |words: &mut [S::Word], offset| {
            if S::ACTIVE {
                shadow.store(addr, acc, words, offset, tag, value);
            }
        };
        self.store_tagged(addr, acc, value, note)
    }

    /// Whether an access moves one granule, all of it. Such a one crosses no page and is aligned.
    #[inline(always)]
    const fn is_whole(&self, addr: u64, acc: Access) -> bool {
        let granule = self.granule_log2;
        acc.log2() as u32 == granule && addr & ((1 << granule) - 1) == 0
    }

    /// Load a value and let `tag` look at the granules it came from: `tag(words, offset, value)`.
    #[inline(always)]
    fn load_tagged<T>(
        &mut self,
        addr: u64,
        acc: Access,
        tag: impl FnOnce(&[S::Word], usize, u64) -> T,
    ) -> Result<(u64, T), MemFault> {
        let bytes = acc.bytes();
        let at = (addr % PAGE_BYTES) as usize;
        if at + bytes as usize > PAGE || (acc.must_align() && !addr.is_multiple_of(bytes)) {
            return self.load_slow(addr, acc, tag);
        }
        let granule = self.granule_log2;
        let page = self.page_for(addr, bytes, AccessKind::Read)?;
        let value = page.value(at, acc);
        let (first, last) = (at >> granule, (at + bytes as usize - 1) >> granule);
        let words = if size_of::<S::Word>() == 0 { &page.words[..0] } else { &page.words[first..=last] };
        let tag = tag(words, at - (first << granule), value);
        Ok((value, tag))
    }

    #[cold]
    fn load_slow<T>(
        &mut self,
        addr: u64,
        acc: Access,
        tag: impl FnOnce(&[S::Word], usize, u64) -> T,
    ) -> Result<(u64, T), MemFault> {
        check_alignment(addr, acc, AccessKind::Read)?;
        let mut raw = [0_u8; 8];
        self.read_checked(addr, &mut raw[..acc.bytes() as usize], AccessKind::Read)?;
        let value = decode(u64::from_le_bytes(raw), acc);
        let (words, offset) = self.gather_words(addr, acc.bytes());
        Ok((value, tag(&words, offset, value)))
    }

    /// Store the low bytes of a value as the access says.
    ///
    /// # Errors
    /// When the guest may not write there.
    #[inline(always)]
    pub fn store(&mut self, addr: u64, acc: Access, value: u64) -> Result<(), MemFault> {
        self.store_tagged(addr, acc, value, |words, _| words.fill(S::Word::default()))
    }

    /// Store a value and let `note` change the granules that it overlaps: `note(words, offset)`.
    #[inline(always)]
    fn store_tagged(
        &mut self,
        addr: u64,
        acc: Access,
        value: u64,
        note: impl FnOnce(&mut [S::Word], usize),
    ) -> Result<(), MemFault> {
        let bytes = acc.bytes();
        let at = (addr % PAGE_BYTES) as usize;
        if at + bytes as usize > PAGE || (acc.must_align() && !addr.is_multiple_of(bytes)) {
            return self.store_slow(addr, acc, value, note);
        }
        let granule = self.granule_log2;
        let page = self.page_for(addr, bytes, AccessKind::Write)?;
        page.put(at, acc, value);
        if S::ACTIVE {
            let (first, last) = (at >> granule, (at + bytes as usize - 1) >> granule);
            note(&mut page.words[first..=last], at - (first << granule));
        }
        Ok(())
    }

    #[cold]
    fn store_slow(
        &mut self,
        addr: u64,
        acc: Access,
        value: u64,
        note: impl FnOnce(&mut [S::Word], usize),
    ) -> Result<(), MemFault> {
        check_alignment(addr, acc, AccessKind::Write)?;
        let bytes = acc.bytes() as usize;
        // Both pages must be writable before anything is written: a store that traps has done nothing.
        self.read_checked(addr, &mut [0_u8; 8][..bytes], AccessKind::Write)?;
        let raw = encode(value, acc).to_le_bytes();
        self.write_unchecked(addr, &raw[..bytes]);
        if S::ACTIVE {
            let (mut words, offset) = self.gather_words(addr, acc.bytes());
            note(&mut words, offset);
            self.scatter_words(addr, &words);
        }
        Ok(())
    }
}

/// Store fewer than eight bytes, or eight in the other order.
#[inline(always)]
fn store_small(data: &mut [u8], at: usize, value: u64, acc: Access) {
    let raw = encode(value, acc);
    match acc.log2() {
        0 => data[at] = raw as u8,
        1 => put(data, at, (raw as u16).to_le_bytes()),
        2 => put(data, at, (raw as u32).to_le_bytes()),
        _ => put(data, at, raw.to_le_bytes()),
    }
}

/// Replace as many bytes as the array has. The length is part of the type so that one store does it.
#[inline(always)]
fn put<const N: usize>(data: &mut [u8], at: usize, bytes: [u8; N]) {
    if let Some(place) = data[at..].first_chunk_mut() {
        *place = bytes;
    }
}

fn check_alignment(addr: u64, acc: Access, kind: AccessKind) -> Result<(), MemFault> {
    let bytes = acc.bytes();
    if acc.must_align() && !addr.is_multiple_of(bytes) {
        return Err(MemFault { addr, bytes, kind, cause: FaultCause::Misaligned });
    }
    Ok(())
}

/// The value of a load, given eight bytes in little-endian order of which the first ones count.
#[inline(always)]
fn decode(raw: u64, acc: Access) -> u64 {
    if acc.is_plain_word() {
        return raw;
    }
    let unused = 64 - (8 << acc.log2());
    let top = if acc.is_big() { raw.swap_bytes() } else { raw << unused };
    if acc.is_signed() { ((top as i64) >> unused) as u64 } else { top >> unused }
}

/// The bytes of a store in little-endian order, first ones counting.
#[inline(always)]
fn encode(value: u64, acc: Access) -> u64 {
    if acc.is_big() { (value << (64 - (8 << acc.log2()))).swap_bytes() } else { value }
}
