//! Branch prediction: direction, targets, returns.
//!
//! Directions come from tagged tables with histories of geometrically growing length, as in TAGE (Seznec and Michaud, "A
//! case for (partially) tagged geometric history length branch prediction", JILP 2006): the table with the longest
//! history that knows the branch decides. With no such table it is a table of two-bit counters.

use crate::core_file::Branches;
use crate::memory::cache::Cache;
use crate::shape::BranchKind;

/// Lengths of the tables' histories, in branches.
const LENGTHS: [u32; 8] = [4, 9, 18, 37, 64, 110, 190, 300];
const TAG_BITS: u32 = 9;
/// Bits of history that are kept.
const HISTORY: usize = 512;
/// Two-bit counters start here: weakly not taken.
const WEAK: u8 = 1;

/// What became of a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Prediction {
    /// Right, and the target was known.
    Right,
    /// Right, or noticed at decode, but the target of a direct branch had to be worked out.
    LateTarget,
    /// Wrong: found out when the branch was executed.
    Wrong,
}

#[derive(Clone, Copy, Default)]
struct Entry {
    tag: u16,
    /// Three bits: taken from 4 on.
    counter: u8,
    useful: u8,
}

/// A history folded to a few bits, kept up with each branch.
#[derive(Clone, Copy, Default)]
struct Folded {
    value: u32,
    bits: u32,
    /// Where the oldest branch has come to when it leaves the history.
    oldest_bit: u32,
}

impl Folded {
    const fn new(bits: u32, length: u32) -> Self {
        Self { value: 0, bits, oldest_bit: length % bits }
    }

    #[inline]
    const fn push(&mut self, newest: u32, oldest: u32) {
        let mut value = (self.value << 1) | newest;
        value ^= oldest << self.oldest_bit;
        value ^= value >> self.bits;
        self.value = value & ((1 << self.bits) - 1);
    }
}

struct Table {
    entries: Vec<Entry>,
    length: u32,
    index: Folded,
    tag: [Folded; 2],
}

impl Table {
    fn new(bits: u32, length: u32) -> Self {
        let fold = |bits| Folded::new(bits, length);
        Self {
            entries: vec![Entry::default(); 1 << bits],
            length,
            index: fold(bits),
            tag: [fold(TAG_BITS), fold(TAG_BITS - 1)],
        }
    }

    #[inline]
    fn place(&self, pc: u64) -> usize {
        let bits = self.index.bits;
        let hash = pc ^ (pc >> bits) ^ u64::from(self.index.value);
        hash as usize & (self.entries.len() - 1)
    }

    #[inline]
    fn tag_of(&self, pc: u64) -> u16 {
        let hash = pc as u32 ^ self.tag[0].value ^ (self.tag[1].value << 1);
        (hash & ((1 << TAG_BITS) - 1)) as u16 | 1 << TAG_BITS
    }
}

/// Predicts.
pub struct Predictor {
    base: Vec<u8>,
    tables: Vec<Table>,
    history: [bool; HISTORY],
    head: usize,
    /// How many of the newest outcomes are the same, up to [`HISTORY`].
    alike: u32,
    /// The last branch, if it was conditional and would change nothing if it came again and went the same way.
    settled: Option<(u64, bool)>,
    path: u64,
    targets: Cache,
    indirect: Vec<(u64, u64)>,
    returns: Returns,
    /// Branches, and how many of them were mispredicted.
    pub counts: (u64, u64),
}

/// A return address that fits whatever comes: the host called.
pub const ANY: u64 = u64::MAX;
const INDIRECT: usize = 512;

impl Predictor {
    /// A predictor that has seen nothing.
    #[must_use]
    pub fn new(core: Branches) -> Self {
        let tables = LENGTHS.iter().take(core.history_tables as usize);
        Self {
            base: vec![WEAK; 1 << core.base_bits],
            tables: tables.map(|length| Table::new(core.history_bits, *length)).collect(),
            history: [false; HISTORY],
            head: 0,
            alike: 0,
            settled: None,
            path: 0,
            targets: Cache::new(u64::from(core.btb_entries / 4).max(1), 4),
            indirect: vec![(0, 0); INDIRECT],
            returns: Returns::new(core.return_stack),
            counts: (0, 0),
        }
    }

    /// The branch at `pc` went to `target`; when not taken, `target` is where it falls through to.
    #[inline]
    pub fn branch(&mut self, pc: u64, kind: BranchKind, taken: bool, target: u64, after: u64) -> Prediction {
        self.counts.0 += 1;
        if kind == BranchKind::Conditional && self.settled == Some((pc, taken)) {
            return Prediction::Right;
        }
        self.settled = None;
        self.learn_from(pc, kind, taken, target, after)
    }

