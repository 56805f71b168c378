//! Multiplication and division.

use rcsim_uop::op::{Divide, DivideRule, MulHigh, Op, Width};

use super::Cx;
use super::integer::into_rd;
use crate::riscv::decode::Lifted;

/// MUL and MULW.
pub fn low(cx: &mut Cx<'_>, width: Width) -> Lifted {
    let (a, b) = (cx.insn.rs1(), cx.insn.rs2());
    into_rd(cx, |out, dst| out.emit(Op::Mul { width, dst, a, b }))
}

/// MULH, MULHU, MULHSU.
pub fn high(cx: &mut Cx<'_>, kind: MulHigh) -> Lifted {
    let (a, b) = (cx.insn.rs1(), cx.insn.rs2());
    into_rd(cx, |out, dst| out.emit(Op::MulHigh { kind, width: Width::W64, dst, a, b }))
}

/// DIV and its kin, which never trap.
pub fn divide(cx: &mut Cx<'_>, op: Divide, width: Width) -> Lifted {
    let (a, b, rule) = (cx.insn.rs1(), cx.insn.rs2(), DivideRule::AllOnes);
    into_rd(cx, |out, dst| out.emit(Op::Divide { op, rule, width, dst, a, b }))
}
