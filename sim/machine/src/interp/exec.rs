//! How each micro-op moves data, and what the shadow sees of it. One short function a micro-op.

use rcsim_uop::Block;
use rcsim_uop::flags::{Cond, FlagOp, LazyFlags, evaluate};
use rcsim_uop::fp::{FpAlu, FpFormat, FpRound, FpUnary};
use rcsim_uop::guest::{AccessKind, FaultCause, MemFault};
use rcsim_uop::isa::{HelperArgs, HelperProvenance, HelperTrap};
use rcsim_uop::op::{
    Access, Divide, DivideRule, Lane, Logic, Mem, MulHigh, Pred, Rmw, Shift, Unary, VecAlu, VecShift, Width,
    Writeback,
};
use rcsim_uop::reg::{Reg, ZERO};

use super::{Exec, Flow};
use crate::guest::GuestThread;
use crate::observer::Observer;
use crate::shadow::{Derive, Shadow};
use crate::trap::TrapKind;
use crate::vector::{MAX_WORDS, Vector};
use crate::{alu, float, vector};

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
    /// Tell the shadow and the observer of the instructions that begin at micro-op `at`; returns the next one's number.
    #[inline]
    pub(super) fn begin_insns(&mut self, block: &Block, mut insn: usize, at: usize) -> usize {
        while let Some(mark) = block.insns.get(insn)
            && usize::from(mark.first_op) <= at
        {
            if S::ACTIVE {
                self.shadow.begin_insn(mark.pc, self.cpu.steps + insn as u64);
            }
            if O::INSNS {
                self.observer.insn(block, insn);
            }
            insn += 1;
        }
        insn
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
    pub(super) fn constant(&mut self, dst: Reg, value: u64) {
        let tag = self.shadow.constant(value);
        self.cpu.set(dst, value, tag);
    }

    #[inline(always)]
    pub(super) fn copy(&mut self, dst: Reg, src: Reg) {
        let (value, tag) = (self.r(src), self.cpu.tag(src));
        self.cpu.set(dst, value, tag);
    }

    #[inline(always)]
    pub(super) fn select(&mut self, dst: Reg, first: bool, a: Reg, b: Reg) {
        self.copy(dst, if first { a } else { b });
    }

    #[inline(always)]
    pub(super) fn skip(&self, taken: bool, count: u8) -> usize {
        if taken { usize::from(count) } else { 0 }
    }

    pub(super) fn switch(&self, block: &Block, index: Reg) -> Flow {
        let last = block.exits.len() - 1;
        Flow::Exit(usize::try_from(self.r(index)).map_or(last, |index| index.min(last)))
    }
}

