//! Scalar floating point, and moves between general and vector registers.
//!
//! Rounding is to nearest even wherever the instruction leaves it to FPCR: Go programs never change FPCR.

use rcsim_uop::flags;
use rcsim_uop::fp::{FpAlu, FpFormat, FpRound, FpUnary};
use rcsim_uop::op::{Op, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::{Opcode as O, Operand, SIMDSizeCode};

use super::condition::packed;
use super::scalar_memory::clear_above;
use super::{Cx, move_reg};
use crate::arm64::decode::{Gap, Lifted, vector};

const NEAREST: FpRound = FpRound::NearestEven;

/// The format and slot of scalar operand `i`; half precision is not modelled.
fn scalar(cx: &Cx<'_>, i: usize) -> Lifted<(FpFormat, Reg)> {
    match cx.insn.scalar(i)? {
        (SIMDSizeCode::S, reg) => Ok((FpFormat::F32, reg)),
        (SIMDSizeCode::D, reg) => Ok((FpFormat::F64, reg)),
        (SIMDSizeCode::H, _) => Err(Gap::Feature("fphp")),
        _ => Err(Gap::Shape),
    }
}

const fn width_of(format: FpFormat) -> Width {
    match format {
        FpFormat::F32 => Width::W32,
        FpFormat::F64 => Width::W64,
    }
}

/// Emit an operation whose result is a scalar in `dst`: all above it becomes zero.
fn emit(out: &mut BlockBuilder, dst: Reg, op: Op) {
    out.emit(op);
    clear_above(out, dst);
}

/// FADD, FSUB, FMUL, FDIV, FMAX, FMIN, FMAXNM, FMINNM.
pub fn binary(cx: &mut Cx<'_>) -> Lifted {
    let op = match cx.insn.opcode {
        O::FADD => FpAlu::Add,
        O::FSUB => FpAlu::Sub,
        O::FMUL => FpAlu::Mul,
        O::FDIV => FpAlu::Div,
        O::FMAX => FpAlu::Max,
        O::FMIN => FpAlu::Min,
        O::FMAXNM => FpAlu::MaxNum,
        O::FMINNM => FpAlu::MinNum,
        _ => return Err(Gap::Opcode),
    };
    let ((format, dst), (_, a), (_, b)) = (scalar(cx, 0)?, scalar(cx, 1)?, scalar(cx, 2)?);
    emit(cx.begin(), dst, Op::FpAlu { op, format, round: NEAREST, dst, a, b });
    Ok(())
}

/// FNMUL: the product with its sign inverted after rounding.
pub fn negated_product(cx: &mut Cx<'_>) -> Lifted {
    let ((format, dst), (_, a), (_, b)) = (scalar(cx, 0)?, scalar(cx, 1)?, scalar(cx, 2)?);
    let out = cx.begin();
    out.emit(Op::FpAlu { op: FpAlu::Mul, format, round: NEAREST, dst, a, b });
    emit(out, dst, Op::FpUnary { op: FpUnary::Neg, format, round: NEAREST, dst, src: dst });
    Ok(())
}

/// FMADD `c + a*b`, FMSUB `c + -a*b`, FNMADD `-c + -a*b`, FNMSUB `-c + a*b`. The signs are inverted first, those of NaNs
/// too (Arm ARM C7.2.112), so they are inverted by steps of their own.
pub fn multiply_add(cx: &mut Cx<'_>) -> Lifted {
    let (invert_a, invert_c) = match cx.insn.opcode {
        O::FMADD => (false, false),
        O::FMSUB => (true, false),
        O::FNMADD => (true, true),
        _ => (false, true),
    };
    let ((format, dst), (_, a)) = (scalar(cx, 0)?, scalar(cx, 1)?);
    let ((_, b), (_, c)) = (scalar(cx, 2)?, scalar(cx, 3)?);
    let round = NEAREST;
    let out = cx.begin();
    let a = if invert_a { negated(out, format, a) } else { a };
    let c = if invert_c { negated(out, format, c) } else { c };
    emit(out, dst, Op::FpMulAdd { format, round, dst, a, b, c, negate_product: false, negate_c: false });
    Ok(())
}

fn negated(out: &mut BlockBuilder, format: FpFormat, src: Reg) -> Reg {
    let dst = out.temp();
    out.emit(Op::FpUnary { op: FpUnary::Neg, format, round: NEAREST, dst, src });
    dst
}

/// FABS, FNEG, FSQRT.
pub fn unary(cx: &mut Cx<'_>) -> Lifted {
    let op = match cx.insn.opcode {
        O::FABS => FpUnary::Abs,
        O::FNEG => FpUnary::Neg,
        _ => FpUnary::Sqrt,
    };
    let ((format, dst), (_, src)) = (scalar(cx, 0)?, scalar(cx, 1)?);
    emit(cx.begin(), dst, Op::FpUnary { op, format, round: NEAREST, dst, src });
    Ok(())
}

/// The rounding mode in the last letter of FRINTx and FCVTxS; X and I take FPCR's.
fn mode(opcode: O) -> FpRound {
    match opcode {
        O::FRINTZ | O::FCVTZS | O::FCVTZU => FpRound::Zero,
        O::FRINTM | O::FCVTMS | O::FCVTMU => FpRound::Down,
        O::FRINTP | O::FCVTPS | O::FCVTPU => FpRound::Up,
        O::FRINTA | O::FCVTAS | O::FCVTAU => FpRound::NearestAway,
        _ => NEAREST,
    }
}

/// FRINTN and its kin.
pub fn round(cx: &mut Cx<'_>) -> Lifted {
    let round = mode(cx.insn.opcode);
    let ((format, dst), (_, src)) = (scalar(cx, 0)?, scalar(cx, 1)?);
    emit(cx.begin(), dst, Op::FpUnary { op: FpUnary::RoundIntegral, format, round, dst, src });
    Ok(())
}

/// FCVT between single and double precision.
pub fn convert(cx: &mut Cx<'_>) -> Lifted {
    let ((to, dst), (from, src)) = (scalar(cx, 0)?, scalar(cx, 1)?);
    emit(cx.begin(), dst, Op::FpConvert { from, to, round: NEAREST, dst, src });
    Ok(())
}

/// FCVTZS and its kin into a general register.
pub fn to_integer(cx: &mut Cx<'_>) -> Lifted {
    use O::{FCVTAU, FCVTMU, FCVTNU, FCVTPU, FCVTZU};
    let round = mode(cx.insn.opcode);
    let signed = !matches!(cx.insn.opcode, FCVTZU | FCVTNU | FCVTMU | FCVTPU | FCVTAU);
    fixed_point_is_not_modelled(cx)?;
    let (width, dst, (format, src)) = (cx.insn.width(0)?, cx.insn.dst(0)?, scalar(cx, 1)?);
    cx.begin().emit(Op::FpToInt { format, round, width, signed, dst, src });
    Ok(())
}

/// SCVTF and UCVTF from a general register, or from the register's own bits as an integer.
pub fn from_integer(cx: &mut Cx<'_>) -> Lifted {
    let signed = cx.insn.opcode == O::SCVTF;
    fixed_point_is_not_modelled(cx)?;
    let (format, dst) = scalar(cx, 0)?;
    let (width, src) = match cx.insn.operands[1] {
        Operand::SIMDRegister(..) => (width_of(format), scalar(cx, 1)?.1),
        _ => (cx.insn.width(1)?, cx.insn.src(1)?),
    };
    emit(cx.begin(), dst, Op::IntToFp { format, round: NEAREST, width, signed, dst, src });
    Ok(())
}

/// A third operand is the number of fraction bits of the fixed-point forms.
fn fixed_point_is_not_modelled(cx: &Cx<'_>) -> Lifted {
    if cx.insn.operands[2] == Operand::Nothing { Ok(()) } else { Err(Gap::Shape) }
}

/// Codes of a comparison: less N, equal Z and C, greater C, unordered C and V (Arm ARM, FPCompare).
const LESS: u8 = flags::N as u8;
const EQUAL: u8 = (flags::Z | flags::C) as u8;
const GREATER: u8 = flags::C as u8;
const UNORDERED: u8 = (flags::C | flags::V) as u8;

/// A comparison into a register, coded as packed flags.
fn compared(out: &mut BlockBuilder, format: FpFormat, a: Reg, b: Reg) -> Reg {
    let dst = out.temp();
    out.emit(Op::FpCompare {
        format,
        dst,
        a,
        b,
        less: LESS,
        equal: EQUAL,
        greater: GREATER,
        unordered: UNORDERED,
    });
    dst
}

/// The second operand of a comparison: a register or zero.
fn other(cx: &Cx<'_>) -> Lifted<Reg> {
    match cx.insn.operands[1] {
        Operand::ImmediateDouble(_) => Ok(ZERO),
        _ => Ok(scalar(cx, 1)?.1),
    }
}

/// FCMP and FCMPE; the exception in which they differ is not modelled.
pub fn compare(cx: &mut Cx<'_>) -> Lifted {
    let ((format, a), b) = (scalar(cx, 0)?, other(cx)?);
    let out = cx.begin();
    let src = compared(out, format, a, b);
    out.emit(Op::SetFlags { src });
    Ok(())
}

/// FCCMP and FCCMPE.
pub fn conditional_compare(cx: &mut Cx<'_>) -> Lifted {
    let ((format, a), b) = (scalar(cx, 0)?, other(cx)?);
    let (otherwise, cond) = (packed(cx.insn.small(2)?), cx.insn.cond(3)?);
    let out = cx.begin();
    let mut src = compared(out, format, a, b);
    if let Some(cond) = cond {
        let constant = out.temp();
        out.constant(constant, otherwise);
        out.emit(Op::SelectCond { cond, dst: constant, a: src, b: constant });
        src = constant;
    }
    out.emit(Op::SetFlags { src });
    Ok(())
}

/// FCSEL.
pub fn select(cx: &mut Cx<'_>) -> Lifted {
    let ((format, dst), (_, a), (_, b)) = (scalar(cx, 0)?, scalar(cx, 1)?, scalar(cx, 2)?);
    let cond = cx.insn.cond(3)?;
    let out = cx.begin();
    match cond {
        Some(cond) => out.emit(Op::SelectCond { cond, dst, a, b }),
        None => out.copy(dst, a),
    }
    if format == FpFormat::F32 {
        move_reg(out, Width::W32, dst, dst);
    }
    clear_above(out, dst);
    Ok(())
}

/// FMOV into a vector register: from a general register, another scalar, or a constant.
pub fn move_to_float(cx: &mut Cx<'_>) -> Lifted {
    match (cx.insn.operands[0], cx.insn.operands[1]) {
        (Operand::SIMDRegister(..), Operand::SIMDRegister(..)) => {
            let ((format, dst), (_, src)) = (scalar(cx, 0)?, scalar(cx, 1)?);
            place(cx.begin(), width_of(format), dst, src);
        }
        (Operand::SIMDRegister(..), Operand::ImmediateDouble(value)) => {
            let (format, dst) = scalar(cx, 0)?;
            let bits = match format {
                FpFormat::F32 => u64::from((value as f32).to_bits()),
                FpFormat::F64 => value.to_bits(),
            };
            let out = cx.begin();
            out.constant(dst, bits);
            clear_above(out, dst);
        }
        (Operand::SIMDRegister(..), _) => {
            let (format, dst) = scalar(cx, 0)?;
            let src = cx.insn.src(1)?;
            place(cx.begin(), width_of(format), dst, src);
        }
        (Operand::SIMDRegisterElementsLane(_, n, SIMDSizeCode::D, 1), _) => {
            let src = cx.insn.src(1)?;
            cx.begin().copy(vector(n).plus(1), src);
        }
        _ => return super::vector::lift(cx),
    }
    Ok(())
}

fn place(out: &mut BlockBuilder, width: Width, dst: Reg, src: Reg) {
    if src == ZERO {
        out.emit(Op::VecZero { words: 2, dst });
        return;
    }
    move_reg(out, width, dst, src);
    clear_above(out, dst);
}

/// FMOV into a general register.
pub fn move_to_general(cx: &mut Cx<'_>) -> Lifted {
    let (width, dst) = (cx.insn.width(0)?, cx.insn.dst(0)?);
    let src = match cx.insn.operands[1] {
        Operand::SIMDRegisterElementsLane(_, n, SIMDSizeCode::D, 1) => vector(n).plus(1),
        _ => scalar(cx, 1)?.1,
    };
    move_reg(cx.begin(), width, dst, src);
    Ok(())
}
