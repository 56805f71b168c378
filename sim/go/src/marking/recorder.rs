//! A shadow that writes down which memory is accessed, and by which instructions.

use rcsim_machine::shadow::{Derive, Shadow};

/// Most accesses that are kept: what is watched is a few dozen instructions long.
const MAX_ACCESSES: usize = 1 << 12;

/// One access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    /// Address of the instruction.
    pub pc: u64,
    /// Address of the memory.
    pub addr: u64,
    /// Whether it was written.
    pub write: bool,
}

/// Records accesses of guest code while it is switched on.
#[derive(Debug, Default)]
pub struct Recorder {
    on: bool,
    pc: u64,
    accesses: Vec<Access>,
}

impl Recorder {
    /// Record from here on.
    pub(super) fn start(&mut self) {
        self.on = true;
        self.accesses.clear();
    }

    /// Stop, and give back what was recorded.
    pub(super) fn stop(&mut self) -> Vec<Access> {
        self.on = false;
        std::mem::take(&mut self.accesses)
    }

    fn note(&mut self, addr: u64, write: bool) {
        if self.on && self.accesses.len() < MAX_ACCESSES {
            self.accesses.push(Access { pc: self.pc, addr, write });
        }
    }
}

impl Shadow for Recorder {
    type Tag = ();
    type Word = ();
    const ACTIVE: bool = true;

    fn constant(&mut self, _value: u64) {}

    fn derive(&mut self, _how: Derive, (): (), (): (), _result: u64) {}

    fn load(&mut self, addr: u64, _acc: rcsim_uop::op::Access, _words: &[()], _offset: usize, _value: u64) {
        self.note(addr, false);
    }

    fn store(
        &mut self,
        addr: u64,
        _acc: rcsim_uop::op::Access,
        _words: &mut [()],
        _offset: usize,
        (): (),
        _value: u64,
    ) {
        self.note(addr, true);
    }

    const EVERY_INSN: bool = false;

    fn begin_insn(&mut self, pc: u64, _step: u64) {
        self.pc = pc;
    }
}