/// Integer arithmetic.
impl<S: Shadow, O: Observer> Exec<'_, S, O> {
    pub(super) fn extract(&mut self, width: Width, dst: Reg, src: Reg, lsb: u8, len: u8, signed: bool) {
        let value = width.fit(alu::extract(self.r(src), lsb, len, signed));
        self.put(dst, value, Derive::Part, src, ZERO);
    }

    pub(super) fn deposit(&mut self, dst: Reg, base: Reg, src: Reg, lsb: u8, len: u8) {
        let value = alu::deposit(self.r(base), self.r(src), lsb, len);
        self.put(dst, value, Derive::Part, base, src);
    }

    #[inline(always)]
    pub(super) fn add(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(self.r(a).wrapping_add(self.r(b)));
        self.put(dst, value, Derive::Add, a, b);
    }

    #[inline(always)]
    pub(super) fn sub(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(self.r(a).wrapping_sub(self.r(b)));
        self.put(dst, value, Derive::Sub, a, b);
    }

    #[inline(always)]
    pub(super) fn and(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(self.r(a) & self.r(b));
        self.put(dst, value, Derive::And, a, b);
    }

    #[inline(always)]
    pub(super) fn or(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(self.r(a) | self.r(b));
        self.put(dst, value, Derive::Or, a, b);
    }

    #[inline(always)]
    pub(super) fn xor(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(self.r(a) ^ self.r(b));
        self.put(dst, value, Derive::Or, a, b);
    }

    pub(super) fn and_not(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(self.r(a) & !self.r(b));
        self.put(dst, value, Derive::And, a, b);
    }

    pub(super) fn logic(&mut self, op: Logic, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(alu::logic(op, self.r(a), self.r(b)));
        self.put(dst, value, Derive::Other, a, b);
    }

    #[inline(always)]
    pub(super) fn add_imm(&mut self, width: Width, dst: Reg, a: Reg, imm: i64) {
        let value = width.fit(self.r(a).wrapping_add(imm as u64));
        self.put(dst, value, Derive::Add, a, ZERO);
    }

    #[inline(always)]
    pub(super) fn and_imm(&mut self, width: Width, dst: Reg, a: Reg, imm: u64) {
        self.put(dst, width.fit(self.r(a) & imm), Derive::And, a, ZERO);
    }

    #[inline(always)]
    pub(super) fn or_imm(&mut self, width: Width, dst: Reg, a: Reg, imm: u64) {
        self.put(dst, width.fit(self.r(a) | imm), Derive::Or, a, ZERO);
    }

    #[inline(always)]
    pub(super) fn xor_imm(&mut self, width: Width, dst: Reg, a: Reg, imm: u64) {
        self.put(dst, width.fit(self.r(a) ^ imm), Derive::Or, a, ZERO);
    }

    #[inline(always)]
    pub(super) fn lea(&mut self, width: Width, dst: Reg, mem: Mem) {
        let value = width.fit(self.address(mem));
        self.put(dst, value, Derive::Add, mem.base, mem.index);
    }

    pub(super) fn sub_shifted(&mut self, width: Width, dst: Reg, a: Reg, b: Reg, op: Shift, amount: u8) {
        let shifted = alu::shift(op, width, self.r(b), u64::from(amount));
        let value = width.fit(self.r(a).wrapping_sub(shifted));
        self.put(dst, value, Derive::Sub, a, b);
    }

    pub(super) fn shift(&mut self, op: Shift, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = alu::shift(op, width, self.r(a), self.r(b));
        self.put(dst, value, Derive::Part, a, ZERO);
    }

    #[inline(always)]
    pub(super) fn shift_imm(&mut self, op: Shift, width: Width, dst: Reg, a: Reg, amount: u8) {
        let value = alu::shift(op, width, self.r(a), u64::from(amount));
        self.put(dst, value, Derive::Part, a, ZERO);
    }

    pub(super) fn shift_far(&mut self, op: Shift, width: Width, dst: Reg, a: Reg, b: Reg, count_bits: u8) {
        let value = alu::shift_far(op, width, self.r(a), self.r(b), count_bits);
        self.put(dst, value, Derive::Part, a, ZERO);
    }

    pub(super) fn mul(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(self.r(a).wrapping_mul(self.r(b)));
        self.put(dst, value, Derive::Other, a, b);
    }

    pub(super) fn mul_high(&mut self, kind: MulHigh, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = alu::mul_high(kind, width, self.r(a), self.r(b));
        self.put(dst, value, Derive::Other, a, b);
    }

    pub(super) fn mul_add(&mut self, width: Width, dst: Reg, a: Reg, b: Reg, c: Reg, subtract: bool) {
        let product = self.r(a).wrapping_mul(self.r(b));
        let c_value = self.r(c);
        let value = if subtract { c_value.wrapping_sub(product) } else { c_value.wrapping_add(product) };
        self.put(dst, width.fit(value), Derive::Add, c, ZERO);
    }

    pub(super) fn divide(
        &mut self,
        op: Divide,
        rule: DivideRule,
        width: Width,
        dst: Reg,
        a: Reg,
        b: Reg,
    ) -> Result<(), TrapKind> {
        let value = alu::divide(op, rule, width, self.r(a), self.r(b)).ok_or(TrapKind::Divide)?;
        self.put(dst, value, Derive::Other, a, b);
        Ok(())
    }

    pub(super) fn unary(&mut self, op: Unary, width: Width, dst: Reg, src: Reg) {
        let value = alu::unary(op, width, self.r(src));
        let how = if op == Unary::SwapBytes { Derive::Part } else { Derive::Other };
        self.put(dst, value, how, src, ZERO);
    }

    #[inline(always)]
    pub(super) fn set_cmp(&mut self, pred: Pred, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = u64::from(pred.holds(width, self.r(a), self.r(b)));
        self.constant(dst, value);
    }

    #[inline(always)]
    pub(super) fn set_cmp_imm(&mut self, pred: Pred, width: Width, dst: Reg, a: Reg, imm: i64) {
        let value = u64::from(pred.holds(width, self.r(a), imm as u64));
        self.constant(dst, value);
    }

    pub(super) fn compare3(&mut self, width: Width, signed: bool, dst: Reg, a: Reg, b: Reg, codes: [u8; 3]) {
        let (a, b) = (self.r(a), self.r(b));
        let order = if signed {
            (width.sign_extend(a) as i64).cmp(&(width.sign_extend(b) as i64))
        } else {
            width.zero_extend(a).cmp(&width.zero_extend(b))
        };
        let code = codes[(order as i8 + 1) as usize];
        self.constant(dst, u64::from(code));
    }
}

