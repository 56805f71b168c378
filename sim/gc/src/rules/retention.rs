//! RC0106: false retention. Memory that serves one call keeps objects alive after it.
//!
//! Services say which memory that is: the argument part of a call frame, all of a frame that goes back to a pool. After the call
//! the scan first passes over such words. What is then reached through them only is kept alive for nothing.

use super::{At, Reports};
use crate::finding::{Finding, Rule};
use crate::heap::Located;
use crate::scan::{Holder, Suspect};

/// An object, and how many in all, that only a word of scratch memory keeps alive.
pub(crate) struct Retained {
    /// The word.
    pub holder: Holder,
    /// What it holds.
    pub value: u64,
    /// Index of the object that it points to.
    pub first: usize,
    /// Objects that are reached through it only.
    pub count: usize,
}

/// Report it.
pub(crate) fn judge(reports: &mut Reports, at: &At<'_>, retained: &Retained, tag: crate::Tag) {
    let Retained { holder, value, first, count } = *retained;
    let suspect = Suspect { holder, value, tag, located: Located::In(first) };
    reports.report(at, &suspect, || {
        let object = at.heap.object(first);
        let number = object.number;
        let mut notes = vec![format!("nothing else keeps #{number} ({}) alive", object.what)];
        if count > 1 {
            notes.push(format!("{} more objects are kept with it", count - 1));
        }
        notes.extend(at.stored(tag));
        Finding {
            rule: Rule::FalseRetention,
            message: format!("false retention: scratch memory keeps object #{number} alive after the call"),
            site: at.site(),
            remark: format!("{} still holds #{number}", at.holder(holder)),
            events: Vec::new(),
            notes,
            point: Some(at.number),
        }
    });
}
