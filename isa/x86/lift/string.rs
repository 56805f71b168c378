//! String instructions, one element per guest step.
//!
//! A repeated instruction does one element and branches back to itself, so that a step limit, a fault or a stop can fall
//! between any two elements, as on hardware. With a count of n it takes n steps, with a count of zero one.

use rcsim_uop::op::{Access, Mem, Op, Pred, Scale};
use rcsim_uop::{Cond, FlagOp, Reg};

use super::alu::flagged;
use super::context::{Lift, Lifted, NotModelled, access, width};
use crate::x86::regs::{DIRECTION, DIRECTION_DOWN, RAX, RCX, RDI, RSI};

/// What a string instruction does with one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringOp {
    /// MOVS.
    Move,
    /// STOS.
    Store,
    /// LODS.
    Load,
    /// CMPS.
    Compare,
    /// SCAS.
    Scan,
}

/// A string instruction on elements of `bytes` bytes.
pub fn string(l: &mut Lift<'_>, op: StringOp, bytes: u32) -> Lifted {
    if l.insn.has_segment_prefix() || !uses_whole_registers(l) {
        return Err(NotModelled);
    }
    let repeats = l.insn.has_rep_prefix() || l.insn.has_repne_prefix();
    if !repeats {
        return element(l, op, bytes);
    }
    match op {
        StringOp::Compare | StringOp::Scan => repeated_compare(l, op, bytes),
        StringOp::Move | StringOp::Store | StringOp::Load => repeated(l, op, bytes),
    }
}

/// Whether addresses and count are whole registers, not halves of them (an address-size prefix).
fn uses_whole_registers(l: &Lift<'_>) -> bool {
    use iced_x86::OpKind::{MemoryESDI, MemoryESEDI, MemorySegDI, MemorySegEDI, MemorySegESI, MemorySegSI};
    let halves = if l.bits == 64 { [MemorySegESI, MemorySegEDI, MemoryESEDI] } else { [MemorySegSI, MemorySegDI, MemoryESDI] };
    l.insn.op_kinds().all(|kind| !halves.contains(&kind))
}

fn repeated(l: &mut Lift<'_>, op: StringOp, bytes: u32) -> Lifted {
    let skip = l.position();
    l.emit(Op::SkipIfZero { test: RCX, count: 0 });
    element(l, op, bytes)?;
    count_down(l);
    l.land(skip)?;
    let (here, next, width) = (l.insn.ip(), l.insn.next_ip(), l.word());
    l.end(Op::BranchCmpImm { pred: Pred::Eq, width, a: RCX, imm: 0 }, &[next, here]);
    Ok(())
}

/// REPE and REPNE also end when the comparison says so.
fn repeated_compare(l: &mut Lift<'_>, op: StringOp, bytes: u32) -> Lifted {
    let again = l.temp()?;
    l.constant(again, 0);
    let skip = l.position();
    l.emit(Op::SkipIfZero { test: RCX, count: 0 });
    element(l, op, bytes)?;
    count_down(l);
    let goes_on = if l.insn.has_repne_prefix() { Cond::Ne } else { Cond::Eq };
    let zero = rcsim_uop::reg::ZERO;
    l.emit(Op::SelectCond { cond: goes_on, dst: again, a: RCX, b: zero });
    l.land(skip)?;
    let (here, next, width) = (l.insn.ip(), l.insn.next_ip(), l.word());
    l.end(Op::BranchCmpImm { pred: Pred::Eq, width, a: again, imm: 0 }, &[next, here]);
    Ok(())
}

fn count_down(l: &mut Lift<'_>) {
    let width = l.word();
    l.emit(Op::AddImm { width, dst: RCX, a: RCX, imm: -1 });
}

fn element(l: &mut Lift<'_>, op: StringOp, bytes: u32) -> Lifted {
    let acc = access(bytes);
    match op {
        StringOp::Move => {
            let value = l.temp()?;
            l.emit(Op::Load { acc, dst: value, mem: at(l, RSI) });
            l.emit(Op::Store { acc, src: value, mem: at(l, RDI) });
            advance(l, RSI, acc);
            advance(l, RDI, acc);
        }
        StringOp::Store => {
            l.emit(Op::Store { acc, src: RAX, mem: at(l, RDI) });
            advance(l, RDI, acc);
        }
        StringOp::Load => load_accumulator(l, acc)?,
        StringOp::Compare => {
            let (a, b) = (l.temp()?, l.temp()?);
            l.emit(Op::Load { acc, dst: a, mem: at(l, RSI) });
            l.emit(Op::Load { acc, dst: b, mem: at(l, RDI) });
            l.emit(flagged(FlagOp::SubBorrow, width(bytes)?, rcsim_uop::reg::SINK, a, b));
            advance(l, RSI, acc);
            advance(l, RDI, acc);
        }
        StringOp::Scan => {
            let b = l.temp()?;
            l.emit(Op::Load { acc, dst: b, mem: at(l, RDI) });
            l.emit(flagged(FlagOp::SubBorrow, width(bytes)?, rcsim_uop::reg::SINK, RAX, b));
            advance(l, RDI, acc);
        }
    }
    Ok(())
}

fn load_accumulator(l: &mut Lift<'_>, acc: Access) -> Lifted {
    let mem = at(l, RSI);
    if acc.bytes() >= 4 {
        l.emit(Op::Load { acc, dst: RAX, mem });
    } else {
        let value = l.temp()?;
        l.emit(Op::Load { acc, dst: value, mem });
        l.emit(Op::Deposit { dst: RAX, base: RAX, src: value, lsb: 0, len: 8 * acc.bytes() as u8 });
    }
    advance(l, RSI, acc);
    Ok(())
}

fn at(l: &Lift<'_>, base: Reg) -> Mem {
    let mem = Mem::at(base, 0);
    if l.bits == 32 { mem.wrap_32() } else { mem }
}

/// Move an address by one element, up or down.
fn advance(l: &mut Lift<'_>, reg: Reg, acc: Access) {
    let mem = Mem { base: reg, index: DIRECTION, scale: Scale::shift(acc.log2()), disp: acc.bytes() as i32 };
    let width = l.word();
    l.emit(Op::Lea { width, dst: reg, mem });
}

/// CLD, STD.
pub fn set_direction(l: &mut Lift<'_>, down: bool) -> Lifted {
    l.constant(DIRECTION, if down { DIRECTION_DOWN } else { 0 });
    Ok(())
}

