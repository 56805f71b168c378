//! Conversions among formats and integers, which stand in floating-point registers here.

use rcsim_uop::fp::{FpFormat, FpRound};
use rcsim_uop::op::{Op, Width};

use super::Cx;
use super::memory::fill_upper;
use crate::loong::decode::Lifted;

const NEAREST: FpRound = FpRound::NearestEven;

/// FTINT and its kin.
pub fn to_integer(cx: &mut Cx<'_>, format: FpFormat, width: Width, round: FpRound) -> Lifted {
    let (dst, src) = (cx.insn.fd(), cx.insn.fj());
    cx.begin().emit(Op::FpToInt { format, round, width, signed: true, dst, src });
    Ok(())
}

/// FFINT.
pub fn from_integer(cx: &mut Cx<'_>, format: FpFormat, width: Width) -> Lifted {
    let (dst, src) = (cx.insn.fd(), cx.insn.fj());
    let out = cx.begin();
    out.emit(Op::IntToFp { format, round: NEAREST, width, signed: true, dst, src });
    fill_upper(out, format, dst);
    Ok(())
}

/// FCVT.S.D.
pub fn to_single(cx: &mut Cx<'_>) -> Lifted {
    convert(cx, FpFormat::F64, FpFormat::F32)
}

/// FCVT.D.S.
pub fn to_double(cx: &mut Cx<'_>) -> Lifted {
    convert(cx, FpFormat::F32, FpFormat::F64)
}

fn convert(cx: &mut Cx<'_>, from: FpFormat, to: FpFormat) -> Lifted {
    let (dst, src) = (cx.insn.fd(), cx.insn.fj());
    let out = cx.begin();
    out.emit(Op::FpConvert { from, to, round: NEAREST, dst, src });
    fill_upper(out, to, dst);
    Ok(())
}
