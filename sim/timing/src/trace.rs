//! Times of single operations, for viewers.

use crate::class::OpClass;

/// When one operation went through the core, in cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpTimes {
    /// Address of its instruction.
    pub pc: u64,
    /// The tag it ran under.
    pub tag: u8,
    /// Its class.
    pub class: OpClass,
    /// Whether it is the first of its instruction.
    pub first: bool,
    /// Whether the branch behind its instruction is part of it.
    pub fused: bool,
    /// Number of its instruction in what is measured, from 0. Each element of a string instruction counts as one.
    pub step: u64,
    /// Delivered by the front end.
    pub delivered: u64,
    /// Entered the window.
    pub dispatched: u64,
    /// Started on a port.
    pub started: u64,
    /// Result known.
    pub done: u64,
    /// Left the window.
    pub retired: u64,
    /// The operation that it waited for last, when it waited for one.
    pub waited_for: Option<u64>,
    /// Its own number, counted from the first that the core ever performed.
    pub number: u64,
}

/// What was noted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The operations in order.
    pub ops: Vec<OpTimes>,
    /// Cycle at which what is measured began: that in which everything before it had retired.
    pub began: u64,
    /// Whether there were more than the limit allows.
    pub truncated: bool,
}

/// Notes the times of operations, up to a limit.
#[derive(Debug)]
pub struct Recorder {
    most: usize,
    steps: u64,
    recorded: Recorded,
}

impl Recorder {
    /// A recorder for so many operations.
    #[must_use]
    pub fn new(most: usize, began: u64) -> Self {
        Self { most, steps: 0, recorded: Recorded { began, ..Recorded::default() } }
    }

    /// An instruction begins.
    pub(crate) const fn insn(&mut self) {
        self.steps += 1;
    }

    /// Number of the instruction that began last.
    pub(crate) const fn step(&self) -> u64 {
        self.steps.saturating_sub(1)
    }

    pub(crate) fn push(&mut self, times: OpTimes) {
        if self.recorded.ops.len() < self.most {
            self.recorded.ops.push(times);
        } else {
            self.recorded.truncated = true;
        }
    }

    pub(crate) fn restart(&mut self, began: u64) {
        *self = Self::new(self.most, began);
    }

    pub(crate) fn finish(self) -> Recorded {
        self.recorded
    }
}
