//! Floating-point arithmetic: first bytes B3 (registers) and ED (memory). The two have their second bytes in common, so do
//! singles (0x00 to 0x0F) and doubles (0x10 to 0x1F).

use rcsim_uop::fp::{FpAlu, FpFormat, FpRound, FpUnary};
use rcsim_uop::op::Op;
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::float_move::{put_single, single};
use super::operand::Operand;
use super::{Cx, float_convert, float_move};
use crate::s390x::decode::{Gap, Lifted};
use crate::s390x::regs::{CC, f};

/// The only mode that Go programs run in.
pub const ROUND: FpRound = FpRound::NearestEven;
const SINGLE: FpFormat = FpFormat::F32;
const DOUBLE: FpFormat = FpFormat::F64;

/// Where a second operand comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Reg(u8),
    Mem(Operand),
}

/// The value in a floating-point register, where operations of the format want it.
pub fn value(out: &mut BlockBuilder, format: FpFormat, number: u8) -> Reg {
    if format == DOUBLE { f(number) } else { single(out, f(number)) }
}

/// Put a value into a floating-point register.
pub fn put(out: &mut BlockBuilder, format: FpFormat, number: u8, value: Reg) {
    if format == DOUBLE { out.copy(f(number), value) } else { put_single(out, f(number), value) }
}

/// The condition code of a number: 0 zero, 1 negative, 2 positive, 3 none.
pub const fn sign_code(format: FpFormat, a: Reg) -> Op {
    compare_code(format, a, ZERO)
}

const fn compare_code(format: FpFormat, a: Reg, b: Reg) -> Op {
    Op::FpCompare { format, dst: CC, a, b, less: 1, equal: 0, greater: 2, unordered: 3 }
}

impl Source {
    fn read(self, out: &mut BlockBuilder, format: FpFormat) -> Reg {
        match self {
            Self::Reg(number) => value(out, format, number),
            Self::Mem(operand) => operand.read(out),
        }
    }
}

/// Two singles stand among the doubles: SQEB (14) and MEEB (17).
const fn format_of(second: u8) -> FpFormat {
    if second & 0x10 == 0 || matches!(second, 0x14 | 0x17) { SINGLE } else { DOUBLE }
}

/// First byte B3.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let second = cx.insn.second();
    let (number, source) = (cx.insn.four(24), Source::Reg(cx.insn.four(28)));
    match second {
        0x0e | 0x0f | 0x1e | 0x1f => multiply_add(cx, second, cx.insn.four(16), number, source),
        0x00..=0x03 | 0x10..=0x13 => sign(cx, second & 3, format_of(second), true),
        0x04 => float_convert::widen(cx),
        0x09..=0x1d => arithmetic(cx, second, number, source),
        0x70..=0x73 => sign(cx, second & 3, DOUBLE, false),
        0x74 => constant_zero(cx, SINGLE),
        0x75 => constant_zero(cx, DOUBLE),
        _ => float_convert::lift(cx),
    }
}

/// First byte ED.
pub fn storage(cx: &mut Cx<'_>) -> Lifted {
    let last = cx.insn.last();
    let log2 = if format_of(last) == DOUBLE { 3 } else { 2 };
    let source = Source::Mem(Operand::memory(cx.insn.indexed(), log2, false));
    match last {
        0x04 => float_convert::widen_storage(cx),
        0x0e | 0x0f | 0x1e | 0x1f => multiply_add(cx, last, cx.insn.four(32), cx.insn.four(8), source),
        0x09..=0x1d => arithmetic(cx, last, cx.insn.four(8), source),
        0x64..=0x67 => float_move::long(cx),
        _ => Err(Gap::Opcode),
    }
}

