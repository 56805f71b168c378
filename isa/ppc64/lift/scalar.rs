//! Vector-scalar instructions (primary opcode 60) on registers.

use rcsim_uop::op::{Lane, Logic, Op, VecAlu, Width};
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use super::float::finish;
use super::float_memory::{narrowed, widen};
use crate::ppc64::decode::{Gap, Lifted};
use crate::ppc64::regs::vs;

/// The registers T, A and B: their sixth bits are the lowest of the word.
#[derive(Clone, Copy, Debug)]
struct Registers {
    t: u8,
    a: u8,
    b: u8,
}

const fn sixth(cx: &Cx<'_>, at: u32) -> u8 {
    ((cx.insn.word >> at & 1) as u8) << 5
}

const fn registers(cx: &Cx<'_>) -> Registers {
    Registers { t: cx.insn.t() | sixth(cx, 0), a: cx.insn.a() | sixth(cx, 2), b: cx.insn.b() | sixth(cx, 1) }
}

/// Sort by extended opcode: eight bits, nine in the forms of one operand, fewer where the word holds a constant.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    const PERMUTE: u32 = 10;
    const SHIFT_WORDS: u32 = 2;
    const CONSTANT_BITS: u32 = 3 << 5;
    let eight = cx.insn.word >> 3 & 0xff;
    match eight & !CONSTANT_BITS {
        PERMUTE => return permute(cx),
        SHIFT_WORDS => return shift_words(cx),
        _ => {}
    }
    match eight {
        130 => logic(cx, VecAlu::And),
        138 => logic(cx, VecAlu::AndNot),
        146 => logic(cx, VecAlu::Or),
        154 => logic(cx, VecAlu::Xor),
        162 => inverted(cx, Logic::Nor),
        170 => logic(cx, VecAlu::OrNot),
        178 => inverted(cx, Logic::Nand),
        186 => inverted(cx, Logic::Xnor),
        _ => unary(cx),
    }
}

/// XXLAND, XXLANDC, XXLOR, XXLXOR, XXLORC.
fn logic(cx: &mut Cx<'_>, op: VecAlu) -> Lifted {
    let Registers { t, a, b } = registers(cx);
    if op == VecAlu::Xor && a == b {
        return cx.emit([Op::VecZero { words: 2, dst: vs(t) }]);
    }
    if op == VecAlu::Or && a == b {
        return cx.emit([Op::VecCopy { words: 2, dst: vs(t), src: vs(a) }]);
    }
    cx.emit([Op::VecAlu { op, lane: Lane::B64, words: 2, dst: vs(t), a: vs(a), b: vs(b) }])
}

/// XXLNOR, XXLNAND, XXLEQV.
fn inverted(cx: &mut Cx<'_>, op: Logic) -> Lifted {
    let Registers { t, a, b } = registers(cx);
    let half = |n| Op::Logic { op, width: Width::W64, dst: vs(t).plus(n), a: vs(a).plus(n), b: vs(b).plus(n) };
    cx.emit([half(0), half(1)])
}

/// XXPERMDI: one doubleword of each operand, by the constant's two bits.
fn permute(cx: &mut Cx<'_>) -> Lifted {
    let Registers { t, a, b } = registers(cx);
    let constant = cx.insn.word >> 8 & 3;
    let half = |reg: Reg, lower: bool| if lower { reg } else { reg.plus(1) };
    let (high, low) = (half(vs(a), constant & 2 != 0), half(vs(b), constant & 1 != 0));
    let out = cx.begin();
    both(out, vs(t), high, low);
    Ok(())
}

/// Set both halves of a register, either of which may be a source.
fn both(out: &mut BlockBuilder, dst: Reg, high: Reg, low: Reg) {
    if low == dst.plus(1) {
        let kept = out.temp();
        out.copy(kept, low);
        out.copy(dst.plus(1), high);
        out.copy(dst, kept);
    } else {
        out.copy(dst.plus(1), high);
        out.copy(dst, low);
    }
}

/// XXSLDWI: four words of the eight of both operands, from the constant's number on.
fn shift_words(cx: &mut Cx<'_>) -> Lifted {
    let Registers { t, a, b } = registers(cx);
    let from = (cx.insn.word >> 8 & 3) as usize;
    let words = [(a, 1, 32), (a, 1, 0), (a, 0, 32), (a, 0, 0), (b, 1, 32), (b, 1, 0), (b, 0, 32), (b, 0, 0)];
    let out = cx.begin();
    let halves = [0, 2].map(|pair| {
        let dst = out.temp();
        let [upper, lower] = [0, 1].map(|n| words[from + pair + n]);
        let word = out.temp();
        let at = |(number, half, _): (u8, u8, u8)| vs(number).plus(half);
        out.emit(Op::Extract { width: Width::W64, dst, src: at(lower), lsb: lower.2, len: 32, signed: false });
        out.emit(Op::Extract { width: Width::W64, dst: word, src: at(upper), lsb: upper.2, len: 32, signed: false });
        out.emit(Op::Deposit { dst, base: dst, src: word, lsb: 32, len: 32 });
        dst
    });
    out.copy(vs(t).plus(1), halves[0]);
    out.copy(vs(t), halves[1]);
    Ok(())
}

/// The forms of one operand.
fn unary(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.word >> 2 & 0x1ff {
        164 => splat_word(cx),
        267 => to_single_bits(cx),
        331 => from_single_bits(cx),
        _ => Err(Gap::Opcode),
    }
}

/// XXSPLTW.
fn splat_word(cx: &mut Cx<'_>) -> Lifted {
    let Registers { t, b, .. } = registers(cx);
    let number = (cx.insn.word >> 16 & 3) as u8;
    let (half, lsb) = (1 - number / 2, 32 * (1 - number % 2));
    let out = cx.begin();
    let word = out.temp();
    out.emit(Op::Extract { width: Width::W64, dst: word, src: vs(b).plus(half), lsb, len: 32, signed: false });
    out.emit(Op::VecSplat { lane: Lane::B32, words: 2, dst: vs(t), src: word });
    Ok(())
}

/// XSCVDPSPN: the single's bits in the upper word, and in the lower one too, as POWER9 has it.
fn to_single_bits(cx: &mut Cx<'_>) -> Lifted {
    let Registers { t, b, .. } = registers(cx);
    let out = cx.begin();
    let word = narrowed(out, vs(b).plus(1));
    out.emit(Op::Deposit { dst: vs(t).plus(1), base: word, src: word, lsb: 32, len: 32 });
    finish(out, t);
    Ok(())
}

/// XSCVSPDPN.
fn from_single_bits(cx: &mut Cx<'_>) -> Lifted {
    let Registers { t, b, .. } = registers(cx);
    let out = cx.begin();
    let word = out.temp();
    out.emit(Op::Extract { width: Width::W64, dst: word, src: vs(b).plus(1), lsb: 32, len: 32, signed: false });
    widen(out, vs(t).plus(1), word);
    finish(out, t);
    Ok(())
}

