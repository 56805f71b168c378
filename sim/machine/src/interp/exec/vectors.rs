//! Vectors.

use rcsim_uop::guest::{AccessKind, FaultCause, MemFault};
use rcsim_uop::op::{Access, Lane, Mem, VecAlu, VecShift};
use rcsim_uop::reg::Reg;

use super::super::Exec;
use crate::observer::Observer;
use crate::shadow::Shadow;
use crate::vector;
use crate::vector::{MAX_WORDS, Vector};

/// Vectors.
impl<S: Shadow, O: Observer> Exec<'_, S, O> {
    fn vector(&self, words: u8, first: Reg) -> Vector {
        let mut v = [0; MAX_WORDS];
        for (n, slot) in v.iter_mut().enumerate().take(usize::from(words)) {
            *slot = self.r(first.plus(n as u8));
        }
        v
    }

    /// Set a vector computed lane by lane: no pointer survives that.
    fn put_vector(&mut self, words: u8, dst: Reg, v: &Vector) {
        for (n, value) in v.iter().enumerate().take(usize::from(words)) {
            self.constant(dst.plus(n as u8), *value);
        }
    }

    pub(in crate::interp) fn vec_load(
        &mut self,
        acc: Access,
        words: u8,
        dst: Reg,
        mem: Mem,
    ) -> Result<(), MemFault> {
        let addr = self.place(mem);
        check_vector_alignment(addr, acc, words, AccessKind::Read)?;
        let mut loaded = [(0, S::Tag::default()); MAX_WORDS];
        for (n, slot) in loaded.iter_mut().enumerate().take(usize::from(words)) {
            *slot = self.read(addr.wrapping_add(8 * n as u64), acc)?;
        }
        for (n, (value, tag)) in loaded.iter().enumerate().take(usize::from(words)) {
            self.cpu.set(dst.plus(n as u8), *value, *tag);
        }
        Ok(())
    }

    pub(in crate::interp) fn vec_store(
        &mut self,
        acc: Access,
        words: u8,
        src: Reg,
        mem: Mem,
    ) -> Result<(), MemFault> {
        let addr = self.place(mem);
        check_vector_alignment(addr, acc, words, AccessKind::Write)?;
        for n in 0..words {
            self.write_reg(addr.wrapping_add(8 * u64::from(n)), acc, src.plus(n))?;
        }
        Ok(())
    }

    pub(in crate::interp) fn vec_copy(&mut self, words: u8, dst: Reg, src: Reg) {
        for n in 0..words {
            self.copy(dst.plus(n), src.plus(n));
        }
    }

    pub(in crate::interp) fn vec_zero(&mut self, words: u8, dst: Reg) {
        for n in 0..words {
            self.constant(dst.plus(n), 0);
        }
    }

    pub(in crate::interp) fn vec_alu(&mut self, op: VecAlu, lane: Lane, words: u8, dst: Reg, a: Reg, b: Reg) {
        // Rearranging whole words keeps what they are.
        if lane == Lane::B64 && words == 2 && matches!(op, VecAlu::InterleaveLow | VecAlu::InterleaveHigh) {
            let half = u8::from(op == VecAlu::InterleaveHigh);
            let low = (self.r(a.plus(half)), self.cpu.tag(a.plus(half)));
            let high = (self.r(b.plus(half)), self.cpu.tag(b.plus(half)));
            self.cpu.set(dst, low.0, low.1);
            self.cpu.set(dst.plus(1), high.0, high.1);
            return;
        }
        let v = vector::alu(op, lane, words, &self.vector(words, a), &self.vector(words, b));
        self.put_vector(words, dst, &v);
    }

    pub(in crate::interp) fn vec_shift(
        &mut self,
        op: VecShift,
        lane: Lane,
        words: u8,
        dst: Reg,
        a: Reg,
        amount: u8,
    ) {
        let v = vector::shift(op, lane, words, &self.vector(words, a), amount);
        self.put_vector(words, dst, &v);
    }

    pub(in crate::interp) fn vec_splat(&mut self, lane: Lane, words: u8, dst: Reg, src: Reg) {
        if lane == Lane::B64 {
            let (value, tag) = (self.r(src), self.cpu.tag(src));
            for n in 0..words {
                self.cpu.set(dst.plus(n), value, tag);
            }
            return;
        }
        let v = vector::splat(lane, words, self.r(src));
        self.put_vector(words, dst, &v);
    }

    pub(in crate::interp) fn vec_top_bits(&mut self, lane: Lane, words: u8, dst: Reg, src: Reg) {
        let bits = vector::top_bits(lane, words, &self.vector(words, src));
        self.constant(dst, bits);
    }
}

/// A vector access that must be aligned is so as a whole.
#[inline]
fn check_vector_alignment(addr: u64, acc: Access, words: u8, kind: AccessKind) -> Result<(), MemFault> {
    let bytes = 8 * u64::from(words);
    if acc.must_align() && !addr.is_multiple_of(bytes) {
        return Err(MemFault { addr, bytes, kind, cause: FaultCause::Misaligned });
    }
    Ok(())
}
