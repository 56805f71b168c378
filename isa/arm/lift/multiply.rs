//! Products (A5.2.5) and products of halves (A5.2.7). The flag that products of halves set on overflow is not modelled: no
//! instruction of Go's reads it.

use rcsim_uop::flags::FlagOp;
use rcsim_uop::op::{MulHigh, Op, Shift, Width};
use rcsim_uop::reg::{SINK, ZERO};
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use crate::arm::decode::{Gap, Lifted};

const W: Width = Width::W32;
const WIDE: Width = Width::W64;

/// The registers: the one at bit 16, the one at bit 12, the factors.
struct Operands {
    high: Reg,
    low: Reg,
    a: Reg,
    b: Reg,
}

/// MUL, MLA, MLS, UMAAL, UMULL, UMLAL, SMULL, SMLAL.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let flags = cx.insn.bit(20);
    let (a, b, dst) = (cx.general(0)?, cx.general(8)?, cx.general(16)?);
    match cx.insn.field(21, 3) {
        0 => {
            cx.begin().emit(Op::Mul { width: W, dst, a, b });
            test(cx.out, flags, W, dst);
        }
        op @ (1 | 3) => {
            let (c, subtract) = (cx.general(12)?, op == 3);
            if subtract && flags {
                return Err(Gap::Opcode);
            }
            cx.begin().emit(Op::MulAdd { width: W, dst, a, b, c, subtract });
            test(cx.out, flags, W, dst);
        }
        op => {
            let operands = Operands { high: dst, low: cx.general(12)?, a, b };
            return long(cx, op, flags, &operands);
        }
    }
    Ok(())
}

/// Flags of a product: carry and overflow stay.
fn test(out: &mut BlockBuilder, flags: bool, width: Width, a: Reg) {
    if flags {
        out.emit(Op::AluF { op: FlagOp::Tested, width, dst: SINK, a, b: ZERO });
    }
}

fn long(cx: &mut Cx<'_>, op: u32, flags: bool, operands: &Operands) -> Lifted {
    match (op, flags) {
        (2, true) => return Err(Gap::Opcode),
        (4 | 6, false) => plain(cx.begin(), op == 6, operands),
        _ => summed(cx.begin(), op, flags, operands),
    }
    Ok(())
}

/// UMULL and SMULL: the half whose register is no factor first.
fn plain(out: &mut BlockBuilder, signed: bool, operands: &Operands) {
    let Operands { high, low, a, b } = *operands;
    let kind = if signed { MulHigh::Signed } else { MulHigh::Unsigned };
    let low_first = low != a && low != b;
    let early = if low_first || (high != a && high != b) { high } else { out.temp() };
    if low_first {
        out.emit(Op::Mul { width: W, dst: low, a, b });
    }
    out.emit(Op::MulHigh { kind, width: W, dst: early, a, b });
    if !low_first {
        out.emit(Op::Mul { width: W, dst: low, a, b });
    }
    out.copy(high, early);
}

/// UMAAL adds both words, UMLAL and SMLAL the 64-bit number that they hold.
fn summed(out: &mut BlockBuilder, op: u32, flags: bool, operands: &Operands) {
    let Operands { high, low, a, b } = *operands;
    let signed = op >= 6;
    let (a, b) = (widened(out, a, signed), widened(out, b, signed));
    let sum = out.temp();
    out.emit(Op::Mul { width: WIDE, dst: sum, a, b });
    if op == 2 {
        out.emit(Op::Add { width: WIDE, dst: sum, a: sum, b: low });
        out.emit(Op::Add { width: WIDE, dst: sum, a: sum, b: high });
    } else if op == 5 || op == 7 {
        let old = out.temp();
        out.emit(Op::Deposit { dst: old, base: low, src: high, lsb: 32, len: 32 });
        out.emit(Op::Add { width: WIDE, dst: sum, a: sum, b: old });
    }
    split(out, sum, high, low);
    test(out, flags, WIDE, sum);
}

fn widened(out: &mut BlockBuilder, src: Reg, signed: bool) -> Reg {
    if !signed {
        return src;
    }
    let dst = out.temp();
    out.emit(Op::Extract { width: WIDE, dst, src, lsb: 0, len: 32, signed: true });
    dst
}

fn split(out: &mut BlockBuilder, both: Reg, high: Reg, low: Reg) {
    out.emit(Op::AndImm { width: W, dst: low, a: both, imm: u64::from(u32::MAX) });
    out.emit(Op::ShiftImm { op: Shift::Right, width: WIDE, dst: high, a: both, amount: 32 });
}

/// SMLAxy, SMLAWy, SMULWy, SMLALxy, SMULxy.
pub fn halves(cx: &mut Cx<'_>) -> Lifted {
    let (dst, n, m) = (cx.general(16)?, cx.general(0)?, cx.general(8)?);
    let addend = cx.insn.number(12);
    let (upper_n, upper_m) = (cx.insn.bit(5), cx.insn.bit(6));
    let op = cx.insn.field(21, 2);
    let c = match (op, upper_n) {
        (3, _) | (1, true) => None,
        _ => Some(cx.general(12)?),
    };
    if c.is_none() && addend != 0 {
        return Err(Gap::Opcode);
    }
    let out = cx.begin();
    let b = half(out, m, upper_m);
    if op == 1 {
        word_by_half(out, dst, n, b, c);
        return Ok(());
    }
    let a = half(out, n, upper_n);
    let product = out.temp();
    out.emit(Op::Mul { width: WIDE, dst: product, a, b });
    match (op, c) {
        (2, Some(low)) => {
            let old = out.temp();
            out.emit(Op::Deposit { dst: old, base: low, src: dst, lsb: 32, len: 32 });
            out.emit(Op::Add { width: WIDE, dst: product, a: product, b: old });
            split(out, product, dst, low);
        }
        (_, Some(c)) => out.emit(Op::Add { width: W, dst, a: product, b: c }),
        (_, None) => out.emit(Op::Add { width: W, dst, a: product, b: ZERO }),
    }
    Ok(())
}

/// The upper 32 of the 48 bits of a word times a half, and perhaps a sum.
fn word_by_half(out: &mut BlockBuilder, dst: Reg, n: Reg, half: Reg, addend: Option<Reg>) {
    let word = widened(out, n, true);
    let product = out.temp();
    out.emit(Op::Mul { width: WIDE, dst: product, a: word, b: half });
    out.emit(Op::ShiftImm { op: Shift::RightSigned, width: WIDE, dst: product, a: product, amount: 16 });
    out.emit(Op::Add { width: W, dst, a: product, b: addend.unwrap_or(ZERO) });
}

fn half(out: &mut BlockBuilder, src: Reg, upper: bool) -> Reg {
    let dst = out.temp();
    let lsb = if upper { 16 } else { 0 };
    out.emit(Op::Extract { width: WIDE, dst, src, lsb, len: 16, signed: true });
    dst
}
