//! What happens between two points: changed words, barriers, shaded and new objects.

use std::collections::{BTreeMap, BTreeSet};

use rcsim_machine::shadow::BarrierOrder;

use crate::finding::Site;

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

/// A stretch of the run in which nothing can stop the goroutine.
#[derive(Clone, Debug, Default)]
pub(super) struct Interval {
    changes: BTreeMap<usize, Net>,
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

    /// Note a store; `base` is the address of the object.
    pub(super) fn changed(&mut self, change: Change, base: u64, site: &dyn Fn() -> Site) {
        let addr = base + change.offset;
        let before = &self.before;
        let net = self.changes.entry(change.slot).or_insert_with(|| Net {
            change,
            site: Site::default(),
            addr,
            covered_before: before.iter().any(|(low, high)| (*low..*high).contains(&addr)),
            covered_after: false,
        });
        net.change.new = change.new;
        net.site = site();
    }

    /// A barrier covers a range.
    pub(super) fn covered(&mut self, dst: u64, bytes: u64, order: BarrierOrder) {
        match order {
            BarrierOrder::Before => self.before.push((dst, dst.saturating_add(bytes))),
            BarrierOrder::After => {
                let range = dst..dst.saturating_add(bytes);
                for net in self.changes.values_mut().filter(|net| range.contains(&net.addr)) {
                    net.covered_after = true;
                }
            }
        }
    }

    /// The net changes, in order of the words.
    pub(super) fn changes(&self) -> impl Iterator<Item = &Net> {
        self.changes.values()
    }

    /// Whether an object is certainly marked if marking was on: new objects are born black, shaded ones grey.
    pub(super) fn is_safe(&self, object: usize) -> bool {
        self.shaded.contains(&object) || self.allocated.contains(&object)
    }
}
