//! Jumps, calls, returns.

use iced_x86::OpKind;
use rcsim_uop::op::{Edge, Mem, Op, Pred, Writeback};
use rcsim_uop::{Cond, Reg};

use super::context::{Lift, Lifted, NotModelled, access};
use crate::x86::regs::{RCX, RSP};

/// JMP.
pub fn jmp(l: &mut Lift<'_>) -> Lifted {
    if let Some(target) = near_target(l) {
        l.goto(Edge::Jump, target);
        return Ok(());
    }
    let addr = indirect_target(l)?;
    l.end(Op::GotoReg { edge: Edge::Jump, addr }, &[]);
    Ok(())
}

/// CALL.
pub fn call(l: &mut Lift<'_>) -> Lifted {
    if let Some(target) = near_target(l) {
        push_return_address(l)?;
        l.goto(Edge::Call, target);
        return Ok(());
    }
    // The target is read before the stack pointer moves.
    let mut addr = indirect_target(l)?;
    if addr == RSP {
        addr = l.temp()?;
        l.copy(addr, RSP);
    }
    push_return_address(l)?;
    l.end(Op::GotoReg { edge: Edge::Call, addr }, &[]);
    Ok(())
}

fn near_target(l: &Lift<'_>) -> Option<u64> {
    match l.insn.op0_kind() {
        OpKind::NearBranch32 | OpKind::NearBranch64 => Some(l.insn.near_branch_target()),
        _ => None,
    }
}

fn indirect_target(l: &mut Lift<'_>) -> Result<Reg, NotModelled> {
    if l.operand_bytes(0) == l.word_bytes() && (l.is_memory(0) || l.is_register(0)) {
        l.read(0)
    } else {
        Err(NotModelled)
    }
}

fn push_return_address(l: &mut Lift<'_>) -> Lifted {
    let (bytes, wrap, next) = (l.word_bytes(), l.bits == 32, l.insn.next_ip());
    if let Ok(value) = u32::try_from(next) {
        l.emit(Op::PushConst { acc: access(bytes), base: RSP, value, wrap });
        return Ok(());
    }
    let src = l.constant_temp(next)?;
    l.emit(Op::StoreUpdate {
        acc: access(bytes),
        src,
        base: RSP,
        disp: -(bytes as i32),
        update: Writeback::Pre,
        wrap,
    });
    Ok(())
}

/// RET, with or without bytes of arguments to drop.
pub fn ret(l: &mut Lift<'_>) -> Lifted {
    let addr = l.temp()?;
    let (bytes, wrap) = (l.word_bytes(), l.bits == 32);
    let extra = if l.insn.op_count() == 1 { l.immediate(0).ok_or(NotModelled)? as i32 } else { 0 };
    let disp = bytes as i32 + extra;
    l.emit(Op::LoadUpdate { acc: access(bytes), dst: addr, base: RSP, disp, update: Writeback::Post, wrap });
    l.end(Op::GotoReg { edge: Edge::Return, addr }, &[]);
    Ok(())
}

/// Jcc.
pub fn jcc(l: &mut Lift<'_>, cond: Cond) -> Lifted {
    let target = near_target(l).ok_or(NotModelled)?;
    let next = l.insn.next_ip();
    l.end(Op::BranchCond { cond }, &[target, next]);
    Ok(())
}

/// JECXZ, JRCXZ.
pub fn jump_if_count_zero(l: &mut Lift<'_>, bytes: u32) -> Lifted {
    let target = near_target(l).ok_or(NotModelled)?;
    let next = l.insn.next_ip();
    let width = super::context::width(bytes)?;
    l.end(Op::BranchCmpImm { pred: Pred::Eq, width, a: RCX, imm: 0 }, &[target, next]);
    Ok(())
}

/// The word on top of the stack.
pub fn stack_top(l: &Lift<'_>) -> Mem {
    let mem = Mem::at(RSP, 0);
    if l.bits == 32 { mem.wrap_32() } else { mem }
}
