//! The checker: a shadow of the interpreter that plays the collector at every point.

use rcsim_machine::shadow::{BarrierEvent, Derive, GcPoint, NewObject, Shadow, Violation};
use rcsim_uop::op::Access;
use rcsim_uop::port::WordFormat;

use crate::barrier::{BarrierFinding, Barriers, Protocol, Schedule};
use crate::finding::{Event, Finding, Site};
use crate::heap::{Condemned, Life, ShadowHeap, ShadowObject, Use};
use crate::rules::hidden;

/// What the checker does at points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Judge all points in one run.
    AllPoints,
    /// Really collect at this point, and judge nothing: the replay of a finding and the oracle of the other mode.
    CollectAt(u32),
    /// Really mark by a schedule, and judge nothing: the replay of a finding about barriers.
    Mark,
}

/// Follows the heap through a run.
pub struct Checker {
    mode: Mode,
    heap: ShadowHeap,
    guard: u64,
    word_bytes: u64,
    stop: bool,
    points: u32,
    pc: u64,
    step: u64,
    service: String,
    violations: Vec<Finding>,
    barriers: Option<Barriers>,
}

impl Checker {
    /// A checker for a guest whose pointers have `word_bytes` bytes.
    #[must_use]
    pub fn new(mode: Mode, word_bytes: u64) -> Self {
        Self {
            mode,
            heap: ShadowHeap::default(),
            guard: u64::MAX,
            word_bytes,
            stop: false,
            points: 0,
            pc: 0,
            step: 0,
            service: String::new(),
            violations: Vec::new(),
            barriers: None,
        }
    }

    /// Also judge write barriers.
    #[must_use]
    pub fn with_barriers(mut self, protocol: Protocol, word: WordFormat) -> Self {
        self.barriers = Some(Barriers::new(protocol, word, None));
        self
    }

    /// A checker that really marks by a schedule: what the marker does not find is freed when marking ends.
    #[must_use]
    pub fn marking(schedule: Schedule, protocol: Protocol, word: WordFormat) -> Self {
        let mut checker = Self::new(Mode::Mark, u64::from(word.bytes));
        checker.barriers = Some(Barriers::new(protocol, word, Some(schedule)));
        checker
    }

    /// What is known of write barriers, when they are judged.
    #[must_use]
    pub fn barriers(&self) -> Option<&Barriers> {
        self.barriers.as_ref()
    }

    /// What was found about write barriers, with the schedules that show it.
    #[must_use]
    pub fn barrier_findings(&self) -> Vec<BarrierFinding> {
        self.barriers.as_ref().map_or(Vec::new(), |barriers| barriers.findings(&self.heap))
    }

    /// Everything that was found, in order of the steps.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = hidden::findings(self.hidden());
        findings.extend(self.violations.iter().cloned());
        findings.extend(self.barrier_findings().into_iter().map(|found| found.finding));
        findings.sort_by_key(|finding| finding.site.step);
        findings
    }

    /// Points examined so far.
    #[must_use]
    pub fn points(&self) -> u32 {
        self.points
    }

    /// Objects that were used after a point had not reached them: each is a hidden pointer, RC0101.
    pub fn hidden(&self) -> impl Iterator<Item = (&ShadowObject, &Condemned, &Use)> {
        self.heap.objects().iter().filter_map(|object| match &object.life {
            Life::Misused(condemned, usage) => Some((object, condemned, usage)),
            Life::Live | Life::Condemned(_) => None,
        })
    }

    /// Whether a collection at this point would free an object that is used later.
    #[must_use]
    pub fn frees_too_early_at(&self, point: u32) -> bool {
        self.heap.objects().iter().any(|object| object.freed_too_early_at(point))
    }

    /// Tell the barriers' judge of a store.
    #[inline]
    fn store_judged(&mut self, addr: u64, acc: Access, value: u64) {
        let Some(barriers) = &mut self.barriers else { return };
        match self.heap.find(addr) {
            Some(index) => {
                let (pc, step, service) = (self.pc, self.step, &self.service);
                barriers.stored(&self.heap, index, addr, acc, value, || site(pc, step, service));
            }
            None => barriers.stored_elsewhere(&self.heap, addr, value),
        }
    }

    /// Tell it of a point. Returns what a marker by a schedule frees here.
    fn point_judged(&mut self, number: u32, roots: impl Iterator<Item = (u64, u64)>) -> Vec<(u64, u64)> {
        let Some(barriers) = &mut self.barriers else { return Vec::new() };
        let heap = &self.heap;
        let found = roots.filter_map(|(addr, value)| heap.find(value).map(|index| (addr, index as u32)));
        let freed = barriers.point(heap, number, found.collect());
        let place =
            |index: &u32| (heap.objects()[*index as usize].addr, heap.objects()[*index as usize].bytes);
        freed.iter().map(place).collect()
    }

    #[inline]
    fn touch(&mut self, addr: u64, write: bool) {
        if let Some(index) = self.heap.find(addr)
            && self.heap.objects()[index].life != Life::Live
        {
            self.misuse(index, addr, write);
        }
    }

    #[cold]
    fn misuse(&mut self, index: usize, addr: u64, write: bool) {
        let usage = Use {
            pc: self.service.is_empty().then_some(self.pc),
            place: self.service.clone(),
            step: self.step,
            offset: addr - self.heap.objects()[index].addr,
            write,
        };
        hidden::misuse(&mut self.heap.objects_mut()[index], usage, self.points);
    }
}