/// Addition and subtraction tell the sign of the result; multiplication and division do not.
fn arithmetic(cx: &mut Cx<'_>, operation: u8, number: u8, source: Source) -> Lifted {
    let format = format_of(operation);
    match operation {
        0x09 | 0x19 => compare(cx, format, number, source),
        0x0a | 0x1a => binary(cx, FpAlu::Add, format, number, source, true),
        0x0b | 0x1b => binary(cx, FpAlu::Sub, format, number, source, true),
        0x0d | 0x1d => binary(cx, FpAlu::Div, format, number, source, false),
        0x17 => binary(cx, FpAlu::Mul, SINGLE, number, source, false),
        0x1c => binary(cx, FpAlu::Mul, DOUBLE, number, source, false),
        0x14 => square_root(cx, SINGLE, number, source),
        0x15 => square_root(cx, DOUBLE, number, source),
        _ => Err(Gap::Opcode),
    }
}

fn binary(cx: &mut Cx<'_>, op: FpAlu, format: FpFormat, number: u8, source: Source, tells: bool) -> Lifted {
    let out = cx.begin();
    let b = source.read(out, format);
    let a = value(out, format, number);
    let dst = if format == DOUBLE { f(number) } else { out.temp() };
    out.emit(Op::FpAlu { op, format, round: ROUND, dst, a, b });
    if tells {
        out.emit(sign_code(format, dst));
    }
    put(out, format, number, dst);
    Ok(())
}

fn compare(cx: &mut Cx<'_>, format: FpFormat, number: u8, source: Source) -> Lifted {
    let out = cx.begin();
    let b = source.read(out, format);
    let a = value(out, format, number);
    out.emit(compare_code(format, a, b));
    Ok(())
}

/// SQDBR and SQEBR.
fn square_root(cx: &mut Cx<'_>, format: FpFormat, number: u8, source: Source) -> Lifted {
    let out = cx.begin();
    let src = source.read(out, format);
    let dst = out.temp();
    out.emit(Op::FpUnary { op: FpUnary::Sqrt, format, round: ROUND, dst, src });
    put(out, format, number, dst);
    Ok(())
}

/// MADBR, MSDBR, MAEBR, MSEBR: `r1 = r3 * r2 ± r1`.
fn multiply_add(cx: &mut Cx<'_>, operation: u8, number: u8, third: u8, source: Source) -> Lifted {
    let format = format_of(operation);
    let negate_c = operation & 1 != 0;
    let out = cx.begin();
    // The source is the manual's second operand, the other factor its third; NaNs are looked for in that order.
    let a = source.read(out, format);
    let (b, c) = (value(out, format, third), value(out, format, number));
    let dst = out.temp();
    out.emit(Op::FpMulAdd { format, round: ROUND, dst, a, b, c, negate_product: false, negate_c });
    put(out, format, number, dst);
    Ok(())
}

/// LPDBR, LNDBR, LTDBR, LCDBR and their forms for singles tell the sign; LPDFR, LNDFR, LCDFR do not. CPSDR takes a sign
/// from another register.
fn sign(cx: &mut Cx<'_>, how: u8, format: FpFormat, tells: bool) -> Lifted {
    const POSITIVE: u8 = 0;
    const NEGATIVE: u8 = 1;
    const TEST: u8 = 2;
    let (number, from, sign_from) = (cx.insn.four(24), cx.insn.four(28), cx.insn.four(16));
    let unary = |op, dst, src| Op::FpUnary { op, format, round: ROUND, dst, src };
    let out = cx.begin();
    let src = value(out, format, from);
    let dst = out.temp();
    match how {
        POSITIVE => out.emit(unary(FpUnary::Abs, dst, src)),
        NEGATIVE => {
            out.emit(unary(FpUnary::Abs, dst, src));
            out.emit(unary(FpUnary::Neg, dst, dst));
        }
        TEST if tells => out.copy(dst, src),
        TEST => {
            let b = f(sign_from);
            out.emit(Op::FpAlu { op: FpAlu::CopySign, format, round: ROUND, dst, a: src, b });
        }
        _ => out.emit(unary(FpUnary::Neg, dst, src)),
    }
    put(out, format, number, dst);
    if tells {
        out.emit(sign_code(format, dst));
    }
    Ok(())
}

/// LZER and LZDR.
fn constant_zero(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let number = cx.insn.four(24);
    put(cx.begin(), format, number, ZERO);
    Ok(())
}
