//! Exclusive accesses, and the single-instruction atomics of Armv8.1.
//!
//! Ordering bits change nothing here: guest threads run one at a time.

use rcsim_uop::op::{Access, Op, Rmw, Width};
use rcsim_uop::reg::SINK;
use yaxpeax_arm::armv8::a64::Opcode as O;

use super::Cx;
use crate::arm64::decode::{Gap, Lifted};

fn sized(cx: &Cx<'_>, log2: Option<u8>, operand: usize) -> Lifted<Access> {
    let acc = match (log2, cx.insn.width(operand)?) {
        (Some(log2), _) => Access::little(log2),
        (None, Width::W32) => Access::little(2),
        (None, _) => Access::little(3),
    };
    Ok(acc.aligned())
}

/// LDXR, LDAXR and the narrow forms.
pub fn load_exclusive(cx: &mut Cx<'_>) -> Lifted {
    let log2 = match cx.insn.opcode {
        O::LDXRB | O::LDAXRB => Some(0),
        O::LDXRH | O::LDAXRH => Some(1),
        _ => None,
    };
    let (acc, dst, base) = (sized(cx, log2, 0)?, cx.insn.dst(0)?, cx.insn.bare_base(1)?);
    cx.begin().emit(Op::LoadLinked { acc, dst, base });
    Ok(())
}

/// STXR, STLXR and the narrow forms. The status register becomes 0 on success.
pub fn store_exclusive(cx: &mut Cx<'_>) -> Lifted {
    let log2 = match cx.insn.opcode {
        O::STXRB | O::STLXRB => Some(0),
        O::STXRH | O::STLXRH => Some(1),
        _ => None,
    };
    let (acc, status) = (sized(cx, log2, 1)?, cx.insn.dst(0)?);
    let (src, base) = (cx.insn.src(1)?, cx.insn.bare_base(2)?);
    let out = cx.begin();
    out.emit(Op::StoreConditional { acc, status, base, src });
    if status != SINK {
        out.emit(Op::XorImm { width: Width::W32, dst: status, a: status, imm: 1 });
    }
    Ok(())
}

fn require(cx: &Cx<'_>) -> Lifted {
    if cx.features.atomics { Ok(()) } else { Err(Gap::Feature("atomics")) }
}

/// CAS and the narrow forms: the first register is compared with memory and then holds what was there.
pub fn compare_swap(cx: &mut Cx<'_>) -> Lifted {
    require(cx)?;
    let log2 = match cx.insn.opcode {
        O::CASB(_) => Some(0),
        O::CASH(_) => Some(1),
        _ => None,
    };
    let (acc, dst, expected) = (sized(cx, log2, 0)?, cx.insn.dst(0)?, cx.insn.src(0)?);
    let (new, base) = (cx.insn.src(1)?, cx.insn.bare_base(2)?);
    cx.begin().emit(Op::CompareSwap { acc, dst, base, expected, new });
    Ok(())
}

/// What an atomic update does and how wide it is, where the opcode says; `None` for any other opcode.
pub fn rmw_of(opcode: O) -> Option<(Rmw, Option<u8>)> {
    Some(match opcode {
        O::SWP(_) => (Rmw::Swap, None),
        O::SWPB(_) => (Rmw::Swap, Some(0)),
        O::SWPH(_) => (Rmw::Swap, Some(1)),
        O::LDADD(_) => (Rmw::Add, None),
        O::LDADDB(_) => (Rmw::Add, Some(0)),
        O::LDADDH(_) => (Rmw::Add, Some(1)),
        O::LDCLR(_) => (Rmw::AndNot, None),
        O::LDCLRB(_) => (Rmw::AndNot, Some(0)),
        O::LDCLRH(_) => (Rmw::AndNot, Some(1)),
        O::LDSET(_) => (Rmw::Or, None),
        O::LDSETB(_) => (Rmw::Or, Some(0)),
        O::LDSETH(_) => (Rmw::Or, Some(1)),
        O::LDEOR(_) => (Rmw::Xor, None),
        O::LDEORB(_) => (Rmw::Xor, Some(0)),
        O::LDEORH(_) => (Rmw::Xor, Some(1)),
        O::LDSMAX(_) => (Rmw::MaxS, None),
        O::LDSMIN(_) => (Rmw::MinS, None),
        O::LDUMAX(_) => (Rmw::MaxU, None),
        O::LDUMIN(_) => (Rmw::MinU, None),
        _ => return None,
    })
}

/// LDADD and its kin: the first register is the operand, the second gets the old value.
pub fn rmw(cx: &mut Cx<'_>, op: Rmw, log2: Option<u8>) -> Lifted {
    require(cx)?;
    let (acc, src) = (sized(cx, log2, 0)?, cx.insn.src(0)?);
    let (dst, base) = (cx.insn.dst(1)?, cx.insn.bare_base(2)?);
    cx.begin().emit(Op::AtomicRmw { op, acc, dst, base, src });
    Ok(())
}
