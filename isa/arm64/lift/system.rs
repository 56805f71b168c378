//! Barriers, hints, system registers and cache maintenance.

use rcsim_uop::flags;
use rcsim_uop::op::{Access, Mem, Op, Width};
use rcsim_uop::reg::SINK;
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::{Opcode, Operand};

use super::Cx;
use crate::arm64::decode::{Gap, Lifted};
use crate::arm64::regs::{CNTVCT_EL0, DIT, FPCR, FPSR, TPIDR_EL0};

/// Barriers order nothing more than the interpreter does; hints and prefetches do nothing.
pub fn barrier(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.opcode {
        Opcode::DMB(_) | Opcode::DSB(_) => {
            cx.begin().emit(Op::Fence);
            Ok(())
        }
        _ => cx.nothing(),
    }
}

/// A system register by its encoding `o0:op1:CRn:CRm:op2`, which are bits 19 to 5 of MRS and MSR.
const fn encoding(op0: u32, op1: u32, crn: u32, crm: u32, op2: u32) -> u32 {
    (op0 & 1) << 14 | op1 << 11 | crn << 7 | crm << 3 | op2
}

const NZCV: u32 = encoding(3, 3, 4, 2, 0);
const FPCR_NUMBER: u32 = encoding(3, 3, 4, 4, 0);
const FPSR_NUMBER: u32 = encoding(3, 3, 4, 4, 1);
const DIT_NUMBER: u32 = encoding(3, 3, 4, 2, 5);
/// Where the register shows the bit.
const DIT_BIT: u32 = 24;
const TPIDR_NUMBER: u32 = encoding(3, 3, 13, 0, 2);
const CNTVCT_NUMBER: u32 = encoding(3, 3, 14, 0, 2);
const CNTFRQ_NUMBER: u32 = encoding(3, 3, 14, 0, 0);
const DCZID_NUMBER: u32 = encoding(3, 3, 0, 0, 7);
const CTR_NUMBER: u32 = encoding(3, 3, 0, 0, 1);
const MIDR_NUMBER: u32 = encoding(3, 0, 0, 0, 0);
const ISAR0_NUMBER: u32 = encoding(3, 0, 0, 6, 0);
const PFR0_NUMBER: u32 = encoding(3, 0, 0, 4, 0);

/// A part that does not exist: implementer 0, architecture by identification registers, part 0.
const MIDR: u64 = 0x000f_0000;
/// DC ZVA clears `4 << 4` bytes.
const DCZID: u64 = 4;
/// Lines of 64 bytes in both caches, virtually indexed physically tagged.
const CTR: u64 = 0x8444_c004;
/// Ticks of the virtual counter in a second; a common choice, and without meaning here.
const CNTFRQ: u64 = 62_500_000;

fn number(cx: &Cx<'_>) -> u32 {
    cx.insn.word >> 5 & 0x7fff
}

/// MRS.
pub fn read(cx: &mut Cx<'_>) -> Lifted {
    let (dst, number, features) = (cx.insn.dst(0)?, number(cx), cx.features);
    let constant = match number {
        DCZID_NUMBER => Some(DCZID),
        CTR_NUMBER => Some(CTR),
        CNTFRQ_NUMBER => Some(CNTFRQ),
        MIDR_NUMBER => Some(MIDR),
        ISAR0_NUMBER => Some(features.isar0()),
        PFR0_NUMBER => Some(features.pfr0()),
        NZCV | FPCR_NUMBER | FPSR_NUMBER | TPIDR_NUMBER | CNTVCT_NUMBER => None,
        DIT_NUMBER if features.dit => None,
        DIT_NUMBER => return Err(Gap::Feature("dit")),
        _ => return Err(Gap::Shape),
    };
    let out = cx.begin();
    match (constant, number) {
        _ if dst == SINK => {}
        (Some(value), _) => out.constant(dst, value),
        (_, NZCV) => read_flags(out, dst),
        (_, FPCR_NUMBER) => out.copy(dst, FPCR),
        (_, FPSR_NUMBER) => out.copy(dst, FPSR),
        (_, TPIDR_NUMBER) => out.copy(dst, TPIDR_EL0),
        (_, DIT_NUMBER) => out.copy(dst, DIT),
        _ => {
            out.add_imm(Width::W64, CNTVCT_EL0, CNTVCT_EL0, 1);
            out.copy(dst, CNTVCT_EL0);
        }
    }
    Ok(())
}

