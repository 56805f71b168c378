//! Loads and stores of two registers.

use rcsim_uop::op::{Access, Mem, Op, Writeback};
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::{Opcode, SIMDSizeCode};

use super::scalar_memory::{clear_above, log2_bytes};
use super::{Cx, memory};
use crate::arm64::decode::{Address, Gap, Lifted};

/// Where a pair lies: base, displacement, update.
type Place = (Reg, i32, Writeback);

fn place(cx: &Cx<'_>) -> Lifted<Place> {
    match cx.insn.address(2)? {
        Address::Plain(mem) => Ok((mem.base, mem.disp, Writeback::None)),
        Address::Update(base, disp, update) => Ok((base, disp, update)),
        Address::Literal(_) => Err(Gap::Shape),
    }
}

/// LDP and LDPSW of general registers.
pub fn load(cx: &mut Cx<'_>) -> Lifted {
    let acc = match cx.insn.opcode {
        Opcode::LDPSW => Access::little(2).signed(),
        _ => memory::of_width(cx.insn.width(0)?),
    };
    let (dst, dst2, (base, disp, update)) = (cx.insn.dst(0)?, cx.insn.dst(1)?, place(cx)?);
    cx.begin().emit(Op::LoadPair { acc, dst, dst2, base, disp, update });
    Ok(())
}

/// STP of general registers.
pub fn store(cx: &mut Cx<'_>) -> Lifted {
    let acc = memory::of_width(cx.insn.width(0)?);
    let (src, src2, (base, disp, update)) = (cx.insn.src(0)?, cx.insn.src(1)?, place(cx)?);
    cx.begin().emit(Op::StorePair { acc, src, src2, base, disp, update });
    Ok(())
}

/// LDP of floating-point and vector registers.
pub fn load_simd(cx: &mut Cx<'_>) -> Lifted {
    let ((size, dst), (_, dst2), place) = (cx.insn.scalar(0)?, cx.insn.scalar(1)?, place(cx)?);
    let log2 = log2_bytes(size);
    let out = cx.begin();
    if size == SIMDSizeCode::Q {
        with_update(out, place, |out, base, disp| load_q(out, dst, dst2, base, disp));
        return Ok(());
    }
    let (base, disp, update) = place;
    out.emit(Op::LoadPair { acc: Access::little(log2), dst, dst2, base, disp, update });
    clear_above(out, dst);
    clear_above(out, dst2);
    Ok(())
}

/// STP of floating-point and vector registers.
pub fn store_simd(cx: &mut Cx<'_>) -> Lifted {
    let ((size, src), (_, src2), place) = (cx.insn.scalar(0)?, cx.insn.scalar(1)?, place(cx)?);
    let log2 = log2_bytes(size);
    let out = cx.begin();
    if size == SIMDSizeCode::Q {
        with_update(out, place, |out, base, disp| store_q(out, src, src2, base, disp));
        return Ok(());
    }
    let (base, disp, update) = place;
    out.emit(Op::StorePair { acc: Access::little(log2), src, src2, base, disp, update });
    Ok(())
}

/// An access that has no updating micro-op: the base moves after it, so that a trap leaves it as it was.
fn with_update(out: &mut BlockBuilder, place: Place, access: impl FnOnce(&mut BlockBuilder, Reg, i32)) {
    let (base, disp, update) = place;
    let at = if update == Writeback::Post { 0 } else { disp };
    access(out, base, at);
    if update != Writeback::None {
        out.add_imm(rcsim_uop::op::Width::W64, base, base, i64::from(disp));
    }
}

const WORDS: Access = Access::little(3);

/// Neighbouring registers are one run of slots.
fn load_q(out: &mut BlockBuilder, dst: Reg, dst2: Reg, base: Reg, disp: i32) {
    if dst2 == dst.plus(2) {
        out.emit(Op::VecLoad { acc: WORDS, words: 4, dst, mem: Mem::at(base, disp) });
    } else {
        out.emit(Op::VecLoad { acc: WORDS, words: 2, dst, mem: Mem::at(base, disp) });
        out.emit(Op::VecLoad { acc: WORDS, words: 2, dst: dst2, mem: Mem::at(base, disp + 16) });
    }
}

fn store_q(out: &mut BlockBuilder, src: Reg, src2: Reg, base: Reg, disp: i32) {
    if src2 == src.plus(2) {
        out.emit(Op::VecStore { acc: WORDS, words: 4, src, mem: Mem::at(base, disp) });
    } else {
        out.emit(Op::VecStore { acc: WORDS, words: 2, src, mem: Mem::at(base, disp) });
        out.emit(Op::VecStore { acc: WORDS, words: 2, src: src2, mem: Mem::at(base, disp + 16) });
    }
}
