//! The shadow heap: one record per object, found by address.
//!
//! What every point looks at (marks, states, pointer words) is apart from what only a finding needs. Names are kept once.

use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Arc;

use crate::life::{Event, State};

/// The first point that did not reach an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condemned {
    /// Number of the point, from 0.
    pub point: u32,
    /// Where that was.
    pub place: Arc<str>,
    /// Guest instructions before it.
    pub step: u64,
    /// Frames and root words that were scanned there.
    pub scanned: (u32, u32),
    /// What held the object outside the collector's sight.
    pub holders: Box<[String]>,
}

/// The use of a condemned object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Address of the guest instruction, or `None` when a service did it.
    pub pc: Option<u64>,
    /// The service's place when a service did it.
    pub place: String,
    /// Guest instructions before it.
    pub step: u64,
    /// Offset in the object.
    pub offset: u64,
    /// Whether it was written.
    pub write: bool,
}

/// A point that reached a condemned object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenAgain {
    /// Number of the point.
    pub point: u32,
    /// Where that was.
    pub place: String,
    /// Guest instructions before it.
    pub step: u64,
    /// What led there.
    pub holder: String,
}

/// An object of the program that a record is made for.
#[derive(Clone, Copy, Debug)]
pub struct NewRecord<'a> {
    /// Address of its first byte.
    pub addr: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// Which of its words are pointers, as far as its type reaches.
    pub pointers: &'a [bool],
    /// Bytes of a word.
    pub word_bytes: u64,
    /// What it is for.
    pub what: &'a str,
    /// Where it was made.
    pub place: &'a str,
    /// Guest instructions before that.
    pub step: u64,
}

/// One heap object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShadowObject {
    /// Number in order of allocation, from 1.
    pub number: u32,
    /// Address of its first byte.
    pub addr: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// Offsets of its pointer words, ascending.
    pub pointers: Box<[u64]>,
    /// How far its type reaches, in bytes: what is behind is in no map.
    pub typed_bytes: u64,
    /// Guest instructions before it was made.
    pub step: u64,
    /// What it is for.
    pub what: Arc<str>,
    /// Where it was made.
    pub place: Arc<str>,
    /// Where it stands.
    pub state: State,
    /// Told of objects that are or were condemned.
    pub fate: Option<Box<Fate>>,
    mark: u32,
}

/// What a finding about an object needs to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// The first point that had not reached it.
    pub condemned: Option<Condemned>,
    /// The first use after that.
    pub usage: Option<Box<Use>>,
    /// The first point that reached it after that.
    pub seen_again: Option<Box<SeenAgain>>,
    /// Stretches of points that have not reached it: first and last of each, ascending; `u32::MAX` while it lasts.
    pub unreached: Vec<(u32, u32)>,
    /// How many points there had been when it was used last.
    pub used_before: u32,
    /// One more than the last point that reached it again.
    pub reached_before: u32,
}

impl ShadowObject {
    /// Address of the first byte behind it. An object of no size has one.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.addr + if self.bytes == 0 { 1 } else { self.bytes }
    }

    fn unreached_at(&self, point: u32) -> bool {
        let stretches = self.fate.iter().flat_map(|fate| &fate.unreached);
        stretches.into_iter().any(|(first, last)| (*first..=*last).contains(&point))
    }

    /// Whether a collection at this point would have freed the object although it was used later.
    #[must_use]
    pub fn freed_too_early_at(&self, point: u32) -> bool {
        self.fate.as_ref().is_some_and(|fate| fate.used_before > point) && self.unreached_at(point)
    }

    /// Whether a collection at this point would have freed the object although a later point reaches it.
    #[must_use]
    pub fn dangles_after(&self, point: u32) -> bool {
        self.fate.as_ref().is_some_and(|fate| fate.reached_before > point + 1) && self.unreached_at(point)
    }

    /// Whether the word at an offset is one of its pointers.
    #[must_use]
    pub fn has_pointer_at(&self, offset: u64, word_bytes: u64) -> bool {
        let at = offset & !(word_bytes - 1);
        // Where all words up to this one are pointers, its number tells.
        self.pointers.get((at >> word_bytes.trailing_zeros()) as usize) == Some(&at)
            || self.pointers.binary_search(&at).is_ok()
    }

    /// Whether its type says that the word at an offset is no pointer.
    #[must_use]
    pub fn has_number_at(&self, offset: u64, word_bytes: u64) -> bool {
        offset < self.typed_bytes && !self.has_pointer_at(offset, word_bytes)
    }

    /// What is told of it.
    pub fn fate(&mut self) -> &mut Fate {
        self.fate.get_or_insert_default()
    }

    /// Something happens to it.
    pub fn meets(&mut self, event: Event) {
        self.state = self.state.after(event);
    }
}

