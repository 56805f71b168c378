//! The rules: one file each. The checker feeds them; what they report is a [`Finding`](crate::Finding).

pub(crate) mod dangling;
pub(crate) mod excluded;
pub(crate) mod hidden;
pub(crate) mod map;
pub(crate) mod moved;
pub(crate) mod past_end;
pub(crate) mod retention;
pub(crate) mod stale;

use std::collections::BTreeSet;

use rcsim_machine::shadow::GcPoint;

use crate::finding::{Finding, Site};
use crate::heap::ShadowHeap;
use crate::provenance::Tag;
use crate::scan::{Holder, Suspect};

/// Findings of one rule, at most.
const MAX_FINDINGS: usize = 32;

/// A point that is being judged.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    /// Its number.
    pub number: u32,
    /// What the collector sees.
    pub point: &'a GcPoint<'a, Tag>,
    /// The objects.
    pub heap: &'a ShadowHeap,
}

impl At<'_> {
    /// The point as the site of a finding.
    pub(crate) fn site(&self) -> Site {
        Site { pc: None, place: (self.point.place)(), step: self.point.step }
    }

    /// The holder of a word, in words.
    pub(crate) fn holder(&self, holder: Holder) -> String {
        match holder {
            Holder::Root(n) => (self.point.name)(&self.point.roots[n]),
            Holder::Word(index, offset) => {
                let object = self.heap.object(index);
                format!("the word at offset {offset} of #{} ({})", object.number, object.what)
            }
        }
    }

    /// A number that tells words apart.
    fn address(&self, holder: Holder) -> u64 {
        match holder {
            Holder::Root(n) => self.point.roots[n].addr,
            Holder::Word(index, offset) => self.heap.object(index).addr + offset,
        }
    }

    /// When a word was stored last, as a note.
    pub(crate) fn stored(&self, tag: Tag) -> Option<String> {
        let step = tag.step(self.point.step);
        (step > 0).then(|| format!("the word was stored at step {step}"))
    }
}

/// What a rule has reported: each word with each content once.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    findings: Vec<Finding>,
    known: BTreeSet<(u64, u64)>,
    points: Vec<u32>,
}

impl Reports {
    /// The findings.
    pub(crate) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether there was something at this point.
    pub(crate) fn at(&self, point: u32) -> bool {
        self.points.binary_search(&point).is_ok()
    }

    /// Report about a word, unless that was done before.
    pub(crate) fn report(&mut self, at: &At<'_>, suspect: &Suspect, finding: impl FnOnce() -> Finding) {
        self.report_at(at, at.address(suspect.holder), suspect.value, finding);
    }

    /// The same for the word at `addr`, which holds `value`.
    pub(crate) fn report_at(
        &mut self,
        at: &At<'_>,
        addr: u64,
        value: u64,
        finding: impl FnOnce() -> Finding,
    ) {
        if self.points.last() != Some(&at.number) {
            self.points.push(at.number);
        }
        if self.findings.len() < MAX_FINDINGS && self.known.insert((addr, value)) {
            self.findings.push(finding());
        }
    }
}
