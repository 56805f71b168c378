//! The closed set of micro-ops.
//!
//! A micro-op is 16 bytes and wide: addresses are folded into loads and stores, comparisons into branches, byte order
//! and width are fields. Reads and writes of each are stated once, in [`crate::effects`]; the interpreter, the shadow
//! and the timing model all follow from that. Widths follow one rule: an operation looks at the low `width` bits of its
//! operands and places its result in the 64-bit slot as the width says.

use crate::flags::{Cond, FlagOp};
use crate::fp::{FpAlu, FpFormat, FpRound, FpUnary};
use crate::reg::Reg;

/// How many bits an integer operation works on, and how the result fills its 64-bit slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Width {
    /// 8 bits, result zero-extended.
    W8,
    /// 16 bits, result zero-extended.
    W16,
    /// 32 bits, result zero-extended.
    W32,
    /// 64 bits.
    W64,
    /// 32 bits, result sign-extended: the word operations of mips64, riscv64 and loong64.
    S32,
}

impl Width {
    /// Number of bits.
    #[inline]
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::W8 => 8,
            Self::W16 => 16,
            Self::W32 | Self::S32 => 32,
            Self::W64 => 64,
        }
    }

    /// The low bits of a value, the rest zero.
    #[inline]
    #[must_use]
    pub const fn zero_extend(self, value: u64) -> u64 {
        let unused = 64 - self.bits();
        (value << unused) >> unused
    }

    /// The low bits of a value, the rest copies of the top one of them.
    #[inline]
    #[must_use]
    pub const fn sign_extend(self, value: u64) -> u64 {
        let unused = 64 - self.bits();
        (((value << unused) as i64) >> unused) as u64
    }

    /// A result as it stands in its slot.
    #[inline]
    #[must_use]
    pub const fn fit(self, value: u64) -> u64 {
        match self {
            Self::W64 => value,
            Self::W32 => value as u32 as u64,
            Self::S32 => value as i32 as u64,
            Self::W8 => value as u8 as u64,
            Self::W16 => value as u16 as u64,
        }
    }
}

/// How a memory access moves bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Access(u8);

impl Access {
    const SIZE: u8 = 3;
    const SIGNED: u8 = 4;
    const BIG: u8 = 8;
    const ALIGNED: u8 = 16;

    /// An unsigned little-endian access of `1 << log2` bytes (`log2` up to 3), at any alignment.
    #[must_use]
    pub const fn little(log2: u8) -> Self {
        assert!(log2 <= 3);
        Self(log2)
    }

    /// An unsigned big-endian access of `1 << log2` bytes (`log2` up to 3), at any alignment.
    #[must_use]
    pub const fn big(log2: u8) -> Self {
        assert!(log2 <= 3);
        Self(log2 | Self::BIG)
    }

    /// The same access, sign-extended to 64 bits on load.
    #[must_use]
    pub const fn signed(self) -> Self {
        Self(self.0 | Self::SIGNED)
    }

    /// The same access, trapping when the address is not a multiple of the size.
    #[must_use]
    pub const fn aligned(self) -> Self {
        Self(self.0 | Self::ALIGNED)
    }

    /// Number of bytes: 1, 2, 4 or 8.
    #[inline]
    #[must_use]
    pub const fn bytes(self) -> u64 {
        1 << (self.0 & Self::SIZE)
    }

    /// Base-2 logarithm of the number of bytes.
    #[inline]
    #[must_use]
    pub const fn log2(self) -> u8 {
        self.0 & Self::SIZE
    }

    /// Whether a load sign-extends.
    #[inline]
    #[must_use]
    pub const fn is_signed(self) -> bool {
        self.0 & Self::SIGNED != 0
    }

    /// Whether the most significant byte comes first.
    #[inline]
    #[must_use]
    pub const fn is_big(self) -> bool {
        self.0 & Self::BIG != 0
    }

    /// Whether a misaligned address traps.
    #[inline]
    #[must_use]
    pub const fn must_align(self) -> bool {
        self.0 & Self::ALIGNED != 0
    }
}

/// How an index register enters an address: shifted left, and taken whole or as its low 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scale(u8);

impl Scale {
    const SHIFT: u8 = 7;
    const UNSIGNED_32: u8 = 8;
    const SIGNED_32: u8 = 16;
    const WRAP_32: u8 = 32;

    /// The whole index, shifted left by `shift` (up to 7).
    #[must_use]
    pub const fn shift(shift: u8) -> Self {
        assert!(shift <= Self::SHIFT);
        Self(shift)
    }

    /// The same with the index zero-extended from 32 bits first.
    #[must_use]
    pub const fn index_u32(self) -> Self {
        Self(self.0 | Self::UNSIGNED_32)
    }

