//! Moves between registers and memory, extensions, conditional moves, exchanges, addresses.

use iced_x86::Mnemonic;
use rcsim_uop::Cond;
use rcsim_uop::op::{Op, Rmw, Unary, Width};

use super::context::{Lift, Lifted, NotModelled, access};
use super::operand::int_slot;
use crate::x86::regs::{RAX, RDX};

/// MOV.
pub fn mov(l: &mut Lift<'_>) -> Lifted {
    let width = l.operand_width(0)?;
    if let Some(imm) = l.immediate(1) {
        return mov_immediate(l, width, imm);
    }
    if l.is_memory(0) {
        let src = l.read(1)?;
        let mem = l.address()?;
        l.store(mem, src, width.bits() / 8);
        return Ok(());
    }
    if l.is_memory(1) && width.bits() >= 32 {
        let mem = l.address()?;
        let dst = int_slot(l.insn.op0_register())?;
        l.load(dst, mem, width.bits() / 8);
        return Ok(());
    }
    let src = l.read(1)?;
    let dest = l.dest(0)?;
    move_into(l, width, dest.reg, src);
    l.finish(dest);
    Ok(())
}

/// Move the low `width` bits. On a 32-bit guest every slot is already zero-extended.
fn move_into(l: &mut Lift<'_>, width: Width, dst: rcsim_uop::Reg, src: rcsim_uop::Reg) {
    if width == Width::W32 && l.bits == 64 { l.zero_extend(width, dst, src) } else { l.copy(dst, src) }
}

fn mov_immediate(l: &mut Lift<'_>, width: Width, imm: i64) -> Lifted {
    if l.is_memory(0) {
        let mem = l.address()?;
        l.emit(Op::StoreImm { acc: access(width.bits() / 8), mem, imm: imm as i32 });
        return Ok(());
    }
    let dest = l.dest(0)?;
    l.constant(dest.reg, width.fit(imm as u64));
    l.finish(dest);
    Ok(())
}

/// MOVZX.
pub fn movzx(l: &mut Lift<'_>) -> Lifted {
    let from = l.operand_width(1)?;
    if l.is_memory(1) && l.operand_bytes(0) >= 4 {
        let mem = l.address()?;
        let dst = int_slot(l.insn.op0_register())?;
        l.load(dst, mem, from.bits() / 8);
        return Ok(());
    }
    let src = l.read(1)?;
    let dest = l.dest(0)?;
    l.zero_extend(from, dest.reg, src);
    l.finish(dest);
    Ok(())
}

/// MOVSX, MOVSXD.
pub fn movsx(l: &mut Lift<'_>) -> Lifted {
    let (to, from) = (l.operand_width(0)?, l.operand_width(1)?);
    if l.is_memory(1) && to == Width::W64 {
        let mem = l.address()?;
        let dst = int_slot(l.insn.op0_register())?;
        l.emit(Op::Load { acc: access(from.bits() / 8).signed(), dst, mem });
        return Ok(());
    }
    let src = l.read(1)?;
    let dest = l.dest(0)?;
    l.emit(Op::Extract { width: to, dst: dest.reg, src, lsb: 0, len: from.bits() as u8, signed: true });
    l.finish(dest);
    Ok(())
}

/// CBW, CWDE, CDQE: sign-extend the low half of the accumulator into the whole.
pub fn extend_accumulator(l: &mut Lift<'_>) -> Lifted {
    let (width, len) = match l.insn.mnemonic() {
        Mnemonic::Cwde => (Width::W32, 16),
        Mnemonic::Cdqe => (Width::W64, 32),
        Mnemonic::Cbw => (Width::W16, 8),
        _ => return Err(NotModelled),
    };
    if width == Width::W16 {
        let temp = l.temp()?;
        l.emit(Op::Extract { width, dst: temp, src: RAX, lsb: 0, len, signed: true });
        l.emit(Op::Deposit { dst: RAX, base: RAX, src: temp, lsb: 0, len: 16 });
    } else {
        l.emit(Op::Extract { width, dst: RAX, src: RAX, lsb: 0, len, signed: true });
    }
    Ok(())
}

