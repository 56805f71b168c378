//! Every instruction that is known: the bits that tell it, the operands that it has, what it means, and its name.
//!
//! One row is one instruction (volume 1, appendix B: table of instruction encodings). The encodings do not overlap, so the
//! order of the rows does not matter; a test holds that. The rows stand in `table/`, group by group.

use rcsim_uop::fp::{FpAlu, FpFormat, FpRound};
use rcsim_uop::op::{Access, Divide, Logic, MulHigh, Pred, Rmw, Shift, Width};

use super::features::Extension;

mod float;
mod integer;
mod memory;
mod vector;

/// The operands of an instruction, in the order of its text. Registers: `d`, `j`, `k`, `a` by the place of their number,
/// `F` for floating point, `C` for condition flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `rd, rj, rk`.
    R3,
    /// `rd, rj`.
    R2,
    /// `rd, rk, rj`: atomics.
    Atomic,
    /// `rd, rj, si12`.
    Signed12,
    /// `rd, rj, ui12`.
    Unsigned12,
    /// `rd, rj, si14`, counted in words.
    Signed14,
    /// `rd, rj, si16`.
    Signed16,
    /// `rd, si20`.
    Signed20,
    /// `rd, rj, ui5`.
    Unsigned5,
    /// `rd, rj, ui6`.
    Unsigned6,
    /// `rd, rj, rk, sa2 + 1`.
    ShiftAdd,
    /// `rd, rj, rk, sa2`.
    Pick2,
    /// `rd, rj, rk, sa3`.
    Pick3,
    /// `rd, rj, msb, lsb` of a word.
    BitsWord,
    /// `rd, rj, msb, lsb` of a doubleword.
    BitsLong,
    /// `rj, rd, target`.
    Compare,
    /// `rj, target`.
    Zero,
    /// `cj, target`.
    Condition,
    /// `target`.
    Target,
    /// `rd, rj, offset`.
    Jirl,
    /// `code`.
    Code,
    /// `rj, rk`.
    Assert,
    /// `hint, rj, si12`.
    Preload,
    /// `hint, rj, rk`.
    PreloadIndexed,
    /// `fd, rj, si12`.
    FloatSigned12,
    /// `fd, rj, rk`.
    FloatIndexed,
    /// `fd, fj, fk`.
    F3,
    /// `fd, fj`.
    F2,
    /// `fd, fj, fk, fa`.
    F4,
    /// `cd, fj, fk`.
    FloatCompare,
    /// `fd, fj, fk, ca`.
    FloatSelect,
    /// `fd, rj`.
    FloatFromInt,
    /// `rd, fj`.
    IntFromFloat,
    /// `fcsr, rj`.
    ControlFromInt,
    /// `rd, fcsr`.
    IntFromControl,
    /// `cd, fj`.
    FlagFromFloat,
    /// `fd, cj`.
    FloatFromFlag,
    /// `cd, rj`.
    FlagFromInt,
    /// `rd, cj`.
    IntFromFlag,
    /// A vector instruction; see [`Operands`].
    Vector(Operands),
}

pub use vector::Operands;

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

/// Bits, bytes or halfwords in another order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reverse {
    /// Bytes within each halfword.
    BytesOfHalfwords,
    /// Bytes within each word.
    BytesOfWords,
    /// Bytes of the whole.
    Bytes,
    /// Halfwords within each word.
    HalfwordsOfWords,
    /// Halfwords of the whole.
    Halfwords,
    /// Bits within each byte.
    BitsOfBytes,
    /// Bits of the whole.
    Bits,
}

/// A number added to the address of the instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PcAdd {
    /// Four times the constant.
    Words,
    /// The constant times 2^12.
    Pages,
    /// The same with the low twelve bits of the sum cleared.
    Page,
    /// The constant times 2^18.
    Far,
}

/// A move between the floating-point registers and others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of the manual's instructions")]
pub enum FloatMove {
    Gr2FrW,
    Gr2FrD,
    Gr2FrhW,
    Fr2GrS,
    Fr2GrD,
    Frh2GrS,
    Fr2Cf,
    Cf2Fr,
    Gr2Cf,
    Cf2Gr,
    Gr2Fcsr,
    Fcsr2Gr,
}

