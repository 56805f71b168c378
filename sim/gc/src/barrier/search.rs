//! The search for a schedule that loses an object.
//!
//! For given points of beginning, root scan and end, the marker that is worst for an object scans everything as early as it
//! can, except that it leaves alone whatever holds the object at the moment. Where something holds it until the end and
//! would have to be scanned, that must stay unfound too, and the search begins again with both to be hidden. Windows are
//! tried from the shortest on; what is left of early scans is what the loss needs.

use std::collections::{BTreeMap, BTreeSet};

use super::history::{Happening, History};
use super::marker::{Colour, Edges, Marker, Replay, reachable};
use super::protocol::Protocol;
use super::schedule::{Scan, Schedule, When};

/// How many points before a store marking may have begun, and after it ended.
const MAX_POINTS: u32 = 24;
/// How many objects may have to be hidden together.
const MAX_HIDDEN: usize = 8;

/// The heap's graph as a log tells it.
#[derive(Clone, Default)]
struct Graph {
    slots: Vec<BTreeMap<u32, u32>>,
}

impl Graph {
    fn apply(&mut self, happening: Happening) {
        match happening {
            Happening::Allocated { object } => self.slots.resize_with(object as usize + 1, BTreeMap::new),
            Happening::Stored { object, slot, new: Some(new) } => {
                self.slots[object as usize].insert(slot, new);
            }
            Happening::Stored { object, slot, new: None } => {
                self.slots[object as usize].remove(&slot);
            }
            Happening::Shaded { .. } => {}
        }
    }

    fn holds(&self, object: u32, any: &BTreeSet<u32>) -> bool {
        self.slots[object as usize].values().any(|target| any.contains(target))
    }
}

impl Edges for Graph {
    fn objects(&self) -> usize {
        self.slots.len()
    }

    fn targets(&self, object: u32, visit: &mut dyn FnMut(u32)) {
        self.slots[object as usize].values().for_each(|target| visit(*target));
    }
}

/// What a marker by a schedule does to a logged run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulated {
    /// Objects that it frees.
    pub freed: Vec<u32>,
    /// Those of them that were reachable.
    pub lost: Vec<u32>,
}

/// Run a marker by a schedule beside a log.
#[must_use]
pub fn simulate(history: &History, protocol: Protocol, schedule: &Schedule) -> Simulated {
    let mut graph = Graph::default();
    let mut replay = Replay::new(schedule.clone(), protocol);
    let mut events = 0;
    let mut freed = Vec::new();
    for (number, stop) in (0..).zip(history.stops()).take(schedule.end as usize + 1) {
        for happening in &history.events()[events..stop.at] {
            graph.apply(*happening);
            events += 1;
            replay.happened(events, *happening, &graph);
        }
        freed = replay.point(number, stop, &graph);
    }
    Simulated { freed, lost: replay.lost().to_vec() }
}

/// How a search ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// This schedule loses the object.
    Lost(Schedule),
    /// None does.
    Kept,
    /// The log or the search was cut short.
    Unknown,
}

/// Search for the shortest schedule that loses an object, with the store between point `after` and the next one inside.
/// `budget` bounds the work, in events looked at.
pub(super) fn search(
    history: &History,
    protocol: Protocol,
    target: u32,
    after: u32,
    budget: &mut u64,
) -> Found {
    if !history.is_complete() {
        return Found::Unknown;
    }
    let last = history.points().saturating_sub(1).min(after + MAX_POINTS);
    let first = after.saturating_sub(MAX_POINTS);
    let mut graphs = Graphs::new(history);
    for length in 1..=last.saturating_sub(first) {
        for start in first.max((after + 1).saturating_sub(length))..=after.min(last.saturating_sub(length)) {
            for roots in start..=start + length {
                let window = Window { start, roots, end: start + length };
                match attempt(history, protocol, graphs.at(start), target, window, budget) {
                    Attempt::Lost(scans) => {
                        return Found::Lost(shorten(history, protocol, target, schedule(window, scans)));
                    }
                    Attempt::Kept => {}
                    Attempt::Exhausted => return Found::Unknown,
                }
            }
        }
    }
    let cut = history.points() > last + 1 || first > 0;
    if cut { Found::Unknown } else { Found::Kept }
}

/// The shortest schedule that loses an object in a whole run, wherever that lacks a barrier.
#[must_use]
pub fn search_all(history: &History, protocol: Protocol, target: u32) -> Option<Schedule> {
    let mut budget = u64::MAX;
    let found = (0..history.points()).map(|after| search(history, protocol, target, after, &mut budget));
    let lost = found.filter_map(|found| match found {
        Found::Lost(schedule) => Some(schedule),
        Found::Kept | Found::Unknown => None,
    });
    lost.min_by_key(|schedule| (schedule.end - schedule.start, schedule.scans.len()))
}

/// Three points.
#[derive(Clone, Copy)]
struct Window {
    start: u32,
    roots: u32,
    end: u32,
}

fn schedule(window: Window, scans: Vec<Scan>) -> Schedule {
    Schedule { start: window.start, roots: window.roots, end: window.end, scans }
}

