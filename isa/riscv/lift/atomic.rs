//! Atomic accesses. Ordering bits change nothing here: guest threads run one at a time.

use rcsim_uop::op::{Access, Op, Rmw, Width};
use rcsim_uop::reg::SINK;

use super::Cx;
use crate::riscv::decode::Lifted;

/// LR.W and LR.D.
pub fn load_reserved(cx: &mut Cx<'_>, acc: Access) -> Lifted {
    let (dst, base) = (cx.insn.rd(), cx.insn.rs1());
    cx.begin().emit(Op::LoadLinked { acc: acc.aligned(), dst, base });
    Ok(())
}

/// SC.W and SC.D: the result is 0 on success.
pub fn store_conditional(cx: &mut Cx<'_>, acc: Access) -> Lifted {
    let (status, base, src) = (cx.insn.rd(), cx.insn.rs1(), cx.insn.rs2());
    let out = cx.begin();
    out.emit(Op::StoreConditional { acc: acc.aligned(), status, base, src });
    if status != SINK {
        out.emit(Op::XorImm { width: Width::W64, dst: status, a: status, imm: 1 });
    }
    Ok(())
}

/// AMOADD and its kin.
pub fn update(cx: &mut Cx<'_>, op: Rmw, acc: Access) -> Lifted {
    let (dst, base, src) = (cx.insn.rd(), cx.insn.rs1(), cx.insn.rs2());
    cx.begin().emit(Op::AtomicRmw { op, acc: acc.aligned(), dst, base, src });
    Ok(())
}
