//! The class of a micro-op.

use rcsim_uop::FlagOp;
use rcsim_uop::Op;
use rcsim_uop::fp::{FpAlu, FpFormat, FpUnary};
use rcsim_uop::op::{Edge, Mem, Unary, VecAlu, VecShift, Width};
use rcsim_uop::reg::{Reg, ZERO};

use super::{BranchKind, Registers};
use crate::class::OpClass;

/// The class of a micro-op that computes; control, memory and skips have none here.
pub fn computes(op: &Op, registers: &Registers) -> Option<OpClass> {
    Some(match *op {
        Op::Const { .. } => OpClass::Constant,
        Op::Copy { dst, src } => copy(dst, src, registers),
        Op::Extract { .. } | Op::Deposit { .. } => OpClass::Bitfield,
        Op::Sub { a, b, .. } | Op::Xor { a, b, .. } | Op::SubF { a, b, .. } if a == b => OpClass::Zero,
        Op::AluF { op: FlagOp::Xor, a, b, .. } if a == b => OpClass::Zero,
        Op::VecAlu { op: VecAlu::Xor, a, b, .. } if a == b => OpClass::Zero,
        Op::Add { a, b, .. } | Op::Or { a, b, .. } if b == ZERO && a != ZERO => OpClass::Move,
        Op::Add { .. }
        | Op::Sub { .. }
        | Op::And { .. }
        | Op::Or { .. }
        | Op::Xor { .. }
        | Op::AndNot { .. }
        | Op::Logic { .. }
        | Op::AddTrap { .. }
        | Op::SubTrap { .. }
        | Op::AddImmTrap { .. }
        | Op::AddImm { .. }
        | Op::AndImm { .. }
        | Op::OrImm { .. }
        | Op::XorImm { .. }
        | Op::SetCmp { .. }
        | Op::SetCmpImm { .. }
        | Op::Compare3 { .. }
        | Op::AddF { .. }
        | Op::SubF { .. }
        | Op::AddFImm { .. }
        | Op::SubFImm { .. }
        | Op::CondAluF { .. } => OpClass::Alu,
        Op::AluF { op, .. } => flagged(op, OpClass::ShiftVariable),
        Op::AluFImm { op, .. } => flagged(op, OpClass::Shift),
        Op::Lea { mem, .. } => address(mem),
        Op::SubShifted { .. } => OpClass::AluShifted,
        Op::Shift { .. } | Op::ShiftFar { .. } => OpClass::ShiftVariable,
        Op::ShiftImm { .. } => OpClass::Shift,
        Op::Mul { .. } => OpClass::Multiply,
        Op::MulHigh { .. } => OpClass::MultiplyHigh,
        Op::MulAdd { .. } => OpClass::MultiplyAdd,
        Op::Divide { width, .. } => divide(width),
        Op::Unary { op, .. } => unary(op),
        Op::Select { .. } | Op::SelectCond { .. } => OpClass::Select,
        Op::SetCond { .. } => OpClass::SetCondition,
        Op::SetFlags { .. } | Op::GetFlags { .. } => OpClass::Status,
        Op::Fence => OpClass::Fence,
        Op::VecCopy { .. } => OpClass::VectorMove,
        Op::VecZero { .. } => OpClass::Zero,
        Op::VecAlu { op, .. } => vector(op),
        Op::VecShift { op: VecShift::BytesLeft | VecShift::BytesRight, .. } => OpClass::VectorShuffle,
        Op::VecShift { .. } => OpClass::VectorShift,
        Op::VecSplat { .. } => OpClass::IntToVector,
        Op::VecTopBits { .. } => OpClass::VectorToInt,
        Op::FpAlu { op, format, .. } => float(op, format),
        Op::FpUnary { op, format, .. } => float_unary(op, format),
        Op::FpMulAdd { .. } => OpClass::FpMultiplyAdd,
        Op::FpCompare { .. } => OpClass::FpCompare,
        Op::FpToInt { .. } | Op::IntToFp { .. } => OpClass::FpInt,
        Op::FpConvert { .. } => OpClass::FpConvert,
        Op::AtomicRmw { .. } | Op::CompareSwap { .. } => OpClass::Atomic,
        Op::WindowPush { .. } | Op::WindowPop { .. } => OpClass::Window,
        Op::Helper { .. } => OpClass::Helper,
        Op::Load { .. }
        | Op::Store { .. }
        | Op::StoreImm { .. }
        | Op::LoadUpdate { .. }
        | Op::StoreUpdate { .. }
        | Op::LoadPair { .. }
        | Op::StorePair { .. }
        | Op::PushConst { .. }
        | Op::LoadLinked { .. }
        | Op::StoreConditional { .. }
        | Op::VecLoad { .. }
        | Op::VecStore { .. }
        | Op::SkipIfZero { .. }
        | Op::SkipIfNonZero { .. }
        | Op::SkipUnless { .. }
        | Op::Goto { .. }
        | Op::GotoReg { .. }
        | Op::BranchCmp { .. }
        | Op::BranchCmpImm { .. }
        | Op::BranchCond { .. }
        | Op::BranchBit { .. }
        | Op::Switch { .. }
        | Op::Stop { .. } => return None,
    })
}

