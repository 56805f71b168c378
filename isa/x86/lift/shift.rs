//! Shifts and rotations.

use rcsim_uop::op::{Op, Shift, Width};
use rcsim_uop::{FlagOp, Reg};

use super::alu::{flagged, flagged_imm, unlocked};
use super::context::{Lift, Lifted, NotModelled};
use crate::x86::helpers::HelperId;
use crate::x86::regs::RCX;

/// SHL, SHR, SAR, ROL, ROR, RCL, RCR.
pub fn shift(l: &mut Lift<'_>, op: FlagOp) -> Lifted {
    unlocked(l)?;
    let width = l.operand_width(0)?;
    match l.immediate(1) {
        Some(count) => by_constant(l, op, width, count),
        None => {
            let (a, dest) = l.read_write(0)?;
            l.emit(flagged(op, width, dest.reg, a, RCX));
            l.finish(dest);
            Ok(())
        }
    }
}

/// The hardware looks at five bits of the count, six for 64-bit operands.
fn masked(width: Width, count: i64) -> i64 {
    count & if width == Width::W64 { 63 } else { 31 }
}

fn by_constant(l: &mut Lift<'_>, op: FlagOp, width: Width, count: i64) -> Lifted {
    let count = masked(width, count);
    let (a, dest) = l.read_write(0)?;
    if count == 0 {
        l.zero_extend(width, dest.reg, a);
    } else {
        l.emit(flagged_imm(op, width, dest.reg, a, count));
    }
    l.finish(dest);
    Ok(())
}

/// SHLD, SHRD: the bits that come in are those of the second operand.
pub fn double(l: &mut Lift<'_>, left: bool) -> Lifted {
    let width = l.operand_width(0)?;
    let src = l.read(1)?;
    let count = match l.immediate(2) {
        Some(imm) => l.constant_temp(imm as u64)?,
        None => RCX,
    };
    let (a, dest) = l.read_write(0)?;
    let imm = width.bits() | u32::from(left) << 8;
    l.helper(HelperId::DoubleShift, [dest.reg, a, src, count], imm);
    l.finish(dest);
    Ok(())
}

/// SHLX, SHRX, SARX: no flags, the count is the third operand.
pub fn shift_without_flags(l: &mut Lift<'_>, op: Shift) -> Lifted {
    let width = l.operand_width(0)?;
    let a = l.read(1)?;
    let count = l.read(2)?;
    let dest = l.dest(0)?;
    l.emit(Op::Shift { op, width, dst: dest.reg, a, b: count });
    l.finish(dest);
    Ok(())
}

/// RORX.
pub fn rorx(l: &mut Lift<'_>) -> Lifted {
    let width = l.operand_width(0)?;
    let count = l.immediate(2).ok_or(NotModelled)?;
    let a: Reg = l.read(1)?;
    let dest = l.dest(0)?;
    let amount = masked(width, count) as u8;
    l.emit(Op::ShiftImm { op: Shift::RotateRight, width, dst: dest.reg, a, amount });
    l.finish(dest);
    Ok(())
}
