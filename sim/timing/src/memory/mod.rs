//! The memory system: caches, TLBs, the prefetcher, and the lines on their way.

pub mod cache;
mod prefetch;
pub mod stores;

use crate::account::Cause;
use crate::core_file::{CacheLevel, MemorySystem};
use cache::Cache;
use prefetch::Prefetcher;

const PAGE_SHIFT: u32 = 12;
/// Ways of TLBs, whose core files state entries only.
const TLB_WAYS: u32 = 4;

/// What an access cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Cycles on top of a hit in the first-level cache.
    pub extra: u64,
    /// Where most of them come from.
    pub cause: Cause,
}

const HIT: Arrival = Arrival { extra: 0, cause: Cause::Chain };

/// Counts of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryEvents {
    /// Accesses that the first-level data cache could not serve.
    pub l1d_misses: u64,
    /// Those that the second level could not serve either.
    pub l2_misses: u64,
    /// Accesses whose page was not in the first-level data TLB.
    pub dtlb_misses: u64,
    /// Lines of code that the instruction cache did not hold.
    pub l1i_misses: u64,
}

/// A level behind the first: its cache, and when it can deliver the next line.
struct Level {
    cache: Cache,
    latency: u64,
    interval: u64,
    next: u64,
}

impl Level {
    fn new(level: CacheLevel, line_bytes: u32) -> Self {
        Self {
            cache: Cache::of(level, line_bytes),
            latency: u64::from(level.latency),
            interval: u64::from(level.interval),
            next: 0,
        }
    }
}

/// Everything behind the load and store ports.
pub struct Memory {
    core: MemorySystem,
    line_shift: u32,
    l1d: Cache,
    l1i: Cache,
    l2: Level,
    l3: Option<Level>,
    memory_next: u64,
    fill_buffers: Vec<u64>,
    next_buffer: usize,
    dtlb: Cache,
    l2_tlb: Cache,
    prefetcher: Prefetcher,
    last_page: u64,
    /// What has happened.
    pub events: MemoryEvents,
}

impl Memory {
    /// The memory system of a core, empty.
    #[must_use]
    pub fn new(core: MemorySystem) -> Self {
        let line = core.line_bytes.max(16);
        let tlb = |entries: u32| Cache::new(u64::from(entries / TLB_WAYS), TLB_WAYS);
        Self {
            core,
            line_shift: line.trailing_zeros(),
            l1d: Cache::of(core.l1d, line),
            l1i: Cache::of(core.l1i, line),
            l2: Level::new(core.l2, line),
            l3: core.l3.map(|level| Level::new(level, line)),
            memory_next: 0,
            fill_buffers: vec![0; core.fill_buffers.max(1) as usize],
            next_buffer: 0,
            dtlb: tlb(core.dtlb_entries),
            l2_tlb: tlb(core.l2_tlb_entries),
            prefetcher: Prefetcher::new(line, core.prefetch_lines),
            last_page: u64::MAX,
            events: MemoryEvents::default(),
        }
    }

    /// The lines of a range have been used long ago: they are in the last level of cache.
    pub fn used_long_ago(&mut self, addr: u64, bytes: u64) {
        let last_level = self.l3.as_mut().unwrap_or(&mut self.l2);
        for line in addr >> self.line_shift..(addr + bytes).div_ceil(1 << self.line_shift) {
            last_level.cache.fill(line, 0);
        }
    }

    /// Base-2 logarithm of the bytes of a line.
    #[must_use]
    pub const fn line_shift(&self) -> u32 {
        self.line_shift
    }