/// CWD, CDQ, CQO: fill rdx with the sign of the accumulator.
pub fn sign_into_rdx(l: &mut Lift<'_>) -> Lifted {
    use rcsim_uop::op::Shift::RightSigned;
    match l.insn.mnemonic() {
        Mnemonic::Cqo => {
            l.emit(Op::ShiftImm { op: RightSigned, width: Width::W64, dst: RDX, a: RAX, amount: 63 });
        }
        Mnemonic::Cdq => {
            l.emit(Op::ShiftImm { op: RightSigned, width: Width::W32, dst: RDX, a: RAX, amount: 31 });
        }
        Mnemonic::Cwd => {
            let temp = l.temp()?;
            l.emit(Op::ShiftImm { op: RightSigned, width: Width::W16, dst: temp, a: RAX, amount: 15 });
            l.emit(Op::Deposit { dst: RDX, base: RDX, src: temp, lsb: 0, len: 16 });
        }
        _ => return Err(NotModelled),
    }
    Ok(())
}

/// LEA. The segment does not enter.
pub fn lea(l: &mut Lift<'_>) -> Lifted {
    let width = l.operand_width(0)?;
    let (base, index) = (l.insn.memory_base(), l.insn.memory_index());
    let dest = l.dest(0)?;
    if l.insn.is_ip_rel_memory_operand() {
        l.constant(dest.reg, width.fit(l.insn.memory_displacement64()));
    } else {
        let mem = l.plain_address(base, index)?;
        let is_copy = mem.index == rcsim_uop::reg::ZERO && mem.disp == 0 && !mem.scale.wraps();
        if is_copy && width == Width::W64 {
            l.copy(dest.reg, mem.base);
        } else {
            l.emit(Op::Lea { width, dst: dest.reg, mem });
        }
    }
    l.finish(dest);
    Ok(())
}

/// CMOVcc. The source is read, and a 32-bit destination zero-extended, whether the condition holds or not.
pub fn cmov(l: &mut Lift<'_>, cond: Cond) -> Lifted {
    let width = l.operand_width(0)?;
    let src = l.read(1)?;
    let old = l.read(0)?;
    let dest = l.dest(0)?;
    l.emit(Op::SelectCond { cond, dst: dest.reg, a: src, b: old });
    if width == Width::W32 && l.bits == 64 {
        l.zero_extend(width, dest.reg, dest.reg);
    }
    l.finish(dest);
    Ok(())
}

/// SETcc.
pub fn setcc(l: &mut Lift<'_>, cond: Cond) -> Lifted {
    let dest = l.dest(0)?;
    l.emit(Op::SetCond { cond, dst: dest.reg });
    l.finish(dest);
    Ok(())
}

/// XCHG; with memory it is atomic, prefix or not.
pub fn xchg(l: &mut Lift<'_>) -> Lifted {
    let width = l.operand_width(0)?;
    if l.is_memory(0) || l.is_memory(1) {
        let other = u32::from(l.is_memory(0));
        let src = l.read(other)?;
        let base = l.address_slot()?;
        let old = l.temp()?;
        l.emit(Op::AtomicRmw { op: Rmw::Swap, acc: access(width.bits() / 8), dst: old, base, src });
        let dest = l.dest(other)?;
        l.copy(dest.reg, old);
        l.finish(dest);
        return Ok(());
    }
    let (a, b) = (l.read(0)?, l.read(1)?);
    let kept = l.temp()?;
    l.copy(kept, a);
    let first = l.dest(0)?;
    move_into(l, width, first.reg, b);
    l.finish(first);
    let second = l.dest(1)?;
    move_into(l, width, second.reg, kept);
    l.finish(second);
    Ok(())
}

/// BSWAP.
pub fn bswap(l: &mut Lift<'_>) -> Lifted {
    let width = l.operand_width(0)?;
    if width.bits() < 32 {
        return Err(NotModelled);
    }
    let reg = l.read(0)?;
    l.emit(Op::Unary { op: Unary::SwapBytes, width, dst: reg, src: reg });
    Ok(())
}

/// MOVBE.
pub fn movbe(l: &mut Lift<'_>) -> Lifted {
    let width = l.operand_width(0)?;
    let src = l.read(1)?;
    let dest = l.dest(0)?;
    l.emit(Op::Unary { op: Unary::SwapBytes, width, dst: dest.reg, src });
    l.finish(dest);
    Ok(())
}