/// Flags.
impl<S: Shadow, O: Observer> Exec<'_, S, O> {
    #[inline(always)]
    fn record(&mut self, op: FlagOp, width: Width, a: u64, b: u64) {
        self.cpu.flags = LazyFlags { op, width, a, b };
    }

    #[inline(always)]
    pub(super) fn add_f(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        self.record(FlagOp::Add, width, self.r(a), self.r(b));
        self.add(width, dst, a, b);
    }

    #[inline(always)]
    pub(super) fn sub_f(&mut self, width: Width, borrow: bool, dst: Reg, a: Reg, b: Reg) {
        let op = if borrow { FlagOp::SubBorrow } else { FlagOp::SubNoBorrow };
        self.record(op, width, self.r(a), self.r(b));
        self.sub(width, dst, a, b);
    }

    #[inline(always)]
    pub(super) fn add_f_imm(&mut self, width: Width, dst: Reg, a: Reg, imm: i64) {
        self.record(FlagOp::Add, width, self.r(a), imm as u64);
        self.add_imm(width, dst, a, imm);
    }

    #[inline(always)]
    pub(super) fn sub_f_imm(&mut self, width: Width, borrow: bool, dst: Reg, a: Reg, imm: i64) {
        let op = if borrow { FlagOp::SubBorrow } else { FlagOp::SubNoBorrow };
        self.record(op, width, self.r(a), imm as u64);
        self.add_imm(width, dst, a, imm.wrapping_neg());
    }

    /// How a flag-setting operation derives its result.
    fn derivation(op: FlagOp) -> Derive {
        match op {
            FlagOp::Add | FlagOp::Inc => Derive::Add,
            FlagOp::SubBorrow | FlagOp::SubNoBorrow | FlagOp::Dec => Derive::Sub,
            FlagOp::And | FlagOp::AndNot => Derive::And,
            FlagOp::Or | FlagOp::Xor => Derive::Or,
            FlagOp::Shl
            | FlagOp::Shr
            | FlagOp::Sar
            | FlagOp::Rol
            | FlagOp::Ror
            | FlagOp::Rcl
            | FlagOp::Rcr => Derive::Part,
            FlagOp::Packed
            | FlagOp::AddCarry
            | FlagOp::SubCarryBorrow
            | FlagOp::SubCarryNoBorrow
            | FlagOp::MulU
            | FlagOp::MulS => Derive::Other,
        }
    }

    /// Compute and record; operations that read the flags are recorded by their outcome.
    #[inline]
    fn evaluate_and_record(&mut self, op: FlagOp, width: Width, a: u64, b: u64) -> u64 {
        if op.reads_flags() {
            let (result, flags) = evaluate(op, a, b, width, self.cpu.flags.pack());
            self.cpu.flags = LazyFlags::packed(flags);
            return result;
        }
        self.record(op, width, a, b);
        width.zero_extend(match op {
            FlagOp::And => a & b,
            FlagOp::AndNot => a & !b,
            FlagOp::Or => a | b,
            FlagOp::Xor => a ^ b,
            FlagOp::Add => a.wrapping_add(b),
            FlagOp::MulU | FlagOp::MulS => a.wrapping_mul(b),
            _ => a.wrapping_sub(b),
        })
    }

    #[inline]
    pub(super) fn alu_f(&mut self, op: FlagOp, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = self.evaluate_and_record(op, width, self.r(a), self.r(b));
        self.put(dst, value, Self::derivation(op), a, b);
    }

    #[inline]
    pub(super) fn alu_f_imm(&mut self, op: FlagOp, width: Width, dst: Reg, a: Reg, imm: i64) {
        let value = self.evaluate_and_record(op, width, self.r(a), imm as u64);
        self.put(dst, value, Self::derivation(op), a, ZERO);
    }

    pub(super) fn cond_alu_f(&mut self, cond: Cond, op: FlagOp, width: Width, a: Reg, b: Reg, otherwise: u8) {
        if self.cpu.flags.test(cond) {
            self.evaluate_and_record(op, width, self.r(a), self.r(b));
        } else {
            self.cpu.flags = LazyFlags::packed(u64::from(otherwise));
        }
    }

    pub(super) fn set_flags(&mut self, src: Reg) {
        self.cpu.flags = LazyFlags::packed(self.r(src));
    }
}

