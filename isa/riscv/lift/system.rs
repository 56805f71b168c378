//! Ordering, environment calls, breakpoints, control and status registers.

use rcsim_uop::op::{Op, Stop, Width};

use super::Cx;
use super::integer::into_rd;
use crate::riscv::decode::{Gap, Lifted};
use crate::riscv::regs::COUNTER;
use crate::riscv::table::CsrAction;

/// Rounding mode.
const FRM: u32 = 2;
/// Counters of cycles, time and instructions.
const COUNTERS: std::ops::RangeInclusive<u32> = 0xc00..=0xc02;

/// FENCE and FENCE.I.
pub fn fence(cx: &mut Cx<'_>) -> Lifted {
    cx.begin().emit(Op::Fence);
    Ok(())
}

/// ECALL.
pub fn environment_call(cx: &mut Cx<'_>) -> Lifted {
    let next = cx.insn.next();
    cx.begin().stop(Stop::Syscall, 0, next);
    Ok(())
}

/// EBREAK, which Go also puts where control must not come.
pub fn breakpoint(cx: &mut Cx<'_>) -> Lifted {
    let pc = cx.insn.pc;
    cx.begin().stop(Stop::Breakpoint, 0, pc);
    Ok(())
}

/// Reading a counter, or the rounding mode, which is always to nearest. Nothing can be written, and the exception bits
/// are not modelled: Go touches neither. CSRRS and CSRRC with operand zero only read.
pub fn csr(cx: &mut Cx<'_>, action: CsrAction, operand: u8) -> Lifted {
    if action == CsrAction::Write || operand != 0 {
        return Err(Gap::Shape);
    }
    match cx.insn.csr() {
        csr if COUNTERS.contains(&csr) => into_rd(cx, |out, dst| {
            out.add_imm(Width::W64, COUNTER, COUNTER, 1);
            out.copy(dst, COUNTER);
        }),
        FRM => into_rd(cx, |out, dst| out.constant(dst, 0)),
        _ => Err(Gap::Shape),
    }
}
