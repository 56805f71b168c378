//! Conversions between integers and floats and between widths.

use rcsim_uop::fp::{FpFormat, FpRound};
use rcsim_uop::op::{Op, Width};
use rcsim_uop::reg::ZERO;
use wasmparser::Operator;

use super::{Action, nothing, unary};
use crate::wasm::helpers::{CHECK_TRUNC, trunc_imm};

const F32: FpFormat = FpFormat::F32;
const F64: FpFormat = FpFormat::F64;
const W32: Width = Width::W32;
const W64: Width = Width::W64;

pub fn action(op: &Operator<'_>) -> Option<Action> {
    integers(op).or_else(|| to_float(op)).or_else(|| saturating(op)).or_else(|| trapping(op))
}

fn integers(op: &Operator<'_>) -> Option<Action> {
    match op {
        // An addition, because the result still is the address that a pointer was, cut to the size of linear memory.
        Operator::I32WrapI64 => unary(|dst, a| Op::AddImm { width: W32, dst, a, imm: 0 }),
        Operator::I64ExtendI32U
        | Operator::I32ReinterpretF32
        | Operator::I64ReinterpretF64
        | Operator::F32ReinterpretI32
        | Operator::F64ReinterpretI64 => nothing(),
        _ => None,
    }
}

fn to_float(op: &Operator<'_>) -> Option<Action> {
    match op {
        Operator::F32ConvertI32S => from_int(F32, W32, true),
        Operator::F32ConvertI32U => from_int(F32, W32, false),
        Operator::F32ConvertI64S => from_int(F32, W64, true),
        Operator::F32ConvertI64U => from_int(F32, W64, false),
        Operator::F64ConvertI32S => from_int(F64, W32, true),
        Operator::F64ConvertI32U => from_int(F64, W32, false),
        Operator::F64ConvertI64S => from_int(F64, W64, true),
        Operator::F64ConvertI64U => from_int(F64, W64, false),
        Operator::F32DemoteF64 => between(F64, F32),
        Operator::F64PromoteF32 => between(F32, F64),
        _ => None,
    }
}

fn from_int(format: FpFormat, width: Width, signed: bool) -> Option<Action> {
    unary(move |dst, src| Op::IntToFp { format, round: FpRound::NearestEven, width, signed, dst, src })
}

fn between(from: FpFormat, to: FpFormat) -> Option<Action> {
    unary(move |dst, src| Op::FpConvert { from, to, round: FpRound::NearestEven, dst, src })
}

fn saturating(op: &Operator<'_>) -> Option<Action> {
    match op {
        Operator::I32TruncSatF32S => cut(F32, W32, true, false),
        Operator::I32TruncSatF32U => cut(F32, W32, false, false),
        Operator::I32TruncSatF64S => cut(F64, W32, true, false),
        Operator::I32TruncSatF64U => cut(F64, W32, false, false),
        Operator::I64TruncSatF32S => cut(F32, W64, true, false),
        Operator::I64TruncSatF32U => cut(F32, W64, false, false),
        Operator::I64TruncSatF64S => cut(F64, W64, true, false),
        Operator::I64TruncSatF64U => cut(F64, W64, false, false),
        _ => None,
    }
}

fn trapping(op: &Operator<'_>) -> Option<Action> {
    match op {
        Operator::I32TruncF32S => cut(F32, W32, true, true),
        Operator::I32TruncF32U => cut(F32, W32, false, true),
        Operator::I32TruncF64S => cut(F64, W32, true, true),
        Operator::I32TruncF64U => cut(F64, W32, false, true),
        Operator::I64TruncF32S => cut(F32, W64, true, true),
        Operator::I64TruncF32U => cut(F32, W64, false, true),
        Operator::I64TruncF64S => cut(F64, W64, true, true),
        Operator::I64TruncF64U => cut(F64, W64, false, true),
        _ => None,
    }
}

/// To an integer; saturating is what the micro-op does by the architecture's rules, trapping takes a check before.
fn cut(format: FpFormat, width: Width, signed: bool, traps: bool) -> Option<Action> {
    Some(Box::new(move |lift| {
        let src = lift.top(1);
        if traps {
            let imm = trunc_imm(format == F64, width.bits(), signed);
            lift.emit(Op::Helper { id: CHECK_TRUNC, a: src, b: ZERO, c: ZERO, d: ZERO, imm });
        }
        lift.emit(Op::FpToInt { format, round: FpRound::Zero, width, signed, dst: src, src });
    }))
}
