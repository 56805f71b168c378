//! Operations that went through the core as others did before: their links are those of the others.
//!
//! Most operations do, so what is noted of them is little: for each path that was followed, which links these are. Their numbers
//! and cycles are worked out when somebody asks.

use super::{Kept, OPERATIONS};

/// Notes after which those are dropped that are too old.
const MANY: usize = 1 << 15;

/// Links that are kept, those of one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinksId(u32);

impl LinksId {
    const NONE: Self = Self(u32::MAX);
}

#[derive(Clone, Copy)]
struct Links {
    /// The first, among all that are kept.
    first: usize,
    count: u32,
    /// Cycles that dispatch advances with them.
    cycles: u64,
}

/// Links that are repeated so many times in a row.
#[derive(Clone, Copy)]
struct Note {
    links: LinksId,
    times: u32,
}

/// Where notes begin that follow each other, with nothing else in between.
#[derive(Clone, Copy)]
struct Start {
    /// The number of the first note.
    note: usize,
    /// The number of the first operation.
    op: u64,
    /// The cycle that its links are relative to.
    now: u64,
}

/// A note, and where it stands.
#[derive(Clone, Copy)]
pub struct Repeated {
    note: usize,
    links: Links,
    times: u32,
    op: u64,
    now: u64,
}

impl Repeated {
    /// Number of the first operation after these.
    fn end(&self) -> u64 {
        self.op + u64::from(self.links.count) * u64::from(self.times)
    }

    /// The operations.
    pub fn ops(&self) -> std::ops::Range<u64> {
        self.op..self.end()
    }
}

/// What was repeated, and what it repeats.
pub struct Again {
    kept: Vec<Kept>,
    links: Vec<Links>,
    notes: Vec<Note>,
    starts: Vec<Start>,
    /// Those of the last note, unless others than notes came after it.
    last: LinksId,
    /// Number of notes, or of starts, after which the old ones are dropped.
    many: usize,
}

impl Default for Again {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            links: Vec::new(),
            notes: Vec::new(),
            starts: Vec::new(),
            last: LinksId::NONE,
            many: MANY,
        }
    }
}

impl Again {
    /// Keep links, which are relative to the cycle that dispatch had come to before them; with them it advances.
    pub fn keep(&mut self, links: impl Iterator<Item = Kept>, cycles: u64) -> LinksId {
        let first = self.kept.len();
        self.kept.extend(links);
        self.links.push(Links { first, count: (self.kept.len() - first) as u32, cycles });
        LinksId(self.links.len() as u32 - 1)
    }

    /// Operations that are repeated follow, from number `op` on, seen from cycle `now`; before them there were others.
    pub fn start(&mut self, op: u64, now: u64) {
        if self.starts.len() >= self.many {
            self.drop_before(op.saturating_sub(OPERATIONS as u64));
        }
        self.starts.push(Start { note: self.notes.len(), op, now });
        self.last = LinksId::NONE;
    }

    /// The next operations, up to number `op`, are like these.
    #[inline]
    pub fn repeat(&mut self, links: LinksId, op: u64) {
        match self.notes.last_mut() {
            Some(note) if self.last == links && note.times < u32::MAX => note.times += 1,
            _ => {
                if self.notes.len() >= self.many {
                    self.drop_before(op.saturating_sub(OPERATIONS as u64));
                }
                self.notes.push(Note { links, times: 1 });
                self.last = links;
            }
        }
    }

    /// All that is noted, oldest first.
    pub fn all(&self) -> impl Iterator<Item = Repeated> + '_ {
        let ends = self.starts.iter().skip(1).map(|start| start.note).chain([self.notes.len()]);
        self.starts.iter().zip(ends).flat_map(move |(start, end)| {
            let (mut op, mut now) = (start.op, start.now);
            (start.note..end).map(move |note| {
                let Note { links, times } = self.notes[note];
                let links = self.links[links.0 as usize];
                let repeated = Repeated { note, links, times, op, now };
                (op, now) = (repeated.end(), now + links.cycles * u64::from(times));
                repeated
            })
        })
    }

    /// The link of one of the operations that are repeated.
    pub fn link(&self, repeated: &Repeated, op: u64) -> Kept {
        let (nth, count) = (op - repeated.op, u64::from(repeated.links.count));
        let mut kept = self.kept[repeated.links.first + (nth % count) as usize];
        let now = repeated.now + nth / count * repeated.links.cycles;
        kept.dispatched = kept.dispatched.wrapping_add(now);
        kept
    }

    /// Forget operations before this number.
    #[cold]
    fn drop_before(&mut self, op: u64) {
        let first = self.all().find(|repeated| repeated.end() > op);
        let Some(Repeated { note, op, now, .. }) = first else {
            (self.last, self.notes, self.starts) = (LinksId::NONE, Vec::new(), Vec::new());
            return;
        };
        let later = self.starts.partition_point(|start| start.note <= note);
        self.starts.drain(..later);
        self.notes.drain(..note);
        self.starts.iter_mut().for_each(|start| start.note -= note);
        self.starts.insert(0, Start { note: 0, op, now });
        self.many = MANY.max(2 * self.notes.len().max(self.starts.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::{Again, Kept, MANY};
    use crate::model::chain::OPERATIONS;

    fn kept(dispatched: u64) -> Kept {
        Kept { dispatched, ..Kept::NOTHING }
    }

    fn dispatched(again: &Again) -> Vec<(u64, u64)> {
        let all: Vec<_> = again.all().collect();
        all.iter().flat_map(|run| run.ops().map(|op| (op, again.link(run, op).dispatched))).collect()
    }

    #[test]
    fn operations_repeat_links_one_time_after_the_other() {
        let mut again = Again::default();
        let (two, one) =
            (again.keep([kept(0), kept(3)].into_iter(), 5), again.keep([kept(1)].into_iter(), 2));
        again.start(10, 100);
        for (links, op) in [(two, 12), (two, 14), (one, 15)] {
            again.repeat(links, op);
        }
        again.start(20, 200);
        again.repeat(one, 21);
        let expected = [(10, 100), (11, 103), (12, 105), (13, 108), (14, 111), (20, 201)];
        assert_eq!(dispatched(&again), expected);
    }

    #[test]
    fn only_what_is_too_old_is_dropped() {
        let mut again = Again::default();
        let links = [4, 7].map(|at| again.keep([kept(at)].into_iter(), 10));
        again.start(0, 0);
        let ops = 3 * MANY as u64 + 2 * OPERATIONS as u64;
        for op in 0..ops {
            if op == ops - 5 {
                again.start(op, 10 * op);
            }
            again.repeat(links[(op % 2) as usize], op + 1);
        }
        let all = dispatched(&again);
        assert!((OPERATIONS..ops as usize - 1).contains(&all.len()), "{} are left", all.len());
        for (op, at) in &all {
            assert_eq!(*at, 10 * op + if op % 2 == 0 { 4 } else { 7 });
        }
        assert_eq!(all.last().map(|last| last.0), Some(ops - 1));
    }
}
