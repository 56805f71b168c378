//! Memory of whole blocks: what a block did to the core when it came upon it in this state.
//!
//! A core's *state* is what decides how the next block goes through it, with cycles relative to now: times of registers and
//! ports, places in queues, what the front end is about to deliver. Programs repeat themselves, and so do states. A *path*
//! is one way of a block through the core from one state to another; on it the core asks questions of what it does not hold
//! itself (`outside.rs`), and as long as the answers are the same, so is everything else. Schnarr and Larus did this first
//! ("Fast out-of-order processor simulation using memoization", ASPLOS 1998).
//!
//! Nothing is approximated: a question is asked at the same cycle with the same effects on caches, and the first answer that
//! no path from here has ends the following of paths; the block then goes through the model, its first answers known.
//! `follow.rs` is the way along paths; `words.rs` says how states are told.

pub mod follow;
pub mod words;

use std::collections::HashMap;

use rcsim_machine::RetiredBlock;

use super::PendingBranch;
use super::chain::LinksId;
use super::outside::{Answer, Ask, Asked, RelativeAsk, relative_cycle};
use super::short::Short;
use super::strings::Running;
use crate::account::Stack;
use words::Writer;

/// Numbers that all states together may have: 16 MiB.
const MOST_WORDS: usize = 4 << 20;
/// Questions that all paths together may have.
const MOST_NODES: usize = 1 << 16;
/// Answers to one question that are told apart.
const MOST_ANSWERS: usize = 24;
/// How often a block has gone through the model before its paths are remembered.
const OFTEN: u32 = 6;
/// What remembering one path costs, in blocks that follow one: as much time as they save.
const PRICE: u64 = 6;
/// Blocks that may be paid for at first, and at most.
const CREDIT: (u64, u64) = (1 << 13, 1 << 16);
/// Blocks that go by before something is remembered again when it did not pay.
const PAUSE: u32 = 1 << 16;
const NOTHING: u32 = u32::MAX;

/// How a block was entered, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its address.
    pub pc: u64,
    /// Its instructions, how many of them retired, the tag they ran under, what became of the branch before it, and
    /// whether the host was at work.
    pub rest: u64,
}

struct State {
    /// The block that was entered from it last; others follow. With the state, since mostly it is that one again.
    last: Entry,
    words: Box<[u32]>,
}

/// A block that was entered from a state.
struct Entry {
    key: Key,
    node: u32,
    next: u32,
}

impl Entry {
    const NONE: Self = Self { key: Key { pc: 0, rest: u64::MAX }, node: NOTHING, next: NOTHING };
}

/// A step on a path.
#[derive(Clone, Copy)]
enum Step {
    /// A question.
    Ask(RelativeAsk),
    /// What all of a string instruction costs.
    Charge,
    /// The end.
    Done,
}

/// A step that was taken.
#[derive(Clone, Copy)]
struct Taken {
    step: Step,
    /// The same in short.
    short: Short,
    answer: Answer,
    /// When a store reaches the cache.
    in_cache: i32,
}

/// A step on a path; of a question, with one answer to it. What the step is at length stands in [`Memo::steps`].
#[repr(align(64))]
struct Node {
    short: Short,
    answer: Answer,
    /// When a store reaches the cache.
    in_cache: i32,
    /// The node of the step before, with the answer that led here.
    before: u32,
    /// The next step after this answer.
    then: u32,
    /// The same question with another answer.
    other: u32,
}

/// Where a path leads.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Path {
    /// The state after it.
    pub state: u32,
    /// The string instruction that begins at its end, among [`Memo::strings`].
    pub string: u32,
    /// Operations.
    pub ops: u32,
    /// Their links.
    pub links: LinksId,
    /// Cycles that dispatch advanced.
    pub cycles: u64,
    /// How often it was followed since it was last accounted for.
    pub hits: u64,
    /// When it was followed last.
    pub last: u64,
    /// The branch at its end.
    pub branch: Option<PendingBranch>,
}

/// What a block did on one path.
pub struct Account {
    /// The block, and how many of its instructions.
    pub block: (usize, usize),
    /// The tag they ran under.
    pub tag: u8,
    /// Cycles by cause.
    pub stack: Stack,
    /// Cycles of each instruction, from a place in [`Memo::insn_cycles`] on.
    pub insn_cycles: usize,
}

