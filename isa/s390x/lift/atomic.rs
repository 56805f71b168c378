//! Interlocked updates: CS, CSG, LAA, LAN, LAO, LAX and their 64-bit forms.

use rcsim_uop::op::{Mem, Op, Pred, Rmw, Width};

use super::arith::{self, Alu, logic_code, plain, sum_code};
use super::operand::address;
use super::{Cx, W32, W64, access, place};
use crate::s390x::decode::{Gap, Lifted};
use crate::s390x::helpers::Sum;
use crate::s390x::regs::CC;

/// CS, CSY, CSG: when memory equals R1 it becomes R3, else R1 becomes memory.
pub fn compare_and_swap(cx: &mut Cx<'_>, width: Width, mem: Mem) -> Lifted {
    let (expected, new) = (cx.insn.r(8), cx.insn.r(12));
    let log2 = if width == W64 { 3 } else { 2 };
    let out = cx.begin();
    let (base, old) = (address(out, mem), out.temp());
    let wanted = if width == W64 {
        expected
    } else {
        let low = out.temp();
        out.emit(Op::Extract { width: W64, dst: low, src: expected, lsb: 0, len: 32, signed: false });
        low
    };
    out.emit(Op::CompareSwap { acc: access(log2).aligned(), dst: old, base, expected: wanted, new });
    out.emit(Op::SetCmp { pred: Pred::Ne, width, dst: CC, a: old, b: expected });
    place(out, width, expected, old);
    Ok(())
}

/// LAA and kin: R1 becomes what memory was; the condition code is that of what it is then.
pub fn fetch(cx: &mut Cx<'_>, mem: Mem) -> Lifted {
    let (width, log2) = if cx.insn.last() < 0xf0 { (W64, 3) } else { (W32, 2) };
    let (op, alu) = match cx.insn.last() & 15 {
        0x4 => (Rmw::And, Alu::And),
        0x6 => (Rmw::Or, Alu::Or),
        0x7 => (Rmw::Xor, Alu::Xor),
        0x8 => (Rmw::Add, arith::ADD),
        0xa => (Rmw::Add, arith::ADD_LOGICAL),
        _ => return Err(Gap::Opcode),
    };
    let (dst, src) = (cx.insn.r(8), cx.insn.r(12));
    let out = cx.begin();
    let (base, old) = (address(out, mem), out.temp());
    out.emit(Op::AtomicRmw { op, acc: access(log2).aligned(), dst: old, base, src });
    match alu {
        Alu::Sum(sum @ (Sum::Add | Sum::AddLogical)) => sum_code(out, sum, width, old, src),
        _ => {
            let now = out.temp();
            out.emit(plain(alu, width, now, old, src));
            logic_code(out, width, now);
        }
    }
    place(out, width, dst, old);
    Ok(())
}