    /// The same with the index sign-extended from 32 bits first.
    #[must_use]
    pub const fn index_s32(self) -> Self {
        Self(self.0 | Self::SIGNED_32)
    }

    /// The same with the final address cut to 32 bits, as on 32-bit guests.
    #[must_use]
    pub const fn wrap_32(self) -> Self {
        Self(self.0 | Self::WRAP_32)
    }

    /// The address of `base + scaled index + disp`.
    #[inline]
    #[must_use]
    pub const fn address(self, base: u64, index: u64, disp: i32) -> u64 {
        let index = match self.0 & (Self::UNSIGNED_32 | Self::SIGNED_32) {
            0 => index,
            Self::UNSIGNED_32 => index as u32 as u64,
            _ => index as i32 as u64,
        };
        let sum = base.wrapping_add(index << (self.0 & Self::SHIFT)).wrapping_add(disp as u64);
        if self.0 & Self::WRAP_32 != 0 { sum as u32 as u64 } else { sum }
    }

    /// The left shift of the index.
    #[must_use]
    pub const fn shift_amount(self) -> u8 {
        self.0 & Self::SHIFT
    }

    /// Whether the final address is cut to 32 bits.
    #[must_use]
    pub const fn wraps(self) -> bool {
        self.0 & Self::WRAP_32 != 0
    }
}

/// The address of a load or store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mem {
    /// Base register.
    pub base: Reg,
    /// Index register, [`crate::reg::ZERO`] for none.
    pub index: Reg,
    /// How the index enters.
    pub scale: Scale,
    /// Constant displacement in bytes.
    pub disp: i32,
}

impl Mem {
    /// `base + disp`.
    #[must_use]
    pub const fn at(base: Reg, disp: i32) -> Self {
        Self { base, index: crate::reg::ZERO, scale: Scale::shift(0), disp }
    }

    /// `base + (index << shift) + disp`.
    #[must_use]
    pub const fn indexed(base: Reg, index: Reg, shift: u8, disp: i32) -> Self {
        Self { base, index, scale: Scale::shift(shift), disp }
    }

    /// The same address cut to 32 bits.
    #[must_use]
    pub const fn wrap_32(mut self) -> Self {
        self.scale = self.scale.wrap_32();
        self
    }
}

/// When a base register is updated by a load or store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Writeback {
    /// Never.
    None,
    /// The access uses the updated base.
    Pre,
    /// The access uses the old base.
    Post,
}

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

/// One micro-op. `dst` is written, `a`, `b`, `src` are read.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are described once per variant")]
pub enum Op {
    // ---- moving
    /// `dst = value`.
    Const { dst: Reg, value: u64 },
    /// `dst = src`, all 64 bits.
    Copy { dst: Reg, src: Reg },
    /// `dst` = `len` bits of `src` from bit `lsb`, sign-extended when `signed`, then placed as `width` says.
    Extract { width: Width, dst: Reg, src: Reg, lsb: u8, len: u8, signed: bool },
    /// `dst = base` with `len` bits from bit `lsb` replaced by the low bits of `src`.
    Deposit { dst: Reg, base: Reg, src: Reg, lsb: u8, len: u8 },

