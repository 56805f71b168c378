//! Floating-point arithmetic and comparison. Everything rounds to nearest even: no other mode can be set.

use rcsim_uop::fp::{FpAlu, FpFormat, FpRound, FpUnary};
use rcsim_uop::op::Op;
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use super::float_convert;
use super::float_move::{double, pair, put_double, put_single};
use crate::mips::decode::{Gap, Lifted};
use crate::mips::mode::Mode;
use crate::mips::regs::{f, fcc};

const NEAREST: FpRound = FpRound::NearestEven;

/// A register of some format that an instruction names.
#[derive(Clone, Copy, Debug)]
pub struct Operand {
    /// Its number.
    pub n: u8,
    /// Its size: that of the format, or of an integer of the same size.
    pub format: FpFormat,
    /// The machine.
    pub mode: Mode,
}

impl Operand {
    /// A register; a double must be the even one of a pair on 32-bit machines.
    pub fn new(cx: &Cx<'_>, n: u8, format: FpFormat) -> Lifted<Self> {
        if format == FpFormat::F64 {
            pair(cx.mode, n)?;
        }
        Ok(Self { n, format, mode: cx.mode })
    }

    /// Its value, in the low bits of a register.
    pub fn get(self, out: &mut BlockBuilder) -> Reg {
        match self.format {
            FpFormat::F32 => f(self.n),
            FpFormat::F64 => double(out, self.mode, self.n),
        }
    }

    /// Give it the value that `make` computes.
    pub fn put(self, out: &mut BlockBuilder, make: impl FnOnce(&mut BlockBuilder, Reg)) {
        match self.format {
            FpFormat::F32 => put_single(out, self.mode, self.n, make),
            FpFormat::F64 => put_double(out, self.mode, self.n, make),
        }
    }
}

/// Sort by function: formats S and D compute, formats W and L are only converted from.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let format = match cx.insn.rs_number() {
        16 => FpFormat::F32,
        17 => FpFormat::F64,
        _ => return float_convert::from_integer(cx),
    };
    match cx.insn.function() {
        0 => alu(cx, FpAlu::Add, format),
        1 => alu(cx, FpAlu::Sub, format),
        2 => alu(cx, FpAlu::Mul, format),
        3 => alu(cx, FpAlu::Div, format),
        4 => unary(cx, FpUnary::Sqrt, format),
        5 => unary(cx, FpUnary::Abs, format),
        6 => move_value(cx, format),
        7 => unary(cx, FpUnary::Neg, format),
        8..=15 | 32..=37 => float_convert::lift(cx, format),
        48..=63 => compare(cx, format),
        _ => Err(Gap::Opcode),
    }
}

fn alu(cx: &mut Cx<'_>, op: FpAlu, format: FpFormat) -> Lifted {
    let dst = Operand::new(cx, cx.insn.sa(), format)?;
    let a = Operand::new(cx, cx.insn.rd_number(), format)?;
    let b = Operand::new(cx, cx.insn.rt_number(), format)?;
    let out = cx.begin();
    let (a, b) = (a.get(out), b.get(out));
    dst.put(out, |out, dst| out.emit(Op::FpAlu { op, format, round: NEAREST, dst, a, b }));
    Ok(())
}

/// Both operands of an instruction that has one source.
pub fn two(cx: &Cx<'_>, to: FpFormat, from: FpFormat) -> Lifted<(Operand, Operand)> {
    Ok((Operand::new(cx, cx.insn.sa(), to)?, Operand::new(cx, cx.insn.rd_number(), from)?))
}

fn unary(cx: &mut Cx<'_>, op: FpUnary, format: FpFormat) -> Lifted {
    let (dst, src) = two(cx, format, format)?;
    let out = cx.begin();
    let src = src.get(out);
    dst.put(out, |out, dst| out.emit(Op::FpUnary { op, format, round: NEAREST, dst, src }));
    Ok(())
}

/// MOV.S and MOV.D.
fn move_value(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let (dst, src) = two(cx, format, format)?;
    let (wide, out) = (cx.mode.wide, cx.begin());
    match (format, wide) {
        (FpFormat::F32, true) => {
            out.emit(Op::Deposit { dst: f(dst.n), base: f(dst.n), src: f(src.n), lsb: 0, len: 32 });
        }
        (FpFormat::F32, false) | (FpFormat::F64, true) => out.copy(f(dst.n), f(src.n)),
        (FpFormat::F64, false) => {
            out.copy(f(dst.n), f(src.n));
            out.copy(f(dst.n + 1), f(src.n + 1));
        }
    }
    Ok(())
}

/// C.cond: the low three bits of the function say for which orders of the operands the condition holds; the fourth, whether
/// a quiet NaN raises an exception, which is not modelled.
fn compare(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let a = Operand::new(cx, cx.insn.rd_number(), format)?;
    let b = Operand::new(cx, cx.insn.rt_number(), format)?;
    let (function, dst) = (cx.insn.function(), fcc(cx.insn.sa() >> 2));
    let holds = |bit: u32| (function >> bit & 1) as u8;
    let (unordered, equal, less) = (holds(0), holds(1), holds(2));
    let out = cx.begin();
    let (a, b) = (a.get(out), b.get(out));
    out.emit(Op::FpCompare { format, dst, a, b, less, equal, greater: 0, unordered });
    Ok(())
}
