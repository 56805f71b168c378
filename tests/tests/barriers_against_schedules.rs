//! What the judgement on barriers calls observable is what a real marker loses, and nothing else.
//!
//! Two oracles. Random heaps of a few objects: every marker there can be, interleaved in every way with what the program does.
//! Workloads: the run itself, repeated under every schedule of a marker, the objects freed and overwritten.

use std::collections::{BTreeSet, HashSet};

use rcsim_diag::Source;
use rcsim_gc::barrier::{
    Colour, Edges, Happening, History, Protocol, Scan, Schedule, When, reachable, search_all, simulate,
};
use rcsim_gc::{Checker, Mode};
use rcsim_go::deviation::Deviation;
use rcsim_go::run::{CodeChoice, Report, Request, run_with};
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::Workload;

/// A small generator of numbers: the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % u64::from(limit)) as u32
    }
}

const OBJECTS: u32 = 4;
const SLOTS: u32 = 2;

/// A program that moves pointers among a few objects and a stack of three words, with barriers that are sometimes missing.
fn program(random: &mut Random, protocol: Protocol) -> History {
    let mut history = History::default();
    let mut slots = vec![[None; SLOTS as usize]; OBJECTS as usize];
    let mut stack = [Some(0), Some(1), None];
    for object in 0..OBJECTS {
        history.push(Happening::Allocated { object });
    }
    for object in 0..OBJECTS - 1 {
        store(&mut history, &mut slots, object, 0, Some(object + 1));
        store(&mut history, &mut slots, object, 1, Some(random.below(OBJECTS)));
    }
    let point = |history: &mut History, stack: &[Option<u32>; 3]| {
        history.point(stack.iter().flatten().map(|object| (0, *object)));
    };
    point(&mut history, &stack);
    for _ in 0..10 + random.below(12) {
        match random.below(12) {
            0 => stack[random.below(3) as usize] = None,
            // A load, from an object that the stack holds.
            1..=4 => {
                let Some(from) = stack[random.below(3) as usize] else { continue };
                let loaded = slots[from as usize][random.below(SLOTS) as usize];
                let word = random.below(3) as usize;
                stack[word] = loaded.or(stack[word]);
            }
            5 | 6 => point(&mut history, &stack),
            _ => {
                let Some(into) = stack[random.below(3) as usize] else { continue };
                let slot = random.below(SLOTS);
                let new = if random.below(3) == 0 { None } else { stack[random.below(3) as usize] };
                let old = slots[into as usize][slot as usize];
                let shades = |object: Option<u32>, wanted: bool, random: &mut Random| {
                    object.filter(|_| wanted && random.below(3) == 0)
                };
                let old_shaded = shades(old, protocol.shades_old(), random);
                let new_shaded = shades(new, true, random);
                for object in [old_shaded, new_shaded].into_iter().flatten() {
                    history.push(Happening::Shaded { object });
                }
                store(&mut history, &mut slots, into, slot, new);
            }
        }
    }
    point(&mut history, &stack);
    history
}

fn store(history: &mut History, slots: &mut [[Option<u32>; 2]], object: u32, slot: u32, new: Option<u32>) {
    slots[object as usize][slot as usize] = new;
    history.push(Happening::Stored { object, slot: object * SLOTS + slot, new });
}

#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Heap(Vec<[Option<u32>; 2]>);

impl Heap {
    fn apply(&mut self, happening: Happening) {
        match happening {
            Happening::Allocated { .. } => self.0.push([None; 2]),
            Happening::Stored { object, slot, new } => {
                self.0[object as usize][(slot - object * SLOTS) as usize] = new
            }
            Happening::Shaded { .. } => {}
        }
    }
}

impl Edges for Heap {
    fn objects(&self) -> usize {
        self.0.len()
    }

    fn targets(&self, object: u32, visit: &mut dyn FnMut(u32)) {
        self.0[object as usize].iter().flatten().for_each(|target| visit(*target));
    }
}

