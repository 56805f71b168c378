//! Floating point.

use rcsim_uop::fp::{FpAlu, FpFormat, FpRound, FpUnary};
use rcsim_uop::op::Width;
use rcsim_uop::reg::Reg;

use super::super::Exec;
use crate::float;
use crate::observer::Observer;
use crate::shadow::Shadow;

/// Floating point.
impl<S: Shadow, O: Observer> Exec<'_, S, O> {
    fn float(&self, format: FpFormat, src: Reg) -> u64 {
        float::taken(format, self.rules, self.r(src))
    }

    fn set_float(&mut self, format: FpFormat, dst: Reg, value: u64) {
        let slot = float::placed(format, self.rules, value);
        self.constant(dst, slot);
    }

    pub(in crate::interp) fn fp_alu(&mut self, op: FpAlu, format: FpFormat, dst: Reg, a: Reg, b: Reg) {
        let value = float::alu(op, format, self.rules, self.float(format, a), self.float(format, b));
        self.set_float(format, dst, value);
    }

    pub(in crate::interp) fn fp_unary(
        &mut self,
        op: FpUnary,
        format: FpFormat,
        round: FpRound,
        dst: Reg,
        src: Reg,
    ) {
        let value = float::unary(op, format, round, self.rules, self.float(format, src));
        self.set_float(format, dst, value);
    }

    pub(in crate::interp) fn fp_mul_add(
        &mut self,
        format: FpFormat,
        dst: Reg,
        operands: [Reg; 3],
        negate_product: bool,
        negate_c: bool,
    ) {
        let values = operands.map(|reg| self.float(format, reg));
        let value = float::mul_add(format, self.rules, values, negate_product, negate_c);
        self.set_float(format, dst, value);
    }

    pub(in crate::interp) fn fp_compare(
        &mut self,
        format: FpFormat,
        dst: Reg,
        a: Reg,
        b: Reg,
        codes: [u8; 4],
    ) {
        let order = float::compare(format, self.float(format, a), self.float(format, b));
        let code = order.map_or(codes[3], |order| codes[(order as i8 + 1) as usize]);
        self.constant(dst, u64::from(code));
    }

    pub(in crate::interp) fn fp_to_int(
        &mut self,
        format: FpFormat,
        round: FpRound,
        width: Width,
        signed: bool,
        dst: Reg,
        src: Reg,
    ) {
        let value = float::to_int(format, round, width, signed, self.rules, self.float(format, src));
        self.constant(dst, value);
    }

    pub(in crate::interp) fn int_to_fp(
        &mut self,
        format: FpFormat,
        width: Width,
        signed: bool,
        dst: Reg,
        src: Reg,
    ) {
        let value = float::from_int(format, width, signed, self.r(src));
        self.set_float(format, dst, value);
    }

    pub(in crate::interp) fn fp_convert(&mut self, from: FpFormat, to: FpFormat, dst: Reg, src: Reg) {
        let value = float::convert(from, to, self.rules, self.float(from, src));
        self.set_float(to, dst, value);
    }
}
