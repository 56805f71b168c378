//! The critical chain: for each operation, the one that it waited for last.

mod again;

use crate::account::Cause;
use again::{Again, Repeated};

pub use again::LinksId;

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

/// The last operations.
pub struct Chain {
    links: Vec<Kept>,
    next: u64,
    start: u64,
    /// Operations that repeat others; their own links are not in `links`.
    again: Again,
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
        Self { links: vec![Kept::NOTHING; OPERATIONS], next: 0, start: 0, again: Again::default() }
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

    /// Keep the links from operation `first` on for others that repeat them. Dispatch had come to one cycle before them, and to
    /// another after them.
    pub fn keep(&mut self, first: u64, (before, after): (u64, u64)) -> LinksId {
        let links = &self.links;
        let relative = (first..self.next).map(|op| {
            let kept = links[op as usize % OPERATIONS];
            Kept { dispatched: kept.dispatched.wrapping_sub(before), ..kept }
        });
        self.again.keep(relative, after - before)
    }

    /// Operations that repeat others follow, seen from cycle `now`.
    pub fn start_repeating(&mut self, now: u64) {
        self.again.start(self.next, now);
    }

    /// The next operations are like those, so many, whose links are kept. Seen from the cycle at which repeating started, or to which
    /// those before them advanced it.
    #[inline]
    pub fn repeat(&mut self, links: LinksId, ops: u32) {
        if ops > 0 {
            self.next += u64::from(ops);
            self.again.repeat(links, self.next);
        }
    }

    /// Nothing is repeated any more: what was kept is forgotten.
    pub fn forget_kept(&mut self) {
        let again = std::mem::take(&mut self.again);
        let oldest = self.next.saturating_sub(OPERATIONS as u64);
        for run in again.all() {
            for op in run.ops().skip_while(|op| *op < oldest) {
                self.links[op as usize % OPERATIONS] = again.link(&run, op);
            }
        }
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
        let again: Vec<Repeated> = self.again.all().filter(|run| run.ops().end > first).collect();
        let mut at = last.map(Event::Done);
        std::iter::from_fn(move || {
            let event = at?;
            let link = self.link(&again, event.op());
            at = link.before(event).filter(|before| before.op() >= first);
            let cycles = at.map_or(0, |before| {
                event.time(&link).saturating_sub(before.time(&self.link(&again, before.op())))
            });
            let cause = match event {
                Event::Done(_) => link.cause,
                Event::Dispatched(_) => link.dispatch_cause,
            };
            Some(ChainStep { insn: link.insn, cycles, cause })
        })
    }

    /// The link of an operation that is remembered; `again` are all that repeat others, in order.
    fn link(&self, again: &[Repeated], op: u64) -> Link {
        let after = again.partition_point(|run| run.ops().start <= op);
        let run = after.checked_sub(1).map(|n| &again[n]);
        match run.filter(|run| run.ops().contains(&op)) {
            Some(run) => self.again.link(run, op),
            None => self.links[op as usize % OPERATIONS],
        }
        .link(op)
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

    const fn time(self, link: &Link) -> u64 {
        match self {
            Self::Done(_) => link.done,
            Self::Dispatched(_) => link.dispatched,
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
