//! What every pointer word of the heap holds: kept beside guest memory, so that a store knows what it overwrites.

use std::ops::Range;

use rcsim_uop::op::Access;
use rcsim_uop::port::WordFormat;

use super::marker::Edges;
use crate::heap::ShadowHeap;

/// The contents of all pointer words, object by object.
pub(super) struct Slots {
    word: WordFormat,
    /// Number of each object's first slot; at last the number of slots.
    first: Vec<usize>,
    /// The pointer in each slot.
    values: Vec<u64>,
    /// The bits that a pointer has.
    mask: u64,
}

impl Slots {
    pub(super) fn new(word: WordFormat) -> Self {
        Self { word, first: vec![0], values: Vec::new(), mask: u64::MAX >> (64 - 8 * u32::from(word.bytes)) }
    }

    /// A new object, all zero, with so many pointer words.
    pub(super) fn add(&mut self, pointers: usize) {
        self.values.resize(self.values.len() + pointers, 0);
        self.first.push(self.values.len());
    }

    /// Number of the first slot of an object.
    pub(super) fn first(&self, object: usize) -> usize {
        self.first[object]
    }

    fn of(&self, object: usize) -> Range<usize> {
        self.first[object]..self.first[object + 1]
    }

    /// The slots that an access to `bytes` bytes from `offset` on overlaps. `pointers` are the offsets of the object's
    /// pointer words, ascending.
    #[inline]
    pub(super) fn overlapped(
        &self,
        object: usize,
        pointers: &[u64],
        offset: u64,
        bytes: u64,
    ) -> Range<usize> {
        let word = u64::from(self.word.bytes);
        // Where all words up to this one are pointers, its number tells.
        let dense = (offset >> word.trailing_zeros()) as usize;
        if bytes == word && pointers.get(dense) == Some(&offset) {
            return self.first[object] + dense..self.first[object] + dense + 1;
        }
        let from = pointers.partition_point(|at| at + word <= offset);
        let to = pointers.partition_point(|at| *at < offset + bytes);
        self.first[object] + from..self.first[object] + to.max(from)
    }

    /// Store the part of a value that falls into a slot; returns the pointers before and after.
    #[inline]
    pub(super) fn store(
        &mut self,
        slot: usize,
        slot_offset: u64,
        offset: u64,
        acc: Access,
        value: u64,
    ) -> (u64, u64) {
        let old = self.values[slot];
        if slot_offset == offset && self.is_whole(acc) {
            return self.replace(slot, value);
        }
        let data = encoded(value, acc).to_le_bytes();
        let mut bytes = self.swapped(old).to_le_bytes();
        for (n, byte) in bytes.iter_mut().take(usize::from(self.word.bytes)).enumerate() {
            let at = (slot_offset + n as u64).wrapping_sub(offset);
            if at < acc.bytes() {
                *byte = data[at as usize];
            }
        }
        self.values[slot] = self.swapped(u64::from_le_bytes(bytes));
        (old, self.values[slot])
    }

    /// Whether an access moves a pointer as it is.
    #[inline(always)]
    pub(super) const fn is_whole(&self, acc: Access) -> bool {
        acc.bytes() == self.word.bytes as u64 && acc.is_big() == self.word.big_endian
    }

    /// Store a whole pointer; returns those before and after.
    #[inline(always)]
    pub(super) fn replace(&mut self, slot: usize, value: u64) -> (u64, u64) {
        let new = value & self.mask;
        (std::mem::replace(&mut self.values[slot], new), new)
    }

    /// The pointer in a slot.
    pub(super) fn value(&self, slot: usize) -> u64 {
        self.values[slot]
    }

    /// A pointer as its bytes in little-endian order, or back.
    fn swapped(&self, value: u64) -> u64 {
        match (self.word.big_endian, self.word.bytes) {
            (false, _) => value,
            (true, 4) => u64::from((value as u32).swap_bytes()),
            (true, _) => value.swap_bytes(),
        }
    }

    /// The graph of the heap as it is now.
    pub(super) fn graph<'a>(&'a self, heap: &'a ShadowHeap) -> HeapEdges<'a> {
        HeapEdges { slots: self, heap }
    }
}

/// Encode a value as memory holds it, first bytes counting.
fn encoded(value: u64, acc: Access) -> u64 {
    if acc.is_big() { (value << (64 - (8 << acc.log2()))).swap_bytes() } else { value }
}

/// The graph of the heap.
pub(super) struct HeapEdges<'a> {
    slots: &'a Slots,
    heap: &'a ShadowHeap,
}

impl Edges for HeapEdges<'_> {
    fn objects(&self) -> usize {
        self.slots.first.len() - 1
    }

    fn targets(&self, object: u32, visit: &mut dyn FnMut(u32)) {
        for slot in self.slots.of(object as usize) {
            if let Some(target) = self.heap.find(self.slots.value(slot)) {
                visit(target as u32);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(bytes: u8, big_endian: bool) -> Slots {
        let mut slots = Slots::new(WordFormat { bytes, register_bytes: bytes, max_align: bytes, big_endian });
        slots.add(2);
        slots
    }

    #[test]
    fn a_store_byte_by_byte_ends_where_a_store_of_a_word_does() {
        for (bytes, big) in [(8_u8, false), (8, true), (4, false), (4, true)] {
            let value = 0x1122_3344_5566_7788_u64 & (u64::MAX >> (64 - 8 * u32::from(bytes)));
            let acc = if big {
                Access::big(bytes.trailing_zeros() as u8)
            } else {
                Access::little(bytes.trailing_zeros() as u8)
            };
            let (mut whole, mut parts) = (slots(bytes, big), slots(bytes, big));
            assert_eq!(whole.store(1, u64::from(bytes) * 2, u64::from(bytes) * 2, acc, value), (0, value));
            let raw = encoded(value, acc).to_le_bytes();
            for (n, byte) in raw.iter().take(usize::from(bytes)).enumerate() {
                let at = u64::from(bytes) * 2 + n as u64;
                let touched = parts.overlapped(0, &[0, u64::from(bytes) * 2], at, 1);
                assert_eq!(touched, 1..2);
                parts.store(1, u64::from(bytes) * 2, at, Access::little(0), u64::from(*byte));
            }
            assert_eq!(parts.value(1), value);
        }
    }

    #[test]
    fn an_access_overlaps_the_slots_it_touches_and_no_others() {
        let slots = slots(8, false);
        let pointers = [0, 16];
        assert_eq!(slots.overlapped(0, &pointers, 8, 8), 1..1);
        assert_eq!(slots.overlapped(0, &pointers, 7, 1), 0..1);
        assert_eq!(slots.overlapped(0, &pointers, 4, 16), 0..2);
        assert_eq!(slots.overlapped(0, &pointers, 24, 8), 2..2);
    }
}
