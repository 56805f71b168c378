//! Comparisons of general registers.

use rcsim_uop::op::Width;

use super::{Cx, order};
use crate::ppc64::decode::{Insn, Lifted};

/// The bit L: doublewords or words.
pub const fn width(insn: Insn) -> Width {
    if insn.word >> 21 & 1 != 0 { Width::W64 } else { Width::W32 }
}

/// CMP and CMPL.
pub fn registers(cx: &mut Cx<'_>, signed: bool) -> Lifted {
    let (field, a, b) = (cx.insn.bf(), cx.insn.ra(), cx.insn.rb());
    cx.emit([order(width(cx.insn), signed, field, a, b)])
}
