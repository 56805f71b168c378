//! Every instruction that is known: the bits that tell it, the operands that it has, what it means, and its name.
//!
//! One row is one instruction (manual, chapter 35: RV32/64G instruction set listings). The bits of the columns do not
//! overlap, so the order of the rows does not matter; a test holds that.

use rcsim_uop::fp::{FpAlu, FpFormat, FpRound};
use rcsim_uop::op::{Access, Divide, Logic, MulHigh, Pred, Rmw, Shift, Unary, Width};

use super::features::Extension;

/// The operands of an instruction and where they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `rd, rs1, rs2`.
    R,
    /// `rd, rs1, imm`.
    I,
    /// `rd, rs1, shamt`, six bits.
    ShiftLong,
    /// `rd, rs1, shamt`, five bits.
    ShiftShort,
    /// `rd, rs1`.
    Two,
    /// `rd, imm(rs1)`.
    Load,
    /// `rs2, imm(rs1)`.
    Store,
    /// `fd, imm(rs1)`.
    FloatLoad,
    /// `fs2, imm(rs1)`.
    FloatStore,
    /// `rs1, rs2, target`.
    Branch,
    /// `rd, imm` with the upper 20 bits.
    Upper,
    /// `rd, target`.
    Jal,
    /// `rd, imm(rs1)`.
    Jalr,
    /// Which accesses an ordering instruction orders.
    Fence,
    /// None.
    None,
    /// `rd, csr, rs1`.
    Csr,
    /// `rd, csr, imm`.
    CsrImm,
    /// `rd, (rs1)`.
    Reserve,
    /// `rd, rs2, (rs1)`.
    Atomic,
    /// `fd, fs1, fs2`.
    F,
    /// `fd, fs1, fs2, rm`.
    FRound,
    /// `fd, fs1, fs2, fs3, rm`.
    FFour,
    /// `fd, fs1, rm`.
    FTwo,
    /// `rd, fs1, fs2`.
    FCompare,
    /// `rd, fs1, rm`.
    FToInt,
    /// `fd, rs1, rm`.
    FFromInt,
    /// `rd, fs1`.
    FMoveOut,
    /// `fd, rs1`.
    FMoveIn,
}

/// An operation on two integers that has a micro-op of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alu {
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// And.
    And,
    /// Or.
    Or,
    /// Exclusive or.
    Xor,
    /// And with the second inverted.
    AndNot,
    /// A rarer one.
    Logic(Logic),
}

/// How a sign is put on a floating-point value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// That of the other.
    Copy,
    /// The opposite of that of the other.
    Negate,
    /// Both signs combined.
    Xor,
}

/// A single-bit operation (Zbs).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bit {
    /// Clear it.
    Clear,
    /// Give it.
    Extract,
    /// Invert it.
    Invert,
    /// Set it.
    Set,
}

/// What is done to a control and status register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsrAction {
    /// Written.
    Write,
    /// Bits are set.
    Set,
    /// Bits are cleared.
    Clear,
}

/// What an instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the manual's instructions, by their kind")]
pub enum Meaning {
    Lui,
    Auipc,
    Jal,
    Jalr,
    Branch(Pred),
    Load(Access),
    Store(Access),
    Alu(Alu, Width),
    AluImm(Alu, Width),
    Compare(Pred),
    CompareImm(Pred),
    Shift(Shift, Width),
    ShiftImm(Shift, Width),
    Fence,
    Ecall,
    Ebreak,
    Csr(CsrAction),
    CsrImm(CsrAction),
    Mul(Width),
    MulHigh(MulHigh),
    Divide(Divide, Width),
    LoadReserved(Access),
    StoreConditional(Access),
    Amo(Rmw, Access),
    FloatLoad(FpFormat),
    FloatStore(FpFormat),
    FloatAlu(FpAlu, FpFormat),
    FloatSqrt(FpFormat),
    FloatSign(Sign, FpFormat),
    FloatCompare(Pred, FpFormat),
    FloatClass(FpFormat),
    MulAdd { format: FpFormat, negate_product: bool, negate_c: bool },
    ToInt { format: FpFormat, width: Width, signed: bool },
    FromInt { format: FpFormat, width: Width, signed: bool },
    ToSingle,
    ToDouble,
    MoveOut(FpFormat),
    MoveIn(FpFormat),
    ShiftAdd { shift: u8, word: bool },
    ShiftLeftWord,
    Count(Unary, Width),
    Extend { bits: u8, signed: bool },
    Extreme(Pred),
    RotateLeft(Width),
    OrCombine,
    Bit(Bit),
    BitImm(Bit),
    ZeroWhen { zero: bool },
}

