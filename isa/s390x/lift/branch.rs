//! Branches, calls, returns; conditions as masks over the condition code.

use rcsim_uop::op::{Edge, Op, Pred, Width};
use rcsim_uop::{BlockBuilder, Reg};

use super::{Cx, W32, W64};
use crate::s390x::decode::{Gap, Lifted};
use crate::s390x::regs::{self, CC};

/// When a branch on the condition code is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    Never,
    Always,
    /// The code compared with a number.
    Code(Pred, i64),
    /// The lowest bit of the code.
    Odd(bool),
    /// Whether the code is 1 or 2.
    Middle(bool),
}

/// The mask's leftmost bit stands for code 0.
const fn test(mask: u8) -> Test {
    match mask & 15 {
        0b0000 => Test::Never,
        0b1000 => Test::Code(Pred::Eq, 0),
        0b0100 => Test::Code(Pred::Eq, 1),
        0b0010 => Test::Code(Pred::Eq, 2),
        0b0001 => Test::Code(Pred::Eq, 3),
        0b0111 => Test::Code(Pred::Ne, 0),
        0b1011 => Test::Code(Pred::Ne, 1),
        0b1101 => Test::Code(Pred::Ne, 2),
        0b1110 => Test::Code(Pred::Ne, 3),
        0b1100 => Test::Code(Pred::LtU, 2),
        0b0011 => Test::Code(Pred::GeU, 2),
        0b1010 => Test::Odd(false),
        0b0101 => Test::Odd(true),
        0b0110 => Test::Middle(true),
        0b1001 => Test::Middle(false),
        _ => Test::Always,
    }
}

/// Codes 1 and 2 are those whose successor has bit 1 set.
fn middle(out: &mut BlockBuilder) -> Reg {
    let next = out.temp();
    out.emit(Op::AddImm { width: W64, dst: next, a: CC, imm: 1 });
    next
}

/// A register that is not zero when the mask selects the condition code.
pub fn selected(out: &mut BlockBuilder, mask: u8) -> Reg {
    let dst = out.temp();
    match test(mask) {
        Test::Never => out.constant(dst, 0),
        Test::Always => out.constant(dst, 1),
        Test::Code(pred, imm) => out.emit(Op::SetCmpImm { pred, width: W64, dst, a: CC, imm }),
        Test::Odd(set) => {
            let pred = if set { Pred::Ne } else { Pred::Eq };
            out.emit(Op::AndImm { width: W64, dst, a: CC, imm: 1 });
            out.emit(Op::SetCmpImm { pred, width: W64, dst, a: dst, imm: 0 });
        }
        Test::Middle(inside) => {
            let next = middle(out);
            let pred = if inside { Pred::Ne } else { Pred::Eq };
            out.emit(Op::AndImm { width: W64, dst, a: next, imm: 2 });
            out.emit(Op::SetCmpImm { pred, width: W64, dst, a: dst, imm: 0 });
        }
    }
    dst
}

/// BRC and BRCL.
pub fn relative(cx: &mut Cx<'_>, target: u64) -> Lifted {
    let (mask, next) = (cx.insn.four(8), cx.insn.next());
    let out = cx.begin();
    let op = match test(mask) {
        Test::Never => return Ok(()),
        Test::Always => {
            out.goto(Edge::Jump, target);
            return Ok(());
        }
        Test::Code(pred, imm) => Op::BranchCmpImm { pred, width: W64, a: CC, imm },
        Test::Odd(set) => Op::BranchBit { a: CC, bit: 0, set },
        Test::Middle(set) => Op::BranchBit { a: middle(out), bit: 1, set },
    };
    out.end(op, &[target, next]);
    Ok(())
}

/// First bytes 05 to 07, 0D, 46, 47: BALR, BCTR, BCR, BASR, BCT, BC.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.first() {
        0x06 => count_to_register(cx, W32, 8, 12),
        0x07 => to_register(cx),
        0x0d => call_register(cx),
        _ => Err(Gap::Opcode),
    }
}

/// BCR: with register 0 no branch, but an ordering of memory.
fn to_register(cx: &mut Cx<'_>) -> Lifted {
    const LINK: u8 = 14;
    let (mask, number, next) = (cx.insn.four(8), cx.insn.four(12), cx.insn.next());
    let out = cx.begin();
    match test(mask) {
        _ if number == 0 => {
            if mask >= 14 {
                out.emit(Op::Fence);
            }
        }
        Test::Never => {}
        Test::Always => {
            let edge = if number == LINK { Edge::Return } else { Edge::Jump };
            out.goto_reg(edge, regs::r(number));
        }
        _ => {
            let test = selected(out, mask);
            let (addr, beside) = (out.temp(), out.temp());
            out.constant(beside, next);
            out.emit(Op::Select { dst: addr, test, a: regs::r(number), b: beside });
            out.goto_reg(Edge::Jump, addr);
        }
    }
    Ok(())
}

