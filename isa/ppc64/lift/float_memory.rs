//! Loads and stores of floating-point registers. Singles are widened and narrowed bit by bit, NaNs unchanged.

use rcsim_uop::op::{Mem, Op, Width};
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use super::float::finish;
use super::memory::sum;
use crate::ppc64::decode::{Gap, Lifted};
use crate::ppc64::helpers;
use crate::ppc64::regs::f;

/// What an instruction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    load: bool,
    single: bool,
    update: bool,
}

/// LFS, LFSU, LFD, LFDU, STFS, STFSU, STFD, STFDU.
pub fn displaced(cx: &mut Cx<'_>) -> Lifted {
    let variant = cx.insn.primary() - 48;
    let kind = Kind { load: variant < 4, single: variant & 2 == 0, update: variant & 1 != 0 };
    let mem = Mem::at(if kind.update { cx.insn.ra() } else { cx.insn.ra_or_zero() }, cx.insn.d());
    lift(cx, kind, mem)
}

/// The kind of an X-form access by its extended opcode.
pub const fn indexed_of(extended: u32) -> Option<Kind> {
    let (load, single, update) = match extended {
        535 => (true, true, false),
        567 => (true, true, true),
        599 => (true, false, false),
        631 => (true, false, true),
        663 => (false, true, false),
        695 => (false, true, true),
        727 => (false, false, false),
        759 => (false, false, true),
        _ => return None,
    };
    Some(Kind { load, single, update })
}

/// The X form.
pub fn indexed(cx: &mut Cx<'_>, kind: Kind) -> Lifted {
    let mem = sum(cx);
    lift(cx, kind, mem)
}

fn lift(cx: &mut Cx<'_>, kind: Kind, mem: Mem) -> Lifted {
    if kind.update && cx.insn.a() == 0 {
        return Err(Gap::Opcode);
    }
    let (number, base) = (cx.insn.t(), cx.insn.ra());
    let acc = cx.access(if kind.single { 2 } else { 3 });
    let out = cx.begin();
    let address = out.temp();
    let at = if kind.update {
        out.emit(Op::Lea { width: Width::W64, dst: address, mem });
        Mem::at(address, 0)
    } else {
        mem
    };
    if kind.load {
        let value = if kind.single { out.temp() } else { f(number) };
        out.emit(Op::Load { acc, dst: value, mem: at });
        if kind.single {
            widen(out, f(number), value);
        }
        finish(out, number);
    } else {
        let src = if kind.single { narrowed(out, f(number)) } else { f(number) };
        out.emit(Op::Store { acc, src, mem: at });
    }
    if kind.update {
        out.copy(base, address);
    }
    Ok(())
}

/// A single's bits as a double's.
pub fn widen(out: &mut BlockBuilder, dst: Reg, src: Reg) {
    out.emit(helpers::scalar(helpers::WIDEN, dst, src, rcsim_uop::reg::ZERO, 0));
}

/// A double's bits as a single's.
pub fn narrowed(out: &mut BlockBuilder, src: Reg) -> Reg {
    let dst = out.temp();
    out.emit(helpers::scalar(helpers::NARROW, dst, src, rcsim_uop::reg::ZERO, 0));
    dst
}
