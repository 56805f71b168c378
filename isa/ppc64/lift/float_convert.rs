//! Conversions between integers and floating-point numbers, and the floating-point status and control register.

use rcsim_uop::fp::{FpFormat, FpRound};
use rcsim_uop::op::{Op, Width};

use super::Cx;
use super::float::{finish, to_single};
use crate::ppc64::decode::{Gap, Lifted};
use crate::ppc64::machine::BEYOND;
use crate::ppc64::regs::{FPSCR, f};

const NEAREST: FpRound = FpRound::NearestEven;
const ZERO: FpRound = FpRound::Zero;
const DOUBLE: FpFormat = FpFormat::F64;
const SINGLE: FpFormat = FpFormat::F32;

/// Sort by extended opcode.
pub fn lift(cx: &mut Cx<'_>, single: bool) -> Lifted {
    match (cx.insn.extended(), single) {
        (12, false) => round_to_single(cx),
        // The upper half of what conversions to words leave is undefined; copies of the sign here.
        (14, false) => to_integer(cx, NEAREST, Width::S32, true),
        (15, false) => to_integer(cx, ZERO, Width::S32, true),
        (142, false) => to_integer(cx, NEAREST, Width::W32, false),
        (143, false) => to_integer(cx, ZERO, Width::W32, false),
        (814, false) => to_integer(cx, NEAREST, Width::W64, true),
        (815, false) => to_integer(cx, ZERO, Width::W64, true),
        (942, false) => to_integer(cx, NEAREST, Width::W64, false),
        (943, false) => to_integer(cx, ZERO, Width::W64, false),
        (846, single) => from_integer(cx, single, true),
        (974, single) => from_integer(cx, single, false),
        (583, false) => read_control(cx),
        (711, false) => write_control(cx),
        _ => Err(Gap::Opcode),
    }
}

/// FRSP.
fn round_to_single(cx: &mut Cx<'_>) -> Lifted {
    let (number, src) = (cx.insn.t(), f(cx.insn.b()));
    let dst = f(number);
    let out = cx.begin();
    out.copy(dst, src);
    to_single(out, dst);
    finish(out, number);
    Ok(())
}

/// FCTID, FCTIW and their unsigned and truncating forms.
fn to_integer(cx: &mut Cx<'_>, round: FpRound, width: Width, signed: bool) -> Lifted {
    let (number, src) = (cx.insn.t(), f(cx.insn.b()));
    let out = cx.begin();
    out.emit(Op::FpToInt { format: DOUBLE, round, width, signed, dst: f(number), src });
    finish(out, number);
    Ok(())
}

/// FCFID, FCFIDU, FCFIDS, FCFIDUS: to a single directly, for one rounding.
fn from_integer(cx: &mut Cx<'_>, single: bool, signed: bool) -> Lifted {
    let (number, src) = (cx.insn.t(), f(cx.insn.b()));
    let (dst, format) = (f(number), if single { SINGLE } else { DOUBLE });
    let out = cx.begin();
    out.emit(Op::IntToFp { format, round: NEAREST, width: Width::W64, signed, dst, src });
    if single {
        out.emit(Op::FpConvert { from: SINGLE, to: DOUBLE, round: NEAREST, dst, src: dst });
    }
    finish(out, number);
    Ok(())
}

/// MFFS.
fn read_control(cx: &mut Cx<'_>) -> Lifted {
    if cx.insn.a() != 0 {
        return Err(Gap::Opcode);
    }
    let number = cx.insn.t();
    let out = cx.begin();
    out.copy(f(number), FPSCR);
    finish(out, number);
    Ok(())
}

/// The rounding mode and the mode of non-IEEE results, both zero in Go's programs.
const MODE: u64 = 7;

/// MTFSF of all fields: another rounding mode is not modelled, and a program that sets one is told so.
fn write_control(cx: &mut Cx<'_>) -> Lifted {
    const ALL_FIELDS: u32 = 0xff;
    if cx.insn.word >> 17 & 0xff != ALL_FIELDS || cx.insn.word >> 16 & 1 != 0 || cx.insn.word >> 25 & 1 != 0 {
        return Err(Gap::Opcode);
    }
    let (src, pc, next) = (f(cx.insn.b()), cx.insn.pc, cx.insn.next());
    let out = cx.begin();
    let mode = out.temp();
    out.emit(Op::AndImm { width: Width::W64, dst: FPSCR, a: src, imm: u64::from(u32::MAX) });
    out.emit(Op::AndImm { width: Width::W64, dst: mode, a: src, imm: MODE });
    let op = Op::BranchCmpImm { pred: rcsim_uop::op::Pred::Ne, width: Width::W64, a: mode, imm: 0 };
    out.end(op, &[pc + BEYOND, next]);
    Ok(())
}
