//! What a core asks of what it does not hold itself: caches, the store queue's contents, the cache of decoded operations.
//!
//! Their contents depend on every address that was ever used, so they are asked each time; everything else that decides how a
//! block goes through the core is its state, which repeats itself (see `memo`). All questions pass through [`Outside::ask`],
//! where they can be written down.

use rcsim_machine::{MemoryAccess, RetiredBlock};

use crate::account::Cause;
use crate::core_file::{Core, MemorySystem};
use crate::memory::Memory;
use crate::memory::cache::Cache;
use crate::memory::stores::{Found, Stores};
use crate::shape::MemoryUse;
use crate::translate::{Bulk, merged};

/// A question. Cycles `C` and numbers of operations `N` are absolute, or count from a point that is kept beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask<C = u64, N = u64> {
    /// When a load that starts at `at` has its value.
    Load {
        /// Its instruction, by its place in the block.
        insn: u16,
        /// Which of the accesses it makes.
        memory: MemoryUse,
        /// Start.
        at: C,
        /// Cycles that a hit takes.
        latency: u16,
        /// How many of them are more than an integer load takes.
        beyond: u16,
        /// Number of the operation.
        number: N,
    },
    /// When a store that starts at `at` has its line. The store then is in the queue.
    Store {
        /// Its instruction, by its place in the block.
        insn: u16,
        /// Which of the accesses it makes.
        memory: MemoryUse,
        /// Start.
        at: C,
        /// When its data is known.
        done: C,
        /// Number of the operation.
        number: N,
    },
    /// When code is there that is fetched at `at`.
    Fetch {
        /// Address.
        pc: u64,
        /// Start.
        at: C,
    },
    /// Whether the operations of a window of code have been decoded.
    Decoded {
        /// Number of the window.
        window: u64,
    },
    /// How long a helper takes to move memory.
    Bulk {
        /// Its instruction, by its place in the block.
        insn: u16,
        /// What it moves, and how fast.
        bulk: Bulk,
    },
}

/// A question seen from a cycle and an operation: half the size.
pub type RelativeAsk = Ask<i32, u32>;

impl Ask {
    /// The same question, its cycles and numbers counted from `now` and `first`, unless it is too far away from them.
    pub fn relative(self, now: u64, first: u64) -> Option<RelativeAsk> {
        let cycle = |at| relative_cycle(at, now);
        let op = |number: u64| u32::try_from(number.wrapping_sub(first)).ok();
        Some(match self {
            Self::Load { insn, memory, at, latency, beyond, number } => {
                Ask::Load { insn, memory, at: cycle(at)?, latency, beyond, number: op(number)? }
            }
            Self::Store { insn, memory, at, done, number } => {
                Ask::Store { insn, memory, at: cycle(at)?, done: cycle(done)?, number: op(number)? }
            }
            Self::Fetch { pc, at } => Ask::Fetch { pc, at: cycle(at)? },
            Self::Decoded { window } => Ask::Decoded { window },
            Self::Bulk { insn, bulk } => Ask::Bulk { insn, bulk },
        })
    }
}

/// A cycle as counted from `now`, unless it is too far away.
pub fn relative_cycle(at: u64, now: u64) -> Option<i32> {
    i32::try_from(at.wrapping_sub(now) as i64).ok()
}

impl RelativeAsk {
    /// The question itself, asked at cycle `now` with `first` as the number of the block's first operation.
    #[inline]
    pub fn absolute(self, now: u64, first: u64) -> Ask {
        let cycle = |at: i32| now.wrapping_add_signed(i64::from(at));
        let op = |number: u32| first + u64::from(number);
        match self {
            Self::Load { insn, memory, at, latency, beyond, number } => {
                Ask::Load { insn, memory, at: cycle(at), latency, beyond, number: op(number) }
            }
            Self::Store { insn, memory, at, done, number } => {
                Ask::Store { insn, memory, at: cycle(at), done: cycle(done), number: op(number) }
            }
            Self::Fetch { pc, at } => Ask::Fetch { pc, at: cycle(at) },
            Self::Decoded { window } => Ask::Decoded { window },
            Self::Bulk { insn, bulk } => Ask::Bulk { insn, bulk },
        }
    }
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Cycles from the start on; 1 for yes.
    pub lasts: u32,
    /// How many operations ago the store was that the load waits for; 0 for none.
    pub back: u32,
    /// What took longest, when it is not what the operation waited for before.
    pub cause: Option<Cause>,
}

