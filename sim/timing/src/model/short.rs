//! Questions in short: what most of them need, and no more.
//!
//! Where an instruction's accesses stand in its block is known before the block runs, unless a helper or a skip decides, and so is
//! how long they are. What is left of a question fits into half a line of cache, and the answer is mostly that nothing is in the
//! way; for everything else there is [`Outside::perform`].

use rcsim_machine::{MemoryAccess, RetiredBlock};

use super::outside::{Answer, Ask, Outside, RelativeAsk};
use crate::account::Cause;
use crate::shape::MemoryUse;

/// A question, its cycles and numbers counted from a point that is kept beside it.
#[derive(Clone, Copy, Debug)]
pub enum Short {
    /// [`Ask::Load`].
    Load(ShortLoad),
    /// [`Ask::Store`].
    Store(ShortStore),
    /// [`Ask::Fetch`].
    Fetch {
        /// Address.
        pc: u64,
        /// Start.
        at: i32,
    },
    /// [`Ask::Decoded`].
    Decoded {
        /// Number of the window.
        window: u64,
    },
    /// None of these: it is asked at length.
    Long,
    /// None at all: a path ends, and which.
    Done(u32),
}

/// A load.
#[derive(Clone, Copy, Debug)]
pub struct ShortLoad {
    place: Place,
    at: i32,
    number: u32,
    latency: u16,
    beyond: u16,
}

/// A store.
#[derive(Clone, Copy, Debug)]
pub struct ShortStore {
    place: Place,
    at: i32,
    done: i32,
    number: u32,
}

/// Accesses of a block that are one.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Which of the block's accesses is the first.
    first: u32,
    /// Bytes of all of them.
    bytes: u32,
}

impl Place {
    /// So many accesses of an instruction, if they always stand there and are so long.
    fn of(run: &RetiredBlock<'_>, insn: u16, nth: u8, count: u8) -> Option<Self> {
        let first = run.block.first_access.as_ref()?.get(usize::from(insn))? + u32::from(nth);
        let (_, bytes) = run.merged(usize::from(insn), usize::from(nth), usize::from(count))?;
        Some(Self { first, bytes })
    }

    #[inline]
    fn addr(self, accesses: &[MemoryAccess]) -> Option<u64> {
        accesses.get(self.first as usize).map(|access| access.addr)
    }
}

impl Short {
    /// A question that was asked of this block.
    pub fn of(ask: &RelativeAsk, run: &RetiredBlock<'_>) -> Self {
        match *ask {
            Ask::Load { insn, memory: MemoryUse::Load { first, count }, at, latency, beyond, number } => {
                Place::of(run, insn, first, count)
                    .map_or(Self::Long, |place| Self::Load(ShortLoad { place, at, number, latency, beyond }))
            }
            Ask::Store { insn, memory: MemoryUse::Store { first, count }, at, done, number } => {
                Place::of(run, insn, first, count)
                    .map_or(Self::Long, |place| Self::Store(ShortStore { place, at, done, number }))
            }
            Ask::Fetch { pc, at } => Self::Fetch { pc, at },
            Ask::Decoded { window } => Self::Decoded { window },
            Ask::Load { .. } | Ask::Store { .. } | Ask::Bulk { .. } => Self::Long,
        }
    }
}

/// A cycle that counts from `now`.
#[inline]
fn cycle(at: i32, now: u64) -> u64 {
    now.wrapping_add_signed(i64::from(at))
}

impl Outside {
    /// Whether the answer to a question is this one, if that can be told in short; it counts from cycle `now` and operation `first`.
    /// If so it has been asked, and a store is in the queue, to reach the cache at `in_cache`; otherwise it is still to be asked.
    #[inline]
    pub fn answers_in_short(
        &mut self,
        short: &Short,
        (answer, in_cache): (&Answer, i32),
        (now, first): (u64, u64),
        accesses: &[MemoryAccess],
    ) -> bool {
        match short {
            Short::Load(load) => self.loads(load, answer, (now, first), accesses),
            Short::Store(store) => {
                let Some(addr) = store.place.addr(accesses).filter(|_| answer.is_of(0)) else { return false };
                if !self.memory.hits(addr, store.place.bytes, cycle(store.at, now)) {
                    return false;
                }
                let (done, in_cache) = (cycle(store.done, now), cycle(in_cache, now));
                let number = first + u64::from(store.number);
                self.stores.store(addr, store.place.bytes, done, in_cache, number);
                true
            }
            Short::Fetch { pc, at } => answer.is_of(0) && self.memory.has_code(*pc, cycle(*at, now)),
            Short::Decoded { window } => answer.is_of(1) && self.has_decoded(*window),
            Short::Long | Short::Done(_) => false,
        }
    }

    #[inline]
    fn loads(
        &mut self,
        load: &ShortLoad,
        answer: &Answer,
        (now, first): (u64, u64),
        accesses: &[MemoryAccess],
    ) -> bool {
        let Some(addr) = load.place.addr(accesses) else { return false };
        let (bytes, at) = (load.place.bytes, cycle(load.at, now));
        if self.stores.is_clear(addr, bytes, at) {
            return answer.is_of(u32::from(load.latency)) && self.memory.hits(addr, bytes, at);
        }
        let Some((ready, op)) = self.stores.forwards(addr, bytes, at) else { return false };
        let until = ready + u64::from(self.numbers.forward) + u64::from(load.beyond);
        let lasts = until.saturating_sub(at);
        if lasts <= u64::from(load.latency) {
            return answer.is_of(u32::from(load.latency));
        }
        let back = first + u64::from(load.number) - op;
        lasts == u64::from(answer.lasts)
            && back == u64::from(answer.back)
            && answer.cause == Some(Cause::Chain)
    }
}