/// Bit of a packed flag and its bit in NZCV.
const FLAG_BITS: [(u8, u8); 4] = [
    (flags::N.trailing_zeros() as u8, 31),
    (flags::Z.trailing_zeros() as u8, 30),
    (flags::C.trailing_zeros() as u8, 29),
    (flags::V.trailing_zeros() as u8, 28),
];

fn read_flags(out: &mut BlockBuilder, dst: Reg) {
    let (packed, flag) = (out.temp(), out.temp());
    out.emit(Op::GetFlags { dst: packed });
    out.constant(dst, 0);
    for (from, to) in FLAG_BITS {
        out.emit(Op::Extract { width: Width::W64, dst: flag, src: packed, lsb: from, len: 1, signed: false });
        out.emit(Op::Deposit { dst, base: dst, src: flag, lsb: to, len: 1 });
    }
}

fn write_flags(out: &mut BlockBuilder, src: Reg) {
    let (packed, flag) = (out.temp(), out.temp());
    out.constant(packed, 0);
    for (to, from) in FLAG_BITS {
        out.emit(Op::Extract { width: Width::W64, dst: flag, src, lsb: from, len: 1, signed: false });
        out.emit(Op::Deposit { dst: packed, base: packed, src: flag, lsb: to, len: 1 });
    }
    out.emit(Op::SetFlags { src: packed });
}

/// MSR. Go writes FPSR to clear it, and sets PSTATE.DIT, which changes timing only. FPCR cannot be set, since no other
/// rounding is modelled.
pub fn write(cx: &mut Cx<'_>) -> Lifted {
    if matches!(cx.insn.operands[0], Operand::PstateField(_)) {
        return pstate(cx);
    }
    let (src, number) = (cx.insn.src(1)?, number(cx));
    match number {
        NZCV | FPSR_NUMBER | TPIDR_NUMBER => {}
        DIT_NUMBER if cx.features.dit => {}
        DIT_NUMBER => return Err(Gap::Feature("dit")),
        _ => return Err(Gap::Shape),
    }
    let out = cx.begin();
    match number {
        NZCV => write_flags(out, src),
        FPSR_NUMBER => out.copy(FPSR, src),
        DIT_NUMBER => out.emit(Op::AndImm { width: Width::W64, dst: DIT, a: src, imm: 1 << DIT_BIT }),
        _ => out.copy(TPIDR_EL0, src),
    }
    Ok(())
}

/// The code of PSTATE.DIT, `op1:op2`.
const DIT_FIELD: u8 = 3 << 3 | 2;

fn pstate(cx: &mut Cx<'_>) -> Lifted {
    let value = cx.insn.imm(1)? & 1;
    match cx.insn.operands[0] {
        Operand::PstateField(DIT_FIELD) if cx.features.dit => {
            cx.begin().constant(DIT, value << DIT_BIT);
            Ok(())
        }
        Operand::PstateField(DIT_FIELD) => Err(Gap::Feature("dit")),
        _ => Err(Gap::Shape),
    }
}

/// Bytes that DC ZVA clears, as [`DCZID`] says.
const ZERO_BYTES: u64 = 4 << DCZID;

/// DC ZVA clears one block; the other DC and IC operations have no effect that can be seen here.
pub fn cache(cx: &mut Cx<'_>) -> Lifted {
    // op1 in bits 18-16, CRn 15-12, CRm 11-8, op2 7-5 (Arm ARM C5.1.2).
    let operation = cx.insn.word >> 5 & 0x3fff;
    let at = |op1: u32, crn: u32, crm: u32, op2: u32| op1 << 11 | crn << 7 | crm << 3 | op2;
    let zva = at(3, 7, 4, 1);
    let harmless = [at(3, 7, 10, 1), at(3, 7, 11, 1), at(3, 7, 14, 1), at(3, 7, 5, 1)];
    if operation != zva && !harmless.contains(&operation) {
        return Err(Gap::Shape);
    }
    let address = cx.insn.src(0)?;
    let out = cx.begin();
    if operation == zva {
        clear_block(out, address);
    }
    Ok(())
}

fn clear_block(out: &mut BlockBuilder, address: Reg) {
    const WORDS: u8 = (ZERO_BYTES / 8) as u8;
    let (base, zeros) = (out.temp(), out.temps(WORDS));
    out.emit(Op::AndImm { width: Width::W64, dst: base, a: address, imm: !(ZERO_BYTES - 1) });
    out.emit(Op::VecZero { words: WORDS, dst: zeros });
    out.emit(Op::VecStore { acc: Access::little(3), words: WORDS, src: zeros, mem: Mem::at(base, 0) });
}

