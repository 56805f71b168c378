//! Comparisons: their whole result is the condition code.

use rcsim_uop::Reg;
use rcsim_uop::op::{Mem, Width};

use super::operand::Operand;
use super::{Cx, W32, W64, order};
use crate::s390x::decode::{Gap, Lifted};

/// `a` with `b`.
pub fn compare(cx: &mut Cx<'_>, width: Width, signed: bool, a: Reg, b: Operand) -> Lifted {
    let out = cx.begin();
    let b = b.read(out);
    out.emit(order(width, signed, a, b));
    Ok(())
}

/// First byte C6: with memory that is addressed relative to the instruction; and EXRL.
pub fn relative(cx: &mut Cx<'_>) -> Lifted {
    let (width, signed, log2, extends) = match cx.insn.extension() {
        0x0 => return super::storage::execute_relative(cx),
        // PFDRL.
        0x2 => return cx.nothing(),
        0x4 => (W64, true, 1, true),
        0x5 => (W32, true, 1, true),
        0x6 => (W64, false, 1, false),
        0x7 => (W32, false, 1, false),
        0x8 => (W64, true, 3, false),
        0xa => (W64, false, 3, false),
        0xc => (W64, true, 2, true),
        0xd => (W32, true, 2, false),
        0xe => (W64, false, 2, false),
        0xf => (W32, false, 2, false),
        _ => return Err(Gap::Opcode),
    };
    let (a, at) = (cx.insn.r(8), cx.insn.relative(16, 32));
    let out = cx.begin();
    let base = out.temp();
    out.constant(base, at);
    let b = Operand::memory(Mem::at(base, 0), log2, extends).read(out);
    out.emit(order(width, signed, a, b));
    Ok(())
}
