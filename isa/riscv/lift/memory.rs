//! Loads and stores. Misaligned ones are allowed: the environment of user programs makes them work.

use rcsim_uop::fp::FpFormat;
use rcsim_uop::op::{Access, Mem, Op, Width};

use super::Cx;
use crate::riscv::decode::Lifted;

/// The bits above a single-precision value in its register.
pub const BOX: u64 = 0xffff_ffff_0000_0000;

/// LD and its kin.
pub fn load(cx: &mut Cx<'_>, acc: Access) -> Lifted {
    let (dst, mem) = (cx.insn.rd(), Mem::at(cx.insn.rs1(), cx.insn.imm()));
    cx.begin().emit(Op::Load { acc, dst, mem });
    Ok(())
}

/// SD and its kin.
pub fn store(cx: &mut Cx<'_>, acc: Access) -> Lifted {
    let (src, mem) = (cx.insn.rs2(), Mem::at(cx.insn.rs1(), cx.insn.store_imm()));
    cx.begin().emit(Op::Store { acc, src, mem });
    Ok(())
}

const fn access(format: FpFormat) -> Access {
    match format {
        FpFormat::F32 => Access::little(2),
        FpFormat::F64 => Access::little(3),
    }
}

/// FLW and FLD.
pub fn load_float(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let (dst, mem) = (cx.insn.fd(), Mem::at(cx.insn.rs1(), cx.insn.imm()));
    let out = cx.begin();
    out.emit(Op::Load { acc: access(format), dst, mem });
    if format == FpFormat::F32 {
        out.emit(Op::OrImm { width: Width::W64, dst, a: dst, imm: BOX });
    }
    Ok(())
}

/// FSW and FSD: the bits as they are, boxed or not.
pub fn store_float(cx: &mut Cx<'_>, format: FpFormat) -> Lifted {
    let (src, mem) = (cx.insn.fs2(), Mem::at(cx.insn.rs1(), cx.insn.store_imm()));
    cx.begin().emit(Op::Store { acc: access(format), src, mem });
    Ok(())
}
