//! Instructions with one operand in memory: formats RX (four bytes), RXY (first byte E3), RIL (C4).

use rcsim_uop::Reg;
use rcsim_uop::op::{Mem, Op, Width};

use super::arith::{self, ADD, ADD_LOGICAL, Alu, SUB, SUB_LOGICAL, binary};
use super::divide::{self, Double};
use super::operand::{Operand, address_into};
use super::register::load;
use super::{Cx, W32, W64, access, compare, place};
use crate::s390x::decode::{Gap, Lifted};
use crate::s390x::helpers::Dividend;

const fn byte(mem: Mem) -> Operand {
    Operand::memory(mem, 0, false)
}

const fn half(mem: Mem) -> Operand {
    Operand::memory(mem, 1, true)
}

const fn word(mem: Mem) -> Operand {
    Operand::memory(mem, 2, false)
}

const fn double(mem: Mem) -> Operand {
    Operand::memory(mem, 3, false)
}

/// First bytes 40 to 5F and 71.
pub fn short(cx: &mut Cx<'_>) -> Lifted {
    let (r, mem) = (cx.insn.r(8), cx.insn.indexed());
    match cx.insn.first() {
        0x40 => store(cx, 1, mem),
        0x41 => address(cx, mem),
        0x42 => store(cx, 0, mem),
        0x43 => insert_byte(cx, mem),
        0x48 => load(cx, W32, r, half(mem)),
        0x49 => compare::compare(cx, W32, true, r, half(mem)),
        0x4a => binary(cx, ADD, W32, r, r, half(mem)),
        0x4b => binary(cx, SUB, W32, r, r, half(mem)),
        0x4c => divide::multiply_single(cx, W32, r, half(mem)),
        0x50 => store(cx, 2, mem),
        0x54 => binary(cx, Alu::And, W32, r, r, word(mem)),
        0x55 => compare::compare(cx, W32, false, r, word(mem)),
        0x56 => binary(cx, Alu::Or, W32, r, r, word(mem)),
        0x57 => binary(cx, Alu::Xor, W32, r, r, word(mem)),
        0x58 => load(cx, W32, r, word(mem)),
        0x59 => compare::compare(cx, W32, true, r, word(mem)),
        0x5a => binary(cx, ADD, W32, r, r, word(mem)),
        0x5b => binary(cx, SUB, W32, r, r, word(mem)),
        0x5c => divide::multiply(cx, 8, Double::SignedWords, word(mem)),
        0x5d => divide::divide_words(cx, 8, Dividend::SignedWords, word(mem)),
        0x5e => binary(cx, ADD_LOGICAL, W32, r, r, word(mem)),
        0x5f => binary(cx, SUB_LOGICAL, W32, r, r, word(mem)),
        0x71 => divide::multiply_single(cx, W32, r, word(mem)),
        _ => Err(Gap::Opcode),
    }
}

/// LA and LAY.
fn address(cx: &mut Cx<'_>, mem: Mem) -> Lifted {
    let dst = cx.insn.r(8);
    address_into(cx.begin(), dst, mem);
    Ok(())
}

fn store(cx: &mut Cx<'_>, log2: u8, mem: Mem) -> Lifted {
    let src = cx.insn.r(8);
    cx.emit([Op::Store { acc: access(log2), src, mem }])
}

/// STRVG, STRV, STRVH: the least significant byte first.
fn store_reversed(cx: &mut Cx<'_>, log2: u8, mem: Mem) -> Lifted {
    let src = cx.insn.r(8);
    cx.emit([Op::Store { acc: rcsim_uop::op::Access::little(log2), src, mem }])
}

/// LRVG, LRV, LRVH.
fn load_reversed(cx: &mut Cx<'_>, log2: u8, mem: Mem) -> Lifted {
    let dst = cx.insn.r(8);
    let out = cx.begin();
    let value = if log2 == 3 { dst } else { out.temp() };
    out.emit(Op::Load { acc: rcsim_uop::op::Access::little(log2), dst: value, mem });
    if log2 != 3 {
        out.emit(Op::Deposit { dst, base: dst, src: value, lsb: 0, len: 8 << log2 });
    }
    Ok(())
}

