//! Somebody who follows the retired stream of a run, phase by phase: the cycle model does.
//!
//! The follower is called once a block; without one, the interpreter is compiled without it.

use std::sync::Arc;

use rcsim_machine::{BlockRecorder, Observer, RetiredBlock};
use rcsim_uop::{Block, Isa};

use crate::phases::{Phase, PhaseMeter};

mod recording;

pub use recording::Recording;

/// Follows the retired stream.
pub trait Follower {
    /// The run is about to begin on this instruction set.
    fn begin(&mut self, isa: &Arc<dyn Isa>);
    /// A block has retired. Blocks of hooks come too, with no instruction: a service runs there.
    fn retired(&mut self, phase: Phase, run: &RetiredBlock<'_>);
}

/// A follower with what is collected for it.
pub struct Following {
    follower: Box<dyn Follower>,
    recorder: BlockRecorder,
}

impl Following {
    /// Let this one follow.
    #[must_use]
    pub fn new(follower: Box<dyn Follower>) -> Self {
        Self { follower, recorder: BlockRecorder::default() }
    }

    /// The run is about to begin.
    pub fn begin(&mut self, isa: &Arc<dyn Isa>) {
        self.follower.begin(isa);
    }
}

/// The meter, and a follower who hears the phase from it.
pub(crate) struct Followed<'a> {
    pub meter: &'a mut PhaseMeter,
    pub following: &'a mut Following,
}

impl Observer for Followed<'_> {
    const BLOCKS: bool = true;
    const INSNS: bool = true;
    const MEMORY: bool = true;
    const HELPER_MEMORY: bool = true;

    #[inline]
    fn block(&mut self, block: &Block) {
        self.meter.block(block);
        self.following.recorder.begin();
    }

    #[inline]
    fn wants_insns(&self, block: &Block) -> bool {
        self.following.recorder.wants_insns(block)
    }

    #[inline]
    fn insn(&mut self, _block: &Block, _index: usize) {
        self.following.recorder.insn();
    }

    #[inline]
    fn memory(&mut self, addr: u64, bytes: u64, write: bool) {
        self.meter.memory(addr, bytes, write);
        self.following.recorder.memory(addr, bytes, write);
    }

    fn helper_memory(&mut self, addr: u64, bytes: u64, write: bool) {
        self.following.recorder.helper_memory(addr, bytes, write);
    }

    #[inline]
    fn retired(&mut self, block: &Block, insns: usize) {
        self.meter.retired(block, insns);
        let run = self.following.recorder.finish(block, insns);
        self.following.follower.retired(self.meter.phase(), &run);
    }
}
