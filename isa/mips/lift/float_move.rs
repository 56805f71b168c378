//! Moves of floating-point registers: to and from general registers and memory.
//!
//! A 32-bit value takes the low half of a 64-bit register and leaves the rest of it alone, which the manual leaves open.

use rcsim_uop::op::{Op, Width};
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use crate::mips::decode::{Gap, Lifted};
use crate::mips::mode::Mode;
use crate::mips::regs::f;

/// Put a 32-bit value into register `n`: `make` computes it into the register that it is given.
pub fn put_single(out: &mut BlockBuilder, mode: Mode, n: u8, make: impl FnOnce(&mut BlockBuilder, Reg)) {
    if !mode.wide {
        return make(out, f(n));
    }
    let value = out.temp();
    make(out, value);
    out.emit(Op::Deposit { dst: f(n), base: f(n), src: value, lsb: 0, len: 32 });
}

/// Put a 64-bit value into register `n`, or into a pair.
pub fn put_double(out: &mut BlockBuilder, mode: Mode, n: u8, make: impl FnOnce(&mut BlockBuilder, Reg)) {
    if mode.wide {
        return make(out, f(n));
    }
    let value = out.temp();
    make(out, value);
    for (dst, lsb) in [(f(n), 0), (f(n + 1), 32)] {
        out.emit(Op::Extract { width: Width::W32, dst, src: value, lsb, len: 32, signed: false });
    }
}

/// A register that holds the 64-bit value of register `n`, or of a pair.
pub fn double(out: &mut BlockBuilder, mode: Mode, n: u8) -> Reg {
    if mode.wide {
        return f(n);
    }
    let value = out.temp();
    out.emit(Op::Deposit { dst: value, base: f(n), src: f(n + 1), lsb: 32, len: 32 });
    value
}

/// Fails on an odd register where a pair is needed.
pub const fn pair(mode: Mode, n: u8) -> Lifted {
    if mode.wide || n.is_multiple_of(2) { Ok(()) } else { Err(Gap::Opcode) }
}

/// MFC1, DMFC1, MTC1, DMTC1.
pub fn general(cx: &mut Cx<'_>) -> Lifted {
    let n = cx.insn.rd_number();
    let (mode, dst, src) = (cx.mode, cx.insn.rt_out(), cx.insn.rt());
    match cx.insn.rs_number() {
        0 if mode.wide => {
            cx.emit(Op::Extract { width: Width::W64, dst, src: f(n), lsb: 0, len: 32, signed: true })
        }
        0 => cx.copy(dst, f(n)),
        4 if mode.wide => cx.emit(Op::Deposit { dst: f(n), base: f(n), src, lsb: 0, len: 32 }),
        4 => cx.copy(f(n), src),
        1 => {
            cx.needs_wide()?;
            cx.copy(dst, f(n))
        }
        _ => {
            cx.needs_wide()?;
            cx.copy(f(n), src)
        }
    }
}

/// LWC1, LDC1, SWC1, SDC1.
pub fn memory(cx: &mut Cx<'_>) -> Lifted {
    const DOUBLE: u32 = 4;
    const STORES: u32 = 8;
    let (mode, mem, n) = (cx.mode, cx.address(), cx.insn.rt_number());
    let is_double = cx.insn.opcode() & DOUBLE != 0;
    let stores = cx.insn.opcode() & STORES != 0;
    if is_double {
        pair(mode, n)?;
    }
    let acc = mode.access(if is_double { 3 } else { 2 });
    let out = cx.begin();
    match (stores, is_double) {
        (false, false) => put_single(out, mode, n, |out, dst| out.emit(Op::Load { acc, dst, mem })),
        (false, true) => put_double(out, mode, n, |out, dst| out.emit(Op::Load { acc, dst, mem })),
        (true, false) => out.emit(Op::Store { acc, src: f(n), mem }),
        (true, true) => {
            let src = double(out, mode, n);
            out.emit(Op::Store { acc, src, mem });
        }
    }
    Ok(())
}
