//! Atomic accesses. Barriers change nothing here: guest threads run one at a time. All of them must be aligned.

use rcsim_uop::op::{Access, Mem, Op, Rmw, Width};
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use crate::loong::decode::{Gap, Lifted};

/// The register that holds the address.
fn address(out: &mut BlockBuilder, base: Reg, disp: i32) -> Reg {
    if disp == 0 {
        return base;
    }
    let dst = out.temp();
    out.emit(Op::Lea { width: Width::W64, dst, mem: Mem::at(base, disp) });
    dst
}

/// LL.W and LL.D.
pub fn load_linked(cx: &mut Cx<'_>, acc: Access) -> Lifted {
    let (dst, base, disp) = (cx.insn.rd_out(), cx.insn.rj(), cx.insn.si14_bytes());
    let out = cx.begin();
    let base = address(out, base, disp);
    out.emit(Op::LoadLinked { acc: acc.aligned(), dst, base });
    Ok(())
}

/// SC.W and SC.D: the register that is stored then tells whether it was.
pub fn store_conditional(cx: &mut Cx<'_>, acc: Access) -> Lifted {
    let (status, src) = (cx.insn.rd_out(), cx.insn.rd());
    let (base, disp) = (cx.insn.rj(), cx.insn.si14_bytes());
    let out = cx.begin();
    let base = address(out, base, disp);
    out.emit(Op::StoreConditional { acc: acc.aligned(), status, base, src });
    Ok(())
}

/// Whether the result register is one that the instruction must not name (volume 1, 2.2.7.1): the address always, the
/// operand unless the result goes nowhere.
fn clashes(cx: &Cx<'_>) -> bool {
    let (d, j, k) = (cx.insn.d(), cx.insn.j(), cx.insn.k());
    d != 0 && (d == j || d == k)
}

/// AMADD and its kin.
pub fn update(cx: &mut Cx<'_>, op: Rmw, acc: Access) -> Lifted {
    if clashes(cx) {
        return Err(Gap::Shape);
    }
    let (dst, base, src) = (cx.insn.rd_out(), cx.insn.rj(), cx.insn.rk());
    cx.begin().emit(Op::AtomicRmw { op, acc: acc.aligned(), dst, base, src });
    Ok(())
}

/// AMCAS: the result register holds what is expected.
pub fn compare_swap(cx: &mut Cx<'_>, acc: Access) -> Lifted {
    if clashes(cx) {
        return Err(Gap::Shape);
    }
    let (dst, expected) = (cx.insn.rd_out(), cx.insn.rd());
    let (base, new, acc) = (cx.insn.rj(), cx.insn.rk(), acc.aligned());
    cx.begin().emit(Op::CompareSwap { acc, dst, base, expected, new });
    Ok(())
}
