//! All that a marker can see of a run: the graph of the heap as it changes, what is shaded, and the roots at each point.

use std::sync::Arc;

/// Most events that are kept. A longer run is judged, but no schedules are searched for it.
const MAX_EVENTS: usize = 2 << 20;
/// Most points that are kept.
const MAX_POINTS: usize = 1 << 20;
/// Most root words that are kept, but for those of one point.
const MAX_ROOTS: usize = 4 << 20;

/// Something that changes what a marker sees. Objects are indices in order of allocation, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Happening {
    /// A new object, all zero.
    Allocated {
        /// Which.
        object: u32,
    },
    /// A pointer word changed.
    Stored {
        /// The object that it is in.
        object: u32,
        /// Which of all pointer words.
        slot: u32,
        /// The object that it points to now.
        new: Option<u32>,
    },
    /// A barrier shaded an object.
    Shaded {
        /// Which.
        object: u32,
    },
}

/// A moment at which the collector may stop the goroutine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StopPoint {
    /// Events before it.
    pub at: usize,
    /// Address of each root word, and the object that it points to; kept once where points find the same.
    pub roots: Arc<[(u64, u32)]>,
}

/// The log of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    events: Vec<Happening>,
    points: Vec<StopPoint>,
    happened: usize,
    passed: u32,
    roots: usize,
    /// Roots of the point at hand.
    latest: Vec<(u64, u32)>,
}

impl History {
    /// Add an event.
    #[inline]
    pub fn push(&mut self, happening: Happening) {
        self.happened += 1;
        if self.events.len() < MAX_EVENTS {
            self.events.push(happening);
        }
    }

    /// Whether no more events are kept: the run has more than a schedule is searched for.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.events.len() >= MAX_EVENTS
    }

    /// An event that is not kept.
    pub fn forget(&mut self) {
        self.happened += 1;
    }

    /// Add a point.
    pub fn point(&mut self, roots: impl Iterator<Item = (u64, u32)>) {
        self.passed += 1;
        if self.roots > MAX_ROOTS || self.points.len() >= MAX_POINTS {
            return;
        }
        self.latest.clear();
        self.latest.extend(roots);
        let same = self.points.last().map(|last| &last.roots).filter(|last| last[..] == self.latest[..]);
        let roots = match same {
            Some(same) => Arc::clone(same),
            None => {
                self.roots += self.latest.len();
                Arc::from(&self.latest[..])
            }
        };
        self.points.push(StopPoint { at: self.happened, roots });
    }

    /// How many events there were.
    #[must_use]
    pub fn len(&self) -> usize {
        self.happened
    }

    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.happened == 0
    }

    /// How many points there were.
    #[must_use]
    pub fn points(&self) -> u32 {
        self.passed
    }

    /// Whether all of the run is in the log.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.events.len() == self.happened && self.points.len() == self.passed as usize
    }

    /// The events.
    #[must_use]
    pub fn events(&self) -> &[Happening] {
        &self.events
    }

    /// The points.
    #[must_use]
    pub fn stops(&self) -> &[StopPoint] {
        &self.points
    }
}
