//! The judgement on the stores of an interval.

use rcsim_machine::shadow::{BarrierEvent, BarrierOrder};

use super::interval::{Interval, Net};
use super::protocol::Protocol;
use super::slots::Slots;
use crate::heap::ShadowHeap;

/// Most stores that are kept; what is wrong with more than these is wrong in the same places.
const MAX_JUDGED: usize = 4096;

/// In which way a barrier lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Lack {
    /// There is none.
    Missing,
    /// It came after the store, where the protocol wants it before.
    After,
    /// It came after the store, and the collector could have stopped the goroutine between them.
    AfterStop,
}

/// A store whose barrier lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    pub lack: Lack,
    pub net: Net,
    /// The last point before the store.
    pub after: u32,
    /// The overwritten object, when it was not shaded.
    pub old: Option<usize>,
    /// The stored object, when it was not shaded.
    pub new: Option<usize>,
}

/// Judge the stores between point `after` and the next one.
pub(super) fn interval(
    judged: &mut Vec<Judged>,
    heap: &ShadowHeap,
    protocol: Protocol,
    interval: &Interval,
    after: u32,
) {
    if protocol == Protocol::None {
        return;
    }
    let lacking = interval.changes().filter_map(|net| one(heap, protocol, interval, after, net));
    judged.extend(lacking.take(MAX_JUDGED.saturating_sub(judged.len())).collect::<Vec<_>>());
}

fn one(heap: &ShadowHeap, protocol: Protocol, interval: &Interval, after: u32, net: Net) -> Option<Judged> {
    let (old, new) = (heap.find(net.change.old), heap.find(net.change.new));
    // Another pointer into the same object changes nothing for the collector.
    let unsafe_one = |object: Option<usize>| object.filter(|object| old != new && !interval.is_safe(*object));
    let lacking_new = unsafe_one(new);
    let lacking_old = unsafe_one(old).filter(|_| protocol.shades_old());
    // Where neither is an object, there is nothing to shade.
    let late = protocol.shades_old() && net.covered_after && !net.covered_before && old != new;
    let lack = match (late, lacking_new.is_some() || lacking_old.is_some()) {
        (true, _) => Lack::After,
        (false, true) => Lack::Missing,
        (false, false) => return None,
    };
    Some(Judged { lack, net, after, old: lacking_old, new: lacking_new })
}

/// A barrier that comes after stores: those of an earlier interval had none in time, but not none at all.
pub(super) fn barrier_after(
    judged: &mut [Judged],
    heap: &ShadowHeap,
    event: &BarrierEvent<'_>,
    slots: &Slots,
) {
    if event.order != BarrierOrder::After || heap.find(event.dst).is_none() {
        return;
    }
    let range = event.dst..event.dst.saturating_add(event.bytes);
    for one in judged.iter_mut().filter(|one| one.lack == Lack::Missing && range.contains(&one.net.addr)) {
        if slots.value(one.net.change.slot) == one.net.change.new {
            one.lack = Lack::AfterStop;
        }
    }
}
