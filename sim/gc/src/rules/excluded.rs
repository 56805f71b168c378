//! What would be wrong at points that Go's rules exclude: remarks, never findings.
//!
//! Under the policy `every` each step is looked at. Between two instructions of code that Go never stops there, pointers may be
//! where no scan reads. That is allowed; how long it lasts, and what depends on it, is worth knowing.

use std::collections::BTreeMap;

/// An object that only an excluded point would have freed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Its number.
    pub object: u32,
    /// The first step that did not reach it, and the instruction there.
    pub hidden: (u64, u64),
    /// Its first use after that.
    pub used: u64,
}

/// What was seen at steps.
#[derive(Debug, Default)]
pub(crate) struct Excluded {
    /// Steps that were looked at.
    pub steps: u64,
    /// Steps at which the frames could not be walked: between the instructions that make or leave one.
    pub without_frames: u64,
    waits: bool,
    missed: BTreeMap<usize, (u64, u64)>,
    remarks: Vec<Remark>,
}

impl Excluded {
    /// A step has not reached the object with this index.
    pub(crate) fn miss(&mut self, index: usize, step: u64, pc: u64) {
        self.missed.entry(index).or_insert((step, pc));
        self.waits = true;
    }

    /// Whether any object is waited for.
    #[inline(always)]
    pub(crate) fn waits(&self) -> bool {
        self.waits
    }

    /// Uses do not count from now on; or do again.
    pub(crate) fn look_away(&mut self, away: bool) {
        self.waits = !away && !self.missed.is_empty();
    }

    /// The object with this index is used.
    pub(crate) fn used(&mut self, index: usize, step: u64) {
        if let Some(hidden) = self.missed.remove(&index) {
            let object = index as u32 + 1;
            if !self.remarks.iter().any(|known| known.object == object) {
                self.remarks.push(Remark { object, hidden, used: step });
            }
        }
    }

    /// The remarks, in order of the uses.
    pub(crate) fn remarks(&self) -> &[Remark] {
        &self.remarks
    }
}

#[cfg(test)]
mod tests {
    use super::Excluded;

    #[test]
    fn an_object_is_remarked_once_and_only_when_it_is_used() {
        let mut excluded = Excluded::default();
        excluded.miss(0, 5, 0x50);
        excluded.miss(0, 6, 0x54);
        excluded.miss(1, 6, 0x54);
        excluded.used(0, 9);
        excluded.miss(0, 10, 0x60);
        excluded.used(0, 11);
        excluded.used(7, 12);
        let remarks: Vec<_> =
            excluded.remarks().iter().map(|one| (one.object, one.hidden, one.used)).collect();
        assert_eq!(remarks, [(1, (5, 0x50), 9)]);
    }
}
