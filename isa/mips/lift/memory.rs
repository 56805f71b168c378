//! Loads and stores of general registers.

use rcsim_uop::op::{Access, Op, Width};
use rcsim_uop::reg::SINK;

use super::Cx;
use crate::mips::decode::{Gap, Lifted};
use crate::mips::helpers::{Part, load_part_op, store_part_op};

/// Sort by opcode.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.opcode() {
        32 => load(cx, 0, true),
        33 => load(cx, 1, true),
        35 => load(cx, 2, true),
        36 => load(cx, 0, false),
        37 => load(cx, 1, false),
        39 => {
            cx.needs_wide()?;
            load(cx, 2, false)
        }
        55 => {
            cx.needs_wide()?;
            load(cx, 3, false)
        }
        40 => store(cx, 0),
        41 => store(cx, 1),
        43 => store(cx, 2),
        63 => {
            cx.needs_wide()?;
            store(cx, 3)
        }
        34 => load_part(cx, false, true),
        38 => load_part(cx, false, false),
        42 => store_part(cx, false, true),
        46 => store_part(cx, false, false),
        26 => load_part(cx, true, true),
        27 => load_part(cx, true, false),
        44 => store_part(cx, true, true),
        45 => store_part(cx, true, false),
        _ => Err(Gap::Opcode),
    }
}

/// Sign extension reaches to the end of the register: on 32-bit machines not to the end of its slot.
fn load(cx: &mut Cx<'_>, log2: u8, signed: bool) -> Lifted {
    let (acc, dst, mem) = (cx.mode.access(log2), cx.insn.rt_out(), cx.address());
    let extends_apart = signed && !cx.mode.wide && log2 < 2 && dst != SINK;
    let acc = if signed && cx.mode.wide { acc.signed() } else { acc };
    cx.emit(Op::Load { acc, dst, mem })?;
    if extends_apart {
        let len = 8 << log2;
        cx.out.emit(Op::Extract { width: Width::W32, dst, src: dst, lsb: 0, len, signed: true });
    }
    Ok(())
}

fn store(cx: &mut Cx<'_>, log2: u8) -> Lifted {
    let (acc, src, mem): (Access, _, _) = (cx.mode.access(log2), cx.insn.rt(), cx.address());
    cx.emit(Op::Store { acc, src, mem })
}

fn part(cx: &Cx<'_>, double: bool, left: bool) -> Lifted<Part> {
    if double {
        cx.needs_wide()?;
    }
    Ok(Part { double, left, mode: cx.mode })
}

/// LWL, LWR, LDL, LDR.
fn load_part(cx: &mut Cx<'_>, double: bool, left: bool) -> Lifted {
    let part = part(cx, double, left)?;
    let (dst, old, mem, width) = (cx.insn.rt_out(), cx.insn.rt(), cx.address(), cx.mode.full());
    let out = cx.begin();
    let address = out.temp();
    out.emit(Op::Lea { width, dst: address, mem });
    out.emit(load_part_op(part, dst, old, address));
    Ok(())
}

/// SWL, SWR, SDL, SDR.
fn store_part(cx: &mut Cx<'_>, double: bool, left: bool) -> Lifted {
    let part = part(cx, double, left)?;
    let (src, mem, width) = (cx.insn.rt(), cx.address(), cx.mode.full());
    let out = cx.begin();
    let address = out.temp();
    out.emit(Op::Lea { width, dst: address, mem });
    out.emit(store_part_op(part, src, address));
    Ok(())
}
