//! Bitwise operations on registers. The destination is in the field RA.

use rcsim_uop::op::{Op, Width};

use super::Cx;
use super::extended::logic_of;
use crate::ppc64::decode::Lifted;

/// AND, ANDC, OR, ORC, XOR, NOR, NAND, EQV.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, b, width) = (cx.insn.ra(), cx.insn.rt(), cx.insn.rb(), Width::W64);
    let extended = cx.insn.extended();
    let out = cx.begin();
    match (extended, logic_of(extended)) {
        (_, Some(op)) => out.emit(Op::Logic { op, width, dst, a, b }),
        // MR; some forms of it on the same register are hints to the processor.
        (444, _) if a == b => out.copy(dst, a),
        (444, _) => out.emit(Op::Or { width, dst, a, b }),
        (316, _) => out.emit(Op::Xor { width, dst, a, b }),
        (60, _) => out.emit(Op::AndNot { width, dst, a, b }),
        _ => out.emit(Op::And { width, dst, a, b }),
    }
    cx.record(dst);
    Ok(())
}
