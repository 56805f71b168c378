//! The closed set of micro-ops.
//!
//! A micro-op is 16 bytes and wide: addresses are folded into loads and stores, comparisons into branches, byte order
//! and width are fields. Reads and writes of each are stated once, in [`crate::effects`]; the interpreter, the shadow
//! and the timing model all follow from that. Widths follow one rule: an operation looks at the low `width` bits of its
//! operands and places its result in the 64-bit slot as the width says.

use crate::flags::{Cond, FlagOp};
use crate::fp::{FpAlu, FpFormat, FpRound, FpUnary};
use crate::reg::Reg;

mod kind;
mod operand;

pub use kind::{
    Divide, DivideRule, Edge, Lane, Logic, MulHigh, Pred, Rmw, Shift, Stop, Unary, VecAlu, VecShift,
};
pub use operand::{Access, Mem, Scale, Width, Writeback};

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
    /// `dst = a + b`; a trap when the sum of the signed operands does not fit the width (mips ADD).
    AddTrap { width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst = a - b`; a trap when the signed difference does not fit the width.
    SubTrap { width: Width, dst: Reg, a: Reg, b: Reg },
    /// `dst = a + imm`; a trap when the signed sum does not fit the width.
    AddImmTrap { width: Width, dst: Reg, a: Reg, imm: i64 },
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
