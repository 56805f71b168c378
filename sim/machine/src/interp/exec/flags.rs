//! Operations that record or use the flags.

use rcsim_uop::flags::{Cond, FlagOp, LazyFlags, evaluate};
use rcsim_uop::op::Width;
use rcsim_uop::reg::{Reg, ZERO};

use super::super::Exec;
use crate::observer::Observer;
use crate::shadow::{Derive, Shadow};

/// Flags.
impl<S: Shadow, O: Observer> Exec<'_, S, O> {
    #[inline(always)]
    pub(super) fn record(&mut self, op: FlagOp, width: Width, a: u64, b: u64) {
        self.cpu.flags = LazyFlags { op, width, a, b };
    }

    #[inline(always)]
    pub(in crate::interp) fn add_f(&mut self, width: Width, dst: Reg, a: Reg, b: Reg) {
        self.record(FlagOp::Add, width, self.r(a), self.r(b));
        self.add(width, dst, a, b);
    }

    #[inline(always)]
    pub(in crate::interp) fn sub_f(&mut self, width: Width, borrow: bool, dst: Reg, a: Reg, b: Reg) {
        let op = if borrow { FlagOp::SubBorrow } else { FlagOp::SubNoBorrow };
        self.record(op, width, self.r(a), self.r(b));
        self.sub(width, dst, a, b);
    }

    #[inline(always)]
    pub(in crate::interp) fn add_f_imm(&mut self, width: Width, dst: Reg, a: Reg, imm: i64) {
        self.record(FlagOp::Add, width, self.r(a), imm as u64);
        self.add_imm(width, dst, a, imm);
    }

    #[inline(always)]
    pub(in crate::interp) fn sub_f_imm(&mut self, width: Width, borrow: bool, dst: Reg, a: Reg, imm: i64) {
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
            FlagOp::Or | FlagOp::Xor | FlagOp::Tested | FlagOp::TestedCarry => Derive::Or,
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
        if let FlagOp::Inc | FlagOp::Dec = op {
            self.cpu.flags = self.cpu.flags.counted(op, width, a);
            let step = if op == FlagOp::Inc { 1 } else { u64::MAX };
            return width.zero_extend(a.wrapping_add(step));
        }
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
    pub(in crate::interp) fn alu_f(&mut self, op: FlagOp, width: Width, dst: Reg, a: Reg, b: Reg) {
        let value = self.evaluate_and_record(op, width, self.r(a), self.r(b));
        self.put(dst, value, Self::derivation(op), a, b);
    }

    #[inline]
    pub(in crate::interp) fn alu_f_imm(&mut self, op: FlagOp, width: Width, dst: Reg, a: Reg, imm: i64) {
        let value = self.evaluate_and_record(op, width, self.r(a), imm as u64);
        self.put(dst, value, Self::derivation(op), a, ZERO);
    }

    pub(in crate::interp) fn cond_alu_f(
        &mut self,
        cond: Cond,
        op: FlagOp,
        width: Width,
        a: Reg,
        b: Reg,
        otherwise: u8,
    ) {
        if self.cpu.flags.test(cond) {
            self.evaluate_and_record(op, width, self.r(a), self.r(b));
        } else {
            self.cpu.flags = LazyFlags::packed(u64::from(otherwise));
        }
    }

    pub(in crate::interp) fn set_flags(&mut self, src: Reg) {
        self.cpu.flags = LazyFlags::packed(self.r(src));
    }
}
