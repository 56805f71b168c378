//! Bit fields, extensions, byte order, division, products rounded to their upper half (A5.4); and CLZ.

use rcsim_uop::op::{Divide, DivideRule, Op, Shift, Unary, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::{Cx, status};
use crate::arm::decode::{Gap, Lifted};
use crate::arm::regs::{PC, r};

const W: Width = Width::W32;
const WIDE: Width = Width::W64;

/// By the bits that an instruction of the group has fixed.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let word = cx.insn.word;
    match word & 0x0fff_0ff0 {
        0x06bf_0f30 => return unary(cx, Unary::SwapBytes),
        0x06bf_0fb0 => return unary(cx, Unary::SwapBytes16),
        0x06ff_0f30 => return unary(cx, Unary::ReverseBits),
        0x06ff_0fb0 => return swap_signed_half(cx),
        _ => {}
    }
    match word & 0x0ff0_03f0 {
        0x06a0_0070 => return extend(cx, 8, true),
        0x06b0_0070 => return extend(cx, 16, true),
        0x06e0_0070 => return extend(cx, 8, false),
        0x06f0_0070 => return extend(cx, 16, false),
        _ => {}
    }
    match word & 0x0fe0_0070 {
        0x07a0_0050 => return extract(cx, true),
        0x07e0_0050 => return extract(cx, false),
        0x07c0_0010 => return insert(cx),
        _ => {}
    }
    match word & 0x0ff0_f0f0 {
        0x0710_f010 => return divide(cx, Divide::QuotientS),
        0x0730_f010 => return divide(cx, Divide::QuotientU),
        _ => {}
    }
    match word & 0x0ff0_00d0 {
        0x0750_0010 => upper_product(cx, false),
        0x0750_00d0 => upper_product(cx, true),
        _ if word & 0x0ff0_00f0 == 0x07f0_00f0 => status::undefined(cx),
        _ => Err(Gap::Opcode),
    }
}

/// CLZ.
pub fn leading_zeros(cx: &mut Cx<'_>) -> Lifted {
    unary(cx, Unary::LeadingZeros)
}

fn unary(cx: &mut Cx<'_>, op: Unary) -> Lifted {
    let (dst, src) = (cx.general(12)?, cx.general(0)?);
    cx.emit(Op::Unary { op, width: W, dst, src })
}

/// REVSH.
fn swap_signed_half(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src) = (cx.general(12)?, cx.general(0)?);
    let out = cx.begin();
    out.emit(Op::Unary { op: Unary::SwapBytes16, width: W, dst, src });
    out.emit(Op::Extract { width: W, dst, src: dst, lsb: 0, len: 16, signed: true });
    Ok(())
}

/// SXTB, SXTH, UXTB, UXTH, and the forms that add: of the register rotated right.
fn extend(cx: &mut Cx<'_>, len: u8, signed: bool) -> Lifted {
    let (dst, src, addend) = (cx.general(12)?, cx.general(0)?, cx.insn.number(16));
    let lsb = 8 * cx.insn.field(10, 2) as u8;
    let out = cx.begin();
    let adds = addend != PC;
    let value = if adds { out.temp() } else { dst };
    if lsb + len <= 32 {
        out.emit(Op::Extract { width: W, dst: value, src, lsb, len, signed });
    } else {
        let rotated = out.temp();
        out.emit(Op::ShiftImm { op: Shift::RotateRight, width: W, dst: rotated, a: src, amount: lsb });
        out.emit(Op::Extract { width: W, dst: value, src: rotated, lsb: 0, len, signed });
    }
    if adds {
        out.emit(Op::Add { width: W, dst, a: r(addend), b: value });
    }
    Ok(())
}

/// SBFX, UBFX.
fn extract(cx: &mut Cx<'_>, signed: bool) -> Lifted {
    let (dst, src) = (cx.general(12)?, cx.general(0)?);
    let (lsb, len) = (cx.insn.field(7, 5) as u8, cx.insn.field(16, 5) as u8 + 1);
    if lsb + len > 32 {
        return Err(Gap::Opcode);
    }
    cx.emit(Op::Extract { width: W, dst, src, lsb, len, signed })
}

/// BFI, and BFC, which inserts zeros.
fn insert(cx: &mut Cx<'_>) -> Lifted {
    let dst = cx.general(12)?;
    let (lsb, msb) = (cx.insn.field(7, 5) as u8, cx.insn.field(16, 5) as u8);
    let src = match cx.insn.number(0) {
        PC => ZERO,
        n => r(n),
    };
    if msb < lsb {
        return Err(Gap::Opcode);
    }
    cx.emit(Op::Deposit { dst, base: dst, src, lsb, len: msb - lsb + 1 })
}

/// SDIV, UDIV: division by zero gives zero.
fn divide(cx: &mut Cx<'_>, op: Divide) -> Lifted {
    if !cx.features.idiva {
        return Err(Gap::Feature("idiva"));
    }
    let (dst, a, b) = (cx.general(16)?, cx.general(0)?, cx.general(8)?);
    cx.emit(Op::Divide { op, rule: DivideRule::Zero, width: W, dst, a, b })
}

/// SMMUL, SMMLA, SMMLS: the upper half of a sum of 64 bits, rounded when bit 5 is set.
fn upper_product(cx: &mut Cx<'_>, subtracts: bool) -> Lifted {
    let (dst, n, m, addend) = (cx.general(16)?, cx.general(0)?, cx.general(8)?, cx.insn.number(12));
    let rounds = cx.insn.bit(5);
    if subtracts && addend == PC {
        return Err(Gap::Opcode);
    }
    let out = cx.begin();
    let (a, b, sum) = (signed(out, n), signed(out, m), out.temp());
    if addend == PC {
        out.emit(Op::Mul { width: WIDE, dst: sum, a, b });
    } else {
        let c = out.temp();
        out.emit(Op::ShiftImm { op: Shift::Left, width: WIDE, dst: c, a: r(addend), amount: 32 });
        out.emit(Op::MulAdd { width: WIDE, dst: sum, a, b, c, subtract: subtracts });
    }
    if rounds {
        out.emit(Op::AddImm { width: WIDE, dst: sum, a: sum, imm: 0x8000_0000 });
    }
    out.emit(Op::ShiftImm { op: Shift::Right, width: WIDE, dst, a: sum, amount: 32 });
    Ok(())
}

fn signed(out: &mut BlockBuilder, src: Reg) -> Reg {
    let dst = out.temp();
    out.emit(Op::Extract { width: WIDE, dst, src, lsb: 0, len: 32, signed: true });
    dst
}