/// What is remembered.
#[derive(Default)]
pub struct Memo {
    states: Vec<State>,
    by_hash: HashMap<u64, Vec<u32>>,
    words: usize,
    entries: Vec<Entry>,
    nodes: Vec<Node>,
    /// For each node what it is at length.
    steps: Vec<Step>,
    paths: Vec<Path>,
    accounts: Vec<Account>,
    /// Cycles of instructions on paths.
    pub insn_cycles: Vec<u32>,
    /// String instructions that begin at ends of paths, before their first element.
    pub strings: Vec<Running>,
    /// Paths followed since they were last accounted for.
    followed: Vec<u32>,
    /// The last known answer on the way, as a node.
    trail: u32,
    writer: Writer,
    /// How often each block has gone through the model.
    seen: Vec<u32>,
    credit: u64,
    pause: u32,
    /// Off: every block goes through the model.
    off: bool,
    /// The state that the core is in, when it is a known one.
    state: Option<u32>,
    /// The cycle that dispatch has come to in it.
    now: u64,
    /// Whether the core itself was left behind: it is in an older state.
    behind: bool,
}

impl Memo {
    /// Nothing is remembered yet, and nothing will be when it is off.
    pub fn new(off: bool) -> Self {
        Self { off, credit: CREDIT.0, trail: NOTHING, ..Self::default() }
    }

    /// Nothing is remembered any more.
    fn clear(&mut self) {
        debug_assert!(!self.behind && self.followed.is_empty(), "everything is accounted for");
        let writer = std::mem::take(&mut self.writer);
        *self = Self { credit: self.credit, pause: self.pause, writer, ..Self::new(self.off) };
    }

    const fn is_full(&self) -> bool {
        self.words > MOST_WORDS || self.nodes.len() > MOST_NODES
    }

    /// Whether a block that goes through the model should be remembered.
    fn is_worth(&mut self, block: usize) -> bool {
        if self.off {
            return false;
        }
        if self.pause > 0 {
            self.pause -= 1;
            if self.pause == 0 {
                self.credit = CREDIT.0;
            }
            return false;
        }
        if self.seen.len() <= block {
            self.seen.resize(block + 1, 0);
        }
        self.seen[block] += 1;
        if self.seen[block] < OFTEN {
            return false;
        }
        self.credit = self.credit.min(CREDIT.1).saturating_sub(PRICE);
        if self.credit == 0 {
            self.pause = PAUSE;
        }
        true
    }

    /// The first step of a block entered from a state in this way.
    #[inline]
    fn entry(&mut self, state: u32, key: &Key) -> Option<u32> {
        let last = &mut self.states[state as usize].last;
        if last.key == *key {
            return Some(last.node);
        }
        let mut at = last.next;
        while let Some(entry) = self.entries.get_mut(at as usize) {
            if entry.key == *key {
                std::mem::swap(&mut entry.key, &mut last.key);
                std::mem::swap(&mut entry.node, &mut last.node);
                return Some(last.node);
            }
            at = entry.next;
        }
        None
    }

    /// A block was entered from a state for the first time.
    fn enter(&mut self, state: u32, key: Key, node: u32) {
        let last = &mut self.states[state as usize].last;
        let before = std::mem::replace(last, Entry { key, node, next: NOTHING });
        if before.node != NOTHING {
            last.next = self.entries.len() as u32;
            self.entries.push(before);
        }
    }

    /// The node of the same question as `node` that has this answer.
    #[inline]
    fn answered(&self, mut node: u32, answer: Answer) -> Option<u32> {
        loop {
            let one = self.nodes.get(node as usize)?;
            if one.answer == answer {
                return Some(node);
            }
            node = one.other;
        }
    }

    /// A string instruction begins at the end of a path, and has come to its first element.
    fn begins(&mut self, string: Running) -> u32 {
        self.strings.push(string.anew());
        self.strings.len() as u32 - 1
    }

    /// The questions that were answered on the way to the last known answer, first to last.
    fn trail(&self, first: u64) -> Vec<Asked> {
        let mut trail = Vec::new();
        let mut at = self.trail;
        while let Some(Node { answer, before, .. }) = self.nodes.get(at as usize) {
            if let Step::Ask(ask) = self.steps[at as usize] {
                let ask = ask.absolute(self.now, first);
                trail.push(Asked { ask, answer: *answer, in_cache: self.now });
            }
            at = *before;
        }
        trail.reverse();
        trail
    }

