//! Loads and stores of floating-point registers (A7.6).

use rcsim_uop::op::{Access, Mem, Op, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use super::float::{Float, VD, is_double};
use crate::arm::decode::{Gap, Lifted};
use crate::arm::regs::{PC, d, r};

/// VLDR and VSTR: bit 24 set, bit 21 clear; the others move several registers.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    if cx.insn.bit(24) && !cx.insn.bit(21) { one(cx) } else { several(cx) }
}

fn one(cx: &mut Cx<'_>) -> Lifted {
    let (insn, double) = (cx.insn, is_double(cx.insn));
    let distance = 4 * insn.field(0, 8) as i32;
    let disp = if insn.bit(23) { distance } else { -distance };
    let base = insn.number(16);
    cx.begin();
    let mem = if base == PC { literal(cx, disp) } else { Mem::at(r(base), disp) };
    transfer(cx.out, insn.bit(20), Float::named(insn, VD, double), mem);
    Ok(())
}

/// Relative to the program counter, as a multiple of four.
fn literal(cx: &mut Cx<'_>, disp: i32) -> Mem {
    let address = (cx.insn.seen_pc() as u32 & !3).wrapping_add_signed(disp);
    let base: Reg = cx.out.temp();
    match i32::try_from(address) {
        Ok(near) => Mem::at(ZERO, near),
        Err(_) => {
            cx.out.constant(base, u64::from(address));
            Mem::at(base, 0)
        }
    }
}

fn transfer(out: &mut BlockBuilder, loads: bool, register: Float, mem: Mem) {
    let acc = Access::little(if matches!(register, Float::Double(_)) { 3 } else { 2 });
    if loads {
        register.write(out, |out, dst| out.emit(Op::Load { acc, dst, mem }));
    } else {
        let src = register.read(out);
        out.emit(Op::Store { acc, src, mem });
    }
}

/// VLDM and VSTM, VPUSH and VPOP: neighbouring registers, upwards from the base or up to it.
fn several(cx: &mut Cx<'_>) -> Lifted {
    let (insn, double) = (cx.insn, is_double(cx.insn));
    let (up, before, moves) = (insn.bit(23), insn.bit(24), insn.bit(21));
    let base = cx.general(16)?;
    let words = insn.field(0, 8) as u8;
    let first = match Float::named(insn, VD, double) {
        Float::Double(reg) => reg.0 - d(0).0,
        Float::Single(reg, upper) => 2 * (reg.0 - d(0).0) + u8::from(upper),
    };
    let count = if double { words / 2 } else { words };
    // Upwards after, or downwards before with an update; an odd number of words is an old form.
    let odd = double && words % 2 == 1;
    if up == before || (before && !moves) || odd || count == 0 || u32::from(first) + u32::from(count) > 32 {
        return Err(Gap::Opcode);
    }
    if count > 16 {
        return Err(Gap::Opcode);
    }
    let bytes = 4 * i32::from(words);
    let out = cx.begin();
    let start = if up { 0 } else { -bytes };
    let step: i32 = if double { 8 } else { 4 };
    for n in 0..count {
        let register = if double { Float::Double(d(first + n)) } else { Float::single(first + n) };
        transfer(out, insn.bit(20), register, Mem::at(base, start + step * i32::from(n)));
    }
    if moves {
        let imm = i64::from(if up { bytes } else { -bytes });
        out.emit(Op::AddImm { width: Width::W32, dst: base, a: base, imm });
    }
    Ok(())
}
