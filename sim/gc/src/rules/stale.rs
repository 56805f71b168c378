//! RC0102: stale and garbage roots. The scan reads as a pointer what was never stored, or what points to no object.

use super::{At, Reports};
use crate::finding::{Finding, Rule};
use crate::scan::Suspect;

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
