//! Floating-point arithmetic and comparison.

use rcsim_uop::fp::{FpAlu, FpFormat, FpRound, FpUnary};
use rcsim_uop::op::Op;
use wasmparser::Operator;

use super::{Action, binary, unary};

const F32: FpFormat = FpFormat::F32;
const F64: FpFormat = FpFormat::F64;

pub fn action(op: &Operator<'_>) -> Option<Action> {
    two_operands(op).or_else(|| one_operand(op)).or_else(|| comparison(op))
}

fn two_operands(op: &Operator<'_>) -> Option<Action> {
    match op {
        Operator::F32Add => alu(F32, FpAlu::Add),
        Operator::F64Add => alu(F64, FpAlu::Add),
        Operator::F32Sub => alu(F32, FpAlu::Sub),
        Operator::F64Sub => alu(F64, FpAlu::Sub),
        Operator::F32Mul => alu(F32, FpAlu::Mul),
        Operator::F64Mul => alu(F64, FpAlu::Mul),
        Operator::F32Div => alu(F32, FpAlu::Div),
        Operator::F64Div => alu(F64, FpAlu::Div),
        Operator::F32Min => alu(F32, FpAlu::Min),
        Operator::F64Min => alu(F64, FpAlu::Min),
        Operator::F32Max => alu(F32, FpAlu::Max),
        Operator::F64Max => alu(F64, FpAlu::Max),
        Operator::F32Copysign => alu(F32, FpAlu::CopySign),
        Operator::F64Copysign => alu(F64, FpAlu::CopySign),
        _ => None,
    }
}

fn alu(format: FpFormat, op: FpAlu) -> Option<Action> {
    binary(move |dst, a, b| Op::FpAlu { op, format, round: FpRound::NearestEven, dst, a, b })
}

fn one_operand(op: &Operator<'_>) -> Option<Action> {
    let even = FpRound::NearestEven;
    match op {
        Operator::F32Neg => single(F32, FpUnary::Neg, even),
        Operator::F64Neg => single(F64, FpUnary::Neg, even),
        Operator::F32Abs => single(F32, FpUnary::Abs, even),
        Operator::F64Abs => single(F64, FpUnary::Abs, even),
        Operator::F32Sqrt => single(F32, FpUnary::Sqrt, even),
        Operator::F64Sqrt => single(F64, FpUnary::Sqrt, even),
        Operator::F32Nearest => single(F32, FpUnary::RoundIntegral, even),
        Operator::F64Nearest => single(F64, FpUnary::RoundIntegral, even),
        Operator::F32Ceil => single(F32, FpUnary::RoundIntegral, FpRound::Up),
        Operator::F64Ceil => single(F64, FpUnary::RoundIntegral, FpRound::Up),
        Operator::F32Floor => single(F32, FpUnary::RoundIntegral, FpRound::Down),
        Operator::F64Floor => single(F64, FpUnary::RoundIntegral, FpRound::Down),
        Operator::F32Trunc => single(F32, FpUnary::RoundIntegral, FpRound::Zero),
        Operator::F64Trunc => single(F64, FpUnary::RoundIntegral, FpRound::Zero),
        _ => None,
    }
}

fn single(format: FpFormat, op: FpUnary, round: FpRound) -> Option<Action> {
    unary(move |dst, src| Op::FpUnary { op, format, round, dst, src })
}

/// In which of the four orders of two floats a comparison holds.
#[derive(Clone, Copy)]
struct Holds {
    less: bool,
    equal: bool,
    greater: bool,
    unordered: bool,
}

const EQ: Holds = Holds { less: false, equal: true, greater: false, unordered: false };
const NE: Holds = Holds { less: true, equal: false, greater: true, unordered: true };
const LT: Holds = Holds { less: true, equal: false, greater: false, unordered: false };
const LE: Holds = Holds { less: true, equal: true, greater: false, unordered: false };
const GT: Holds = Holds { less: false, equal: false, greater: true, unordered: false };
const GE: Holds = Holds { less: false, equal: true, greater: true, unordered: false };

fn comparison(op: &Operator<'_>) -> Option<Action> {
    match op {
        Operator::F32Eq => compare(F32, EQ),
        Operator::F64Eq => compare(F64, EQ),
        Operator::F32Ne => compare(F32, NE),
        Operator::F64Ne => compare(F64, NE),
        Operator::F32Lt => compare(F32, LT),
        Operator::F64Lt => compare(F64, LT),
        Operator::F32Le => compare(F32, LE),
        Operator::F64Le => compare(F64, LE),
        Operator::F32Gt => compare(F32, GT),
        Operator::F64Gt => compare(F64, GT),
        Operator::F32Ge => compare(F32, GE),
        Operator::F64Ge => compare(F64, GE),
        _ => None,
    }
}

fn compare(format: FpFormat, holds: Holds) -> Option<Action> {
    binary(move |dst, a, b| Op::FpCompare {
        format,
        dst,
        a,
        b,
        less: holds.less.into(),
        equal: holds.equal.into(),
        greater: holds.greater.into(),
        unordered: holds.unordered.into(),
    })
}
