//! Bit manipulation: Zba, Zbb, Zbs, and conditional zero (Zicond).

use rcsim_uop::op::{Mem, Op, Pred, Scale, Shift, Unary, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use super::integer::into_rd;
use crate::riscv::decode::Lifted;
use crate::riscv::helpers;
use crate::riscv::table::Bit;

const LONG: Width = Width::W64;

/// SH1ADD and its kin: the second operand plus the first, shifted; in the word forms only its low half counts.
pub fn shift_add(cx: &mut Cx<'_>, shift: u8, word: bool) -> Lifted {
    let (index, base) = (cx.insn.rs1(), cx.insn.rs2());
    let scale = if word { Scale::shift(shift).index_u32() } else { Scale::shift(shift) };
    into_rd(cx, |out, dst| {
        out.emit(Op::Lea { width: LONG, dst, mem: Mem { base, index, scale, disp: 0 } });
    })
}

/// SLLI.UW.
pub fn shift_left_word(cx: &mut Cx<'_>) -> Lifted {
    let (a, amount) = (cx.insn.rs1(), cx.insn.shamt());
    into_rd(cx, |out, dst| {
        out.emit(Op::AndImm { width: LONG, dst, a, imm: u64::from(u32::MAX) });
        out.emit(Op::ShiftImm { op: Shift::Left, width: LONG, dst, a: dst, amount });
    })
}

/// CLZ, CTZ, CPOP and their word forms; REV8.
pub fn count(cx: &mut Cx<'_>, op: Unary, width: Width) -> Lifted {
    let src = cx.insn.rs1();
    into_rd(cx, |out, dst| out.emit(Op::Unary { op, width, dst, src }))
}

/// SEXT.B, SEXT.H, ZEXT.H.
pub fn extend(cx: &mut Cx<'_>, bits: u8, signed: bool) -> Lifted {
    let src = cx.insn.rs1();
    into_rd(cx, |out, dst| out.emit(Op::Extract { width: LONG, dst, src, lsb: 0, len: bits, signed }))
}

/// MIN, MINU, MAX, MAXU: the first operand when `pred` holds.
pub fn extreme(cx: &mut Cx<'_>, pred: Pred) -> Lifted {
    let (a, b) = (cx.insn.rs1(), cx.insn.rs2());
    into_rd(cx, |out, dst| {
        let test = out.temp();
        out.emit(Op::SetCmp { pred, width: LONG, dst: test, a, b });
        out.emit(Op::Select { dst, test, a, b });
    })
}

/// ROL and ROLW: a rotation to the right by the opposite count.
pub fn rotate_left(cx: &mut Cx<'_>, width: Width) -> Lifted {
    let (a, b) = (cx.insn.rs1(), cx.insn.rs2());
    into_rd(cx, |out, dst| {
        let opposite = out.temp();
        out.emit(Op::Sub { width: LONG, dst: opposite, a: ZERO, b });
        out.emit(Op::Shift { op: Shift::RotateRight, width, dst, a, b: opposite });
    })
}

/// ORC.B.
pub fn or_combine(cx: &mut Cx<'_>) -> Lifted {
    let src = cx.insn.rs1();
    into_rd(cx, |out, dst| out.emit(helpers::or_combined(dst, src)))
}

/// BCLR, BEXT, BINV, BSET: the bit's number is taken modulo 64.
pub fn single(cx: &mut Cx<'_>, op: Bit) -> Lifted {
    let (a, b) = (cx.insn.rs1(), cx.insn.rs2());
    into_rd(cx, |out, dst| match op {
        Bit::Extract => {
            out.emit(Op::Shift { op: Shift::Right, width: LONG, dst, a, b });
            out.emit(Op::AndImm { width: LONG, dst, a: dst, imm: 1 });
        }
        Bit::Clear => {
            let mask = mask_of(out, b);
            out.emit(Op::AndNot { width: LONG, dst, a, b: mask });
        }
        Bit::Invert => {
            let mask = mask_of(out, b);
            out.emit(Op::Xor { width: LONG, dst, a, b: mask });
        }
        Bit::Set => {
            let mask = mask_of(out, b);
            out.emit(Op::Or { width: LONG, dst, a, b: mask });
        }
    })
}

/// A temporary with the bit whose number is in `b`.
fn mask_of(out: &mut BlockBuilder, b: Reg) -> Reg {
    let mask = out.temp();
    out.constant(mask, 1);
    out.emit(Op::Shift { op: Shift::Left, width: LONG, dst: mask, a: mask, b });
    mask
}

/// The same with a constant number.
pub fn single_imm(cx: &mut Cx<'_>, op: Bit) -> Lifted {
    let (a, lsb) = (cx.insn.rs1(), cx.insn.shamt());
    let mask = 1_u64 << lsb;
    into_rd(cx, |out, dst| {
        out.emit(match op {
            Bit::Clear => Op::AndImm { width: LONG, dst, a, imm: !mask },
            Bit::Extract => Op::Extract { width: LONG, dst, src: a, lsb, len: 1, signed: false },
            Bit::Invert => Op::XorImm { width: LONG, dst, a, imm: mask },
            Bit::Set => Op::OrImm { width: LONG, dst, a, imm: mask },
        });
    })
}

/// CZERO.EQZ and CZERO.NEZ: zero when the second operand is (not) zero, else the first.
pub fn zero_when(cx: &mut Cx<'_>, zero: bool) -> Lifted {
    let (value, test) = (cx.insn.rs1(), cx.insn.rs2());
    let (a, b) = if zero { (value, ZERO) } else { (ZERO, value) };
    into_rd(cx, |out, dst| out.emit(Op::Select { dst, test, a, b }))
}
