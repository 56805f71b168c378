//! What each instruction means, as micro-ops.
//!
//! This file only sorts instructions to the file of their group. A lift first checks its operands, which may fail, and
//! then calls [`Cx::begin`]; from there on it cannot fail, so an unsupported instruction leaves nothing behind.

mod arith;
mod atomic;
mod bits;
mod branch;
mod constant;
mod float;
mod float_convert;
mod float_move;
mod memory;
mod system;

use rcsim_uop::reg::SINK;
use rcsim_uop::{BlockBuilder, Reg};

use super::decode::{Gap, INSN_BYTES, Insn, Kind, Lifted};
use super::features::Features;
use super::table::{Meaning as M, Row};

/// One instruction on its way into a block.
pub struct Cx<'a> {
    insn: Insn,
    features: Features,
    out: &'a mut BlockBuilder,
}

impl Cx<'_> {
    /// Announce the instruction; nothing after this may fail.
    fn begin(&mut self) -> &mut BlockBuilder {
        self.out.insn(self.insn.pc, INSN_BYTES);
        self.out
    }

    /// Announce the instruction, and let `emit` add its micro-ops unless the result goes nowhere: with `r0` as result these
    /// do nothing.
    fn result(&mut self, emit: impl FnOnce(&mut BlockBuilder, Reg)) -> Lifted {
        let dst = self.insn.rd_out();
        let out = self.begin();
        if dst != SINK {
            emit(out, dst);
        }
        Ok(())
    }
}

/// Lift one instruction.
///
/// # Errors
/// When it cannot be lifted; nothing has been announced then.
pub fn lift(insn: Insn, features: Features, out: &mut BlockBuilder) -> Lifted {
    let extension = match insn.kind {
        Kind::Known(row) => row.extension,
        Kind::Vector(extension) => extension,
    };
    if let Some(feature) = features.missing(extension) {
        return Err(Gap::Feature(feature));
    }
    match insn.kind {
        Kind::Known(row) => known(&mut Cx { insn, features, out }, row),
        Kind::Vector(_) => Err(Gap::Shape),
    }
}

fn known(cx: &mut Cx<'_>, row: &Row) -> Lifted {
    match row.meaning {
        M::Alu(op, width) => arith::alu(cx, op, width),
        M::AddImm(width) => arith::add_imm(cx, width),
        M::AndImm => arith::and_imm(cx),
        M::OrImm => arith::or_imm(cx),
        M::XorImm => arith::xor_imm(cx),
        M::Compare(pred) => arith::compare(cx, pred),
        M::CompareImm(pred) => arith::compare_imm(cx, pred),
        M::AddUpper16 => constant::add_upper_16(cx),
        M::LoadUpper12 => constant::load_upper_12(cx),
        M::LoadUpper32 => constant::load_upper_32(cx),
        M::LoadUpper52 => constant::load_upper_52(cx),
        M::PcAdd(how) => constant::add_to_pc(cx, how),
        M::ZeroWhen { zero } => arith::zero_when(cx, zero),
        M::Shift(op, width) => arith::shift(cx, op, width),
        M::ShiftImm(op, width) => arith::shift_imm(cx, op, width),
        M::ShiftAdd(width) => arith::shift_add(cx, width),
        M::Mul(width) => arith::multiply(cx, width),
        M::MulHigh(kind, width) => arith::multiply_high(cx, kind, width),
        M::MulLong { signed } => arith::multiply_long(cx, signed),
        M::Divide(op, width) => arith::divide(cx, op, width),
        M::BytePick(width) => bits::byte_pick(cx, width),
        M::Count { ones, leading, width } => bits::count(cx, ones, leading, width),
        M::Reverse(what, width) => bits::reverse(cx, what, width),
        M::Extend(len) => bits::extend(cx, len),
        M::Insert(width) => bits::insert(cx, width),
        M::Extract(width) => bits::extract(cx, width),
        M::Crc { bits, castagnoli } => bits::crc(cx, bits, castagnoli),
        M::Time => system::time(cx),
        M::TimeHalf { high } => system::time_half(cx, high),
        M::Configuration => system::configuration(cx),
        M::Fence => system::fence(cx),
        M::SystemCall => system::call(cx),
        M::Break => system::breakpoint(cx),
        M::Load(acc) => memory::load(cx, acc),
        M::Store(acc) => memory::store(cx, acc),
        M::LoadIndexed(acc) => memory::load_indexed(cx, acc),
        M::StoreIndexed(acc) => memory::store_indexed(cx, acc),
        M::LoadWords(acc) => memory::load_words(cx, acc),
        M::StoreWords(acc) => memory::store_words(cx, acc),
        M::Preload => memory::preload(cx),
        M::FloatLoad(format) => memory::load_float(cx, format),
        M::FloatStore(format) => memory::store_float(cx, format),
        M::FloatLoadIndexed(format) => memory::load_float_indexed(cx, format),
        M::FloatStoreIndexed(format) => memory::store_float_indexed(cx, format),
        M::LoadLinked(acc) => atomic::load_linked(cx, acc),
        M::StoreConditional(acc) => atomic::store_conditional(cx, acc),
        M::Amo(op, acc) => atomic::update(cx, op, acc),
        M::CompareSwap(acc) => atomic::compare_swap(cx, acc),
        M::Branch(pred) => branch::compare(cx, pred),
        M::BranchZero { zero } => branch::zero(cx, zero),
        M::BranchFlag { set } => branch::flag(cx, set),
        M::Jump { links } => branch::jump(cx, links),
        M::JumpRegister => branch::jump_register(cx),
        M::FloatAlu(op, format) => float::alu(cx, op, format),
        M::Absolute(format) => float::absolute(cx, format),
        M::Negate(format) => float::negate(cx, format),
        M::SquareRoot(format) => float::square_root(cx, format),
        M::Reciprocal(format) => float::reciprocal(cx, format),
        M::RoundIntegral(format) => float::round_integral(cx, format),
        M::Class(format) => float::class(cx, format),
        M::FloatCopy(format) => float::copy(cx, format),
        M::FloatCompare(format) => float::compare(cx, format),
        M::FloatSelect => float::select(cx),
        M::MulAdd { format, subtract, negate } => float::multiply_add(cx, format, subtract, negate),
        M::ToInt { format, width, round } => float_convert::to_integer(cx, format, width, round),
        M::FromInt { format, width } => float_convert::from_integer(cx, format, width),
        M::ToSingle => float_convert::to_single(cx),
        M::ToDouble => float_convert::to_double(cx),
        M::FloatMove(which) => float_move::lift(cx, which),
        M::NotModelled => Err(Gap::Shape),
    }
}
