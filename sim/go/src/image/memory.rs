//! The image's memory as its file describes it: segments, addresses, and bounded reads from them.
//!
//! Owns: addresses and the bytes behind them. Knows nothing of ELF, wasm or Go's tables. Only bytes that the file holds are
//! kept; zero-filled tails (bss) are a size, so a huge one costs nothing.

use super::bytes::{ByteOrder, Reader, WordSize, until_nul};
use std::fmt;
use std::ops::Range;

/// An address in the image's data space: the one address space of an ELF image, the linear memory of a wasm module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Addr(pub u64);

/// A program counter as Go's tables mean it: an address of code in ELF; in wasm the function index (plus `0x1000`) in bits
/// 16 and up (`PC_F`), the resume point in bits 0 to 15 (`PC_B`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pc(pub u64);

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl fmt::Display for Pc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl Addr {
    /// The address `bytes` further on, if there is one.
    pub fn checked_add(self, bytes: u64) -> Option<Addr> {
        self.0.checked_add(bytes).map(Addr)
    }
}

/// What a segment's pages allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// Loads are allowed.
    pub read: bool,
    /// Stores are allowed.
    pub write: bool,
    /// Execution is allowed.
    pub execute: bool,
}

/// Where a segment lies, and where in the backing bytes its content is.
#[derive(Clone, Debug)]
pub(super) struct SegmentSpan {
    pub address: Addr,
    pub size_bytes: u64,
    pub backing: Range<usize>,
    pub permissions: Permissions,
}

/// One segment to be loaded: `bytes` at `address`, then zeros up to `size_bytes`.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// First address.
    pub address: Addr,
    /// Bytes in memory; at least `bytes.len()`.
    pub size_bytes: u64,
    /// Initial content, relocations applied.
    pub bytes: &'a [u8],
    /// What its pages allow.
    pub permissions: Permissions,
}

/// All segments with their initial content.
#[derive(Clone)]
pub struct Memory {
    backing: Vec<u8>,
    segments: Vec<SegmentSpan>,
    order: ByteOrder,
    word: WordSize,
}

impl Memory {
    /// `segments` must have backing ranges inside `backing`.
    pub(super) fn new(
        backing: Vec<u8>,
        segments: Vec<SegmentSpan>,
        order: ByteOrder,
        word: WordSize,
    ) -> Memory {
        debug_assert!(segments.iter().all(|segment| segment.backing.end <= backing.len()));
        Memory { backing, segments, order, word }
    }

    /// Byte order of the image's data.
    pub fn byte_order(&self) -> ByteOrder {
        self.order
    }

    /// Width of a pointer in the image's data.
    pub fn word_size(&self) -> WordSize {
        self.word
    }

    /// The segments in the order of the file.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        self.segments.iter().map(|span| Segment {
            address: span.address,
            size_bytes: span.size_bytes,
            bytes: &self.backing[span.backing.clone()],
            permissions: span.permissions,
        })
    }

    /// Whether `address` belongs to a segment, zero-filled tails included. The end of a segment counts, because Go's ranges
    /// end there.
    pub fn contains(&self, address: Addr) -> bool {
        self.segments
            .iter()
            .any(|span| address.0.checked_sub(span.address.0).is_some_and(|offset| offset <= span.size_bytes))
    }

    /// Initial bytes from `address` to the end of the file content of its segment; empty when there are none.
    pub fn tail(&self, address: Addr) -> &[u8] {
        self.position(address).map_or(&[], |(at, end)| &self.backing[at..end])
    }

    /// `len` initial bytes at `address`, if the file holds all of them.
    pub fn slice(&self, address: Addr, len: u64) -> Option<&[u8]> {
        self.tail(address).get(..usize::try_from(len).ok()?)
    }

    /// The bytes of a NUL-terminated string at `address`.
    pub fn c_string(&self, address: Addr) -> Option<&[u8]> {
        until_nul(self.tail(address))
    }

    /// A 4-byte number.
    pub fn u32(&self, address: Addr) -> Option<u32> {
        Reader::new(self.tail(address), self.order).u32(0)
    }

    /// A pointer-sized number.
    pub fn word(&self, address: Addr) -> Option<u64> {
        Reader::new(self.tail(address), self.order).word(0, self.word)
    }

    /// Replaces a pointer-sized number; false when the file holds no content there.
    pub(super) fn set_word(&mut self, address: Addr, value: u64) -> bool {
        let Some((at, end)) = self.position(address) else { return false };
        let width = self.word.bytes() as usize;
        let Some(target) = self.backing[..end].get_mut(at..at + width) else { return false };
        match self.order {
            ByteOrder::Little => target.copy_from_slice(&value.to_le_bytes()[..width]),
            ByteOrder::Big => target.copy_from_slice(&value.to_be_bytes()[8 - width..]),
        }
        true
    }

    /// Moves every segment up by `bytes`; false when one would leave the address space.
    pub(super) fn rebase(&mut self, bytes: u64) -> bool {
        let limit = match self.word {
            WordSize::Four => u64::from(u32::MAX),
            WordSize::Eight => u64::MAX,
        };
        let moved = |span: &SegmentSpan| span.address.0.checked_add(bytes)?.checked_add(span.size_bytes);
        if !self.segments.iter().all(|span| moved(span).is_some_and(|end| end <= limit)) {
            return false;
        }
        for span in &mut self.segments {
            span.address.0 += bytes;
        }
        true
    }

    /// The backing bytes: of an ELF image its file.
    pub(super) fn backing(&self) -> &[u8] {
        &self.backing
    }

    /// Index into the backing bytes of `address`, and of the end of its segment's content.
    fn position(&self, address: Addr) -> Option<(usize, usize)> {
        self.segments.iter().find_map(|span| {
            let offset = usize::try_from(address.0.checked_sub(span.address.0)?).ok()?;
            (offset < span.backing.len()).then(|| (span.backing.start + offset, span.backing.end))
        })
    }
}
