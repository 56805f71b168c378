//! Floating point.
//!
//! Single precision works on boxed values, as the rules of this architecture say; results are boxed by them. Arithmetic rounds to
//! nearest even: an instruction that asks for another mode, which Go's assembler can write for conversions to integers only, is refused, one that leaves it to `frm` finds that mode
//! there, since nothing can write it.

use rcsim_uop::fp::{FpAlu, FpFormat, FpRound, FpUnary};
use rcsim_uop::op::{Op, Pred, Width};
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use super::integer::into_rd;
use super::memory::BOX;
use crate::riscv::decode::{Gap, Lifted};
use crate::riscv::helpers;
use crate::riscv::table::Sign;

const NEAREST: FpRound = FpRound::NearestEven;

/// The only rounding mode of arithmetic that is modelled.
fn nearest(cx: &Cx<'_>) -> Lifted<FpRound> {
    match cx.insn.rounding() {
        Some(NEAREST) => Ok(NEAREST),
        Some(_) => Err(Gap::Feature("rounding-modes")),
        None => Err(Gap::Shape),
    }
}

/// FADD, FSUB, FMUL, FDIV; FMIN and FMAX, whose field for the rounding mode tells them apart.
pub fn alu(cx: &mut Cx<'_>, op: FpAlu, format: FpFormat) -> Lifted {
    let round = match op {
        FpAlu::MinNum | FpAlu::MaxNum => NEAREST,
        _ => nearest(cx)?,
    };
    let (dst, a, b) = (cx.insn.fd(), cx.insn.fs1(), cx.insn.fs2());
    cx.begin().emit(Op::FpAlu { op, format, round, dst, a, b });
    Ok(())
}

/// FSQRT.
pub fn square_root(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let round = nearest(cx)?;
    let (dst, src) = (cx.insn.fd(), cx.insn.fs1());
    cx.begin().emit(Op::FpUnary { op: FpUnary::Sqrt, format, round, dst, src });
    Ok(())
}

/// FMADD, FMSUB, FNMSUB, FNMADD.
pub fn multiply_add(cx: &mut Cx<'_>, format: FpFormat, negate_product: bool, negate_c: bool) -> Lifted {
    let round = nearest(cx)?;
    let (dst, a, b, c) = (cx.insn.fd(), cx.insn.fs1(), cx.insn.fs2(), cx.insn.fs3());
    cx.begin().emit(Op::FpMulAdd { format, round, dst, a, b, c, negate_product, negate_c });
    Ok(())
}

fn unary(out: &mut BlockBuilder, op: FpUnary, format: FpFormat, dst: Reg, src: Reg) {
    out.emit(Op::FpUnary { op, format, round: NEAREST, dst, src });
}

fn copy_sign(out: &mut BlockBuilder, format: FpFormat, dst: Reg, a: Reg, b: Reg) {
    out.emit(Op::FpAlu { op: FpAlu::CopySign, format, round: NEAREST, dst, a, b });
}

/// FSGNJ, FSGNJN, FSGNJX. With both operands the same they are a move, a negation and a magnitude.
pub fn sign(cx: &mut Cx<'_>, sign: Sign, format: FpFormat) -> Lifted {
    let (dst, a, b) = (cx.insn.fd(), cx.insn.fs1(), cx.insn.fs2());
    let out = cx.begin();
    match sign {
        Sign::Copy if a == b && format == FpFormat::F64 => out.copy(dst, a),
        Sign::Copy => copy_sign(out, format, dst, a, b),
        Sign::Negate if a == b => unary(out, FpUnary::Neg, format, dst, a),
        Sign::Negate => {
            let negated = out.temp();
            unary(out, FpUnary::Neg, format, negated, b);
            copy_sign(out, format, dst, a, negated);
        }
        Sign::Xor if a == b => unary(out, FpUnary::Abs, format, dst, a),
        Sign::Xor => combine_signs(out, format, dst, a, b),
    }
    Ok(())
}

