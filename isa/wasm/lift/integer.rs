//! Integer arithmetic and comparison.

use rcsim_uop::op::{Divide, DivideRule, Op, Pred, Shift, Unary, Width};
use rcsim_uop::reg::ZERO;
use wasmparser::Operator;

use super::{Action, binary, unary};

const W32: Width = Width::W32;
const W64: Width = Width::W64;

pub fn action(op: &Operator<'_>) -> Option<Action> {
    arithmetic(op).or_else(|| division(op)).or_else(|| comparison(op)).or_else(|| extension(op))
}

fn arithmetic(op: &Operator<'_>) -> Option<Action> {
    match op {
        Operator::I32Add => binary(|dst, a, b| Op::Add { width: W32, dst, a, b }),
        Operator::I64Add => binary(|dst, a, b| Op::Add { width: W64, dst, a, b }),
        Operator::I32Sub => binary(|dst, a, b| Op::Sub { width: W32, dst, a, b }),
        Operator::I64Sub => binary(|dst, a, b| Op::Sub { width: W64, dst, a, b }),
        Operator::I32Mul => binary(|dst, a, b| Op::Mul { width: W32, dst, a, b }),
        Operator::I64Mul => binary(|dst, a, b| Op::Mul { width: W64, dst, a, b }),
        Operator::I32And => binary(|dst, a, b| Op::And { width: W32, dst, a, b }),
        Operator::I64And => binary(|dst, a, b| Op::And { width: W64, dst, a, b }),
        Operator::I32Or => binary(|dst, a, b| Op::Or { width: W32, dst, a, b }),
        Operator::I64Or => binary(|dst, a, b| Op::Or { width: W64, dst, a, b }),
        Operator::I32Xor => binary(|dst, a, b| Op::Xor { width: W32, dst, a, b }),
        Operator::I64Xor => binary(|dst, a, b| Op::Xor { width: W64, dst, a, b }),
        Operator::I32Shl => shift(W32, Shift::Left),
        Operator::I64Shl => shift(W64, Shift::Left),
        Operator::I32ShrU => shift(W32, Shift::Right),
        Operator::I64ShrU => shift(W64, Shift::Right),
        Operator::I32ShrS => shift(W32, Shift::RightSigned),
        Operator::I64ShrS => shift(W64, Shift::RightSigned),
        Operator::I32Rotr => shift(W32, Shift::RotateRight),
        Operator::I64Rotr => shift(W64, Shift::RotateRight),
        Operator::I32Rotl => rotate_left(W32),
        Operator::I64Rotl => rotate_left(W64),
        Operator::I32Clz => count(W32, Unary::LeadingZeros),
        Operator::I64Clz => count(W64, Unary::LeadingZeros),
        Operator::I32Ctz => count(W32, Unary::TrailingZeros),
        Operator::I64Ctz => count(W64, Unary::TrailingZeros),
        Operator::I32Popcnt => count(W32, Unary::CountOnes),
        Operator::I64Popcnt => count(W64, Unary::CountOnes),
        _ => None,
    }
}

fn shift(width: Width, op: Shift) -> Option<Action> {
    binary(move |dst, a, b| Op::Shift { op, width, dst, a, b })
}

fn count(width: Width, op: Unary) -> Option<Action> {
    unary(move |dst, src| Op::Unary { op, width, dst, src })
}

/// Left by `n` is right by `-n`, both modulo the width.
fn rotate_left(width: Width) -> Option<Action> {
    Some(Box::new(move |lift| {
        let (a, b) = (lift.top(2), lift.top(1));
        lift.emit(Op::Sub { width, dst: b, a: ZERO, b });
        lift.emit(Op::Shift { op: Shift::RotateRight, width, dst: a, a, b });
    }))
}

fn division(op: &Operator<'_>) -> Option<Action> {
    match op {
        Operator::I32DivU => divide(W32, Divide::QuotientU),
        Operator::I64DivU => divide(W64, Divide::QuotientU),
        Operator::I32DivS => divide(W32, Divide::QuotientS),
        Operator::I64DivS => divide(W64, Divide::QuotientS),
        Operator::I32RemU => divide(W32, Divide::RemainderU),
        Operator::I64RemU => divide(W64, Divide::RemainderU),
        Operator::I32RemS => signed_remainder(W32),
        Operator::I64RemS => signed_remainder(W64),
        _ => None,
    }
}

fn divide(width: Width, op: Divide) -> Option<Action> {
    binary(move |dst, a, b| Op::Divide { op, rule: DivideRule::Trap, width, dst, a, b })
}

/// The remainder by -1 is 0 and never traps, not even where the quotient overflows; so is the remainder by 1.
fn signed_remainder(width: Width) -> Option<Action> {
    Some(Box::new(move |lift| {
        let (a, b) = (lift.top(2), lift.top(1));
        let test = lift.out.temp();
        lift.emit(Op::SetCmpImm { pred: Pred::Eq, width, dst: test, a: b, imm: -1 });
        lift.emit(Op::Select { dst: b, test, a: test, b });
        lift.emit(Op::Divide { op: Divide::RemainderS, rule: DivideRule::Trap, width, dst: a, a, b });
    }))
}

fn comparison(op: &Operator<'_>) -> Option<Action> {
    match op {
        Operator::I32Eqz => is_zero(W32),
        Operator::I64Eqz => is_zero(W64),
        Operator::I32Eq => compare(W32, Pred::Eq),
        Operator::I64Eq => compare(W64, Pred::Eq),
        Operator::I32Ne => compare(W32, Pred::Ne),
        Operator::I64Ne => compare(W64, Pred::Ne),
        Operator::I32LtS => compare(W32, Pred::LtS),
        Operator::I64LtS => compare(W64, Pred::LtS),
        Operator::I32LtU => compare(W32, Pred::LtU),
        Operator::I64LtU => compare(W64, Pred::LtU),
        Operator::I32GtS => compare(W32, Pred::GtS),
        Operator::I64GtS => compare(W64, Pred::GtS),
        Operator::I32GtU => compare(W32, Pred::GtU),
        Operator::I64GtU => compare(W64, Pred::GtU),
        Operator::I32LeS => compare(W32, Pred::LeS),
        Operator::I64LeS => compare(W64, Pred::LeS),
        Operator::I32LeU => compare(W32, Pred::LeU),
        Operator::I64LeU => compare(W64, Pred::LeU),
        Operator::I32GeS => compare(W32, Pred::GeS),
        Operator::I64GeS => compare(W64, Pred::GeS),
        Operator::I32GeU => compare(W32, Pred::GeU),
        Operator::I64GeU => compare(W64, Pred::GeU),
        _ => None,
    }
}

fn is_zero(width: Width) -> Option<Action> {
    unary(move |dst, a| Op::SetCmpImm { pred: Pred::Eq, width, dst, a, imm: 0 })
}

fn compare(width: Width, pred: Pred) -> Option<Action> {
    binary(move |dst, a, b| Op::SetCmp { pred, width, dst, a, b })
}

fn extension(op: &Operator<'_>) -> Option<Action> {
    match op {
        Operator::I32Extend8S => extend(W32, 8),
        Operator::I32Extend16S => extend(W32, 16),
        Operator::I64Extend8S => extend(W64, 8),
        Operator::I64Extend16S => extend(W64, 16),
        Operator::I64Extend32S | Operator::I64ExtendI32S => extend(W64, 32),
        _ => None,
    }
}

fn extend(width: Width, len: u8) -> Option<Action> {
    unary(move |dst, src| Op::Extract { width, dst, src, lsb: 0, len, signed: true })
}
