//! CFC1 and CTC1 of the floating-point control and status register.
//!
//! Condition bits are kept; flags and causes are kept as software wrote them, since operations set none. Rounding modes
//! other than to nearest, flushing to zero and enabled traps are not modelled: a program that asks for one is told so
//! when it does.

use rcsim_uop::op::{Op, Pred, Width};

use super::Cx;
use crate::mips::decode::{Gap, Lifted};
use crate::mips::machine::BEYOND;
use crate::mips::regs::{FCSR, condition_bit, fcc};

const W: Width = Width::W64;
/// The number of FCSR among control registers.
const STATUS: u8 = 31;
/// Flags and causes.
const KEPT: u64 = 0x0003_f07c;
/// Rounding mode, enabled traps, flush to zero.
const NOT_MODELLED: u64 = 0x0100_0f83;

/// Sort by direction.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    const CFC1: u8 = 2;
    if cx.insn.rd_number() != STATUS {
        return Err(Gap::Opcode);
    }
    if cx.insn.rs_number() == CFC1 { read(cx) } else { write(cx) }
}

fn read(cx: &mut Cx<'_>) -> Lifted {
    let (dst, width) = (cx.insn.rt_out(), cx.mode.word());
    let out = cx.begin();
    let value = out.temp();
    out.copy(value, FCSR);
    for n in 0..8 {
        out.emit(Op::Deposit { dst: value, base: value, src: fcc(n), lsb: condition_bit(n), len: 1 });
    }
    out.emit(Op::Extract { width, dst, src: value, lsb: 0, len: 32, signed: true });
    Ok(())
}

fn write(cx: &mut Cx<'_>) -> Lifted {
    let (src, pc, next) = (cx.insn.rt(), cx.insn.pc, cx.insn.next());
    let out = cx.begin();
    let asked = out.temp();
    out.emit(Op::AndImm { width: W, dst: asked, a: src, imm: NOT_MODELLED });
    out.emit(Op::AndImm { width: W, dst: FCSR, a: src, imm: KEPT });
    for n in 0..8 {
        out.emit(Op::Extract { width: W, dst: fcc(n), src, lsb: condition_bit(n), len: 1, signed: false });
    }
    out.end(Op::BranchCmpImm { pred: Pred::Ne, width: W, a: asked, imm: 0 }, &[pc + BEYOND, next]);
    Ok(())
}
