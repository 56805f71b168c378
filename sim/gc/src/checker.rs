//! The checker: a shadow of the interpreter that plays the collector at every point.
//!
//! It keeps what the rules share (the heap, tags, where the run is) and feeds them; what is wrong is theirs to say. Start with
//! [`Checker`]; what the interpreter tells it of each access is in `beside`.

use std::collections::BTreeSet;

use rcsim_machine::shadow::{Declared, GcPoint, PointKind, Root};
use rcsim_uop::port::WordFormat;

use crate::barrier::{BarrierFinding, Barriers, Protocol, Schedule};
use crate::finding::{Finding, Here, Site};
use crate::heap::{SeenAgain, ShadowHeap, ShadowObject};
use crate::provenance::Tag;
use crate::rules::excluded::{Excluded, Remark};
use crate::rules::hidden::Freed;
use crate::rules::moved::{Moved, Passed};
use crate::rules::{At, Reports, dangling, hidden, map, past_end, retention, stale};
use crate::scan::{Range, Scan, Seen};

mod beside;

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

    /// Where the run is.
    fn here(&self) -> Site {
        Here { pc: self.pc, step: self.step, service: &self.service }.site()
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

/// What becomes of a point.
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