/// Copying a value's sign to itself makes it a proper value of its format first.
fn combine_signs(out: &mut BlockBuilder, format: FpFormat, dst: Reg, a: Reg, b: Reg) {
    let (width, sign) = (Width::W64, out.temp());
    copy_sign(out, format, sign, b, b);
    let imm = match format {
        FpFormat::F32 => 1 << 31,
        FpFormat::F64 => 1 << 63,
    };
    out.emit(Op::AndImm { width, dst: sign, a: sign, imm });
    copy_sign(out, format, dst, a, a);
    out.emit(Op::Xor { width, dst, a: dst, b: sign });
}

/// FEQ, FLT, FLE: unordered is false. They differ in exceptions, which are not modelled.
pub fn compare(cx: &mut Cx<'_>, pred: Pred, format: FpFormat) -> Lifted {
    let (a, b) = (cx.insn.fs1(), cx.insn.fs2());
    let less = u8::from(pred != Pred::Eq);
    let equal = u8::from(pred != Pred::LtS);
    into_rd(cx, |out, dst| {
        out.emit(Op::FpCompare { format, dst, a, b, less, equal, greater: 0, unordered: 0 });
    })
}

/// FCLASS.
pub fn class(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let src = cx.insn.fs1();
    into_rd(cx, |out, dst| out.emit(helpers::class(format, dst, src)))
}

/// FCVT.W.D and its kin: any rounding mode; 32-bit results, the unsigned ones too, are sign-extended.
pub fn to_integer(cx: &mut Cx<'_>, format: FpFormat, width: Width, signed: bool) -> Lifted {
    let (round, src) = (cx.insn.rounding().ok_or(Gap::Shape)?, cx.insn.fs1());
    into_rd(cx, |out, dst| out.emit(Op::FpToInt { format, round, width, signed, dst, src }))
}

/// FCVT.D.W and its kin. A 32-bit integer is exact as a double, so the mode does not matter there.
pub fn from_integer(cx: &mut Cx<'_>, format: FpFormat, width: Width, signed: bool) -> Lifted {
    let exact = format == FpFormat::F64 && width.bits() == 32 && cx.insn.rounding().is_some();
    let round = if exact { NEAREST } else { nearest(cx)? };
    let (dst, src) = (cx.insn.fd(), cx.insn.rs1());
    cx.begin().emit(Op::IntToFp { format, round, width, signed, dst, src });
    Ok(())
}

/// FCVT.S.D.
pub fn to_single(cx: &mut Cx<'_>) -> Lifted {
    let round = nearest(cx)?;
    convert(cx, FpFormat::F64, FpFormat::F32, round)
}

/// FCVT.D.S, which is exact in every mode.
pub fn to_double(cx: &mut Cx<'_>) -> Lifted {
    cx.insn.rounding().ok_or(Gap::Shape)?;
    convert(cx, FpFormat::F32, FpFormat::F64, NEAREST)
}

fn convert(cx: &mut Cx<'_>, from: FpFormat, to: FpFormat, round: FpRound) -> Lifted {
    let (dst, src) = (cx.insn.fd(), cx.insn.fs1());
    cx.begin().emit(Op::FpConvert { from, to, round, dst, src });
    Ok(())
}

/// FMV.X.W, which sign-extends, and FMV.X.D.
pub fn move_out(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let src = cx.insn.fs1();
    into_rd(cx, |out, dst| match format {
        FpFormat::F32 => {
            out.emit(Op::Extract { width: Width::W64, dst, src, lsb: 0, len: 32, signed: true });
        }
        FpFormat::F64 => out.copy(dst, src),
    })
}

/// FMV.W.X and FMV.D.X.
pub fn move_in(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let (dst, a) = (cx.insn.fd(), cx.insn.rs1());
    let out = cx.begin();
    match format {
        FpFormat::F32 => out.emit(Op::OrImm { width: Width::W64, dst, a, imm: BOX }),
        FpFormat::F64 => out.copy(dst, a),
    }
    Ok(())
}
