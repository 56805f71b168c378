//! How each micro-op moves data, and what the shadow sees of it. One short function a micro-op.

mod flags;
mod floats;
mod helpers;
mod integer;
mod memory;
mod vectors;

use rcsim_uop::Block;
use rcsim_uop::guest::MemFault;
use rcsim_uop::isa::HelperTrap;
use rcsim_uop::reg::Reg;

use super::{Exec, Flow};
use crate::observer::Observer;
use crate::shadow::{Derive, Shadow};
use crate::trap::TrapKind;

impl From<MemFault> for TrapKind {
    fn from(fault: MemFault) -> Self {
        Self::Memory(fault)
    }
}

impl From<HelperTrap> for TrapKind {
    fn from(trap: HelperTrap) -> Self {
        match trap {
            HelperTrap::Memory(fault) => Self::Memory(fault),
            HelperTrap::Divide => Self::Divide,
            HelperTrap::Arithmetic => Self::Arithmetic,
        }
    }
}

/// What is common to all.
impl<S: Shadow, O: Observer> Exec<'_, S, O> {
    /// Tell the shadow and the observer of the instructions that begin at micro-op `at`, if they want to know of each; returns
    /// the next one's number.
    #[inline]
    pub(in crate::interp) fn begin_insns(&mut self, block: &Block, mut insn: usize, at: usize) -> usize {
        while let Some(mark) = block.insns.get(insn)
            && usize::from(mark.first_op) <= at
        {
            if S::EVERY_INSN {
                self.shadow.begin_insn(mark.pc, self.cpu.steps + insn as u64);
            }
            if O::INSNS {
                self.observer.insn(block, insn);
            }
            insn += 1;
        }
        insn
    }

    /// Tell a shadow that does not hear of every instruction to which one the micro-op at `op` belongs.
    #[inline(always)]
    pub(in crate::interp) fn tell_place(&mut self, block: &Block, op: usize) {
        if S::ACTIVE && !S::EVERY_INSN {
            let place = block.places[op];
            self.shadow.begin_insn(place.pc, self.cpu.steps + u64::from(place.insn));
        }
    }

    #[inline(always)]
    fn r(&self, reg: Reg) -> u64 {
        self.cpu.reg(reg)
    }

    /// Set a slot to a result derived from two operands.
    #[inline(always)]
    fn put(&mut self, dst: Reg, value: u64, how: Derive, a: Reg, b: Reg) {
        let tag = if S::ACTIVE {
            self.shadow.derive(how, self.cpu.tag(a), self.cpu.tag(b), value)
        } else {
            S::Tag::default()
        };
        self.cpu.set(dst, value, tag);
    }

    #[inline(always)]
    pub(in crate::interp) fn constant(&mut self, dst: Reg, value: u64) {
        let tag = self.shadow.constant(value);
        self.cpu.set(dst, value, tag);
    }

    #[inline(always)]
    pub(in crate::interp) fn copy(&mut self, dst: Reg, src: Reg) {
        let (value, tag) = (self.r(src), self.cpu.tag(src));
        self.cpu.set(dst, value, tag);
    }

    #[inline(always)]
    pub(in crate::interp) fn select(&mut self, dst: Reg, first: bool, a: Reg, b: Reg) {
        self.copy(dst, if first { a } else { b });
    }

    #[inline(always)]
    pub(in crate::interp) fn skip(&self, taken: bool, count: u8) -> usize {
        if taken { usize::from(count) } else { 0 }
    }

    pub(in crate::interp) fn switch(&self, block: &Block, index: Reg) -> Flow {
        let last = block.exits.len() - 1;
        Flow::Exit(usize::try_from(self.r(index)).map_or(last, |index| index.min(last)))
    }
}
