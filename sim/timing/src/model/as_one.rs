//! Instructions as one thing each, as llvm-mca takes them, for comparison with it.
//!
//! The model lets the operations of an instruction start and end each on its own. llvm-mca knows only whole instructions, and that
//! has consequences which no number of a core file can state. They are here, so that what is left of a difference
//! has other reasons:
//!
//! - an instruction starts when all is there that it needs: an address waits for the data that is stored to it, and so does
//!   a base register that the instruction moves on;
//! - only arithmetic passes its results on to arithmetic early: what was loaded is needed from the start on;
//! - in order, the first result of an instruction does not come before the last one of any older instruction;
//! - its operations are dispatched in one cycle, if that has so many places;
//! - where LLVM describes the places of a dispatch group as ports, they are taken when an instruction starts.

use std::collections::BTreeMap;

use rcsim_uop::reg::SLOTS;

use crate::class::OpClass;
use crate::shape::{InsnShape, MemoryUse};
use crate::translate::{CoreOp, Whole};

/// What must be known about older instructions.
pub struct AsOne {
    last_result: u64,
    /// Registers whose value was loaded.
    loaded: [bool; SLOTS],
    /// Places of a group, where they are taken like ports.
    group: Option<u32>,
    taken: BTreeMap<u64, u32>,
}

/// Cycles back for which places are remembered.
const MEMORY: u64 = 4096;

/// Make one thing of an instruction: its updated base waits for what it stores.
pub fn join(insn: &mut InsnShape) {
    let data: Vec<u8> = insn.parts.iter().flat_map(|part| part.data.clone()).collect();
    for part in insn.parts.iter_mut().filter(|part| part.class == OpClass::AddressUpdate) {
        part.reads.extend(&data);
    }
}

impl AsOne {
    /// Nothing has run yet; `group` is the number of places that instructions take as they start, if they do.
    pub fn new(group: Option<u32>) -> Self {
        Self { last_result: 0, loaded: [false; SLOTS], group, taken: BTreeMap::new() }
    }

    /// When the operands are there that are needed from the start on.
    pub fn operands(&self, reads: &[u8], data: &[u8], known: impl Fn(&u8) -> u64) -> u64 {
        let loaded = reads.iter().filter(|slot| self.loaded[usize::from(**slot)]);
        loaded.chain(data).map(known).max().unwrap_or(0)
    }

    /// The cycle from `at` on in which an instruction keeps the order of results.
    pub fn in_order(&self, at: u64, whole: Whole) -> u64 {
        at.max(self.last_result.saturating_sub(u64::from(whole.first_result)))
    }

    /// The cycle from `at` on in which there are places for an instruction and a port is free: they are its.
    pub fn place(&mut self, at: u64, whole: Whole, free: impl Fn(u64) -> bool) -> u64 {
        let Some(group) = self.group else { return at };
        let places = whole.places.min(group);
        let fits =
            |cycle: &u64| self.taken.get(cycle).copied().unwrap_or(0) + places <= group && free(*cycle);
        // There is always such a cycle: nothing has been placed that far ahead.
        let cycle = (at..).find(fits).unwrap_or(at);
        *self.taken.entry(cycle).or_default() += places;
        self.taken = self.taken.split_off(&cycle.saturating_sub(MEMORY));
        cycle
    }

    /// An operation is done, and these registers are known.
    pub fn done(&mut self, op: &CoreOp, writes: &[u8], done: u64) {
        self.last_result = self.last_result.max(done);
        for slot in writes {
            self.loaded[usize::from(*slot)] = matches!(op.memory, MemoryUse::Load { .. });
        }
    }
}