/// Every object that some marker loses: all beginnings, root scans and ends, and at each moment any grey object may be
/// scanned or not.
fn lost_by_any(history: &History, protocol: Protocol) -> BTreeSet<u32> {
    let mut lost = BTreeSet::new();
    let points = history.points();
    for start in 0..points {
        for roots in start..points {
            for end in roots.max(start + 1)..points {
                lost.extend(lost_between(history, protocol, [start, roots, end]));
            }
        }
    }
    lost
}

fn lost_between(history: &History, protocol: Protocol, [start, roots, end]: [u32; 3]) -> BTreeSet<u32> {
    let mut heap = Heap::default();
    let mut markers: HashSet<Vec<Colour>> = HashSet::new();
    let mut events = 0;
    let mut lost = BTreeSet::new();
    for (number, stop) in (0..).zip(history.stops()) {
        for happening in &history.events()[events..stop.at] {
            events += 1;
            heap.apply(*happening);
            if let Happening::Shaded { object } = happening {
                markers = markers.into_iter().map(|colours| shaded(colours, &[*object])).collect();
            }
            markers = closed(markers, &heap);
        }
        if number == start {
            markers.insert(vec![Colour::White; heap.objects()]);
        }
        let found: Vec<u32> = stop.roots.iter().map(|(_, object)| *object).collect();
        if number == roots || (number == end && protocol.scans_stack_again()) {
            markers = markers.into_iter().map(|colours| shaded(colours, &found)).collect();
        }
        markers = closed(markers, &heap);
        if number == end {
            let live = reachable(found.into_iter(), &heap);
            for colours in markers.iter().filter(|colours| !colours.contains(&Colour::Grey)) {
                let missed = |object: &u32| {
                    colours[*object as usize] == Colour::White && live.colour(*object) == Colour::Black
                };
                lost.extend((0..heap.objects() as u32).filter(missed));
            }
            return lost;
        }
    }
    lost
}

fn shaded(mut colours: Vec<Colour>, objects: &[u32]) -> Vec<Colour> {
    for object in objects {
        let colour = &mut colours[*object as usize];
        *colour = (*colour).max(Colour::Grey);
    }
    colours
}

/// What the markers may have become by scanning.
fn closed(markers: HashSet<Vec<Colour>>, heap: &Heap) -> HashSet<Vec<Colour>> {
    let mut work: Vec<Vec<Colour>> = markers.iter().cloned().collect();
    let mut all = markers;
    while let Some(colours) = work.pop() {
        for object in 0..colours.len() {
            if colours[object] != Colour::Grey {
                continue;
            }
            let mut targets = Vec::new();
            heap.targets(object as u32, &mut |target| targets.push(target));
            let mut scanned = shaded(colours.clone(), &targets);
            scanned[object] = Colour::Black;
            if all.insert(scanned.clone()) {
                work.push(scanned);
            }
        }
    }
    all
}

#[test]
fn the_search_finds_a_schedule_exactly_when_some_marker_loses_an_object() {
    const SEED: u64 = 0x5eed_0001_dead_10cc;
    println!("seed {SEED:#x}");
    let mut random = Random(SEED);
    let (mut losses, mut kept) = (0, 0);
    for protocol in [Protocol::Dijkstra, Protocol::Hybrid] {
        for number in 0..3000 {
            let history = program(&mut random, protocol);
            let brute = lost_by_any(&history, protocol);
            for object in 0..OBJECTS {
                let schedule = search_all(&history, protocol, object);
                let place = format!("{protocol:?}, program {number}, object {object}: {history:?}");
                assert_eq!(schedule.is_some(), brute.contains(&object), "{place}");
                let Some(schedule) = schedule else {
                    kept += 1;
                    continue;
                };
                let simulated = simulate(&history, protocol, &schedule);
                assert!(simulated.lost.contains(&object), "{schedule} does not lose it: {place}");
                losses += 1;
            }
        }
    }
    println!("{losses} losses, {kept} kept");
    assert!(losses > 100 && kept > 1000, "the programs show too little: {losses} losses, {kept} kept");
}

