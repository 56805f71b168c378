//! Floating-point arithmetic (primary opcodes 59 and 63).
//!
//! Registers hold doubles. A single-precision instruction computes in double precision and rounds once more, which for
//! operands that are singles gives what one rounding would (53 bits are more than twice 24 plus two); fused ones, where
//! it would not, are computed in single precision. Operands that are no singles are outside what the architecture
//! defines. Every result leaves the other half of its vector-scalar register zero, as POWER8 and QEMU do.

use rcsim_uop::fp::{FpAlu, FpFormat, FpRound, FpUnary};
use rcsim_uop::op::Op;
use rcsim_uop::{BlockBuilder, Reg};

use super::{Cx, EQUAL, GREATER, LESS, UNORDERED, float_convert};
use crate::ppc64::decode::{Gap, Lifted};
use crate::ppc64::regs::{f, vs};

const ROUND: FpRound = FpRound::NearestEven;
const DOUBLE: FpFormat = FpFormat::F64;
const SINGLE: FpFormat = FpFormat::F32;

/// Sort by extended opcode: five bits for arithmetic, ten for the rest.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let single = cx.insn.primary() == 59;
    // Recording the exception summary in field 1 would need it.
    if cx.insn.lowest_bit() {
        return Err(Gap::Opcode);
    }
    match cx.insn.word >> 1 & 31 {
        18 => binary(cx, FpAlu::Div, single, cx.insn.b()),
        20 => binary(cx, FpAlu::Sub, single, cx.insn.b()),
        21 => binary(cx, FpAlu::Add, single, cx.insn.b()),
        25 => binary(cx, FpAlu::Mul, single, cx.insn.c()),
        22 => square_root(cx, single),
        23 if !single => select(cx),
        28..=31 => multiply_add(cx, single),
        _ => unary(cx, single),
    }
}

fn unary(cx: &mut Cx<'_>, single: bool) -> Lifted {
    match (cx.insn.extended(), single) {
        (0 | 32, false) => compare(cx),
        (8, false) => copy_sign(cx),
        (40, false) => sign(cx, FpUnary::Neg, false),
        (72, false) => move_register(cx),
        (136, false) => sign(cx, FpUnary::Abs, true),
        (264, false) => sign(cx, FpUnary::Abs, false),
        (392, false) => round(cx, FpRound::NearestAway),
        (424, false) => round(cx, FpRound::Zero),
        (456, false) => round(cx, FpRound::Up),
        (488, false) => round(cx, FpRound::Down),
        _ => float_convert::lift(cx, single),
    }
}

/// The result is complete: the other half of the register follows.
pub fn finish(out: &mut BlockBuilder, number: u8) {
    out.constant(vs(number), 0);
}

/// Round a double to what a single holds.
pub fn to_single(out: &mut BlockBuilder, reg: Reg) {
    out.emit(Op::FpConvert { from: DOUBLE, to: SINGLE, round: ROUND, dst: reg, src: reg });
    out.emit(Op::FpConvert { from: SINGLE, to: DOUBLE, round: ROUND, dst: reg, src: reg });
}

/// FADD, FSUB, FMUL, FDIV and their single-precision forms. A product has its second factor in FRC.
fn binary(cx: &mut Cx<'_>, op: FpAlu, single: bool, second: u8) -> Lifted {
    let (number, a, b) = (cx.insn.t(), f(cx.insn.a()), f(second));
    let dst = f(number);
    let out = cx.begin();
    out.emit(Op::FpAlu { op, format: DOUBLE, round: ROUND, dst, a, b });
    if single {
        to_single(out, dst);
    }
    finish(out, number);
    Ok(())
}

/// FSQRT and FSQRTS.
fn square_root(cx: &mut Cx<'_>, single: bool) -> Lifted {
    let (number, src) = (cx.insn.t(), f(cx.insn.b()));
    let dst = f(number);
    let out = cx.begin();
    out.emit(Op::FpUnary { op: FpUnary::Sqrt, format: DOUBLE, round: ROUND, dst, src });
    if single {
        to_single(out, dst);
    }
    finish(out, number);
    Ok(())
}

/// FRIN, FRIZ, FRIP, FRIM.
fn round(cx: &mut Cx<'_>, round: FpRound) -> Lifted {
    let (number, src) = (cx.insn.t(), f(cx.insn.b()));
    let out = cx.begin();
    out.emit(Op::FpUnary { op: FpUnary::RoundIntegral, format: DOUBLE, round, dst: f(number), src });
    finish(out, number);
    Ok(())
}

