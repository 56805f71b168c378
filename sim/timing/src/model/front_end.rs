//! Fetch and decode: when each operation is there to be dispatched.

use super::memo::words::{Reader, Writer};
use super::outside::{Ask, Outside};
use crate::account::Cause;
use crate::core_file::{Core, FrontEnd as Numbers};

/// Where operations come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    OpCache,
    Decoders,
}

/// The front end.
pub struct FrontEnd {
    numbers: Numbers,
    window_shift: u32,
    line_shift: u32,
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
        let window = numbers.op_cache.map_or(core.memory.line_bytes, |cache| cache.window_bytes);
        Self {
            numbers,
            window_shift: window.max(8).next_power_of_two().trailing_zeros(),
            line_shift: core.memory.line_bytes.max(16).trailing_zeros(),
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
    pub fn insn(&mut self, pc: u64, len: u32, outside: &mut Outside) {
        let window = pc >> self.window_shift;
        if window != self.window {
            self.window = window;
            if let Some(cache) = self.numbers.op_cache {
                self.enter(window, cache.switch, outside);
            }
        }
        if self.from == From::Decoders {
            self.fetch(pc, len, outside);
        }
    }

    /// A new window of code: the operation cache has it, or it is decoded and put there.
    fn enter(&mut self, window: u64, switch: u32, outside: &mut Outside) {
        let known = outside.ask(Ask::Decoded { window }, &[]).lasts > 0;
        let from = if known { From::OpCache } else { From::Decoders };
        if from != self.from {
            self.from = from;
            self.bubble(u64::from(switch), Cause::FrontEnd);
        }
    }

    fn fetch(&mut self, pc: u64, len: u32, outside: &mut Outside) {
        let line = pc >> self.line_shift;
        if line != self.line {
            self.line = line;
            let extra = outside.ask(Ask::Fetch { pc, at: self.time }, &[]).lasts;
            if extra > 0 {
                self.bubble(u64::from(extra), Cause::FrontEnd);
            }
        }
        if self.bytes < len && self.bytes < self.numbers.fetch_bytes {
            self.next_cycle();
        }
        self.bytes = self.bytes.saturating_sub(len);
    }

    /// Tell what decides about what comes. Why nothing is delivered before now does not.
    pub fn save(&self, writer: &mut Writer) {
        writer.cycle(self.time);
        writer.number(self.places);
        writer.number(self.bytes);
        writer.number(u32::from(self.from == From::OpCache));
        writer.address(if self.numbers.op_cache.is_some() { self.window } else { 0 });
        writer.address(self.line);
        writer.number(if self.time > writer.now() { self.cause as u32 } else { 0 });
    }

    /// Take over what was told.
    pub fn restore(&mut self, reader: &mut Reader<'_>) {
        self.time = reader.cycle();
        self.places = reader.number();
        self.bytes = reader.number();
        self.from = if reader.number() > 0 { From::OpCache } else { From::Decoders };
        self.window = reader.address();
        self.line = reader.address();
        self.cause = Cause::ALL[reader.number() as usize];
    }

    /// The cycle that delivery has come to.
    pub const fn time(&self) -> u64 {
        self.time
    }

    /// Why something delivered after `now` is late, when an operation is to blame.
    pub fn is_redirected_after(&self, now: u64) -> bool {
        self.time > now && matches!(self.cause, Cause::Branch | Cause::Microcode)
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