/// One instruction.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Name as the manual has it.
    pub name: &'static str,
    /// Bits that tell it.
    pub mask: u32,
    /// Their values.
    pub bits: u32,
    /// Its operands.
    pub format: Format,
    /// What it does.
    pub meaning: Meaning,
    /// What it belongs to.
    pub extension: Extension,
}

/// The row of an instruction word.
#[must_use]
pub fn find(word: u32) -> Option<&'static Row> {
    ROWS.iter().find(|row| word & row.mask == row.bits)
}

/// Bits by major opcode alone.
const fn major(opcode: u32) -> (u32, u32) {
    (0x7f, opcode)
}

/// Bits by major opcode and the three bits of `funct3`.
const fn minor(opcode: u32, funct3: u32) -> (u32, u32) {
    (0x707f, funct3 << 12 | opcode)
}

/// Bits by opcode, `funct3` and `funct7`.
const fn full(opcode: u32, funct3: u32, funct7: u32) -> (u32, u32) {
    (0xfe00_707f, funct7 << 25 | funct3 << 12 | opcode)
}

/// The same with `funct7`'s lowest bit part of a six-bit shift amount.
const fn long_shift(opcode: u32, funct3: u32, funct6: u32) -> (u32, u32) {
    (0xfc00_707f, funct6 << 26 | funct3 << 12 | opcode)
}

/// Opcode, `funct3` and the twelve bits where an immediate would be.
const fn fixed(opcode: u32, funct3: u32, imm: u32) -> (u32, u32) {
    (0xfff0_707f, imm << 20 | funct3 << 12 | opcode)
}

/// All bits.
const fn whole(word: u32) -> (u32, u32) {
    (u32::MAX, word)
}

/// An atomic: the two ordering bits are free.
const fn atomic(funct3: u32, funct5: u32) -> (u32, u32) {
    (0xf800_707f, funct5 << 27 | funct3 << 12 | 0x2f)
}

/// The same without a second operand.
const fn reserve(funct3: u32) -> (u32, u32) {
    (0xf9f0_707f, 2 << 27 | funct3 << 12 | 0x2f)
}

/// Floating point: the rounding mode is free.
const fn rounded(funct7: u32) -> (u32, u32) {
    (0xfe00_007f, funct7 << 25 | 0x53)
}

/// The same with the second operand's number telling it.
const fn rounded2(funct7: u32, rs2: u32) -> (u32, u32) {
    (0xfff0_007f, funct7 << 25 | rs2 << 20 | 0x53)
}

/// Four operands: format in the low bits of `funct7`.
const fn four(opcode: u32, format: u32) -> (u32, u32) {
    (0x0600_007f, format << 25 | opcode)
}

const fn row(
    name: &'static str,
    (mask, bits): (u32, u32),
    format: Format,
    meaning: Meaning,
    extension: Extension,
) -> Row {
    Row { name, mask, bits, format, meaning, extension }
}

const fn base(name: &'static str, bits: (u32, u32), format: Format, meaning: Meaning) -> Row {
    row(name, bits, format, meaning, Extension::Base)
}

/// The number of a format in instructions.
const fn code(format: FpFormat) -> u32 {
    match format {
        FpFormat::F32 => 0,
        FpFormat::F64 => 1,
    }
}

const fn muladd(
    name: &'static str,
    opcode: u32,
    format: FpFormat,
    negate_product: bool,
    negate_c: bool,
) -> Row {
    base(name, four(opcode, code(format)), Format::FFour, Meaning::MulAdd { format, negate_product, negate_c })
}

const fn to_int(name: &'static str, rs2: u32, format: FpFormat, width: Width, signed: bool) -> Row {
    let bits = rounded2(0x60 | code(format), rs2);
    base(name, bits, Format::FToInt, Meaning::ToInt { format, width, signed })
}

const fn from_int(name: &'static str, rs2: u32, format: FpFormat, width: Width, signed: bool) -> Row {
    let bits = rounded2(0x68 | code(format), rs2);
    base(name, bits, Format::FFromInt, Meaning::FromInt { format, width, signed })
}

