//! Fetch and decode: when each operation is there to be dispatched.

use crate::account::Cause;
use crate::core_file::{Core, FrontEnd as Numbers};
use crate::memory::Memory;
use crate::memory::cache::Cache;

/// Where operations come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    OpCache,
    Decoders,
}

/// The front end.
pub struct FrontEnd {
    numbers: Numbers,
    op_cache: Option<Cache>,
    window_shift: u32,
    from: From,
    window: u64,
    line: u64,
    time: u64,
    places: u32,
    bytes: u32,
    cause: Cause,
}

impl FrontEnd {
    /// The front end of a core, at its first cycle.
    #[must_use]
    pub fn new(core: &Core) -> Self {
        let numbers = core.front_end;
        let op_cache = numbers.op_cache.map(|cache| Cache::new(u64::from(cache.sets), cache.ways));
        let window = numbers.op_cache.map_or(core.memory.line_bytes, |cache| cache.window_bytes);
        Self {
            numbers,
            op_cache,
            window_shift: window.max(8).next_power_of_two().trailing_zeros(),
            from: From::Decoders,
            window: u64::MAX,
            line: u64::MAX,
            time: 0,
            places: 0,
            bytes: 0,
            cause: Cause::FrontEnd,
        }
    }

    /// Nothing comes before cycle `at`, for this reason.
    pub fn stall(&mut self, at: u64, cause: Cause) {
        if at > self.time {
            (self.time, self.cause) = (at, cause);
            (self.places, self.bytes) = (0, 0);
            self.refill();
        }
    }

    /// The group of this cycle ends; so many cycles pass before the next.
    pub fn bubble(&mut self, cycles: u64, cause: Cause) {
        (self.places, self.bytes) = (0, 0);
        if cycles > 0 {
            self.time += cycles;
            self.cause = cause;
        }
    }

    /// Control went elsewhere.
    pub fn redirected(&mut self) {
        self.window = u64::MAX;
    }

    /// The queue to dispatch was full until `at`.
    pub fn wait_for_queue(&mut self, at: u64) {
        if at > self.time {
            self.time = at;
            self.cause = Cause::Base;
            self.refill();
        }
    }

    fn width(&self) -> u32 {
        match (self.from, self.numbers.op_cache) {
            (From::OpCache, Some(cache)) => cache.width,
            _ => self.numbers.decode,
        }
    }

    fn refill(&mut self) {
        self.places = self.width();
        self.bytes = self.numbers.fetch_bytes;
    }

    fn next_cycle(&mut self) {
        self.time += 1;
        self.cause = Cause::FrontEnd;
        self.refill();
    }

    /// An instruction of so many bytes is next.
    #[inline]
    pub fn insn(&mut self, pc: u64, len: u32, memory: &mut Memory) {
        let window = pc >> self.window_shift;
        if window != self.window {
            self.window = window;
            self.enter(window);
        }
        if self.from == From::Decoders {
            self.fetch(pc, len, memory);
        }
    }

    /// A new window of code: the operation cache has it, or it is decoded and put there.
    fn enter(&mut self, window: u64) {
        let Some(cache) = &mut self.op_cache else { return };
        let from = if cache.touch(window).is_some() {
            From::OpCache
        } else {
            cache.fill(window, 0);
            From::Decoders
        };
        if from != self.from {
            self.from = from;
            let switch = self.numbers.op_cache.map_or(0, |cache| cache.switch);
            self.bubble(u64::from(switch), Cause::FrontEnd);
        }
    }

    fn fetch(&mut self, pc: u64, len: u32, memory: &mut Memory) {
        let line = pc >> memory.line_shift();
        if line != self.line {
            self.line = line;
            let extra = memory.fetch(pc, self.time);
            if extra > 0 {
                self.bubble(extra, Cause::FrontEnd);
            }
        }
        if self.bytes < len && self.bytes < self.numbers.fetch_bytes {
            self.next_cycle();
        }
        self.bytes = self.bytes.saturating_sub(len);
    }

    /// When the next operation is delivered, taking so many places, and why not earlier.
    #[inline]
    pub fn deliver(&mut self, places: u32) -> (u64, Cause) {
        if self.places < places.min(1) {
            self.next_cycle();
        }
        self.places = self.places.saturating_sub(places);
        (self.time, self.cause)
    }
}
