//! A model as an observer of the interpreter, for programs without phases.

use rcsim_machine::{BlockRecorder, Observer};
use rcsim_uop::Block;

use crate::model::Model;

/// Follows a program under one tag.
pub struct Follow<'a> {
    model: &'a mut Model,
    recorder: BlockRecorder,
}

impl<'a> Follow<'a> {
    /// Let this model follow; [`Model::begin`] comes first.
    #[must_use]
    pub fn new(model: &'a mut Model) -> Self {
        Self { model, recorder: BlockRecorder::default() }
    }
}

impl Observer for Follow<'_> {
    const BLOCKS: bool = true;
    const INSNS: bool = true;
    const MEMORY: bool = true;

    #[inline]
    fn block(&mut self, _block: &Block) {
        self.recorder.begin();
    }

    #[inline]
    fn insn(&mut self, _block: &Block, _index: usize) {
        self.recorder.insn();
    }

    #[inline]
    fn memory(&mut self, addr: u64, bytes: u64, write: bool) {
        self.recorder.memory(addr, bytes, write);
    }

    #[inline]
    fn retired(&mut self, block: &Block, insns: usize) {
        self.model.retired(0, &self.recorder.finish(block, insns));
    }
}
