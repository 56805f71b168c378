//! Ordering, system calls, breakpoints, clocks, configuration.

use rcsim_uop::BlockBuilder;
use rcsim_uop::op::{Op, Stop, Width};
use rcsim_uop::reg::SINK;

use super::Cx;
use crate::loong::decode::Lifted;
use crate::loong::helpers;
use crate::loong::regs::{COUNTER, r_out};

const LONG: Width = Width::W64;

/// DBAR and IBAR.
pub fn fence(cx: &mut Cx<'_>) -> Lifted {
    cx.begin().emit(Op::Fence);
    Ok(())
}

/// SYSCALL.
pub fn call(cx: &mut Cx<'_>) -> Lifted {
    let (code, next) = (cx.insn.word & 0x7fff, cx.insn.next());
    cx.begin().stop(Stop::Syscall, code, next);
    Ok(())
}

/// BREAK, which Go also puts where control must not come.
pub fn breakpoint(cx: &mut Cx<'_>) -> Lifted {
    let (code, pc) = (cx.insn.word & 0x7fff, cx.insn.pc);
    cx.begin().stop(Stop::Breakpoint, code, pc);
    Ok(())
}

/// Announce, let the clock tick, and give the number of the clock, which is zero, to the second register.
fn tick<'a>(cx: &'a mut Cx<'_>) -> (&'a mut BlockBuilder, rcsim_uop::Reg) {
    let (dst, number) = (cx.insn.rd_out(), r_out(cx.insn.j()));
    let out = cx.begin();
    out.add_imm(LONG, COUNTER, COUNTER, 1);
    if number != SINK {
        out.constant(number, 0);
    }
    (out, dst)
}

/// RDTIME.D.
pub fn time(cx: &mut Cx<'_>) -> Lifted {
    let (out, dst) = tick(cx);
    out.copy(dst, COUNTER);
    Ok(())
}

/// RDTIMEL.W and RDTIMEH.W.
pub fn time_half(cx: &mut Cx<'_>, high: bool) -> Lifted {
    let (out, dst) = tick(cx);
    if dst != SINK {
        let lsb = if high { 32 } else { 0 };
        out.emit(Op::Extract { width: LONG, dst, src: COUNTER, lsb, len: 32, signed: true });
    }
    Ok(())
}

/// CPUCFG.
pub fn configuration(cx: &mut Cx<'_>) -> Lifted {
    let (src, features) = (cx.insn.rj(), cx.features);
    cx.result(|out, dst| out.emit(helpers::cpucfg(dst, src, features)))
}