/// What an instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the manual's instructions, by their kind")]
pub enum Meaning {
    Alu(Alu, Width),
    AddImm(Width),
    AndImm,
    OrImm,
    XorImm,
    Compare(Pred),
    CompareImm(Pred),
    AddUpper16,
    LoadUpper12,
    LoadUpper32,
    LoadUpper52,
    PcAdd(PcAdd),
    ZeroWhen { zero: bool },
    Shift(Shift, Width),
    ShiftImm(Shift, Width),
    ShiftAdd(Width),
    BytePick(Width),
    Mul(Width),
    MulHigh(MulHigh, Width),
    MulLong { signed: bool },
    Divide(Divide, Width),
    Count { ones: bool, leading: bool, width: Width },
    Reverse(Reverse, Width),
    Extend(u8),
    Insert(Width),
    Extract(Width),
    Crc { bits: u8, castagnoli: bool },
    Time,
    TimeHalf { high: bool },
    Configuration,
    Load(Access),
    Store(Access),
    LoadIndexed(Access),
    StoreIndexed(Access),
    LoadWords(Access),
    StoreWords(Access),
    Preload,
    LoadLinked(Access),
    StoreConditional(Access),
    Amo(Rmw, Access),
    CompareSwap(Access),
    Fence,
    Branch(Pred),
    BranchZero { zero: bool },
    BranchFlag { set: bool },
    Jump { links: bool },
    JumpRegister,
    SystemCall,
    Break,
    FloatLoad(FpFormat),
    FloatStore(FpFormat),
    FloatLoadIndexed(FpFormat),
    FloatStoreIndexed(FpFormat),
    FloatAlu(FpAlu, FpFormat),
    Absolute(FpFormat),
    Negate(FpFormat),
    SquareRoot(FpFormat),
    Reciprocal(FpFormat),
    RoundIntegral(FpFormat),
    Class(FpFormat),
    FloatCopy(FpFormat),
    FloatCompare(FpFormat),
    FloatSelect,
    MulAdd { format: FpFormat, subtract: bool, negate: bool },
    ToInt { format: FpFormat, width: Width, round: FpRound },
    FromInt { format: FpFormat, width: Width },
    ToSingle,
    ToDouble,
    FloatMove(FloatMove),
    /// Recognised, and not modelled: nothing that Go's toolchain makes contains it, or a feature that is never there.
    NotModelled,
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

/// All groups of rows.
const GROUPS: [&[Row]; 8] = [
    integer::ARITHMETIC,
    integer::BITS,
    integer::CONTROL,
    memory::PLAIN,
    memory::ATOMIC,
    float::ARITHMETIC,
    float::CONVERSIONS,
    vector::ROWS,
];

/// The row of an instruction word.
#[must_use]
pub fn find(word: u32) -> Option<&'static Row> {
    GROUPS.into_iter().flatten().find(|row| word & row.mask == row.bits)
}

pub use vector::region as vector_region;

/// The bits that are no operands.
const fn mask_of(format: Format) -> u32 {
    match format {
        Format::R3
        | Format::Atomic
        | Format::Unsigned5
        | Format::Code
        | Format::FloatIndexed
        | Format::PreloadIndexed
        | Format::F3 => 0xffff_8000,
        Format::R2 | Format::F2 | Format::FloatFromInt | Format::IntFromFloat => 0xffff_fc00,
        Format::Signed12
        | Format::Unsigned12
        | Format::FloatSigned12
        | Format::Preload
        | Format::BitsLong => 0xffc0_0000,
        Format::Signed14 => 0xff00_0000,
        Format::Signed16 | Format::Compare | Format::Zero | Format::Target | Format::Jirl => 0xfc00_0000,
        Format::Signed20 => 0xfe00_0000,
        Format::Unsigned6 => 0xffff_0000,
        Format::ShiftAdd | Format::Pick2 => 0xfffe_0000,
        Format::Pick3 => 0xfffc_0000,
        Format::BitsWord => 0xffe0_8000,
        Format::Condition => 0xfc00_0300,
        Format::Assert => 0xffff_801f,
        Format::F4 => 0xfff0_0000,
        Format::FloatCompare => 0xfff0_0018,
        Format::FloatSelect => 0xfffc_0000,
        Format::ControlFromInt => 0xffff_fc1c,
        Format::IntFromControl => 0xffff_ff80,
        Format::FlagFromFloat | Format::FlagFromInt => 0xffff_fc18,
        Format::FloatFromFlag | Format::IntFromFlag => 0xffff_ff00,
        Format::Vector(operands) => operands.mask(),
    }
}

const fn row(
    name: &'static str,
    bits: u32,
    format: Format,
    meaning: Meaning,
    extension: Extension,
) -> Row {
    Row { name, mask: mask_of(format), bits, format, meaning, extension }
}

const fn base(name: &'static str, bits: u32, format: Format, meaning: Meaning) -> Row {
    row(name, bits, format, meaning, Extension::Base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<&'static Row> {
        GROUPS.into_iter().flatten().collect()
    }

    #[test]
    fn no_word_belongs_to_two_rows() {
        let rows = rows();
        for (at, a) in rows.iter().enumerate() {
            for b in &rows[at + 1..] {
                let common = a.mask & b.mask;
                assert!(a.bits & common != b.bits & common, "{} and {}", a.name, b.name);
            }
        }
    }

    #[test]
    fn every_bit_that_tells_an_instruction_is_looked_at() {
        for row in rows() {
            assert_eq!(row.bits & !row.mask, 0, "{}", row.name);
        }
    }

    #[test]
    fn every_instruction_of_a_feature_that_is_not_there_is_named_after_it() {
        use crate::loong::features::Features;
        let vector = find(0x2c00_0000).expect("vld");
        assert_eq!(Features::default().missing(vector.extension), Some("lsx"));
    }
}
