//! The shadow heap: one record per object, found by address.

use std::collections::BTreeMap;

/// Where an object stands.
///
/// | state | represents | allows | rejects |
/// |---|---|---|---|
/// | `Live` | every point so far has reached it | any use | nothing |
/// | `Condemned` | some point has not reached it | to stay unused | the first use, which turns it into `Misused` |
/// | `Misused` | it was used after such a point | anything: it is reported once | nothing |
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Life {
    /// Every point so far has reached it.
    Live,
    /// A point has not reached it.
    Condemned(Condemned),
    /// It was used after a point that had not reached it.
    Misused(Condemned, Use),
}

/// The first point that did not reach an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condemned {
    /// Number of the point, from 0.
    pub point: u32,
    /// Where that was.
    pub place: String,
    /// Guest instructions before it.
    pub step: u64,
    /// Frames and root words that were scanned there.
    pub scanned: (usize, usize),
    /// What held the object outside the collector's sight.
    pub holders: Vec<String>,
}

/// The use of a condemned object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Address of the guest instruction, or `None` when a service did it.
    pub pc: Option<u64>,
    /// The service's place when a service did it.
    pub place: String,
    /// Guest instructions before it.
    pub step: u64,
    /// Offset in the object.
    pub offset: u64,
    /// Whether it was written.
    pub write: bool,
}

/// One heap object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShadowObject {
    /// Number in order of allocation, from 1.
    pub number: u32,
    /// Address of its first byte.
    pub addr: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// Offsets of its pointer words.
    pub pointers: Vec<u64>,
    /// What it is for.
    pub what: String,
    /// Where it was made.
    pub place: String,
    /// Guest instructions before that.
    pub step: u64,
    /// Where it stands.
    pub life: Life,
    /// Stretches of points that have not reached it: first and last of each, ascending.
    pub unreached: Vec<(u32, u32)>,
    /// How many points there had been when it was used last.
    pub used_before: u32,
}

impl ShadowObject {
    /// Whether a collection at this point would have freed the object although it was used later.
    #[must_use]
    pub fn freed_too_early_at(&self, point: u32) -> bool {
        let unreached = self.unreached.iter().any(|(first, last)| (*first..=*last).contains(&point));
        unreached && self.used_before > point
    }

    /// Note that a point has not reached it.
    pub fn miss(&mut self, point: u32) {
        match self.unreached.last_mut() {
            Some((_, last)) if *last + 1 == point => *last = point,
            _ => self.unreached.push((point, point)),
        }
    }
}

/// All objects.
#[derive(Clone, Debug, Default)]
pub struct ShadowHeap {
    objects: Vec<ShadowObject>,
    by_addr: BTreeMap<u64, u32>,
    bounds: (u64, u64),
}

impl ShadowHeap {
    /// Note a new object.
    pub fn add(&mut self, object: ShadowObject) {
        let end = object.addr + object.bytes.max(1);
        let low = if self.objects.is_empty() { object.addr } else { self.bounds.0.min(object.addr) };
        self.bounds = (low, self.bounds.1.max(end));
        self.by_addr.insert(object.addr, self.objects.len() as u32);
        self.objects.push(object);
    }

    /// Number the next object gets.
    #[must_use]
    pub fn next_number(&self) -> u32 {
        self.objects.len() as u32 + 1
    }

    /// Index of the object that holds `addr`.
    #[inline]
    #[must_use]
    pub fn find(&self, addr: u64) -> Option<usize> {
        if addr < self.bounds.0 || addr >= self.bounds.1 {
            return None;
        }
        let (_, index) = self.by_addr.range(..=addr).next_back()?;
        let object = &self.objects[*index as usize];
        (addr - object.addr < object.bytes.max(1)).then_some(*index as usize)
    }

    /// Index of the first object that begins at `addr` or behind it.
    #[must_use]
    pub fn first_from(&self, addr: u64) -> Option<usize> {
        self.by_addr.range(addr..).next().map(|(_, index)| *index as usize)
    }

    /// All objects in order of allocation.
    #[must_use]
    pub fn objects(&self) -> &[ShadowObject] {
        &self.objects
    }

    /// All objects, to be changed.
    pub fn objects_mut(&mut self) -> &mut [ShadowObject] {
        &mut self.objects
    }

    /// Which objects a scan that starts with these pointers reaches. `word` reads memory as the collector does.
    #[must_use]
    pub fn reach(&self, roots: impl Iterator<Item = u64>, word: &dyn Fn(u64) -> Option<u64>) -> Vec<bool> {
        let mut reached = vec![false; self.objects.len()];
        let mut work: Vec<usize> = Vec::new();
        let mut visit = |addr: u64, work: &mut Vec<usize>| {
            if let Some(index) = self.find(addr)
                && !reached[index]
            {
                reached[index] = true;
                work.push(index);
            }
        };
        for root in roots {
            visit(root, &mut work);
        }
        while let Some(index) = work.pop() {
            let object = &self.objects[index];
            for offset in &object.pointers {
                if let Some(value) = word(object.addr + offset) {
                    visit(value, &mut work);
                }
            }
        }
        reached
    }
}
