//! Floating point: formats, operations, and the rules in which architectures differ.
//!
//! IEEE 754 leaves open which NaN comes out of an operation and what an out-of-range conversion gives. Each
//! architecture states its choice in an [`FpRules`].

/// A binary floating-point format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FpFormat {
    /// 32 bits, in the low half of its slot.
    F32,
    /// 64 bits.
    F64,
}

impl NanRule {
    /// Whether no operand's NaN ever comes out.
    #[must_use]
    pub const fn never_propagates(self) -> bool {
        matches!(self, Self::Default | Self::Boxed | Self::SignallingMarked)
    }
}

impl FpFormat {
    /// Number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        match self {
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

/// How a result is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FpRound {
    /// To nearest, ties to even: the only mode that Go programs run in.
    NearestEven,
    /// To nearest, ties away from zero.
    NearestAway,
    /// Towards zero.
    Zero,
    /// Towards minus infinity.
    Down,
    /// Towards plus infinity.
    Up,
}

/// An operation of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FpAlu {
    /// Sum.
    Add,
    /// Difference.
    Sub,
    /// Product.
    Mul,
    /// Quotient.
    Div,
    /// Minimum, NaN when either is, -0 below +0 (Arm FMIN, RISC-V with NaN rules of its own, wasm).
    Min,
    /// Maximum, as `Min`.
    Max,
    /// Minimum that prefers a number to a NaN (IEEE minNum: Arm FMINNM, RISC-V FMIN).
    MinNum,
    /// Maximum that prefers a number to a NaN.
    MaxNum,
    /// `a < b ? a : b`, so the second operand for NaNs and equal zeros (x86 MINSS/MINSD).
    MinSecond,
    /// `a > b ? a : b` (x86 MAXSS/MAXSD).
    MaxSecond,
    /// The magnitude of `a` with the sign of `b`.
    CopySign,
}

/// An operation of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FpUnary {
    /// Sign inverted; NaNs too.
    Neg,
    /// Sign cleared; NaNs too.
    Abs,
    /// Square root.
    Sqrt,
    /// Rounded to an integral value in the micro-op's rounding mode.
    RoundIntegral,
}

/// Which NaN an operation gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NanRule {
    /// The first NaN operand made quiet, signalling or not, else the default NaN (x86 SSE).
    FirstOperand,
    /// As `FirstOperand`; a fused multiply-add looks at its addend before its second factor (ppc64).
    FirstThenAddend,
    /// A signalling NaN first, then a quiet one, first operand before second, made quiet (Arm); a fused multiply-add looks at
    /// its addend first.
    SignallingFirst,
    /// The same, a fused multiply-add looking at its addend last (s390x).
    SignallingInOrder,
    /// The bit that marks quiet NaNs elsewhere marks signalling ones, and every NaN gives the default NaN, whose payload is
    /// all ones but for that bit (mips before 2008). The manual lets a quiet operand come out where possible; qemu's never
    /// does.
    SignallingMarked,
    /// Always the default NaN (wasm's canonical choice).
    Default,
    /// Always the default NaN; and a 32-bit value has all ones above it in its slot, one that has not is read as the
    /// default NaN (RISC-V, NaN boxing).
    Boxed,
}

/// What a conversion to an integer gives when the value does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntRule {
    /// The nearest integer of the type; NaN gives zero (Arm, wasm's saturating forms, loong64).
    SaturateNanZero,
    /// The nearest integer of the type; NaN gives the largest (RISC-V).
    SaturateNanMax,
    /// The nearest integer of the type; NaN gives the smallest (ppc64, s390x).
    SaturateNanMin,
    /// The smallest signed integer, whatever the value (x86).
    Indefinite,
    /// The largest signed integer, whatever the value (mips before 2008).
    Largest,
}

/// The choices of one architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FpRules {
    /// Which NaN an operation gives.
    pub nan: NanRule,
    /// Whether the default NaN has its sign set (x86).
    pub default_nan_negative: bool,
    /// What an out-of-range conversion to an integer gives.
    pub to_int: IntRule,
}