/// What is at work.
fn site(pc: u64, step: u64, service: &str) -> Site {
    Site { pc: service.is_empty().then_some(pc), place: service.to_owned(), step }
}

impl Shadow for Checker {
    type Tag = ();
    type Word = ();
    const ACTIVE: bool = true;
    const POINTS: bool = true;

    #[inline(always)]
    fn constant(&mut self, _value: u64) {}

    #[inline(always)]
    fn derive(&mut self, _how: Derive, (): (), (): (), _result: u64) {}

    #[inline]
    fn load(&mut self, addr: u64, _acc: Access, _words: &[()], _offset: usize, _value: u64) {
        self.stop |= addr == self.guard;
        self.touch(addr, false);
    }

    #[inline]
    fn store(&mut self, addr: u64, acc: Access, _words: &mut [()], _offset: usize, (): (), value: u64) {
        self.touch(addr, true);
        self.store_judged(addr, acc, value);
    }

    #[inline(always)]
    fn begin_insn(&mut self, pc: u64, step: u64) {
        self.pc = pc;
        self.step = step;
    }

    #[inline(always)]
    fn stop_requested(&mut self) -> bool {
        std::mem::take(&mut self.stop)
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
        let pointers = object.pointers.iter().enumerate().filter(|(_, pointer)| **pointer);
        let pointers = pointers.map(|(n, _)| n as u64 * self.word_bytes).collect();
        self.heap.add(ShadowObject {
            number: self.heap.next_number(),
            addr: object.addr,
            bytes: object.bytes,
            pointers,
            what: object.what.to_owned(),
            place: object.place.to_owned(),
            step: self.step,
            life: Life::Live,
            unreached: Vec::new(),
            used_before: 0,
        });
        if let Some(barriers) = &mut self.barriers {
            barriers.allocated(&self.heap);
        }
    }

    fn barrier(&mut self, event: &BarrierEvent<'_>, word: &dyn Fn(u64) -> Option<(u64, ())>) {
        let (pc, step, service) = (self.pc, self.step, &self.service);
        if let Some(barriers) = &mut self.barriers {
            let read = |addr| word(addr).map(|(value, ())| (value, true));
            barriers.barrier(&self.heap, event, &read, &|| site(pc, step, service));
        }
    }

    fn barrier_buffer(&mut self, low: u64, high: u64) {
        if let Some(barriers) = &mut self.barriers {
            barriers.buffer(low, high);
        }
    }

    fn point(&mut self, point: &GcPoint<'_>) -> Vec<(u64, u64)> {
        let number = self.points;
        self.points += 1;
        let freed = self.point_judged(number, point.roots.iter().map(|root| (root.addr, root.value)));
        if self.mode == Mode::Mark {
            return freed;
        }
        if let Mode::CollectAt(wanted) = self.mode
            && wanted != number
        {
            return Vec::new();
        }
        let reached = self.heap.reach(point.roots.iter().map(|root| root.value), point.word);
        if self.mode == Mode::AllPoints {
            hidden::judge(&mut self.heap, number, point, &reached);
            return Vec::new();
        }
        let objects = self.heap.objects().iter().zip(&reached);
        objects.filter(|(_, reached)| !**reached).map(|(object, _)| (object.addr, object.bytes)).collect()
    }
}
