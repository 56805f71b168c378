//! What a run does, as far as anybody can tell: the proof that a mutant is equivalent.
//!
//! The trace takes in every instruction's address, every word that is read and written with its value, by guest and services
//! alike, and every root at every GC point. The changed instructions themselves are left out: the question is whether anything
//! *else* differs. Registers need not be looked at: a register that differs and never reaches an address, a
//! branch, a word of memory or a root has no effect.

use std::collections::BTreeSet;

use rcsim_machine::shadow::{Derive, GcPoint, NewObject, Shadow};
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

/// A shadow that takes the trace.
pub struct Tracer {
    digest: Digest,
    changed: BTreeSet<u64>,
    /// Where the heap is.
    heap: std::ops::Range<u64>,
    silent: bool,
    guard: u64,
    stop: bool,
}

/// Kinds of events, so that a load is not taken for a store.
const INSN: u64 = 1;
const LOAD: u64 = 2;
const STORE: u64 = 3;
const POINT: u64 = 4;
const ROOT: u64 = 5;
const OBJECT: u64 = 6;

impl Tracer {
    /// A tracer that leaves out what the instructions at these addresses access.
    pub fn new(changed: BTreeSet<u64>, heap: std::ops::Range<u64>) -> Self {
        Self { digest: Digest::default(), changed, heap, silent: false, guard: u64::MAX, stop: false }
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
            self.note(LOAD, addr ^ acc.bytes() << 60, value);
        }
    }

    fn store(&mut self, addr: u64, acc: Access, _words: &mut [()], _offset: usize, (): (), value: u64) {
        if !self.silent {
            let unused = 64 - 8 * acc.bytes() as u32;
            self.note(STORE, addr, value << unused);
        }
    }

    fn begin_insn(&mut self, pc: u64, _step: u64) {
        self.silent = self.changed.contains(&pc);
        if !self.silent {
            self.digest.all = mix(self.digest.all, INSN, pc, 0);
        }
    }

    fn service_at(&mut self, _place: &str) {
        self.silent = false;
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
        self.note(POINT, point.frames as u64, point.roots.len() as u64);
        for root in point.roots {
            self.note(ROOT, root.addr, root.value);
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use rcsim_machine::Shadow;
    use rcsim_uop::op::Access;

    use super::{Digest, Tracer};

    const WORD: Access = Access::little(3);

    fn trace(changed: &[u64], events: impl Fn(&mut Tracer)) -> Digest {
        let mut tracer = Tracer::new(changed.iter().copied().collect(), 0x1000..0x2000);
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
}
