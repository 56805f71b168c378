//! Integer instructions and control flow.

use rcsim_uop::op::{Divide, Logic, MulHigh, Pred, Shift, Width};

use super::{Alu, Format as F, Meaning as M, PcAdd, Reverse, Row, base, row};
use crate::loong::features::Extension;

const W: Width = Width::S32;
const D: Width = Width::W64;

/// Arithmetic, logic, shifts, constants.
pub const ARITHMETIC: &[Row] = &[
    base("add.w", 0x0010_0000, F::R3, M::Alu(Alu::Add, W)),
    base("add.d", 0x0010_8000, F::R3, M::Alu(Alu::Add, D)),
    base("sub.w", 0x0011_0000, F::R3, M::Alu(Alu::Sub, W)),
    base("sub.d", 0x0011_8000, F::R3, M::Alu(Alu::Sub, D)),
    base("slt", 0x0012_0000, F::R3, M::Compare(Pred::LtS)),
    base("sltu", 0x0012_8000, F::R3, M::Compare(Pred::LtU)),
    base("maskeqz", 0x0013_0000, F::R3, M::ZeroWhen { zero: true }),
    base("masknez", 0x0013_8000, F::R3, M::ZeroWhen { zero: false }),
    base("nor", 0x0014_0000, F::R3, M::Alu(Alu::Logic(Logic::Nor), D)),
    base("and", 0x0014_8000, F::R3, M::Alu(Alu::And, D)),
    base("or", 0x0015_0000, F::R3, M::Alu(Alu::Or, D)),
    base("xor", 0x0015_8000, F::R3, M::Alu(Alu::Xor, D)),
    base("orn", 0x0016_0000, F::R3, M::Alu(Alu::Logic(Logic::OrNot), D)),
    base("andn", 0x0016_8000, F::R3, M::Alu(Alu::AndNot, D)),
    base("sll.w", 0x0017_0000, F::R3, M::Shift(Shift::Left, W)),
    base("srl.w", 0x0017_8000, F::R3, M::Shift(Shift::Right, W)),
    base("sra.w", 0x0018_0000, F::R3, M::Shift(Shift::RightSigned, W)),
    base("sll.d", 0x0018_8000, F::R3, M::Shift(Shift::Left, D)),
    base("srl.d", 0x0019_0000, F::R3, M::Shift(Shift::Right, D)),
    base("sra.d", 0x0019_8000, F::R3, M::Shift(Shift::RightSigned, D)),
    base("rotr.w", 0x001b_0000, F::R3, M::Shift(Shift::RotateRight, W)),
    base("rotr.d", 0x001b_8000, F::R3, M::Shift(Shift::RotateRight, D)),
    base("mul.w", 0x001c_0000, F::R3, M::Mul(W)),
    base("mulh.w", 0x001c_8000, F::R3, M::MulHigh(MulHigh::Signed, W)),
    base("mulh.wu", 0x001d_0000, F::R3, M::MulHigh(MulHigh::Unsigned, W)),
    base("mul.d", 0x001d_8000, F::R3, M::Mul(D)),
    base("mulh.d", 0x001e_0000, F::R3, M::MulHigh(MulHigh::Signed, D)),
    base("mulh.du", 0x001e_8000, F::R3, M::MulHigh(MulHigh::Unsigned, D)),
    base("mulw.d.w", 0x001f_0000, F::R3, M::MulLong { signed: true }),
    base("mulw.d.wu", 0x001f_8000, F::R3, M::MulLong { signed: false }),
    base("div.w", 0x0020_0000, F::R3, M::Divide(Divide::QuotientS, W)),
    base("mod.w", 0x0020_8000, F::R3, M::Divide(Divide::RemainderS, W)),
    base("div.wu", 0x0021_0000, F::R3, M::Divide(Divide::QuotientU, W)),
    base("mod.wu", 0x0021_8000, F::R3, M::Divide(Divide::RemainderU, W)),
    base("div.d", 0x0022_0000, F::R3, M::Divide(Divide::QuotientS, D)),
    base("mod.d", 0x0022_8000, F::R3, M::Divide(Divide::RemainderS, D)),
    base("div.du", 0x0023_0000, F::R3, M::Divide(Divide::QuotientU, D)),
    base("mod.du", 0x0023_8000, F::R3, M::Divide(Divide::RemainderU, D)),
    base("slli.w", 0x0040_8000, F::Unsigned5, M::ShiftImm(Shift::Left, W)),
    base("slli.d", 0x0041_0000, F::Unsigned6, M::ShiftImm(Shift::Left, D)),
    base("srli.w", 0x0044_8000, F::Unsigned5, M::ShiftImm(Shift::Right, W)),
    base("srli.d", 0x0045_0000, F::Unsigned6, M::ShiftImm(Shift::Right, D)),
    base("srai.w", 0x0048_8000, F::Unsigned5, M::ShiftImm(Shift::RightSigned, W)),
    base("srai.d", 0x0049_0000, F::Unsigned6, M::ShiftImm(Shift::RightSigned, D)),
    base("rotri.w", 0x004c_8000, F::Unsigned5, M::ShiftImm(Shift::RotateRight, W)),
    base("rotri.d", 0x004d_0000, F::Unsigned6, M::ShiftImm(Shift::RotateRight, D)),
    base("alsl.w", 0x0004_0000, F::ShiftAdd, M::ShiftAdd(W)),
    base("alsl.wu", 0x0006_0000, F::ShiftAdd, M::ShiftAdd(Width::W32)),
    base("alsl.d", 0x002c_0000, F::ShiftAdd, M::ShiftAdd(D)),
    base("slti", 0x0200_0000, F::Signed12, M::CompareImm(Pred::LtS)),
    base("sltui", 0x0240_0000, F::Signed12, M::CompareImm(Pred::LtU)),
    base("addi.w", 0x0280_0000, F::Signed12, M::AddImm(W)),
    base("addi.d", 0x02c0_0000, F::Signed12, M::AddImm(D)),
    base("lu52i.d", 0x0300_0000, F::Signed12, M::LoadUpper52),
    base("andi", 0x0340_0000, F::Unsigned12, M::AndImm),
    base("ori", 0x0380_0000, F::Unsigned12, M::OrImm),
    base("xori", 0x03c0_0000, F::Unsigned12, M::XorImm),
    base("addu16i.d", 0x1000_0000, F::Signed16, M::AddUpper16),
    base("lu12i.w", 0x1400_0000, F::Signed20, M::LoadUpper12),
    base("lu32i.d", 0x1600_0000, F::Signed20, M::LoadUpper32),
    base("pcaddi", 0x1800_0000, F::Signed20, M::PcAdd(PcAdd::Words)),
    base("pcalau12i", 0x1a00_0000, F::Signed20, M::PcAdd(PcAdd::Page)),
    base("pcaddu12i", 0x1c00_0000, F::Signed20, M::PcAdd(PcAdd::Pages)),
    base("pcaddu18i", 0x1e00_0000, F::Signed20, M::PcAdd(PcAdd::Far)),
];

