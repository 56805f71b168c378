//! Conversions between formats and between numbers and integers; rounding; moves to and from general registers.

use rcsim_uop::fp::{FpFormat, FpRound, FpUnary};
use rcsim_uop::op::{Op, Width};
use rcsim_uop::{BlockBuilder, Reg};

use super::float::{ROUND, put, value};
use super::operand::Operand;
use super::{Cx, W32, W64, place};
use crate::s390x::decode::{Gap, Lifted};
use crate::s390x::helpers;
use crate::s390x::regs::{CC, FPC, f};

const SINGLE: FpFormat = FpFormat::F32;
const DOUBLE: FpFormat = FpFormat::F64;

/// The rest of first byte B3. Conversions have their formats in the lowest bits: 0 single, 1 double.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let (first, second) = (cx.insn.four(24), cx.insn.four(28));
    let format = if cx.insn.second() & 1 == 0 { SINGLE } else { DOUBLE };
    match cx.insn.second() {
        0x44 => narrow(cx),
        0x57 => round_integral(cx, SINGLE),
        0x5f => round_integral(cx, DOUBLE),
        // EFPC.
        0x8c => {
            let dst = cx.insn.r(24);
            place(cx.begin(), W32, dst, FPC);
            Ok(())
        }
        0x90 | 0x91 => from_integer(cx, format, W32, false),
        0x94 | 0x95 => from_integer(cx, format, W32, true),
        0x98 | 0x99 => to_integer(cx, format, W32, true),
        0x9c | 0x9d => to_integer(cx, format, W32, false),
        0xa0 | 0xa1 => from_integer(cx, format, W64, false),
        0xa4 | 0xa5 => from_integer(cx, format, W64, true),
        0xa8 | 0xa9 => to_integer(cx, format, W64, true),
        0xac | 0xad => to_integer(cx, format, W64, false),
        0xc1 => move_register(cx, f(first), cx.insn.r(28)),
        0xcd => move_register(cx, cx.insn.r(24), f(second)),
        _ => Err(Gap::Opcode),
    }
}

/// LDGR and LGDR.
fn move_register(cx: &mut Cx<'_>, dst: Reg, src: Reg) -> Lifted {
    cx.begin().copy(dst, src);
    Ok(())
}

/// The rounding that the mask at bit 16 asks for; 0 is the current mode.
fn rounding(cx: &Cx<'_>) -> Lifted<FpRound> {
    Ok(match cx.insn.four(16) {
        0 | 4 => FpRound::NearestEven,
        1 => FpRound::NearestAway,
        5 => FpRound::Zero,
        6 => FpRound::Up,
        7 => FpRound::Down,
        _ => return Err(Gap::Opcode),
    })
}

/// LDEBR.
pub fn widen(cx: &mut Cx<'_>) -> Lifted {
    let (to, from) = (cx.insn.four(24), cx.insn.four(28));
    let out = cx.begin();
    let src = value(out, SINGLE, from);
    out.emit(Op::FpConvert { from: SINGLE, to: DOUBLE, round: ROUND, dst: f(to), src });
    Ok(())
}

/// LDEB.
pub fn widen_storage(cx: &mut Cx<'_>) -> Lifted {
    let (to, mem) = (cx.insn.four(8), cx.insn.indexed());
    let out = cx.begin();
    let src = Operand::memory(mem, 2, false).read(out);
    out.emit(Op::FpConvert { from: SINGLE, to: DOUBLE, round: ROUND, dst: f(to), src });
    Ok(())
}

/// LEDBR, in the mode that programs run in; LEDBRA with another is not modelled.
fn narrow(cx: &mut Cx<'_>) -> Lifted {
    if rounding(cx)? != FpRound::NearestEven {
        return Err(Gap::Opcode);
    }
    let (to, from) = (cx.insn.four(24), cx.insn.four(28));
    let out = cx.begin();
    let dst = out.temp();
    out.emit(Op::FpConvert { from: DOUBLE, to: SINGLE, round: ROUND, dst, src: f(from) });
    put(out, SINGLE, to, dst);
    Ok(())
}

/// FIDBR and FIEBR.
fn round_integral(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let round = rounding(cx)?;
    let (to, from) = (cx.insn.four(24), cx.insn.four(28));
    let out = cx.begin();
    let src = value(out, format, from);
    let dst = out.temp();
    out.emit(Op::FpUnary { op: FpUnary::RoundIntegral, format, round, dst, src });
    put(out, format, to, dst);
    Ok(())
}

/// CDGBR, CEFBR, CDLGBR and kin.
fn from_integer(cx: &mut Cx<'_>, format: FpFormat, width: Width, signed: bool) -> Lifted {
    if rounding(cx)? != FpRound::NearestEven {
        return Err(Gap::Opcode);
    }
    let (to, src) = (cx.insn.four(24), cx.insn.r(28));
    let out = cx.begin();
    let dst = if format == DOUBLE { f(to) } else { out.temp() };
    out.emit(Op::IntToFp { format, round: ROUND, width, signed, dst, src });
    put(out, format, to, dst);
    Ok(())
}

/// CGDBR, CFEBR, CLGDBR and kin: the condition code tells the sign of the number, or that it does not fit.
fn to_integer(cx: &mut Cx<'_>, format: FpFormat, width: Width, signed: bool) -> Lifted {
    let round = rounding(cx)?;
    let (dst, from) = (cx.insn.r(24), cx.insn.four(28));
    let out = cx.begin();
    let src = value(out, format, from);
    code(out, format, round, helpers::conversion(format == SINGLE, width == W32, !signed), src);
    let result = if width == W64 { dst } else { out.temp() };
    out.emit(Op::FpToInt { format, round, width, signed, dst: result, src });
    if width != W64 {
        place(out, width, dst, result);
    }
    Ok(())
}

fn code(out: &mut BlockBuilder, format: FpFormat, round: FpRound, conversion: u32, src: Reg) {
    let rounded = out.temp();
    out.emit(Op::FpUnary { op: FpUnary::RoundIntegral, format, round, dst: rounded, src });
    out.emit(helpers::call(helpers::CONVERT_CODE, CC, src, rounded, conversion));
}
