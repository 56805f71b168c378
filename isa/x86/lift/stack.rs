//! Pushes, pops, LEAVE.

use rcsim_uop::op::{Op, Writeback};
use rcsim_uop::{Reg, reg::ZERO};

use super::branch::stack_top;
use super::context::{Lift, Lifted, NotModelled, access};
use crate::x86::helpers::HelperId;
use crate::x86::regs::{RAX, RBP, RBX, RCX, RDI, RDX, RSI, RSP};

/// PUSH of a register, a constant or memory.
pub fn push(l: &mut Lift<'_>) -> Lifted {
    if l.insn.stack_pointer_increment() != -(l.word_bytes() as i32) {
        return Err(NotModelled);
    }
    let src = l.read(0)?;
    push_slot(l, src);
    Ok(())
}

fn push_slot(l: &mut Lift<'_>, src: Reg) {
    let (bytes, wrap) = (l.word_bytes(), l.bits == 32);
    l.emit(Op::StoreUpdate {
        acc: access(bytes),
        src,
        base: RSP,
        disp: -(bytes as i32),
        update: Writeback::Pre,
        wrap,
    });
}

fn pop_slot(l: &mut Lift<'_>, dst: Reg) {
    let (bytes, wrap) = (l.word_bytes(), l.bits == 32);
    l.emit(Op::LoadUpdate {
        acc: access(bytes),
        dst,
        base: RSP,
        disp: bytes as i32,
        update: Writeback::Post,
        wrap,
    });
}

/// POP to a register or memory. Memory is addressed with the stack pointer after the pop.
pub fn pop(l: &mut Lift<'_>) -> Lifted {
    if l.insn.stack_pointer_increment() != l.word_bytes() as i32 {
        return Err(NotModelled);
    }
    if l.is_register(0) {
        let dest = l.dest(0)?;
        if dest.reg != RSP {
            pop_slot(l, dest.reg);
            return Ok(());
        }
        let top = stack_top(l);
        let bytes = l.word_bytes();
        l.load(RSP, top, bytes);
        return Ok(());
    }
    let value = l.temp()?;
    pop_slot(l, value);
    let mem = l.address()?;
    let bytes = l.word_bytes();
    l.store(mem, value, bytes);
    Ok(())
}

/// The registers in the order in which PUSHA stores them.
const ALL: [Reg; 8] = [RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI];

/// PUSHA: the stack pointer as it was before.
pub fn push_all(l: &mut Lift<'_>) -> Lifted {
    let before = l.temp()?;
    l.copy(before, RSP);
    for reg in ALL {
        push_slot(l, if reg == RSP { before } else { reg });
    }
    Ok(())
}

/// POPA: what stands in the stack pointer's place is skipped.
pub fn pop_all(l: &mut Lift<'_>) -> Lifted {
    let skipped = l.temp()?;
    for reg in ALL.into_iter().rev() {
        pop_slot(l, if reg == RSP { skipped } else { reg });
    }
    Ok(())
}

/// LEAVE.
pub fn leave(l: &mut Lift<'_>) -> Lifted {
    l.copy(RSP, RBP);
    pop_slot(l, RBP);
    Ok(())
}

/// PUSHF of a whole word.
pub fn push_flags(l: &mut Lift<'_>) -> Lifted {
    let value = l.temp()?;
    l.helper(HelperId::ReadFlags, [value, ZERO, ZERO, ZERO], 0);
    push_slot(l, value);
    Ok(())
}

/// POPF of a whole word: the modelled flags and the direction; the others are the system's.
pub fn pop_flags(l: &mut Lift<'_>) -> Lifted {
    let value = l.temp()?;
    pop_slot(l, value);
    l.helper(HelperId::WriteFlags, [value, ZERO, ZERO, ZERO], 0);
    Ok(())
}
