//! Exclusive accesses and SWP (A5.2.10).

use rcsim_uop::Reg;
use rcsim_uop::op::{Access, Op, Rmw, Shift, Width};

use super::Cx;
use crate::arm::decode::{Gap, Lifted};
use crate::arm::regs::r;

const W: Width = Width::W32;

const fn sized(log2: u8) -> Access {
    Access::little(log2).aligned()
}

/// By bits 20 to 23.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.field(20, 4) {
        0 => swap(cx, 2),
        4 => swap(cx, 0),
        8 => store(cx, 2),
        9 => load(cx, 2),
        10 => store_pair(cx),
        11 => load_pair(cx),
        12 => store(cx, 0),
        13 => load(cx, 0),
        14 => store(cx, 1),
        15 => load(cx, 1),
        _ => Err(Gap::Opcode),
    }
}

/// SWP, SWPB.
fn swap(cx: &mut Cx<'_>, log2: u8) -> Lifted {
    let (base, dst, src) = (cx.general(16)?, cx.general(12)?, cx.general(0)?);
    cx.emit(Op::AtomicRmw { op: Rmw::Swap, acc: Access::little(log2), dst, base, src })
}

/// LDREX, LDREXB, LDREXH.
fn load(cx: &mut Cx<'_>, log2: u8) -> Lifted {
    let (base, dst) = (cx.general(16)?, cx.general(12)?);
    cx.emit(Op::LoadLinked { acc: sized(log2), dst, base })
}

/// STREX, STREXB, STREXH. The status register becomes 0 on success.
fn store(cx: &mut Cx<'_>, log2: u8) -> Lifted {
    let (base, status, src) = (cx.general(16)?, cx.general(12)?, cx.general(0)?);
    cx.begin();
    conditional(cx, sized(log2), status, base, src);
    Ok(())
}

fn conditional(cx: &mut Cx<'_>, acc: Access, status: Reg, base: Reg, src: Reg) {
    cx.out.emit(Op::StoreConditional { acc, status, base, src });
    cx.out.emit(Op::XorImm { width: W, dst: status, a: status, imm: 1 });
}

/// An even register and the next one.
fn two(cx: &Cx<'_>, at: u32) -> Lifted<(Reg, Reg)> {
    match cx.insn.number(at) {
        n if n.is_multiple_of(2) && n < 14 => Ok((r(n), r(n + 1))),
        _ => Err(Gap::Opcode),
    }
}

/// LDREXD: the lower word goes to the even register.
fn load_pair(cx: &mut Cx<'_>) -> Lifted {
    let (base, (low, high)) = (cx.general(16)?, two(cx, 12)?);
    let out = cx.begin();
    let both = out.temp();
    out.emit(Op::LoadLinked { acc: sized(3), dst: both, base });
    out.emit(Op::AndImm { width: W, dst: low, a: both, imm: u64::from(u32::MAX) });
    out.emit(Op::ShiftImm { op: Shift::Right, width: Width::W64, dst: high, a: both, amount: 32 });
    Ok(())
}

/// STREXD.
fn store_pair(cx: &mut Cx<'_>) -> Lifted {
    let (base, status, (low, high)) = (cx.general(16)?, cx.general(12)?, two(cx, 0)?);
    let out = cx.begin();
    let both = out.temp();
    out.emit(Op::Deposit { dst: both, base: low, src: high, lsb: 32, len: 32 });
    conditional(cx, sized(3), status, base, both);
    Ok(())
}
