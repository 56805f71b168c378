//! A tri-colour marker, and one that follows a schedule beside a run.

use std::collections::BTreeSet;

use super::history::{Happening, StopPoint};
use super::protocol::Protocol;
use super::schedule::{Schedule, When};

/// The graph of the heap at some moment.
pub trait Edges {
    /// How many objects there are.
    fn objects(&self) -> usize;
    /// Visit the objects that one points to.
    fn targets(&self, object: u32, visit: &mut dyn FnMut(u32));
}

/// What the marker knows of an object.
///
/// | colour | represents | becomes |
/// |---|---|---|
/// | `White` | not found yet | `Grey` when a root, a scanned object or a barrier shows it |
/// | `Grey` | found, its words still to be read | `Black` when it is scanned |
/// | `Black` | found, its words read; also every object made while the collector marks | nothing else |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Colour {
    /// Not found yet.
    White,
    /// Found, and still to be scanned.
    Grey,
    /// Found and scanned.
    Black,
}

/// Colours of all objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    colours: Vec<Colour>,
    grey: BTreeSet<u32>,
}

impl Marker {
    /// Begin: every object is white.
    #[must_use]
    pub fn begin(objects: usize) -> Self {
        Self { colours: vec![Colour::White; objects], grey: BTreeSet::new() }
    }

    /// A new object, black from its birth.
    pub fn allocated(&mut self, object: u32) {
        self.colours.resize(object as usize + 1, Colour::Black);
    }

    /// Colour of an object.
    #[must_use]
    pub fn colour(&self, object: u32) -> Colour {
        self.colours.get(object as usize).copied().unwrap_or(Colour::Black)
    }

    /// Show the marker an object. Tells whether it was white.
    pub fn shade(&mut self, object: u32) -> bool {
        let white = self.colour(object) == Colour::White;
        if white {
            self.colours[object as usize] = Colour::Grey;
            self.grey.insert(object);
        }
        white
    }

    /// Objects still to be scanned.
    pub fn grey(&self) -> impl Iterator<Item = u32> {
        self.grey.iter().copied()
    }

    /// Read an object's words, if it is grey.
    pub fn scan(&mut self, object: u32, edges: &dyn Edges) -> bool {
        if !self.grey.remove(&object) {
            return false;
        }
        self.colours[object as usize] = Colour::Black;
        edges.targets(object, &mut |target| {
            self.shade(target);
        });
        true
    }

    /// Scan until nothing is grey.
    pub fn drain(&mut self, edges: &dyn Edges) {
        while let Some(object) = self.grey.first().copied() {
            self.scan(object, edges);
        }
    }

    /// Objects that were not found.
    pub fn white(&self) -> impl Iterator<Item = u32> {
        (0..self.colours.len() as u32).filter(|object| self.colour(*object) == Colour::White)
    }
}

/// Objects that a collection in one stop would find.
#[must_use]
pub fn reachable(roots: impl Iterator<Item = u32>, edges: &dyn Edges) -> Marker {
    let mut marker = Marker::begin(edges.objects());
    for root in roots {
        marker.shade(root);
    }
    marker.drain(edges);
    marker
}

/// A marker that follows a schedule.
pub struct Replay {
    schedule: Schedule,
    protocol: Protocol,
    marker: Option<Marker>,
    lost: Vec<u32>,
}

impl Replay {
    /// A marker that has not begun.
    #[must_use]
    pub fn new(schedule: Schedule, protocol: Protocol) -> Self {
        Self { schedule, protocol, marker: None, lost: Vec::new() }
    }

    /// Objects that were reachable when marking ended, and yet white.
    #[must_use]
    pub fn lost(&self) -> &[u32] {
        &self.lost
    }

    /// Something happened; `events` counts what has happened so far, `edges` is the heap after it.
    pub fn happened(&mut self, events: usize, happening: Happening, edges: &dyn Edges) {
        let Some(marker) = &mut self.marker else { return };
        match happening {
            Happening::Allocated { object } => marker.allocated(object),
            Happening::Shaded { object } => {
                marker.shade(object);
            }
            Happening::Stored { .. } => {}
        }
        self.step(events, edges);
    }

    /// Scan what the schedule wants scanned by now.
    fn step(&mut self, events: usize, edges: &dyn Edges) {
        let Some(marker) = &mut self.marker else { return };
        loop {
            let mut again = false;
            for scan in &self.schedule.scans {
                let due = match scan.when {
                    When::Grey => true,
                    When::After(wanted) => wanted == events,
                };
                again |= due && marker.scan(scan.object - 1, edges);
            }
            if !again {
                return;
            }
        }
    }

    /// The goroutine may be stopped at this point. Returns what is freed here.
    pub fn point(&mut self, number: u32, stop: &StopPoint, edges: &dyn Edges) -> Vec<u32> {
        if number == self.schedule.start {
            self.marker = Some(Marker::begin(edges.objects()));
        }
        if number == self.schedule.roots {
            self.scan_roots(stop);
        }
        self.step(stop.at, edges);
        if number == self.schedule.end { self.end(stop, edges) } else { Vec::new() }
    }

    fn scan_roots(&mut self, stop: &StopPoint) {
        let Some(marker) = &mut self.marker else { return };
        for (_, object) in stop.roots.iter() {
            marker.shade(*object);
        }
    }

    fn end(&mut self, stop: &StopPoint, edges: &dyn Edges) -> Vec<u32> {
        if self.protocol.scans_stack_again() {
            self.scan_roots(stop);
        }
        let Some(mut marker) = self.marker.take() else { return Vec::new() };
        marker.drain(edges);
        let freed: Vec<u32> = marker.white().collect();
        let found = reachable(stop.roots.iter().map(|(_, object)| *object), edges);
        self.lost = freed.iter().copied().filter(|object| found.colour(*object) == Colour::Black).collect();
        freed
    }
}
