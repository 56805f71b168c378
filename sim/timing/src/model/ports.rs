//! Which port performs which operation in which cycle.
//!
//! A calendar of the cycles ahead of dispatch: an operation takes the earliest cycle in which one of its ports is free, so
//! that one which became ready early may pass older ones, as a scheduler that picks the oldest ready operation allows.

use super::memo::words::{Reader, Writer};
use crate::core_file::Core;

/// Cycles ahead of dispatch that the calendar covers. What starts later meets no contention.
const CYCLES: usize = 4096;

/// The calendar.
pub struct Ports {
    busy: Vec<u32>,
    started: Vec<u16>,
    now: u64,
    waiting: u32,
    /// After all that is in the calendar.
    end: u64,
    /// For each port, how many classes use it: the one of use to fewest others is taken first.
    demand: [u8; 32],
}

impl Ports {
    /// All ports of a core, free.
    #[must_use]
    pub fn new(core: &Core) -> Self {
        let mut demand = [0_u8; 32];
        for cost in &core.costs {
            for (port, demand) in demand.iter_mut().enumerate() {
                *demand += u8::from(cost.ports >> port & 1 == 1);
            }
        }
        Self { busy: vec![0; CYCLES], started: vec![0; CYCLES], now: 0, waiting: 0, end: 0, demand }
    }

    /// Dispatch has come to this cycle: what started before it waits no longer.
    #[inline]
    pub fn advance(&mut self, now: u64) {
        if now - self.now >= CYCLES as u64 {
            self.busy.fill(0);
            self.started.fill(0);
            (self.now, self.waiting) = (now, 0);
            return;
        }
        while self.now < now {
            let at = self.now as usize % CYCLES;
            self.waiting -= u32::from(self.started[at]);
            (self.busy[at], self.started[at]) = (0, 0);
            self.now += 1;
        }
    }

    /// Tell what the calendar has from now on.
    pub fn save(&mut self, writer: &mut Writer) {
        self.advance(writer.now());
        let end = self.end.max(self.now);
        writer.number((end - self.now) as u32);
        for cycle in self.now..end {
            let at = cycle as usize % CYCLES;
            writer.number(self.busy[at]);
            writer.number(u32::from(self.started[at]));
        }
    }

    /// Take over what was told.
    pub fn restore(&mut self, reader: &mut Reader<'_>) {
        while self.now < self.end {
            let at = self.now as usize % CYCLES;
            (self.busy[at], self.started[at]) = (0, 0);
            self.now += 1;
        }
        (self.now, self.waiting) = (reader.now(), 0);
        self.end = self.now + u64::from(reader.number());
        for cycle in self.now..self.end {
            let at = cycle as usize % CYCLES;
            (self.busy[at], self.started[at]) = (reader.number(), reader.number() as u16);
            self.waiting += u32::from(self.started[at]);
        }
    }

    /// Operations that were dispatched and have not started in the cycle that dispatch has come to.
    #[must_use]
    pub const fn waiting(&self) -> u32 {
        self.waiting
    }

    /// Go on to the next cycle in which something starts.
    pub fn drain(&mut self) -> u64 {
        let before = self.waiting;
        while self.waiting == before && self.waiting > 0 {
            self.advance(self.now + 1);
        }
        self.now
    }

    /// Start an operation that is ready at `ready` on one of `ports`, which is then taken for `busy` cycles.
    #[inline]
    pub fn start(&mut self, ports: u32, ready: u64, busy: u16) -> u64 {
        let ready = ready.max(self.now);
        let limit = self.now + CYCLES as u64 - 1;
        if ready + u64::from(busy) >= limit {
            return ready;
        }
        let mut cycle = ready;
        if ports != 0 {
            loop {
                let free = ports & !self.busy[cycle as usize % CYCLES];
                if free != 0 {
                    self.take(free, cycle, busy);
                    break;
                }
                cycle += 1;
                if cycle + u64::from(busy) >= limit {
                    return cycle;
                }
            }
        }
        self.started[cycle as usize % CYCLES] += 1;
        self.waiting += 1;
        self.end = self.end.max(cycle + u64::from(busy.max(1)));
        cycle
    }

    /// Whether one of `ports` is free in a cycle that has not passed; with no port to take, always.
    #[must_use]
    pub fn is_free(&self, ports: u32, cycle: u64) -> bool {
        let ahead = cycle < self.now + CYCLES as u64;
        ports == 0 || !ahead || ports & !self.busy[cycle as usize % CYCLES] != 0
    }

    #[inline]
    fn take(&mut self, free: u32, cycle: u64, busy: u16) {
        let mut best = free.trailing_zeros();
        let mut rest = free & (free - 1);
        while rest != 0 {
            let port = rest.trailing_zeros();
            if self.demand[port as usize] < self.demand[best as usize] {
                best = port;
            }
            rest &= rest - 1;
        }
        for n in 0..u64::from(busy) {
            self.busy[(cycle + n) as usize % CYCLES] |= 1 << best;
        }
    }
}
