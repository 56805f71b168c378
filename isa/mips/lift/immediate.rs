//! Arithmetic, logic and comparison with a constant.

use rcsim_uop::op::{Op, Pred, Width};
use rcsim_uop::reg::ZERO;

use super::Cx;
use crate::mips::decode::Lifted;

/// ADDI to LUI, DADDI and DADDIU, by opcode.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, imm, uimm) = (cx.insn.rt_out(), cx.insn.rs(), cx.insn.simm(), cx.insn.uimm());
    let (word, full, double) = (cx.mode.word(), cx.mode.full(), Width::W64);
    match cx.insn.opcode() {
        8 => cx.emit(Op::AddImmTrap { width: word, dst, a, imm }),
        9 => add(cx, word),
        10 => cx.emit(Op::SetCmpImm { pred: Pred::LtS, width: full, dst, a, imm }),
        11 => cx.emit(Op::SetCmpImm { pred: Pred::LtU, width: full, dst, a, imm }),
        12 => cx.emit(Op::AndImm { width: full, dst, a, imm: uimm }),
        13 if a == ZERO => constant(cx, uimm),
        13 => cx.emit(Op::OrImm { width: full, dst, a, imm: uimm }),
        14 => cx.emit(Op::XorImm { width: full, dst, a, imm: uimm }),
        15 => constant(cx, word.fit(uimm << 16)),
        24 => {
            cx.needs_wide()?;
            cx.emit(Op::AddImmTrap { width: double, dst, a, imm })
        }
        _ => {
            cx.needs_wide()?;
            add(cx, double)
        }
    }
}

fn add(cx: &mut Cx<'_>, width: Width) -> Lifted {
    let (dst, a, imm) = (cx.insn.rt_out(), cx.insn.rs(), cx.insn.simm());
    cx.begin().add_imm(width, dst, a, imm);
    Ok(())
}

fn constant(cx: &mut Cx<'_>, value: u64) -> Lifted {
    let dst = cx.insn.rt_out();
    cx.begin().constant(dst, value);
    Ok(())
}
