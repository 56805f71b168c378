//! Scalar floating point of SSE2 and its AVX forms.
//!
//! Rounding is to nearest even: Go never changes the mode in MXCSR.

use rcsim_uop::Reg;
use rcsim_uop::flags::{C, P, Z};
use rcsim_uop::fp::{FpAlu, FpFormat, FpRound, FpUnary};
use rcsim_uop::op::{Op, Width};
use rcsim_uop::reg::ZERO;

use super::context::{Lift, Lifted, NotModelled, width};
use super::operand::int_slot;
use super::sse_move::{merge_low, read_scalar};

const ROUND: FpRound = FpRound::NearestEven;

fn bytes(format: FpFormat) -> u32 {
    format.bytes() as u32
}

/// The operand that gives the upper part of the result: the one before the last in the three-operand form.
fn upper(l: &Lift<'_>) -> Result<Reg, NotModelled> {
    l.vector(if l.is_vex() { 1 } else { 0 })
}

fn last_operand(l: &Lift<'_>) -> u32 {
    l.insn.op_count() - 1
}

/// Place a scalar result computed by `make(dst)`; doubles of the two-operand form need no move.
fn scalar_result(l: &mut Lift<'_>, format: FpFormat, make: impl FnOnce(Reg) -> Op) -> Lifted {
    let (dst, upper) = (l.vector(0)?, upper(l)?);
    if format == FpFormat::F64 && dst == upper {
        l.emit(make(dst));
        l.clear_above(dst, 2);
        return Ok(());
    }
    let low = l.temp()?;
    l.emit(make(low));
    merge_low(l, dst, upper, low, bytes(format));
    Ok(())
}

/// ADDSS, SUBSD and their kin.
pub fn arithmetic(l: &mut Lift<'_>, op: FpAlu, format: FpFormat) -> Lifted {
    let last = last_operand(l);
    let a = upper(l)?;
    let b = read_scalar(l, last, bytes(format))?;
    scalar_result(l, format, |dst| Op::FpAlu { op, format, round: ROUND, dst, a, b })
}

/// SQRTSS, SQRTSD.
pub fn sqrt(l: &mut Lift<'_>, format: FpFormat) -> Lifted {
    let last = last_operand(l);
    let src = read_scalar(l, last, bytes(format))?;
    scalar_result(l, format, |dst| Op::FpUnary { op: FpUnary::Sqrt, format, round: ROUND, dst, src })
}

/// ROUNDSS, ROUNDSD with the rounding mode in the constant.
pub fn round(l: &mut Lift<'_>, format: FpFormat) -> Lifted {
    let last = last_operand(l);
    let mode = l.immediate(last).ok_or(NotModelled)?;
    let round = match mode & 7 {
        0 | 4..=7 => FpRound::NearestEven,
        1 => FpRound::Down,
        2 => FpRound::Up,
        _ => FpRound::Zero,
    };
    let src = read_scalar(l, last - 1, bytes(format))?;
    scalar_result(l, format, |dst| Op::FpUnary { op: FpUnary::RoundIntegral, format, round, dst, src })
}

/// UCOMISS, COMISD and their kin: Z, P and C tell the order, the other flags are cleared.
pub fn compare(l: &mut Lift<'_>, format: FpFormat) -> Lifted {
    let a = l.vector(0)?;
    let b = read_scalar(l, 1, bytes(format))?;
    let order = l.temp()?;
    l.emit(Op::FpCompare {
        format,
        dst: order,
        a,
        b,
        less: C as u8,
        equal: Z as u8,
        greater: 0,
        unordered: (Z | P | C) as u8,
    });
    l.emit(Op::SetFlags { src: order });
    Ok(())
}

/// Whether the predicate of CMPSS and CMPSD holds for less, equal, greater, unordered (Intel SDM, CMPPD).
const fn predicate(number: i64) -> Option<[bool; 4]> {
    Some(match number {
        0 => [false, true, false, false],
        1 => [true, false, false, false],
        2 => [true, true, false, false],
        3 => [false, false, false, true],
        4 => [true, false, true, true],
        5 => [false, true, true, true],
        6 => [false, false, true, true],
        7 => [true, true, true, false],
        _ => return None,
    })
}

/// CMPSS, CMPSD: all ones where the predicate holds, else zeros.
pub fn compare_to_mask(l: &mut Lift<'_>, format: FpFormat) -> Lifted {
    let last = last_operand(l);
    let holds = l.immediate(last).and_then(predicate).ok_or(NotModelled)?;
    let [less, equal, greater, unordered] = holds.map(u8::from);
    let (dst, a) = (l.vector(0)?, upper(l)?);
    let b = read_scalar(l, last - 1, bytes(format))?;
    let mask = l.temp()?;
    l.emit(Op::FpCompare { format, dst: mask, a, b, less, equal, greater, unordered });
    l.emit(Op::Sub { width: Width::W64, dst: mask, a: ZERO, b: mask });
    merge_low(l, dst, a, mask, bytes(format));
    Ok(())
}

/// CVTSI2SS, CVTSI2SD.
pub fn from_int(l: &mut Lift<'_>, format: FpFormat) -> Lifted {
    let last = last_operand(l);
    let width = l.operand_width(last)?;
    let src = l.read(last)?;
    scalar_result(l, format, |dst| Op::IntToFp { format, round: ROUND, width, signed: true, dst, src })
}

/// CVTTSD2SI and its kin; without truncation the current rounding mode holds.
pub fn to_int(l: &mut Lift<'_>, format: FpFormat, truncate: bool) -> Lifted {
    let dst = int_slot(l.insn.op0_register())?;
    let width = width(l.operand_bytes(0))?;
    let src = read_scalar(l, 1, bytes(format))?;
    let round = if truncate { FpRound::Zero } else { ROUND };
    l.emit(Op::FpToInt { format, round, width, signed: true, dst, src });
    Ok(())
}

/// CVTSS2SD, CVTSD2SS.
pub fn convert(l: &mut Lift<'_>, from: FpFormat, to: FpFormat) -> Lifted {
    let last = last_operand(l);
    let src = read_scalar(l, last, bytes(from))?;
    scalar_result(l, to, |dst| Op::FpConvert { from, to, round: ROUND, dst, src })
}

/// Which operands a fused multiply-add multiplies: its digits name first, second and third of the result, and the
/// last is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FmaOrder {
    /// `a = a * c + b`.
    O132,
    /// `a = b * a + c`.
    O213,
    /// `a = b * c + a`.
    O231,
}

/// VFMADD, VFMSUB, VFNMADD, VFNMSUB on scalars.
pub fn fused(
    l: &mut Lift<'_>,
    order: FmaOrder,
    format: FpFormat,
    negate_product: bool,
    negate_c: bool,
) -> Lifted {
    let (first, second) = (l.vector(0)?, l.vector(1)?);
    let third = read_scalar(l, 2, bytes(format))?;
    let (a, b, c) = match order {
        FmaOrder::O132 => (first, third, second),
        FmaOrder::O213 => (second, first, third),
        FmaOrder::O231 => (second, third, first),
    };
    let low = l.temp()?;
    l.emit(Op::FpMulAdd { format, round: ROUND, dst: low, a, b, c, negate_product, negate_c });
    merge_low(l, first, first, low, bytes(format));
    Ok(())
}