/// Where an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Located {
    /// In the object with this index.
    In(usize),
    /// Behind the end of the object with this index, and in no other.
    Behind(usize),
    /// Before all objects.
    Nowhere,
}

/// Places that are remembered of addresses that were found.
const FOUND: usize = 16;

/// Which of them an address has. Small objects lie beside each other, words of large ones belong together.
#[inline(always)]
const fn found_slot(addr: u64) -> usize {
    (addr >> 4 ^ addr >> 9) as usize % FOUND
}

/// All objects.
#[derive(Clone, Debug, Default)]
pub struct ShadowHeap {
    objects: Vec<ShadowObject>,
    /// Addresses of objects ascending, each with its index.
    by_addr: Vec<(u64, u32)>,
    names: HashSet<Arc<str>>,
    /// Where addresses were found last: first address, end and index of the object. Stores and scans ask for neighbours, and
    /// every point for what the one before asked.
    found: [Cell<(u64, u64, u32)>; FOUND],
    /// Indices of the objects that every point so far has reached.
    alive: Vec<u32>,
    /// Indices of condemned objects that the last point has reached all the same.
    returned: Vec<u32>,
    /// Address of the first object, and how far it is from there to behind the last one.
    hull_of_all: (u64, u64),
    /// From the first to behind the last object that is doomed: no other is worth a search.
    doomed: (u64, u64),
    /// The same, or nothing while uses do not count.
    hull: (u64, u64),
    away: bool,
    /// The mark of objects that the scan at hand has reached.
    mark: u32,
    work: Vec<u32>,
}

impl ShadowHeap {
    /// Note a new object, and that the memory of those that it overlaps is given away.
    pub fn add(&mut self, new: NewRecord<'_>) {
        let index = self.objects.len() as u32;
        self.found = Default::default();
        self.give_away(new.addr, new.addr + new.bytes.max(1));
        let at = self.by_addr.partition_point(|(addr, _)| *addr < new.addr);
        self.by_addr.insert(at, (new.addr, index));
        self.widen(new.addr, new.addr + new.bytes.max(1));
        let pointers = new.pointers.iter().enumerate().filter(|(_, pointer)| **pointer);
        let pointers = pointers.map(|(n, _)| n as u64 * new.word_bytes).collect();
        let (what, place) = (self.name(new.what), self.name(new.place));
        self.alive.push(index);
        self.objects.push(ShadowObject {
            number: index + 1,
            addr: new.addr,
            bytes: new.bytes,
            pointers,
            typed_bytes: new.pointers.len() as u64 * new.word_bytes,
            step: new.step,
            what,
            place,
            state: State::Allocated,
            fate: None,
            mark: 0,
        });
    }

    fn widen(&mut self, low: u64, end: u64) {
        let (start, bytes) = self.hull_of_all;
        let (start, until) = if bytes == 0 { (low, end) } else { (start.min(low), (start + bytes).max(end)) };
        self.hull_of_all = (start, until - start);
    }

    /// The allocator gives a range of memory to a new object.
    fn give_away(&mut self, low: u64, high: u64) {
        let after = self.by_addr.partition_point(|(addr, _)| *addr < high);
        for n in (0..after).rev() {
            let index = self.by_addr[n].1 as usize;
            // Objects do not overlap, so the first that ends before the range is the last to look at.
            if self.objects[index].end() <= low {
                break;
            }
            self.objects[index].meets(Event::Reused);
            self.by_addr.remove(n);
        }
    }

