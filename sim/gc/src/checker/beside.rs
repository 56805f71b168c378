//! The checker beside the interpreter: what it makes of every load, store and address, and of all else that it is told.
//!
//! Every access of a checked run comes by here, so the usual ones go straight: memory that is watched, stale stack pointers and
//! stores that need a search are apart.

use rcsim_machine::shadow::{BarrierEvent, Derive, GcPoint, NewObject, Shadow, Violation};
use rcsim_uop::op::Access;

use super::{Checker, Mode};
use crate::finding::{Event, Finding, Here, Site};
use crate::heap::{Located, NewRecord, Use};
use crate::provenance::{self, Origin, Tag};
use crate::rules::hidden;
use crate::scan::Range;

/// What is made of loads, stores and addresses.
impl Checker {
    /// A store outside the stack.
    #[inline(always)]
    fn stored_off_stack(&mut self, addr: u64, acc: Access, tag: Tag, value: u64) {
        if self.arena.contains(addr) {
            self.stored_in_heap(addr, acc, tag, value);
        } else {
            self.stored_elsewhere(addr, tag, value);
        }
    }

    /// A store of a whole word to an object full of pointers that the barriers have at hand. Whether that is what it is.
    #[inline(always)]
    fn stored_at_hand(&mut self, addr: u64, acc: Access, value: u64) -> bool {
        let Some(barriers) = &mut self.barriers else { return false };
        let here = Here { pc: self.pc, step: self.step, service: &self.service };
        barriers.stored_at_hand(&self.heap, (addr, acc, value), here)
    }

    /// The same for two words.
    #[inline(always)]
    fn two_stored_at_hand(&mut self, addr: u64, acc: Access, value: u64) -> bool {
        let Some(barriers) = &mut self.barriers else { return false };
        let here = Here { pc: self.pc, step: self.step, service: &self.service };
        barriers.stored_two_at_hand(&self.heap, (addr, acc, value), here)
    }

    /// A store into the heap's memory.
    #[inline(never)]
    fn stored_in_heap(&mut self, addr: u64, acc: Access, tag: Tag, value: u64) {
        let Some(index) = self.heap.find(addr) else { return };
        if tag.is_of_heap() {
            self.rules.candidates.stored(self.heap.object(index), addr, self.word_bytes as u64);
        }
        if let Some(barriers) = &mut self.barriers {
            let here = Here { pc: self.pc, step: self.step, service: &self.service };
            barriers.stored(&self.heap, index, (addr, acc, value), here);
        }
    }

    /// A store that goes neither to the stack nor to the heap.
    #[inline]
    fn stored_elsewhere(&mut self, addr: u64, tag: Tag, value: u64) {
        if self.globals.contains(addr) && (tag.is_of_heap() || self.arena.contains(value)) {
            self.written_globals.insert(addr & !(self.word_bytes as u64 - 1));
        }
        if let Some(barriers) = &mut self.barriers {
            barriers.stored_elsewhere(&self.heap, addr, value);
        }
    }

    /// Memory is used.
    #[inline(always)]
    fn touch(&mut self, addr: u64, write: bool) {
        if addr.wrapping_sub(self.watched.0) < self.watched.1 {
            self.touch_watched(addr, write);
        }
    }

    /// What is to be watched changes with points, and while nothing counts as a use.
    fn watch(&mut self) {
        let everything = (0, u64::MAX);
        self.watched = if self.rules.excluded.waits() { everything } else { self.heap.doomed_range() };
    }

    #[inline(never)]
    fn touch_watched(&mut self, addr: u64, write: bool) {
        if let Some(index) = self.heap.doomed_at(addr) {
            self.misuse(index, addr, write);
        }
        if self.rules.excluded.waits() {
            self.use_excluded(addr);
        }
    }

    #[cold]
    fn use_excluded(&mut self, addr: u64) {
        if self.arena.contains(addr)
            && let Located::In(index) = self.heap.locate(addr)
        {
            self.rules.excluded.used(index, self.step);
        }
    }