/// IC and ICY: into the lowest byte.
fn insert_byte(cx: &mut Cx<'_>, mem: Mem) -> Lifted {
    let dst = cx.insn.r(8);
    let out = cx.begin();
    let value = byte(mem).read(out);
    out.emit(Op::Deposit { dst, base: dst, src: value, lsb: 0, len: 8 });
    Ok(())
}

/// LLGT: 31 bits.
fn load_31(cx: &mut Cx<'_>, mem: Mem) -> Lifted {
    let dst = cx.insn.r(8);
    cx.emit([
        Op::Load { acc: access(2), dst, mem },
        Op::AndImm { width: W64, dst, a: dst, imm: 0x7fff_ffff },
    ])
}

/// First byte E3, by the last byte.
pub fn long(cx: &mut Cx<'_>) -> Lifted {
    let (r, mem) = (cx.insn.r(8), cx.insn.indexed_long());
    let row = cx.insn.last() >> 4;
    match row {
        0..=4 => long_low(cx, r, mem),
        5..=7 => long_words(cx, r, mem),
        _ => long_high(cx, r, mem),
    }
}

/// Rows 0 to 4: mostly 64 bits, and their counterparts with a word or halfword in memory.
fn long_low(cx: &mut Cx<'_>, r: Reg, mem: Mem) -> Lifted {
    let signed_word = Operand::memory(mem, 2, true);
    match cx.insn.last() {
        0x02 => arith::load_and_test(cx, W64, r, double(mem)),
        0x04 => load(cx, W64, r, double(mem)),
        0x08 => binary(cx, ADD, W64, r, r, double(mem)),
        0x09 => binary(cx, SUB, W64, r, r, double(mem)),
        0x0a => binary(cx, ADD_LOGICAL, W64, r, r, double(mem)),
        0x0b => binary(cx, SUB_LOGICAL, W64, r, r, double(mem)),
        0x0c => divide::multiply_single(cx, W64, r, double(mem)),
        0x0d => divide::divide_single(cx, 8, double(mem)),
        0x0f => load_reversed(cx, 3, mem),
        0x12 => arith::load_and_test(cx, W32, r, word(mem)),
        0x14 => load(cx, W64, r, signed_word),
        0x15 => load(cx, W64, r, half(mem)),
        0x16 => load(cx, W64, r, word(mem)),
        0x17 => load_31(cx, mem),
        0x18 => binary(cx, ADD, W64, r, r, signed_word),
        0x19 => binary(cx, SUB, W64, r, r, signed_word),
        0x1a => binary(cx, ADD_LOGICAL, W64, r, r, word(mem)),
        0x1b => binary(cx, SUB_LOGICAL, W64, r, r, word(mem)),
        0x1c => divide::multiply_single(cx, W64, r, signed_word),
        0x1d => divide::divide_single(cx, 8, signed_word),
        0x1e => load_reversed(cx, 2, mem),
        0x1f => load_reversed(cx, 1, mem),
        0x20 => compare::compare(cx, W64, true, r, double(mem)),
        0x21 => compare::compare(cx, W64, false, r, double(mem)),
        0x24 => store(cx, 3, mem),
        0x2f => store_reversed(cx, 3, mem),
        0x30 => compare::compare(cx, W64, true, r, signed_word),
        0x31 => compare::compare(cx, W64, false, r, word(mem)),
        0x32 => arith::load_and_test(cx, W64, r, signed_word),
        0x34 => compare::compare(cx, W64, true, r, half(mem)),
        // PFD.
        0x36 => cx.nothing(),
        0x3e => store_reversed(cx, 2, mem),
        0x3f => store_reversed(cx, 1, mem),
        _ => Err(Gap::Opcode),
    }
}

