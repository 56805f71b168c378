//! Compare-and-exchange, exchange-and-add, fences.

use rcsim_uop::op::{Op, Pred, Rmw, Width};
use rcsim_uop::reg::SINK;
use rcsim_uop::{Cond, FlagOp, Reg, flags};

use super::alu::flagged;
use super::context::{Lift, Lifted, NotModelled, access};
use super::operand::Dest;
use crate::x86::regs::{RAX, RBX, RCX, RDX};

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

/// CMPXCHG8B: as CMPXCHG with edx and eax as the accumulator and ecx and ebx as the source. Of the flags only Z changes.
pub fn cmpxchg8b(l: &mut Lift<'_>) -> Lifted {
    let base = l.address_slot()?;
    let (expected, new, old) = (l.temp()?, l.temp()?, l.temp()?);
    l.emit(Op::Deposit { dst: expected, base: RAX, src: RDX, lsb: 32, len: 32 });
    l.emit(Op::Deposit { dst: new, base: RBX, src: RCX, lsb: 32, len: 32 });
    l.emit(Op::CompareSwap { acc: access(8), dst: old, base, expected, new });
    let (equal, packed) = (l.temp()?, l.temp()?);
    l.emit(Op::SetCmp { pred: Pred::Eq, width: Width::W64, dst: equal, a: old, b: expected });
    l.emit(Op::GetFlags { dst: packed });
    let lsb = flags::Z.trailing_zeros() as u8;
    l.emit(Op::Deposit { dst: packed, base: packed, src: equal, lsb, len: 1 });
    l.emit(Op::SetFlags { src: packed });
    // What was found there is what was expected, when nothing else was.
    l.zero_extend(Width::W32, RAX, old);
    l.emit(Op::Extract { width: Width::W64, dst: RDX, src: old, lsb: 32, len: 32, signed: false });
    Ok(())
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
