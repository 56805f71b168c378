//! Addition, subtraction, logic: what they compute, and the condition code that goes with it.

use rcsim_uop::op::{Op, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::operand::Operand;
use super::{Cx, W32, W64, order, place};
use crate::s390x::decode::Lifted;
use crate::s390x::helpers::{self, Sum};
use crate::s390x::regs::CC;

/// The operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alu {
    /// A sum or difference.
    Sum(Sum),
    /// And.
    And,
    /// Or.
    Or,
    /// Exclusive or.
    Xor,
}

/// Signed sum.
pub const ADD: Alu = Alu::Sum(Sum::Add);
/// Signed difference.
pub const SUB: Alu = Alu::Sum(Sum::Sub);
/// Unsigned sum.
pub const ADD_LOGICAL: Alu = Alu::Sum(Sum::AddLogical);
/// Unsigned difference.
pub const SUB_LOGICAL: Alu = Alu::Sum(Sum::SubLogical);

/// `dst = op(a, b)` with its condition code.
pub fn binary(cx: &mut Cx<'_>, op: Alu, width: Width, dst: Reg, a: Reg, b: Operand) -> Lifted {
    let out = cx.begin();
    match (op, b) {
        (ADD, Operand::Imm(imm)) => add_imm(out, width, dst, a, imm),
        (Alu::Sum(sum), _) => {
            let b = b.read(out);
            sum_code(out, sum, width, a, b);
            compute(out, op, width, dst, a, b);
        }
        _ => {
            let b = b.read(out);
            compute(out, op, width, dst, a, b);
            logic_code(out, width, dst);
        }
    }
    Ok(())
}

/// The condition code of a sum, from its operands.
pub fn sum_code(out: &mut BlockBuilder, sum: Sum, width: Width, a: Reg, b: Reg) {
    out.emit(helpers::call(helpers::SUM_CODE, CC, a, b, sum.of(width == W32)));
}

/// The condition code of logic: whether the result has a one.
pub fn logic_code(out: &mut BlockBuilder, width: Width, result: Reg) {
    out.emit(Op::Compare3 { width, signed: false, dst: CC, a: result, b: ZERO, less: 1, equal: 0, greater: 1 });
}

fn add_imm(out: &mut BlockBuilder, width: Width, dst: Reg, a: Reg, imm: i64) {
    let id = if width == W64 { helpers::SUM_CODE_IMM } else { helpers::SUM_CODE_IMM_32 };
    out.emit(helpers::call(id, CC, a, ZERO, imm as u32));
    if width == W64 {
        out.emit(Op::AddImm { width, dst, a, imm });
        return;
    }
    let sum = out.temp();
    out.emit(Op::AddImm { width, dst: sum, a, imm });
    place(out, width, dst, sum);
}

fn compute(out: &mut BlockBuilder, op: Alu, width: Width, dst: Reg, a: Reg, b: Reg) {
    let result = if width == W64 { dst } else { out.temp() };
    out.emit(plain(op, width, result, a, b));
    if width != W64 {
        place(out, width, dst, result);
    }
}

/// The operation without its condition code.
pub const fn plain(op: Alu, width: Width, dst: Reg, a: Reg, b: Reg) -> Op {
    match op {
        Alu::Sum(Sum::Add | Sum::AddLogical) => Op::Add { width, dst, a, b },
        Alu::Sum(Sum::Sub | Sum::SubLogical) => Op::Sub { width, dst, a, b },
        Alu::And => Op::And { width, dst, a, b },
        Alu::Or => Op::Or { width, dst, a, b },
        Alu::Xor => Op::Xor { width, dst, a, b },
    }
}

/// ALCGR, ALCR and kin: a sum with the carry that the condition code holds in its upper bit.
pub fn add_with_carry(cx: &mut Cx<'_>, width: Width, dst: Reg, b: Operand) -> Lifted {
    with_carry(cx, Sum::AddLogical, width, dst, b)
}

