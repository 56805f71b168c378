//! Write barriers, judged at the store.
//!
//! Owns: what each protocol wants to be shaded, what has been shaded since the collector could last have stopped the
//! goroutine, and whether a lack of it can lose an object. Must not know: who runs a barrier or why, architectures, epochs
//! beyond the protocol that they had.
//!
//! The collector may begin to mark at any point, so every store after the first point is judged as if it were marking.
//! Between two points nothing can stop the goroutine: it does not matter in which order barriers and stores come there,
//! only what the barriers saw. So the stores of such an *interval* are collected ([`interval`]) and judged at its end by
//! their net effect ([`judge`]). Beside that all that a marker could see is logged ([`history`]); for each store that lacks
//! its barrier a schedule of the marker is searched ([`search`]) that loses the object, and that a run can follow
//! ([`marker`]).

mod event;
mod history;
mod interval;
mod judge;
mod marker;
mod protocol;
mod report;
mod schedule;
mod search;
mod slots;
mod verdict;

use rcsim_machine::shadow::BarrierEvent;
use rcsim_uop::op::Access;
use rcsim_uop::port::WordFormat;

use crate::finding::{Finding, Here};
use crate::heap::ShadowHeap;

pub use history::{Happening, History, StopPoint};
pub use marker::{Colour, Edges, Marker, Replay, reachable};
pub use protocol::Protocol;
pub use schedule::{Scan, Schedule, ScheduleError, When};
pub use search::{Simulated, search_all, simulate};

use interval::Interval;
use judge::Judged;
use slots::Slots;

/// Barriers wrong in themselves that are kept, at most: more are wrong in the same places.
const MAX_WRONG: usize = 4096;

/// A finding about a barrier, with the schedule that shows it where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarrierFinding {
    /// What is told.
    pub finding: Finding,
    /// How the marker must run so that the object is lost.
    pub schedule: Option<Schedule>,
    /// Numbers of the objects that could be lost, from 1; empty where the rule is not about an object.
    pub objects: Vec<u32>,
}

/// The pointer words at the start of the object that was stored to last, where no number is among them. Programs store to
/// neighbours.
#[derive(Clone, Copy, Debug, Default)]
struct AtHand {
    /// Address of the first of them.
    low: u64,
    /// Bytes of all.
    bytes: u64,
    /// Number of its slot.
    slot: usize,
    /// The object.
    object: usize,
}

/// Follows barriers and heap stores through a run.
pub struct Barriers {
    protocol: Protocol,
    word: WordFormat,
    slots: Slots,
    at_hand: AtHand,
    interval: Interval,
    history: History,
    /// What lacked its barrier, or had it late.
    judged: Vec<Judged>,
    /// Barriers that were wrong in themselves.
    wrong: Vec<BarrierFinding>,
    /// Where guest code writes the values that it shades.
    buffer: (u64, u64),
    replay: Option<Replay>,
}

impl Barriers {
    /// Judge by this protocol; with a schedule, really mark by it instead.
    #[must_use]
    pub fn new(protocol: Protocol, word: WordFormat, schedule: Option<Schedule>) -> Self {
        Self {
            protocol,
            word,
            slots: Slots::new(word),
            at_hand: AtHand::default(),
            interval: Interval::default(),
            history: History::default(),
            judged: Vec::new(),
            wrong: Vec::new(),
            buffer: (0, 0),
            replay: schedule.map(|schedule| Replay::new(schedule, protocol)),
        }
    }

    /// What a marker could have seen so far.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The protocol in force.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Objects that the marker of the schedule has lost: reachable when it ended, and yet not marked.
    #[must_use]
    pub fn lost(&self) -> &[u32] {
        self.replay.as_ref().map_or(&[], Replay::lost)
    }

    /// Guest code writes what it shades into this memory.
    pub fn buffer(&mut self, low: u64, high: u64) {
        self.buffer = (low, high);
    }

    /// The object that was added to the heap last.
    pub fn allocated(&mut self, heap: &ShadowHeap) {
        let index = heap.objects().len() - 1;
        self.slots.add(heap.object(index).pointers.len());
        self.at_hand = AtHand::default();
        self.interval.allocated(index);
        self.log(heap, Happening::Allocated { object: index as u32 });
    }

    /// A store outside the heap: perhaps into the buffer of guest code.
    #[inline]
    pub fn stored_elsewhere(&mut self, heap: &ShadowHeap, addr: u64, value: u64) {
        if addr.wrapping_sub(self.buffer.0) < self.buffer.1 - self.buffer.0 {
            self.shade(heap, value);
        }
    }

    /// A store into the object with this index: address, width and value.
    #[inline]
    pub(crate) fn stored(
        &mut self,
        heap: &ShadowHeap,
        object: usize,
        (addr, acc, value): (u64, Access, u64),
        here: Here<'_>,
    ) {
        let found = heap.object(object);
        if found.pointers.is_empty() {
            return;
        }
        let offset = addr - found.addr;
        for slot in self.slots.overlapped(object, &found.pointers, offset, acc.bytes()) {
            let slot_offset = found.pointers[slot - self.slots.first(object)];
            let (old, new) = self.slots.store(slot, slot_offset, offset, acc, value);
            let change = interval::Change { object, slot, offset: slot_offset, old, new };
            self.interval.changed(change, found.addr, here);
            // A marker that looks before sees what one sees that looks after.
            if old != new {
                self.log_store(heap, (object, slot), new);
            }
        }
        let word = u64::from(self.word.bytes);
        let bytes = found.pointers.len() as u64 * word;
        if found.pointers.last().is_some_and(|last| last + word == bytes) && found.addr.is_multiple_of(word) {
            self.at_hand = AtHand { low: found.addr, bytes, slot: self.slots.first(object), object };
        }
    }

