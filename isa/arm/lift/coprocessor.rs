//! Coprocessors (A5.6): floating point, the system's registers; and SVC.

use rcsim_uop::Reg;
use rcsim_uop::op::Op;

use super::{Cx, float, float_memory, float_move, status};
use crate::arm::decode::{Gap, Lifted};
use crate::arm::regs::{TPIDRURO, TPIDRURW};

/// By the coprocessor's number and bits 20 to 25.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let insn = cx.insn;
    if insn.field(24, 4) == 15 {
        return status::system_call(cx);
    }
    let floating = insn.field(9, 3) == 5;
    match (floating, insn.field(24, 4) == 14, insn.bit(4)) {
        (true, true, false) => float::lift(cx),
        (true, true, true) => float_move::lift(cx),
        (true, false, _) if insn.field(21, 4) == 2 => float_move::two_words(cx),
        (true, false, _) => float_memory::lift(cx),
        (false, true, true) => system(cx),
        _ => Err(Gap::Opcode),
    }
}

/// MRC and MCR: thread registers, and the barriers of Armv6.
fn system(cx: &mut Cx<'_>) -> Lifted {
    const READ_RO: u32 = 0x0e1d_0f70;
    const READ_RW: u32 = 0x0e1d_0f50;
    const WRITE_RW: u32 = 0x0e0d_0f50;
    const ISB: u32 = 0x0e07_0f95;
    const DSB: u32 = 0x0e07_0f9a;
    const DMB: u32 = 0x0e07_0fba;
    let register = cx.general(12)?;
    match cx.insn.word & 0x0fff_0fff {
        READ_RO => copy(cx, register, TPIDRURO),
        READ_RW => copy(cx, register, TPIDRURW),
        WRITE_RW => copy(cx, TPIDRURW, register),
        ISB | DSB | DMB => cx.emit(Op::Fence),
        _ => Err(Gap::Opcode),
    }
}

fn copy(cx: &mut Cx<'_>, dst: Reg, src: Reg) -> Lifted {
    cx.emit(Op::Copy { dst, src })
}