/// SLBGR, SLBR and kin: a difference with the borrow that the condition code's upper bit says there is not.
pub fn subtract_with_borrow(cx: &mut Cx<'_>, width: Width, dst: Reg, b: Operand) -> Lifted {
    with_carry(cx, Sum::SubLogical, width, dst, b)
}

/// In two steps: the carry of either is the carry of both, for they never both have one. Of a difference, both must lack a
/// borrow.
fn with_carry(cx: &mut Cx<'_>, sum: Sum, width: Width, dst: Reg, b: Operand) -> Lifted {
    let adds = matches!(sum, Sum::AddLogical);
    let out = cx.begin();
    let b = b.read(out);
    let (carry, first, last) = (out.temp(), out.temp(), out.temp());
    let (first_code, last_code) = (out.temp(), out.temp());
    out.emit(Op::Extract { width: W64, dst: carry, src: CC, lsb: 1, len: 1, signed: false });
    if !adds {
        out.emit(Op::XorImm { width: W64, dst: carry, a: carry, imm: 1 });
    }
    let code = |dst, a, b| helpers::call(helpers::SUM_CODE, dst, a, b, sum.of(width == W32));
    out.emit(code(first_code, dst, b));
    out.emit(plain(Alu::Sum(sum), width, first, dst, b));
    out.emit(code(last_code, first, carry));
    out.emit(plain(Alu::Sum(sum), width, last, first, carry));
    // Zero or not is the last step's, the carry both steps'.
    let either = out.temp();
    out.emit(if adds {
        Op::Or { width: W64, dst: either, a: first_code, b: last_code }
    } else {
        Op::And { width: W64, dst: either, a: first_code, b: last_code }
    });
    out.emit(Op::Deposit { dst: either, base: either, src: last_code, lsb: 0, len: 1 });
    out.copy(CC, either);
    place(out, width, dst, last);
    Ok(())
}

/// LTGR, LTG, LTGF and kin: a load that tests.
pub fn load_and_test(cx: &mut Cx<'_>, width: Width, dst: Reg, b: Operand) -> Lifted {
    let out = cx.begin();
    let value = b.read(out);
    place(out, width, dst, value);
    out.emit(order(width, true, dst, ZERO));
    Ok(())
}

/// LCGR, LCR, LCGFR: the negative.
pub fn negative(cx: &mut Cx<'_>, width: Width, dst: Reg, b: Operand) -> Lifted {
    let out = cx.begin();
    let b = b.read(out);
    sum_code(out, Sum::Sub, width, ZERO, b);
    compute(out, SUB, width, dst, ZERO, b);
    Ok(())
}

/// LPGR, LPR, LPGFR (and LNGR and kin): the magnitude, or its negative, which always fits.
pub fn magnitude(cx: &mut Cx<'_>, width: Width, dst: Reg, b: Operand, negated: bool) -> Lifted {
    use rcsim_uop::op::Pred;
    let out = cx.begin();
    let b = b.read(out);
    let (negative, test, result) = (out.temp(), out.temp(), out.temp());
    out.emit(Op::Sub { width, dst: negative, a: ZERO, b });
    let pred = if negated { Pred::LtS } else { Pred::GeS };
    out.emit(Op::SetCmp { pred, width, dst: test, a: b, b: ZERO });
    out.emit(Op::Select { dst: result, test, a: b, b: negative });
    // The smallest number has no magnitude: adding zero to it would be negative, subtracting it from zero overflows.
    let (kind, a, c) = if negated { (Sum::Add, ZERO, result) } else { (Sum::Sub, ZERO, negative) };
    if negated {
        sum_code(out, kind, width, a, c);
    } else {
        // The magnitude is zero minus the non-positive one of the two.
        let lowest = out.temp();
        out.emit(Op::Select { dst: lowest, test, a: negative, b });
        sum_code(out, kind, width, a, lowest);
    }
    place(out, width, dst, result);
    Ok(())
}