    #[cold]
    fn misuse(&mut self, index: usize, addr: u64, write: bool) {
        let Site { pc, place, step } = self.here();
        let offset = addr - self.heap.object(index).addr;
        hidden::misuse(self.heap.object_mut(index), Use { pc, place, step, offset, write }, self.points);
    }

    /// A pointer to the stack is used that a point has not adjusted.
    #[cold]
    fn stale_stack_pointer(&mut self, tag: Tag, addr: u64) {
        if let Origin::Stack(since) = tag.origin()
            && self.stack.contains(addr)
            && self.mode.judges()
        {
            let site = self.here();
            self.rules.moved.used(since, self.stack.high - addr, || site);
        }
    }

    /// What an address that comes from outside the guest points to.
    fn by_address(&self, value: u64) -> Tag {
        if self.stack.contains(value) {
            return self.fresh;
        }
        if !self.arena.contains(value) {
            return Tag::UNRECORDED;
        }
        match self.heap.locate(value) {
            Located::In(index) => Tag::object(index as u32 + 1),
            Located::Behind(_) | Located::Nowhere => Tag::UNRECORDED,
        }
    }
}

impl Shadow for Checker {
    type Tag = Tag;
    type Word = Tag;
    const ACTIVE: bool = true;
    const POINTS: bool = true;
    const EVERY_INSN: bool = false;

    #[inline(always)]
    fn constant(&mut self, _value: u64) -> Tag {
        Tag::UNRECORDED
    }

    #[inline(always)]
    fn derive(&mut self, how: Derive, a: Tag, b: Tag, result: u64) -> Tag {
        provenance::derive(how, a, b, result)
    }

    #[inline(always)]
    fn load(&mut self, addr: u64, acc: Access, words: &[Tag], offset: usize, _value: u64) -> Tag {
        self.stop |= addr == self.guard;
        self.touch(addr, false);
        provenance::load(words, offset, acc.bytes() as usize, self.word_bytes)
    }

    #[inline(always)]
    fn store(&mut self, addr: u64, acc: Access, words: &mut [Tag], offset: usize, tag: Tag, value: u64) {
        self.touch(addr, true);
        provenance::store(words, offset, acc.bytes() as usize, self.word_bytes, tag, self.step);
        let two = acc.bytes() as usize == 2 * self.word_bytes && offset == 0;
        if self.stack.contains(addr) {
            self.lowest_written = self.lowest_written.min(addr);
        } else if !(two && self.two_stored_at_hand(addr, acc, value)) {
            self.stored_off_stack(addr, acc, tag, value);
        }
    }

    #[inline(always)]
    fn load_word(&mut self, addr: u64, _acc: Access, word: Tag, _value: u64) -> Tag {
        self.stop |= addr == self.guard;
        self.touch(addr, false);
        provenance::load_word(word)
    }

    #[inline(always)]
    fn store_word(&mut self, addr: u64, acc: Access, word: &mut Tag, tag: Tag, value: u64) {
        self.touch(addr, true);
        *word = provenance::store_word(tag, self.step);
        if self.stack.contains(addr) {
            self.lowest_written = self.lowest_written.min(addr);
        } else if !self.stored_at_hand(addr, acc, value) {
            self.stored_off_stack(addr, acc, tag, value);
        }
    }

    fn host(&mut self, value: u64) -> Tag {
        self.by_address(value)
    }

    fn host_read(&mut self, tag: Tag, value: u64) {
        if tag.is_older_than(self.fresh) {
            self.stale_stack_pointer(tag, value);
        }
    }

    #[inline(always)]
    fn address(&mut self, base: Tag, index: Tag, addr: u64) {
        if base.is_older_than(self.fresh) {
            self.stale_stack_pointer(base, addr);
        }
        if index.is_older_than(self.fresh) {
            self.stale_stack_pointer(index, addr);
        }
    }

    fn scribble(&self) -> Option<u64> {
        match self.mode {
            Mode::Scribble(byte) => Some(u64::from_ne_bytes([byte; 8])),
            Mode::AllPoints | Mode::EveryStep | Mode::CollectAt(_) | Mode::MoveAt(_) | Mode::Mark => None,
        }
    }