#[test]
fn a_marker_loses_nothing_where_every_barrier_is_there() {
    let mut random = Random(0x0bad_5eed_1234_5678);
    for protocol in [Protocol::Dijkstra, Protocol::Hybrid] {
        for _ in 0..300 {
            let full = with_all_barriers(&program(&mut random, protocol));
            assert_eq!(lost_by_any(&full, protocol), BTreeSet::new(), "{full:?}");
        }
    }
}

/// The same program with each store's barrier in front of it.
fn with_all_barriers(history: &History) -> History {
    let mut full = History::default();
    let mut heap = Heap::default();
    let mut events = 0;
    for stop in history.stops() {
        for happening in &history.events()[events..stop.at] {
            if let Happening::Stored { object, slot, new } = *happening {
                let old = heap.0[object as usize][(slot - object * SLOTS) as usize];
                for object in [old, new].into_iter().flatten() {
                    full.push(Happening::Shaded { object });
                }
            }
            heap.apply(*happening);
            full.push(*happening);
        }
        events = stop.at;
        full.point(stop.roots.iter().copied());
    }
    full
}

/// A defect in a run, small enough to try every marker on it.
struct Case {
    arch: &'static str,
    epoch: Epoch,
    protocol: Protocol,
    deviations: &'static [Deviation],
    fixes: &'static [Deviation],
    text: &'static str,
}

const POINTER_THROUGH_THE_FRAME: &str = r#"
name = "two pointers through a heap frame"
call = "value-call"
types = "type Pair struct { a, b *int }"
func = "func([2]*int) [2]*int"
callee = "return-args"
"#;

const METHOD: &str = r#"
name = "a method value with pointers on the stack"
call = "method-value"
types = """
type Host struct { value int }
func (h *Host) Give(p [2]*int) [2]*int
"""
receiver = "*Host"
method = "Give"
callee = ["gc", "return-args"]
"#;

const CASES: [Case; 6] = [
    Case {
        arch: "amd64",
        epoch: Epoch::Go127,
        protocol: Protocol::Hybrid,
        deviations: &[],
        fixes: &[],
        text: POINTER_THROUGH_THE_FRAME,
    },
    Case {
        arch: "arm64",
        epoch: Epoch::Go119,
        protocol: Protocol::Hybrid,
        deviations: &[Deviation::WbMissingInReflectCopies],
        fixes: &[],
        text: POINTER_THROUGH_THE_FRAME,
    },
    Case {
        arch: "amd64",
        epoch: Epoch::Go127,
        protocol: Protocol::Dijkstra,
        deviations: &[Deviation::WbMissingInReflectCopies],
        fixes: &[],
        text: POINTER_THROUGH_THE_FRAME,
    },
    Case {
        arch: "wasm",
        epoch: Epoch::Go127,
        protocol: Protocol::Hybrid,
        deviations: &[Deviation::BarrierAfterStore],
        fixes: &[],
        text: POINTER_THROUGH_THE_FRAME,
    },
    Case {
        arch: "arm64",
        epoch: Epoch::Go119,
        protocol: Protocol::Hybrid,
        deviations: &[Deviation::WbMissingInReflectCopies],
        fixes: &[],
        text: METHOD,
    },
    Case {
        arch: "arm64",
        epoch: Epoch::Go119,
        protocol: Protocol::Hybrid,
        deviations: &[],
        fixes: &[],
        text: METHOD,
    },
];

fn port(arch: &str) -> &'static dyn Port {
    rcsim_isa::ports().into_iter().find(|port| port.goarch() == arch).expect("a port that exists")
}

