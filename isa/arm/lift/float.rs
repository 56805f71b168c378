//! Floating-point arithmetic and comparison (A7.5). Every operation takes singles or doubles by bit 8.
//!
//! Rounding is to nearest even wherever FPSCR decides: writing another mode there is an error of its own.

use rcsim_uop::flags;
use rcsim_uop::fp::{FpAlu, FpFormat, FpRound, FpUnary};
use rcsim_uop::op::Op;
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::{Cx, float_convert, float_move};
use crate::arm::decode::{Gap, Insn, Lifted};
use crate::arm::regs::{FP_FLAGS, d};

pub const NEAREST: FpRound = FpRound::NearestEven;

/// A floating-point register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Float {
    /// A double.
    Double(Reg),
    /// A single: the double whose half it is, and whether it is the upper one.
    Single(Reg, bool),
}

/// A field that names a floating-point register: four bits at `at` and another one at `extra`.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    at: u32,
    extra: u32,
}

/// The field of the result, of the first and of the second operand.
pub const VD: Name = Name { at: 12, extra: 22 };
pub const VN: Name = Name { at: 16, extra: 7 };
pub const VM: Name = Name { at: 0, extra: 5 };

impl Float {
    /// The register that a field names.
    pub const fn named(insn: Insn, name: Name, double: bool) -> Self {
        let (four, one) = (insn.number(name.at), insn.field(name.extra, 1) as u8);
        if double { Self::Double(d(one << 4 | four)) } else { Self::single(four << 1 | one) }
    }

    /// Single-precision register `n`, 0 to 31.
    pub const fn single(n: u8) -> Self {
        Self::Single(d(n / 2), n % 2 == 1)
    }

    /// A register that holds its value in its low bits.
    pub fn read(self, out: &mut BlockBuilder) -> Reg {
        match self {
            Self::Double(reg) | Self::Single(reg, false) => reg,
            Self::Single(src, true) => {
                let dst = out.temp();
                let (width, lsb, len) = (rcsim_uop::op::Width::W32, 32, 32);
                out.emit(Op::Extract { width, dst, src, lsb, len, signed: false });
                dst
            }
        }
    }

    /// Give it the value that `make` puts into the register it is given. The other half of a double stays.
    pub fn write(self, out: &mut BlockBuilder, make: impl FnOnce(&mut BlockBuilder, Reg)) {
        match self {
            Self::Double(reg) => make(out, reg),
            Self::Single(reg, upper) => {
                let value = out.temp();
                make(out, value);
                let lsb = if upper { 32 } else { 0 };
                out.emit(Op::Deposit { dst: reg, base: reg, src: value, lsb, len: 32 });
            }
        }
    }
}

/// Singles or doubles, as bit 8 says.
pub const fn is_double(insn: Insn) -> bool {
    insn.bit(8)
}

pub const fn format(double: bool) -> FpFormat {
    if double { FpFormat::F64 } else { FpFormat::F32 }
}

/// Sort by bits 23, 21 and 20, and 6.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let insn = cx.insn;
    let op = insn.field(23, 1) << 2 | insn.field(20, 2);
    match (op, insn.bit(6)) {
        (0, negated) => accumulate(cx, negated, false),
        (1, negated) => accumulate(cx, negated, true),
        (2, negated) => binary(cx, FpAlu::Mul, negated),
        (3, false) => binary(cx, FpAlu::Add, false),
        (3, true) => binary(cx, FpAlu::Sub, false),
        (4, false) => binary(cx, FpAlu::Div, false),
        (5, negated) => fused(cx, negated, true),
        (6, negated) => fused(cx, negated, false),
        (7, false) => float_move::constant(cx),
        (7, true) => other(cx),
        _ => Err(Gap::Opcode),
    }
}

/// By bits 16 to 19 and 7.
fn other(cx: &mut Cx<'_>) -> Lifted {
    match (cx.insn.field(16, 4), cx.insn.bit(7)) {
        (0, false) => float_move::register(cx),
        (0, true) => unary(cx, FpUnary::Abs),
        (1, false) => unary(cx, FpUnary::Neg),
        (1, true) => unary(cx, FpUnary::Sqrt),
        (4, _) => compare(cx, false),
        (5, _) => compare(cx, true),
        (7, true) => float_convert::between_formats(cx),
        (8, signed) => float_convert::from_integer(cx, signed),
        (12, to_zero) => float_convert::to_integer(cx, false, to_zero),
        (13, to_zero) => float_convert::to_integer(cx, true, to_zero),
        _ => Err(Gap::Opcode),
    }
}