impl Answer {
    /// To no question.
    pub const NONE: Self = Self { lasts: 0, back: 0, cause: None };

    const fn of(lasts: u64) -> Self {
        Self { lasts: lasts as u32, back: 0, cause: None }
    }

    /// Whether it is so many cycles, and nothing else.
    #[inline]
    pub const fn is_of(&self, lasts: u32) -> bool {
        self.lasts == lasts && self.back == 0 && self.cause.is_none()
    }
}

/// A question, its answer, and for a store when it reaches the cache.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The question, as it was asked.
    pub ask: Ask,
    /// The answer.
    pub answer: Answer,
    /// When a store reaches the cache; [`NOT_KEPT`] as long as it is not in the queue.
    pub in_cache: u64,
}

/// A store that has been asked for and is not in the queue yet.
pub const NOT_KEPT: u64 = u64::MAX;

/// What the core does not hold itself.
pub struct Outside {
    /// Caches and TLBs.
    pub memory: Memory,
    pub(super) stores: Stores,
    decoded: Option<Cache>,
    pub(super) numbers: MemorySystem,
    pub(super) has_memory: bool,
    /// Questions since [`Outside::note`].
    noted: Vec<Asked>,
    noting: bool,
    /// How many questions were asked; the first have been answered already.
    asked: usize,
}

impl Outside {
    /// What is outside a core that has run nothing.
    #[must_use]
    pub fn new(core: &Core, has_memory: bool) -> Self {
        Self {
            memory: Memory::new(core.memory),
            stores: Stores::new(core.memory.alias_4k > 0),
            decoded: core.front_end.op_cache.map(|cache| Cache::new(u64::from(cache.sets), cache.ways)),
            numbers: core.memory,
            has_memory,
            noted: Vec::new(),
            noting: false,
            asked: 0,
        }
    }

    /// Write down what is asked from now on. The first questions are known: they have been asked and get the same answers.
    pub fn note(&mut self, known: impl Iterator<Item = Asked>) {
        self.noted.clear();
        self.noted.extend(known);
        (self.noting, self.asked) = (true, 0);
    }

    /// What has been asked since [`Outside::note`], which ends.
    pub fn noted(&mut self) -> &[Asked] {
        self.noting = false;
        &self.noted
    }

