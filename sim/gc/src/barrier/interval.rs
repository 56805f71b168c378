//! What happens between two points: changed words, barriers, shaded and new objects.

use std::collections::BTreeSet;

use rcsim_machine::shadow::BarrierOrder;

use crate::finding::{Here, Site};

/// One change of a pointer word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// Index of the object that holds the word.
    pub object: usize,
    /// Number of the word among all pointer words.
    pub slot: usize,
    /// Its offset in the object.
    pub offset: u64,
    /// The pointer before.
    pub old: u64,
    /// The pointer after.
    pub new: u64,
}

/// All changes of one word in the interval, as one: what a marker sees that looks before or after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Net {
    /// From the word's content at the start of the interval to that at its end.
    pub change: Change,
    /// The last store.
    pub site: Site,
    /// Address of the word.
    pub addr: u64,
    /// A barrier had covered the word before its first store.
    pub covered_before: bool,
    /// A barrier covered it after a store, by its own word.
    pub covered_after: bool,
}

/// The last store to a changed word: what is noted with each, and therefore apart from what is not.
#[derive(Clone, Copy, Debug)]
struct Last {
    new: u64,
    pc: u64,
    step: u64,
    by_service: bool,
}

impl Last {
    #[inline]
    const fn new(new: u64, here: &Here<'_>) -> Self {
        Self { new, pc: here.pc, step: here.step, by_service: !here.service.is_empty() }
    }
}

/// A stretch of the run in which nothing can stop the goroutine.
#[derive(Clone, Debug, Default)]
pub(super) struct Interval {
    /// The changed words as their first change left them, in the order of those.
    changes: Vec<Net>,
    /// The last store to each of them.
    last: Vec<Last>,
    /// For each slot one more than its place among the changes; none where it has not changed.
    place: Vec<u32>,
    /// Ranges that barriers covered before their stores.
    before: Vec<(u64, u64)>,
    shaded: BTreeSet<usize>,
    allocated: BTreeSet<usize>,
}

impl Interval {
    pub(super) fn allocated(&mut self, object: usize) {
        self.allocated.insert(object);
    }

    pub(super) fn shaded(&mut self, object: usize) {
        self.shaded.insert(object);
    }

    /// Note a store of the guest to a word that has changed in the interval. Whether it has.
    #[inline(always)]
    pub(super) fn changed_again(&mut self, slot: usize, new: u64, here: &Here<'_>) -> bool {
        let place = self.place.get(slot).copied().unwrap_or(0);
        let last = self.last.get_mut((place as usize).wrapping_sub(1));
        let known = last.is_some();
        if let Some(last) = last {
            *last = Last { new, pc: here.pc, step: here.step, by_service: false };
        }
        known
    }

    /// Note a store; `base` is the address of the object.
    #[inline]
    pub(super) fn changed(&mut self, change: Change, base: u64, here: Here<'_>) {
        let place = self.place.get(change.slot).copied().unwrap_or(0);
        let index = (place as usize).wrapping_sub(1);
        let Some(last) = self.last.get_mut(index) else {
            return self.changed_first(change, base, here);
        };
        *last = Last::new(change.new, &here);
        if last.by_service {
            // Where, in words; told again only when it was somewhere else.
            here.note(&mut self.changes[index].site);
        }
    }

    fn changed_first(&mut self, change: Change, base: u64, here: Here<'_>) {
        let addr = base + change.offset;
        let covered_before = self.before.iter().any(|(low, high)| (*low..*high).contains(&addr));
        if self.place.len() <= change.slot {
            self.place.resize(change.slot + 1, 0);
        }
        self.last.push(Last::new(change.new, &here));
        self.changes.push(Net { change, site: here.site(), addr, covered_before, covered_after: false });
        self.place[change.slot] = self.changes.len() as u32;
    }

    /// The interval is over, and another begins.
    pub(super) fn clear(&mut self) {
        for net in self.changes.drain(..) {
            self.place[net.change.slot] = 0;
        }
        self.last.clear();
        self.before.clear();
        self.shaded.clear();
        self.allocated.clear();
    }

    /// A barrier covers a range.
    pub(super) fn covered(&mut self, dst: u64, bytes: u64, order: BarrierOrder) {
        match order {
            BarrierOrder::Before => self.before.push((dst, dst.saturating_add(bytes))),
            BarrierOrder::After => {
                let range = dst..dst.saturating_add(bytes);
                for net in self.changes.iter_mut().filter(|net| range.contains(&net.addr)) {
                    net.covered_after = true;
                }
            }
        }
    }

    /// The net changes, in order of the words.
    pub(super) fn changes(&self) -> impl Iterator<Item = Net> {
        let mut changes: Vec<(&Net, &Last)> = self.changes.iter().zip(&self.last).collect();
        changes.sort_unstable_by_key(|(net, _)| net.change.slot);
        changes.into_iter().map(|(net, last)| {
            let mut net = net.clone();
            net.change.new = last.new;
            net.site.step = last.step;
            net.site.pc = (!last.by_service).then_some(last.pc);
            if !last.by_service {
                net.site.place.clear();
            }
            net
        })
    }

    /// Whether an object is certainly marked if marking was on: new objects are born black, shaded ones grey.
    pub(super) fn is_safe(&self, object: usize) -> bool {
        self.shaded.contains(&object) || self.allocated.contains(&object)
    }
}
