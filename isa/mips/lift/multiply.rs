//! Multiplication and division through HI and LO, and what came with release 1: MUL, counting leading bits.

use rcsim_uop::op::{Divide, DivideRule, MulHigh, Op, Unary, Width};

use super::Cx;
use crate::mips::decode::{Gap, Lifted};
use crate::mips::regs::{HI, LO};

/// MFHI, MTHI, MFLO, MTLO.
pub fn halves(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src) = match cx.insn.function() {
        16 => (cx.insn.rd_out(), HI),
        17 => (HI, cx.insn.rs()),
        18 => (cx.insn.rd_out(), LO),
        _ => (LO, cx.insn.rs()),
    };
    cx.copy(dst, src)
}

/// MULT to DDIVU. What division by zero leaves is not defined; Go's compiler looks for it before.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    const DOUBLE: u32 = 4;
    const DIVIDES: u32 = 2;
    const UNSIGNED: u32 = 1;
    let function = cx.insn.function() & 7;
    let width = if function & DOUBLE != 0 {
        cx.needs_wide()?;
        Width::W64
    } else {
        cx.mode.word()
    };
    let unsigned = function & UNSIGNED != 0;
    if function & DIVIDES != 0 { divide(cx, width, unsigned) } else { multiply(cx, width, unsigned) }
}

fn multiply(cx: &mut Cx<'_>, width: Width, unsigned: bool) -> Lifted {
    let (a, b) = (cx.insn.rs(), cx.insn.rt());
    let kind = if unsigned { MulHigh::Unsigned } else { MulHigh::Signed };
    let out = cx.begin();
    out.emit(Op::Mul { width, dst: LO, a, b });
    out.emit(Op::MulHigh { kind, width, dst: HI, a, b });
    Ok(())
}

fn divide(cx: &mut Cx<'_>, width: Width, unsigned: bool) -> Lifted {
    let (a, b, rule) = (cx.insn.rs(), cx.insn.rt(), DivideRule::Zero);
    let (quotient, remainder) = if unsigned {
        (Divide::QuotientU, Divide::RemainderU)
    } else {
        (Divide::QuotientS, Divide::RemainderS)
    };
    let out = cx.begin();
    out.emit(Op::Divide { op: quotient, rule, width, dst: LO, a, b });
    out.emit(Op::Divide { op: remainder, rule, width, dst: HI, a, b });
    Ok(())
}

/// MUL, CLZ, CLO, DCLZ, DCLO.
pub fn special2(cx: &mut Cx<'_>) -> Lifted {
    let (word, double) = (cx.mode.word(), Width::W64);
    match cx.insn.function() {
        2 => {
            let (dst, a, b) = (cx.insn.rd_out(), cx.insn.rs(), cx.insn.rt());
            cx.emit(Op::Mul { width: word, dst, a, b })
        }
        32 => leading(cx, word, false),
        33 => leading(cx, word, true),
        36 | 37 => {
            cx.needs_wide()?;
            leading(cx, double, cx.insn.function() == 37)
        }
        _ => Err(Gap::Opcode),
    }
}

fn leading(cx: &mut Cx<'_>, width: Width, ones: bool) -> Lifted {
    let (dst, src) = (cx.insn.rd_out(), cx.insn.rs());
    let out = cx.begin();
    let src = if ones {
        let inverted = out.temp();
        out.emit(Op::XorImm { width, dst: inverted, a: src, imm: u64::MAX });
        inverted
    } else {
        src
    };
    out.emit(Op::Unary { op: Unary::LeadingZeros, width, dst, src });
    Ok(())
}
