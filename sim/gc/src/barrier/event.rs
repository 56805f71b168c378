//! One barrier as a service announces it: what it sees, and whether it may look there.

use rcsim_machine::shadow::{BarrierBitmap, BarrierEvent, BarrierKind, BarrierOrder, NewPointers};

use super::protocol::Protocol;
use crate::heap::{ShadowHeap, ShadowObject};

/// Barriers over more words than this are taken to be of this size: no object of a call is larger.
const MAX_WORDS: u64 = 1 << 22;

/// What a barrier reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Pointers in the destination.
    pub old: Vec<u64>,
    /// Pointers that go there, or are there by now.
    pub new: Vec<u64>,
    /// Whether nobody has ever written a word of the destination.
    pub undefined: bool,
}

/// Reads a word of memory, and tells whether it is defined.
pub(super) type Read<'a> = &'a dyn Fn(u64) -> Option<(u64, bool)>;

/// What is wrong with a barrier itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The destination is no heap memory; perhaps nobody has ever written a word of it.
    NotHeap { dst: u64, bytes: u64, undefined: bool },
    /// The range leaves the object that it begins in.
    Beyond { object: u32, offset: u64, bytes: u64, size: u64 },
    /// The bitmap says other than the object's own at this offset.
    Bitmap { object: u32, offset: u64, says_pointer: bool },
    /// The bitmap of another place is used: of an address in another object, or none.
    BitmapElsewhere { object: u32, offset: u64, of: u64 },
}

/// Offsets of the words that the barrier takes for pointers.
fn offsets(heap: &ShadowHeap, event: &BarrierEvent<'_>, word: u64) -> Vec<u64> {
    let words = (event.bytes / word).min(MAX_WORDS);
    match event.bitmap {
        BarrierBitmap::Words(bits) => {
            (0..words).filter(|n| bits.get(*n as usize) == Some(&true)).map(|n| n * word).collect()
        }
        BarrierBitmap::Heap(_) if heap.find(event.dst).is_none() => (0..words).map(|n| n * word).collect(),
        // The heap's bitmap goes on behind an object with that of the next one.
        BarrierBitmap::Heap(from) => {
            let mut offsets = Vec::new();
            let mut at = from;
            while let Some((object, next)) = overlapping(heap, at, from + words * word) {
                let inside = object.pointers.iter().map(|n| object.addr + n);
                offsets.extend(
                    inside.filter(|addr| (at..from + words * word).contains(addr)).map(|addr| addr - from),
                );
                at = next;
            }
            offsets
        }
    }
}

/// The first object that has a byte in a range, and the address behind it.
fn overlapping(heap: &ShadowHeap, low: u64, high: u64) -> Option<(&ShadowObject, u64)> {
    let found = match heap.find(low) {
        Some(index) => Some(index),
        None => heap.first_from(low),
    };
    let object = &heap.objects()[found?];
    (object.addr < high).then_some((object, (object.addr + object.bytes).max(low + 1)))
}

/// The guest's memory.
#[derive(Clone, Copy)]
pub(super) struct Memory<'a> {
    /// Bytes of a word.
    pub word_bytes: u64,
    /// Reads one.
    pub read: Read<'a>,
}

/// Read what the barrier reads.
pub(super) fn look(heap: &ShadowHeap, event: &BarrierEvent<'_>, word_bytes: u64, word: Read<'_>) -> Seen {
    let offsets = offsets(heap, event, word_bytes);
    let words = |base: u64| offsets.iter().filter_map(move |at| word(base.wrapping_add(*at)));
    let undefined = words(event.dst).any(|(_, defined)| !defined);
    // A bulk barrier looks its destination up, and does nothing where that is no heap memory.
    if event.kind == BarrierKind::Bulk && heap.find(event.dst).is_none() {
        return Seen { undefined, ..Seen::default() };
    }
    let read = |base: u64| words(base).map(|(value, _)| value).collect::<Vec<_>>();
    let new = match event.new {
        NewPointers::At(src) => read(src),
        NewPointers::Value(value) => vec![value],
        NewPointers::Zero => Vec::new(),
    };
    Seen { old: read(event.dst), new, undefined }
}

/// What is wrong with the barrier.
pub(super) fn fault(
    heap: &ShadowHeap,
    protocol: Protocol,
    event: &BarrierEvent<'_>,
    seen: &Seen,
    memory: Memory<'_>,
) -> Option<Fault> {
    let Memory { word_bytes: word, read } = memory;
    let Some(index) = heap.find(event.dst) else {
        // Code that does not know where a pointer leads runs its barrier for the stack too. That does no harm where the words
        // are defined: they are pointers, and a bulk barrier passes them over. One that runs after its store cannot have
        // seen that they were.
        let blind = event.kind == BarrierKind::Bulk && event.order == BarrierOrder::After;
        let fault = Fault::NotHeap { dst: event.dst, bytes: event.bytes, undefined: seen.undefined };
        // Who does not shade what was there does not look at it.
        return (protocol.shades_old() && (seen.undefined || blind)).then_some(fault);
    };
    let object = &heap.objects()[index];
    let offset = event.dst - object.addr;
    if offset.saturating_add(event.bytes) > object.bytes {
        return Some(Fault::Beyond { object: object.number, offset, bytes: event.bytes, size: object.bytes });
    }
    match event.bitmap {
        BarrierBitmap::Heap(of) if of != event.dst => {
            // The same words may be pointers there; what counts is whether the two say the same.
            let other = BarrierEvent { bitmap: BarrierBitmap::Heap(event.dst), ..*event };
            let same = offsets(heap, event, word) == offsets(heap, &other, word);
            (!same).then_some(Fault::BitmapElsewhere { object: object.number, offset, of })
        }
        BarrierBitmap::Heap(_) => None,
        BarrierBitmap::Words(bits) => {
            let words = (event.bytes / word).min(MAX_WORDS);
            let differs = |n: &u64| {
                let own = object.has_pointer_at(offset + n * word, word);
                let says = bits.get(*n as usize).copied().unwrap_or(false);
                // A type word is a pointer to some maps and none to others; what counts is what the barrier passes over.
                let passes_over = own && !says && holds_object(heap, event, n * word, read);
                (says && !own) || passes_over
            };
            let n = (0..words).find(differs)?;
            let says_pointer = bits.get(n as usize).copied().unwrap_or(false);
            Some(Fault::Bitmap { object: object.number, offset: offset + n * word, says_pointer })
        }
    }
}

/// Whether a word of the destination holds a pointer into the heap, or is about to.
fn holds_object(heap: &ShadowHeap, event: &BarrierEvent<'_>, offset: u64, read: Read<'_>) -> bool {
    let is_object =
        |addr: u64| read(addr.wrapping_add(offset)).is_some_and(|(value, _)| heap.find(value).is_some());
    let new = match event.new {
        NewPointers::At(src) => is_object(src),
        NewPointers::Value(value) => heap.find(value).is_some(),
        NewPointers::Zero => false,
    };
    new || is_object(event.dst)
}