    /// A load, or a store asking for its line, at cycle `at`.
    #[inline]
    pub fn access(&mut self, addr: u64, bytes: u32, at: u64) -> Arrival {
        let (first, last) = (addr >> self.line_shift, (addr + u64::from(bytes) - 1) >> self.line_shift);
        let mut arrival = if addr >> PAGE_SHIFT == self.last_page { HIT } else { self.translated(addr) };
        arrival = worse(arrival, self.line(first, at + arrival.extra));
        if first != last {
            let end = addr + u64::from(bytes) - 1;
            let crosses_page = addr >> PAGE_SHIFT != end >> PAGE_SHIFT;
            let second = self.translated(end);
            arrival = worse(arrival, second);
            arrival = worse(arrival, self.line(last, at));
            arrival.extra +=
                u64::from(if crosses_page { self.core.split_page } else { self.core.split_line });
        }
        arrival
    }

    /// Whether an access is a plain hit: one line, there at cycle `at`, of a known page. If so it has been made, and took
    /// nothing on top of a hit; otherwise it is still to be made.
    #[inline]
    pub fn hits(&mut self, addr: u64, bytes: u32, at: u64) -> bool {
        let (line, page) = (addr >> self.line_shift, addr >> PAGE_SHIFT);
        if line != (addr + u64::from(bytes) - 1) >> self.line_shift {
            return false;
        }
        if page != self.last_page && !self.turns_to(page) {
            return false;
        }
        self.l1d.touch(line).is_some_and(|ready| ready <= at)
    }

    /// Whether a page that is not the last one is known. If so it is the last one now.
    fn turns_to(&mut self, page: u64) -> bool {
        let known = self.dtlb.touch(page).is_some();
        if known {
            self.last_page = page;
        }
        known
    }

    /// The page of an address.
    fn translated(&mut self, addr: u64) -> Arrival {
        let page = addr >> PAGE_SHIFT;
        if page == self.last_page || self.dtlb.touch(page).is_some() {
            self.last_page = page;
            return HIT;
        }
        self.last_page = page;
        self.events.dtlb_misses += 1;
        self.dtlb.fill(page, 0);
        let known = self.l2_tlb.touch(page).is_some();
        if !known {
            self.l2_tlb.fill(page, 0);
        }
        let extra = u64::from(if known { self.core.l2_tlb } else { self.core.l2_tlb + self.core.page_walk });
        Arrival { extra, cause: Cause::Tlb }
    }

    /// A line of data, at cycle `at`.
    #[inline]
    fn line(&mut self, line: u64, at: u64) -> Arrival {
        let found = self.l1d.touch(line);
        if found.is_some_and(|ready| ready <= at) {
            return HIT;
        }
        self.late_line(line, at, found)
    }

    /// A line that is not there yet.
    fn late_line(&mut self, line: u64, at: u64, found: Option<u64>) -> Arrival {
        if self.core.prefetch_lines > 0 {
            self.prefetch(line, at);
        }
        match found {
            Some(ready) if ready <= at => HIT,
            Some(ready) => Arrival { extra: ready - at, cause: Cause::L2 },
            None => self.miss(line, at),
        }
    }

    fn miss(&mut self, line: u64, at: u64) -> Arrival {
        self.events.l1d_misses += 1;
        let buffer = self.next_buffer;
        self.next_buffer = (buffer + 1) % self.fill_buffers.len();
        let start = at.max(self.fill_buffers[buffer]);
        let (ready, cause) = self.behind_l1(line, start);
        self.fill_buffers[buffer] = ready;
        self.l1d.fill(line, ready);
        Arrival { extra: ready - at, cause }
    }

    /// When a line that the first level lacks is there, and which level had it. Latencies are load-to-use, so what the
    /// first level would have taken is not counted again.
    fn behind_l1(&mut self, line: u64, at: u64) -> (u64, Cause) {
        let hit = u64::from(self.core.l1d.latency);
        let start = at.max(self.l2.next);
        self.l2.next = start + self.l2.interval;
        if let Some(ready) = self.l2.cache.touch(line) {
            return (ready.max(start + self.l2.latency.saturating_sub(hit)), Cause::L2);
        }
        self.events.l2_misses += 1;
        let (ready, cause) = self.behind_l2(line, start, hit);
        self.l2.cache.fill(line, ready);
        (ready, cause)
    }