    /// A name, kept once.
    pub(crate) fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.names.insert(Arc::clone(&name));
        name
    }

    /// Index of the object that holds an address.
    #[inline]
    #[must_use]
    pub fn find(&self, addr: u64) -> Option<usize> {
        if addr.wrapping_sub(self.hull_of_all.0) >= self.hull_of_all.1 {
            return None;
        }
        match self.locate(addr) {
            Located::In(index) => Some(index),
            Located::Behind(_) | Located::Nowhere => None,
        }
    }

    /// Index of the first object at or behind an address.
    #[must_use]
    pub fn first_from(&self, addr: u64) -> Option<usize> {
        let at = self.by_addr.partition_point(|(start, _)| *start < addr);
        self.by_addr.get(at).map(|(_, index)| *index as usize)
    }

    /// Nothing is found doomed from now on; or is again.
    pub fn look_away(&mut self, away: bool) {
        self.away = away;
        self.hull = if away { (0, 0) } else { self.doomed };
    }

    /// Where an address is.
    #[inline]
    #[must_use]
    pub fn locate(&self, addr: u64) -> Located {
        // Null is what is asked for most.
        if addr == 0 {
            return Located::Nowhere;
        }
        let (low, end, index) = self.found[found_slot(addr)].get();
        if low <= addr && addr < end {
            return Located::In(index as usize);
        }
        self.search(addr)
    }

    fn search(&self, addr: u64) -> Located {
        let after = self.by_addr.partition_point(|(start, _)| *start <= addr);
        let Some(at) = after.checked_sub(1) else { return Located::Nowhere };
        let (low, index) = self.by_addr[at];
        let end = self.objects[index as usize].end();
        if addr >= end {
            return Located::Behind(index as usize);
        }
        self.found[found_slot(addr)].set((low, end, index));
        Located::In(index as usize)
    }

    /// Outside this range no object is doomed: its first address, and its bytes.
    pub(crate) fn doomed_range(&self) -> (u64, u64) {
        (self.hull.0, self.hull.1 - self.hull.0)
    }

    /// Index of the object that holds an address, if it is doomed.
    #[must_use]
    pub fn doomed_at(&self, addr: u64) -> Option<usize> {
        if addr < self.hull.0 || addr >= self.hull.1 {
            return None;
        }
        match self.locate(addr) {
            Located::In(index) if self.objects[index].state.is_doomed() => Some(index),
            _ => None,
        }
    }

    /// All objects in order of allocation.
    #[must_use]
    pub fn objects(&self) -> &[ShadowObject] {
        &self.objects
    }

    /// One object.
    #[must_use]
    pub fn object(&self, index: usize) -> &ShadowObject {
        &self.objects[index]
    }

    /// One object, to be changed.
    pub fn object_mut(&mut self, index: usize) -> &mut ShadowObject {
        &mut self.objects[index]
    }
}

/// Scanning.
impl ShadowHeap {
    /// Begin a scan: nothing is reached.
    pub fn begin_scan(&mut self) {
        self.mark += 1;
        self.work.clear();
    }

    /// The scan at hand has come to an object; whether for the first time.
    #[inline]
    pub fn reach(&mut self, index: usize) -> bool {
        let object = &mut self.objects[index];
        let first = object.mark != self.mark;
        if first {
            object.mark = self.mark;
            self.work.push(index as u32);
        }
        first
    }

    /// An object that was reached and whose words have not been read yet.
    pub fn next_reached(&mut self) -> Option<usize> {
        self.work.pop().map(|index| index as usize)
    }

    /// Whether the scan that ended last has reached an object.
    #[must_use]
    pub fn is_reached(&self, index: usize) -> bool {
        self.objects[index].mark == self.mark
    }

    /// The scan has ended: objects that every point before had reached and this one has not. They are condemned.
    pub fn condemn_missed(&mut self, point: u32) -> Vec<usize> {
        let (objects, mark) = (&mut self.objects, self.mark);
        let mut missed = Vec::new();
        self.alive.retain(|index| {
            let object = &mut objects[*index as usize];
            let reached = object.mark == mark;
            object.meets(if reached { Event::Reached } else { Event::Missed });
            if !reached {
                missed.push(*index as usize);
            }
            reached
        });
        let returned = &mut self.returned;
        returned.retain(|index| {
            let object = &mut objects[*index as usize];
            let reached = object.mark == mark;
            if !reached {
                object.fate().unreached.push((point, u32::MAX));
            }
            reached
        });
        for index in &missed {
            let object = &mut self.objects[*index];
            // Nearly always this is the only one.
            object.fate().unreached = vec![(point, u32::MAX)];
            let (low, high) = (object.addr, object.end());
            self.widen_doomed(low, high);
        }
        missed
    }

