//! What a run does, as far as anybody can tell: the proof that a mutant is equivalent.
//!
//! The trace takes in every instruction's address, every word that is read and written with its value, by guest and services
//! alike, and every root at every GC point. The changed instructions themselves are left out: the question is whether anything
//! *else* differs. Registers need not be looked at: a register that differs and never reaches an address, a
//! branch, a word of memory or a root has no effect. Two things are taken for the same: return addresses within the changed
//! instructions, since where a return really leads shows in the path, and roots that point neither into the heap nor into a
//! stack, since a scan does not follow them and a move does not adjust them.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use rcsim_go::mutation::Mutation;
use rcsim_go::places::Places;
use rcsim_machine::shadow::{Derive, GcPoint, NewObject, Shadow};
use rcsim_uop::edit::Lifted;
use rcsim_uop::op::Access;

/// Two traces of one run, as digests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// Of everything.
    pub all: u64,
    /// Of everything but the path and stores outside the heap: when this agrees, other instructions that ran and words that
    /// they stored led to nothing.
    pub observed: u64,
}

/// Which instructions are changed.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Their addresses.
    insns: BTreeSet<u64>,
    /// From the first to the address behind the last; empty when nothing is changed.
    span: RangeInclusive<u64>,
}

impl Changed {
    /// None.
    pub fn nothing() -> Self {
        Self { insns: BTreeSet::new(), span: RangeInclusive::new(1, 0) }
    }

    /// Those of a mutation.
    pub fn of(mutation: &Mutation) -> Self {
        let insns: BTreeSet<u64> =
            mutation.code.iter().flat_map(|lifted| lifted.insns.iter().map(|mark| mark.pc)).collect();
        let end = mutation.code.iter().map(Lifted::end).max();
        match insns.first().copied().zip(end) {
            Some((start, end)) => Self { insns, span: start..=end },
            None => Self::nothing(),
        }
    }
}

/// A shadow that takes the trace.
pub struct Tracer {
    digest: Digest,
    changed: Changed,
    /// Where the heap is.
    heap: std::ops::Range<u64>,
    /// Where stacks are.
    stacks: std::ops::Range<u64>,
    silent: bool,
    guard: u64,
    stop: bool,
}

/// How the steps begin in which the simulator moves the stack.
const MOVES: &str = "move the stack";

/// Kinds of events, so that a load is not taken for a store.
const INSN: u64 = 1;
const LOAD: u64 = 2;
const STORE: u64 = 3;
const POINT: u64 = 4;
const ROOT: u64 = 5;
const OBJECT: u64 = 6;

impl Tracer {
    /// A tracer that leaves out what the instructions at these addresses access.
    pub fn new(changed: Changed, places: &Places) -> Self {
        Self {
            digest: Digest::default(),
            changed,
            heap: places.heap..places.heap + places.heap_bytes,
            stacks: places.stacks..places.stacks + places.stacks_bytes,
            silent: false,
            guard: u64::MAX,
            stop: false,
        }
    }

    /// A word as far as it matters: addresses of the changed place are one.
    fn word(&self, value: u64) -> u64 {
        if self.changed.span.contains(&value) { *self.changed.span.start() } else { value }
    }

    /// What was taken.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    fn note(&mut self, kind: u64, a: u64, b: u64) {
        self.digest.all = mix(self.digest.all, kind, a, b);
        if kind != STORE || self.heap.contains(&a) {
            self.digest.observed = mix(self.digest.observed, kind, a, b);
        }
    }
}