    fn behind_l2(&mut self, line: u64, at: u64, hit: u64) -> (u64, Cause) {
        if let Some(l3) = &mut self.l3 {
            let start = at.max(l3.next);
            l3.next = start + l3.interval;
            if let Some(ready) = l3.cache.touch(line) {
                return (ready.max(start + l3.latency.saturating_sub(hit)), Cause::L3);
            }
        }
        let start = at.max(self.memory_next);
        self.memory_next = start + u64::from(self.core.memory_interval);
        let ready = start + u64::from(self.core.memory_latency).saturating_sub(hit);
        if let Some(l3) = &mut self.l3 {
            l3.cache.fill(line, ready);
        }
        (ready, Cause::Memory)
    }

    /// What follows a stream comes into the second level, and the next line into the first.
    fn prefetch(&mut self, line: u64, at: u64) {
        for (n, next) in self.prefetcher.accessed(line).enumerate() {
            if self.l1d.holds(next) {
                continue;
            }
            if n < 2 {
                let (ready, _) = self.behind_l1(next, at);
                self.l1d.fill(next, ready);
            } else if !self.l2.cache.holds(next) {
                let hit = u64::from(self.core.l1d.latency);
                let (ready, _) = self.behind_l2(next, at, hit);
                self.l2.cache.fill(next, ready);
            }
        }
    }

    /// Whether the line of an instruction is there at cycle `at`. If so it has been fetched.
    #[inline]
    pub fn has_code(&mut self, addr: u64, at: u64) -> bool {
        self.l1i.touch(addr >> self.line_shift).is_some_and(|ready| ready <= at)
    }

    /// Cycles that fetching the line of an instruction takes on top of a hit.
    #[inline]
    pub fn fetch(&mut self, addr: u64, at: u64) -> u64 {
        let line = addr >> self.line_shift;
        match self.l1i.touch(line) {
            Some(ready) => ready.saturating_sub(at),
            None => self.late_fetch(line, at),
        }
    }

    fn late_fetch(&mut self, line: u64, at: u64) -> u64 {
        self.events.l1i_misses += 1;
        let (ready, _) = self.behind_l1(line, at);
        self.l1i.fill(line, ready);
        // The next line is on its way too.
        if !self.l1i.holds(line + 1) {
            let (next, _) = self.behind_l1(line + 1, at);
            self.l1i.fill(line + 1, next);
        }
        ready - at
    }

    /// Which level holds a line: for what moves whole lines. The line then is in the first level.
    pub fn stream_line(&mut self, line: u64) -> Cause {
        if self.l1d.touch(line).is_some() {
            return Cause::Base;
        }
        self.events.l1d_misses += 1;
        let mut cause = Cause::L2;
        if self.l2.cache.touch(line).is_none() {
            self.events.l2_misses += 1;
            cause = Cause::Memory;
            if let Some(l3) = &mut self.l3 {
                match l3.cache.touch(line) {
                    Some(_) => cause = Cause::L3,
                    None => l3.cache.fill(line, 0),
                }
            }
            self.l2.cache.fill(line, 0);
        }
        self.l1d.fill(line, 0);
        cause
    }

    /// Latency of a level beyond a hit in the first.
    #[must_use]
    pub fn beyond_l1(&self, level: Cause) -> u64 {
        let latency = match level {
            Cause::L2 => self.core.l2.latency,
            Cause::L3 => self.core.l3.map_or(self.core.memory_latency, |level| level.latency),
            Cause::Memory => self.core.memory_latency,
            _ => return 0,
        };
        u64::from(latency.saturating_sub(self.core.l1d.latency))
    }
}

#[inline]
fn worse(a: Arrival, b: Arrival) -> Arrival {
    if b.extra > a.extra { b } else { a }
}
