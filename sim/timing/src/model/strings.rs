//! Repeated string instructions: a microcode sequence that moves lines.
//!
//! The interpreter runs them an element at a time. Here the elements are gathered until the instruction is over, and the
//! sequence is charged as a whole: its start-up, its bytes at the rate of the fast path, and the lines that are not in
//! the first-level cache at the rate at which that many lines can be in flight.

use rcsim_machine::MemoryAccess;

use super::pass::Of;
use crate::account::Cause;
use crate::core_file::{StringCost, StringCosts};
use crate::memory::Memory;
use crate::shape::Repeat;

/// A string instruction that is running.
#[derive(Clone, Copy, Debug)]
pub struct Running {
    /// Address of the instruction.
    pub pc: u64,
    /// Number of the instruction.
    pub insn: u32,
    /// The tag it runs under.
    pub tag: u8,
    /// What an element does.
    pub repeat: Repeat,
    /// The block that it ends, and its operations there: what it reads and writes.
    pub block: usize,
    /// First of its operations in the block.
    pub first_op: usize,
    /// Elements so far.
    elements: u64,
    source: Option<Range>,
    target: Option<Range>,
}

/// A run of bytes.
#[derive(Clone, Copy, Debug)]
struct Range {
    low: u64,
    end: u64,
}

impl Range {
    fn grow(range: &mut Option<Self>, access: &MemoryAccess) {
        let (low, end) = (access.addr, access.addr + u64::from(access.bytes));
        match range {
            Some(range) => (range.low, range.end) = (range.low.min(low), range.end.max(end)),
            None => *range = Some(Self { low, end }),
        }
    }

    const fn bytes(self) -> u64 {
        self.end - self.low
    }
}

/// What a string instruction cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Cycles.
    pub cycles: u64,
    /// How many of them went by because lines were not in the first-level cache, and which level had most.
    pub missing: (u64, Cause),
}

impl Running {
    /// A string instruction begins.
    #[must_use]
    pub const fn new(of: Of, repeat: Repeat, block: usize, first_op: usize) -> Self {
        let Of { pc, insn, tag, .. } = of;
        Self { pc, insn, tag, repeat, block, first_op, elements: 0, source: None, target: None }
    }

    /// The same before its first element.
    #[must_use]
    pub const fn anew(self) -> Self {
        Self { elements: 0, source: None, target: None, ..self }
    }

    /// One element, or none when the count is zero.
    pub fn element(&mut self, accesses: &[MemoryAccess]) {
        self.elements += u64::from(!accesses.is_empty());
        for access in accesses {
            Range::grow(if access.write { &mut self.target } else { &mut self.source }, access);
        }
    }

    /// What all of it costs.
    pub fn charge(&self, costs: &StringCosts, memory: &mut Memory) -> Charge {
        let cost = match self.repeat {
            Repeat { reads: true, writes: true } => &costs.copy,
            Repeat { reads: false, writes: true } => &costs.fill,
            Repeat { .. } => &costs.other,
        };
        if self.elements == 0 {
            return Charge { cycles: u64::from(cost.zero), missing: (0, Cause::Base) };
        }
        let bytes = self.target.or(self.source).map_or(0, Range::bytes);
        let moving = if bytes < u64::from(cost.fast_from) {
            u64::from(cost.element) * self.elements
        } else {
            u64::from(cost.fast_startup) + self.fast(bytes, cost)
        };
        let missing = self.missing(cost, memory);
        Charge { cycles: u64::from(cost.startup) + moving + missing.0, missing }
    }

    /// The fast path, without its start-up.
    fn fast(&self, bytes: u64, cost: &StringCost) -> u64 {
        let aligned = self.target.is_none_or(|target| target.low.is_multiple_of(u64::from(cost.align)));
        let misaligned = if aligned { 0 } else { u64::from(cost.misaligned) };
        if self.seems_to_overlap(cost) {
            return misaligned + u64::from(cost.alias_startup) + bytes.div_ceil(u64::from(cost.alias_bytes));
        }
        misaligned + bytes.div_ceil(u64::from(cost.bytes))
    }

    /// Copying to just above the source, as the low twelve bits of the addresses tell.
    fn seems_to_overlap(&self, cost: &StringCost) -> bool {
        let (Some(source), Some(target)) = (self.source, self.target) else { return false };
        let distance = target.low.wrapping_sub(source.low) % 4096;
        distance > 0 && distance < u64::from(cost.alias_distance)
    }

    fn missing(&self, cost: &StringCost, memory: &mut Memory) -> (u64, Cause) {
        let mut latencies = 0;
        let mut worst = Cause::Base;
        for range in [self.source, self.target].into_iter().flatten() {
            for line in range.low >> memory.line_shift()..=(range.end - 1) >> memory.line_shift() {
                let level = memory.stream_line(line);
                latencies += memory.beyond_l1(level);
                worst = worst.max(level);
            }
        }
        (latencies / u64::from(cost.lines_in_flight.max(1)), worst)
    }
}
