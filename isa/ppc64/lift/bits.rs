//! Operations of one register: extensions, counts; and comparing bytes.

use rcsim_uop::op::{Op, Unary, Width};

use super::Cx;
use crate::ppc64::decode::Lifted;
use crate::ppc64::helpers;

/// CNTLZ, POPCNT.
pub fn unary(cx: &mut Cx<'_>, op: Unary, width: Width) -> Lifted {
    let (dst, src) = (cx.insn.ra(), cx.insn.rt());
    cx.emit_recorded(dst, [Op::Unary { op, width, dst, src }])
}

/// CNTTZ.
pub fn power9_unary(cx: &mut Cx<'_>, op: Unary, width: Width) -> Lifted {
    cx.power9()?;
    unary(cx, op, width)
}

/// POPCNTW: each word by itself.
pub fn population_words(cx: &mut Cx<'_>) -> Lifted {
    let (dst, src) = (cx.insn.ra(), cx.insn.rt());
    let out = cx.begin();
    let (high, low) = (out.temp(), out.temp());
    out.emit(Op::Extract { width: Width::W64, dst: high, src, lsb: 32, len: 32, signed: false });
    out.emit(Op::Unary { op: Unary::CountOnes, width: Width::W32, dst: high, src: high });
    out.emit(Op::Unary { op: Unary::CountOnes, width: Width::W32, dst: low, src });
    out.emit(Op::Deposit { dst, base: low, src: high, lsb: 32, len: 32 });
    Ok(())
}

/// EXTSB, EXTSH, EXTSW.
pub fn sign_extend(cx: &mut Cx<'_>, len: u8) -> Lifted {
    let (dst, src) = (cx.insn.ra(), cx.insn.rt());
    cx.emit_recorded(dst, [Op::Extract { width: Width::W64, dst, src, lsb: 0, len, signed: true }])
}

/// CMPB: a byte of ones where the bytes are equal.
pub fn compare_bytes(cx: &mut Cx<'_>) -> Lifted {
    let (dst, a, b) = (cx.insn.ra(), cx.insn.rt(), cx.insn.rb());
    cx.emit([helpers::scalar(helpers::COMPARE_BYTES, dst, a, b, 0)])
}
