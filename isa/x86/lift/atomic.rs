//! Compare-and-exchange, exchange-and-add, fences.

use rcsim_uop::op::{Op, Rmw, Width};
use rcsim_uop::reg::SINK;
use rcsim_uop::{Cond, FlagOp, Reg};

use super::alu::flagged;
use super::context::{Lift, Lifted, NotModelled, access};
use super::operand::Dest;
use crate::x86::regs::RAX;

/// CMPXCHG: compare the accumulator with the destination; when equal store the source there, else load the accumulator.
pub fn cmpxchg(l: &mut Lift<'_>) -> Lifted {
    if !l.is_memory(0) {
        return Err(NotModelled);
    }
    let width = l.operand_width(0)?;
    let new = l.read(1)?;
    let base = l.address_slot()?;
    let old = l.temp()?;
    l.emit(Op::CompareSwap { acc: access(width.bits() / 8), dst: old, base, expected: RAX, new });
    l.emit(flagged(FlagOp::SubBorrow, width, SINK, RAX, old));
    keep_accumulator(l, width, old)
}

/// The accumulator is written only when the comparison failed.
fn keep_accumulator(l: &mut Lift<'_>, width: Width, old: Reg) -> Lifted {
    if width.bits() >= 32 {
        l.emit(Op::SelectCond { cond: Cond::Eq, dst: RAX, a: RAX, b: old });
        return Ok(());
    }
    l.emit(Op::Deposit { dst: RAX, base: RAX, src: old, lsb: 0, len: width.bits() as u8 });
    Ok(())
}

/// XADD: the register gets the old value, the destination the sum.
pub fn xadd(l: &mut Lift<'_>) -> Lifted {
    let width = l.operand_width(0)?;
    let src = l.read(1)?;
    if !l.is_memory(0) {
        return xadd_registers(l, width, src);
    }
    let base = l.address_slot()?;
    let old = l.temp()?;
    l.emit(Op::AtomicRmw { op: Rmw::Add, acc: access(width.bits() / 8), dst: old, base, src });
    l.emit(flagged(FlagOp::Add, width, SINK, old, src));
    let dest = l.dest(1)?;
    put(l, dest, old);
    Ok(())
}

fn xadd_registers(l: &mut Lift<'_>, width: Width, src: Reg) -> Lifted {
    let (sum, old) = (l.temp()?, l.temp()?);
    let first = l.read(0)?;
    l.zero_extend(width, old, first);
    l.emit(flagged(FlagOp::Add, width, sum, old, src));
    let second = l.dest(1)?;
    put(l, second, old);
    let dest = l.dest(0)?;
    put(l, dest, sum);
    Ok(())
}

fn put(l: &mut Lift<'_>, dest: Dest, value: Reg) {
    l.copy(dest.reg, value);
    l.finish(dest);
}

/// MFENCE, LFENCE, SFENCE.
pub fn fence(l: &mut Lift<'_>) -> Lifted {
    l.emit(Op::Fence);
    Ok(())
}
