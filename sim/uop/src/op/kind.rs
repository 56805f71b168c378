//! The kinds of operation within one micro-op: which comparison, which shift, which lane operation.

use super::Width;

/// An integer comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Pred {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Unsigned less.
    LtU,
    /// Unsigned less or equal.
    LeU,
    /// Unsigned greater or equal.
    GeU,
    /// Unsigned greater.
    GtU,
    /// Signed less.
    LtS,
    /// Signed less or equal.
    LeS,
    /// Signed greater or equal.
    GeS,
    /// Signed greater.
    GtS,
}

impl Pred {
    /// Whether the comparison holds for the low `width` bits.
    #[inline]
    #[must_use]
    pub const fn holds(self, width: Width, a: u64, b: u64) -> bool {
        let (ua, ub) = (width.zero_extend(a), width.zero_extend(b));
        let (sa, sb) = (width.sign_extend(a) as i64, width.sign_extend(b) as i64);
        match self {
            Self::Eq => ua == ub,
            Self::Ne => ua != ub,
            Self::LtU => ua < ub,
            Self::LeU => ua <= ub,
            Self::GeU => ua >= ub,
            Self::GtU => ua > ub,
            Self::LtS => sa < sb,
            Self::LeS => sa <= sb,
            Self::GeS => sa >= sb,
            Self::GtS => sa > sb,
        }
    }
}

/// A bitwise operation that is rarer than and, or, xor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Logic {
    /// `a | !b`.
    OrNot,
    /// `!(a & b)`.
    Nand,
    /// `!(a | b)`.
    Nor,
    /// `!(a ^ b)`.
    Xnor,
}

/// A shift or rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Shift {
    /// Left.
    Left,
    /// Right, zeros come in.
    Right,
    /// Right, copies of the sign come in.
    RightSigned,
    /// Rotate right.
    RotateRight,
}

/// Integer division.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Divide {
    /// Unsigned quotient.
    QuotientU,
    /// Signed quotient.
    QuotientS,
    /// Unsigned remainder.
    RemainderU,
    /// Signed remainder.
    RemainderS,
}

/// What division by zero, and the one signed overflow, give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum DivideRule {
    /// A trap in both cases (x86, s390x).
    Trap,
    /// Quotient 0 and remainder = dividend; overflow gives the dividend back (Arm; also used where the result is
    /// undefined, as on ppc64, mips and loong64).
    Zero,
    /// Quotient all ones, remainder = dividend; overflow gives the dividend back, remainder 0 (RISC-V).
    AllOnes,
}

/// The high half of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum MulHigh {
    /// Unsigned × unsigned.
    Unsigned,
    /// Signed × signed.
    Signed,
    /// Signed × unsigned.
    Mixed,
}

/// An integer operation of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Unary {
    /// Number of leading zeros; the width when the operand is zero.
    LeadingZeros,
    /// Number of leading bits equal to the sign, not counting the sign.
    LeadingSigns,
    /// Number of trailing zeros; the width when the operand is zero.
    TrailingZeros,
    /// Number of ones.
    CountOnes,
    /// Bytes in reverse order.
    SwapBytes,
    /// Bytes in reverse order within each 16 bits.
    SwapBytes16,
    /// Bytes in reverse order within each 32 bits.
    SwapBytes32,
    /// Bits in reverse order.
    ReverseBits,
}

/// What an atomic update computes from the old value and the operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Rmw {
    /// The operand.
    Swap,
    /// The sum.
    Add,
    /// And.
    And,
    /// And with the operand inverted.
    AndNot,
    /// Or.
    Or,
    /// Exclusive or.
    Xor,
    /// Signed maximum.
    MaxS,
    /// Unsigned maximum.
    MaxU,
    /// Signed minimum.
    MinS,
    /// Unsigned minimum.
    MinU,
}

/// Size of a vector lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Lane {
    /// 8 bits.
    B8,
    /// 16 bits.
    B16,
    /// 32 bits.
    B32,
    /// 64 bits.
    B64,
}

impl Lane {
    /// Number of bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        8 << self as u32
    }
}

/// A lane-wise vector operation of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum VecAlu {
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// Low half of the product.
    Mul,
    /// And.
    And,
    /// `a & !b`.
    AndNot,
    /// Or.
    Or,
    /// `a | !b`.
    OrNot,
    /// Exclusive or.
    Xor,
    /// All ones where equal.
    Eq,
    /// All ones where signed greater.
    GtS,
    /// All ones where unsigned greater.
    GtU,
    /// All ones where signed greater or equal.
    GeS,
    /// All ones where unsigned greater or equal.
    GeU,
    /// Unsigned minimum.
    MinU,
    /// Unsigned maximum.
    MaxU,
    /// Signed minimum.
    MinS,
    /// Signed maximum.
    MaxS,
    /// Left shift of each lane of `a` by the low byte, signed, of the lane of `b`; negative shifts right (logical).
    ShiftU,
    /// The same with an arithmetic right shift.
    ShiftS,
    /// Lanes of the low halves of `a` and `b` in turn.
    InterleaveLow,
    /// Lanes of the high halves of `a` and `b` in turn.
    InterleaveHigh,
    /// Even lanes of `a`, then even lanes of `b`.
    Even,
    /// Odd lanes of `a`, then odd lanes of `b`.
    Odd,
    /// Even lanes of `a` and `b` in turn.
    TransposeEven,
    /// Odd lanes of `a` and `b` in turn.
    TransposeOdd,
    /// Sums of neighbouring lanes of `a`, then of `b`.
    AddPairs,
    /// Bytes of `a` selected by the bytes of `b`: index out of range gives zero (Arm TBL).
    TableZero,
    /// Bytes of `a` selected by the low four bits of the bytes of `b`, zero where the top bit is set (x86 PSHUFB).
    TableX86,
}

/// A lane-wise shift by a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum VecShift {
    /// Left; a count of the lane width or more gives zero.
    Left,
    /// Right, zeros come in; a count of the lane width or more gives zero.
    Right,
    /// Right, copies of the sign come in.
    RightSigned,
    /// The whole vector left by a number of bytes.
    BytesLeft,
    /// The whole vector right by a number of bytes.
    BytesRight,
}

/// What kind of control transfer a jump is; returns and calls matter to unwinding and to branch prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Edge {
    /// An ordinary jump.
    Jump,
    /// A call: it has left a return address where the convention wants one.
    Call,
    /// A return.
    Return,
}

/// Why the guest stops of its own accord.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Stop {
    /// A service or another hook of the host stands at this address; the code is its number.
    Hook,
    /// A system call instruction; the code is its immediate.
    Syscall,
    /// A breakpoint instruction; the code is its immediate.
    Breakpoint,
    /// An instruction that is defined to be undefined (x86 UD2, Arm UDF, wasm unreachable).
    Undefined,
    /// An arithmetic trap stated by an instruction (ppc64 TW, mips TEQ, s390x compare-and-trap).
    Trap,
}
