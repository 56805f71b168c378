//! What each instruction means, as micro-ops.
//!
//! This file only sorts instructions to the file of their group (A5). A lift first looks at everything that may fail, and
//! then calls [`Cx::begin`], or [`Cx::begin_leaving`] when it may transfer control; from there on it cannot fail, so an
//! unsupported instruction leaves nothing behind. Both open the instruction's condition: micro-ops that follow are skipped
//! when it does not hold.

mod arith;
mod branch;
mod coprocessor;
mod data;
mod exclusive;
mod float;
mod float_convert;
mod float_memory;
mod float_move;
mod halfword;
mod logic;
mod media;
mod memory;
mod multiple;
mod multiply;
mod operand;
mod pair;
mod status;
mod unconditional;

use rcsim_uop::op::{Edge, Op};
use rcsim_uop::{BlockBuilder, Reg};

use super::decode::{Gap, INSN_BYTES, Insn, Lifted, When};
use super::features::Features;
use super::regs::{PC, r};

/// One instruction on its way into a block.
pub struct Cx<'a> {
    insn: Insn,
    features: Features,
    out: &'a mut BlockBuilder,
    /// Where the skip over the instruction stands, when it has a condition.
    skip: Option<usize>,
    /// Where control goes on, when the instruction has a condition and may transfer it.
    onward: Option<Reg>,
}

impl Cx<'_> {
    /// Announce the instruction; nothing after this may fail.
    fn begin(&mut self) -> &mut BlockBuilder {
        self.out.insn(self.insn.pc, INSN_BYTES as u8);
        self.open();
        self.out
    }

    /// Announce an instruction that ends by [`Cx::leave`].
    fn begin_leaving(&mut self) {
        self.out.insn(self.insn.pc, INSN_BYTES as u8);
        if let When::If(_) = self.insn.when() {
            let onward = self.out.temp();
            self.out.constant(onward, self.insn.next());
            self.onward = Some(onward);
        }
        self.open();
    }

    fn open(&mut self) {
        if let When::If(cond) = self.insn.when() {
            self.skip = Some(self.out.position());
            self.out.emit(Op::SkipUnless { cond, count: 0 });
        }
    }

    /// Micro-ops from here on are not skipped.
    fn close(&mut self) {
        if let Some(skip) = self.skip.take() {
            self.out.land(skip);
        }
    }

    /// Continue at the address in `target`. What has a condition goes by one jump for both outcomes.
    fn leave(&mut self, edge: Edge, target: Reg) {
        match self.onward {
            None => self.out.goto_reg(edge, target),
            Some(onward) => {
                self.out.copy(onward, target);
                self.close();
                self.out.goto_reg(Edge::Jump, onward);
            }
        }
    }

    /// The instruction does one thing.
    fn emit(&mut self, op: Op) -> Lifted {
        self.begin().emit(op);
        Ok(())
    }

    /// The instruction does nothing that can be seen here.
    fn nothing(&mut self) -> Lifted {
        self.begin();
        Ok(())
    }

    /// A register that holds general register `n`; to be called after the beginning.
    fn read(&mut self, n: u8) -> Reg {
        if n != PC {
            return r(n);
        }
        let pc = self.out.temp();
        self.out.constant(pc, self.insn.seen_pc());
        pc
    }

    /// A general register that is not the program counter, in the field at bit `at`.
    fn general(&self, at: u32) -> Lifted<Reg> {
        match self.insn.number(at) {
            PC => Err(Gap::Opcode),
            n => Ok(r(n)),
        }
    }
}

/// Lift one instruction.
///
/// # Errors
/// When it cannot be lifted; nothing has been announced then.
pub fn lift(insn: Insn, features: Features, out: &mut BlockBuilder) -> Lifted {
    let mut cx = Cx { insn, features, out, skip: None, onward: None };
    sort(&mut cx)?;
    cx.close();
    Ok(())
}

/// A5.1: by condition, then by bits 27 to 25.
fn sort(cx: &mut Cx<'_>) -> Lifted {
    let insn = cx.insn;
    if insn.when() == When::Unconditional {
        return unconditional::lift(cx);
    }
    match insn.field(25, 3) {
        0 if insn.bit(4) && insn.bit(7) => extra(cx),
        0 if insn.field(23, 2) == 2 && !insn.bit(20) => miscellaneous(cx),
        0 => data::lift(cx, insn.shifted()),
        1 if insn.field(23, 2) == 2 && !insn.bit(20) => half_constant(cx),
        1 => data::lift(cx, insn.rotated()),
        2 => memory::lift(cx),
        3 if insn.bit(4) => media::lift(cx),
        3 => memory::lift(cx),
        4 => multiple::lift(cx),
        5 => branch::immediate(cx),
        _ => coprocessor::lift(cx),
    }
}

/// A5.2.5, A5.2.8 and A5.2.10: products, exclusive accesses, loads and stores of halves and pairs.
fn extra(cx: &mut Cx<'_>) -> Lifted {
    match (cx.insn.field(5, 2), cx.insn.bit(24)) {
        (0, false) => multiply::lift(cx),
        (0, true) => exclusive::lift(cx),
        _ => halfword::lift(cx),
    }
}

/// A5.2.12 and A5.2.7.
fn miscellaneous(cx: &mut Cx<'_>) -> Lifted {
    if cx.insn.bit(7) {
        return multiply::halves(cx);
    }
    match (cx.insn.field(4, 3), cx.insn.field(21, 2)) {
        (0, op) => status::lift(cx, op & 1 != 0),
        (1, 1) => branch::exchange(cx),
        (1, 3) => media::leading_zeros(cx),
        (3, 1) => branch::call(cx),
        (7, 1) => status::breakpoint(cx),
        _ => Err(Gap::Opcode),
    }
}

/// A5.2.11 and MOVW, MOVT.
fn half_constant(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.field(21, 2) {
        0 => logic::half(cx, false),
        2 => logic::half(cx, true),
        _ => status::hint_or_write(cx),
    }
}
