//! Floating-point registers to and from memory and each other. A single stands in the upper half of its register.

use rcsim_uop::op::{Mem, Op, Shift};
use rcsim_uop::{BlockBuilder, Reg};

use super::{Cx, W64, access};
use crate::s390x::decode::{Gap, Lifted};
use crate::s390x::regs::f;

/// First bytes 28, 38, 60, 68, 70, 78: LDR, LER, STD, LD, STE, LE.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let (number, other, mem) = (cx.insn.four(8), cx.insn.four(12), cx.insn.indexed());
    match cx.insn.first() {
        0x28 => {
            cx.begin().copy(f(number), f(other));
            Ok(())
        }
        0x38 => {
            let out = cx.begin();
            let value = single(out, f(other));
            put_single(out, f(number), value);
            Ok(())
        }
        first => memory(cx, first, mem),
    }
}

/// LEY, LDY, STEY, STDY: the same with a long displacement.
pub fn long(cx: &mut Cx<'_>) -> Lifted {
    let mem = cx.insn.indexed_long();
    match cx.insn.last() {
        0x64 => memory(cx, 0x78, mem),
        0x65 => memory(cx, 0x68, mem),
        0x66 => memory(cx, 0x70, mem),
        0x67 => memory(cx, 0x60, mem),
        _ => Err(Gap::Opcode),
    }
}

fn memory(cx: &mut Cx<'_>, operation: u8, mem: Mem) -> Lifted {
    let reg = f(cx.insn.four(8));
    match operation {
        0x60 => cx.emit([Op::Store { acc: access(3), src: reg, mem }]),
        0x68 => cx.emit([Op::Load { acc: access(3), dst: reg, mem }]),
        0x70 => {
            let out = cx.begin();
            let value = single(out, reg);
            out.emit(Op::Store { acc: access(2), src: value, mem });
            Ok(())
        }
        _ => {
            let out = cx.begin();
            let value = out.temp();
            out.emit(Op::Load { acc: access(2), dst: value, mem });
            put_single(out, reg, value);
            Ok(())
        }
    }
}

/// The single in a register, as operations want it.
pub fn single(out: &mut BlockBuilder, reg: Reg) -> Reg {
    let value = out.temp();
    out.emit(Op::ShiftImm { op: Shift::Right, width: W64, dst: value, a: reg, amount: 32 });
    value
}

/// Put a single into a register, whose lower half stays.
pub fn put_single(out: &mut BlockBuilder, dst: Reg, value: Reg) {
    out.emit(Op::Deposit { dst, base: dst, src: value, lsb: 32, len: 32 });
}