/// The digest with one more event.
fn mix(digest: u64, kind: u64, a: u64, b: u64) -> u64 {
    let step = |digest: u64, word: u64| (digest.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    step(step(step(digest, kind), a), b)
}

impl Shadow for Tracer {
    type Tag = ();
    type Word = ();
    const ACTIVE: bool = true;
    const POINTS: bool = true;

    fn constant(&mut self, _value: u64) {}

    fn derive(&mut self, _how: Derive, (): (), (): (), _result: u64) {}

    fn load(&mut self, addr: u64, acc: Access, _words: &[()], _offset: usize, value: u64) {
        self.stop |= addr == self.guard;
        if !self.silent {
            self.note(LOAD, addr ^ acc.bytes() << 60, self.word(value));
        }
    }

    fn store(&mut self, addr: u64, acc: Access, _words: &mut [()], _offset: usize, (): (), value: u64) {
        if !self.silent {
            let unused = 64 - 8 * acc.bytes() as u32;
            self.note(STORE, addr, self.word(value) << unused);
        }
    }

    fn begin_insn(&mut self, pc: u64, _step: u64) {
        self.silent = self.changed.insns.contains(&pc);
        if !self.silent {
            self.digest.all = mix(self.digest.all, INSN, pc, 0);
        }
    }

    /// What is read while the stack moves shows in what is read later from where it has moved to.
    fn service_at(&mut self, place: &str) {
        self.silent = place.starts_with(MOVES);
    }

    fn stop_requested(&mut self) -> bool {
        std::mem::take(&mut self.stop)
    }

    fn stack_guard(&mut self, addr: u64) {
        self.guard = addr;
    }

    fn allocated(&mut self, object: NewObject<'_>) {
        self.note(OBJECT, object.addr, object.bytes);
    }

    fn point(&mut self, point: &GcPoint<'_, ()>) -> Vec<(u64, u64)> {
        self.note(POINT, point.frames as u64, 0);
        for root in point.roots {
            if self.heap.contains(&root.value) || self.stacks.contains(&root.value) {
                self.note(ROOT, root.addr, root.value);
            }
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use rcsim_go::places::Places;
    use rcsim_machine::Shadow;
    use rcsim_machine::shadow::{GcPoint, PointKind, Root, RootKind};
    use rcsim_uop::op::Access;

    use super::{Changed, Digest, Tracer};

    const WORD: Access = Access::little(3);
    const PLACES: Places = Places {
        code: 0x9000,
        file_base: 0xa000,
        runtime: 0xb000,
        runtime_bytes: 0x1000,
        heap: 0x1000,
        heap_bytes: 0x1000,
        stacks: 0x4000,
        stacks_bytes: 0x1000,
    };

    fn trace(changed: &[u64], events: impl Fn(&mut Tracer)) -> Digest {
        let span = changed.first().copied().unwrap_or(1)..=changed.last().copied().unwrap_or(0);
        let changed = Changed { insns: changed.iter().copied().collect(), span };
        let mut tracer = Tracer::new(changed, &PLACES);
        events(&mut tracer);
        tracer.digest()
    }

    #[test]
    fn a_store_to_the_stack_that_differs_is_seen_by_one_digest_only() {
        let with = |value| trace(&[], |tracer| tracer.store(0x40, WORD, &mut [], 0, (), value));
        let (one, other) = (with(1), with(2));
        assert!(one.all != other.all && one.observed == other.observed);
    }

    #[test]
    fn a_store_to_the_heap_that_differs_is_seen_by_both() {
        let with = |value| trace(&[], |tracer| tracer.store(0x1040, WORD, &mut [], 0, (), value));
        let (one, other) = (with(1), with(2));
        assert!(one.all != other.all && one.observed != other.observed);
    }

    #[test]
    fn what_the_changed_instruction_accesses_does_not_count() {
        let with = |changed: &[u64], value| {
            trace(changed, |tracer| {
                tracer.begin_insn(0x10, 0);
                tracer.load(0x40, WORD, &[], 0, value);
                tracer.begin_insn(0x14, 1);
                tracer.load(0x48, WORD, &[], 0, 7);
            })
        };
        assert_eq!(with(&[0x10], 1), with(&[0x10], 2));
        assert_ne!(with(&[0x14], 1), with(&[0x14], 2));
    }

    #[test]
    fn a_return_address_in_the_changed_place_is_as_good_as_another() {
        let with = |value| {
            trace(&[0x9010, 0x9014], |tracer| {
                tracer.begin_insn(0x9000, 0);
                tracer.load(0x4040, WORD, &[], 0, value);
            })
        };
        assert_eq!(with(0x9014), with(0x9010));
        assert_ne!(with(0x9014), with(0x9018));
    }

    #[test]
    fn roots_count_that_a_scan_follows_or_a_move_adjusts() {
        let with = |value| {
            trace(&[], |tracer| {
                let root = Root { kind: RootKind::Stack, addr: 0x4040, value, word: () };
                let point = GcPoint {
                    kind: PointKind::StackCheck,
                    place: &String::new,
                    pc: None,
                    step: 0,
                    roots: &[root],
                    declared: &[],
                    frames: 1,
                    word: &|_| None,
                    holders: &|_, _| Vec::new(),
                    name: &|_| String::new(),
                };
                tracer.point(&point);
            })
        };
        assert_eq!(with(0xb010), with(0));
        assert_ne!(with(0x1010), with(0));
        assert_ne!(with(0x4100), with(0));
    }
}
