//! RC0104: a pointer map that disagrees with the content.
//!
//! Two things disagree beyond doubt. A word of the stack that its map calls a pointer holds a number below the first page: Go
//! stops with "invalid pointer found on stack" when it moves the stack. And a word of a heap object that its type calls a
//! number was stored as a pointer to a live object: the collector does not follow it. Stack words that hold pointers and are in
//! no map are no disagreement: a map names only what is used later. Nor is memory that was asked for without a type, or that
//! is behind the end of its type: whoever does so keeps what it puts there alive by other means, and where it does not,
//! something is lost, which is RC0101's to tell. The frame of a finalizer and the arguments of a deferred call are such.

use rcsim_machine::shadow::GcPoint;

use super::{At, Reports};
use crate::finding::{Finding, Rule};
use crate::heap::{Located, ShadowHeap};
use crate::provenance::Tag;
use crate::scan::{Holder, Suspect};

/// Most stores that are remembered between two points.
const MAX_CANDIDATES: usize = 256;

/// A root of the stack that holds a small number.
pub(crate) fn number(reports: &mut Reports, at: &At<'_>, suspect: &Suspect) {
    reports.report(at, suspect, || Finding {
        rule: Rule::WrongPointerMap,
        message: "pointer map disagrees with the content: a number where the map says pointer".to_owned(),
        site: at.site(),
        remark: format!("GC point {}: {} holds {}", at.number, at.holder(suspect.holder), suspect.value),
        events: Vec::new(),
        notes: at.stored(suspect.tag).into_iter().collect(),
        point: Some(at.number),
    });
}

/// Pointers that were stored since the last point where a heap object has no pointer.
#[derive(Debug, Default)]
pub(crate) struct Candidates(Vec<u64>);

impl Candidates {
    /// A pointer into the heap was stored to a word of the heap.
    pub(crate) fn stored(&mut self, heap: &ShadowHeap, addr: u64, word_bytes: u64) {
        let Located::In(index) = heap.locate(addr) else { return };
        let object = heap.object(index);
        let known = self.0.contains(&addr) || self.0.len() >= MAX_CANDIDATES;
        if !known && object.has_number_at(addr - object.addr, word_bytes) {
            self.0.push(addr);
        }
    }

    /// Judge them at a point: a word that still holds the pointer, in an object that is alive, is a disagreement.
    pub(crate) fn judge(&mut self, reports: &mut Reports, at: &At<'_>) {
        for addr in self.0.drain(..) {
            if let Some((suspect, target)) = hidden_word(at.heap, at.point, addr) {
                hidden(reports, at, &suspect, target);
            }
        }
    }
}

fn hidden_word(heap: &ShadowHeap, point: &GcPoint<'_, Tag>, addr: u64) -> Option<(Suspect, usize)> {
    let Located::In(owner) = heap.locate(addr) else { return None };
    let (value, tag) = (point.word)(addr)?;
    let located = heap.locate(value);
    let Located::In(target) = located else { return None };
    let holder = Holder::Word(owner, addr - heap.object(owner).addr);
    let pointer = tag.is_of_heap() && heap.is_reached(owner);
    pointer.then_some((Suspect { holder, value, tag, located }, target))
}

fn hidden(reports: &mut Reports, at: &At<'_>, suspect: &Suspect, target: usize) {
    reports.report(at, suspect, || {
        let target = at.heap.object(target);
        let number = target.number;
        let alive = if at.heap.is_reached(number as usize - 1) { "something else" } else { "nothing else" };
        Finding {
            rule: Rule::WrongPointerMap,
            message: format!(
                "pointer map disagrees with the content: a pointer to #{number} where the map says number"
            ),
            site: at.site(),
            remark: format!("GC point {}: {} points to #{number}", at.number, at.holder(suspect.holder)),
            events: Vec::new(),
            notes: std::iter::once(format!("{alive} that the scan reads keeps #{number} alive"))
                .chain(at.stored(suspect.tag))
                .collect(),
            point: Some(at.number),
        }
    });
}
