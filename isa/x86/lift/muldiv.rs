//! Multiplication and division.

use rcsim_uop::op::{MulHigh, Op, Width};
use rcsim_uop::{FlagOp, Reg};

use super::alu::{flagged, flagged_imm};
use super::context::{Lift, Lifted, NotModelled};
use crate::x86::helpers::HelperId;
use crate::x86::regs::{RAX, RDX};

/// MUL, and IMUL of one operand: the product fills rdx and rax.
pub fn wide(l: &mut Lift<'_>, signed: bool) -> Lifted {
    let width = l.operand_width(0)?;
    let src = l.read(0)?;
    match width {
        Width::W64 | Width::W32 => wide_words(l, width, src, signed),
        _ => narrow(l, width, src, signed),
    }
}

fn wide_words(l: &mut Lift<'_>, width: Width, src: Reg, signed: bool) -> Lifted {
    let (kind, op) = kinds(signed);
    let src = if src == RDX {
        let kept = l.temp()?;
        l.copy(kept, src);
        kept
    } else {
        src
    };
    l.emit(Op::MulHigh { kind, width, dst: RDX, a: RAX, b: src });
    l.emit(flagged(op, width, RAX, RAX, src));
    Ok(())
}

const fn kinds(signed: bool) -> (MulHigh, FlagOp) {
    if signed { (MulHigh::Signed, FlagOp::MulS) } else { (MulHigh::Unsigned, FlagOp::MulU) }
}

/// 8 bits fill ax, 16 bits the low halves of rdx and rax.
fn narrow(l: &mut Lift<'_>, width: Width, src: Reg, signed: bool) -> Lifted {
    let (kind, op) = kinds(signed);
    let (low, high) = (l.temp()?, l.temp()?);
    let bits = width.bits() as u8;
    l.emit(Op::MulHigh { kind, width, dst: high, a: RAX, b: src });
    l.emit(flagged(op, width, low, RAX, src));
    l.emit(Op::Deposit { dst: RAX, base: RAX, src: low, lsb: 0, len: bits });
    let (into, lsb) = if bits == 8 { (RAX, 8) } else { (RDX, 0) };
    l.emit(Op::Deposit { dst: into, base: into, src: high, lsb, len: bits });
    Ok(())
}

/// IMUL of two or three operands: the low half of the product.
pub fn imul(l: &mut Lift<'_>) -> Lifted {
    if l.insn.op_count() == 1 {
        return wide(l, true);
    }
    let width = l.operand_width(0)?;
    let last = l.insn.op_count() - 1;
    let a = l.read(last - 1)?;
    let op = match l.immediate(last) {
        Some(imm) => Multiplier::Constant(imm),
        None => Multiplier::Slot(l.read(last)?),
    };
    let dest = l.dest(0)?;
    l.emit(match op {
        Multiplier::Constant(imm) => flagged_imm(FlagOp::MulS, width, dest.reg, a, imm),
        Multiplier::Slot(b) => flagged(FlagOp::MulS, width, dest.reg, a, b),
    });
    l.finish(dest);
    Ok(())
}

enum Multiplier {
    Constant(i64),
    Slot(Reg),
}

/// MULX: an unsigned product by rdx without flags; the high half is written last.
pub fn mulx(l: &mut Lift<'_>) -> Lifted {
    let width = l.operand_width(0)?;
    let src = l.read(2)?;
    let (low, high) = (l.temp()?, l.temp()?);
    l.emit(Op::Mul { width, dst: low, a: RDX, b: src });
    l.emit(Op::MulHigh { kind: MulHigh::Unsigned, width, dst: high, a: RDX, b: src });
    for (operand, value) in [(1, low), (0, high)] {
        let dest = l.dest(operand)?;
        l.copy(dest.reg, value);
        l.finish(dest);
    }
    Ok(())
}

/// DIV, IDIV: rdx and rax by the operand. Flags are undefined afterwards and stay as they were.
pub fn divide(l: &mut Lift<'_>, signed: bool) -> Lifted {
    let width = l.operand_width(0)?;
    let divisor = l.read(0)?;
    if !matches!(width, Width::W64 | Width::W32 | Width::W16 | Width::W8) {
        return Err(NotModelled);
    }
    l.helper(HelperId::Divide, [divisor, RAX, RDX, RAX], width.bits() | u32::from(signed) << 8);
    Ok(())
}