    /// The number of the state that the writer has been told.
    fn state_told(&mut self) -> Option<u32> {
        let words = self.writer.finish()?;
        let hash = words.iter().fold(words.len() as u64, |hash, word| {
            (hash.rotate_left(5) ^ u64::from(*word)).wrapping_mul(0x517c_c1b7_2722_0a95)
        });
        let same = self.by_hash.entry(hash).or_default();
        let states = &mut self.states;
        if let Some(known) = same.iter().find(|state| *states[**state as usize].words == *words) {
            return Some(*known);
        }
        let state = states.len() as u32;
        same.push(state);
        self.words += words.len();
        states.push(State { last: Entry::NONE, words: words.into() });
        Some(state)
    }

    /// The steps of a path of this block that begins at cycle `now` with operation `first`, unless one is too far away from there.
    fn steps(asked: &[Asked], now: u64, first: u64, run: &RetiredBlock<'_>) -> Option<Vec<Taken>> {
        let asked = asked.iter().map(|asked| {
            let in_cache = match asked.ask {
                Ask::Store { .. } => relative_cycle(asked.in_cache, now)?,
                Ask::Load { .. } | Ask::Fetch { .. } | Ask::Decoded { .. } | Ask::Bulk { .. } => 0,
            };
            let ask = asked.ask.relative(now, first)?;
            Some(Taken { step: Step::Ask(ask), short: Short::of(&ask, run), answer: asked.answer, in_cache })
        });
        asked.collect()
    }

    /// Remember a path from a state.
    fn remember(&mut self, from: (u32, Key), mut steps: Vec<Taken>, to: (Path, Account)) {
        let path = self.paths.len() as u32;
        let (step, short) = (Step::Done, Short::Done(path));
        steps.push(Taken { step, short, answer: Answer::NONE, in_cache: 0 });
        if self.hang(from, &steps) {
            self.paths.push(to.0);
            self.accounts.push(to.1);
        }
    }

    /// Hang the steps of a path into those that are known, unless there are too many answers to one question.
    fn hang(&mut self, (state, key): (u32, Key), steps: &[Taken]) -> bool {
        let mut at = self.entry(state, &key);
        let mut hang = Hang::Entry;
        for Taken { step, short, answer, in_cache } in steps.iter().copied() {
            if let Some(node) = at {
                if let Some(same) = self.answered(node, answer) {
                    (at, hang) = (Some(self.nodes[same as usize].then), Hang::After(same));
                    at = at.filter(|next| *next != NOTHING);
                    continue;
                }
                let Some(tail) = self.tail(node) else { return false };
                (at, hang) = (None, Hang::Beside(tail));
            }
            let new = self.nodes.len() as u32;
            let (step, short) = match hang {
                Hang::Beside(tail) => (self.steps[tail as usize], self.nodes[tail as usize].short),
                Hang::Entry | Hang::After(_) => (step, short),
            };
            let before = match hang {
                Hang::Entry => NOTHING,
                Hang::After(node) => node,
                Hang::Beside(node) => self.nodes[node as usize].before,
            };
            self.steps.push(step);
            self.nodes.push(Node { short, answer, in_cache, before, then: NOTHING, other: NOTHING });
            match hang {
                Hang::Entry => self.enter(state, key, new),
                Hang::After(node) => self.nodes[node as usize].then = new,
                Hang::Beside(node) => self.nodes[node as usize].other = new,
            }
            hang = Hang::After(new);
        }
        true
    }

    /// The last of the answers to a question, unless there are too many.
    fn tail(&self, mut node: u32) -> Option<u32> {
        for _ in 0..MOST_ANSWERS {
            match self.nodes[node as usize].other {
                NOTHING => return Some(node),
                other => node = other,
            }
        }
        None
    }
}

/// Where a new step hangs.
#[derive(Clone, Copy)]
enum Hang {
    /// It is the first of its block.
    Entry,
    /// After the answer of a node.
    After(u32),
    /// Beside a node, as another answer.
    Beside(u32),
}
