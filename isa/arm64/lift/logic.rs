//! Bitwise logic and moves of constants.

use rcsim_uop::flags::FlagOp;
use rcsim_uop::op::{Logic, Op, Width};
use rcsim_uop::reg::{SINK, ZERO};
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::{Opcode, Operand};

use super::{Cx, arith, move_reg};
use crate::arm64::decode::{Gap, Lifted, Second};

/// Which operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// AND.
    And,
    /// ANDS and TST.
    AndFlags,
    /// ORR and MOV.
    Or,
    /// EOR.
    Xor,
    /// BIC.
    AndNot,
    /// BICS.
    AndNotFlags,
    /// ORN and MVN.
    OrNot,
    /// EON.
    Xnor,
}

/// The bitwise operations with a constant or a shifted register (Arm ARM C4.1.92, C4.1.95).
pub fn logic(cx: &mut Cx<'_>, kind: Kind) -> Lifted {
    let (width, dst, a, second) = (cx.insn.width(0)?, cx.insn.dst(0)?, cx.insn.src(1)?, cx.insn.second(2)?);
    let out = cx.begin();
    match second {
        Second::Imm(imm) => constant(out, kind, width, dst, a, imm),
        Second::Plain(b) if kind == Kind::Or && a == ZERO => move_reg(out, width, dst, b),
        second => {
            let b = arith::value(out, width, second);
            registers(out, kind, width, dst, a, b);
        }
    }
    Ok(())
}

/// Only AND, ANDS, ORR and EOR have constant forms; the others never come here with one.
fn constant(out: &mut BlockBuilder, kind: Kind, width: Width, dst: Reg, a: Reg, imm: u64) {
    match kind {
        Kind::Or if a == ZERO => out.constant(dst, width.fit(imm)),
        Kind::Or => out.emit(Op::OrImm { width, dst, a, imm }),
        Kind::Xor => out.emit(Op::XorImm { width, dst, a, imm }),
        Kind::AndFlags => out.emit(Op::AluFImm { op: FlagOp::And, width, dst, a, imm: imm as i64 }),
        Kind::And => out.emit(Op::AndImm { width, dst, a, imm }),
        Kind::AndNot => out.emit(Op::AndImm { width, dst, a, imm: !imm }),
        Kind::AndNotFlags => out.emit(Op::AluFImm { op: FlagOp::And, width, dst, a, imm: !imm as i64 }),
        Kind::OrNot => out.emit(Op::OrImm { width, dst, a, imm: !imm }),
        Kind::Xnor => out.emit(Op::XorImm { width, dst, a, imm: !imm }),
    }
}

fn registers(out: &mut BlockBuilder, kind: Kind, width: Width, dst: Reg, a: Reg, b: Reg) {
    out.emit(match kind {
        Kind::And => Op::And { width, dst, a, b },
        Kind::AndFlags => Op::AluF { op: FlagOp::And, width, dst, a, b },
        Kind::Or => Op::Or { width, dst, a, b },
        Kind::Xor => Op::Xor { width, dst, a, b },
        Kind::AndNot => Op::AndNot { width, dst, a, b },
        Kind::AndNotFlags => Op::AluF { op: FlagOp::AndNot, width, dst, a, b },
        Kind::OrNot if a == ZERO => Op::XorImm { width, dst, a: b, imm: u64::MAX },
        Kind::OrNot => Op::Logic { op: Logic::OrNot, width, dst, a, b },
        Kind::Xnor => Op::Logic { op: Logic::Xnor, width, dst, a, b },
    });
}

/// MOVZ and MOVN.
pub fn move_wide(cx: &mut Cx<'_>) -> Lifted {
    let (width, dst, imm) = (cx.insn.width(0)?, cx.insn.dst(0)?, cx.insn.imm(1)?);
    let value = if cx.insn.opcode == Opcode::MOVN { !imm } else { imm };
    let out = cx.begin();
    if dst != SINK {
        out.constant(dst, width.fit(value));
    }
    Ok(())
}

/// MOVK replaces 16 bits and keeps the others; of a 32-bit register, the upper half becomes zero.
pub fn move_keep(cx: &mut Cx<'_>) -> Lifted {
    let (width, dst, old) = (cx.insn.width(0)?, cx.insn.dst(0)?, cx.insn.src(0)?);
    let Operand::ImmShift(value, shift) = cx.insn.operands[1] else { return Err(Gap::Shape) };
    let out = cx.begin();
    if dst == SINK {
        return Ok(());
    }
    let hole = !(0xffff_u64 << shift);
    out.emit(Op::AndImm { width, dst, a: old, imm: hole });
    out.emit(Op::OrImm { width, dst, a: dst, imm: u64::from(value) << shift });
    Ok(())
}
