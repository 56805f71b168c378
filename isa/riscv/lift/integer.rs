//! Integer arithmetic, logic, comparison and shifts.
//!
//! With result register `x0` these do nothing: hints, and the canonical no-operation.

use rcsim_uop::op::{Op, Pred, Shift, Width};
use rcsim_uop::reg::{SINK, ZERO};
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use crate::riscv::decode::Lifted;
use crate::riscv::table::Alu;

/// Announce the instruction, and let `emit` add its micro-ops unless the result goes nowhere.
pub fn into_rd(cx: &mut Cx<'_>, emit: impl FnOnce(&mut BlockBuilder, Reg)) -> Lifted {
    let dst = cx.insn.rd();
    let out = cx.begin();
    if dst != SINK {
        emit(out, dst);
    }
    Ok(())
}

/// LUI.
pub fn load_upper(cx: &mut Cx<'_>) -> Lifted {
    let value = cx.insn.upper() as u64;
    into_rd(cx, |out, dst| out.constant(dst, value))
}

/// AUIPC.
pub fn add_upper_to_pc(cx: &mut Cx<'_>) -> Lifted {
    let value = cx.insn.pc.wrapping_add(cx.insn.upper() as u64);
    into_rd(cx, |out, dst| out.constant(dst, value))
}

/// ADD and its kin; adding zero is a move.
pub fn alu(cx: &mut Cx<'_>, op: Alu, width: Width) -> Lifted {
    let (a, b) = (cx.insn.rs1(), cx.insn.rs2());
    into_rd(cx, |out, dst| match (op, width) {
        (Alu::Add, Width::W64) if a == ZERO => out.copy(dst, b),
        (Alu::Add, Width::W64) if b == ZERO => out.copy(dst, a),
        _ => out.emit(alu_op(op, width, dst, a, b)),
    })
}

const fn alu_op(op: Alu, width: Width, dst: Reg, a: Reg, b: Reg) -> Op {
    match op {
        Alu::Add => Op::Add { width, dst, a, b },
        Alu::Sub => Op::Sub { width, dst, a, b },
        Alu::And => Op::And { width, dst, a, b },
        Alu::Or => Op::Or { width, dst, a, b },
        Alu::Xor => Op::Xor { width, dst, a, b },
        Alu::AndNot => Op::AndNot { width, dst, a, b },
        Alu::Logic(op) => Op::Logic { op, width, dst, a, b },
    }
}

/// ADDI, ADDIW, ANDI, ORI, XORI.
pub fn alu_imm(cx: &mut Cx<'_>, op: Alu, width: Width) -> Lifted {
    let (a, imm) = (cx.insn.rs1(), i64::from(cx.insn.imm()));
    into_rd(cx, |out, dst| match op {
        Alu::And => out.emit(Op::AndImm { width, dst, a, imm: imm as u64 }),
        Alu::Or => out.emit(Op::OrImm { width, dst, a, imm: imm as u64 }),
        Alu::Xor => out.emit(Op::XorImm { width, dst, a, imm: imm as u64 }),
        // The table has no other operation with a constant.
        Alu::Add | Alu::Sub | Alu::AndNot | Alu::Logic(_) => out.add_imm(width, dst, a, imm),
    })
}

/// SLT and SLTU.
pub fn compare(cx: &mut Cx<'_>, pred: Pred) -> Lifted {
    let (a, b) = (cx.insn.rs1(), cx.insn.rs2());
    into_rd(cx, |out, dst| out.emit(Op::SetCmp { pred, width: Width::W64, dst, a, b }))
}

/// SLTI and SLTIU; the constant is sign-extended before an unsigned comparison, too.
pub fn compare_imm(cx: &mut Cx<'_>, pred: Pred) -> Lifted {
    let (a, imm) = (cx.insn.rs1(), i64::from(cx.insn.imm()));
    into_rd(cx, |out, dst| out.emit(Op::SetCmpImm { pred, width: Width::W64, dst, a, imm }))
}

/// SLL and its kin; the count is taken modulo the width.
pub fn shift(cx: &mut Cx<'_>, op: Shift, width: Width) -> Lifted {
    let (a, b) = (cx.insn.rs1(), cx.insn.rs2());
    into_rd(cx, |out, dst| out.emit(Op::Shift { op, width, dst, a, b }))
}

/// SLLI and its kin.
pub fn shift_imm(cx: &mut Cx<'_>, op: Shift, width: Width) -> Lifted {
    let (a, mask) = (cx.insn.rs1(), width.bits() as u8 - 1);
    let amount = cx.insn.shamt() & mask;
    into_rd(cx, |out, dst| out.emit(Op::ShiftImm { op, width, dst, a, amount }))
}
