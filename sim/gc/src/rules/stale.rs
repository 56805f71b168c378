//! RC0102: stale and garbage roots. The scan reads as a pointer what was never stored, what points to no object, or what points
//! to an object that an earlier collection would have freed.

use super::{At, Reports};
use crate::finding::{Event, Finding, Rule, Site};
use crate::heap::{SeenAgain, ShadowHeap, ShadowObject};
use crate::life::State;
use crate::scan::{Holder, Suspect};

/// A word that was never stored since its frame owns the memory.
pub(crate) fn undefined(reports: &mut Reports, at: &At<'_>, suspect: &Suspect) {
    reports.report(at, suspect, || {
        let holder = at.holder(suspect.holder);
        Finding {
            rule: Rule::StaleRoot,
            message: "stale root: the scan reads an undefined word as a pointer".to_owned(),
            site: at.site(),
            remark: format!("GC point {}: {holder} is undefined", at.number),
            events: Vec::new(),
            notes: vec![
                "no store has reached the word since its frame owns the memory: it holds what an earlier one left"
                    .to_owned(),
            ],
            point: Some(at.number),
        }
    });
}

/// A word that holds an address of the heap where no object is.
pub(crate) fn nowhere(reports: &mut Reports, at: &At<'_>, suspect: &Suspect) {
    reports.report(at, suspect, || {
        let holder = at.holder(suspect.holder);
        Finding {
            rule: Rule::StaleRoot,
            message: "garbage root: the scan reads an address of the heap where no object is".to_owned(),
            site: at.site(),
            remark: format!("GC point {}: {holder} points to no object", at.number),
            events: Vec::new(),
            notes: at.stored(suspect.tag).into_iter().collect(),
            point: Some(at.number),
        }
    });
}

/// Objects that an earlier point had not reached are reached again.
pub(crate) fn returned(
    heap: &mut ShadowHeap,
    at: impl Fn(&ShadowHeap, Holder) -> SeenAgain,
    doomed: &[(usize, Holder)],
    number: u32,
) {
    for (index, holder) in doomed {
        if heap.returns(*index, number) {
            let seen = at(heap, *holder);
            heap.object_mut(*index).fate().seen_again = Some(seen);
        }
    }
}

/// One finding for each object that was reached again and never used: a use is told by another rule.
pub(crate) fn dangling(heap: &ShadowHeap) -> impl Iterator<Item = Finding> + '_ {
    let objects = heap.objects().iter().filter(|object| object.state == State::Dangling);
    objects.filter_map(|object| finding(heap, object)).take(super::MAX_FINDINGS)
}

fn finding(heap: &ShadowHeap, object: &ShadowObject) -> Option<Finding> {
    let fate = object.fate.as_ref()?;
    let (condemned, seen) = (fate.condemned.as_ref()?, fate.seen_again.as_ref()?);
    let number = object.number;
    let event = |label: String, place: String, step| Event { label, site: Site { pc: None, place, step } };
    Some(Finding {
        rule: Rule::StaleRoot,
        message: format!("stale root: the scan reads a pointer to object #{number}, which is freed before"),
        site: Site { pc: None, place: seen.place.clone(), step: seen.step },
        remark: format!("GC point {}: {} leads to #{number}", seen.point, seen.holder),
        events: vec![
            event(
                format!("#{number} ({} bytes, {}) was allocated here", object.bytes, heap.what(object)),
                heap.place(object).to_owned(),
                object.step,
            ),
            event(
                format!("GC point {} does not reach it: a collection frees it", condemned.point),
                condemned.place.clone(),
                condemned.step,
            ),
        ],
        notes: vec![format!("nothing uses #{number} after that; the collector itself stumbles over it")],
        point: Some(condemned.point),
    })
}
