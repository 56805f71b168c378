//! What each instruction means, as micro-ops.
//!
//! This file only sorts instructions to the file of their group. A lift first looks whether it can do what the
//! instruction asks, which may fail, and then calls [`Cx::begin`]; from there on it cannot fail, so an unsupported
//! instruction leaves nothing behind.

mod arith;
mod atomic;
mod branch;
mod control;
mod float;
mod float_convert;
mod float_move;
mod immediate;
mod memory;
mod multiply;
mod shift;
mod slot;
mod system;

use rcsim_uop::isa::CodeView;
use rcsim_uop::op::{Mem, Op};
use rcsim_uop::{BlockBuilder, Reg};

use super::decode::{Gap, INSN_BYTES, Insn, Lifted};
use super::mode::Mode;

/// One instruction on its way into a block.
pub struct Cx<'a> {
    code: &'a dyn CodeView,
    insn: Insn,
    mode: Mode,
    /// Whether it stands in the delay slot of the branch that is being lifted.
    in_slot: bool,
    out: &'a mut BlockBuilder,
}

impl Cx<'_> {
    /// Announce the instruction; nothing after this may fail.
    fn begin(&mut self) -> &mut BlockBuilder {
        let bytes = INSN_BYTES as u8;
        if self.in_slot {
            self.out.insn_keeping_temps(self.insn.pc, bytes);
        } else {
            self.out.insn(self.insn.pc, bytes);
        }
        self.out
    }

    /// The instruction does nothing that can be seen here.
    fn nothing(&mut self) -> Lifted {
        self.begin();
        Ok(())
    }

    /// Announce the instruction as this micro-op.
    fn emit(&mut self, op: Op) -> Lifted {
        self.begin().emit(op);
        Ok(())
    }

    /// Announce the instruction as a move.
    fn copy(&mut self, dst: Reg, src: Reg) -> Lifted {
        self.begin().copy(dst, src);
        Ok(())
    }

    /// Fails on machines of 32 bits.
    const fn needs_wide(&self) -> Lifted {
        if self.mode.wide { Ok(()) } else { Err(Gap::Opcode) }
    }

    /// An address as this machine forms it.
    const fn mem(&self, base: Reg, disp: i32) -> Mem {
        let mem = Mem::at(base, disp);
        if self.mode.wide { mem } else { mem.wrap_32() }
    }

    /// The address of a load or store.
    const fn address(&self) -> Mem {
        self.mem(self.insn.rs(), self.insn.disp())
    }
}

/// Lift one instruction; a branch together with its delay slot.
///
/// # Errors
/// When it cannot be lifted; nothing has been announced then.
pub fn lift(code: &dyn CodeView, insn: Insn, mode: Mode, out: &mut BlockBuilder) -> Lifted {
    sort(&mut Cx { code, insn, mode, in_slot: false, out })
}

fn sort(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.opcode() {
        0 => special(cx),
        1 => branch::against_zero(cx),
        2 | 3 => branch::jump(cx),
        4..=7 => branch::compare(cx),
        8..=15 | 24 | 25 => immediate::lift(cx),
        17 => coprocessor_1(cx),
        26 | 27 | 32..=47 | 55 | 63 => memory::lift(cx),
        28 => multiply::special2(cx),
        30 => Err(Gap::Feature("msa")),
        31 => system::special3(cx),
        48 | 52 | 56 | 60 => atomic::lift(cx),
        49 | 53 | 57 | 61 => float_move::memory(cx),
        // PREF.
        51 => cx.nothing(),
        _ => Err(Gap::Opcode),
    }
}

fn special(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.function() {
        0..=7 if cx.insn.function() != 1 && cx.insn.function() != 5 => shift::lift(cx),
        1 => arith::move_on_condition(cx),
        8 | 9 => branch::register(cx),
        10 | 11 => arith::move_on_zero(cx),
        12 | 13 | 15 | 48..=52 | 54 => system::lift(cx),
        16..=19 => multiply::halves(cx),
        20 | 22 | 23 | 56 | 58..=60 | 62 | 63 => shift::doubleword(cx),
        24..=31 => multiply::lift(cx),
        32..=47 => arith::lift(cx),
        _ => Err(Gap::Opcode),
    }
}

/// Coprocessor 1 is the floating-point unit.
fn coprocessor_1(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.rs_number() {
        0 | 1 | 4 | 5 => float_move::general(cx),
        2 | 6 => control::lift(cx),
        8 => branch::floating_point(cx),
        16 | 17 | 20 | 21 => float::lift(cx),
        _ => Err(Gap::Opcode),
    }
}