    /// The same for a store of the guest to one of the words at hand, all of it. Whether it is such a store.
    #[inline(always)]
    pub(crate) fn stored_at_hand(
        &mut self,
        heap: &ShadowHeap,
        (addr, acc, value): (u64, Access, u64),
        here: Here<'_>,
    ) -> bool {
        let offset = addr.wrapping_sub(self.at_hand.low);
        if offset >= self.at_hand.bytes || !self.slots.is_whole(acc) || !here.service.is_empty() {
            return false;
        }
        self.word_at_hand(heap, offset, value, here);
        true
    }

    /// The same for a store to two of them.
    #[inline(always)]
    pub(crate) fn stored_two_at_hand(
        &mut self,
        heap: &ShadowHeap,
        (addr, acc, value): (u64, Access, u64),
        here: Here<'_>,
    ) -> bool {
        let word = u64::from(self.word.bytes);
        let offset = addr.wrapping_sub(self.at_hand.low);
        let second = offset.wrapping_add(word);
        let inside = offset < self.at_hand.bytes && second < self.at_hand.bytes;
        if !inside || acc.is_big() != self.word.big_endian || !here.service.is_empty() {
            return false;
        }
        let (low, high) = (value, value >> (8 * word));
        let values = if acc.is_big() { (high, low) } else { (low, high) };
        self.word_at_hand(heap, offset, values.0, here);
        self.word_at_hand(heap, second, values.1, here);
        true
    }

    #[inline(always)]
    fn word_at_hand(&mut self, heap: &ShadowHeap, offset: u64, value: u64, here: Here<'_>) {
        let AtHand { low, slot, object, .. } = self.at_hand;
        let slot = slot + (offset >> self.word.bytes.trailing_zeros()) as usize;
        let (old, new) = self.slots.replace(slot, value);
        if !self.interval.changed_again(slot, new, &here) {
            self.interval.changed(interval::Change { object, slot, offset, old, new }, low, here);
        }
        if old != new {
            self.log_store(heap, (object, slot), new);
        }
    }

    /// A pointer word has changed.
    #[inline(never)]
    fn log_store(&mut self, heap: &ShadowHeap, (object, slot): (usize, usize), new: u64) {
        if self.replay.is_none() && self.history.is_full() {
            self.history.forget();
            return;
        }
        let new = heap.find(new).map(|index| index as u32);
        self.log(heap, Happening::Stored { object: object as u32, slot: slot as u32, new });
    }

    /// A service runs a barrier; `word` reads memory, and tells whether it is defined.
    pub(crate) fn barrier(
        &mut self,
        heap: &ShadowHeap,
        event: &BarrierEvent<'_>,
        word: &dyn Fn(u64) -> Option<(u64, bool)>,
        here: Here<'_>,
    ) {
        if self.protocol == Protocol::None {
            return;
        }
        let word_bytes = u64::from(self.word.bytes);
        let seen = event::look(heap, event, word_bytes, word);
        if let Some(wrong) =
            event::fault(heap, self.protocol, event, &seen, event::Memory { word_bytes, read: word })
            && self.wrong.len() < MAX_WRONG
        {
            self.wrong.push(report::wrong_barrier(&wrong, here.site()));
        }
        if self.protocol.shades_old() {
            for value in &seen.old {
                self.shade(heap, *value);
            }
        }
        for value in &seen.new {
            self.shade(heap, *value);
        }
        self.interval.covered(event.dst, event.bytes, event.order);
        judge::barrier_after(&mut self.judged, heap, event, &self.slots);
    }

    fn shade(&mut self, heap: &ShadowHeap, value: u64) {
        if let Some(index) = heap.find(value) {
            self.interval.shaded(index);
            self.log(heap, Happening::Shaded { object: index as u32 });
        }
    }

    #[inline]
    fn log(&mut self, heap: &ShadowHeap, happening: Happening) {
        self.history.push(happening);
        if let Some(replay) = &mut self.replay {
            replay.happened(self.history.len(), happening, &self.slots.graph(heap));
        }
    }

    /// The collector may stop the goroutine: `roots` are the objects that the scan finds, with the address of each word.
    /// Returns the objects that a marker by the schedule would free here.
    pub fn point(
        &mut self,
        heap: &ShadowHeap,
        number: u32,
        roots: impl Iterator<Item = (u64, u32)>,
    ) -> Vec<u32> {
        self.end_interval(heap, number);
        self.history.point(roots);
        match &mut self.replay {
            Some(replay) => match self.history.stops().last() {
                Some(stop) => replay.point(number, stop, &self.slots.graph(heap)),
                None => Vec::new(),
            },
            None => Vec::new(),
        }
    }

    fn end_interval(&mut self, heap: &ShadowHeap, number: u32) {
        // Before the first point nobody can have begun to mark.
        if number > 0 && self.replay.is_none() {
            judge::interval(&mut self.judged, heap, self.protocol, &self.interval, number - 1);
        }
        self.interval.clear();
    }

    /// Everything that was found.
    #[must_use]
    pub fn findings(&self, heap: &ShadowHeap) -> Vec<BarrierFinding> {
        let mut judged = self.judged.clone();
        if self.history.points() > 0 && self.replay.is_none() {
            judge::interval(&mut judged, heap, self.protocol, &self.interval, self.history.points() - 1);
        }
        let mut findings = self.wrong.clone();
        findings.extend(report::of_stores(&judged, heap, self.protocol, &self.history));
        findings
    }
}
