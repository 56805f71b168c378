//! Integer arithmetic without carries.

use rcsim_uop::op::{Divide, DivideRule, MulHigh, Op, Width};
use rcsim_uop::reg::ZERO;

use super::Cx;
use crate::ppc64::decode::{Gap, Lifted};
use crate::ppc64::helpers;

const W: Width = Width::W64;

/// Sort by extended opcode.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, b) = (cx.insn.rt(), cx.insn.ra(), cx.insn.rb());
    match cx.insn.extended() {
        266 => cx.emit_recorded(dst, [Op::Add { width: W, dst, a, b }]),
        40 => cx.emit_recorded(dst, [Op::Sub { width: W, dst, a: b, b: a }]),
        104 => cx.emit_recorded(dst, [Op::Sub { width: W, dst, a: ZERO, b: a }]),
        233 => cx.emit_recorded(dst, [Op::Mul { width: W, dst, a, b }]),
        235 => multiply_words(cx),
        9 => cx.emit_recorded(dst, [Op::MulHigh { kind: MulHigh::Unsigned, width: W, dst, a, b }]),
        73 => cx.emit_recorded(dst, [Op::MulHigh { kind: MulHigh::Signed, width: W, dst, a, b }]),
        // The upper half of what these two leave is undefined; zeros, as QEMU has it. So is what they record.
        11 if !cx.insn.lowest_bit() => {
            cx.emit([Op::MulHigh { kind: MulHigh::Unsigned, width: Width::W32, dst, a, b }])
        }
        75 if !cx.insn.lowest_bit() => {
            cx.emit([Op::MulHigh { kind: MulHigh::Signed, width: Width::W32, dst, a, b }])
        }
        265 => remainder(cx, Divide::RemainderU, Width::W64),
        267 => remainder(cx, Divide::RemainderU, Width::W32),
        777 => remainder(cx, Divide::RemainderS, Width::W64),
        779 => remainder(cx, Divide::RemainderS, Width::S32),
        _ => Err(Gap::Opcode),
    }
}

/// MULLW: the whole product of two signed words.
fn multiply_words(cx: &mut Cx<'_>) -> Lifted {
    let (dst, ra, rb) = (cx.insn.rt(), cx.insn.ra(), cx.insn.rb());
    let out = cx.begin();
    let (a, b) = (out.temp(), out.temp());
    out.emit(Op::Extract { width: W, dst: a, src: ra, lsb: 0, len: 32, signed: true });
    out.emit(Op::Extract { width: W, dst: b, src: rb, lsb: 0, len: 32, signed: true });
    out.emit(Op::Mul { width: W, dst, a, b });
    cx.record(dst);
    Ok(())
}

/// DIVD, DIVDU, DIVW, DIVWU. Division by zero and its overflow leave something undefined.
pub fn divide(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, b) = (cx.insn.rt(), cx.insn.ra(), cx.insn.rb());
    let (op, width) = match cx.insn.extended() {
        457 => (Divide::QuotientU, Width::W64),
        489 => (Divide::QuotientS, Width::W64),
        459 => (Divide::QuotientU, Width::W32),
        _ => (Divide::QuotientS, Width::W32),
    };
    if width == Width::W32 && cx.insn.lowest_bit() {
        return Err(Gap::Opcode);
    }
    cx.emit_recorded(dst, [Op::Divide { op, rule: DivideRule::Zero, width, dst, a, b }])
}

/// MODUD, MODSD, MODUW, MODSW.
fn remainder(cx: &mut Cx<'_>, op: Divide, width: Width) -> Lifted {
    cx.power9()?;
    let (dst, a, b) = (cx.insn.rt(), cx.insn.ra(), cx.insn.rb());
    cx.emit([Op::Divide { op, rule: DivideRule::Zero, width, dst, a, b }])
}

/// DIVDEU and DIVDE: the dividend is followed by 64 zeros.
pub fn divide_extended(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, b) = (cx.insn.rt(), cx.insn.ra(), cx.insn.rb());
    let id = if cx.insn.extended() == 393 { helpers::DIVIDE_EXTENDED_U } else { helpers::DIVIDE_EXTENDED_S };
    cx.emit_recorded(dst, [helpers::scalar(id, dst, a, b, 0)])
}
