//! RC0101: hidden pointers, told from the lives of objects.

use rcsim_machine::shadow::GcPoint;

use crate::finding::{Event, Finding, Rule, Site};
use crate::heap::{Condemned, Life, ShadowHeap, ShadowObject, Use};

/// Condemn what the point does not reach.
pub(crate) fn judge(heap: &mut ShadowHeap, number: u32, point: &GcPoint<'_>, reached: &[bool]) {
    for (object, reached) in heap.objects_mut().iter_mut().zip(reached) {
        if *reached {
            continue;
        }
        object.miss(number);
        if object.life != Life::Live {
            continue;
        }
        object.life = Life::Condemned(Condemned {
            point: number,
            place: point.place.to_owned(),
            step: point.step,
            scanned: (point.frames, point.roots.len()),
            holders: (point.holders)(object.addr, object.addr + object.bytes.max(1)),
        });
    }
}

/// A condemned object is used. `points` have been examined before.
pub(crate) fn misuse(object: &mut ShadowObject, usage: Use, points: u32) {
    object.used_before = points;
    if let Life::Condemned(condemned) = &object.life {
        object.life = Life::Misused(condemned.clone(), usage);
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
pub(crate) fn findings<'a>(
    misused: impl Iterator<Item = (&'a ShadowObject, &'a Condemned, &'a Use)>,
) -> Vec<Finding> {
    let mut hidden: Vec<Hidden<'_>> = Vec::new();
    for (object, condemned, usage) in misused {
        match hidden.iter_mut().find(|known| known.condemned.point == condemned.point) {
            Some(known) if !known.condemned.holders.is_empty() || condemned.holders.is_empty() => {
                known.others += 1;
            }
            Some(known) => *known = Hidden { object, condemned, usage, others: known.others + 1 },
            None => hidden.push(Hidden { object, condemned, usage, others: 0 }),
        }
    }
    hidden.sort_by_key(|hidden| hidden.condemned.point);
    hidden.iter().map(finding).collect()
}

fn finding(hidden: &Hidden<'_>) -> Finding {
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
        message: format!("hidden pointer: object #{number} would be freed while it is still used"),
        site: Site { pc: usage.pc, place: usage.place.clone(), step: usage.step },
        remark: format!("{verb} #{number} at offset {}, freed at GC point {point}", usage.offset),
        events: vec![
            event(
                format!("#{number} ({} bytes, {}) was allocated here", object.bytes, object.what),
                object.place.clone(),
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