fn run_case(case: &Case, workload: &Workload, checker: Checker) -> (Report, Seen) {
    let request = Request {
        deviations: case.deviations,
        fixes: case.fixes,
        ..Request::new(workload, port(case.arch), case.epoch, CodeChoice::BuiltIn)
    };
    run_with(&request, checker, |world| {
        let checker = &world.core.shadow;
        let barriers = checker.barriers().expect("barriers are judged");
        Seen {
            findings: checker.barrier_findings(),
            points: checker.points(),
            lost: barriers.lost().to_vec(),
            history: barriers.history().clone(),
        }
    })
    .expect("the case can be run")
}

struct Seen {
    findings: Vec<rcsim_gc::barrier::BarrierFinding>,
    points: u32,
    lost: Vec<u32>,
    history: History,
}

/// Every schedule with points as given in which each of some objects is scanned as soon as it is grey, the others at the end.
fn schedules(points: u32, objects: &[u32]) -> impl Iterator<Item = Schedule> {
    let windows = (0..points).flat_map(move |start| {
        (start..points)
            .flat_map(move |roots| (roots.max(start + 1)..points).map(move |end| (start, roots, end)))
    });
    windows.flat_map(move |(start, roots, end)| {
        (0..1_u32 << objects.len()).map(move |chosen| {
            let early = objects.iter().enumerate().filter(|(n, _)| chosen >> n & 1 == 1);
            let scans = early.map(|(_, object)| Scan { object: object + 1, when: When::Grey }).collect();
            Schedule { start, roots, end, scans }
        })
    })
}

/// Objects that change or are shaded after the first point: the others are scanned with the same result whenever it is.
fn changing(history: &History) -> Vec<u32> {
    let first = history.stops().first().map_or(0, |stop| stop.at);
    let holders = history.events()[first..].iter().filter_map(|happening| match happening {
        Happening::Stored { object, .. } => Some(*object),
        Happening::Allocated { .. } | Happening::Shaded { .. } => None,
    });
    holders.collect::<BTreeSet<u32>>().into_iter().collect()
}

#[test]
fn real_markers_lose_objects_exactly_where_a_store_is_called_observable() {
    let mut real_losses = 0;
    for case in &CASES {
        let source = Source::new("case.toml", case.text);
        let workload = Workload::parse(&source).expect("the case is a workload");
        let word = port(case.arch).word();
        let judge = Checker::new(Mode::AllPoints, u64::from(word.bytes)).with_barriers(case.protocol, word);
        let (report, seen) = run_case(case, &workload, judge);
        let place = format!("{}, {}, {:?}, {:?}", case.arch, case.epoch, case.protocol, case.deviations);
        assert!(report.passed, "{place}: {:?}", report.end);
        let observable = seen.findings.iter().any(|found| found.schedule.is_some());
        let objects = changing(&seen.history);
        assert!(objects.len() <= 6, "{place}: too many objects to try all markers: {objects:?}");
        let mut lost = BTreeSet::new();
        for schedule in schedules(seen.points, &objects) {
            let (run, marked) =
                run_case(case, &workload, Checker::marking(schedule.clone(), case.protocol, word));
            assert_eq!(
                marked.lost,
                simulate(&seen.history, case.protocol, &schedule).lost,
                "{place}, {schedule}"
            );
            assert!(!marked.lost.is_empty() || run.end == report.end, "{place}, {schedule}: {:?}", run.end);
            lost.extend(marked.lost);
        }
        println!("{place}: {} points, {} findings, lost {lost:?}", seen.points, seen.findings.len());
        assert_eq!(observable, !lost.is_empty(), "{place}: lost {lost:?}, found {:#?}", seen.findings);
        real_losses += lost.len();
        for found in &seen.findings {
            let Some(schedule) = &found.schedule else { continue };
            let (_, marked) =
                run_case(case, &workload, Checker::marking(schedule.clone(), case.protocol, word));
            assert!(
                marked.lost.iter().any(|object| found.objects.contains(&(object + 1))),
                "{place}: {schedule} loses {:?}, not one of {:?}",
                marked.lost,
                found.objects
            );
        }
    }
    assert!(real_losses > 0, "no case lost anything: the comparison shows nothing");
}
