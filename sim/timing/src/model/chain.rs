//! The critical chain: for each operation, the one that it waited for last.

use std::collections::VecDeque;

use crate::account::Cause;

/// Operations that are remembered: a call of many thousand instructions fits.
const OPERATIONS: usize = 1 << 16;

/// A link as it is kept: half the size, for half the traffic to memory. Other operations are told by how many back they are, 0
/// for none; whatever is further back than that is forgotten anyway.
#[derive(Clone, Copy)]
struct Kept {
    dispatched: u64,
    lasted: u32,
    insn: u32,
    redirected_by: u32,
    waited_for: u32,
    dispatch_cause: Cause,
    cause: Cause,
}

impl Kept {
    const NOTHING: Self = Self {
        dispatched: 0,
        lasted: 0,
        insn: 0,
        redirected_by: 0,
        waited_for: 0,
        dispatch_cause: Cause::Base,
        cause: Cause::Base,
    };

    #[inline]
    fn of(link: Link, number: u64) -> Self {
        let back = |op: Option<u64>| op.map_or(0, |op| u32::try_from(number - op).unwrap_or(0));
        Self {
            dispatched: link.dispatched,
            lasted: u32::try_from(link.done - link.dispatched).unwrap_or(u32::MAX),
            insn: link.insn,
            redirected_by: back(link.redirected_by),
            waited_for: back(link.waited_for),
            dispatch_cause: link.dispatch_cause,
            cause: link.cause,
        }
    }

    fn link(self, number: u64) -> Link {
        let op = |back: u32| (back > 0).then(|| number - u64::from(back));
        Link {
            insn: self.insn,
            dispatched: self.dispatched,
            redirected_by: op(self.redirected_by),
            dispatch_cause: self.dispatch_cause,
            done: self.dispatched + u64::from(self.lasted),
            waited_for: op(self.waited_for),
            cause: self.cause,
        }
    }
}

/// What is remembered of an operation: two events, each with what it came after.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// Number of its instruction.
    pub insn: u32,
    /// When it entered the window.
    pub dispatched: u64,
    /// The operation that had to be done before it could, when that was not just the one before it entering.
    pub redirected_by: Option<u64>,
    /// Why it did not enter earlier.
    pub dispatch_cause: Cause,
    /// When it was done.
    pub done: u64,
    /// The operation that had to be done before it could start; nothing when entering the window was what took longest.
    pub waited_for: Option<u64>,
    /// Why it was not done earlier.
    pub cause: Cause,
}

impl Link {
    /// An operation that nothing is known of.
    pub const NOTHING: Self = Self {
        insn: 0,
        dispatched: 0,
        redirected_by: None,
        dispatch_cause: Cause::Base,
        done: 0,
        waited_for: None,
        cause: Cause::Base,
    };
}

/// Operations that went through the core as others did before: their links are those of the others.
#[derive(Clone, Copy)]
struct Again {
    /// Number of the first.
    first: u64,
    /// How many.
    count: u32,
    /// The first link of the others, among those that were kept.
    kept: u32,
    /// The cycle that the others' are relative to.
    now: u64,
}

/// The last operations.
pub struct Chain {
    links: Vec<Kept>,
    next: u64,
    start: u64,
    /// Runs of operations whose links are in `kept`, oldest first.
    again: VecDeque<Again>,
    /// Links of operations that others repeat, their cycles relative to some cycle.
    kept: Vec<Kept>,
}

/// One instruction of a critical chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainStep {
    /// Number of the instruction.
    pub insn: u32,
    /// Cycles between what it waited for and its own end.
    pub cycles: u64,
    /// Why it waited.
    pub cause: Cause,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            links: vec![Kept::NOTHING; OPERATIONS],
            next: 0,
            start: 0,
            again: VecDeque::new(),
            kept: Vec::new(),
        }
    }
}

impl Chain {
    /// Number of the next operation.
    #[inline]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// The next operation.
    #[inline]
    pub fn push(&mut self, link: Link) {
        self.links[self.next as usize % OPERATIONS] = Kept::of(link, self.next);
        self.next += 1;
    }

    /// Keep the links from operation `first` on for others that repeat them, relative to cycle `now`: where they are.
    pub fn keep(&mut self, first: u64, now: u64) -> u32 {
        let place = self.kept.len() as u32;
        for op in first..self.next {
            let mut kept = self.links[op as usize % OPERATIONS];
            kept.dispatched = kept.dispatched.wrapping_sub(now);
            self.kept.push(kept);
        }
        place
    }

