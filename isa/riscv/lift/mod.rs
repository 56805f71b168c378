//! What each instruction means, as micro-ops.
//!
//! This file only sorts instructions to the file of their group. A lift first checks its operands, which may fail, and
//! then calls [`Cx::begin`]; from there on it cannot fail, so an unsupported instruction leaves nothing behind.

mod atomic;
mod bits;
mod branch;
mod float;
mod integer;
mod memory;
mod multiply;
mod system;

use rcsim_uop::BlockBuilder;
use rcsim_uop::op::Stop;

use super::decode::{Gap, Insn, Kind, Lifted};
use super::features::{Features, VECTOR};
use super::table::{Meaning as M, Row};

/// One instruction on its way into a block.
pub struct Cx<'a> {
    insn: Insn,
    out: &'a mut BlockBuilder,
}

impl Cx<'_> {
    /// Announce the instruction; nothing after this may fail.
    fn begin(&mut self) -> &mut BlockBuilder {
        self.out.insn(self.insn.pc, self.insn.len);
        self.out
    }
}

/// Lift one instruction.
///
/// # Errors
/// When it cannot be lifted; nothing has been announced then.
pub fn lift(insn: Insn, features: Features, out: &mut BlockBuilder) -> Lifted {
    let cx = &mut Cx { insn, out };
    match insn.kind {
        Kind::Known(row) => known(cx, features, row),
        Kind::Vector => Err(Gap::Feature(VECTOR)),
        Kind::Undefined => {
            cx.begin().stop(Stop::Undefined, 0, insn.pc);
            Ok(())
        }
    }
}

fn known(cx: &mut Cx<'_>, features: Features, row: &Row) -> Lifted {
    if let Some(feature) = features.missing(row.extension) {
        return Err(Gap::Feature(feature));
    }
    match row.meaning {
        M::Lui => integer::load_upper(cx),
        M::Auipc => integer::add_upper_to_pc(cx),
        M::Alu(op, width) => integer::alu(cx, op, width),
        M::AluImm(op, width) => integer::alu_imm(cx, op, width),
        M::Compare(pred) => integer::compare(cx, pred),
        M::CompareImm(pred) => integer::compare_imm(cx, pred),
        M::Shift(op, width) => integer::shift(cx, op, width),
        M::ShiftImm(op, width) => integer::shift_imm(cx, op, width),
        M::Jal => branch::jump(cx),
        M::Jalr => branch::jump_register(cx),
        M::Branch(pred) => branch::conditional(cx, pred),
        M::Load(access) => memory::load(cx, access),
        M::Store(access) => memory::store(cx, access),
        M::FloatLoad(format) => memory::load_float(cx, format),
        M::FloatStore(format) => memory::store_float(cx, format),
        M::Fence => system::fence(cx),
        M::Ecall => system::environment_call(cx),
        M::Ebreak => system::breakpoint(cx),
        M::Csr(action) => system::csr(cx, action, cx.insn.rs1_number()),
        M::CsrImm(action) => system::csr(cx, action, cx.insn.rs1_number()),
        M::Mul(width) => multiply::low(cx, width),
        M::MulHigh(kind) => multiply::high(cx, kind),
        M::Divide(op, width) => multiply::divide(cx, op, width),
        M::LoadReserved(access) => atomic::load_reserved(cx, access),
        M::StoreConditional(access) => atomic::store_conditional(cx, access),
        M::Amo(op, access) => atomic::update(cx, op, access),
        M::FloatAlu(op, format) => float::alu(cx, op, format),
        M::FloatSqrt(format) => float::square_root(cx, format),
        M::FloatSign(sign, format) => float::sign(cx, sign, format),
        M::FloatCompare(pred, format) => float::compare(cx, pred, format),
        M::FloatClass(format) => float::class(cx, format),
        M::MulAdd { format, negate_product, negate_c } => float::multiply_add(cx, format, negate_product, negate_c),
        M::ToInt { format, width, signed } => float::to_integer(cx, format, width, signed),
        M::FromInt { format, width, signed } => float::from_integer(cx, format, width, signed),
        M::ToSingle => float::to_single(cx),
        M::ToDouble => float::to_double(cx),
        M::MoveOut(format) => float::move_out(cx, format),
        M::MoveIn(format) => float::move_in(cx, format),
        M::ShiftAdd { shift, word } => bits::shift_add(cx, shift, word),
        M::ShiftLeftWord => bits::shift_left_word(cx),
        M::Count(op, width) => bits::count(cx, op, width),
        M::Extend { bits, signed } => bits::extend(cx, bits, signed),
        M::Extreme(pred) => bits::extreme(cx, pred),
        M::RotateLeft(width) => bits::rotate_left(cx, width),
        M::OrCombine => bits::or_combine(cx),
        M::Bit(op) => bits::single(cx, op),
        M::BitImm(op) => bits::single_imm(cx, op),
        M::ZeroWhen { zero } => bits::zero_when(cx, zero),
    }
}
