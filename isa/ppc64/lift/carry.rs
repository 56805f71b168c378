//! Integer arithmetic that sets XER's carry, and that which adds it.

use rcsim_uop::op::{Op, Pred, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use super::immediate::constant;
use crate::ppc64::decode::Lifted;
use crate::ppc64::regs::CA;

const W: Width = Width::W64;

/// Sort by extended opcode.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, b) = (cx.insn.rt(), cx.insn.ra(), cx.insn.rb());
    let extended = cx.insn.extended();
    let out = cx.begin();
    match extended {
        10 => add_carrying(out, dst, a, b),
        8 => subtract_carrying(out, dst, a, b),
        138 => add_extended(out, dst, a, b),
        202 => add_extended(out, dst, a, ZERO),
        234 => {
            let ones = constant(out, u64::MAX);
            add_extended(out, dst, a, ones);
        }
        // SUBFE, SUBFZE, SUBFME.
        _ => {
            let inverted = out.temp();
            out.emit(Op::XorImm { width: W, dst: inverted, a, imm: u64::MAX });
            let b = match extended {
                136 => b,
                200 => ZERO,
                _ => constant(out, u64::MAX),
            };
            add_extended(out, dst, inverted, b);
        }
    }
    cx.record(dst);
    Ok(())
}

/// ADDC. The sum is made apart: the destination may be an operand.
fn add_carrying(out: &mut BlockBuilder, dst: Reg, a: Reg, b: Reg) {
    let sum = out.temp();
    out.emit(Op::Add { width: W, dst: sum, a, b });
    out.emit(Op::SetCmp { pred: Pred::LtU, width: W, dst: CA, a: sum, b: a });
    out.copy(dst, sum);
}

/// SUBFC: `b - a`; carries when nothing is borrowed.
fn subtract_carrying(out: &mut BlockBuilder, dst: Reg, a: Reg, b: Reg) {
    out.emit(Op::SetCmp { pred: Pred::GeU, width: W, dst: CA, a: b, b: a });
    out.emit(Op::Sub { width: W, dst, a: b, b: a });
}

/// `a + b + carry`: either of the two additions may wrap, never both.
fn add_extended(out: &mut BlockBuilder, dst: Reg, a: Reg, b: Reg) {
    let (sum, first, second, total) = (out.temp(), out.temp(), out.temp(), out.temp());
    out.emit(Op::Add { width: W, dst: sum, a, b });
    out.emit(Op::SetCmp { pred: Pred::LtU, width: W, dst: first, a: sum, b: a });
    out.emit(Op::Add { width: W, dst: total, a: sum, b: CA });
    out.emit(Op::SetCmp { pred: Pred::LtU, width: W, dst: second, a: total, b: sum });
    out.emit(Op::Or { width: W, dst: CA, a: first, b: second });
    out.copy(dst, total);
}