/// The graph at each point, kept where it was needed.
struct Graphs<'a> {
    history: &'a History,
    known: BTreeMap<u32, Graph>,
}

impl<'a> Graphs<'a> {
    fn new(history: &'a History) -> Self {
        Self { history, known: BTreeMap::new() }
    }

    fn at(&mut self, point: u32) -> &Graph {
        let history = self.history;
        self.known.entry(point).or_insert_with(|| {
            let mut graph = Graph::default();
            let at = history.stops()[point as usize].at;
            history.events()[..at].iter().for_each(|happening| graph.apply(*happening));
            graph
        })
    }
}

enum Attempt {
    Lost(Vec<Scan>),
    Kept,
    Exhausted,
}

fn attempt(
    history: &History,
    protocol: Protocol,
    graph: &Graph,
    target: u32,
    window: Window,
    budget: &mut u64,
) -> Attempt {
    if target as usize >= graph.objects() {
        // Made later, and so black.
        return Attempt::Kept;
    }
    let mut hidden = BTreeSet::from([target]);
    while hidden.len() <= MAX_HIDDEN {
        let events = history.stops()[window.end as usize].at - history.stops()[window.start as usize].at;
        let cost = (events + 1) as u64 * graph.objects() as u64;
        if *budget < cost {
            return Attempt::Exhausted;
        }
        *budget -= cost;
        let adversary = Adversary::new(graph.clone(), &hidden);
        match adversary.run(history, protocol, window) {
            Ran::Hid(scans, end) if end.colour(target) == Colour::Black => return Attempt::Lost(scans),
            Ran::Hid(..) | Ran::Shown => return Attempt::Kept,
            Ran::Stuck(holders) => hidden.extend(holders),
        }
    }
    Attempt::Kept
}

/// How the worst marker for a set of objects fared.
enum Ran {
    /// It did not find them. With the scans it made, and what is reachable at the end.
    Hid(Vec<Scan>, Marker),
    /// It was shown one.
    Shown,
    /// These hold one of them, and would have to be scanned.
    Stuck(Vec<u32>),
}

/// The worst marker for a set of objects.
struct Adversary<'a> {
    graph: Graph,
    hidden: &'a BTreeSet<u32>,
    marker: Marker,
    /// Shown by a root or a barrier: these cannot be left unfound.
    shown: BTreeSet<u32>,
    scans: Vec<Scan>,
}

impl<'a> Adversary<'a> {
    fn new(graph: Graph, hidden: &'a BTreeSet<u32>) -> Self {
        let marker = Marker::begin(graph.objects());
        Self { graph, hidden, marker, shown: BTreeSet::new(), scans: Vec::new() }
    }

    fn run(mut self, history: &History, protocol: Protocol, window: Window) -> Ran {
        let mut events = history.stops()[window.start as usize].at;
        for number in window.start..=window.end {
            let stop = &history.stops()[number as usize];
            for happening in &history.events()[events..stop.at] {
                events += 1;
                self.graph.apply(*happening);
                match *happening {
                    Happening::Allocated { object } => self.marker.allocated(object),
                    Happening::Shaded { object } => self.show(object),
                    Happening::Stored { .. } => {}
                }
                self.scan_early(events);
            }
            if number == window.roots || (number == window.end && protocol.scans_stack_again()) {
                stop.roots.iter().for_each(|(_, object)| self.show(*object));
            }
            self.scan_early(events);
            if self.shown.iter().any(|object| self.hidden.contains(object)) {
                return Ran::Shown;
            }
        }
        self.end(&history.stops()[window.end as usize].roots)
    }

    fn show(&mut self, object: u32) {
        if self.marker.shade(object) {
            self.shown.insert(object);
        }
    }

    /// Scan everything that holds none of the hidden objects.
    fn scan_early(&mut self, events: usize) {
        loop {
            let free =
                |object: &u32| !self.hidden.contains(object) && !self.graph.holds(*object, self.hidden);
            let Some(object) = self.marker.grey().find(free) else { return };
            self.marker.scan(object, &self.graph);
            self.scans.push(Scan { object: object + 1, when: When::After(events) });
        }
    }

    fn end(self, roots: &[(u64, u32)]) -> Ran {
        let stuck: Vec<u32> = self.marker.grey().collect();
        if stuck.iter().any(|object| self.shown.contains(object)) {
            return Ran::Shown;
        }
        if !stuck.is_empty() {
            return Ran::Stuck(stuck);
        }
        Ran::Hid(self.scans, reachable(roots.iter().map(|(_, object)| *object), &self.graph))
    }
}

/// Drop the early scans that the loss does not need, and write the others as simply as they can be.
fn shorten(history: &History, protocol: Protocol, target: u32, mut best: Schedule) -> Schedule {
    let loses = |schedule: &Schedule| simulate(history, protocol, schedule).lost.contains(&target);
    let mut n = best.scans.len();
    while n > 0 {
        n -= 1;
        let mut tried = best.clone();
        tried.scans.remove(n);
        if loses(&tried) {
            best = tried;
            continue;
        }
        let mut tried = best.clone();
        tried.scans[n].when = When::Grey;
        if loses(&tried) {
            best = tried;
        }
    }
    best
}
