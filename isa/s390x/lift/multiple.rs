//! First byte EB, and loads and stores of several registers.

use rcsim_uop::op::{Mem, Op, Writeback};
use rcsim_uop::{BlockBuilder, Reg};

use super::operand::address;
use super::{Cx, W32, W64, access, atomic, place, select, shift, storage_immediate};
use crate::s390x::decode::{Gap, Lifted};
use crate::s390x::regs;

/// First bytes 90, 98, 9A, 9B: STM, LM, LAM, STAM.
pub fn short(cx: &mut Cx<'_>) -> Lifted {
    let mem = cx.insn.base(16);
    match cx.insn.first() {
        0x90 => store_words(cx, mem, regs::r),
        0x98 => load_words(cx, mem),
        0x9b => store_words(cx, mem, regs::access),
        _ => load_access(cx, mem),
    }
}

/// First byte EB, by the last byte.
pub fn long(cx: &mut Cx<'_>) -> Lifted {
    let mem = cx.insn.base_long();
    match cx.insn.last() {
        0x04 => load_doublewords(cx, mem),
        0x24 => store_doublewords(cx, mem),
        0x90 => store_words(cx, mem, regs::r),
        0x98 => load_words(cx, mem),
        0x9a => load_access(cx, mem),
        0x9b => store_words(cx, mem, regs::access),
        0x0a..=0x0d | 0x1c | 0x1d | 0xdc..=0xdf => shift::long(cx),
        0x14 => atomic::compare_and_swap(cx, W32, mem),
        0x30 => atomic::compare_and_swap(cx, W64, mem),
        0xe4..=0xea | 0xf4..=0xfa => atomic::fetch(cx, mem),
        0x51..=0x57 | 0x6a | 0x6e | 0x7a | 0x7e => storage_immediate::long(cx, mem),
        0xe2 => select::memory(cx, W64, mem, false),
        0xe3 => select::memory(cx, W64, mem, true),
        0xf2 => select::memory(cx, W32, mem, false),
        0xf3 => select::memory(cx, W32, mem, true),
        _ => Err(Gap::Opcode),
    }
}

/// The registers from R1 to R3, which may wrap from 15 to 0.
fn numbers(cx: &Cx<'_>) -> impl Iterator<Item = u8> + use<> {
    let (first, last) = (cx.insn.four(8), cx.insn.four(12));
    let count = (last.wrapping_sub(first) & 15) + 1;
    (0..count).map(move |n| (first + n) & 15)
}

/// Whether two registers stand side by side in the file.
fn neighbours(pair: &[u8]) -> Option<(u8, u8)> {
    match *pair {
        [a, b] if b == a + 1 => Some((a, b)),
        _ => None,
    }
}

/// STMG: two registers in a micro-op where there are two.
fn store_doublewords(cx: &mut Cx<'_>, mem: Mem) -> Lifted {
    let all: Vec<u8> = numbers(cx).collect();
    let out = cx.begin();
    let mut disp = mem.disp;
    for pair in all.chunks(2) {
        let acc = access(3);
        match neighbours(pair) {
            Some((a, b)) => out.emit(Op::StorePair {
                acc,
                src: regs::r(a),
                src2: regs::r(b),
                base: mem.base,
                disp,
                update: Writeback::None,
            }),
            None => singly(pair, disp, |n, disp| {
                out.emit(Op::Store { acc, src: regs::r(n), mem: Mem::at(mem.base, disp) });
            }),
        }
        disp += 16;
    }
    Ok(())
}

fn singly(pair: &[u8], disp: i32, mut each: impl FnMut(u8, i32)) {
    for (n, disp) in pair.iter().zip((disp..).step_by(8)) {
        each(*n, disp);
    }
}

/// LMG. The base may be among the registers that are loaded.
fn load_doublewords(cx: &mut Cx<'_>, mem: Mem) -> Lifted {
    let all: Vec<u8> = numbers(cx).collect();
    let out = cx.begin();
    let base = steady(out, mem.base, &all);
    let mut disp = mem.disp;
    for pair in all.chunks(2) {
        let acc = access(3);
        match neighbours(pair) {
            Some((a, b)) => out.emit(Op::LoadPair {
                acc,
                dst: regs::r(a),
                dst2: regs::r(b),
                base,
                disp,
                update: Writeback::None,
            }),
            None => singly(pair, disp, |n, disp| {
                out.emit(Op::Load { acc, dst: regs::r(n), mem: Mem::at(base, disp) });
            }),
        }
        disp += 16;
    }
    Ok(())
}

/// A base that the loads do not change.
fn steady(out: &mut BlockBuilder, base: Reg, loaded: &[u8]) -> Reg {
    if !loaded.iter().any(|n| regs::r(*n) == base) {
        return base;
    }
    let copy = out.temp();
    out.copy(copy, base);
    copy
}

/// STM and STAM.
fn store_words(cx: &mut Cx<'_>, mem: Mem, reg: fn(u8) -> Reg) -> Lifted {
    let all: Vec<u8> = numbers(cx).collect();
    let out = cx.begin();
    for (n, disp) in all.into_iter().zip((mem.disp..).step_by(4)) {
        out.emit(Op::Store { acc: access(2), src: reg(n), mem: Mem::at(mem.base, disp) });
    }
    Ok(())
}

/// LM.
fn load_words(cx: &mut Cx<'_>, mem: Mem) -> Lifted {
    let all: Vec<u8> = numbers(cx).collect();
    let out = cx.begin();
    let base = steady(out, mem.base, &all);
    let value = out.temp();
    for (n, disp) in all.into_iter().zip((mem.disp..).step_by(4)) {
        out.emit(Op::Load { acc: access(2), dst: value, mem: Mem::at(base, disp) });
        place(out, W32, regs::r(n), value);
    }
    Ok(())
}

/// LAM.
fn load_access(cx: &mut Cx<'_>, mem: Mem) -> Lifted {
    let all: Vec<u8> = numbers(cx).collect();
    let out = cx.begin();
    let base = address(out, mem);
    for (n, disp) in all.into_iter().zip((0..).step_by(4)) {
        out.emit(Op::Load { acc: access(2), dst: regs::access(n), mem: Mem::at(base, disp) });
    }
    Ok(())
}
