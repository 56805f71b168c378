//! Operations on memory with an immediate: formats SI, SIY (first byte EB) and SIL (E5).

use rcsim_uop::BlockBuilder;
use rcsim_uop::op::{Mem, Op, Width};

use super::arith::{self, Alu};
use super::operand::{Operand, address};
use super::{Cx, W32, W64, access, order};
use crate::s390x::decode::{Gap, Lifted};
use crate::s390x::helpers::{self, Sum};
use crate::s390x::regs::CC;

/// First bytes 91 to 97: TM, MVI, NI, CLI, OI, XI.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    byte(cx, cx.insn.first(), cx.insn.base(16))
}

/// The same with a long displacement, and ASI, AGSI, ALSI, ALGSI.
pub fn long(cx: &mut Cx<'_>, mem: Mem) -> Lifted {
    match cx.insn.last() {
        last @ 0x51..=0x57 => byte(cx, 0x40 | last, mem),
        0x6a => add(cx, W32, Sum::Add, mem),
        0x6e => add(cx, W32, Sum::AddLogical, mem),
        0x7a => add(cx, W64, Sum::Add, mem),
        0x7e => add(cx, W64, Sum::AddLogical, mem),
        _ => Err(Gap::Opcode),
    }
}

/// The forms with a long displacement (51 TMY, 52 MVIY, ...) have the low six bits of the short ones (91, 92, ...).
fn byte(cx: &mut Cx<'_>, operation: u8, mem: Mem) -> Lifted {
    let imm = cx.insn.field(8, 8);
    match operation & 0x1f {
        0x11 => test(cx, mem, imm),
        0x12 => cx.emit([Op::StoreImm { acc: access(0), mem, imm: imm as i32 }]),
        0x14 => logic(cx, Alu::And, mem, imm),
        0x15 => compare_byte(cx, mem, imm),
        0x16 => logic(cx, Alu::Or, mem, imm),
        0x17 => logic(cx, Alu::Xor, mem, imm),
        _ => Err(Gap::Opcode),
    }
}

/// TM: mixed bits give 1 whichever is leftmost, unlike those of a register.
fn test(cx: &mut Cx<'_>, mem: Mem, imm: u64) -> Lifted {
    use rcsim_uop::op::Pred;
    let out = cx.begin();
    let value = Operand::memory(mem, 0, false).read(out);
    let (all, some) = (out.temp(), out.temp());
    out.emit(Op::AndImm { width: W64, dst: value, a: value, imm });
    out.emit(Op::SetCmpImm { pred: Pred::Ne, width: W64, dst: some, a: value, imm: 0 });
    // With an empty mask all bits are zero.
    out.emit(Op::SetCmpImm { pred: Pred::Eq, width: W64, dst: all, a: value, imm: imm as i64 });
    out.emit(Op::And { width: W64, dst: all, a: all, b: some });
    out.emit(Op::Lea { width: W64, dst: CC, mem: Mem::indexed(some, all, 1, 0) });
    Ok(())
}

fn logic(cx: &mut Cx<'_>, op: Alu, mem: Mem, imm: u64) -> Lifted {
    let out = cx.begin();
    let value = Operand::memory(mem, 0, false).read(out);
    out.emit(match op {
        Alu::And => Op::AndImm { width: W64, dst: value, a: value, imm },
        Alu::Or => Op::OrImm { width: W64, dst: value, a: value, imm },
        _ => Op::XorImm { width: W64, dst: value, a: value, imm },
    });
    out.emit(Op::Store { acc: access(0), src: value, mem });
    arith::logic_code(out, W32, value);
    Ok(())
}

fn compare_byte(cx: &mut Cx<'_>, mem: Mem, imm: u64) -> Lifted {
    let b = Operand::Imm(imm as i64);
    let out = cx.begin();
    compare(out, W32, false, Operand::memory(mem, 0, false), b);
    Ok(())
}

fn compare(out: &mut BlockBuilder, width: Width, signed: bool, a: Operand, b: Operand) {
    let (a, b) = (a.read(out), b.read(out));
    out.emit(order(width, signed, a, b));
}

/// ASI and kin: one action, since the CPU has interlocked access.
fn add(cx: &mut Cx<'_>, width: Width, sum: Sum, mem: Mem) -> Lifted {
    let imm = Operand::Imm(cx.insn.signed(8, 8));
    let acc = access(if width == W64 { 3 } else { 2 });
    let out = cx.begin();
    let (base, src, old) = (address(out, mem), out.temp(), out.temp());
    imm.read_into(out, src);
    out.emit(Op::AtomicRmw { op: rcsim_uop::op::Rmw::Add, acc, dst: old, base, src });
    out.emit(helpers::call(helpers::SUM_CODE, CC, old, src, sum.of(width == W32)));
    Ok(())
}

/// First byte E5: MVHHI, MVGHI, MVHI and comparisons.
pub fn word(cx: &mut Cx<'_>) -> Lifted {
    let (mem, signed, unsigned) = (cx.insn.base(16), cx.insn.signed(32, 16), cx.insn.field(32, 16) as i64);
    let (width, log2, is_signed) = match cx.insn.second() {
        0x44 => return store(cx, 1, mem, signed),
        0x48 => return store(cx, 3, mem, signed),
        0x4c => return store(cx, 2, mem, signed),
        0x54 => (W32, 1, true),
        0x55 => (W32, 1, false),
        0x58 => (W64, 3, true),
        0x59 => (W64, 3, false),
        0x5c => (W32, 2, true),
        0x5d => (W32, 2, false),
        _ => return Err(Gap::Opcode),
    };
    let imm = Operand::Imm(if is_signed { signed } else { unsigned });
    compare(cx.begin(), width, is_signed, Operand::memory(mem, log2, is_signed), imm);
    Ok(())
}

fn store(cx: &mut Cx<'_>, log2: u8, mem: Mem, imm: i64) -> Lifted {
    cx.emit([Op::StoreImm { acc: access(log2), mem, imm: imm as i32 }])
}
