//! The window: dispatch in order, retirement in order, and what limits both.

use super::memo::words::{Reader, Writer};
use crate::account::Cause;
use crate::core_file::{Core, Kind};

/// The last cycles at which something happened, as a ring: entry `n` places back says when its place was free again.
struct Ring {
    cycles: Vec<u64>,
    next: usize,
}

impl Ring {
    fn new(places: u32) -> Self {
        Self { cycles: vec![0; places.max(1) as usize], next: 0 }
    }

    /// When the place that the next entry takes is free.
    #[inline]
    fn free(&self) -> u64 {
        self.cycles[self.next]
    }

    #[inline]
    fn push(&mut self, cycle: u64) {
        self.cycles[self.next] = cycle;
        self.next += 1;
        if self.next == self.cycles.len() {
            self.next = 0;
        }
    }

    /// Tell the cycles; what was free before `least` is as good as free then.
    fn save(&self, writer: &mut Writer, least: u64) {
        let (newest, oldest) = self.cycles.split_at(self.next);
        writer.cycles(oldest.iter().chain(newest).copied(), least);
    }

    fn restore(&mut self, reader: &mut Reader<'_>) {
        self.next = 0;
        reader.cycles(&mut self.cycles);
    }
}

/// The window of a core.
pub struct Window {
    in_order: bool,
    dispatch_width: u32,
    retire_width: u32,
    scheduler: u32,
    dispatch: u64,
    dispatch_left: u32,
    retire: u64,
    retire_left: u32,
    store_interval: u64,
    store_done: u64,
    reorder: Ring,
    loads: Ring,
    stores: Ring,
    queue: Ring,
}

impl Window {
    /// The window of a core, empty.
    #[must_use]
    pub fn new(core: &Core) -> Self {
        let numbers = core.window;
        Self {
            in_order: core.kind == Kind::InOrder,
            dispatch_width: numbers.dispatch,
            retire_width: numbers.retire,
            scheduler: numbers.scheduler,
            dispatch: 0,
            dispatch_left: numbers.dispatch,
            retire: 0,
            retire_left: numbers.retire,
            store_interval: u64::from(core.memory.store_interval),
            store_done: 0,
            reorder: Ring::new(numbers.reorder),
            loads: Ring::new(numbers.loads),
            stores: Ring::new(numbers.stores),
            queue: Ring::new(core.front_end.queue),
        }
    }

    /// Tell what decides about what comes: nothing is dispatched before now, and nothing is delivered before `delivery`.
    pub fn save(&self, writer: &mut Writer, delivery: u64) {
        let now = writer.now();
        writer.number(self.dispatch_left);
        writer.cycle(self.retire);
        writer.number(self.retire_left);
        writer.cycle(self.store_done.max(self.retire.saturating_sub(self.store_interval)));
        self.queue.save(writer, delivery);
        self.loads.save(writer, now);
        self.stores.save(writer, now);
        if !self.in_order {
            self.reorder.save(writer, now);
        }
    }

    /// Take over what was told.
    pub fn restore(&mut self, reader: &mut Reader<'_>) {
        self.dispatch = reader.now();
        self.dispatch_left = reader.number();
        self.retire = reader.cycle();
        self.retire_left = reader.number();
        self.store_done = reader.cycle();
        self.queue.restore(reader);
        self.loads.restore(reader);
        self.stores.restore(reader);
        if !self.in_order {
            self.reorder.restore(reader);
        }
    }

    /// When the place in the queue between decode and dispatch is free that the next operation takes.
    #[inline]
    pub fn queue_free(&self) -> u64 {
        self.queue.free()
    }

    /// The cycle that dispatch has come to.
    #[inline]
    pub const fn now(&self) -> u64 {
        self.dispatch
    }

    /// The cycle in which the youngest operation retired (of in-order cores: started).
    #[inline]
    pub const fn retired(&self) -> u64 {
        self.retire
    }

    /// Dispatch an operation that is delivered at `delivered`: when, and what it waited for.
    #[inline]
    pub fn dispatch(&mut self, delivered: (u64, Cause), slots: u32, load: bool, store: bool) -> (u64, Cause) {
        let (mut at, mut cause) = (self.dispatch, Cause::Base);
        if self.dispatch_left < slots.min(1) {
            at += 1;
        }
        let mut wait = |free: u64, why: Cause| {
            if free > at {
                (at, cause) = (free, why);
            }
        };
        wait(delivered.0, delivered.1);
        if !self.in_order && slots > 0 {
            wait(self.reorder.free(), Cause::Window);
        }
        if load {
            wait(self.loads.free(), Cause::Window);
        }
        if store {
            wait(self.stores.free(), Cause::Stores);
        }
        self.come_to(at);
        self.dispatch_left = self.dispatch_left.saturating_sub(slots);
        if slots > 0 {
            self.queue.push(at);
        }
        (at, cause)
    }

    /// What comes next is dispatched in one go, as far as a cycle has so many places.
    pub fn together(&mut self, places: u32) {
        let splits = self.in_order && places > self.dispatch_width;
        if !splits && self.dispatch_left < places.min(self.dispatch_width) {
            self.come_to(self.dispatch + 1);
        }
    }

    /// Dispatch comes to a cycle.
    #[inline]
    pub fn come_to(&mut self, at: u64) {
        if at > self.dispatch {
            self.dispatch = at;
            self.dispatch_left = self.dispatch_width;
        }
    }

    /// An in-order operation started at `at`: nothing after it starts earlier.
    #[inline]
    pub fn started(&mut self, at: u64, slots: u32) {
        if at > self.dispatch {
            self.dispatch = at;
            self.dispatch_left = self.dispatch_width.saturating_sub(slots);
        }
    }

    /// Whether so many waiting operations leave no room.
    #[inline]
    pub const fn scheduler_full(&self, waiting: u32) -> bool {
        !self.in_order && waiting >= self.scheduler
    }

    /// Retire an operation that is done at `done`: the cycles by which retirement advances, and whether only its width
    /// made them necessary.
    #[inline]
    pub fn retire(&mut self, done: u64, slots: u32) -> (u64, bool) {
        let before = self.retire;
        let mut by_width = false;
        if done > self.retire {
            self.retire = done;
            self.retire_left = self.retire_width;
        } else if self.retire_left < slots.min(1) {
            self.retire += 1;
            self.retire_left = self.retire_width;
            by_width = true;
        }
        self.retire_left = self.retire_left.saturating_sub(slots);
        if !self.in_order {
            for _ in 0..slots {
                self.reorder.push(self.retire);
            }
        }
        (self.retire - before, by_width)
    }

    /// A load has its value at `done`; its place in the queue is free when it retires.
    #[inline]
    pub fn loaded(&mut self, done: u64) {
        let free = if self.in_order { done } else { self.retire };
        self.loads.push(free);
    }

    /// A store retires now, and its line is there at `line`: when it is in the cache.
    #[inline]
    pub fn stored(&mut self, done: u64, line: u64) -> u64 {
        let at = (self.store_done + self.store_interval).max(done).max(line);
        self.store_done = at;
        self.stores.push(at);
        at
    }
}