    #[inline(never)]
    fn learn_from(&mut self, pc: u64, kind: BranchKind, taken: bool, target: u64, after: u64) -> Prediction {
        let prediction = match kind {
            BranchKind::Conditional => self.conditional(pc, taken),
            BranchKind::Jump | BranchKind::Call => self.direct(pc),
            BranchKind::JumpIndirect | BranchKind::CallIndirect => self.computed(pc, target),
            BranchKind::Return => self.returned(target),
        };
        if matches!(kind, BranchKind::Call | BranchKind::CallIndirect) {
            self.called(after);
        }
        self.counts.1 += u64::from(prediction == Prediction::Wrong);
        prediction
    }

    /// A call that returns to `after`.
    pub fn called(&mut self, after: u64) {
        self.returns.push(after);
    }

    /// Where the innermost call returns to.
    #[must_use]
    pub fn return_address(&self) -> Option<u64> {
        self.returns.last()
    }

    /// The innermost call has returned without a return instruction.
    pub fn drop_return(&mut self) {
        self.returns.pop();
    }

    fn returned(&mut self, target: u64) -> Prediction {
        match self.returns.pop() {
            Some(address) if address == target || address == ANY => Prediction::Right,
            _ => Prediction::Wrong,
        }
    }

    fn direct(&mut self, pc: u64) -> Prediction {
        if self.targets.touch(pc).is_some() {
            return Prediction::Right;
        }
        self.targets.fill(pc, 0);
        Prediction::LateTarget
    }

    fn computed(&mut self, pc: u64, target: u64) -> Prediction {
        let slot = (pc ^ (pc >> 9) ^ self.path) as usize % INDIRECT;
        self.path = (self.path << 3 ^ target >> 2) & 0xffff;
        let known = self.indirect[slot];
        self.indirect[slot] = (pc, target);
        if known == (pc, target) { Prediction::Right } else { Prediction::Wrong }
    }

    fn conditional(&mut self, pc: u64, taken: bool) -> Prediction {
        let (guess, learned) = self.direction(pc, taken);
        self.push(taken);
        if guess != taken {
            return Prediction::Wrong;
        }
        let longest = self.tables.last().map_or(0, |table| table.length);
        if !learned && self.alike > longest {
            self.settled = Some((pc, taken));
        }
        if taken { self.direct(pc) } else { Prediction::Right }
    }

    /// The guess, and learning from what happened: whether that changed anything.
    fn direction(&mut self, pc: u64, taken: bool) -> (bool, bool) {
        let hash = pc ^ (pc >> 5);
        let base = hash as usize & (self.base.len() - 1);
        let known = |table: &&mut Table| table.entries[table.place(hash)].tag == table.tag_of(hash);
        let Some((n, table)) = self.tables.iter_mut().enumerate().rev().find(|(_, table)| known(table))
        else {
            let guess = self.base[base] >= 2;
            let learned = step(&mut self.base[base], taken, 3);
            if guess != taken {
                self.allocate(hash, taken, 0);
            }
            return (guess, learned);
        };
        let place = table.place(hash);
        let entry = &mut table.entries[place];
        let guess = entry.counter >= 4;
        let learned = learn(entry, taken, guess);
        if guess != taken {
            self.allocate(hash, taken, n + 1);
        }
        (guess, learned)
    }

    /// Give the branch an entry in a table with a longer history.
    fn allocate(&mut self, hash: u64, taken: bool, from: usize) {
        for table in &mut self.tables[from..] {
            let (place, tag) = (table.place(hash), table.tag_of(hash));
            let entry = &mut table.entries[place];
            if entry.useful == 0 {
                *entry = Entry { tag, counter: if taken { 4 } else { 3 }, useful: 0 };
                return;
            }
            entry.useful -= 1;
        }
    }

    /// The outcome becomes the newest of the histories. They are as they were when all that they hold is alike.
    #[inline]
    fn push(&mut self, taken: bool) {
        self.alike = if self.history[self.head] == taken { (self.alike + 1).min(HISTORY as u32) } else { 1 };
        self.head = (self.head + 1) % HISTORY;
        self.history[self.head] = taken;
        let (head, history, alike) = (self.head, &self.history, self.alike);
        for table in self.tables.iter_mut().filter(|table| table.length >= alike) {
            let oldest = u32::from(history[(head + HISTORY - table.length as usize) % HISTORY]);
            table.index.push(u32::from(taken), oldest);
            for tag in &mut table.tag {
                tag.push(u32::from(taken), oldest);
            }
        }
    }
}

/// Where the innermost calls return to: as many as there is room for.
struct Returns {
    places: Vec<u64>,
    /// The place of the innermost.
    top: usize,
    held: usize,
}

impl Returns {
    fn new(places: u32) -> Self {
        Self { places: vec![0; places.max(1) as usize], top: 0, held: 0 }
    }

    #[inline]
    fn push(&mut self, address: u64) {
        self.top = if self.top + 1 == self.places.len() { 0 } else { self.top + 1 };
        self.places[self.top] = address;
        self.held = (self.held + 1).min(self.places.len());
    }

    #[inline]
    fn last(&self) -> Option<u64> {
        (self.held > 0).then(|| self.places[self.top])
    }