    // ---- integer arithmetic
    /// `dst = a + b`.
    Add { width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst = a - b`.
    Sub { width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst = a & b`.
    And { width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst = a | b`.
    Or { width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst = a ^ b`.
    Xor { width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst = a & !b`.
    AndNot { width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst = op(a, b)`.
    Logic { op: Logic, width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst = a + imm`.
    AddImm { width: Width, dst: Reg, a: Reg, imm: i64 },
    /// `dst = a & imm`.
    AndImm { width: Width, dst: Reg, a: Reg, imm: u64 },
    /// `dst = a | imm`.
    OrImm { width: Width, dst: Reg, a: Reg, imm: u64 },
    /// `dst = a ^ imm`.
    XorImm { width: Width, dst: Reg, a: Reg, imm: u64 },
    /// `dst = base + (index scaled) + disp`: address arithmetic without memory.
    Lea { width: Width, dst: Reg, mem: Mem },
    /// `dst = a - (b << shift)`, `b` shifted as `shift` says.
    SubShifted { width: Width, dst: Reg, a: Reg, b: Reg, shift: Shift, amount: u8 },
    /// `dst = op(a, b)`, the count taken modulo the width.
    Shift { op: Shift, width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst = op(a, amount)`, `amount` below the width.
    ShiftImm { op: Shift, width: Width, dst: Reg, a: Reg, amount: u8 },
    /// `dst = op(a, b)` where the count is the low `count_bits` of `b` and may reach or pass the width: left and right
    /// then give zero, signed right gives copies of the sign (ppc64, s390x, arm).
    ShiftFar { op: Shift, width: Width, dst: Reg, a: Reg, b: Reg, count_bits: u8 },
    /// `dst` = low half of `a * b`.
    Mul { width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst` = high half of `a * b`.
    MulHigh { kind: MulHigh, width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst = c + a * b`, or `c - a * b` when `subtract`.
    MulAdd { width: Width, dst: Reg, a: Reg, b: Reg, c: Reg, subtract: bool },
    /// `dst = a / b` or `a % b`.
    Divide { op: Divide, rule: DivideRule, width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst = op(src)`.
    Unary { op: Unary, width: Width, dst: Reg, src: Reg },

    // ---- comparing into a register
    /// `dst` = 1 when `a pred b`, else 0.
    SetCmp { pred: Pred, width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst` = 1 when `a pred imm`, else 0.
    SetCmpImm { pred: Pred, width: Width, dst: Reg, a: Reg, imm: i64 },
    /// `dst` = one of three codes, by the order of `a` and `b`: condition registers of ppc64 and s390x.
    Compare3 { width: Width, signed: bool, dst: Reg, a: Reg, b: Reg, less: u8, equal: u8, greater: u8 },
    /// `dst = if test != 0 { a } else { b }`.
    Select { dst: Reg, test: Reg, a: Reg, b: Reg },

    // ---- flags (x86, arm64, arm)
    /// `dst = a + b`, recording the flags.
    AddF { width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst = a - b`, recording the flags; `borrow`: C is set on a borrow (x86).
    SubF { width: Width, borrow: bool, dst: Reg, a: Reg, b: Reg },
    /// `dst = a + imm`, recording the flags.
    AddFImm { width: Width, dst: Reg, a: Reg, imm: i64 },
    /// `dst = a - imm`, recording the flags; `borrow`: C is set on a borrow (x86).
    SubFImm { width: Width, borrow: bool, dst: Reg, a: Reg, imm: i64 },
    /// `dst = op(a, b)`, recording the flags.
    AluF { op: FlagOp, width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst = op(a, imm)`, recording the flags.
    AluFImm { op: FlagOp, width: Width, dst: Reg, a: Reg, imm: i64 },
    /// When `cond` holds, record the flags of `op(a, b)`, else the packed flags `otherwise` (arm64 CCMP).
    CondAluF { cond: Cond, op: FlagOp, width: Width, a: Reg, b: Reg, otherwise: u8 },
    /// Flags = packed bits of `src`.
    SetFlags { src: Reg },
    /// `dst` = packed flags.
    GetFlags { dst: Reg },
    /// `dst` = 1 when `cond` holds, else 0.
    SetCond { cond: Cond, dst: Reg },
    /// `dst = if cond { a } else { b }`.
    SelectCond { cond: Cond, dst: Reg, a: Reg, b: Reg },

    // ---- memory
    /// `dst = [mem]`.
    Load { acc: Access, dst: Reg, mem: Mem },
    /// `[mem] = src`.
    Store { acc: Access, src: Reg, mem: Mem },
    /// `[mem] = imm`, sign-extended.
    StoreImm { acc: Access, mem: Mem, imm: i32 },
    /// `dst = [base]` or `[base + disp]`, then `base += disp`.
    LoadUpdate { acc: Access, dst: Reg, base: Reg, disp: i32, update: Writeback, wrap: bool },
    /// `[base]` or `[base + disp]` `= src`, then `base += disp`. `src` may be `base`: its old value is stored.
    StoreUpdate { acc: Access, src: Reg, base: Reg, disp: i32, update: Writeback, wrap: bool },
    /// `dst, dst2` = two neighbouring values from `base + disp`.
    LoadPair { acc: Access, dst: Reg, dst2: Reg, base: Reg, disp: i32, update: Writeback },
    /// Two neighbouring values from `base + disp` = `src, src2`.
    StorePair { acc: Access, src: Reg, src2: Reg, base: Reg, disp: i32, update: Writeback },
    /// `base -= size; [base] = value`: pushes a return address. `value` is zero-extended.
    PushConst { acc: Access, base: Reg, value: u32, wrap: bool },
    /// `dst = [base]`, then `[base] = op(old, src)`, as one action.
    AtomicRmw { op: Rmw, acc: Access, dst: Reg, base: Reg, src: Reg },
    /// `dst = [base]`; when it equals `expected`, `[base] = new`, as one action.
    CompareSwap { acc: Access, dst: Reg, base: Reg, expected: Reg, new: Reg },
    /// `dst = [base]`, and the address is watched.
    LoadLinked { acc: Access, dst: Reg, base: Reg },
    /// When the watched address still is, `[base] = src` and `status = 1`, else `status = 0`.
    StoreConditional { acc: Access, status: Reg, base: Reg, src: Reg },
    /// An ordering instruction; the interpreter runs guest threads one at a time, so it changes nothing.
    Fence,

    // ---- vectors: `words` slots from the named one
    /// `dst.. = [mem]`; slot `i` is the i-th 8 bytes in the access's byte order. An access that must be aligned is so as
    /// a whole.
    VecLoad { acc: Access, words: u8, dst: Reg, mem: Mem },
    /// `[mem] = src..`.
    VecStore { acc: Access, words: u8, src: Reg, mem: Mem },
    /// `dst.. = src..`.
    VecCopy { words: u8, dst: Reg, src: Reg },
    /// `dst.. = 0`.
    VecZero { words: u8, dst: Reg },
    /// `dst.. = op(a.., b..)`, lane by lane.
    VecAlu { op: VecAlu, lane: Lane, words: u8, dst: Reg, a: Reg, b: Reg },
    /// `dst.. = op(a.., amount)`.
    VecShift { op: VecShift, lane: Lane, words: u8, dst: Reg, a: Reg, amount: u8 },
    /// Every lane of `dst..` = low bits of `src`.
    VecSplat { lane: Lane, words: u8, dst: Reg, src: Reg },
    /// `dst` = the top bits of the lanes of `src..`, lane 0 in bit 0.
    VecTopBits { lane: Lane, words: u8, dst: Reg, src: Reg },

    // ---- floating point
    /// `dst = op(a, b)`.
    FpAlu { op: FpAlu, format: FpFormat, round: FpRound, dst: Reg, a: Reg, b: Reg },
    /// `dst = op(src)`.
    FpUnary { op: FpUnary, format: FpFormat, round: FpRound, dst: Reg, src: Reg },
    /// `dst = ±(a * b) ± c` with one rounding.
    FpMulAdd {
        format: FpFormat,
        round: FpRound,
        dst: Reg,
        a: Reg,
        b: Reg,
        c: Reg,
        negate_product: bool,
        negate_c: bool,
    },
    /// `dst` = one of four codes, by the order of `a` and `b`.
    FpCompare { format: FpFormat, dst: Reg, a: Reg, b: Reg, less: u8, equal: u8, greater: u8, unordered: u8 },
    /// `dst` = `src` as an integer; out of range and NaN as the architecture's floating-point rules say.
    FpToInt { format: FpFormat, round: FpRound, width: Width, signed: bool, dst: Reg, src: Reg },
    /// `dst` = the integer `src`, rounded.
    IntToFp { format: FpFormat, round: FpRound, width: Width, signed: bool, dst: Reg, src: Reg },
    /// `dst` = `src` in the other format.
    FpConvert { from: FpFormat, to: FpFormat, round: FpRound, dst: Reg, src: Reg },

    // ---- control inside an instruction
    /// When `test` is zero, go on after the next `count` micro-ops of this instruction.
    SkipIfZero { test: Reg, count: u8 },
    /// When `test` is not zero, go on after the next `count` micro-ops of this instruction.
    SkipIfNonZero { test: Reg, count: u8 },
    /// When `cond` does not hold, go on after the next `count` micro-ops of this instruction.
    SkipUnless { cond: Cond, count: u8 },

    // ---- control: each ends a block. Exits are the block's list of addresses
    /// Continue at exit 0.
    Goto { edge: Edge },
    /// Continue at the address in `addr`.
    GotoReg { edge: Edge, addr: Reg },
    /// When `a pred b`, continue at exit 0, else at exit 1.
    BranchCmp { pred: Pred, width: Width, a: Reg, b: Reg },
    /// When `a pred imm`, continue at exit 0, else at exit 1.
    BranchCmpImm { pred: Pred, width: Width, a: Reg, imm: i64 },
    /// When `cond` holds, continue at exit 0, else at exit 1.
    BranchCond { cond: Cond },
    /// When bit `bit` of `a` equals `set`, continue at exit 0, else at exit 1.
    BranchBit { a: Reg, bit: u8, set: bool },
    /// Continue at exit number `index`, at the last one when there are not so many.
    Switch { index: Reg },
    /// Stop the guest at exit 0 (the address to resume at).
    Stop { why: Stop, code: u32 },

    // ---- the rest
    /// Run helper number `id` of the architecture, whose declaration states what it touches.
    Helper { id: u16, a: Reg, b: Reg, c: Reg, d: Reg, imm: u32 },
    /// Wasm call frames. Save `count` slots from `first` with the block's last exit, where to continue, and the slot
    /// `result`; move the `args` slots from `args_first` to `first`; zero the rest.
    WindowPush { first: Reg, count: u8, args_first: Reg, args: u8, result: Reg },
    /// Restore the slots saved last, put the value of `src` into the slot named when they were saved, and continue at
    /// the address saved with them. Ends a block.
    WindowPop { src: Reg },
}

const _: () =
    assert!(size_of::<Op>() == 16, "a micro-op is 16 bytes: the interpreter's cache footprint depends on it");
