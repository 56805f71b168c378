//! Floating-point arithmetic, comparison and selection. It rounds to nearest even: nothing can ask for another mode.

use rcsim_uop::fp::{FpAlu, FpFormat, FpRound, FpUnary};
use rcsim_uop::op::Op;
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use super::memory::fill_upper;
use crate::loong::decode::{Gap, Lifted};
use crate::loong::helpers;
use crate::loong::text::has_condition;

const NEAREST: FpRound = FpRound::NearestEven;

/// FADD and its kin.
pub fn alu(cx: &mut Cx<'_>, op: FpAlu, format: FpFormat) -> Lifted {
    let (dst, a, b) = (cx.insn.fd(), cx.insn.fj(), cx.insn.fk());
    let out = cx.begin();
    if op == FpAlu::CopySign {
        copy_sign(out, format, [dst, a, b]);
        return Ok(());
    }
    out.emit(Op::FpAlu { op, format, round: NEAREST, dst, a, b });
    fill_upper(out, format, dst);
    Ok(())
}

/// FCOPYSIGN: the sign of the second operand stays above the rest of the first. So does, with single precision, the upper half,
/// which is open, and so in QEMU.
fn copy_sign(out: &mut BlockBuilder, format: FpFormat, [dst, a, b]: [Reg; 3]) {
    let len = match format {
        FpFormat::F32 => 31,
        FpFormat::F64 => 63,
    };
    out.emit(Op::Deposit { dst, base: b, src: a, lsb: 0, len });
}

fn unary(cx: &mut Cx<'_>, op: FpUnary, format: FpFormat) -> Lifted {
    let (dst, src) = (cx.insn.fd(), cx.insn.fj());
    let out = cx.begin();
    out.emit(Op::FpUnary { op, format, round: NEAREST, dst, src });
    fill_upper(out, format, dst);
    Ok(())
}

/// FABS.
pub fn absolute(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    unary(cx, FpUnary::Abs, format)
}

/// FNEG.
pub fn negate(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    unary(cx, FpUnary::Neg, format)
}

/// FSQRT.
pub fn square_root(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    unary(cx, FpUnary::Sqrt, format)
}

/// FRINT: the upper half of a register that gets a single-precision value is zero here, as in QEMU.
pub fn round_integral(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let (dst, src) = (cx.insn.fd(), cx.insn.fj());
    cx.begin().emit(Op::FpUnary { op: FpUnary::RoundIntegral, format, round: NEAREST, dst, src });
    Ok(())
}

/// The bits of a number that both formats have.
const fn bits_of(format: FpFormat, value: f64) -> u64 {
    match format {
        FpFormat::F32 => (value as f32).to_bits() as u64,
        FpFormat::F64 => value.to_bits(),
    }
}

/// FRECIP: one divided by the operand.
pub fn reciprocal(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let (dst, b) = (cx.insn.fd(), cx.insn.fj());
    let out = cx.begin();
    let one = out.temp();
    out.constant(one, bits_of(format, 1.0));
    out.emit(Op::FpAlu { op: FpAlu::Div, format, round: NEAREST, dst, a: one, b });
    fill_upper(out, format, dst);
    Ok(())
}

/// FMADD, FMSUB, and those whose whole result is negated.
pub fn multiply_add(cx: &mut Cx<'_>, format: FpFormat, subtract: bool, negate: bool) -> Lifted {
    let (dst, a, b, c) = (cx.insn.fd(), cx.insn.fj(), cx.insn.fk(), cx.insn.fa());
    let out = cx.begin();
    let (round, negate_product, negate_c) = (NEAREST, false, subtract);
    out.emit(Op::FpMulAdd { format, round, dst, a, b, c, negate_product, negate_c });
    if negate {
        negate_number(out, format, dst);
    }
    fill_upper(out, format, dst);
    Ok(())
}

/// The opposite of a number, zeros included; NaNs keep their sign. Negating the operands instead would give zeros the wrong
/// one.
fn negate_number(out: &mut BlockBuilder, format: FpFormat, dst: Reg) {
    let zero = out.temp();
    out.constant(zero, bits_of(format, -0.0));
    out.emit(Op::FpAlu { op: FpAlu::Sub, format, round: NEAREST, dst, a: zero, b: dst });
}

/// FMOV.
pub fn copy(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let (dst, src) = (cx.insn.fd(), cx.insn.fj());
    let out = cx.begin();
    out.copy(dst, src);
    fill_upper(out, format, dst);
    Ok(())
}

/// FCLASS.
pub fn class(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let (dst, src) = (cx.insn.fd(), cx.insn.fj());
    cx.begin().emit(helpers::class(format, dst, src));
    Ok(())
}

/// FCMP: each bit of the condition names an outcome for which it holds: less, equal, unordered, and less or greater. The
/// lowest tells which NaNs are exceptions, and exceptions are not modelled.
pub fn compare(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let condition = cx.insn.field(15, 5);
    if !has_condition(condition) {
        return Err(Gap::Shape);
    }
    let (dst, a, b) = (cx.insn.cd(), cx.insn.fj(), cx.insn.fk());
    let bit = |n: u8| condition >> n & 1;
    let (less, equal, greater, unordered) = (bit(1) | bit(4), bit(2), bit(4), bit(3));
    cx.begin().emit(Op::FpCompare { format, dst, a, b, less, equal, greater, unordered });
    Ok(())
}

/// FSEL: the second operand when the flag is set.
pub fn select(cx: &mut Cx<'_>) -> Lifted {
    let (dst, test, a, b) = (cx.insn.fd(), cx.insn.ca(), cx.insn.fk(), cx.insn.fj());
    cx.begin().emit(Op::Select { dst, test, a, b });
    Ok(())
}
