//! RC0103: pointers into the stack that a move would miss.
//!
//! Every pointer into the stack knows how many points had been when it was made or adjusted last. One that is older than the
//! last point when it is used as an address was missed at all points in between: had the stack moved at any of them, the access
//! would go to memory that is no stack any more.

use std::collections::VecDeque;

use rcsim_machine::shadow::PointKind;

use crate::finding::{Event, Finding, Rule, Site};

/// Points whose place is remembered.
const REMEMBERED: usize = 1024;
/// Findings, at most.
const MAX_FINDINGS: usize = 32;

/// A point, as far as a finding tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passed {
    /// Why the goroutine could be stopped.
    pub kind: PointKind,
    /// The instruction at hand, when the guest was at work.
    pub pc: Option<u64>,
    /// Guest instructions before it.
    pub step: u64,
}

/// A pointer that was missed, and its use.
#[derive(Clone, Debug)]
struct Missed {
    /// The first point that missed it.
    first: u32,
    /// That point, when it is still remembered.
    passed: Option<Passed>,
    site: Site,
    offset: u64,
}

/// What the rule knows.
#[derive(Debug, Default)]
pub(crate) struct Moved {
    recent: VecDeque<Passed>,
    points: u32,
    /// Stretches of points at which a move breaks the run, ascending and apart.
    broken: Vec<(u32, u32)>,
    missed: Vec<Missed>,
}

impl Moved {
    /// A point goes by.
    pub(crate) fn pass(&mut self, point: Passed) {
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(point);
        self.points += 1;
    }

    /// A stack pointer that was adjusted last when `since` points had been is used as an address, `offset` bytes from the end
    /// of the stack.
    #[cold]
    pub(crate) fn used(&mut self, since: u32, offset: u64, site: impl FnOnce() -> Site) {
        let Some(last) = self.points.checked_sub(1).filter(|last| since <= *last) else { return };
        self.breaks(since, last);
        if self.missed.len() < MAX_FINDINGS && !self.missed.iter().any(|known| known.first == since) {
            let passed = self.remembered(since);
            self.missed.push(Missed { first: since, passed, site: site(), offset });
        }
    }

    fn breaks(&mut self, first: u32, last: u32) {
        let inside = |(low, high): &(u32, u32)| *low <= first && last <= *high;
        if self.broken.iter().any(inside) {
            return;
        }
        let (mut low, mut high) = (first, last);
        self.broken.retain(|(a, b)| {
            let apart = *b < low.saturating_sub(1) || *a > high.saturating_add(1);
            if !apart {
                (low, high) = (low.min(*a), high.max(*b));
            }
            apart
        });
        self.broken.push((low, high));
        self.broken.sort_unstable();
    }

    fn remembered(&self, point: u32) -> Option<Passed> {
        let forgotten = self.points as usize - self.recent.len();
        (point as usize).checked_sub(forgotten).and_then(|n| self.recent.get(n)).copied()
    }

    /// Whether a move at this point breaks the run.
    pub(crate) fn breaks_at(&self, point: u32) -> bool {
        self.broken.iter().any(|(first, last)| (*first..=*last).contains(&point))
    }

    /// One finding for each point that was the first to miss something.
    pub(crate) fn findings(&self) -> impl Iterator<Item = Finding> + '_ {
        self.missed.iter().map(finding)
    }
}

fn finding(missed: &Missed) -> Finding {
    let point = missed.first;
    let move_here = missed.passed.map(|passed| Event {
        label: format!("GC point {point} may move the stack here, and does not adjust the pointer"),
        site: Site { pc: passed.pc, place: kind(passed.kind).to_owned(), step: passed.step },
    });
    Finding {
        rule: Rule::MissedStackPointer,
        message: "stack pointer missed by a stack move".to_owned(),
        site: missed.site.clone(),
        remark: format!(
            "address {} bytes below the end of the stack, from before GC point {point}",
            missed.offset
        ),
        events: move_here.into_iter().collect(),
        notes: vec![
            "no map that the move goes by names the word or register that held the pointer".to_owned(),
        ],
        point: Some(point),
    }
}

fn kind(kind: PointKind) -> &'static str {
    match kind {
        PointKind::StackCheck => "stack check",
        PointKind::Allocation => "allocation",
        PointKind::UserCode => "code of the user",
        PointKind::AfterCall => "after the call",
        PointKind::Step => "between instructions",
    }
}

#[cfg(test)]
mod tests {
    use rcsim_machine::shadow::PointKind;

    use super::{Moved, Passed};
    use crate::finding::Site;

    fn after(points: u32) -> Moved {
        let mut moved = Moved::default();
        for step in 0..points {
            moved.pass(Passed { kind: PointKind::StackCheck, pc: Some(0x100), step: u64::from(step) });
        }
        moved
    }

    #[test]
    fn a_pointer_is_missed_at_every_point_since_it_was_made() {
        let mut moved = after(5);
        moved.used(2, 8, Site::default);
        let broken: Vec<bool> = (0..6).map(|point| moved.breaks_at(point)).collect();
        assert_eq!(broken, [false, false, true, true, true, false]);
        assert_eq!(moved.findings().map(|finding| finding.point).collect::<Vec<_>>(), [Some(2)]);
    }

    #[test]
    fn a_pointer_made_after_the_last_point_is_sound() {
        let mut moved = after(5);
        moved.used(5, 8, Site::default);
        assert_eq!(moved.findings().count(), 0);
        assert!((0..6).all(|point| !moved.breaks_at(point)));
    }

    #[test]
    fn stretches_that_touch_become_one() {
        let mut moved = after(3);
        moved.used(2, 8, Site::default);
        for step in 3..9 {
            moved.pass(Passed { kind: PointKind::StackCheck, pc: None, step });
        }
        moved.used(6, 8, Site::default);
        moved.used(3, 8, Site::default);
        assert_eq!(moved.broken, [(2, 8)]);
    }
}
