//! Loads and stores. Misaligned ones are allowed, as on every processor that Go runs on (CPUCFG, UAL).

use rcsim_uop::fp::FpFormat;
use rcsim_uop::op::{Access, Mem, Op, Width};
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use crate::loong::decode::Lifted;

/// The bits above a single-precision value in its register.
pub const UPPER: u64 = 0xffff_ffff_0000_0000;

fn near(cx: &Cx<'_>) -> Mem {
    Mem::at(cx.insn.rj(), cx.insn.si12())
}

fn indexed(cx: &Cx<'_>) -> Mem {
    Mem::indexed(cx.insn.rj(), cx.insn.rk(), 0, 0)
}

fn words(cx: &Cx<'_>) -> Mem {
    Mem::at(cx.insn.rj(), cx.insn.si14_bytes())
}

fn load_from(cx: &mut Cx<'_>, acc: Access, mem: Mem) -> Lifted {
    let dst = cx.insn.rd_out();
    cx.begin().emit(Op::Load { acc, dst, mem });
    Ok(())
}

fn store_to(cx: &mut Cx<'_>, acc: Access, mem: Mem) -> Lifted {
    let src = cx.insn.rd();
    cx.begin().emit(Op::Store { acc, src, mem });
    Ok(())
}

/// LD and its kin.
pub fn load(cx: &mut Cx<'_>, acc: Access) -> Lifted {
    load_from(cx, acc, near(cx))
}

/// ST and its kin.
pub fn store(cx: &mut Cx<'_>, acc: Access) -> Lifted {
    store_to(cx, acc, near(cx))
}

/// LDX and its kin.
pub fn load_indexed(cx: &mut Cx<'_>, acc: Access) -> Lifted {
    load_from(cx, acc, indexed(cx))
}

/// STX and its kin.
pub fn store_indexed(cx: &mut Cx<'_>, acc: Access) -> Lifted {
    store_to(cx, acc, indexed(cx))
}

/// LDPTR.
pub fn load_words(cx: &mut Cx<'_>, acc: Access) -> Lifted {
    load_from(cx, acc, words(cx))
}

/// STPTR.
pub fn store_words(cx: &mut Cx<'_>, acc: Access) -> Lifted {
    store_to(cx, acc, words(cx))
}

/// PRELD and PRELDX: a hint.
pub fn preload(cx: &mut Cx<'_>) -> Lifted {
    cx.begin();
    Ok(())
}

const fn access(format: FpFormat) -> Access {
    match format {
        FpFormat::F32 => Access::little(2),
        FpFormat::F64 => Access::little(3),
    }
}

/// Fill the upper half of a register that got a single-precision value.
pub fn fill_upper(out: &mut BlockBuilder, format: FpFormat, dst: Reg) {
    if format == FpFormat::F32 {
        out.emit(Op::OrImm { width: Width::W64, dst, a: dst, imm: UPPER });
    }
}

fn load_float_from(cx: &mut Cx<'_>, format: FpFormat, mem: Mem) -> Lifted {
    let dst = cx.insn.fd();
    let out = cx.begin();
    out.emit(Op::Load { acc: access(format), dst, mem });
    fill_upper(out, format, dst);
    Ok(())
}

fn store_float_to(cx: &mut Cx<'_>, format: FpFormat, mem: Mem) -> Lifted {
    let src = cx.insn.fd();
    cx.begin().emit(Op::Store { acc: access(format), src, mem });
    Ok(())
}

/// FLD.
pub fn load_float(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    load_float_from(cx, format, near(cx))
}

/// FST.
pub fn store_float(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    store_float_to(cx, format, near(cx))
}

/// FLDX.
pub fn load_float_indexed(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    load_float_from(cx, format, indexed(cx))
}

/// FSTX.
pub fn store_float_indexed(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    store_float_to(cx, format, indexed(cx))
}