/// Memory.
impl<S: Shadow, O: Observer> Exec<'_, S, O> {
    #[inline(always)]
    fn address(&self, mem: Mem) -> u64 {
        mem.scale.address(self.r(mem.base), self.r(mem.index), mem.disp)
    }

    #[inline(always)]
    fn read(&mut self, addr: u64, acc: Access) -> Result<(u64, S::Tag), MemFault> {
        let shadow = &mut *self.shadow;
        let loaded = self.mem.load_tagged(addr, acc, |words, offset, value| {
            if S::ACTIVE { shadow.load(addr, acc, words, offset, value) } else { S::Tag::default() }
        })?;
        if O::MEMORY {
            self.observer.memory(addr, acc.bytes(), false);
        }
        Ok(loaded)
    }

    #[inline(always)]
    fn write(&mut self, addr: u64, acc: Access, value: u64, tag: S::Tag) -> Result<(), MemFault> {
        let shadow = &mut *self.shadow;
        self.mem.store_tagged(addr, acc, value, |words, offset| {
            if S::ACTIVE {
                shadow.store(addr, acc, words, offset, tag, value);
            }
        })?;
        if O::MEMORY {
            self.observer.memory(addr, acc.bytes(), true);
        }
        Ok(())
    }

    #[inline(always)]
    fn write_reg(&mut self, addr: u64, acc: Access, src: Reg) -> Result<(), MemFault> {
        self.write(addr, acc, self.r(src), self.cpu.tag(src))
    }

    #[inline(always)]
    pub(super) fn load(&mut self, acc: Access, dst: Reg, mem: Mem) -> Result<(), MemFault> {
        let (value, tag) = self.read(self.address(mem), acc)?;
        self.cpu.set(dst, value, tag);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn store(&mut self, acc: Access, src: Reg, mem: Mem) -> Result<(), MemFault> {
        self.write_reg(self.address(mem), acc, src)
    }

    #[inline(always)]
    pub(super) fn store_imm(&mut self, acc: Access, mem: Mem, imm: i32) -> Result<(), MemFault> {
        let value = i64::from(imm) as u64;
        let tag = self.shadow.constant(value);
        self.write(self.address(mem), acc, value, tag)
    }

    /// The addresses of an access that may update its base: where it goes, and what the base becomes.
    #[inline(always)]
    fn updated(&self, base: Reg, disp: i32, update: Writeback, wrap: bool) -> (u64, u64) {
        let old = self.r(base);
        let new = old.wrapping_add(i64::from(disp) as u64);
        let new = if wrap { u64::from(new as u32) } else { new };
        (if update == Writeback::Post { old } else { new }, new)
    }

    #[inline(always)]
    fn write_back(&mut self, base: Reg, new: u64, update: Writeback) {
        if update != Writeback::None {
            self.put(base, new, Derive::Add, base, ZERO);
        }
    }

    #[inline(always)]
    pub(super) fn load_update(
        &mut self,
        acc: Access,
        dst: Reg,
        base: Reg,
        disp: i32,
        update: Writeback,
        wrap: bool,
    ) -> Result<(), MemFault> {
        let (addr, new) = self.updated(base, disp, update, wrap);
        let (value, tag) = self.read(addr, acc)?;
        self.write_back(base, new, update);
        self.cpu.set(dst, value, tag);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn store_update(
        &mut self,
        acc: Access,
        src: Reg,
        base: Reg,
        disp: i32,
        update: Writeback,
        wrap: bool,
    ) -> Result<(), MemFault> {
        let (addr, new) = self.updated(base, disp, update, wrap);
        self.write_reg(addr, acc, src)?;
        self.write_back(base, new, update);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn load_pair(
        &mut self,
        acc: Access,
        dst: [Reg; 2],
        base: Reg,
        disp: i32,
        update: Writeback,
    ) -> Result<(), MemFault> {
        let (addr, new) = self.updated(base, disp, update, false);
        let first = self.read(addr, acc)?;
        let second = self.read(addr.wrapping_add(acc.bytes()), acc)?;
        self.write_back(base, new, update);
        self.cpu.set(dst[0], first.0, first.1);
        self.cpu.set(dst[1], second.0, second.1);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn store_pair(
        &mut self,
        acc: Access,
        src: [Reg; 2],
        base: Reg,
        disp: i32,
        update: Writeback,
    ) -> Result<(), MemFault> {
        let (addr, new) = self.updated(base, disp, update, false);
        self.write_reg(addr, acc, src[0])?;
        self.write_reg(addr.wrapping_add(acc.bytes()), acc, src[1])?;
        self.write_back(base, new, update);
        Ok(())
    }

    #[inline(always)]
    pub(super) fn push_const(
        &mut self,
        acc: Access,
        base: Reg,
        value: u32,
        wrap: bool,
    ) -> Result<(), MemFault> {
        let (addr, new) = self.updated(base, -(acc.bytes() as i32), Writeback::Pre, wrap);
        let tag = self.shadow.constant(u64::from(value));
        self.write(addr, acc, u64::from(value), tag)?;
        self.write_back(base, new, Writeback::Pre);
        Ok(())
    }

    fn access_width(acc: Access) -> Width {
        match acc.log2() {
            0 => Width::W8,
            1 => Width::W16,
            2 => Width::W32,
            _ => Width::W64,
        }
    }

    pub(super) fn atomic_rmw(
        &mut self,
        op: Rmw,
        acc: Access,
        dst: Reg,
        base: Reg,
        src: Reg,
    ) -> Result<(), MemFault> {
        let addr = self.r(base);
        let (old, old_tag) = self.read(addr, acc)?;
        let new = alu::rmw(op, Self::access_width(acc), old, self.r(src));
        let tag = match op {
            Rmw::Swap => self.cpu.tag(src),
            _ => self.shadow.derive(Derive::Other, old_tag, self.cpu.tag(src), new),
        };
        self.write(addr, acc, new, tag)?;
        self.cpu.set(dst, old, old_tag);
        Ok(())
    }

    pub(super) fn compare_swap(
        &mut self,
        acc: Access,
        dst: Reg,
        base: Reg,
        expected: Reg,
        new: Reg,
    ) -> Result<(), MemFault> {
        let addr = self.r(base);
        let (old, tag) = self.read(addr, acc)?;
        let width = Self::access_width(acc);
        if width.zero_extend(old) == width.zero_extend(self.r(expected)) {
            self.write_reg(addr, acc, new)?;
        }
        self.cpu.set(dst, old, tag);
        Ok(())
    }

    pub(super) fn load_linked(&mut self, acc: Access, dst: Reg, base: Reg) -> Result<(), MemFault> {
        let addr = self.r(base);
        let (value, tag) = self.read(addr, acc)?;
        self.cpu.linked = Some((addr, value));
        self.cpu.set(dst, value, tag);
        Ok(())
    }

    /// Threads take turns, so the watched place is untouched exactly when its value is; an unchanged value written by
    /// another thread in between goes unnoticed, which no correct use of these instructions can tell.
    pub(super) fn store_conditional(
        &mut self,
        acc: Access,
        status: Reg,
        base: Reg,
        src: Reg,
    ) -> Result<(), MemFault> {
        let addr = self.r(base);
        let succeeds = match self.cpu.linked.take() {
            Some((linked, value)) => linked == addr && self.read(addr, acc)?.0 == value,
            None => false,
        };
        if succeeds {
            self.write_reg(addr, acc, src)?;
        }
        self.constant(status, u64::from(succeeds));
        Ok(())
    }
}

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

    pub(super) fn vec_load(&mut self, acc: Access, words: u8, dst: Reg, mem: Mem) -> Result<(), MemFault> {
        let addr = self.address(mem);
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

    pub(super) fn vec_store(&mut self, acc: Access, words: u8, src: Reg, mem: Mem) -> Result<(), MemFault> {
        let addr = self.address(mem);
        check_vector_alignment(addr, acc, words, AccessKind::Write)?;
        for n in 0..words {
            self.write_reg(addr.wrapping_add(8 * u64::from(n)), acc, src.plus(n))?;
        }
        Ok(())
    }

    pub(super) fn vec_copy(&mut self, words: u8, dst: Reg, src: Reg) {
        for n in 0..words {
            self.copy(dst.plus(n), src.plus(n));
        }
    }

    pub(super) fn vec_zero(&mut self, words: u8, dst: Reg) {
        for n in 0..words {
            self.constant(dst.plus(n), 0);
        }
    }

    pub(super) fn vec_alu(&mut self, op: VecAlu, lane: Lane, words: u8, dst: Reg, a: Reg, b: Reg) {
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

    pub(super) fn vec_shift(&mut self, op: VecShift, lane: Lane, words: u8, dst: Reg, a: Reg, amount: u8) {
        let v = vector::shift(op, lane, words, &self.vector(words, a), amount);
        self.put_vector(words, dst, &v);
    }

    pub(super) fn vec_splat(&mut self, lane: Lane, words: u8, dst: Reg, src: Reg) {
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

    pub(super) fn vec_top_bits(&mut self, lane: Lane, words: u8, dst: Reg, src: Reg) {
        let bits = vector::top_bits(lane, words, &self.vector(words, src));
        self.constant(dst, bits);
    }
}

/// Floating point.
impl<S: Shadow, O: Observer> Exec<'_, S, O> {
    pub(super) fn fp_alu(&mut self, op: FpAlu, format: FpFormat, dst: Reg, a: Reg, b: Reg) {
        let value = float::alu(op, format, self.rules, self.r(a), self.r(b));
        self.constant(dst, value);
    }

    pub(super) fn fp_unary(&mut self, op: FpUnary, format: FpFormat, round: FpRound, dst: Reg, src: Reg) {
        let value = float::unary(op, format, round, self.rules, self.r(src));
        self.constant(dst, value);
    }

    pub(super) fn fp_mul_add(
        &mut self,
        format: FpFormat,
        dst: Reg,
        operands: [Reg; 3],
        negate_product: bool,
        negate_c: bool,
    ) {
        let values = operands.map(|reg| self.r(reg));
        let value = float::mul_add(format, self.rules, values, negate_product, negate_c);
        self.constant(dst, value);
    }

    pub(super) fn fp_compare(&mut self, format: FpFormat, dst: Reg, a: Reg, b: Reg, codes: [u8; 4]) {
        let order = float::compare(format, self.r(a), self.r(b));
        let code = order.map_or(codes[3], |order| codes[(order as i8 + 1) as usize]);
        self.constant(dst, u64::from(code));
    }

    pub(super) fn fp_to_int(
        &mut self,
        format: FpFormat,
        round: FpRound,
        width: Width,
        signed: bool,
        dst: Reg,
        src: Reg,
    ) {
        let value = float::to_int(format, round, width, signed, self.rules, self.r(src));
        self.constant(dst, value);
    }

    pub(super) fn int_to_fp(&mut self, format: FpFormat, width: Width, signed: bool, dst: Reg, src: Reg) {
        let value = float::from_int(format, width, signed, self.r(src));
        self.constant(dst, value);
    }

    pub(super) fn fp_convert(&mut self, from: FpFormat, to: FpFormat, dst: Reg, src: Reg) {
        let value = float::convert(from, to, self.rules, self.r(src));
        self.constant(dst, value);
    }
}

/// Helpers and wasm frames.
impl<S: Shadow, O: Observer> Exec<'_, S, O> {
    pub(super) fn helper(&mut self, id: u16, regs: [Reg; 4], imm: u32) -> Result<(), HelperTrap> {
        let decl = &self.isa.helpers()[usize::from(id)];
        let keeps = decl.provenance != HelperProvenance::Drops;
        let mut guest = GuestThread::new(self.cpu, self.mem, self.shadow, keeps);
        (decl.body)(&mut guest, HelperArgs { regs, imm })
    }

    pub(super) fn window_push(
        &mut self,
        block: &Block,
        first: Reg,
        count: u8,
        (args_first, args): (Reg, u8),
        result: Reg,
    ) -> Result<(), TrapKind> {
        let values: Vec<(u64, S::Tag)> =
            (0..args).map(|n| (self.r(args_first.plus(n)), self.cpu.tag(args_first.plus(n)))).collect();
        let return_to = block.exits.last().copied().unwrap_or(block.pc);
        if self.cpu.push_window(first, count, &values, result, return_to) {
            Ok(())
        } else {
            Err(TrapKind::WindowOverflow)
        }
    }

    pub(super) fn window_pop(&mut self, src: Reg) -> Result<u64, TrapKind> {
        let (value, tag) = (self.r(src), self.cpu.tag(src));
        self.cpu.pop_window(value, tag).ok_or(TrapKind::WindowUnderflow)
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
