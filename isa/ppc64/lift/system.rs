//! Special registers, ordering, traps.

use rcsim_uop::op::{Op, Stop, Width};
use rcsim_uop::reg::ZERO;

use super::Cx;
use crate::ppc64::decode::{Gap, Lifted};
use crate::ppc64::machine::BEYOND;
use crate::ppc64::regs::{CA, CTR, LR, OV, TB, VRSAVE};

const W: Width = Width::W64;
/// Numbers of special registers (Power ISA 2.07, book I, 3.3.17).
const XER: u32 = 1;
const LINK: u32 = 8;
const COUNT: u32 = 9;
const VECTOR_SAVE: u32 = 256;
const TIME_BASE: u32 = 268;
/// Bits of XER.
const SO_BIT: u8 = 31;
const OV_BIT: u8 = 30;
const CA_BIT: u8 = 29;

/// The register's number: its halves are swapped in the word.
const fn number(cx: &Cx<'_>) -> u32 {
    (cx.insn.word >> 16 & 31) | (cx.insn.word >> 11 & 31) << 5
}

/// MFSPR.
pub fn read_special(cx: &mut Cx<'_>) -> Lifted {
    let dst = cx.insn.rt();
    match number(cx) {
        LINK => cx.begin().copy(dst, LR),
        COUNT => cx.begin().copy(dst, CTR),
        VECTOR_SAVE => cx.begin().copy(dst, VRSAVE),
        TIME_BASE => return read_time(cx),
        XER => {
            let out = cx.begin();
            out.emit(Op::Deposit { dst, base: ZERO, src: CA, lsb: CA_BIT, len: 1 });
            out.emit(Op::Deposit { dst, base: dst, src: OV, lsb: OV_BIT, len: 1 });
        }
        _ => return Err(Gap::Opcode),
    }
    Ok(())
}

/// MFTB, an older form of reading the time base.
pub fn read_time(cx: &mut Cx<'_>) -> Lifted {
    if number(cx) != TIME_BASE {
        return Err(Gap::Opcode);
    }
    let dst = cx.insn.rt();
    let out = cx.begin();
    out.add_imm(W, TB, TB, 1);
    out.copy(dst, TB);
    Ok(())
}

/// MTSPR.
pub fn write_special(cx: &mut Cx<'_>) -> Lifted {
    let src = cx.insn.rt();
    match number(cx) {
        LINK => cx.begin().copy(LR, src),
        COUNT => cx.begin().copy(CTR, src),
        VECTOR_SAVE => cx.begin().copy(VRSAVE, src),
        XER => write_xer(cx),
        _ => return Err(Gap::Opcode),
    }
    Ok(())
}

/// Summary overflow is never set here; a program that sets it is told so when it does.
fn write_xer(cx: &mut Cx<'_>) {
    let (src, pc, next) = (cx.insn.rt(), cx.insn.pc, cx.insn.next());
    let out = cx.begin();
    out.emit(Op::Extract { width: W, dst: CA, src, lsb: CA_BIT, len: 1, signed: false });
    out.emit(Op::Extract { width: W, dst: OV, src, lsb: OV_BIT, len: 1, signed: false });
    out.end(Op::BranchBit { a: src, bit: SO_BIT, set: true }, &[pc + BEYOND, next]);
}

/// SYNC and LWSYNC.
pub fn synchronize(cx: &mut Cx<'_>) -> Lifted {
    cx.emit([Op::Fence])
}

/// TW and TD, as far as they always trap.
pub fn trap(cx: &mut Cx<'_>) -> Lifted {
    const ALWAYS: u8 = 31;
    if cx.insn.t() != ALWAYS {
        return Err(Gap::Opcode);
    }
    let pc = cx.insn.pc;
    cx.begin().stop(Stop::Breakpoint, 0, pc);
    Ok(())
}
