//! Multiplication, division and CRC steps.

use rcsim_uop::op::{Divide, DivideRule, MulHigh, Op, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::Opcode;

use super::Cx;
use crate::arm64::decode::{Gap, Lifted};
use crate::arm64::helpers;

/// MADD and MSUB, MUL and MNEG.
pub fn multiply_add(cx: &mut Cx<'_>) -> Lifted {
    let subtract = cx.insn.opcode == Opcode::MSUB;
    let (width, dst) = (cx.insn.width(0)?, cx.insn.dst(0)?);
    let (a, b, c) = (cx.insn.src(1)?, cx.insn.src(2)?, cx.insn.src(3)?);
    cx.begin().emit(if c == ZERO && !subtract {
        Op::Mul { width, dst, a, b }
    } else {
        Op::MulAdd { width, dst, a, b, c, subtract }
    });
    Ok(())
}

/// SMADDL, UMADDL and the subtracting forms: 32 by 32 bits into 64.
pub fn widening(cx: &mut Cx<'_>) -> Lifted {
    let signed = matches!(cx.insn.opcode, Opcode::SMADDL | Opcode::SMSUBL);
    let subtract = matches!(cx.insn.opcode, Opcode::SMSUBL | Opcode::UMSUBL);
    let (dst, a, b, c) = (cx.insn.dst(0)?, cx.insn.src(1)?, cx.insn.src(2)?, cx.insn.src(3)?);
    let out = cx.begin();
    let (a, b) = (extend(out, a, signed), extend(out, b, signed));
    out.emit(Op::MulAdd { width: Width::W64, dst, a, b, c, subtract });
    Ok(())
}

fn extend(out: &mut BlockBuilder, src: Reg, signed: bool) -> Reg {
    let dst = out.temp();
    out.emit(Op::Extract { width: Width::W64, dst, src, lsb: 0, len: 32, signed });
    dst
}

/// SMULH and UMULH.
pub fn high(cx: &mut Cx<'_>) -> Lifted {
    let kind = if cx.insn.opcode == Opcode::SMULH { MulHigh::Signed } else { MulHigh::Unsigned };
    let (dst, a, b) = (cx.insn.dst(0)?, cx.insn.src(1)?, cx.insn.src(2)?);
    cx.begin().emit(Op::MulHigh { kind, width: Width::W64, dst, a, b });
    Ok(())
}

/// UDIV and SDIV: division by zero gives zero (Arm ARM C6.2.295).
pub fn divide(cx: &mut Cx<'_>) -> Lifted {
    let op = if cx.insn.opcode == Opcode::SDIV { Divide::QuotientS } else { Divide::QuotientU };
    let (width, dst, a, b) = (cx.insn.width(0)?, cx.insn.dst(0)?, cx.insn.src(1)?, cx.insn.src(2)?);
    cx.begin().emit(Op::Divide { op, rule: DivideRule::Zero, width, dst, a, b });
    Ok(())
}

/// CRC32B to CRC32X, and with the Castagnoli polynomial CRC32CB to CRC32CX.
pub fn checksum(cx: &mut Cx<'_>, castagnoli: bool) -> Lifted {
    if !cx.features.crc32 {
        return Err(Gap::Feature("crc32"));
    }
    let bytes = match cx.insn.opcode {
        Opcode::CRC32B | Opcode::CRC32CB => 1,
        Opcode::CRC32H | Opcode::CRC32CH => 2,
        Opcode::CRC32W | Opcode::CRC32CW => 4,
        Opcode::CRC32X | Opcode::CRC32CX => 8,
        _ => return Err(Gap::Opcode),
    };
    let (dst, a, b) = (cx.insn.dst(0)?, cx.insn.src(1)?, cx.insn.src(2)?);
    let imm = bytes | if castagnoli { helpers::CASTAGNOLI } else { 0 };
    cx.begin().emit(helpers::scalar(helpers::CRC32, dst, a, b, imm));
    Ok(())
}
