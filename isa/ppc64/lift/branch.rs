//! Branches, calls, returns, system calls.

use rcsim_uop::op::{Edge, Op, Pred, Stop, Width};
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use crate::ppc64::decode::{Gap, Insn, Lifted};
use crate::ppc64::regs::{CTR, LR, cr};

/// The word 0, which Go's UNDEF is: no instruction ever has primary opcode 0.
pub fn undefined(cx: &mut Cx<'_>) -> Lifted {
    if cx.insn.word != 0 {
        return Err(Gap::Opcode);
    }
    let pc = cx.insn.pc;
    cx.begin().stop(Stop::Undefined, 0, pc);
    Ok(())
}

/// SC.
pub fn system_call(cx: &mut Cx<'_>) -> Lifted {
    if cx.insn.word != 0x4400_0002 {
        return Err(Gap::Opcode);
    }
    let next = cx.insn.next();
    cx.begin().stop(Stop::Syscall, 0, next);
    Ok(())
}

/// What a branch waits for (Power ISA 2.07, book I, 2.4: the field BO).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct When {
    /// The condition bit (slot, bit, wanted value), if it counts.
    condition: Option<(Reg, u8, bool)>,
    /// Whether CTR, counted down first, must be zero (or must not), if it counts.
    counter_zero: Option<bool>,
}

/// The slot and the bit in it of bit `n` of the condition register.
pub const fn condition_bit(n: u8) -> (Reg, u8) {
    (cr(n / 4), 3 - n % 4)
}

const fn when(insn: Insn) -> When {
    const ANY_CONDITION: u8 = 0x10;
    const CONDITION_SET: u8 = 0x08;
    const ANY_COUNT: u8 = 0x04;
    const COUNT_ZERO: u8 = 0x02;
    let bo = insn.t();
    let (slot, bit) = condition_bit(insn.a());
    When {
        condition: if bo & ANY_CONDITION == 0 { Some((slot, bit, bo & CONDITION_SET != 0)) } else { None },
        counter_zero: if bo & ANY_COUNT == 0 { Some(bo & COUNT_ZERO != 0) } else { None },
    }
}

impl When {
    const fn is_always(self) -> bool {
        self.condition.is_none() && self.counter_zero.is_none()
    }

    /// Count down, and give the branch that decides.
    fn decide(self, out: &mut BlockBuilder) -> Op {
        match (self.condition, self.counter_zero) {
            (Some((a, bit, set)), None) => Op::BranchBit { a, bit, set },
            (None, Some(zero)) => {
                out.add_imm(Width::W64, CTR, CTR, -1);
                Op::BranchCmpImm { pred: zero_or_not(zero), width: Width::W64, a: CTR, imm: 0 }
            }
            (condition, counter_zero) => {
                let a = self.test(out, condition, counter_zero);
                Op::BranchCmpImm { pred: Pred::Ne, width: Width::W64, a, imm: 0 }
            }
        }
    }

    /// A register that is not zero when the branch is taken.
    fn test(self, out: &mut BlockBuilder, condition: Option<(Reg, u8, bool)>, counter: Option<bool>) -> Reg {
        let (test, other) = (out.temp(), out.temp());
        out.constant(test, 1);
        if let Some(zero) = counter {
            out.add_imm(Width::W64, CTR, CTR, -1);
            out.emit(Op::SetCmpImm { pred: zero_or_not(zero), width: Width::W64, dst: test, a: CTR, imm: 0 });
        }
        if let Some((src, lsb, set)) = condition {
            out.emit(Op::Extract { width: Width::W64, dst: other, src, lsb, len: 1, signed: false });
            if !set {
                out.emit(Op::XorImm { width: Width::W64, dst: other, a: other, imm: 1 });
            }
            out.emit(Op::And { width: Width::W64, dst: test, a: test, b: other });
        }
        test
    }
}

const fn zero_or_not(zero: bool) -> Pred {
    if zero { Pred::Eq } else { Pred::Ne }
}

/// B and BC, with their forms that call (LK) and take an absolute address (AA).
pub fn direct(cx: &mut Cx<'_>) -> Lifted {
    let insn = cx.insn;
    let is_plain = insn.primary() == 18;
    let distance = if is_plain {
        i64::from((insn.word << 6) as i32 >> 6) & !3
    } else {
        insn.si() & !3
    };
    let absolute = insn.word & 2 != 0;
    let target = if absolute { distance as u64 } else { insn.pc.wrapping_add(distance as u64) };
    let when = if is_plain { When { condition: None, counter_zero: None } } else { when(insn) };
    let (next, links) = (insn.next(), insn.lowest_bit());
    let out = cx.begin();
    let edge = link(out, links, next);
    if when.is_always() {
        out.goto(edge, target);
    } else {
        let op = when.decide(out);
        out.end(op, &[target, next]);
    }
    Ok(())
}

/// Leave the return address where the bit LK says so.
fn link(out: &mut BlockBuilder, links: bool, next: u64) -> Edge {
    if !links {
        return Edge::Jump;
    }
    out.constant(LR, next);
    Edge::Call
}

/// BCLR: a return, or an indirect call through LR (`bclrl`).
pub fn to_link(cx: &mut Cx<'_>) -> Lifted {
    let (when, next, links) = (when(cx.insn), cx.insn.next(), cx.insn.lowest_bit());
    let out = cx.begin();
    let target = if links { copied(out, LR) } else { LR };
    if !links && when.is_always() {
        out.goto_reg(Edge::Return, target);
        return Ok(());
    }
    indirect(out, when, target, links, next);
    Ok(())
}

/// BCCTR: a jump or call through CTR. Counting it down at the same time is invalid.
pub fn to_counter(cx: &mut Cx<'_>) -> Lifted {
    let (when, next, links) = (when(cx.insn), cx.insn.next(), cx.insn.lowest_bit());
    if when.counter_zero.is_some() {
        return Err(Gap::Opcode);
    }
    let out = cx.begin();
    indirect(out, when, CTR, links, next);
    Ok(())
}

fn copied(out: &mut BlockBuilder, src: Reg) -> Reg {
    let dst = out.temp();
    out.copy(dst, src);
    dst
}

/// Go to `target` or, when the branch is not taken, to the next instruction.
fn indirect(out: &mut BlockBuilder, when: When, target: Reg, links: bool, next: u64) {
    if when.is_always() {
        let edge = link(out, links, next);
        out.goto_reg(edge, target);
        return;
    }
    let test = when.test(out, when.condition, when.counter_zero);
    let (addr, beside) = (out.temp(), out.temp());
    out.constant(beside, next);
    out.emit(Op::Select { dst: addr, test, a: target, b: beside });
    link(out, links, next);
    out.goto_reg(Edge::Jump, addr);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_branch_of_go_after_a_comparison_waits_for_a_bit_of_field_0() {
        let insn = Insn { pc: 0, word: 0x4182_0010 };
        assert_eq!(when(insn), When { condition: Some((cr(0), 1, true)), counter_zero: None });
    }

    #[test]
    fn the_plain_indirect_call_through_the_link_register_neither_waits_nor_counts() {
        assert!(when(Insn { pc: 0, word: 0x4e80_0821 }).is_always());
    }

    #[test]
    fn bdnz_counts_and_looks_at_no_condition() {
        assert_eq!(when(Insn { pc: 0, word: 0x4200_fff8 }), When { condition: None, counter_zero: Some(false) });
    }
}
