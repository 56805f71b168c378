//! What each instruction means, as micro-ops.
//!
//! This file only sorts instructions to the file of their group, by their first byte. A lift first looks whether it can do
//! what the instruction asks, which may fail, and then calls [`Cx::begin`]; from there on it cannot fail, so an
//! unsupported instruction leaves nothing behind.

mod arith;
mod atomic;
mod branch;
mod compare;
mod divide;
mod float;
mod float_convert;
mod float_move;
mod immediate;
mod insert;
mod memory;
mod multiple;
mod operand;
mod register;
mod rotate;
mod select;
mod shift;
mod storage;
mod storage_immediate;
mod system;
mod vector;
mod vector_lanes;
mod vector_memory;

use rcsim_uop::isa::CodeView;
use rcsim_uop::op::{Access, Op, Width};
use rcsim_uop::{BlockBuilder, Reg};

use super::decode::{Gap, Insn, Lifted};
use super::regs::CC;

const W64: Width = Width::W64;
const W32: Width = Width::W32;

/// One instruction on its way into a block.
pub struct Cx<'a> {
    insn: Insn,
    code: &'a dyn CodeView,
    out: &'a mut BlockBuilder,
}

impl Cx<'_> {
    /// Announce the instruction; nothing after this may fail.
    fn begin(&mut self) -> &mut BlockBuilder {
        self.out.insn(self.insn.pc, self.insn.len);
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
}

/// The access that moves `1 << log2` bytes.
const fn access(log2: u8) -> Access {
    Access::big(log2)
}

/// The condition code of a comparison: 0 equal, 1 low, 2 high.
const fn order(width: Width, signed: bool, a: Reg, b: Reg) -> Op {
    Op::Compare3 { width, signed, dst: CC, a, b, less: 1, equal: 0, greater: 2 }
}

/// Put a result of `width` into a register: one of 32 bits leaves the upper half as it is.
fn place(out: &mut BlockBuilder, width: Width, dst: Reg, src: Reg) {
    if width == W64 {
        out.copy(dst, src);
    } else {
        out.emit(Op::Deposit { dst, base: dst, src, lsb: 0, len: 32 });
    }
}

/// Lift one instruction.
///
/// # Errors
/// When it cannot be lifted; nothing has been announced then.
pub fn lift(insn: Insn, code: &dyn CodeView, out: &mut BlockBuilder) -> Lifted {
    let cx = &mut Cx { insn, code, out };
    match insn.first() {
        0x00 => system::undefined(cx),
        0x05..=0x07 | 0x0d | 0x46..=0x47 => branch::lift(cx),
        0x0a => system::supervisor_call(cx),
        0x10..=0x1f => register::short(cx),
        0x28 | 0x38 | 0x60 | 0x68 | 0x70 | 0x78 => float_move::lift(cx),
        0x40..=0x5f | 0x71 => memory::short(cx),
        0x88..=0x8f => shift::short(cx),
        0x90 | 0x98 | 0x9a | 0x9b => multiple::short(cx),
        0x91..=0x97 => storage_immediate::lift(cx),
        0xa5 => insert::halfwords(cx),
        0xa7 => immediate::halfword(cx),
        0xb2 => system::lift(cx),
        0xb3 => float::lift(cx),
        0xb9 => register::long(cx),
        0xba => atomic::compare_and_swap(cx, W32, insn.base(16)),
        0xc0 | 0xc2 => immediate::word(cx),
        0xc4 => memory::relative(cx),
        0xc6 => compare::relative(cx),
        0xd2..=0xd7 => storage::lift(cx),
        0xe3 => memory::long(cx),
        0xe5 => storage_immediate::word(cx),
        0xe7 => vector::lift(cx),
        0xeb => multiple::long(cx),
        0xec => rotate::lift(cx),
        0xed => float::storage(cx),
        _ => Err(Gap::Opcode),
    }
}
