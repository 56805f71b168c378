//! System calls, breakpoints, access registers, the clock, and what the CPU says about itself.

use rcsim_uop::op::{Op, Shift, Stop};
use rcsim_uop::reg::ZERO;

use super::operand::{Operand, address};
use super::{Cx, W32, W64, access, divide, place};
use crate::s390x::decode::{Gap, Lifted};
use crate::s390x::helpers;
use crate::s390x::regs::{self, CC, CLOCK};

/// The halfwords 0, which Go's UNDEF is made of, and 1, its breakpoint.
pub fn undefined(cx: &mut Cx<'_>) -> Lifted {
    let (why, pc) = match cx.insn.second() {
        0 => (Stop::Undefined, cx.insn.pc),
        1 => (Stop::Breakpoint, cx.insn.next()),
        _ => return Err(Gap::Opcode),
    };
    cx.begin().stop(why, 0, pc);
    Ok(())
}

/// SVC.
pub fn supervisor_call(cx: &mut Cx<'_>) -> Lifted {
    let (number, next) = (u32::from(cx.insn.second()), cx.insn.next());
    cx.begin().stop(Stop::Syscall, number, next);
    Ok(())
}

/// First byte B2.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src) = (cx.insn.r(24), cx.insn.r(28));
    match cx.insn.second() {
        // STCK and STCKF.
        0x05 | 0x7c => store_clock(cx),
        0x22 => condition_code(cx),
        0x4e => {
            let (access, src) = (regs::access(cx.insn.four(24)), src);
            cx.emit([Op::Extract { width: W64, dst: access, src, lsb: 0, len: 32, signed: false }])
        }
        0x4f => {
            let access = regs::access(cx.insn.four(28));
            place(cx.begin(), W32, dst, access);
            Ok(())
        }
        0x52 => divide::multiply_single(cx, W32, dst, Operand::Reg(src)),
        0x5e => cx.emit([helpers::call(helpers::SEARCH, dst, src, ZERO, 0)]),
        0xb0 => {
            let mem = cx.insn.base(16);
            let out = cx.begin();
            let to = address(out, mem);
            out.emit(helpers::call(helpers::FACILITIES, to, ZERO, ZERO, 0));
            Ok(())
        }
        _ => Err(Gap::Opcode),
    }
}

/// The clock is set: condition code 0.
fn store_clock(cx: &mut Cx<'_>) -> Lifted {
    let mem = cx.insn.base(16);
    cx.emit([
        Op::AddImm { width: W64, dst: CLOCK, a: CLOCK, imm: 1 },
        Op::Store { acc: access(3), src: CLOCK, mem },
        Op::Const { dst: CC, value: 0 },
    ])
}

/// IPM: the condition code, and a program mask that is all zero, into bits 32 to 39.
fn condition_code(cx: &mut Cx<'_>) -> Lifted {
    let dst = cx.insn.r(24);
    let out = cx.begin();
    let code = out.temp();
    out.emit(Op::ShiftImm { op: Shift::Left, width: W64, dst: code, a: CC, amount: 4 });
    out.emit(Op::Deposit { dst, base: dst, src: code, lsb: 24, len: 8 });
    Ok(())
}