    fn vacant(&self) -> Tag {
        Tag::UNDEFINED
    }

    fn adjusted(&self, word: Tag) -> Tag {
        if word.is_older_than(self.fresh) { self.fresh } else { word }
    }

    fn is_unwritten(&self, word: Tag) -> bool {
        word.is_undefined()
    }

    fn frames_end_at(&mut self, sp: u64) -> u64 {
        std::mem::replace(&mut self.lowest_written, sp).min(sp)
    }

    fn word_of(&self, tag: Tag) -> Tag {
        tag
    }

    fn look_away(&mut self, away: bool) {
        self.heap.look_away(away);
        self.rules.excluded.look_away(away);
        self.watch();
    }

    fn stack(&mut self, low: u64, high: u64) {
        self.stack = Range { low, high };
        self.lowest_written = low;
    }

    fn heap(&mut self, low: u64, high: u64) {
        self.arena = Range { low, high };
    }

    fn globals(&mut self, low: u64, high: u64) {
        self.globals = Range { low, high };
    }

    fn visit_written_globals(&self, visit: &mut dyn FnMut(u64)) {
        self.written_globals.iter().for_each(|addr| visit(*addr));
    }

    fn scratch(&mut self, addr: u64, bytes: u64) {
        let range = Range { low: addr, high: addr + bytes };
        if bytes > 0 && !self.scratch.contains(&range) {
            self.scratch.push(range);
        }
    }

    fn move_at(&self) -> Option<u32> {
        match self.mode {
            Mode::MoveAt(point) => Some(point),
            Mode::AllPoints | Mode::EveryStep | Mode::CollectAt(_) | Mode::Scribble(_) | Mode::Mark => None,
        }
    }

    fn every_step(&self) -> bool {
        self.mode == Mode::EveryStep
    }

    #[inline(always)]
    fn begin_insn(&mut self, pc: u64, step: u64) {
        self.pc = pc;
        self.step = step;
    }

    #[inline(always)]
    fn stop_requested(&mut self) -> bool {
        let stop = self.stop;
        if stop {
            self.stop = false;
        }
        stop
    }

    fn stack_guard(&mut self, addr: u64) {
        self.guard = addr;
    }

    fn violated(&mut self, violation: Violation) {
        let Violation { rule, message, pc, place, step, remark, events, notes } = violation;
        let event = |(label, pc, place, step)| Event { label, site: Site { pc, place, step } };
        self.violations.push(Finding {
            rule: rule.into(),
            message,
            site: Site { pc, place, step },
            remark,
            events: events.into_iter().map(event).collect(),
            notes,
            point: None,
        });
    }

    fn service_at(&mut self, place: &str) {
        self.service.clear();
        self.service.push_str(place);
    }

    fn allocated(&mut self, object: NewObject<'_>) {
        let NewObject { addr, bytes, pointers, what, place } = object;
        self.heap.add(NewRecord {
            addr,
            bytes,
            pointers,
            word_bytes: self.word_bytes as u64,
            what,
            place,
            step: self.step,
        });
        if let Some(barriers) = &mut self.barriers {
            barriers.allocated(&self.heap);
        }
    }

    fn barrier(&mut self, event: &BarrierEvent<'_>, word: &dyn Fn(u64) -> Option<(u64, Tag)>) {
        if let Some(barriers) = &mut self.barriers {
            let here = Here { pc: self.pc, step: self.step, service: &self.service };
            let read = |addr| word(addr).map(|(value, tag)| (value, !tag.is_undefined()));
            barriers.barrier(&self.heap, event, &read, here);
        }
    }

    fn barrier_buffer(&mut self, low: u64, high: u64) {
        if let Some(barriers) = &mut self.barriers {
            barriers.buffer(low, high);
        }
    }

    fn point(&mut self, point: &GcPoint<'_, Tag>) -> Vec<(u64, u64)> {
        let freed = self.examine(point);
        self.watch();
        freed
    }
}
