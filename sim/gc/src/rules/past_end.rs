//! RC0105: a pointer that the scan reads and that is not in the object from which it was derived. It keeps the neighbour alive,
//! and not its own object.

use super::{At, Reports};
use crate::finding::{Finding, Rule};
use crate::heap::Located;
use crate::provenance::Origin;
use crate::scan::Suspect;

/// A pointer behind the end of an object is still taken for one of its own so far behind it.
const NEAR_BYTES: u64 = 16;

/// Whose pointer a suspicious word is, when it is one that has left its object: the object's index.
pub(crate) fn owner(at: &At<'_>, suspect: &Suspect) -> Option<usize> {
    match (suspect.tag.origin(), suspect.located) {
        (Origin::Object(number), _) => Some(number as usize - 1),
        (Origin::Unrecorded | Origin::Stack(_), Located::Behind(index)) => {
            let behind = suspect.value - at.heap.object(index).end();
            (behind < NEAR_BYTES).then_some(index)
        }
        (Origin::Unrecorded | Origin::Stack(_), Located::In(_) | Located::Nowhere)
        | (Origin::Undefined, _) => None,
    }
}

/// Report a pointer that has left the object with index `owner`.
pub(crate) fn judge(reports: &mut Reports, at: &At<'_>, suspect: &Suspect, owner: usize) {
    reports.report(at, suspect, || {
        let (object, holder) = (at.heap.object(owner), at.holder(suspect.holder));
        let number = object.number;
        let place = if suspect.value >= object.end() {
            format!("{} bytes past the end", suspect.value - object.end())
        } else {
            format!("{} bytes before the start", object.addr.saturating_sub(suspect.value))
        };
        let neighbour = match suspect.located {
            Located::In(index) => {
                format!("it keeps #{} alive, and not #{number}", at.heap.object(index).number)
            }
            Located::Behind(_) | Located::Nowhere => {
                format!("whatever object is allocated there is kept alive, and not #{number}")
            }
        };
        Finding {
            rule: Rule::PastTheEnd,
            message: format!("pointer past the end of object #{number} retains its neighbour"),
            site: at.site(),
            remark: format!("GC point {}: {holder} points {place} of #{number}", at.number),
            events: Vec::new(),
            notes: std::iter::once(neighbour).chain(at.stored(suspect.tag)).collect(),
            point: Some(at.number),
        }
    });
}
