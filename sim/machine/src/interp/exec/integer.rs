//! Integer arithmetic and comparisons.

use rcsim_uop::op::{Divide, DivideRule, Logic, Mem, MulHigh, Pred, Shift, Unary, Width};
use rcsim_uop::reg::{Reg, ZERO};

use super::super::Exec;
use crate::alu;
use crate::observer::Observer;
use crate::shadow::{Derive, Shadow};
use crate::trap::TrapKind;

/// Integer arithmetic.
impl<S: Shadow, O: Observer> Exec<'_, S, O> {
    pub(in crate::interp) fn extract(
        &mut self,
        width: Width,
        dst: Reg,
        src: Reg,
        lsb: u8,
        len: u8,
        signed: bool,
    ) {
        let value = width.fit(alu::extract(self.r(src), lsb, len, signed));
        self.put(dst, value, Derive::Part, src, ZERO);
    }

    pub(in crate::interp) fn deposit(&mut self, dst: Reg, base: Reg, src: Reg, lsb: u8, len: u8) {
        let value = alu::deposit(self.r(base), self.r(src), lsb, len);
        self.put(dst, value, Derive::Part, base, src);
    }

    #[inline(always)]
    pub(in crate::interp) fn add(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(self.r(a).wrapping_add(self.r(b)));
        self.put(dst, value, Derive::Add, a, b);
    }

    #[inline(always)]
    pub(in crate::interp) fn sub(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(self.r(a).wrapping_sub(self.r(b)));
        self.put(dst, value, Derive::Sub, a, b);
    }

    #[inline(always)]
    pub(in crate::interp) fn and(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(self.r(a) & self.r(b));
        self.put(dst, value, Derive::And, a, b);
    }

    #[inline(always)]
    pub(in crate::interp) fn or(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(self.r(a) | self.r(b));
        self.put(dst, value, Derive::Or, a, b);
    }

    #[inline(always)]
    pub(in crate::interp) fn xor(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(self.r(a) ^ self.r(b));
        self.put(dst, value, Derive::Or, a, b);
    }

    pub(in crate::interp) fn and_not(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(self.r(a) & !self.r(b));
        self.put(dst, value, Derive::And, a, b);
    }

    pub(in crate::interp) fn logic(&mut self, op: Logic, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(alu::logic(op, self.r(a), self.r(b)));
        self.put(dst, value, Derive::Other, a, b);
    }

    #[inline(always)]
    pub(in crate::interp) fn add_imm(&mut self, width: Width, dst: Reg, a: Reg, imm: i64) {
        let value = width.fit(self.r(a).wrapping_add(imm as u64));
        self.put(dst, value, Derive::Add, a, ZERO);
    }

    #[inline(always)]
    pub(in crate::interp) fn and_imm(&mut self, width: Width, dst: Reg, a: Reg, imm: u64) {
        self.put(dst, width.fit(self.r(a) & imm), Derive::And, a, ZERO);
    }

    #[inline(always)]
    pub(in crate::interp) fn or_imm(&mut self, width: Width, dst: Reg, a: Reg, imm: u64) {
        self.put(dst, width.fit(self.r(a) | imm), Derive::Or, a, ZERO);
    }

    #[inline(always)]
    pub(in crate::interp) fn xor_imm(&mut self, width: Width, dst: Reg, a: Reg, imm: u64) {
        self.put(dst, width.fit(self.r(a) ^ imm), Derive::Or, a, ZERO);
    }

    #[inline(always)]
    pub(in crate::interp) fn add_trap(
        &mut self,
        width: Width,
        dst: Reg,
        a: Reg,
        b: Reg,
    ) -> Result<(), TrapKind> {
        let value = alu::add_checked(width, self.r(a), self.r(b)).ok_or(TrapKind::Arithmetic)?;
        self.put(dst, value, Derive::Add, a, b);
        Ok(())
    }

    #[inline(always)]
    pub(in crate::interp) fn sub_trap(
        &mut self,
        width: Width,
        dst: Reg,
        a: Reg,
        b: Reg,
    ) -> Result<(), TrapKind> {
        let value = alu::sub_checked(width, self.r(a), self.r(b)).ok_or(TrapKind::Arithmetic)?;
        self.put(dst, value, Derive::Sub, a, b);
        Ok(())
    }

    #[inline(always)]
    pub(in crate::interp) fn add_imm_trap(
        &mut self,
        width: Width,
        dst: Reg,
        a: Reg,
        imm: i64,
    ) -> Result<(), TrapKind> {
        let value = alu::add_checked(width, self.r(a), imm as u64).ok_or(TrapKind::Arithmetic)?;
        self.put(dst, value, Derive::Add, a, ZERO);
        Ok(())
    }

    #[inline(always)]
    pub(in crate::interp) fn lea(&mut self, width: Width, dst: Reg, mem: Mem) {
        let value = width.fit(self.address(mem));
        self.put(dst, value, Derive::Add, mem.base, mem.index);
    }

    pub(in crate::interp) fn sub_shifted(
        &mut self,
        width: Width,
        dst: Reg,
        a: Reg,
        b: Reg,
        op: Shift,
        amount: u8,
    ) {
        let shifted = alu::shift(op, width, self.r(b), u64::from(amount));
        let value = width.fit(self.r(a).wrapping_sub(shifted));
        self.put(dst, value, Derive::Sub, a, b);
    }

    pub(in crate::interp) fn shift(&mut self, op: Shift, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = alu::shift(op, width, self.r(a), self.r(b));
        self.put(dst, value, Derive::Part, a, ZERO);
    }

    #[inline(always)]
    pub(in crate::interp) fn shift_imm(&mut self, op: Shift, width: Width, dst: Reg, a: Reg, amount: u8) {
        let value = alu::shift(op, width, self.r(a), u64::from(amount));
        self.put(dst, value, Derive::Part, a, ZERO);
    }

    pub(in crate::interp) fn shift_far(
        &mut self,
        op: Shift,
        width: Width,
        dst: Reg,
        a: Reg,
        b: Reg,
        count_bits: u8,
    ) {
        let value = alu::shift_far(op, width, self.r(a), self.r(b), count_bits);
        self.put(dst, value, Derive::Part, a, ZERO);
    }

    pub(in crate::interp) fn mul(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = width.fit(self.r(a).wrapping_mul(self.r(b)));
        self.put(dst, value, Derive::Other, a, b);
    }

    pub(in crate::interp) fn mul_high(&mut self, kind: MulHigh, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = alu::mul_high(kind, width, self.r(a), self.r(b));
        self.put(dst, value, Derive::Other, a, b);
    }

    pub(in crate::interp) fn mul_add(
        &mut self,
        width: Width,
        dst: Reg,
        a: Reg,
        b: Reg,
        c: Reg,
        subtract: bool,
    ) {
        let product = self.r(a).wrapping_mul(self.r(b));
        let c_value = self.r(c);
        let value = if subtract { c_value.wrapping_sub(product) } else { c_value.wrapping_add(product) };
        self.put(dst, width.fit(value), Derive::Add, c, ZERO);
    }

    pub(in crate::interp) fn divide(
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

    pub(in crate::interp) fn unary(&mut self, op: Unary, width: Width, dst: Reg, src: Reg) {
        let value = alu::unary(op, width, self.r(src));
        let how = if op == Unary::SwapBytes { Derive::Part } else { Derive::Other };
        self.put(dst, value, how, src, ZERO);
    }

    #[inline(always)]
    pub(in crate::interp) fn set_cmp(&mut self, pred: Pred, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = u64::from(pred.holds(width, self.r(a), self.r(b)));
        self.constant(dst, value);
    }

    #[inline(always)]
    pub(in crate::interp) fn set_cmp_imm(&mut self, pred: Pred, width: Width, dst: Reg, a: Reg, imm: i64) {
        let value = u64::from(pred.holds(width, self.r(a), imm as u64));
        self.constant(dst, value);
    }

    pub(in crate::interp) fn compare3(
        &mut self,
        width: Width,
        signed: bool,
        dst: Reg,
        a: Reg,
        b: Reg,
        codes: [u8; 3],
    ) {
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