fn copy(dst: Reg, src: Reg, registers: &Registers) -> OpClass {
    match (registers.is_vector(src.0), registers.is_vector(dst.0)) {
        (false, false) => OpClass::Move,
        (true, true) => OpClass::VectorMove,
        (false, true) => OpClass::IntToVector,
        (true, false) => OpClass::VectorToInt,
    }
}

fn flagged(op: FlagOp, shift: OpClass) -> OpClass {
    match op {
        FlagOp::Shl | FlagOp::Shr | FlagOp::Sar | FlagOp::Rol | FlagOp::Ror | FlagOp::Rcl | FlagOp::Rcr => {
            shift
        }
        FlagOp::MulU | FlagOp::MulS => OpClass::Multiply,
        FlagOp::Packed
        | FlagOp::Add
        | FlagOp::SubBorrow
        | FlagOp::SubNoBorrow
        | FlagOp::And
        | FlagOp::AndNot
        | FlagOp::Or
        | FlagOp::Xor
        | FlagOp::AddCarry
        | FlagOp::SubCarryBorrow
        | FlagOp::SubCarryNoBorrow
        | FlagOp::Inc
        | FlagOp::Dec
        | FlagOp::Tested
        | FlagOp::TestedCarry => OpClass::Alu,
    }
}

fn address(mem: Mem) -> OpClass {
    let parts = [mem.base != ZERO, mem.index != ZERO, mem.disp != 0];
    if parts.iter().all(|part| *part) { OpClass::LeaComplex } else { OpClass::Lea }
}

const fn divide(width: Width) -> OpClass {
    if width.bits() == 64 { OpClass::Divide64 } else { OpClass::Divide32 }
}

const fn unary(op: Unary) -> OpClass {
    match op {
        Unary::LeadingZeros | Unary::LeadingSigns | Unary::TrailingZeros | Unary::CountOnes => {
            OpClass::BitCount
        }
        Unary::SwapBytes | Unary::SwapBytes16 | Unary::SwapBytes32 | Unary::ReverseBits => OpClass::SwapBytes,
    }
}

const fn vector(op: VecAlu) -> OpClass {
    match op {
        VecAlu::And | VecAlu::AndNot | VecAlu::Or | VecAlu::OrNot | VecAlu::Xor => OpClass::VectorLogic,
        VecAlu::Mul => OpClass::VectorMultiply,
        VecAlu::ShiftU | VecAlu::ShiftS => OpClass::VectorShift,
        VecAlu::InterleaveLow
        | VecAlu::InterleaveHigh
        | VecAlu::Even
        | VecAlu::Odd
        | VecAlu::TransposeEven
        | VecAlu::TransposeOdd
        | VecAlu::TableZero
        | VecAlu::TableX86 => OpClass::VectorShuffle,
        VecAlu::Add
        | VecAlu::Sub
        | VecAlu::Eq
        | VecAlu::GtS
        | VecAlu::GtU
        | VecAlu::GeS
        | VecAlu::GeU
        | VecAlu::MinU
        | VecAlu::MaxU
        | VecAlu::MinS
        | VecAlu::MaxS
        | VecAlu::AddPairs => OpClass::VectorAlu,
    }
}

fn float(op: FpAlu, format: FpFormat) -> OpClass {
    match op {
        FpAlu::Add | FpAlu::Sub => OpClass::FpAdd,
        FpAlu::Mul => OpClass::FpMultiply,
        FpAlu::Div if format == FpFormat::F32 => OpClass::FpDivide32,
        FpAlu::Div => OpClass::FpDivide64,
        _ => OpClass::FpSimple,
    }
}

fn float_unary(op: FpUnary, format: FpFormat) -> OpClass {
    match op {
        FpUnary::Neg | FpUnary::Abs => OpClass::FpSimple,
        FpUnary::Sqrt if format == FpFormat::F32 => OpClass::FpSqrt32,
        FpUnary::Sqrt => OpClass::FpSqrt64,
        FpUnary::RoundIntegral => OpClass::FpConvert,
    }
}

/// The class and the kind of a micro-op that transfers control, seen from the instruction that ends at `end`; `None` when
/// it only goes on with the next instruction.
pub fn transfers(op: &Op, exits: &[u64], end: u64) -> Option<(OpClass, BranchKind)> {
    Some(match *op {
        Op::Goto { edge: Edge::Call } => (OpClass::Call, BranchKind::Call),
        Op::Goto { .. } if exits.first() == Some(&end) => return None,
        Op::Goto { .. } => (OpClass::Jump, BranchKind::Jump),
        Op::GotoReg { edge: Edge::Call, .. } => (OpClass::CallIndirect, BranchKind::CallIndirect),
        Op::GotoReg { edge: Edge::Return, .. } | Op::WindowPop { .. } => {
            (OpClass::Return, BranchKind::Return)
        }
        Op::GotoReg { edge: Edge::Jump, .. } | Op::Switch { .. } => {
            (OpClass::JumpIndirect, BranchKind::JumpIndirect)
        }
        Op::BranchCmp { .. } | Op::BranchCmpImm { .. } | Op::BranchCond { .. } | Op::BranchBit { .. } => {
            (OpClass::Branch, BranchKind::Conditional)
        }
        _ => return None,
    })
}
