//! Single bits, bit counts, and the bit manipulation of BMI.

use rcsim_uop::op::{Op, Pred, Shift, Unary, Width};
use rcsim_uop::reg::{SINK, ZERO};
use rcsim_uop::{Cond, FlagOp, Reg};

use super::alu::unlocked;
use super::context::{Lift, Lifted, NotModelled};

/// What a bit test does to the bit afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// BT: nothing.
    None,
    /// BTS.
    Set,
    /// BTR.
    Reset,
    /// BTC.
    Complement,
}

/// BT, BTS, BTR, BTC: C becomes the bit, the other flags stay (Z by the manual, the rest as processors do).
pub fn bit_test(l: &mut Lift<'_>, change: Change) -> Lifted {
    unlocked(l)?;
    let width = l.operand_width(0)?;
    // A register index may reach beyond a memory operand; no Go code does that.
    if l.is_memory(0) && l.is_register(1) {
        return Err(NotModelled);
    }
    let index = match l.immediate(1) {
        Some(imm) => l.constant_temp(imm as u64 & u64::from(width.bits() - 1))?,
        None => l.read(1)?,
    };
    if change == Change::None {
        let value = l.read(0)?;
        return carry_from_bit(l, width, value, index);
    }
    let (value, dest) = l.read_write(0)?;
    carry_from_bit(l, width, value, index)?;
    let one = l.constant_temp(1)?;
    let mask = l.temp()?;
    l.emit(Op::Shift { op: Shift::Left, width, dst: mask, a: one, b: index });
    l.emit(match change {
        Change::Set => Op::Or { width, dst: dest.reg, a: value, b: mask },
        Change::Reset => Op::AndNot { width, dst: dest.reg, a: value, b: mask },
        Change::Complement | Change::None => Op::Xor { width, dst: dest.reg, a: value, b: mask },
    });
    l.finish(dest);
    Ok(())
}

fn carry_from_bit(l: &mut Lift<'_>, width: Width, value: Reg, index: Reg) -> Lifted {
    let (shifted, flags) = (l.temp()?, l.temp()?);
    l.emit(Op::Shift { op: Shift::Right, width, dst: shifted, a: value, b: index });
    l.emit(Op::GetFlags { dst: flags });
    l.emit(Op::Deposit { dst: flags, base: flags, src: shifted, lsb: 0, len: 1 });
    l.emit(Op::SetFlags { src: flags });
    Ok(())
}

/// BSF, BSR: Z tells that the source is zero, and the destination then keeps its value, as on all known processors.
pub fn bit_scan(l: &mut Lift<'_>, reverse: bool) -> Lifted {
    let width = l.operand_width(0)?;
    let src = l.read(1)?;
    let found = l.temp()?;
    if reverse {
        l.emit(Op::Unary { op: Unary::LeadingZeros, width, dst: found, src });
        l.emit(Op::XorImm { width, dst: found, a: found, imm: u64::from(width.bits() - 1) });
    } else {
        l.emit(Op::Unary { op: Unary::TrailingZeros, width, dst: found, src });
    }
    l.emit(Op::AluF { op: FlagOp::Or, width, dst: SINK, a: src, b: ZERO });
    let old = l.read(0)?;
    let dest = l.dest(0)?;
    l.emit(Op::SelectCond { cond: Cond::Eq, dst: dest.reg, a: old, b: found });
    l.finish(dest);
    Ok(())
}

/// TZCNT, LZCNT: C tells that the source is zero, Z that the result is.
pub fn count_zeros(l: &mut Lift<'_>, op: Unary) -> Lifted {
    let width = l.operand_width(0)?;
    let src = l.read(1)?;
    let (c, z) = (l.temp()?, l.temp()?);
    l.emit(Op::SetCmpImm { pred: Pred::Eq, width, dst: c, a: src, imm: 0 });
    let dest = l.dest(0)?;
    l.emit(Op::Unary { op, width, dst: dest.reg, src });
    l.emit(Op::SetCmpImm { pred: Pred::Eq, width, dst: z, a: dest.reg, imm: 0 });
    l.emit(Op::Deposit { dst: c, base: c, src: z, lsb: 1, len: 1 });
    l.emit(Op::SetFlags { src: c });
    l.finish(dest);
    Ok(())
}

/// POPCNT: Z tells that the source is zero, the other flags are cleared.
pub fn popcnt(l: &mut Lift<'_>) -> Lifted {
    let width = l.operand_width(0)?;
    let src = l.read(1)?;
    let (test, z) = (l.temp()?, l.temp()?);
    l.emit(Op::SetCmpImm { pred: Pred::Eq, width, dst: test, a: src, imm: 0 });
    l.emit(Op::ShiftImm { op: Shift::Left, width: Width::W64, dst: z, a: test, amount: 1 });
    l.emit(Op::SetFlags { src: z });
    let dest = l.dest(0)?;
    l.emit(Op::Unary { op: Unary::CountOnes, width, dst: dest.reg, src });
    l.finish(dest);
    Ok(())
}

/// ANDN: `!a & b`.
pub fn andn(l: &mut Lift<'_>) -> Lifted {
    let width = l.operand_width(0)?;
    let (inverted, kept) = (l.read(1)?, l.read(2)?);
    let dest = l.dest(0)?;
    l.emit(Op::AluF { op: FlagOp::AndNot, width, dst: dest.reg, a: kept, b: inverted });
    l.finish(dest);
    Ok(())
}

/// One of the three operations of BMI1 on the lowest set bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LowestBit {
    /// BLSR: clear it. C tells that there was none.
    Reset,
    /// BLSI: keep only it. C tells that there was one.
    Isolate,
    /// BLSMSK: set it and all below. C tells that there was none.
    Mask,
}

/// BLSR, BLSI, BLSMSK.
pub fn lowest_bit(l: &mut Lift<'_>, which: LowestBit) -> Lifted {
    let width = l.operand_width(0)?;
    let src = l.read(1)?;
    let (other, flags, carry, result) = (l.temp()?, l.temp()?, l.temp()?, l.temp()?);
    let pred = if which == LowestBit::Isolate { Pred::Ne } else { Pred::Eq };
    l.emit(Op::SetCmpImm { pred, width, dst: carry, a: src, imm: 0 });
    l.emit(match which {
        LowestBit::Isolate => Op::Sub { width, dst: other, a: ZERO, b: src },
        LowestBit::Reset | LowestBit::Mask => Op::AddImm { width, dst: other, a: src, imm: -1 },
    });
    let op = if which == LowestBit::Mask { FlagOp::Xor } else { FlagOp::And };
    l.emit(Op::AluF { op, width, dst: result, a: src, b: other });
    l.emit(Op::GetFlags { dst: flags });
    l.emit(Op::Deposit { dst: flags, base: flags, src: carry, lsb: 0, len: 1 });
    l.emit(Op::SetFlags { src: flags });
    let dest = l.dest(0)?;
    l.copy(dest.reg, result);
    l.finish(dest);
    Ok(())
}