fn negate(out: &mut BlockBuilder, format: FpFormat, src: Reg) -> Reg {
    let dst = out.temp();
    out.emit(Op::FpUnary { op: FpUnary::Neg, format, round: NEAREST, dst, src });
    dst
}

/// VADD, VSUB, VMUL, VDIV; VNMUL, whose sign changes after rounding.
fn binary(cx: &mut Cx<'_>, op: FpAlu, negated: bool) -> Lifted {
    let (insn, double) = (cx.insn, is_double(cx.insn));
    let format = format(double);
    let out = cx.begin();
    let (a, b) = (Float::named(insn, VN, double).read(out), Float::named(insn, VM, double).read(out));
    Float::named(insn, VD, double).write(out, |out, dst| {
        out.emit(Op::FpAlu { op, format, round: NEAREST, dst, a, b });
        if negated {
            out.emit(Op::FpUnary { op: FpUnary::Neg, format, round: NEAREST, dst, src: dst });
        }
    });
    Ok(())
}

/// VMLA, VMLS, VNMLA, VNMLS: the product is rounded, then the sum. VNMLS has the field that negates clear, VNMLA set.
fn accumulate(cx: &mut Cx<'_>, negates_product: bool, negates_sum: bool) -> Lifted {
    let (insn, double) = (cx.insn, is_double(cx.insn));
    let format = format(double);
    let out = cx.begin();
    let (a, b) = (Float::named(insn, VN, double).read(out), Float::named(insn, VM, double).read(out));
    let target = Float::named(insn, VD, double);
    let (old, mut product) = (target.read(out), out.temp());
    out.emit(Op::FpAlu { op: FpAlu::Mul, format, round: NEAREST, dst: product, a, b });
    if negates_product {
        product = negate(out, format, product);
    }
    let old = if negates_sum { negate(out, format, old) } else { old };
    target.write(out, |out, dst| {
        out.emit(Op::FpAlu { op: FpAlu::Add, format, round: NEAREST, dst, a: old, b: product });
    });
    Ok(())
}

/// VFMA, VFMS, VFNMA, VFNMS: one rounding. Signs change first, those of NaNs too.
fn fused(cx: &mut Cx<'_>, negates_product: bool, negates_sum: bool) -> Lifted {
    if !cx.features.vfpv4 {
        return Err(Gap::Feature("vfpv4"));
    }
    let (insn, double) = (cx.insn, is_double(cx.insn));
    let format = format(double);
    let out = cx.begin();
    let (a, b) = (Float::named(insn, VN, double).read(out), Float::named(insn, VM, double).read(out));
    let target = Float::named(insn, VD, double);
    let c = target.read(out);
    let a = if negates_product { negate(out, format, a) } else { a };
    let c = if negates_sum { negate(out, format, c) } else { c };
    target.write(out, |out, dst| {
        let (negate_product, negate_c) = (false, false);
        out.emit(Op::FpMulAdd { format, round: NEAREST, dst, a, b, c, negate_product, negate_c });
    });
    Ok(())
}

/// VABS, VNEG, VSQRT.
fn unary(cx: &mut Cx<'_>, op: FpUnary) -> Lifted {
    let (insn, double) = (cx.insn, is_double(cx.insn));
    let format = format(double);
    let out = cx.begin();
    let src = Float::named(insn, VM, double).read(out);
    Float::named(insn, VD, double)
        .write(out, |out, dst| out.emit(Op::FpUnary { op, format, round: NEAREST, dst, src }));
    Ok(())
}

/// VCMP and VCMPE, which differ in exceptions that are not modelled; with a register or with zero.
fn compare(cx: &mut Cx<'_>, with_zero: bool) -> Lifted {
    let (insn, double) = (cx.insn, is_double(cx.insn));
    let out = cx.begin();
    let a = Float::named(insn, VD, double).read(out);
    let b = if with_zero { ZERO } else { Float::named(insn, VM, double).read(out) };
    out.emit(Op::FpCompare {
        format: format(double),
        dst: FP_FLAGS,
        a,
        b,
        less: flags::N as u8,
        equal: (flags::Z | flags::C) as u8,
        greater: flags::C as u8,
        unordered: (flags::C | flags::V) as u8,
    });
    Ok(())
}
