//! RC0101: hidden pointers. An object that some point had not reached is used later.

use std::sync::Arc;

use rcsim_machine::shadow::GcPoint;

use crate::finding::{Event, Finding, Rule, Site};
use crate::heap::{Condemned, ShadowHeap, ShadowObject, Use};
use crate::life::{self, State};
use crate::provenance::Tag;

/// Places that are named as holders of one object, at most.
const MAX_HOLDERS: usize = 6;

/// Note for objects that a point has condemned what a finding will tell.
pub(crate) fn condemned(heap: &mut ShadowHeap, number: u32, point: &GcPoint<'_, Tag>, missed: &[usize]) {
    if missed.is_empty() {
        return;
    }
    let ends = missed.iter().map(|index| (heap.object(*index).addr, heap.object(*index).end()));
    let (low, high) = ends.fold((u64::MAX, 0), |(low, high), (addr, end)| (low.min(addr), high.max(end)));
    let held = (point.holders)(low, high);
    let place = heap.name(&(point.place)());
    for index in missed {
        let object = heap.object_mut(*index);
        let inside = |value: u64| object.addr <= value && value < object.end();
        let holders = held.iter().filter(|(value, _)| inside(*value)).map(|(_, name)| name.clone());
        let condemned = Condemned {
            point: number,
            place: Arc::clone(&place),
            step: point.step,
            scanned: (point.frames as u32, point.roots.len() as u32),
            holders: holders.take(MAX_HOLDERS).collect(),
        };
        object.fate().condemned = Some(condemned);
    }
}

/// A doomed object is used. `points` have been examined before.
pub(crate) fn misuse(object: &mut ShadowObject, usage: Use, points: u32) {
    object.meets(life::Event::Used);
    let fate = object.fate();
    fate.used_before = points;
    fate.usage.get_or_insert_with(|| Box::new(usage));
}

/// Whether what a point did not reach was freed there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freed {
    /// All points are examined, and nothing is freed.
    InThought,
    /// A collection was asked for.
    Really,
}

impl Freed {
    /// What becomes of an object, or became.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::InThought => "would be freed",
            Self::Really => "was freed",
        }
    }
}

/// An object that would have been freed at a point although it was used later.
struct Hidden<'a> {
    object: &'a ShadowObject,
    condemned: &'a Condemned,
    usage: &'a Use,
    /// How many objects behind it are lost with it.
    others: usize,
}

/// One finding for each point, about the object that somebody outside the collector's sight still held; what is reachable only
/// through it is lost with it.
pub(crate) fn findings(heap: &ShadowHeap, freed: Freed) -> Vec<Finding> {
    let mut hidden: Vec<Hidden<'_>> = Vec::new();
    let misused = heap.objects().iter().filter(|object| object.state == State::Misused);
    for object in misused {
        let Some(fate) = &object.fate else { continue };
        let (Some(condemned), Some(usage)) = (&fate.condemned, &fate.usage) else { continue };
        match hidden.iter_mut().find(|known| known.condemned.point == condemned.point) {
            Some(known) if !known.condemned.holders.is_empty() || condemned.holders.is_empty() => {
                known.others += 1;
            }
            Some(known) => *known = Hidden { object, condemned, usage, others: known.others + 1 },
            None => hidden.push(Hidden { object, condemned, usage, others: 0 }),
        }
    }
    hidden.sort_by_key(|hidden| hidden.condemned.point);
    hidden.iter().map(|hidden| finding(hidden, freed)).collect()
}

fn finding(hidden: &Hidden<'_>, freed: Freed) -> Finding {
    let Hidden { object, condemned, usage, others } = hidden;
    let (number, point) = (object.number, condemned.point);
    let verb = if usage.write { "writes" } else { "reads" };
    let (frames, words) = condemned.scanned;
    let mut notes = vec![held(number, condemned)];
    if *others > 0 {
        notes.push(format!("{others} more objects are lost with it"));
    }
    let event = |label: String, place: String, step| Event { label, site: Site { pc: None, place, step } };
    Finding {
        rule: Rule::HiddenPointer,
        message: format!("hidden pointer: object #{number} {} while it is still used", freed.words()),
        site: Site { pc: usage.pc, place: usage.place.clone(), step: usage.step },
        remark: format!("{verb} #{number} at offset {}, freed at GC point {point}", usage.offset),
        events: vec![
            event(
                format!("#{number} ({} bytes, {}) was allocated here", object.bytes, object.what),
                object.place.to_string(),
                object.step,
            ),
            event(
                format!("GC point {point} may stop the goroutine here"),
                format!("{}; scanned: {frames} frames, {words} words", condemned.place),
                condemned.step,
            ),
        ],
        notes,
        point: Some(point),
    }
}

/// What held the object when the collector did not see it.
fn held(number: u32, condemned: &Condemned) -> String {
    match &condemned.holders[..] {
        [] => format!("at that point #{number} was held by other hidden objects only"),
        holders => {
            format!("at that point only {} held it, and the scan reads none of them", holders.join(", "))
        }
    }
}
