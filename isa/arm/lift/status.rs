//! The program status register, hints, and instructions that stop the guest.

use rcsim_uop::op::{Op, Stop};
use rcsim_uop::reg::ZERO;

use super::Cx;
use super::operand::constant;
use crate::arm::decode::{Gap, Lifted, Second, When};
use crate::arm::helpers::{read_flags_op, write_flags_op};

/// Mode of user programs in the status register's lowest bits.
const USER_MODE: u64 = 0x10;

/// MRS and MSR of a register.
pub fn lift(cx: &mut Cx<'_>, writes: bool) -> Lifted {
    let saved = cx.insn.bit(22);
    if saved || cx.insn.bit(9) {
        return Err(Gap::Opcode);
    }
    if writes { write(cx) } else { read(cx) }
}

fn read(cx: &mut Cx<'_>) -> Lifted {
    let dst = cx.general(12)?;
    let out = cx.begin();
    out.emit(read_flags_op(dst));
    out.emit(Op::OrImm { width: rcsim_uop::op::Width::W32, dst, a: dst, imm: USER_MODE });
    Ok(())
}

/// Whether an MSR changes the flags: of what else it can name, user programs change nothing that is modelled.
const fn writes_flags(cx: &Cx<'_>) -> bool {
    cx.insn.bit(19)
}

fn write(cx: &mut Cx<'_>) -> Lifted {
    let src = cx.general(0)?;
    if writes_flags(cx) { cx.emit(write_flags_op(src)) } else { cx.nothing() }
}

/// Hints, which do nothing here, and MSR of a constant.
pub fn hint_or_write(cx: &mut Cx<'_>) -> Lifted {
    if cx.insn.bit(22) {
        return Err(Gap::Opcode);
    }
    if cx.insn.field(16, 4) == 0 {
        return cx.nothing();
    }
    let Second::Constant(value, _) = cx.insn.rotated() else { return Err(Gap::Opcode) };
    if !writes_flags(cx) {
        return cx.nothing();
    }
    cx.begin();
    let src = constant(cx.out, u64::from(value));
    cx.out.emit(write_flags_op(if value == 0 { ZERO } else { src }));
    Ok(())
}

fn stop(cx: &mut Cx<'_>, why: Stop, code: u32) -> Lifted {
    if let When::If(_) = cx.insn.when() {
        return Err(Gap::Opcode);
    }
    let next = cx.insn.next();
    cx.begin().stop(why, code, next);
    Ok(())
}

/// SVC.
pub fn system_call(cx: &mut Cx<'_>) -> Lifted {
    let code = cx.insn.field(0, 24);
    stop(cx, Stop::Syscall, code)
}

/// BKPT.
pub fn breakpoint(cx: &mut Cx<'_>) -> Lifted {
    let code = cx.insn.field(8, 12) << 4 | cx.insn.field(0, 4);
    stop(cx, Stop::Breakpoint, code)
}

/// UDF.
pub fn undefined(cx: &mut Cx<'_>) -> Lifted {
    let code = cx.insn.field(8, 12) << 4 | cx.insn.field(0, 4);
    stop(cx, Stop::Undefined, code)
}

/// What Go's assembler puts where control must never come: outside of all encodings.
pub fn never_comes_here(cx: &mut Cx<'_>) -> Lifted {
    stop(cx, Stop::Undefined, 0)
}