    /// Objects that every point has reached and the scan that ended last has not.
    #[must_use]
    pub fn alive_and_missed(&self) -> Vec<usize> {
        let missed = self.alive.iter().map(|index| *index as usize);
        missed.filter(|index| !self.is_reached(*index)).collect()
    }

    /// A condemned or freed object was reached again. Whether nobody has noticed before.
    pub fn returns(&mut self, index: usize, point: u32) -> bool {
        let object = &mut self.objects[index];
        object.meets(Event::Reached);
        let fate = object.fate();
        if let Some(last) = fate.unreached.last_mut()
            && last.1 == u32::MAX
        {
            last.1 = point.saturating_sub(1);
            self.returned.push(index as u32);
        }
        fate.reached_before = point + 1;
        fate.seen_again.is_none()
    }

    fn widen_doomed(&mut self, low: u64, high: u64) {
        self.doomed =
            if self.doomed.1 == 0 { (low, high) } else { (self.doomed.0.min(low), self.doomed.1.max(high)) };
        self.look_away(self.away);
    }

    /// The scan has ended: free what it has not reached, and tell address and size of each.
    pub fn free_missed(&mut self) -> Vec<(u64, u64)> {
        let mut freed = Vec::new();
        for index in std::mem::take(&mut self.alive) {
            if self.is_reached(index as usize) {
                self.alive.push(index);
                continue;
            }
            let object = &mut self.objects[index as usize];
            object.meets(Event::Freed);
            freed.push((object.addr, object.bytes));
            let (low, high) = (object.addr, object.end());
            self.widen_doomed(low, high);
        }
        freed
    }
}

#[cfg(test)]
mod tests {
    use super::{Located, NewRecord, ShadowHeap};
    use crate::life::State;

    fn heap(objects: &[(u64, u64)]) -> ShadowHeap {
        let mut heap = ShadowHeap::default();
        for (addr, bytes) in objects {
            let (pointers, what, place) = (&[true, false][..], "thing", "here");
            heap.add(NewRecord { addr: *addr, bytes: *bytes, pointers, word_bytes: 8, what, place, step: 0 });
        }
        heap
    }

    #[test]
    fn addresses_are_found_in_and_behind_objects() {
        let heap = heap(&[(0x40, 16), (0x20, 8), (0x80, 0)]);
        assert_eq!(heap.locate(0x1f), Located::Nowhere);
        assert_eq!(heap.locate(0x20), Located::In(1));
        assert_eq!(heap.locate(0x27), Located::In(1));
        assert_eq!(heap.locate(0x28), Located::Behind(1));
        assert_eq!(heap.locate(0x4f), Located::In(0));
        assert_eq!(heap.locate(0x50), Located::Behind(0));
        assert_eq!(heap.locate(0x80), Located::In(2));
        assert_eq!(heap.locate(0x81), Located::Behind(2));
    }

    #[test]
    fn a_type_says_nothing_of_what_is_behind_its_end() {
        let heap = heap(&[(0x40, 32)]);
        let says_number = |offset| heap.object(0).has_number_at(offset, 8);
        assert!(!says_number(0), "a pointer");
        assert!(says_number(8) && says_number(12), "a number");
        assert!(!says_number(16) && !says_number(24), "in no map");
    }

    #[test]
    fn memory_that_is_given_away_is_the_new_objects() {
        let mut heap = heap(&[(0x20, 32), (0x40, 16)]);
        heap.begin_scan();
        heap.free_missed();
        heap.add(NewRecord {
            addr: 0x30,
            bytes: 32,
            pointers: &[],
            word_bytes: 8,
            what: "new",
            place: "there",
            step: 9,
        });
        let states: Vec<State> = heap.objects().iter().map(|object| object.state).collect();
        assert_eq!(states, [State::Reused, State::Reused, State::Allocated]);
        assert_eq!(heap.locate(0x30), Located::In(2));
        assert_eq!(heap.doomed_at(0x30), None);
    }

    #[test]
    fn what_a_scan_misses_is_condemned_once() {
        let mut heap = heap(&[(0x20, 16), (0x40, 16)]);
        heap.begin_scan();
        assert!(heap.reach(0) && !heap.reach(0));
        assert_eq!(heap.condemn_missed(0), [1]);
        assert_eq!((heap.doomed_at(0x40), heap.doomed_at(0x20)), (Some(1), None));
        heap.begin_scan();
        heap.reach(0);
        assert_eq!(heap.condemn_missed(1), [0; 0]);
    }
}
