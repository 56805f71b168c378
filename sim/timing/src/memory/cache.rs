//! One cache: which lines it holds, and when each arrives. The least recently used line makes room.

use crate::core_file::CacheLevel;

#[derive(Clone, Copy, Debug, Default)]
struct Way {
    /// The line's number plus one; 0 is empty.
    line: u64,
    /// The cycle from which on it is there.
    ready: u64,
}

/// A set-associative cache of anything that has a number: lines, pages.
#[derive(Clone, Debug)]
pub struct Cache {
    ways: usize,
    sets: u64,
    mask: Option<u64>,
    entries: Vec<Way>,
}

impl Cache {
    /// A cache of so many sets and ways.
    #[must_use]
    pub fn new(sets: u64, ways: u32) -> Self {
        let (sets, ways) = (sets.max(1), ways.max(1) as usize);
        let mask = sets.is_power_of_two().then(|| sets - 1);
        Self { ways, sets, mask, entries: vec![Way::default(); sets as usize * ways] }
    }

    /// A cache as a core file describes it.
    #[must_use]
    pub fn of(level: CacheLevel, line_bytes: u32) -> Self {
        let lines = u64::from(level.kib) * 1024 / u64::from(line_bytes);
        Self::new(lines / u64::from(level.ways.max(1)), level.ways)
    }

    /// Where the set of a line begins.
    #[inline]
    fn first_of(&self, line: u64) -> usize {
        self.mask.map_or_else(|| line % self.sets, |mask| line & mask) as usize * self.ways
    }

    fn set(&mut self, line: u64) -> &mut [Way] {
        let first = self.first_of(line);
        &mut self.entries[first..first + self.ways]
    }

    /// When the line is there, if it is or has been asked for. It becomes the most recently used one, which mostly it is already.
    #[inline]
    pub fn touch(&mut self, line: u64) -> Option<u64> {
        let first = self.first_of(line);
        match self.entries.get(first) {
            Some(way) if way.line == line + 1 => Some(way.ready),
            _ => self.touch_older(first, line),
        }
    }

    /// [`Cache::touch`], when the line is not the most recently used one of its set, which begins at `first`.
    #[inline(never)]
    fn touch_older(&mut self, first: usize, line: u64) -> Option<u64> {
        let set = &mut self.entries[first..first + self.ways];
        if let [newest, second, ..] = set
            && second.line == line + 1
        {
            std::mem::swap(newest, second);
            return Some(newest.ready);
        }
        let at = set.iter().position(|way| way.line == line + 1)?;
        let found = set[at];
        to_front(&mut set[..=at], found);
        Some(found.ready)
    }

    /// Whether the line is there or has been asked for.
    pub fn holds(&mut self, line: u64) -> bool {
        self.set(line).iter().any(|way| way.line == line + 1)
    }

    /// Put a line in, there from `ready` on.
    pub fn fill(&mut self, line: u64, ready: u64) {
        to_front(self.set(line), Way { line: line + 1, ready });
    }
}

/// The first of these ways is this one; the others move back by one, and the last is gone.
#[inline]
fn to_front(ways: &mut [Way], first: Way) {
    let mut moved = first;
    for way in ways {
        std::mem::swap(way, &mut moved);
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;

    #[test]
    fn the_least_recently_used_line_makes_room() {
        let mut cache = Cache::new(1, 2);
        cache.fill(1, 0);
        cache.fill(2, 0);
        assert_eq!(cache.touch(1), Some(0));
        cache.fill(3, 7);
        assert_eq!((cache.touch(1), cache.touch(2), cache.touch(3)), (Some(0), None, Some(7)));
    }

    #[test]
    fn lines_of_different_sets_do_not_meet() {
        let mut cache = Cache::new(4, 1);
        for line in 0..4 {
            cache.fill(line, line);
        }
        assert!((0..4).all(|line| cache.holds(line)));
        cache.fill(4, 0);
        assert!(!cache.holds(0) && cache.holds(1));
    }
}
