//! Conversions between formats and from and to integers (A8.8.305 to A8.8.309). Integers stand in single-precision
//! registers.

use rcsim_uop::fp::{FpFormat, FpRound};
use rcsim_uop::op::{Op, Width};

use super::Cx;
use super::float::{Float, NEAREST, VD, VM, format, is_double};
use crate::arm::decode::Lifted;

const W: Width = Width::W32;

/// VCVT between single and double: bit 8 says what it converts from.
pub fn between_formats(cx: &mut Cx<'_>) -> Lifted {
    let (insn, from_double) = (cx.insn, is_double(cx.insn));
    let (from, to) =
        if from_double { (FpFormat::F64, FpFormat::F32) } else { (FpFormat::F32, FpFormat::F64) };
    let out = cx.begin();
    let src = Float::named(insn, VM, from_double).read(out);
    Float::named(insn, VD, !from_double)
        .write(out, |out, dst| out.emit(Op::FpConvert { from, to, round: NEAREST, dst, src }));
    Ok(())
}

/// VCVT from an integer.
pub fn from_integer(cx: &mut Cx<'_>, signed: bool) -> Lifted {
    let (insn, double) = (cx.insn, is_double(cx.insn));
    let format = format(double);
    let out = cx.begin();
    let src = Float::named(insn, VM, false).read(out);
    Float::named(insn, VD, double)
        .write(out, |out, dst| out.emit(Op::IntToFp { format, round: NEAREST, width: W, signed, dst, src }));
    Ok(())
}

/// VCVT to an integer, towards zero; VCVTR as FPSCR says, to nearest.
pub fn to_integer(cx: &mut Cx<'_>, signed: bool, to_zero: bool) -> Lifted {
    let (insn, double) = (cx.insn, is_double(cx.insn));
    let (format, round) = (format(double), if to_zero { FpRound::Zero } else { NEAREST });
    let out = cx.begin();
    let src = Float::named(insn, VM, double).read(out);
    Float::named(insn, VD, false)
        .write(out, |out, dst| out.emit(Op::FpToInt { format, round, width: W, signed, dst, src }));
    Ok(())
}
