//! Addition, subtraction, logic, comparison and conditional moves of registers.

use rcsim_uop::op::{Logic, Op, Pred, Width};
use rcsim_uop::reg::{SINK, ZERO};

use super::Cx;
use crate::mips::decode::{Gap, Lifted};
use crate::mips::regs::fcc;

/// ADD to DSUBU, by function. ADD, SUB, DADD and DSUB trap on overflow, even when their result goes nowhere.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, b) = (cx.insn.rd_out(), cx.insn.rs(), cx.insn.rt());
    let (word, full, double) = (cx.mode.word(), cx.mode.full(), Width::W64);
    if cx.insn.function() >= 44 {
        cx.needs_wide()?;
    }
    match cx.insn.function() {
        32 => cx.emit(Op::AddTrap { width: word, dst, a, b }),
        33 if !cx.mode.wide && b == ZERO => cx.copy(dst, a),
        33 => cx.emit(Op::Add { width: word, dst, a, b }),
        34 => cx.emit(Op::SubTrap { width: word, dst, a, b }),
        35 => cx.emit(Op::Sub { width: word, dst, a, b }),
        36 => cx.emit(Op::And { width: full, dst, a, b }),
        37 if a == ZERO => cx.copy(dst, b),
        37 if b == ZERO => cx.copy(dst, a),
        37 => cx.emit(Op::Or { width: full, dst, a, b }),
        38 => cx.emit(Op::Xor { width: full, dst, a, b }),
        39 => cx.emit(Op::Logic { op: Logic::Nor, width: full, dst, a, b }),
        42 => cx.emit(Op::SetCmp { pred: Pred::LtS, width: full, dst, a, b }),
        43 => cx.emit(Op::SetCmp { pred: Pred::LtU, width: full, dst, a, b }),
        44 => cx.emit(Op::AddTrap { width: double, dst, a, b }),
        45 if b == ZERO => cx.copy(dst, a),
        45 => cx.emit(Op::Add { width: double, dst, a, b }),
        46 => cx.emit(Op::SubTrap { width: double, dst, a, b }),
        47 => cx.emit(Op::Sub { width: double, dst, a, b }),
        _ => Err(Gap::Opcode),
    }
}

/// MOVZ and MOVN.
pub fn move_on_zero(cx: &mut Cx<'_>) -> Lifted {
    const MOVZ: u32 = 10;
    let (dst, old, new, test) = (cx.insn.rd_out(), cx.insn.rd(), cx.insn.rs(), cx.insn.rt());
    let (a, b) = if cx.insn.function() == MOVZ { (old, new) } else { (new, old) };
    if dst == SINK {
        return cx.nothing();
    }
    cx.emit(Op::Select { dst, test, a, b })
}

/// MOVF and MOVT.
pub fn move_on_condition(cx: &mut Cx<'_>) -> Lifted {
    let field = cx.insn.rt_number();
    let (dst, old, new) = (cx.insn.rd_out(), cx.insn.rd(), cx.insn.rs());
    let (a, b) = if field & 1 != 0 { (new, old) } else { (old, new) };
    if dst == SINK {
        return cx.nothing();
    }
    cx.emit(Op::Select { dst, test: fcc(field >> 2), a, b })
}
