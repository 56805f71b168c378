//! Multiplication and division. Long products and dividends fill a pair of registers, an even one and the odd one after it.

use rcsim_uop::Reg;
use rcsim_uop::op::{Divide, DivideRule, MulHigh, Op, Width};

use super::operand::Operand;
use super::{Cx, W64, place};
use crate::s390x::decode::Lifted;
use crate::s390x::helpers::{self, Dividend};

/// What a long product is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Double {
    /// 64 unsigned bits by 64 (MLGR).
    Doublewords,
    /// 32 unsigned bits by 32 (MLR), into the low halves of two registers.
    Words,
    /// The same, signed (MR).
    SignedWords,
}

/// MSGR, MSR, MGHI and kin: the low part of a product. No condition code.
pub fn multiply_single(cx: &mut Cx<'_>, width: Width, dst: Reg, b: Operand) -> Lifted {
    let out = cx.begin();
    let b = b.read(out);
    if width == W64 {
        out.emit(Op::Mul { width, dst, a: dst, b });
    } else {
        let product = out.temp();
        out.emit(Op::Mul { width, dst: product, a: dst, b });
        place(out, width, dst, product);
    }
    Ok(())
}

/// MLGR, MLR, MR: the odd register of the pair at bit `at` by the operand.
pub fn multiply(cx: &mut Cx<'_>, at: u32, kind: Double, b: Operand) -> Lifted {
    let (even, odd) = cx.insn.pair(at)?;
    let out = cx.begin();
    let b = b.read(out);
    if kind == Double::Doublewords {
        let high = out.temp();
        out.emit(Op::MulHigh { kind: MulHigh::Unsigned, width: W64, dst: high, a: odd, b });
        out.emit(Op::Mul { width: W64, dst: odd, a: odd, b });
        out.copy(even, high);
        return Ok(());
    }
    let signed = kind == Double::SignedWords;
    let (x, y) = (out.temp(), out.temp());
    for (dst, src) in [(x, odd), (y, b)] {
        out.emit(Op::Extract { width: W64, dst, src, lsb: 0, len: 32, signed });
    }
    out.emit(Op::Mul { width: W64, dst: x, a: x, b: y });
    place(out, Width::W32, odd, x);
    out.emit(Op::Extract { width: W64, dst: y, src: x, lsb: 32, len: 32, signed: false });
    place(out, Width::W32, even, y);
    Ok(())
}

/// DSGR and DSGFR: the odd register by the operand, signed; the remainder goes to the even one.
pub fn divide_single(cx: &mut Cx<'_>, at: u32, b: Operand) -> Lifted {
    let (even, odd) = cx.insn.pair(at)?;
    let out = cx.begin();
    let b = b.read(out);
    let (remainder, rule) = (out.temp(), DivideRule::Trap);
    out.emit(Op::Divide { op: Divide::RemainderS, rule, width: W64, dst: remainder, a: odd, b });
    out.emit(Op::Divide { op: Divide::QuotientS, rule, width: W64, dst: odd, a: odd, b });
    out.copy(even, remainder);
    Ok(())
}

/// DLGR: 128 bits by 64.
pub fn divide_doublewords(cx: &mut Cx<'_>, at: u32, b: Operand) -> Lifted {
    divide_words(cx, at, Dividend::Doublewords, b)
}

/// DLR and DR: 64 bits by 32.
pub fn divide_words(cx: &mut Cx<'_>, at: u32, kind: Dividend, b: Operand) -> Lifted {
    let (even, odd) = cx.insn.pair(at)?;
    let out = cx.begin();
    let b = b.read(out);
    out.emit(helpers::call(helpers::DIVIDE, even, odd, b, kind as u32));
    Ok(())
}