const fn count(ones: bool, leading: bool, width: Width) -> M {
    M::Count { ones, leading, width }
}

const fn crc(name: &'static str, bits: u32, width: u8, castagnoli: bool) -> Row {
    row(name, bits, F::R3, M::Crc { bits: width, castagnoli }, Extension::Crc32)
}

/// Bits and bytes of a register.
pub const BITS: &[Row] = &[
    base("clo.w", 0x0000_1000, F::R2, count(true, true, W)),
    base("clz.w", 0x0000_1400, F::R2, count(false, true, W)),
    base("cto.w", 0x0000_1800, F::R2, count(true, false, W)),
    base("ctz.w", 0x0000_1c00, F::R2, count(false, false, W)),
    base("clo.d", 0x0000_2000, F::R2, count(true, true, D)),
    base("clz.d", 0x0000_2400, F::R2, count(false, true, D)),
    base("cto.d", 0x0000_2800, F::R2, count(true, false, D)),
    base("ctz.d", 0x0000_2c00, F::R2, count(false, false, D)),
    base("revb.2h", 0x0000_3000, F::R2, M::Reverse(Reverse::BytesOfHalfwords, W)),
    base("revb.4h", 0x0000_3400, F::R2, M::Reverse(Reverse::BytesOfHalfwords, D)),
    base("revb.2w", 0x0000_3800, F::R2, M::Reverse(Reverse::BytesOfWords, D)),
    base("revb.d", 0x0000_3c00, F::R2, M::Reverse(Reverse::Bytes, D)),
    base("revh.2w", 0x0000_4000, F::R2, M::Reverse(Reverse::HalfwordsOfWords, D)),
    base("revh.d", 0x0000_4400, F::R2, M::Reverse(Reverse::Halfwords, D)),
    base("bitrev.4b", 0x0000_4800, F::R2, M::Reverse(Reverse::BitsOfBytes, W)),
    base("bitrev.8b", 0x0000_4c00, F::R2, M::Reverse(Reverse::BitsOfBytes, D)),
    base("bitrev.w", 0x0000_5000, F::R2, M::Reverse(Reverse::Bits, W)),
    base("bitrev.d", 0x0000_5400, F::R2, M::Reverse(Reverse::Bits, D)),
    base("ext.w.h", 0x0000_5800, F::R2, M::Extend(16)),
    base("ext.w.b", 0x0000_5c00, F::R2, M::Extend(8)),
    base("bytepick.w", 0x0008_0000, F::Pick2, M::BytePick(W)),
    base("bytepick.d", 0x000c_0000, F::Pick3, M::BytePick(D)),
    base("bstrins.w", 0x0060_0000, F::BitsWord, M::Insert(W)),
    base("bstrpick.w", 0x0060_8000, F::BitsWord, M::Extract(W)),
    base("bstrins.d", 0x0080_0000, F::BitsLong, M::Insert(D)),
    base("bstrpick.d", 0x00c0_0000, F::BitsLong, M::Extract(D)),
    crc("crc.w.b.w", 0x0024_0000, 8, false),
    crc("crc.w.h.w", 0x0024_8000, 16, false),
    crc("crc.w.w.w", 0x0025_0000, 32, false),
    crc("crc.w.d.w", 0x0025_8000, 64, false),
    crc("crcc.w.b.w", 0x0026_0000, 8, true),
    crc("crcc.w.h.w", 0x0026_8000, 16, true),
    crc("crcc.w.w.w", 0x0027_0000, 32, true),
    crc("crcc.w.d.w", 0x0027_8000, 64, true),
];

