//! A model as an observer of the interpreter, for programs without phases.

use std::borrow::BorrowMut;

use rcsim_machine::{BlockRecorder, Observer};
use rcsim_uop::Block;

use crate::model::Model;

/// Follows a program under one tag, with a model of its own or somebody else's.
pub struct Follow<M> {
    model: M,
    recorder: BlockRecorder,
}

impl<M: BorrowMut<Model>> Follow<M> {
    /// Let this model follow; [`Model::begin`] comes first.
    #[must_use]
    pub fn new(model: M) -> Self {
        Self { model, recorder: BlockRecorder::default() }
    }
}

impl<M: BorrowMut<Model>> Observer for Follow<M> {
    const BLOCKS: bool = true;
    const INSNS: bool = true;
    const MEMORY: bool = true;
    const HELPER_MEMORY: bool = true;

    #[inline]
    fn block(&mut self, _block: &Block) {
        self.recorder.begin();
    }

    #[inline]
    fn wants_insns(&self, block: &Block) -> bool {
        self.recorder.wants_insns(block)
    }

    #[inline]
    fn insn(&mut self, _block: &Block, _index: usize) {
        self.recorder.insn();
    }

    #[inline]
    fn memory(&mut self, addr: u64, bytes: u64, write: bool) {
        self.recorder.memory(addr, bytes, write);
    }

    fn helper_memory(&mut self, addr: u64, bytes: u64, write: bool) {
        self.recorder.helper_memory(addr, bytes, write);
    }

    #[inline]
    fn retired(&mut self, block: &Block, insns: usize) {
        let run = self.recorder.finish(block, insns);
        self.model.borrow_mut().retired(0, &run);
    }
}
