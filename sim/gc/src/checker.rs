//! The checker: a shadow of the interpreter that plays the collector at every point.
//!
//! It keeps what the rules share (the heap, tags, where the run is) and feeds them; what is wrong is theirs to say.

use std::collections::BTreeSet;

use rcsim_machine::shadow::{
    BarrierEvent, Declared, Derive, GcPoint, NewObject, PointKind, Root, Shadow, Violation,
};
use rcsim_uop::op::Access;
use rcsim_uop::port::WordFormat;

use crate::barrier::{BarrierFinding, Barriers, Protocol, Schedule};
use crate::finding::{Event, Finding, Here, Site};
use crate::heap::{Located, NewRecord, SeenAgain, ShadowHeap, ShadowObject, Use};
use crate::provenance::{self, Origin, Tag};
use crate::rules::excluded::{Excluded, Remark};
use crate::rules::hidden::Freed;
use crate::rules::moved::{Moved, Passed};
use crate::rules::{At, Reports, dangling, hidden, map, past_end, retention, stale};
use crate::scan::{Range, Scan, Seen};

/// What the checker does at points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Judge all points in one run.
    AllPoints,
    /// The same, and look at every step besides.
    EveryStep,
    /// Really collect at this point, and judge nothing but the use of what was freed: the replay of a finding and the oracle of the
    /// other modes.
    CollectAt(u32),
    /// Really move the stack at this point, and judge nothing.
    MoveAt(u32),
    /// Fill memory that no frame occupies with this byte, and note what each scan reads: the oracle of definedness. What differs
    /// between two runs with different bytes was never stored.
    Scribble(u8),
    /// Really mark by a schedule, and judge nothing: the replay of a finding about barriers.
    Mark,
}

impl Mode {
    /// Whether it judges points, and finds.
    #[must_use]
    pub const fn judges(self) -> bool {
        match self {
            Self::AllPoints | Self::EveryStep => true,
            Self::CollectAt(_) | Self::MoveAt(_) | Self::Scribble(_) | Self::Mark => false,
        }
    }
}

/// Follows the heap through a run.
pub struct Checker {
    mode: Mode,
    word_bytes: usize,
    heap: ShadowHeap,
    arena: Range,
    stack: Range,
    globals: Range,
    /// Words of global variables to which a pointer into the heap was ever stored.
    written_globals: BTreeSet<u64>,
    /// Everything on the stack below this is vacant.
    lowest_written: u64,
    guard: u64,
    stop: bool,
    /// Points examined.
    points: u32,
    /// Uses of memory are of interest here: first address and bytes. See [`Checker::watch`].
    watched: (u64, u64),
    /// The tag of a stack pointer that is made now.
    fresh: Tag,
    pc: u64,
    step: u64,
    service: String,
    /// What the scan of each point has read, when that is wanted.
    scanned: Vec<Vec<u64>>,
    scratch: Vec<Range>,
    seen: Seen,
    rules: Rules,
    violations: Vec<Finding>,
    barriers: Option<Barriers>,
}

/// What the rules about points have found.
#[derive(Default)]
struct Rules {
    moved: Moved,
    undefined: Reports,
    nowhere: Reports,
    map: Reports,
    candidates: map::Candidates,
    past_end: Reports,
    retention: Reports,
    excluded: Excluded,
}

impl Checker {
    /// A checker for a guest whose pointers have `word_bytes` bytes.
    #[must_use]
    pub fn new(mode: Mode, word_bytes: u64) -> Self {
        Self {
            mode,
            word_bytes: word_bytes as usize,
            heap: ShadowHeap::default(),
            arena: Range::default(),
            stack: Range::default(),
            globals: Range::default(),
            written_globals: BTreeSet::new(),
            lowest_written: u64::MAX,
            guard: u64::MAX,
            stop: false,
            points: 0,
            watched: (0, 0),
            fresh: Tag::stack(0),
            pc: 0,
            step: 0,
            service: String::new(),
            scanned: Vec::new(),
            scratch: Vec::new(),
            seen: Seen::default(),
            rules: Rules::default(),
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
        let rules = &self.rules;
        let freed = if matches!(self.mode, Mode::CollectAt(_)) { Freed::Really } else { Freed::InThought };
        let mut findings = hidden::findings(&self.heap, freed);
        let dangling = dangling::findings(&self.heap, &findings, freed);
        findings.extend(dangling);
        findings.extend(rules.moved.findings());
        for reports in [&rules.undefined, &rules.nowhere, &rules.map, &rules.past_end, &rules.retention] {
            findings.extend(reports.findings().iter().cloned());
        }
        findings.extend(self.violations.iter().cloned());
        findings.extend(self.barrier_findings().into_iter().map(|found| found.finding));
        findings.sort_by_key(|finding| finding.site.step);
        findings
    }

    /// All heap objects in order of allocation, with what became of each.
    #[must_use]
    pub fn objects(&self) -> &[ShadowObject] {
        self.heap.objects()
    }

    /// Points examined so far.
    #[must_use]
    pub fn points(&self) -> u32 {
        self.points
    }

    /// Under the policy that looks at every step: how many were looked at, and at how many of them there were no frames.
    #[must_use]
    pub fn steps_examined(&self) -> (u64, u64) {
        (self.rules.excluded.steps, self.rules.excluded.without_frames)
    }

    /// What would be wrong at points that Go excludes.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        self.rules.excluded.remarks()
    }

