//! System calls, breakpoints, traps, ordering, hardware registers.

use rcsim_uop::op::{Op, Pred, Stop};

use super::Cx;
use crate::mips::decode::{Gap, Lifted};
use crate::mips::helpers::trap_unless_zero;
use crate::mips::regs::USER_LOCAL;

/// Sort by function.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.function() {
        12 => {
            let next = cx.insn.next();
            cx.begin().stop(Stop::Syscall, 0, next);
            Ok(())
        }
        13 => {
            let pc = cx.insn.pc;
            cx.begin().stop(Stop::Breakpoint, 0, pc);
            Ok(())
        }
        15 => cx.emit(Op::Fence),
        48 => trap(cx, Pred::GeS),
        49 => trap(cx, Pred::GeU),
        50 => trap(cx, Pred::LtS),
        51 => trap(cx, Pred::LtU),
        52 => trap(cx, Pred::Eq),
        _ => trap(cx, Pred::Ne),
    }
}

/// TEQ and its kin. A register is equal to itself: so Go's assembler writes what must never run, and the block ends there.
fn trap(cx: &mut Cx<'_>, pred: Pred) -> Lifted {
    let (a, b, width, pc) = (cx.insn.rs(), cx.insn.rt(), cx.mode.full(), cx.insn.pc);
    let out = cx.begin();
    if a == b && pred == Pred::Eq {
        out.stop(Stop::Trap, 0, pc);
        return Ok(());
    }
    let test = out.temp();
    out.emit(Op::SetCmp { pred, width, dst: test, a, b });
    out.emit(trap_unless_zero(test));
    Ok(())
}

/// RDHWR, as far as it reads the thread pointer. The rest came with release 2.
pub fn special3(cx: &mut Cx<'_>) -> Lifted {
    const RDHWR: u32 = 59;
    const THREAD_POINTER: u8 = 29;
    match (cx.insn.function(), cx.insn.rd_number()) {
        (RDHWR, THREAD_POINTER) => cx.copy(cx.insn.rt_out(), USER_LOCAL),
        (RDHWR, _) => Err(Gap::Opcode),
        _ => Err(Gap::Feature("mips32r2")),
    }
}
