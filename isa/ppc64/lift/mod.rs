//! What each instruction means, as micro-ops.
//!
//! This file only sorts instructions to the file of their group, by primary opcode. A lift first looks whether it can do
//! what the instruction asks, which may fail, and then calls [`Cx::begin`]; from there on it cannot fail, so an
//! unsupported instruction leaves nothing behind.

mod arith;
mod atomic;
mod bits;
mod branch;
mod carry;
mod compare;
mod condition;
mod extended;
mod float;
mod float_convert;
mod float_memory;
mod immediate;
mod logic;
mod memory;
mod rotate;
mod scalar;
mod shift;
mod system;
mod vector;
mod vector_memory;

use rcsim_uop::op::{Access, Op, Width};
use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::decode::{Gap, INSN_BYTES, Insn, Lifted};
use super::features::Features;
use super::regs::cr;

/// Bits of a field of the condition register.
pub const LESS: u8 = 8;
/// Greater.
pub const GREATER: u8 = 4;
/// Equal.
pub const EQUAL: u8 = 2;
/// Unordered: of floating-point comparisons.
pub const UNORDERED: u8 = 1;

/// One instruction on its way into a block.
pub struct Cx<'a> {
    insn: Insn,
    big_endian: bool,
    features: Features,
    out: &'a mut BlockBuilder,
}

impl Cx<'_> {
    /// Announce the instruction; nothing after this may fail.
    fn begin(&mut self) -> &mut BlockBuilder {
        self.out.insn(self.insn.pc, INSN_BYTES as u8);
        self.out
    }

    /// The instruction does nothing that can be seen here.
    fn nothing(&mut self) -> Lifted {
        self.begin();
        Ok(())
    }

    /// Announce the instruction as no more than these micro-ops.
    fn emit<const N: usize>(&mut self, ops: [Op; N]) -> Lifted {
        let out = self.begin();
        ops.into_iter().for_each(|op| out.emit(op));
        Ok(())
    }

    /// The same, and record the order of `result` and zero where the bit Rc says so.
    fn emit_recorded<const N: usize>(&mut self, result: Reg, ops: [Op; N]) -> Lifted {
        self.emit(ops)?;
        self.record(result);
        Ok(())
    }

    /// Record the order of `result` and zero in field 0 where the bit Rc says so.
    fn record(&mut self, result: Reg) {
        if self.insn.lowest_bit() {
            self.out.emit(order(Width::W64, true, cr(0), result, ZERO));
        }
    }

    /// The access that moves `1 << log2` bytes in the guest's byte order.
    const fn access(&self, log2: u8) -> Access {
        ordered(log2, self.big_endian)
    }

    /// The same in the other byte order.
    const fn reversed(&self, log2: u8) -> Access {
        ordered(log2, !self.big_endian)
    }

    /// Fails unless the CPU has the instructions of POWER9.
    const fn power9(&self) -> Lifted {
        if self.features.power9 { Ok(()) } else { Err(Gap::Feature("power9")) }
    }
}

const fn ordered(log2: u8, big_endian: bool) -> Access {
    if big_endian { Access::big(log2) } else { Access::little(log2) }
}

/// `field` = the order of `a` and `b`. The summary-overflow bit, of which the fourth bit is a copy, is never set: what
/// could set it is not lifted.
const fn order(width: Width, signed: bool, field: Reg, a: Reg, b: Reg) -> Op {
    Op::Compare3 { width, signed, dst: field, a, b, less: LESS, equal: EQUAL, greater: GREATER }
}

/// Lift one instruction.
///
/// # Errors
/// When it cannot be lifted; nothing has been announced then.
pub fn lift(insn: Insn, big_endian: bool, features: Features, out: &mut BlockBuilder) -> Lifted {
    let cx = &mut Cx { insn, big_endian, features, out };
    match insn.primary() {
        0 => branch::undefined(cx),
        4 => vector::lift(cx),
        7..=15 | 24..=29 => immediate::lift(cx),
        16 | 18 => branch::direct(cx),
        17 => branch::system_call(cx),
        19 => condition::lift(cx),
        20..=23 | 30 => rotate::lift(cx),
        31 => extended::lift(cx),
        32..=45 | 58 | 62 => memory::displaced(cx),
        48..=55 => float_memory::displaced(cx),
        59 | 63 => float::lift(cx),
        60 => scalar::lift(cx),
        57 | 61 => vector_memory::displaced(cx),
        _ => Err(Gap::Opcode),
    }
}
