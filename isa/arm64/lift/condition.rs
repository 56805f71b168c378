//! Conditional selection and conditional comparison.

use rcsim_uop::flags::{self, FlagOp, Packed};
use rcsim_uop::op::{Op, Width};
use rcsim_uop::reg::{SINK, ZERO};
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::Opcode;

use super::{Cx, arith, move_reg};
use crate::arm64::decode::{Lifted, Second};

/// CSEL, CSINC, CSINV, CSNEG and their many aliases.
pub fn select(cx: &mut Cx<'_>) -> Lifted {
    let opcode = cx.insn.opcode;
    let (width, dst) = (cx.insn.width(0)?, cx.insn.dst(0)?);
    let (a, b, cond) = (cx.insn.src(1)?, cx.insn.src(2)?, cx.insn.cond(3)?);
    let out = cx.begin();
    let Some(cond) = cond else {
        move_reg(out, width, dst, a);
        return Ok(());
    };
    if dst == SINK {
        return Ok(());
    }
    if opcode == Opcode::CSINC && a == ZERO && b == ZERO {
        out.emit(Op::SetCond { cond: cond.inverted(), dst });
        return Ok(());
    }
    let otherwise = changed(out, opcode, width, b);
    out.emit(Op::SelectCond { cond, dst, a, b: otherwise });
    if width == Width::W32 {
        move_reg(out, width, dst, dst);
    }
    Ok(())
}

/// What the second source becomes when it is selected.
fn changed(out: &mut BlockBuilder, opcode: Opcode, width: Width, b: Reg) -> Reg {
    if opcode == Opcode::CSEL {
        return b;
    }
    let dst = out.temp();
    match opcode {
        Opcode::CSINC => out.add_imm(width, dst, b, 1),
        Opcode::CSINV => out.emit(Op::XorImm { width, dst, a: b, imm: u64::MAX }),
        _ => out.emit(Op::Sub { width, dst, a: ZERO, b }),
    }
    dst
}

/// CCMP and CCMN.
pub fn compare(cx: &mut Cx<'_>) -> Lifted {
    let op = if cx.insn.opcode == Opcode::CCMN { FlagOp::Add } else { FlagOp::SubNoBorrow };
    let (width, a, second) = (cx.insn.width(0)?, cx.insn.src(0)?, cx.insn.second(1)?);
    let (otherwise, cond) = (packed(cx.insn.small(2)?), cx.insn.cond(3)?);
    let out = cx.begin();
    let b = match second {
        Second::Imm(0) => ZERO,
        second => arith::value(out, width, second),
    };
    out.emit(match (cond, op) {
        (Some(cond), op) => Op::CondAluF { cond, op, width, a, b, otherwise: otherwise as u8 },
        (None, FlagOp::Add) => Op::AddF { width, dst: SINK, a, b },
        (None, _) => Op::SubF { width, borrow: false, dst: SINK, a, b },
    });
    Ok(())
}

/// Flags given as the four bits N, Z, C, V from bit 3 down.
pub fn packed(nzcv: u8) -> Packed {
    let bit = |at: u8, flag: Packed| if nzcv >> at & 1 != 0 { flag } else { 0 };
    bit(3, flags::N) | bit(2, flags::Z) | bit(1, flags::C) | bit(0, flags::V)
}