/// FNEG, FABS, FNABS: of the sign alone, NaNs too.
fn sign(cx: &mut Cx<'_>, op: FpUnary, negate: bool) -> Lifted {
    let (number, src) = (cx.insn.t(), f(cx.insn.b()));
    let dst = f(number);
    let out = cx.begin();
    out.emit(Op::FpUnary { op, format: DOUBLE, round: ROUND, dst, src });
    if negate {
        out.emit(Op::FpUnary { op: FpUnary::Neg, format: DOUBLE, round: ROUND, dst, src: dst });
    }
    finish(out, number);
    Ok(())
}

/// FCPSGN: the sign comes from FRA.
fn copy_sign(cx: &mut Cx<'_>) -> Lifted {
    let (number, a, b) = (cx.insn.t(), f(cx.insn.b()), f(cx.insn.a()));
    let out = cx.begin();
    out.emit(Op::FpAlu { op: FpAlu::CopySign, format: DOUBLE, round: ROUND, dst: f(number), a, b });
    finish(out, number);
    Ok(())
}

/// FMR.
fn move_register(cx: &mut Cx<'_>) -> Lifted {
    let (number, src) = (cx.insn.t(), f(cx.insn.b()));
    let out = cx.begin();
    out.copy(f(number), src);
    finish(out, number);
    Ok(())
}

/// FSEL: FRC when FRA is zero or greater, else FRB, which a NaN selects too.
fn select(cx: &mut Cx<'_>) -> Lifted {
    use rcsim_uop::reg::ZERO;
    let (number, test, a, b) = (cx.insn.t(), f(cx.insn.a()), f(cx.insn.c()), f(cx.insn.b()));
    let out = cx.begin();
    let chosen = out.temp();
    out.emit(Op::FpCompare {
        format: DOUBLE,
        dst: chosen,
        a: test,
        b: ZERO,
        less: 0,
        equal: 1,
        greater: 1,
        unordered: 0,
    });
    out.emit(Op::Select { dst: f(number), test: chosen, a, b });
    finish(out, number);
    Ok(())
}

/// FCMPU and FCMPO, which differ in an exception that is not modelled.
fn compare(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, b) = (cx.insn.bf(), f(cx.insn.a()), f(cx.insn.b()));
    cx.emit([Op::FpCompare {
        format: DOUBLE,
        dst,
        a,
        b,
        less: LESS,
        equal: EQUAL,
        greater: GREATER,
        unordered: UNORDERED,
    }])
}

/// FMADD, FMSUB, FNMADD, FNMSUB: `±(FRA × FRC ± FRB)` with one rounding.
fn multiply_add(cx: &mut Cx<'_>, single: bool) -> Lifted {
    const SUBTRACTS: u32 = 28;
    const NEGATED_SUBTRACTS: u32 = 30;
    let operation = cx.insn.word >> 1 & 31;
    let (number, operands) = (cx.insn.t(), [f(cx.insn.a()), f(cx.insn.c()), f(cx.insn.b())]);
    let negate_c = matches!(operation, SUBTRACTS | NEGATED_SUBTRACTS);
    let dst = f(number);
    let out = cx.begin();
    if single {
        fused_single(out, dst, operands, negate_c);
    } else {
        fused(out, DOUBLE, dst, operands, negate_c);
    }
    if operation >= NEGATED_SUBTRACTS {
        negate_number(out, dst);
    }
    finish(out, number);
    Ok(())
}

fn fused(out: &mut BlockBuilder, format: FpFormat, dst: Reg, [a, b, c]: [Reg; 3], negate_c: bool) {
    out.emit(Op::FpMulAdd { format, round: ROUND, dst, a, b, c, negate_product: false, negate_c });
}

fn fused_single(out: &mut BlockBuilder, dst: Reg, operands: [Reg; 3], negate_c: bool) {
    let operands = operands.map(|src| {
        let dst = out.temp();
        out.emit(Op::FpConvert { from: DOUBLE, to: SINGLE, round: ROUND, dst, src });
        dst
    });
    fused(out, SINGLE, dst, operands, negate_c);
    out.emit(Op::FpConvert { from: SINGLE, to: DOUBLE, round: ROUND, dst, src: dst });
}

/// Change the sign of anything but a NaN.
pub fn negate_number(out: &mut BlockBuilder, reg: Reg) {
    let is_number = out.temp();
    out.emit(Op::FpCompare {
        format: DOUBLE,
        dst: is_number,
        a: reg,
        b: reg,
        less: 1,
        equal: 1,
        greater: 1,
        unordered: 0,
    });
    out.emit(Op::SkipIfZero { test: is_number, count: 1 });
    out.emit(Op::FpUnary { op: FpUnary::Neg, format: DOUBLE, round: ROUND, dst: reg, src: reg });
}