    #[inline]
    fn pop(&mut self) -> Option<u64> {
        let last = self.last()?;
        self.held -= 1;
        self.top = self.top.checked_sub(1).unwrap_or(self.places.len() - 1);
        Some(last)
    }
}

/// A counter goes one up or down, if it can: whether it did.
#[inline]
fn step(counter: &mut u8, up: bool, most: u8) -> bool {
    let before = *counter;
    *counter = if up { (before + 1).min(most) } else { before.saturating_sub(1) };
    *counter != before
}

/// An entry learns from a branch that went one way and was guessed to go another: whether it changed.
#[inline]
fn learn(entry: &mut Entry, taken: bool, guess: bool) -> bool {
    let stepped = step(&mut entry.counter, taken, 7);
    guess == taken && step(&mut entry.useful, true, 3) || stepped
}

#[cfg(test)]
mod tests {
    use super::{ANY, Prediction, Predictor};
    use crate::core_file::Branches;
    use crate::shape::BranchKind;

    fn predictor(history_tables: u32) -> Predictor {
        Predictor::new(Branches {
            mispredict: 10,
            btb_miss: 3,
            btb_entries: 64,
            return_stack: 4,
            base_bits: 8,
            history_tables,
            history_bits: 8,
        })
    }

    fn wrong(predictor: &mut Predictor, pattern: &[bool], rounds: usize) -> usize {
        let all = (0..rounds).flat_map(|_| pattern.iter().copied());
        let went = |taken| if taken { 0x80 } else { 0x44 };
        all.filter(|taken| {
            predictor.branch(0x40, BranchKind::Conditional, *taken, went(*taken), 0x44) == Prediction::Wrong
        })
        .count()
    }

    #[test]
    fn histories_learn_a_loop_that_counters_get_wrong_once_a_round() {
        let pattern = [true, true, true, true, true, true, false];
        wrong(&mut predictor(0), &pattern, 50);
        let (mut simple, mut histories) = (predictor(0), predictor(4));
        let _ = (wrong(&mut simple, &pattern, 50), wrong(&mut histories, &pattern, 50));
        assert_eq!(wrong(&mut simple, &pattern, 20), 20);
        assert_eq!(wrong(&mut histories, &pattern, 20), 0);
    }

    #[test]
    fn histories_hold_what_happened_however_long_it_was_alike() {
        let mut predictor = predictor(3);
        let mut outcomes = Vec::new();
        for run in 1..60_u32 {
            for _ in 0..run * 7 % 47 {
                predictor.branch(0x40, BranchKind::Conditional, run % 2 == 0, 0x44, 0x44);
                outcomes.push(run % 2 == 0);
            }
            for table in &predictor.tables {
                let held = outcomes.iter().rev().take(table.length as usize).enumerate();
                let folded = held.fold(0, |folded, (age, taken)| {
                    folded ^ u32::from(*taken) << (age as u32 % table.index.bits)
                });
                assert_eq!(table.index.value, folded, "after run {run}, {} branches", table.length);
            }
        }
    }

    #[test]
    fn a_branch_that_changes_nothing_is_noticed_as_such() {
        let (mut notices, mut learns) = (predictor(2), predictor(2));
        let mut settled = 0;
        for round in 0..400_u64 {
            let (pc, taken, times) = (0x40 + 4 * (round % 3), round % 7 != 0, round * 5 % 61);
            for _ in 0..times {
                settled += u32::from(notices.settled == Some((pc, taken)));
                let branch = |predictor: &mut Predictor| {
                    predictor.branch(pc, BranchKind::Conditional, taken, 0x80, pc + 4)
                };
                learns.settled = None;
                assert_eq!(branch(&mut notices), branch(&mut learns), "round {round}");
            }
        }
        assert_eq!(notices.counts, learns.counts);
        assert!(settled > 1000, "{settled} times");
    }

    #[test]
    fn returns_follow_calls_up_to_the_depth_of_the_stack() {
        let mut predictor = predictor(0);
        for n in 0..6 {
            predictor.branch(n, BranchKind::Call, true, 0x1000, 0x100 + n);
        }
        let mut back = |to| predictor.branch(0x1000, BranchKind::Return, true, to, 0);
        let right: Vec<Prediction> = (0..6).rev().map(|n| back(0x100 + n)).collect();
        assert_eq!(&right[..4], [Prediction::Right; 4]);
        assert_eq!(&right[4..], [Prediction::Wrong; 2]);
    }

    #[test]
    fn a_call_by_the_host_returns_anywhere() {
        let mut predictor = predictor(0);
        predictor.called(ANY);
        assert_eq!(predictor.branch(1, BranchKind::Return, true, 0x777, 2), Prediction::Right);
    }

    #[test]
    fn a_direct_branch_is_late_once() {
        let mut predictor = predictor(0);
        let mut jump = || predictor.branch(0x40, BranchKind::Jump, true, 0x80, 0x44);
        assert_eq!((jump(), jump()), (Prediction::LateTarget, Prediction::Right));
    }
}
