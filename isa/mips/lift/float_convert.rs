//! Conversions between the floating-point formats and integers in floating-point registers.

use rcsim_uop::fp::{FpFormat, FpRound};
use rcsim_uop::op::{Op, Width};

use super::Cx;
use super::float::{Operand, two};
use crate::mips::decode::{Gap, Lifted};

const NEAREST: FpRound = FpRound::NearestEven;

/// From a floating-point format, by function.
pub fn lift(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    match cx.insn.function() {
        8 => to_integer(cx, format, FpRound::NearestEven, Width::W64),
        9 => to_integer(cx, format, FpRound::Zero, Width::W64),
        10 => to_integer(cx, format, FpRound::Up, Width::W64),
        11 => to_integer(cx, format, FpRound::Down, Width::W64),
        12 => to_integer(cx, format, FpRound::NearestEven, Width::W32),
        13 => to_integer(cx, format, FpRound::Zero, Width::W32),
        14 => to_integer(cx, format, FpRound::Up, Width::W32),
        15 => to_integer(cx, format, FpRound::Down, Width::W32),
        32 if format == FpFormat::F64 => convert(cx, format, FpFormat::F32),
        33 if format == FpFormat::F32 => convert(cx, format, FpFormat::F64),
        36 => to_integer(cx, format, NEAREST, Width::W32),
        37 => to_integer(cx, format, NEAREST, Width::W64),
        _ => Err(Gap::Opcode),
    }
}

/// CVT.S.D and CVT.D.S.
fn convert(cx: &mut Cx<'_>, from: FpFormat, to: FpFormat) -> Lifted {
    let (dst, src) = two(cx, to, from)?;
    let out = cx.begin();
    let src = src.get(out);
    dst.put(out, |out, dst| out.emit(Op::FpConvert { from, to, round: NEAREST, dst, src }));
    Ok(())
}

/// The size of an integer as that of a floating-point format.
const fn as_large_as(width: Width) -> FpFormat {
    match width {
        Width::W64 => FpFormat::F64,
        _ => FpFormat::F32,
    }
}

/// TRUNC.W.D and its kin. Integers of 64 bits need registers of 64 bits.
fn to_integer(cx: &mut Cx<'_>, format: FpFormat, round: FpRound, width: Width) -> Lifted {
    if width == Width::W64 {
        cx.needs_wide()?;
    }
    let (dst, src) = two(cx, as_large_as(width), format)?;
    let out = cx.begin();
    let src = src.get(out);
    dst.put(out, |out, dst| out.emit(Op::FpToInt { format, round, width, signed: true, dst, src }));
    Ok(())
}

/// CVT.S.W, CVT.D.W, CVT.S.L, CVT.D.L.
pub fn from_integer(cx: &mut Cx<'_>) -> Lifted {
    const WORD: u8 = 20;
    let width = if cx.insn.rs_number() == WORD { Width::W32 } else { Width::W64 };
    if width == Width::W64 {
        cx.needs_wide()?;
    }
    let format = match cx.insn.function() {
        32 => FpFormat::F32,
        33 => FpFormat::F64,
        _ => return Err(Gap::Opcode),
    };
    let dst = Operand::new(cx, cx.insn.sa(), format)?;
    let src = Operand::new(cx, cx.insn.rd_number(), as_large_as(width))?;
    let out = cx.begin();
    let src = src.get(out);
    dst.put(out, |out, dst| out.emit(Op::IntToFp { format, round: NEAREST, width, signed: true, dst, src }));
    Ok(())
}