    /// Whether a collection at this point would free an object that is used later.
    #[must_use]
    pub fn frees_too_early_at(&self, point: u32) -> bool {
        self.heap.objects().iter().any(|object| object.freed_too_early_at(point))
    }

    /// Whether a collection at this point would free an object to which a later point reads a pointer.
    #[must_use]
    pub fn dangles_after(&self, point: u32) -> bool {
        self.heap.objects().iter().any(|object| object.dangles_after(point))
    }

    /// Whether a scan reads a pointer to memory that was really freed.
    #[must_use]
    pub fn has_read_freed_pointer(&self) -> bool {
        self.heap
            .objects()
            .iter()
            .any(|object| object.fate.as_ref().is_some_and(|fate| fate.reached_before > 0))
    }

    /// Whether the program has used memory that was freed, or in the one pass would have been.
    #[must_use]
    pub fn has_used_freed_memory(&self) -> bool {
        self.heap.objects().iter().any(|object| object.fate.as_ref().is_some_and(|fate| fate.usage.is_some()))
    }

    /// Whether the scan at this point reads a word that was never stored.
    #[must_use]
    pub fn reads_undefined_at(&self, point: u32) -> bool {
        self.rules.undefined.at(point)
    }

    /// Every word that the scan at a point has read, if the mode is to note that.
    #[must_use]
    pub fn scanned_at(&self, point: u32) -> &[u64] {
        self.scanned.get(point as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether a move of the stack at this point would leave behind a pointer that is used later.
    #[must_use]
    pub fn breaks_by_move_at(&self, point: u32) -> bool {
        self.rules.moved.breaks_at(point)
    }

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

    /// Tell it of a point. Returns what a marker by a schedule frees here.
    fn point_judged(&mut self, number: u32, roots: &[Root<Tag>]) -> Vec<(u64, u64)> {
        let Some(barriers) = &mut self.barriers else { return Vec::new() };
        let (heap, arena) = (&self.heap, self.arena);
        let of_heap = roots.iter().filter(|root| arena.contains(root.value));
        let found = of_heap.filter_map(|root| heap.find(root.value).map(|index| (root.addr, index as u32)));
        let freed = barriers.point(heap, number, found);
        freed
            .iter()
            .map(|index| heap.object(*index as usize))
            .map(|object| (object.addr, object.bytes))
            .collect()
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

    /// Where the run is.
    fn here(&self) -> Site {
        Here { pc: self.pc, step: self.step, service: &self.service }.site()
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

    fn scan(&mut self, point: &GcPoint<'_, Tag>, over_scratch: bool) {
        let scratch = if over_scratch { &[][..] } else { &self.scratch[..] };
        let (heap, seen) = (&mut self.heap, &mut self.seen);
        Scan { heap, arena: self.arena, scratch, seen }.run(point);
    }

    /// Judge a point that Go permits.
    fn judge(&mut self, number: u32, point: &GcPoint<'_, Tag>) {
        let after = point.kind == PointKind::AfterCall;
        self.scan(point, !after);
        if after {
            self.judge_scratch(number, point);
        }
        self.judge_suspects(number, point);
        self.note_returned(number, point);
        let missed = self.heap.condemn_missed(number);
        hidden::condemned(&mut self.heap, number, point, &missed);
        self.rules.moved.pass(Passed { kind: point.kind, pc: point.pc, step: point.step });
    }

    fn judge_suspects(&mut self, number: u32, point: &GcPoint<'_, Tag>) {
        let (rules, at) = (&mut self.rules, At { number, point, heap: &self.heap });
        for suspect in &self.seen.suspects {
            let reports = match () {
                () if suspect.tag.is_undefined() => {
                    stale::undefined(&mut rules.undefined, &at, suspect);
                    continue;
                }
                () if !self.arena.contains(suspect.value) => {
                    map::number(&mut rules.map, &at, suspect);
                    continue;
                }
                () => (&mut rules.past_end, &mut rules.nowhere),
            };
            match past_end::owner(&at, suspect) {
                Some(owner) => past_end::judge(reports.0, &at, suspect, owner),
                None => stale::nowhere(reports.1, &at, suspect),
            }
        }
        rules.candidates.judge(&mut rules.map, &at);
        // Of an address in the heap where no object is, the suspects above have told.
        let arena = self.arena;
        let numbers = |one: &&Declared<Tag>| !(one.pointer && arena.contains(one.root.value));
        for declared in point.declared.iter().filter(numbers) {
            map::declared(&mut rules.map, &at, declared, self.stack);
        }
    }

    /// What only scratch memory keeps alive.
    fn judge_scratch(&mut self, number: u32, point: &GcPoint<'_, Tag>) {
        let mut retained = Vec::new();
        for (holder, value) in std::mem::take(&mut self.seen.passed_over) {
            let (heap, seen) = (&mut self.heap, &mut self.seen);
            let mut scan = Scan { heap, arena: self.arena, scratch: &[], seen };
            if let Some((first, count)) = scan.follow(point, value) {
                retained.push(retention::Retained { holder, value, first, count });
            }
        }
        let at = At { number, point, heap: &self.heap };
        for one in &retained {
            retention::judge(&mut self.rules.retention, &at, one, Tag::UNRECORDED);
        }
    }

    /// Look at a step that Go excludes.
    fn look_at_step(&mut self, point: &GcPoint<'_, Tag>) {
        let excluded = &mut self.rules.excluded;
        excluded.steps += 1;
        if point.frames == 0 {
            excluded.without_frames += 1;
            return;
        }
        self.scan(point, true);
        for index in self.heap.alive_and_missed() {
            self.rules.excluded.miss(index, point.step, point.pc.unwrap_or_default());
        }
    }

    /// Note what a scan reads.
    fn note_scanned(&mut self, point: &GcPoint<'_, Tag>) {
        self.scan(point, true);
        let reached =
            self.heap.objects().iter().filter(|object| self.heap.is_reached(object.number as usize - 1));
        let words = reached.flat_map(|object| object.pointers.iter().map(|offset| object.addr + offset));
        let stored = words.filter_map(|addr| Some((point.word)(addr)?.0));
        self.scanned.push(point.roots.iter().map(|root| root.value).chain(stored).collect());
    }

    /// Really collect.
    fn collect(&mut self, number: u32, point: &GcPoint<'_, Tag>) -> Vec<(u64, u64)> {
        self.scan(point, true);
        self.note_returned(number, point);
        if self.mode != Mode::CollectAt(number) {
            return Vec::new();
        }
        let missed = self.heap.alive_and_missed();
        hidden::condemned(&mut self.heap, number, point, &missed);
        self.heap.free_missed()
    }

    /// What a scan has reached of what was to be freed, or was.
    fn note_returned(&mut self, number: u32, point: &GcPoint<'_, Tag>) {
        let seen = |heap: &ShadowHeap, holder| {
            let at = At { number, point, heap };
            SeenAgain { point: number, place: (point.place)(), step: point.step, holder: at.holder(holder) }
        };
        dangling::returned(&mut self.heap, seen, &self.seen.doomed, number);
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

/// Points.
impl Checker {
    fn examine(&mut self, point: &GcPoint<'_, Tag>) -> Vec<(u64, u64)> {
        if !point.kind.is_permitted() {
            self.look_at_step(point);
            return Vec::new();
        }
        let number = self.points;
        self.points += 1;
        self.fresh = Tag::stack(self.points);
        let freed = self.point_judged(number, point.roots);
        match self.mode {
            Mode::Mark => freed,
            Mode::AllPoints | Mode::EveryStep => {
                self.judge(number, point);
                Vec::new()
            }
            Mode::CollectAt(wanted) if wanted <= number => self.collect(number, point),
            Mode::CollectAt(_) | Mode::MoveAt(_) => Vec::new(),
            Mode::Scribble(_) => {
                self.note_scanned(point);
                Vec::new()
            }
        }
    }
}
