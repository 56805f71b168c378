//! Data processing (A5.2.1 to A5.2.3): sixteen operations with one second operand.

use rcsim_uop::Reg;
use rcsim_uop::op::Edge;
use rcsim_uop::reg::SINK;

use super::{Cx, arith, logic};
use crate::arm::decode::{Gap, Lifted, Second};
use crate::arm::regs::{LINK, PC, r};

/// The operations by their number in the field `opcode`.
pub mod op {
    pub const AND: u32 = 0;
    pub const EOR: u32 = 1;
    pub const SUB: u32 = 2;
    pub const RSB: u32 = 3;
    pub const ADD: u32 = 4;
    pub const ADC: u32 = 5;
    pub const SBC: u32 = 6;
    pub const RSC: u32 = 7;
    pub const TST: u32 = 8;
    pub const TEQ: u32 = 9;
    pub const CMP: u32 = 10;
    pub const CMN: u32 = 11;
    pub const ORR: u32 = 12;
    pub const MOV: u32 = 13;
    pub const BIC: u32 = 14;
}

/// An operation with its operands.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Which.
    pub op: u32,
    /// Whether it sets the flags.
    pub flags: bool,
    /// Where the result goes.
    pub dst: Reg,
    /// Number of the first operand's register.
    pub first: u8,
    /// The second operand.
    pub second: Second,
}

/// One of the sixteen. A result for the program counter is a jump; with flags it would be the return from an exception.
pub fn lift(cx: &mut Cx<'_>, second: Second) -> Lifted {
    let (op, flags, first, rd) = (cx.insn.field(21, 4), cx.insn.bit(20), cx.insn.number(16), cx.insn.number(12));
    let only_flags = (op::TST..=op::CMN).contains(&op);
    let leaves = rd == PC && !only_flags;
    if leaves && flags {
        return Err(Gap::Opcode);
    }
    if !leaves {
        cx.begin();
        let dst = if only_flags { SINK } else { r(rd) };
        perform(cx, Operation { op, flags, dst, first, second });
        return Ok(());
    }
    cx.begin_leaving();
    let dst = cx.out.temp();
    perform(cx, Operation { op, flags, dst, first, second });
    let edge = if returns(op, first, second) { Edge::Return } else { Edge::Jump };
    cx.leave(edge, dst);
    Ok(())
}

/// Whether it moves the link register to the program counter: `mov pc, lr`, or what Go writes, `add pc, lr, #0`.
fn returns(op: u32, first: u8, second: Second) -> bool {
    match second {
        Second::Plain(n) => op == op::MOV && r(n.min(14)) == LINK,
        Second::Constant(0, _) => op == op::ADD && r(first.min(14)) == LINK,
        _ => false,
    }
}

fn perform(cx: &mut Cx<'_>, operation: Operation) {
    match operation.op {
        op::SUB | op::RSB | op::ADD | op::ADC | op::SBC | op::RSC | op::CMP | op::CMN => arith::lift(cx, operation),
        _ => logic::lift(cx, operation),
    }
}