/// Branches, calls of the system, clocks.
pub const CONTROL: &[Row] = &[
    base("beqz", 0x4000_0000, F::Zero, M::BranchZero { zero: true }),
    base("bnez", 0x4400_0000, F::Zero, M::BranchZero { zero: false }),
    base("bceqz", 0x4800_0000, F::Condition, M::BranchFlag { set: false }),
    base("bcnez", 0x4800_0100, F::Condition, M::BranchFlag { set: true }),
    base("jirl", 0x4c00_0000, F::Jirl, M::JumpRegister),
    base("b", 0x5000_0000, F::Target, M::Jump { links: false }),
    base("bl", 0x5400_0000, F::Target, M::Jump { links: true }),
    base("beq", 0x5800_0000, F::Compare, M::Branch(Pred::Eq)),
    base("bne", 0x5c00_0000, F::Compare, M::Branch(Pred::Ne)),
    base("blt", 0x6000_0000, F::Compare, M::Branch(Pred::LtS)),
    base("bge", 0x6400_0000, F::Compare, M::Branch(Pred::GeS)),
    base("bltu", 0x6800_0000, F::Compare, M::Branch(Pred::LtU)),
    base("bgeu", 0x6c00_0000, F::Compare, M::Branch(Pred::GeU)),
    base("break", 0x002a_0000, F::Code, M::Break),
    base("dbcl", 0x002a_8000, F::Code, M::NotModelled),
    base("syscall", 0x002b_0000, F::Code, M::SystemCall),
    base("asrtle.d", 0x0001_0000, F::Assert, M::NotModelled),
    base("asrtgt.d", 0x0001_8000, F::Assert, M::NotModelled),
    base("rdtimel.w", 0x0000_6000, F::R2, M::TimeHalf { high: false }),
    base("rdtimeh.w", 0x0000_6400, F::R2, M::TimeHalf { high: true }),
    base("rdtime.d", 0x0000_6800, F::R2, M::Time),
    base("cpucfg", 0x0000_6c00, F::R2, M::Configuration),
];
