//! Integer arithmetic, logic, comparison and shifts.

use rcsim_uop::op::{Divide, DivideRule, Mem, MulHigh, Op, Pred, Scale, Shift, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use crate::loong::decode::Lifted;
use crate::loong::table::Alu;

const LONG: Width = Width::W64;

/// ADD and its kin; with zero, some are a move.
pub fn alu(cx: &mut Cx<'_>, op: Alu, width: Width) -> Lifted {
    let (a, b) = (cx.insn.rj(), cx.insn.rk());
    cx.result(|out, dst| match (op, width) {
        (Alu::Add | Alu::Or | Alu::Xor, LONG) if a == ZERO => out.copy(dst, b),
        (Alu::Add | Alu::Or | Alu::Xor | Alu::Sub, LONG) if b == ZERO => out.copy(dst, a),
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

/// ADDI.W and ADDI.D.
pub fn add_imm(cx: &mut Cx<'_>, width: Width) -> Lifted {
    let (a, imm) = (cx.insn.rj(), i64::from(cx.insn.si12()));
    cx.result(|out, dst| out.add_imm(width, dst, a, imm))
}

/// ANDI: the constants of the logical instructions are zero-extended.
pub fn and_imm(cx: &mut Cx<'_>) -> Lifted {
    let (a, imm) = (cx.insn.rj(), u64::from(cx.insn.ui12()));
    cx.result(|out, dst| out.emit(Op::AndImm { width: LONG, dst, a, imm }))
}

/// ORI; with zero, a constant.
pub fn or_imm(cx: &mut Cx<'_>) -> Lifted {
    let (a, imm) = (cx.insn.rj(), u64::from(cx.insn.ui12()));
    cx.result(|out, dst| match a {
        ZERO => out.constant(dst, imm),
        _ => out.emit(Op::OrImm { width: LONG, dst, a, imm }),
    })
}

/// XORI.
pub fn xor_imm(cx: &mut Cx<'_>) -> Lifted {
    let (a, imm) = (cx.insn.rj(), u64::from(cx.insn.ui12()));
    cx.result(|out, dst| out.emit(Op::XorImm { width: LONG, dst, a, imm }))
}

/// SLT and SLTU.
pub fn compare(cx: &mut Cx<'_>, pred: Pred) -> Lifted {
    let (a, b) = (cx.insn.rj(), cx.insn.rk());
    cx.result(|out, dst| out.emit(Op::SetCmp { pred, width: LONG, dst, a, b }))
}

/// SLTI and SLTUI; the constant is sign-extended before an unsigned comparison, too.
pub fn compare_imm(cx: &mut Cx<'_>, pred: Pred) -> Lifted {
    let (a, imm) = (cx.insn.rj(), i64::from(cx.insn.si12()));
    cx.result(|out, dst| out.emit(Op::SetCmpImm { pred, width: LONG, dst, a, imm }))
}

/// MASKEQZ and MASKNEZ: zero when the second operand is (not) zero, else the first.
pub fn zero_when(cx: &mut Cx<'_>, zero: bool) -> Lifted {
    let (value, test) = (cx.insn.rj(), cx.insn.rk());
    let (a, b) = if zero { (value, ZERO) } else { (ZERO, value) };
    cx.result(|out, dst| out.emit(Op::Select { dst, test, a, b }))
}

/// SLL and its kin; the count is taken modulo the width.
pub fn shift(cx: &mut Cx<'_>, op: Shift, width: Width) -> Lifted {
    let (a, b) = (cx.insn.rj(), cx.insn.rk());
    cx.result(|out, dst| match (op, b) {
        // How compilers extend a word.
        (Shift::Left, ZERO) => extend_word(out, width, dst, a),
        _ => out.emit(Op::Shift { op, width, dst, a, b }),
    })
}

fn extend_word(out: &mut BlockBuilder, width: Width, dst: Reg, src: Reg) {
    out.emit(Op::Extract { width, dst, src, lsb: 0, len: width.bits() as u8, signed: true });
}

/// SLLI and its kin.
pub fn shift_imm(cx: &mut Cx<'_>, op: Shift, width: Width) -> Lifted {
    let (a, amount) = (cx.insn.rj(), cx.insn.amount() & (width.bits() as u8 - 1));
    cx.result(|out, dst| out.emit(Op::ShiftImm { op, width, dst, a, amount }))
}

/// ALSL: the first operand, shifted by one to four, plus the second.
pub fn shift_add(cx: &mut Cx<'_>, width: Width) -> Lifted {
    let (index, base, shift) = (cx.insn.rj(), cx.insn.rk(), cx.insn.field(15, 2) + 1);
    cx.result(|out, dst| {
        out.emit(Op::Lea { width, dst, mem: Mem { base, index, scale: Scale::shift(shift), disp: 0 } });
    })
}

/// MUL.W and MUL.D.
pub fn multiply(cx: &mut Cx<'_>, width: Width) -> Lifted {
    let (a, b) = (cx.insn.rj(), cx.insn.rk());
    cx.result(|out, dst| out.emit(Op::Mul { width, dst, a, b }))
}

/// MULH and its kin.
pub fn multiply_high(cx: &mut Cx<'_>, kind: MulHigh, width: Width) -> Lifted {
    let (a, b) = (cx.insn.rj(), cx.insn.rk());
    cx.result(|out, dst| out.emit(Op::MulHigh { kind, width, dst, a, b }))
}

/// MULW.D.W and MULW.D.WU: the whole product of two words.
pub fn multiply_long(cx: &mut Cx<'_>, signed: bool) -> Lifted {
    let (a, b) = (cx.insn.rj(), cx.insn.rk());
    cx.result(|out, dst| {
        let [a, b] = [a, b].map(|src| {
            let word = out.temp();
            out.emit(Op::Extract { width: LONG, dst: word, src, lsb: 0, len: 32, signed });
            word
        });
        out.emit(Op::Mul { width: LONG, dst, a, b });
    })
}

/// DIV, MOD and their kin. By zero the result may be anything, and nothing traps (volume 1, 2.2.1.15): compilers look at
/// the divisor first.
pub fn divide(cx: &mut Cx<'_>, op: Divide, width: Width) -> Lifted {
    let (a, b, rule) = (cx.insn.rj(), cx.insn.rk(), DivideRule::Zero);
    cx.result(|out, dst| out.emit(Op::Divide { op, rule, width, dst, a, b }))
}