/// BASR: with register 0 it only tells where it stands.
fn call_register(cx: &mut Cx<'_>) -> Lifted {
    let (link, target, next) = (cx.insn.r(8), cx.insn.address_register(12), cx.insn.next());
    let out = cx.begin();
    if target == rcsim_uop::reg::ZERO {
        out.constant(link, next);
        return Ok(());
    }
    let addr = if target == link {
        let copy = out.temp();
        out.copy(copy, target);
        copy
    } else {
        target
    };
    out.constant(link, next);
    out.goto_reg(Edge::Call, addr);
    Ok(())
}

/// BRAS and BRASL.
pub fn call_relative(cx: &mut Cx<'_>, target: u64) -> Lifted {
    let (link, next) = (cx.insn.r(8), cx.insn.next());
    let out = cx.begin();
    out.constant(link, next);
    out.goto(Edge::Call, target);
    Ok(())
}

fn count_down(out: &mut BlockBuilder, width: Width, count: Reg) {
    if width == W64 {
        out.add_imm(width, count, count, -1);
    } else {
        let less = out.temp();
        out.emit(Op::AddImm { width, dst: less, a: count, imm: -1 });
        super::place(out, width, count, less);
    }
}

/// BRCT and BRCTG: count down, branch unless zero.
pub fn count_relative(cx: &mut Cx<'_>, width: Width, target: u64) -> Lifted {
    let (count, next) = (cx.insn.r(8), cx.insn.next());
    let out = cx.begin();
    count_down(out, width, count);
    out.end(Op::BranchCmpImm { pred: Pred::Ne, width, a: count, imm: 0 }, &[target, next]);
    Ok(())
}

/// BCTR and BCTGR. With register 0 it only counts; the target is read before that.
pub fn count_to_register(cx: &mut Cx<'_>, width: Width, count: u32, target: u32) -> Lifted {
    let (count, target, next) = (cx.insn.r(count), cx.insn.address_register(target), cx.insn.next());
    let out = cx.begin();
    if target == rcsim_uop::reg::ZERO {
        count_down(out, width, count);
        return Ok(());
    }
    let (taken, beside, test, addr) = (out.temp(), out.temp(), out.temp(), out.temp());
    out.copy(taken, target);
    count_down(out, width, count);
    out.constant(beside, next);
    out.emit(Op::SetCmpImm { pred: Pred::Ne, width, dst: test, a: count, imm: 0 });
    out.emit(Op::Select { dst: addr, test, a: taken, b: beside });
    out.goto_reg(Edge::Jump, addr);
    Ok(())
}

/// The order that a compare-and-branch's mask asks for: bits equal, low, high; the last one means nothing.
const fn pred(mask: u8, signed: bool) -> Option<Pred> {
    Some(match (mask & 0b1110, signed) {
        (0b1000, _) => Pred::Eq,
        (0b0110, _) => Pred::Ne,
        (0b0100, true) => Pred::LtS,
        (0b0100, false) => Pred::LtU,
        (0b0010, true) => Pred::GtS,
        (0b0010, false) => Pred::GtU,
        (0b1100, true) => Pred::LeS,
        (0b1100, false) => Pred::LeU,
        (0b1010, true) => Pred::GeS,
        (0b1010, false) => Pred::GeU,
        _ => return None,
    })
}

/// CGRJ, CGIJ and kin: the mask stands in four bits at `mask`, the second operand is a register or the last but one byte.
pub fn compare_and_branch(cx: &mut Cx<'_>, width: Width, signed: bool, with_immediate: bool) -> Lifted {
    let (a, target, next) = (cx.insn.r(8), cx.insn.relative(16, 16), cx.insn.next());
    let mask = cx.insn.four(if with_immediate { 12 } else { 32 });
    let imm = if signed { cx.insn.signed(32, 8) } else { cx.insn.field(32, 8) as i64 };
    let b = cx.insn.r(12);
    let out = cx.begin();
    match pred(mask, signed) {
        Some(pred) if with_immediate => {
            out.end(Op::BranchCmpImm { pred, width, a, imm }, &[target, next]);
        }
        Some(pred) => out.end(Op::BranchCmp { pred, width, a, b }, &[target, next]),
        None if mask & 0b1110 != 0 => out.goto(Edge::Jump, target),
        None => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(test: Test, code: u64) -> bool {
        match test {
            Test::Never => false,
            Test::Always => true,
            Test::Code(pred, imm) => pred.holds(W64, code, imm as u64),
            Test::Odd(set) => (code & 1 != 0) == set,
            Test::Middle(set) => ((code + 1) & 2 != 0) == set,
        }
    }

    #[test]
    fn every_mask_selects_the_codes_whose_bits_it_has() {
        for mask in 0..16 {
            for code in 0..4 {
                assert_eq!(holds(test(mask), code), 8 >> code & mask != 0, "mask {mask:04b}, code {code}");
            }
        }
    }
}