const BYTE: Access = Access::little(0);
const HALF: Access = Access::little(1);
const WORD: Access = Access::little(2);
const DOUBLE: Access = Access::little(3);
const WORD_WIDTH: Width = Width::S32;
const LONG: Width = Width::W64;
const S: FpFormat = FpFormat::F32;
const D: FpFormat = FpFormat::F64;
const OP: u32 = 0x33;
const OP_WORD: u32 = 0x3b;
const OP_IMM: u32 = 0x13;
const OP_IMM_WORD: u32 = 0x1b;

/// The rounding mode of a field: 0 to 4 name one, 7 takes that of `frm`, which is to nearest here (manual 21.2).
#[must_use]
pub const fn rounding(field: u32) -> Option<FpRound> {
    Some(match field {
        0 | 7 => FpRound::NearestEven,
        1 => FpRound::Zero,
        2 => FpRound::Down,
        3 => FpRound::Up,
        4 => FpRound::NearestAway,
        _ => return None,
    })
}

/// The instructions.
pub static ROWS: &[Row] = &[
    // ---- RV64I
    base("lui", major(0x37), Format::Upper, Meaning::Lui),
    base("auipc", major(0x17), Format::Upper, Meaning::Auipc),
    base("jal", major(0x6f), Format::Jal, Meaning::Jal),
    base("jalr", minor(0x67, 0), Format::Jalr, Meaning::Jalr),
    base("beq", minor(0x63, 0), Format::Branch, Meaning::Branch(Pred::Eq)),
    base("bne", minor(0x63, 1), Format::Branch, Meaning::Branch(Pred::Ne)),
    base("blt", minor(0x63, 4), Format::Branch, Meaning::Branch(Pred::LtS)),
    base("bge", minor(0x63, 5), Format::Branch, Meaning::Branch(Pred::GeS)),
    base("bltu", minor(0x63, 6), Format::Branch, Meaning::Branch(Pred::LtU)),
    base("bgeu", minor(0x63, 7), Format::Branch, Meaning::Branch(Pred::GeU)),
    base("lb", minor(0x03, 0), Format::Load, Meaning::Load(BYTE.signed())),
    base("lh", minor(0x03, 1), Format::Load, Meaning::Load(HALF.signed())),
    base("lw", minor(0x03, 2), Format::Load, Meaning::Load(WORD.signed())),
    base("ld", minor(0x03, 3), Format::Load, Meaning::Load(DOUBLE)),
    base("lbu", minor(0x03, 4), Format::Load, Meaning::Load(BYTE)),
    base("lhu", minor(0x03, 5), Format::Load, Meaning::Load(HALF)),
    base("lwu", minor(0x03, 6), Format::Load, Meaning::Load(WORD)),
    base("sb", minor(0x23, 0), Format::Store, Meaning::Store(BYTE)),
    base("sh", minor(0x23, 1), Format::Store, Meaning::Store(HALF)),
    base("sw", minor(0x23, 2), Format::Store, Meaning::Store(WORD)),
    base("sd", minor(0x23, 3), Format::Store, Meaning::Store(DOUBLE)),
    base("addi", minor(OP_IMM, 0), Format::I, Meaning::AluImm(Alu::Add, LONG)),
    base("slti", minor(OP_IMM, 2), Format::I, Meaning::CompareImm(Pred::LtS)),
    base("sltiu", minor(OP_IMM, 3), Format::I, Meaning::CompareImm(Pred::LtU)),
    base("xori", minor(OP_IMM, 4), Format::I, Meaning::AluImm(Alu::Xor, LONG)),
    base("ori", minor(OP_IMM, 6), Format::I, Meaning::AluImm(Alu::Or, LONG)),
    base("andi", minor(OP_IMM, 7), Format::I, Meaning::AluImm(Alu::And, LONG)),
    base("slli", long_shift(OP_IMM, 1, 0x0), Format::ShiftLong, Meaning::ShiftImm(Shift::Left, LONG)),
    base("srli", long_shift(OP_IMM, 5, 0x0), Format::ShiftLong, Meaning::ShiftImm(Shift::Right, LONG)),
    base("srai", long_shift(OP_IMM, 5, 0x10), Format::ShiftLong, Meaning::ShiftImm(Shift::RightSigned, LONG)),
    base("add", full(OP, 0, 0x0), Format::R, Meaning::Alu(Alu::Add, LONG)),
    base("sub", full(OP, 0, 0x20), Format::R, Meaning::Alu(Alu::Sub, LONG)),
    base("sll", full(OP, 1, 0x0), Format::R, Meaning::Shift(Shift::Left, LONG)),
    base("slt", full(OP, 2, 0x0), Format::R, Meaning::Compare(Pred::LtS)),
    base("sltu", full(OP, 3, 0x0), Format::R, Meaning::Compare(Pred::LtU)),
    base("xor", full(OP, 4, 0x0), Format::R, Meaning::Alu(Alu::Xor, LONG)),
    base("srl", full(OP, 5, 0x0), Format::R, Meaning::Shift(Shift::Right, LONG)),
    base("sra", full(OP, 5, 0x20), Format::R, Meaning::Shift(Shift::RightSigned, LONG)),
    base("or", full(OP, 6, 0x0), Format::R, Meaning::Alu(Alu::Or, LONG)),
    base("and", full(OP, 7, 0x0), Format::R, Meaning::Alu(Alu::And, LONG)),
    base("addiw", minor(OP_IMM_WORD, 0), Format::I, Meaning::AluImm(Alu::Add, WORD_WIDTH)),
    base("slliw", full(OP_IMM_WORD, 1, 0x0), Format::ShiftShort, Meaning::ShiftImm(Shift::Left, WORD_WIDTH)),
    base("srliw", full(OP_IMM_WORD, 5, 0x0), Format::ShiftShort, Meaning::ShiftImm(Shift::Right, WORD_WIDTH)),
    base("sraiw", full(OP_IMM_WORD, 5, 0x20), Format::ShiftShort, Meaning::ShiftImm(Shift::RightSigned, WORD_WIDTH)),
    base("addw", full(OP_WORD, 0, 0x0), Format::R, Meaning::Alu(Alu::Add, WORD_WIDTH)),
    base("subw", full(OP_WORD, 0, 0x20), Format::R, Meaning::Alu(Alu::Sub, WORD_WIDTH)),
    base("sllw", full(OP_WORD, 1, 0x0), Format::R, Meaning::Shift(Shift::Left, WORD_WIDTH)),
    base("srlw", full(OP_WORD, 5, 0x0), Format::R, Meaning::Shift(Shift::Right, WORD_WIDTH)),
    base("sraw", full(OP_WORD, 5, 0x20), Format::R, Meaning::Shift(Shift::RightSigned, WORD_WIDTH)),
    base("fence", minor(0x0f, 0), Format::Fence, Meaning::Fence),
    base("fence.i", minor(0x0f, 1), Format::None, Meaning::Fence),
    base("ecall", whole(0x0000_0073), Format::None, Meaning::Ecall),
    base("ebreak", whole(0x0010_0073), Format::None, Meaning::Ebreak),
    // ---- Zicsr
    base("csrrw", minor(0x73, 1), Format::Csr, Meaning::Csr(CsrAction::Write)),
    base("csrrs", minor(0x73, 2), Format::Csr, Meaning::Csr(CsrAction::Set)),
    base("csrrc", minor(0x73, 3), Format::Csr, Meaning::Csr(CsrAction::Clear)),
    base("csrrwi", minor(0x73, 5), Format::CsrImm, Meaning::CsrImm(CsrAction::Write)),
    base("csrrsi", minor(0x73, 6), Format::CsrImm, Meaning::CsrImm(CsrAction::Set)),
    base("csrrci", minor(0x73, 7), Format::CsrImm, Meaning::CsrImm(CsrAction::Clear)),
    // ---- M
    base("mul", full(OP, 0, 0x01), Format::R, Meaning::Mul(LONG)),
    base("mulh", full(OP, 1, 0x01), Format::R, Meaning::MulHigh(MulHigh::Signed)),
    base("mulhsu", full(OP, 2, 0x01), Format::R, Meaning::MulHigh(MulHigh::Mixed)),
    base("mulhu", full(OP, 3, 0x01), Format::R, Meaning::MulHigh(MulHigh::Unsigned)),
    base("div", full(OP, 4, 0x01), Format::R, Meaning::Divide(Divide::QuotientS, LONG)),
    base("divu", full(OP, 5, 0x01), Format::R, Meaning::Divide(Divide::QuotientU, LONG)),
    base("rem", full(OP, 6, 0x01), Format::R, Meaning::Divide(Divide::RemainderS, LONG)),
    base("remu", full(OP, 7, 0x01), Format::R, Meaning::Divide(Divide::RemainderU, LONG)),
    base("mulw", full(OP_WORD, 0, 0x01), Format::R, Meaning::Mul(WORD_WIDTH)),
    base("divw", full(OP_WORD, 4, 0x01), Format::R, Meaning::Divide(Divide::QuotientS, WORD_WIDTH)),
    base("divuw", full(OP_WORD, 5, 0x01), Format::R, Meaning::Divide(Divide::QuotientU, WORD_WIDTH)),
    base("remw", full(OP_WORD, 6, 0x01), Format::R, Meaning::Divide(Divide::RemainderS, WORD_WIDTH)),
    base("remuw", full(OP_WORD, 7, 0x01), Format::R, Meaning::Divide(Divide::RemainderU, WORD_WIDTH)),
    // ---- A
    base("lr.w", reserve(2), Format::Reserve, Meaning::LoadReserved(WORD.signed())),
    base("sc.w", atomic(2, 0x03), Format::Atomic, Meaning::StoreConditional(WORD.signed())),
    base("amoswap.w", atomic(2, 0x01), Format::Atomic, Meaning::Amo(Rmw::Swap, WORD.signed())),
    base("amoadd.w", atomic(2, 0x00), Format::Atomic, Meaning::Amo(Rmw::Add, WORD.signed())),
    base("amoxor.w", atomic(2, 0x04), Format::Atomic, Meaning::Amo(Rmw::Xor, WORD.signed())),
    base("amoand.w", atomic(2, 0x0c), Format::Atomic, Meaning::Amo(Rmw::And, WORD.signed())),
    base("amoor.w", atomic(2, 0x08), Format::Atomic, Meaning::Amo(Rmw::Or, WORD.signed())),
    base("amomin.w", atomic(2, 0x10), Format::Atomic, Meaning::Amo(Rmw::MinS, WORD.signed())),
    base("amomax.w", atomic(2, 0x14), Format::Atomic, Meaning::Amo(Rmw::MaxS, WORD.signed())),
    base("amominu.w", atomic(2, 0x18), Format::Atomic, Meaning::Amo(Rmw::MinU, WORD.signed())),
    base("amomaxu.w", atomic(2, 0x1c), Format::Atomic, Meaning::Amo(Rmw::MaxU, WORD.signed())),
    base("lr.d", reserve(3), Format::Reserve, Meaning::LoadReserved(DOUBLE)),
    base("sc.d", atomic(3, 0x03), Format::Atomic, Meaning::StoreConditional(DOUBLE)),
    base("amoswap.d", atomic(3, 0x01), Format::Atomic, Meaning::Amo(Rmw::Swap, DOUBLE)),
    base("amoadd.d", atomic(3, 0x00), Format::Atomic, Meaning::Amo(Rmw::Add, DOUBLE)),
    base("amoxor.d", atomic(3, 0x04), Format::Atomic, Meaning::Amo(Rmw::Xor, DOUBLE)),
    base("amoand.d", atomic(3, 0x0c), Format::Atomic, Meaning::Amo(Rmw::And, DOUBLE)),
    base("amoor.d", atomic(3, 0x08), Format::Atomic, Meaning::Amo(Rmw::Or, DOUBLE)),
    base("amomin.d", atomic(3, 0x10), Format::Atomic, Meaning::Amo(Rmw::MinS, DOUBLE)),
    base("amomax.d", atomic(3, 0x14), Format::Atomic, Meaning::Amo(Rmw::MaxS, DOUBLE)),
    base("amominu.d", atomic(3, 0x18), Format::Atomic, Meaning::Amo(Rmw::MinU, DOUBLE)),
    base("amomaxu.d", atomic(3, 0x1c), Format::Atomic, Meaning::Amo(Rmw::MaxU, DOUBLE)),
    // ---- F and D
    base("flw", minor(0x07, 2), Format::FloatLoad, Meaning::FloatLoad(S)),
    base("fsw", minor(0x27, 2), Format::FloatStore, Meaning::FloatStore(S)),
    base("fld", minor(0x07, 3), Format::FloatLoad, Meaning::FloatLoad(D)),
    base("fsd", minor(0x27, 3), Format::FloatStore, Meaning::FloatStore(D)),
    muladd("fmadd.s", 0x43, S, false, false),
    muladd("fmadd.d", 0x43, D, false, false),
    muladd("fmsub.s", 0x47, S, false, true),
    muladd("fmsub.d", 0x47, D, false, true),
    muladd("fnmsub.s", 0x4b, S, true, false),
    muladd("fnmsub.d", 0x4b, D, true, false),
    muladd("fnmadd.s", 0x4f, S, true, true),
    muladd("fnmadd.d", 0x4f, D, true, true),
    base("fadd.s", rounded(0x00), Format::FRound, Meaning::FloatAlu(FpAlu::Add, S)),
    base("fsub.s", rounded(0x04), Format::FRound, Meaning::FloatAlu(FpAlu::Sub, S)),
    base("fmul.s", rounded(0x08), Format::FRound, Meaning::FloatAlu(FpAlu::Mul, S)),
    base("fdiv.s", rounded(0x0c), Format::FRound, Meaning::FloatAlu(FpAlu::Div, S)),
    base("fsqrt.s", rounded2(0x2c, 0), Format::FTwo, Meaning::FloatSqrt(S)),
    base("fsgnj.s", full(0x53, 0, 0x10), Format::F, Meaning::FloatSign(Sign::Copy, S)),
    base("fsgnjn.s", full(0x53, 1, 0x10), Format::F, Meaning::FloatSign(Sign::Negate, S)),
    base("fsgnjx.s", full(0x53, 2, 0x10), Format::F, Meaning::FloatSign(Sign::Xor, S)),
    base("fmin.s", full(0x53, 0, 0x14), Format::F, Meaning::FloatAlu(FpAlu::MinNum, S)),
    base("fmax.s", full(0x53, 1, 0x14), Format::F, Meaning::FloatAlu(FpAlu::MaxNum, S)),
    base("fle.s", full(0x53, 0, 0x50), Format::FCompare, Meaning::FloatCompare(Pred::LeS, S)),
    base("flt.s", full(0x53, 1, 0x50), Format::FCompare, Meaning::FloatCompare(Pred::LtS, S)),
    base("feq.s", full(0x53, 2, 0x50), Format::FCompare, Meaning::FloatCompare(Pred::Eq, S)),
    base("fclass.s", fixed(0x53, 1, 0xe00), Format::FMoveOut, Meaning::FloatClass(S)),
    base("fmv.x.w", fixed(0x53, 0, 0xe00), Format::FMoveOut, Meaning::MoveOut(S)),
    base("fmv.w.x", fixed(0x53, 0, 0xf00), Format::FMoveIn, Meaning::MoveIn(S)),
    to_int("fcvt.w.s", 0, S, WORD_WIDTH, true),
    from_int("fcvt.s.w", 0, S, WORD_WIDTH, true),
    to_int("fcvt.wu.s", 1, S, WORD_WIDTH, false),
    from_int("fcvt.s.wu", 1, S, WORD_WIDTH, false),
    to_int("fcvt.l.s", 2, S, LONG, true),
    from_int("fcvt.s.l", 2, S, LONG, true),
    to_int("fcvt.lu.s", 3, S, LONG, false),
    from_int("fcvt.s.lu", 3, S, LONG, false),
    base("fadd.d", rounded(0x01), Format::FRound, Meaning::FloatAlu(FpAlu::Add, D)),
    base("fsub.d", rounded(0x05), Format::FRound, Meaning::FloatAlu(FpAlu::Sub, D)),
    base("fmul.d", rounded(0x09), Format::FRound, Meaning::FloatAlu(FpAlu::Mul, D)),
    base("fdiv.d", rounded(0x0d), Format::FRound, Meaning::FloatAlu(FpAlu::Div, D)),
    base("fsqrt.d", rounded2(0x2d, 0), Format::FTwo, Meaning::FloatSqrt(D)),
    base("fsgnj.d", full(0x53, 0, 0x11), Format::F, Meaning::FloatSign(Sign::Copy, D)),
    base("fsgnjn.d", full(0x53, 1, 0x11), Format::F, Meaning::FloatSign(Sign::Negate, D)),
    base("fsgnjx.d", full(0x53, 2, 0x11), Format::F, Meaning::FloatSign(Sign::Xor, D)),
    base("fmin.d", full(0x53, 0, 0x15), Format::F, Meaning::FloatAlu(FpAlu::MinNum, D)),
    base("fmax.d", full(0x53, 1, 0x15), Format::F, Meaning::FloatAlu(FpAlu::MaxNum, D)),
    base("fle.d", full(0x53, 0, 0x51), Format::FCompare, Meaning::FloatCompare(Pred::LeS, D)),
    base("flt.d", full(0x53, 1, 0x51), Format::FCompare, Meaning::FloatCompare(Pred::LtS, D)),
    base("feq.d", full(0x53, 2, 0x51), Format::FCompare, Meaning::FloatCompare(Pred::Eq, D)),
    base("fclass.d", fixed(0x53, 1, 0xe20), Format::FMoveOut, Meaning::FloatClass(D)),
    base("fmv.x.d", fixed(0x53, 0, 0xe20), Format::FMoveOut, Meaning::MoveOut(D)),
    base("fmv.d.x", fixed(0x53, 0, 0xf20), Format::FMoveIn, Meaning::MoveIn(D)),
    to_int("fcvt.w.d", 0, D, WORD_WIDTH, true),
    from_int("fcvt.d.w", 0, D, WORD_WIDTH, true),
    to_int("fcvt.wu.d", 1, D, WORD_WIDTH, false),
    from_int("fcvt.d.wu", 1, D, WORD_WIDTH, false),
    to_int("fcvt.l.d", 2, D, LONG, true),
    from_int("fcvt.d.l", 2, D, LONG, true),
    to_int("fcvt.lu.d", 3, D, LONG, false),
    from_int("fcvt.d.lu", 3, D, LONG, false),
    base("fcvt.s.d", rounded2(0x20, 1), Format::FTwo, Meaning::ToSingle),
    base("fcvt.d.s", rounded2(0x21, 0), Format::FTwo, Meaning::ToDouble),
    // ---- Zba
    row("sh1add", full(OP, 2, 0x10), Format::R, Meaning::ShiftAdd { shift: 1, word: false }, Extension::Zba),
    row("sh1add.uw", full(OP_WORD, 2, 0x10), Format::R, Meaning::ShiftAdd { shift: 1, word: true }, Extension::Zba),
    row("sh2add", full(OP, 4, 0x10), Format::R, Meaning::ShiftAdd { shift: 2, word: false }, Extension::Zba),
    row("sh2add.uw", full(OP_WORD, 4, 0x10), Format::R, Meaning::ShiftAdd { shift: 2, word: true }, Extension::Zba),
    row("sh3add", full(OP, 6, 0x10), Format::R, Meaning::ShiftAdd { shift: 3, word: false }, Extension::Zba),
    row("sh3add.uw", full(OP_WORD, 6, 0x10), Format::R, Meaning::ShiftAdd { shift: 3, word: true }, Extension::Zba),
    row("add.uw", full(OP_WORD, 0, 0x04), Format::R, Meaning::ShiftAdd { shift: 0, word: true }, Extension::Zba),
    row("slli.uw", long_shift(OP_IMM_WORD, 1, 0x02), Format::ShiftLong, Meaning::ShiftLeftWord, Extension::Zba),
    // ---- Zbb
    row("andn", full(OP, 7, 0x20), Format::R, Meaning::Alu(Alu::AndNot, LONG), Extension::Zbb),
    row("orn", full(OP, 6, 0x20), Format::R, Meaning::Alu(Alu::Logic(Logic::OrNot), LONG), Extension::Zbb),
    row("xnor", full(OP, 4, 0x20), Format::R, Meaning::Alu(Alu::Logic(Logic::Xnor), LONG), Extension::Zbb),
    row("clz", fixed(OP_IMM, 1, 0x600), Format::Two, Meaning::Count(Unary::LeadingZeros, LONG), Extension::Zbb),
    row("clzw", fixed(OP_IMM_WORD, 1, 0x600), Format::Two, Meaning::Count(Unary::LeadingZeros, Width::W32), Extension::Zbb),
    row("ctz", fixed(OP_IMM, 1, 0x601), Format::Two, Meaning::Count(Unary::TrailingZeros, LONG), Extension::Zbb),
    row("ctzw", fixed(OP_IMM_WORD, 1, 0x601), Format::Two, Meaning::Count(Unary::TrailingZeros, Width::W32), Extension::Zbb),
    row("cpop", fixed(OP_IMM, 1, 0x602), Format::Two, Meaning::Count(Unary::CountOnes, LONG), Extension::Zbb),
    row("cpopw", fixed(OP_IMM_WORD, 1, 0x602), Format::Two, Meaning::Count(Unary::CountOnes, Width::W32), Extension::Zbb),
    row("sext.b", fixed(OP_IMM, 1, 0x604), Format::Two, Meaning::Extend { bits: 8, signed: true }, Extension::Zbb),
    row("sext.h", fixed(OP_IMM, 1, 0x605), Format::Two, Meaning::Extend { bits: 16, signed: true }, Extension::Zbb),
    row("zext.h", fixed(OP_WORD, 4, 0x080), Format::Two, Meaning::Extend { bits: 16, signed: false }, Extension::Zbb),
    row("min", full(OP, 4, 0x05), Format::R, Meaning::Extreme(Pred::LtS), Extension::Zbb),
    row("minu", full(OP, 5, 0x05), Format::R, Meaning::Extreme(Pred::LtU), Extension::Zbb),
    row("max", full(OP, 6, 0x05), Format::R, Meaning::Extreme(Pred::GtS), Extension::Zbb),
    row("maxu", full(OP, 7, 0x05), Format::R, Meaning::Extreme(Pred::GtU), Extension::Zbb),
    row("rol", full(OP, 1, 0x30), Format::R, Meaning::RotateLeft(LONG), Extension::Zbb),
    row("rolw", full(OP_WORD, 1, 0x30), Format::R, Meaning::RotateLeft(WORD_WIDTH), Extension::Zbb),
    row("ror", full(OP, 5, 0x30), Format::R, Meaning::Shift(Shift::RotateRight, LONG), Extension::Zbb),
    row("rorw", full(OP_WORD, 5, 0x30), Format::R, Meaning::Shift(Shift::RotateRight, WORD_WIDTH), Extension::Zbb),
    row("rori", long_shift(OP_IMM, 5, 0x18), Format::ShiftLong, Meaning::ShiftImm(Shift::RotateRight, LONG), Extension::Zbb),
    row("roriw", full(OP_IMM_WORD, 5, 0x30), Format::ShiftShort, Meaning::ShiftImm(Shift::RotateRight, WORD_WIDTH), Extension::Zbb),
    row("orc.b", fixed(OP_IMM, 5, 0x287), Format::Two, Meaning::OrCombine, Extension::Zbb),
    row("rev8", fixed(OP_IMM, 5, 0x6b8), Format::Two, Meaning::Count(Unary::SwapBytes, LONG), Extension::Zbb),
    // ---- Zbs
    row("bclr", full(OP, 1, 0x24), Format::R, Meaning::Bit(Bit::Clear), Extension::Zbs),
    row("bclri", long_shift(OP_IMM, 1, 0x12), Format::ShiftLong, Meaning::BitImm(Bit::Clear), Extension::Zbs),
    row("bext", full(OP, 5, 0x24), Format::R, Meaning::Bit(Bit::Extract), Extension::Zbs),
    row("bexti", long_shift(OP_IMM, 5, 0x12), Format::ShiftLong, Meaning::BitImm(Bit::Extract), Extension::Zbs),
    row("binv", full(OP, 1, 0x34), Format::R, Meaning::Bit(Bit::Invert), Extension::Zbs),
    row("binvi", long_shift(OP_IMM, 1, 0x1a), Format::ShiftLong, Meaning::BitImm(Bit::Invert), Extension::Zbs),
    row("bset", full(OP, 1, 0x14), Format::R, Meaning::Bit(Bit::Set), Extension::Zbs),
    row("bseti", long_shift(OP_IMM, 1, 0xa), Format::ShiftLong, Meaning::BitImm(Bit::Set), Extension::Zbs),
    // ---- Zicond
    row("czero.eqz", full(OP, 5, 0x07), Format::R, Meaning::ZeroWhen { zero: true }, Extension::Zicond),
    row("czero.nez", full(OP, 7, 0x07), Format::R, Meaning::ZeroWhen { zero: false }, Extension::Zicond),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_two_instructions() {
        for (at, one) in ROWS.iter().enumerate() {
            for other in &ROWS[at + 1..] {
                let both = one.mask & other.mask;
                assert_ne!(one.bits & both, other.bits & both, "{} and {}", one.name, other.name);
            }
        }
    }

    #[test]
    fn every_row_is_found_by_its_own_bits() {
        for row in ROWS {
            assert_eq!(row.bits & !row.mask, 0, "{}", row.name);
            assert_eq!(find(row.bits).map(|found| found.name), Some(row.name));
        }
    }
}
