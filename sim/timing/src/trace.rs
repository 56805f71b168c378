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
    /// Number of the operation that it waited for last, counted from the start of the program.
    pub waited_for: u64,
    /// Its own number.
    pub number: u64,
}

/// Notes the times of operations, up to a limit.
#[derive(Debug)]
pub struct Recorder {
    most: usize,
    times: Vec<OpTimes>,
}

impl Recorder {
    /// A recorder for so many operations.
    #[must_use]
    pub const fn new(most: usize) -> Self {
        Self { most, times: Vec::new() }
    }

    pub(crate) fn push(&mut self, times: OpTimes) {
        if self.times.len() < self.most {
            self.times.push(times);
        }
    }

    pub(crate) fn restart(&mut self) {
        self.times.clear();
    }

    pub(crate) fn finish(self) -> Vec<OpTimes> {
        self.times
    }
}
