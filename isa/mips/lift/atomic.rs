//! LL, LLD, SC, SCD.

use rcsim_uop::op::Op;
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use crate::mips::decode::Lifted;

/// Sort by opcode.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    const DOUBLE: u32 = 4;
    const STORES: u32 = 8;
    let double = cx.insn.opcode() & DOUBLE != 0;
    if double {
        cx.needs_wide()?;
    }
    let acc = cx.mode.access(if double { 3 } else { 2 });
    if cx.insn.opcode() & STORES != 0 {
        let (status, src) = (cx.insn.rt_out(), cx.insn.rt());
        at_address(cx, |out, base| out.emit(Op::StoreConditional { acc, status, base, src }));
    } else {
        let acc = if cx.mode.wide { acc.signed() } else { acc };
        let dst = cx.insn.rt_out();
        at_address(cx, |out, base| out.emit(Op::LoadLinked { acc, dst, base }));
    }
    Ok(())
}

/// Announce the instruction and emit it with the register that holds its address.
fn at_address(cx: &mut Cx<'_>, emit: impl FnOnce(&mut BlockBuilder, Reg)) {
    let (mem, base, disp, width) = (cx.address(), cx.insn.rs(), cx.insn.disp(), cx.mode.full());
    let out = cx.begin();
    if disp == 0 {
        return emit(out, base);
    }
    let address = out.temp();
    out.emit(Op::Lea { width, dst: address, mem });
    emit(out, address);
}
