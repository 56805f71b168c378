//! First byte EC: compare and branch, load on condition, additions with an immediate, and the instructions that rotate and
//! then take some of the bits.

use rcsim_uop::op::{Op, Shift};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::arith::{ADD, ADD_LOGICAL, binary, logic_code};
use super::branch::compare_and_branch;
use super::operand::Operand;
use super::{Cx, W32, W64, order, select};
use crate::s390x::decode::{Gap, Lifted};

/// Sort by the last byte.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src) = (cx.insn.r(8), cx.insn.r(12));
    let imm = Operand::Imm(cx.insn.signed(16, 16));
    match cx.insn.last() {
        0x42 | 0x46 => select::load(cx, dst, imm, 12),
        0x54 => combine(cx, Taken::And),
        0x55 => insert(cx, true),
        0x56 => combine(cx, Taken::Or),
        0x57 => combine(cx, Taken::Xor),
        0x59 => insert(cx, false),
        0x64 => compare_and_branch(cx, W64, true, false),
        0x65 => compare_and_branch(cx, W64, false, false),
        0x76 => compare_and_branch(cx, W32, true, false),
        0x77 => compare_and_branch(cx, W32, false, false),
        0x7c => compare_and_branch(cx, W64, true, true),
        0x7d => compare_and_branch(cx, W64, false, true),
        0x7e => compare_and_branch(cx, W32, true, true),
        0x7f => compare_and_branch(cx, W32, false, true),
        0xd8 => binary(cx, ADD, W32, dst, src, imm),
        0xd9 => binary(cx, ADD, W64, dst, src, imm),
        0xda => binary(cx, ADD_LOGICAL, W32, dst, src, imm),
        0xdb => binary(cx, ADD_LOGICAL, W64, dst, src, imm),
        _ => Err(Gap::Opcode),
    }
}

/// The bits that a rotate-then instruction takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bits {
    /// First and last bit, from the left; they may wrap.
    first: u8,
    last: u8,
    /// How far the source is rotated left.
    left: u8,
}

impl Bits {
    fn of(cx: &Cx<'_>) -> Self {
        let six = |at| cx.insn.field(at, 6) as u8;
        Self { first: six(18), last: six(26), left: six(34) }
    }

    const fn mask(self) -> u64 {
        let from_first = u64::MAX >> self.first;
        let to_last = u64::MAX << (63 - self.last);
        if self.first <= self.last { from_first & to_last } else { from_first | to_last }
    }

    /// Number of bits, when they do not wrap.
    const fn len(self) -> Option<u8> {
        if self.first <= self.last { Some(self.last - self.first + 1) } else { None }
    }

    /// The rightmost bit, from the right.
    const fn lsb(self) -> u8 {
        63 - self.last
    }
}

/// `dst` = `src` rotated left.
fn rotate_left(out: &mut BlockBuilder, dst: Reg, src: Reg, left: u8) {
    match left & 63 {
        0 => out.copy(dst, src),
        left => out.emit(Op::ShiftImm { op: Shift::RotateRight, width: W64, dst, a: src, amount: 64 - left }),
    }
}

/// RISBG and RISBGN: the bits replace the target's; the rest stays or becomes zero.
fn insert(cx: &mut Cx<'_>, tells: bool) -> Lifted {
    let (dst, src, bits) = (cx.insn.r(8), cx.insn.r(12), Bits::of(cx));
    let clears = cx.insn.field(24, 1) != 0;
    let out = cx.begin();
    if clears {
        insert_into_zero(out, dst, src, bits);
    } else {
        insert_into(out, dst, src, bits);
    }
    if tells {
        out.emit(order(W64, true, dst, ZERO));
    }
    Ok(())
}

fn insert_into_zero(out: &mut BlockBuilder, dst: Reg, src: Reg, bits: Bits) {
    // Where the bits of the source start, from the right.
    let from = (bits.lsb() + 64 - bits.left) & 63;
    match bits.len() {
        Some(64) => rotate_left(out, dst, src, bits.left),
        Some(len) if bits.lsb() == 0 && from + len <= 64 => {
            out.emit(Op::Extract { width: W64, dst, src, lsb: from, len, signed: false });
        }
        Some(_) if bits.first == 0 && from == 0 => {
            out.emit(Op::ShiftImm { op: Shift::Left, width: W64, dst, a: src, amount: bits.lsb() });
        }
        _ if bits.left == 0 => out.emit(Op::AndImm { width: W64, dst, a: src, imm: bits.mask() }),
        _ => {
            rotate_left(out, dst, src, bits.left);
            out.emit(Op::AndImm { width: W64, dst, a: dst, imm: bits.mask() });
        }
    }
}

fn insert_into(out: &mut BlockBuilder, dst: Reg, src: Reg, bits: Bits) {
    let part = out.temp();
    if let Some(len) = bits.len() {
        rotate_left(out, part, src, (bits.left + 64 - bits.lsb()) & 63);
        out.emit(Op::Deposit { dst, base: dst, src: part, lsb: bits.lsb(), len });
        return;
    }
    rotate_left(out, part, src, bits.left);
    out.emit(Op::AndImm { width: W64, dst: part, a: part, imm: bits.mask() });
    out.emit(Op::AndImm { width: W64, dst, a: dst, imm: !bits.mask() });
    out.emit(Op::Or { width: W64, dst, a: dst, b: part });
}

/// What is done with the bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    And,
    Or,
    Xor,
}

/// RNSBG, ROSBG, RXSBG: only the taken bits of the target change, and the condition code looks at them alone. A bit of the
/// instruction asks for that only.
fn combine(cx: &mut Cx<'_>, how: Taken) -> Lifted {
    let (dst, src, bits) = (cx.insn.r(8), cx.insn.r(12), Bits::of(cx));
    let only_tests = cx.insn.field(16, 1) != 0;
    let mask = bits.mask();
    let out = cx.begin();
    let (part, result) = (out.temp(), out.temp());
    rotate_left(out, part, src, bits.left);
    if how == Taken::And {
        out.emit(Op::OrImm { width: W64, dst: part, a: part, imm: !mask });
        out.emit(Op::And { width: W64, dst: result, a: dst, b: part });
    } else {
        out.emit(Op::AndImm { width: W64, dst: part, a: part, imm: mask });
        out.emit(if how == Taken::Or {
            Op::Or { width: W64, dst: result, a: dst, b: part }
        } else {
            Op::Xor { width: W64, dst: result, a: dst, b: part }
        });
    }
    let taken = out.temp();
    out.emit(Op::AndImm { width: W64, dst: taken, a: result, imm: mask });
    logic_code(out, W64, taken);
    if !only_tests {
        out.copy(dst, result);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_counted_from_the_left_and_may_wrap() {
        let bits = |first, last| Bits { first, last, left: 0 };
        assert_eq!(bits(63, 63).mask(), 1);
        assert_eq!(bits(0, 7).mask(), 0xff << 56);
        assert_eq!(bits(62, 1).mask(), 3 << 62 | 3);
        assert_eq!(bits(62, 1).len(), None);
    }
}
