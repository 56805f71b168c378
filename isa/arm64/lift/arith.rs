//! Addition, subtraction and addresses.

use rcsim_uop::flags::FlagOp;
use rcsim_uop::op::{Mem, Op, Scale, Shift, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Cond, Reg};

use super::Cx;
use crate::arm64::decode::{Lifted, Second};
use crate::arm64::regs::SP;

/// Which of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// ADD.
    Add,
    /// ADDS and CMN.
    AddFlags,
    /// SUB and NEG.
    Sub,
    /// SUBS, CMP and NEGS.
    SubFlags,
}

/// ADD, ADDS, SUB, SUBS with a constant, a shifted or an extended register (Arm ARM C6.2.4 and following).
pub fn add_sub(cx: &mut Cx<'_>, kind: Kind) -> Lifted {
    let (width, dst, a, second) = (cx.insn.width(0)?, cx.insn.dst(0)?, cx.insn.src(1)?, cx.insn.second(2)?);
    let out = cx.begin();
    match (kind, second) {
        (_, Second::Imm(imm)) => constant(out, kind, width, dst, a, imm as i64),
        (Kind::Add, second) if scale(second).is_some() => {
            let (scale, index) = scale(second).unwrap_or((Scale::shift(0), ZERO));
            out.emit(Op::Lea { width, dst, mem: Mem { base: a, index, scale, disp: 0 } });
        }
        (Kind::Sub, Second::Shifted(shift, amount, b)) => {
            out.emit(Op::SubShifted { width, dst, a, b, shift, amount });
        }
        (_, Second::Plain(b)) if a == SP || dst == SP => {
            // With the stack pointer the operand is always an extended one, which takes cores as long as a shift.
            let b = value(out, width, Second::Shifted(Shift::Left, 0, b));
            registers(out, kind, width, dst, a, b);
        }
        (_, second) => {
            let b = value(out, width, second);
            registers(out, kind, width, dst, a, b);
        }
    }
    Ok(())
}

fn constant(out: &mut BlockBuilder, kind: Kind, width: Width, dst: Reg, a: Reg, imm: i64) {
    match kind {
        Kind::Add => out.add_imm(width, dst, a, imm),
        Kind::Sub => out.add_imm(width, dst, a, -imm),
        Kind::AddFlags => out.emit(Op::AddFImm { width, dst, a, imm }),
        Kind::SubFlags => out.emit(Op::SubFImm { width, borrow: false, dst, a, imm }),
    }
}

fn registers(out: &mut BlockBuilder, kind: Kind, width: Width, dst: Reg, a: Reg, b: Reg) {
    out.emit(match kind {
        Kind::Add => Op::Add { width, dst, a, b },
        Kind::Sub => Op::Sub { width, dst, a, b },
        Kind::AddFlags => Op::AddF { width, dst, a, b },
        Kind::SubFlags => Op::SubF { width, borrow: false, dst, a, b },
    });
}

/// The operand as a scaled index, where address arithmetic can express it.
fn scale(second: Second) -> Option<(Scale, Reg)> {
    match second {
        Second::Shifted(Shift::Left, amount @ 0..=7, reg) => Some((Scale::shift(amount), reg)),
        Second::Extended(32, false, amount, reg) => Some((Scale::shift(amount).index_u32(), reg)),
        Second::Extended(32, true, amount, reg) => Some((Scale::shift(amount).index_s32(), reg)),
        _ => None,
    }
}

/// The operand's value in a register: its own, or a temporary.
pub fn value(out: &mut BlockBuilder, width: Width, second: Second) -> Reg {
    match second {
        Second::Plain(reg) => reg,
        Second::Imm(value) => {
            let dst = out.temp();
            out.constant(dst, value);
            dst
        }
        Second::Shifted(op, amount, a) => {
            let dst = out.temp();
            out.emit(Op::ShiftImm { op, width, dst, a, amount });
            dst
        }
        Second::Extended(len, signed, amount, src) => {
            let dst = out.temp();
            out.emit(Op::Extract { width, dst, src, lsb: 0, len, signed });
            if amount > 0 {
                out.emit(Op::ShiftImm { op: Shift::Left, width, dst, a: dst, amount });
            }
            dst
        }
    }
}

/// ADC: the carry is fetched before the destination is written, which may be a source.
pub fn add_carry(cx: &mut Cx<'_>) -> Lifted {
    let (width, dst, a, b) = (cx.insn.width(0)?, cx.insn.dst(0)?, cx.insn.src(1)?, cx.insn.src(2)?);
    let out = cx.begin();
    let (carry, sum) = (out.temp(), out.temp());
    out.emit(Op::SetCond { cond: Cond::Cs, dst: carry });
    out.emit(Op::Add { width, dst: sum, a, b });
    out.emit(Op::Add { width, dst, a: sum, b: carry });
    Ok(())
}

/// SBC: `a - b - (1 - C)`.
pub fn sub_carry(cx: &mut Cx<'_>) -> Lifted {
    let (width, dst, a, b) = (cx.insn.width(0)?, cx.insn.dst(0)?, cx.insn.src(1)?, cx.insn.src(2)?);
    let out = cx.begin();
    let (borrow, difference) = (out.temp(), out.temp());
    out.emit(Op::SetCond { cond: Cond::Cc, dst: borrow });
    out.emit(Op::Sub { width, dst: difference, a, b });
    out.emit(Op::Sub { width, dst, a: difference, b: borrow });
    Ok(())
}

/// ADCS and SBCS.
pub fn carry_flags(cx: &mut Cx<'_>, op: FlagOp) -> Lifted {
    let (width, dst, a, b) = (cx.insn.width(0)?, cx.insn.dst(0)?, cx.insn.src(1)?, cx.insn.src(2)?);
    cx.begin().emit(Op::AluF { op, width, dst, a, b });
    Ok(())
}

/// ADR and ADRP.
pub fn address(cx: &mut Cx<'_>) -> Lifted {
    let (dst, target) = (cx.insn.dst(0)?, cx.insn.target(1)?);
    cx.begin().constant(dst, target);
    Ok(())
}
