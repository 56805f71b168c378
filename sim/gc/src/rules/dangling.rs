//! RC0101, without a use: an object that some point had not reached is reached again. Had the collector freed it there, it would
//! now come upon a pointer to free memory, which ends the program ("found bad pointer in Go heap").

use crate::finding::{Event, Finding, Rule, Site};
use crate::heap::{SeenAgain, ShadowHeap, ShadowObject};
use crate::life::State;
use crate::rules::hidden::Freed;
use crate::scan::Holder;

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
            heap.object_mut(*index).fate().seen_again = Some(Box::new(seen));
        }
    }
}

/// One finding for each point after which an object is reached again that nothing uses: a use tells more.
pub(crate) fn findings(heap: &ShadowHeap, told: &[Finding], freed: Freed) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for object in heap.objects().iter().filter(|object| object.state == State::Dangling) {
        let Some(finding) = finding(object, freed) else { continue };
        let known = told.iter().chain(&findings).any(|known| known.point == finding.point);
        if !known && findings.len() < super::MAX_FINDINGS {
            findings.push(finding);
        }
    }
    findings
}

fn finding(object: &ShadowObject, freed: Freed) -> Option<Finding> {
    let fate = object.fate.as_ref()?;
    let (condemned, seen) = (fate.condemned.as_ref()?, fate.seen_again.as_ref()?);
    let number = object.number;
    let event = |label: String, place: String, step| Event { label, site: Site { pc: None, place, step } };
    Some(Finding {
        rule: Rule::HiddenPointer,
        message: format!("hidden pointer: object #{number} {} while it is still passed on", freed.words()),
        site: Site { pc: None, place: seen.place.clone(), step: seen.step },
        remark: format!("GC point {}: {} leads to #{number}", seen.point, seen.holder),
        events: vec![
            event(
                format!("#{number} ({} bytes, {}) was allocated here", object.bytes, object.what),
                object.place.to_string(),
                object.step,
            ),
            event(
                format!("GC point {} does not reach it: a collection frees it", condemned.point),
                condemned.place.to_string(),
                condemned.step,
            ),
        ],
        notes: vec![format!("nothing uses #{number} after that; the collector itself stumbles over it")],
        point: Some(condemned.point),
    })
}