/// Rows 5 to 7: the counterparts of format RX.
fn long_words(cx: &mut Cx<'_>, r: Reg, mem: Mem) -> Lifted {
    match cx.insn.last() {
        0x50 => store(cx, 2, mem),
        0x51 => divide::multiply_single(cx, W32, r, word(mem)),
        0x54 => binary(cx, Alu::And, W32, r, r, word(mem)),
        0x55 => compare::compare(cx, W32, false, r, word(mem)),
        0x56 => binary(cx, Alu::Or, W32, r, r, word(mem)),
        0x57 => binary(cx, Alu::Xor, W32, r, r, word(mem)),
        0x58 => load(cx, W32, r, word(mem)),
        0x59 => compare::compare(cx, W32, true, r, word(mem)),
        0x5a => binary(cx, ADD, W32, r, r, word(mem)),
        0x5b => binary(cx, SUB, W32, r, r, word(mem)),
        0x5c => divide::multiply(cx, 8, Double::SignedWords, word(mem)),
        0x5e => binary(cx, ADD_LOGICAL, W32, r, r, word(mem)),
        0x5f => binary(cx, SUB_LOGICAL, W32, r, r, word(mem)),
        0x70 => store(cx, 1, mem),
        0x71 => address(cx, mem),
        0x72 => store(cx, 0, mem),
        0x73 => insert_byte(cx, mem),
        0x76 => load(cx, W32, r, Operand::memory(mem, 0, true)),
        0x77 => load(cx, W64, r, Operand::memory(mem, 0, true)),
        0x78 => load(cx, W32, r, half(mem)),
        0x79 => compare::compare(cx, W32, true, r, half(mem)),
        0x7a => binary(cx, ADD, W32, r, r, half(mem)),
        0x7b => binary(cx, SUB, W32, r, r, half(mem)),
        0x7c => divide::multiply_single(cx, W32, r, half(mem)),
        _ => Err(Gap::Opcode),
    }
}

/// Rows 8 and 9: logic, long arithmetic, loads of bytes and halfwords.
fn long_high(cx: &mut Cx<'_>, r: Reg, mem: Mem) -> Lifted {
    let unsigned_half = Operand::memory(mem, 1, false);
    match cx.insn.last() {
        0x80 => binary(cx, Alu::And, W64, r, r, double(mem)),
        0x81 => binary(cx, Alu::Or, W64, r, r, double(mem)),
        0x82 => binary(cx, Alu::Xor, W64, r, r, double(mem)),
        0x86 => divide::multiply(cx, 8, Double::Doublewords, double(mem)),
        0x87 => divide::divide_doublewords(cx, 8, double(mem)),
        0x88 => arith::add_with_carry(cx, W64, r, double(mem)),
        0x89 => arith::subtract_with_borrow(cx, W64, r, double(mem)),
        0x90 => load(cx, W64, r, byte(mem)),
        0x91 => load(cx, W64, r, unsigned_half),
        0x94 => load(cx, W32, r, byte(mem)),
        0x95 => load(cx, W32, r, unsigned_half),
        0x96 => divide::multiply(cx, 8, Double::Words, word(mem)),
        0x97 => divide::divide_words(cx, 8, Dividend::Words, word(mem)),
        0x98 => arith::add_with_carry(cx, W32, r, word(mem)),
        0x99 => arith::subtract_with_borrow(cx, W32, r, word(mem)),
        _ => Err(Gap::Opcode),
    }
}

/// First byte C4: the address is relative to the instruction.
pub fn relative(cx: &mut Cx<'_>) -> Lifted {
    let (width, log2, signed, stores): (Width, u8, bool, bool) = match cx.insn.extension() {
        0x2 => (W32, 1, false, false),
        0x4 => (W64, 1, true, false),
        0x5 => (W32, 1, true, false),
        0x6 => (W64, 1, false, false),
        0x7 => (W32, 1, false, true),
        0x8 => (W64, 3, false, false),
        0xb => (W64, 3, false, true),
        0xc => (W64, 2, true, false),
        0xd => (W32, 2, false, false),
        0xe => (W64, 2, false, false),
        0xf => (W32, 2, false, true),
        _ => return Err(Gap::Opcode),
    };
    let (r, at) = (cx.insn.r(8), cx.insn.relative(16, 32));
    let out = cx.begin();
    let (base, disp) = base_of(out, at);
    let mem = Mem::at(base, disp);
    if stores {
        out.emit(Op::Store { acc: access(log2), src: r, mem });
    } else if width == W64 {
        Operand::memory(mem, log2, signed).read_into(out, r);
    } else {
        let value = Operand::memory(mem, log2, signed).read(out);
        place(out, width, r, value);
    }
    Ok(())
}

/// A base and a displacement for a fixed address; most are low enough to need no base.
fn base_of(out: &mut rcsim_uop::BlockBuilder, at: u64) -> (Reg, i32) {
    if let Ok(disp) = i32::try_from(at) {
        return (rcsim_uop::reg::ZERO, disp);
    }
    let base = out.temp();
    out.constant(base, at);
    (base, 0)
}