    /// The accesses that a question is about.
    #[inline]
    pub fn accesses_of<'a>(ask: &Ask, run: &RetiredBlock<'a>) -> &'a [MemoryAccess] {
        match *ask {
            Ask::Load { insn, .. } | Ask::Store { insn, .. } | Ask::Bulk { insn, .. } => {
                run.accesses_of(usize::from(insn))
            }
            Ask::Fetch { .. } | Ask::Decoded { .. } => &[],
        }
    }

    /// Ask.
    #[inline]
    pub fn ask(&mut self, ask: Ask, accesses: &[MemoryAccess]) -> Answer {
        if !self.noting {
            return self.perform(&ask, accesses);
        }
        self.asked += 1;
        if let Some(known) = self.noted.get(self.asked - 1) {
            return known.answer;
        }
        let answer = self.perform(&ask, accesses);
        self.noted.push(Asked { ask, answer, in_cache: NOT_KEPT });
        answer
    }

    /// The store that was asked for last reaches the cache at `in_cache`.
    #[inline]
    pub fn stored(&mut self, ask: &Ask, in_cache: u64, accesses: &[MemoryAccess]) {
        if self.noting {
            let known = &mut self.noted[self.asked - 1];
            if std::mem::replace(&mut known.in_cache, in_cache) != NOT_KEPT {
                return;
            }
        }
        self.keep(ask, in_cache, accesses);
    }

    /// Put a store into the queue.
    #[inline]
    pub fn keep(&mut self, ask: &Ask, in_cache: u64, accesses: &[MemoryAccess]) {
        if let Ask::Store { memory, done, number, .. } = *ask
            && let Some((addr, bytes)) = merged(accesses, memory)
        {
            self.stores.store(addr, bytes, done, in_cache, number);
        }
    }

    /// Answer a question.
    pub fn perform(&mut self, ask: &Ask, accesses: &[MemoryAccess]) -> Answer {
        match *ask {
            Ask::Load { memory, at, latency, beyond, number, .. } => {
                match merged(accesses, memory).filter(|_| self.has_memory) {
                    Some(access) => self.load(access, at, latency, beyond, number),
                    None => Answer::of(u64::from(latency)),
                }
            }
            Ask::Store { memory, at, .. } => match merged(accesses, memory) {
                Some((addr, bytes)) => Answer::of(self.memory.access(addr, bytes, at).extra),
                None => Answer::of(0),
            },
            Ask::Fetch { pc, at } => Answer::of(self.memory.fetch(pc, at)),
            Ask::Decoded { window } => Answer::of(u64::from(self.is_decoded(window))),
            Ask::Bulk { bulk, .. } => self.moved(bulk, bulk.accesses(accesses)),
        }
    }

    #[inline]
    fn load(&mut self, (addr, bytes): (u64, u32), at: u64, latency: u16, beyond: u16, number: u64) -> Answer {
        let mut answer = Answer::of(u64::from(latency));
        let mut wait = |until: u64, cause: Cause, op: u64| {
            let lasts = until.saturating_sub(at) as u32;
            if lasts > answer.lasts {
                let back = u32::try_from(number - op).unwrap_or(0);
                answer = Answer { lasts, back, cause: Some(cause) };
            }
        };
        match self.stores.find(addr, bytes, at) {
            Found::All { ready, op } => {
                wait(ready + u64::from(self.numbers.forward) + u64::from(beyond), Cause::Chain, op);
                return answer;
            }
            Found::Part { in_cache, op } => {
                wait(in_cache + u64::from(self.numbers.forward_failed), Cause::Stores, op);
            }
            Found::Alias => {
                answer = Answer {
                    lasts: answer.lasts + self.numbers.alias_4k,
                    back: 0,
                    cause: Some(Cause::Stores),
                };
            }
            Found::Nothing => {}
        }
        let arrival = self.memory.access(addr, bytes, at);
        if arrival.extra > 0 {
            answer.lasts += arrival.extra as u32;
            answer.cause = Some(arrival.cause);
        }
        answer
    }

    /// A helper moves memory: at its rate, and lines that are not there as many at a time as are waited for.
    fn moved(&mut self, bulk: Bulk, accesses: &[MemoryAccess]) -> Answer {
        let (mut latencies, mut cause) = (0, Cause::Microcode);
        for access in accesses.iter().filter(|access| self.has_memory && access.bytes > 0) {
            let end = access.addr + u64::from(access.bytes) - 1;
            for line in access.addr >> self.memory.line_shift()..=end >> self.memory.line_shift() {
                let level = self.memory.stream_line(line);
                latencies += self.memory.beyond_l1(level);
                cause = if level == Cause::Base { cause } else { level };
            }
        }
        let lasts = bulk.cycles(accesses) + latencies / u64::from(self.numbers.fill_buffers.max(1));
        Answer { cause: (lasts > 0).then_some(cause), ..Answer::of(lasts) }
    }

    /// Whether a window of code has been decoded. It is the last one used then.
    #[inline]
    pub fn has_decoded(&mut self, window: u64) -> bool {
        self.decoded.as_mut().is_some_and(|cache| cache.touch(window).is_some())
    }

    /// Whether a window of code has been decoded; from now on it has.
    fn is_decoded(&mut self, window: u64) -> bool {
        let Some(cache) = &mut self.decoded else { return false };
        let known = cache.touch(window).is_some();
        if !known {
            cache.fill(window, 0);
        }
        known
    }
}