    /// So many operations that are like those kept at a place, seen from cycle `now`.
    #[inline]
    pub fn repeat(&mut self, kept: u32, count: u32, now: u64) {
        if count == 0 {
            return;
        }
        let oldest = self.next.saturating_sub(OPERATIONS as u64);
        while self.again.front().is_some_and(|run| run.first + u64::from(run.count) <= oldest) {
            self.again.pop_front();
        }
        self.again.push_back(Again { first: self.next, count, kept, now });
        self.next += u64::from(count);
    }

    /// Nothing is repeated any more: what was kept is forgotten.
    pub fn forget_kept(&mut self) {
        let oldest = self.next.saturating_sub(OPERATIONS as u64);
        for run in std::mem::take(&mut self.again) {
            for op in run.first.max(oldest)..run.first + u64::from(run.count) {
                self.links[op as usize % OPERATIONS] = self.of_run(run, op);
            }
        }
        self.kept.clear();
    }

    fn of_run(&self, run: Again, op: u64) -> Kept {
        let mut kept = self.kept[run.kept as usize + (op - run.first) as usize];
        kept.dispatched = kept.dispatched.wrapping_add(run.now);
        kept
    }

    /// What happens from now on is a chain of its own.
    pub fn restart(&mut self) {
        self.start = self.next;
    }

    /// From the end of the last operation backwards: the event that it came after, and so on, to the start or as far as
    /// is remembered.
    pub fn walk(&self) -> impl Iterator<Item = ChainStep> + '_ {
        let first = self.start.max(self.next.saturating_sub(OPERATIONS as u64));
        let last = self.next.checked_sub(1).filter(|last| *last >= first);
        let mut at = last.map(Event::Done);
        std::iter::from_fn(move || {
            let event = at?;
            let link = self.link(event.op());
            at = link.before(event).filter(|before| before.op() >= first);
            let cycles = at.map_or(0, |before| self.time(event).saturating_sub(self.time(before)));
            let cause = match event {
                Event::Done(_) => link.cause,
                Event::Dispatched(_) => link.dispatch_cause,
            };
            Some(ChainStep { insn: link.insn, cycles, cause })
        })
    }

    fn link(&self, op: u64) -> Link {
        let after = self.again.partition_point(|run| run.first <= op);
        let run = after.checked_sub(1).map(|n| self.again[n]);
        match run.filter(|run| op - run.first < u64::from(run.count)) {
            Some(run) => self.of_run(run, op),
            None => self.links[op as usize % OPERATIONS],
        }
        .link(op)
    }

    fn time(&self, event: Event) -> u64 {
        let link = self.link(event.op());
        match event {
            Event::Done(_) => link.done,
            Event::Dispatched(_) => link.dispatched,
        }
    }
}

/// Something that happened to an operation.
#[derive(Clone, Copy, Debug)]
enum Event {
    Done(u64),
    Dispatched(u64),
}

impl Event {
    const fn op(self) -> u64 {
        match self {
            Self::Done(op) | Self::Dispatched(op) => op,
        }
    }
}

impl Link {
    fn before(&self, event: Event) -> Option<Event> {
        match event {
            Event::Done(op) => Some(self.waited_for.map_or(Event::Dispatched(op), Event::Done)),
            Event::Dispatched(op) => match self.redirected_by {
                Some(branch) => Some(Event::Done(branch)),
                None => op.checked_sub(1).map(Event::Dispatched),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Chain, Link};
    use crate::account::Cause;

    #[test]
    fn the_chain_goes_through_what_was_waited_for_and_sums_up_to_the_time_that_passed() {
        let mut chain = Chain::default();
        chain.push(Link { insn: 1, dispatched: 10, done: 15, ..Link::NOTHING });
        chain.push(Link { insn: 2, dispatched: 10, done: 12, ..Link::NOTHING });
        chain.push(Link {
            insn: 3,
            dispatched: 11,
            done: 18,
            waited_for: Some(0),
            cause: Cause::Chain,
            ..Link::NOTHING
        });
        let steps: Vec<(u32, u64)> = chain.walk().map(|step| (step.insn, step.cycles)).collect();
        assert_eq!(steps, [(3, 3), (1, 5), (1, 0)]);
        assert_eq!(steps.iter().map(|step| step.1).sum::<u64>(), 18 - 10);
    }
}
