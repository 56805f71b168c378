//! Lane-wise vector operations that have a micro-op: logic, integer arithmetic, comparisons, interleaving, shifts.

use rcsim_uop::Reg;
use rcsim_uop::op::{Lane, Op, VecAlu, VecShift};

use super::context::{Lift, Lifted, NotModelled, access};
use super::operand::int_slot;

/// Two slots: what the instructions that work on each half of a ymm register on its own take at a time.
const HALF: u8 = 2;

/// A destination and two sources: the destination is the first source in the SSE form.
fn operands(l: &mut Lift<'_>, words: u8) -> Result<(Reg, Reg, Reg), NotModelled> {
    let last = l.insn.op_count() - 1;
    let (dst, a) = (l.vector(0)?, l.vector(last - 1)?);
    Ok((dst, a, l.read_vector(last, words)?))
}

/// An operation on all lanes.
pub fn lanes(l: &mut Lift<'_>, op: VecAlu, lane: Lane) -> Lifted {
    let words = l.vector_words(0)?;
    let (dst, a, b) = operands(l, words)?;
    if a == b && matches!(op, VecAlu::Xor | VecAlu::Sub) {
        l.emit(Op::VecZero { words, dst });
    } else {
        l.emit(Op::VecAlu { op, lane, words, dst, a, b });
    }
    l.clear_above(dst, words);
    Ok(())
}

/// PANDN, ANDNPS: the first source is inverted, where the micro-op inverts the second.
pub fn and_not(l: &mut Lift<'_>) -> Lifted {
    let words = l.vector_words(0)?;
    let (dst, a, b) = operands(l, words)?;
    l.emit(Op::VecAlu { op: VecAlu::AndNot, lane: Lane::B64, words, dst, a: b, b: a });
    l.clear_above(dst, words);
    Ok(())
}

/// An operation on each 16 bytes on their own: interleaving, byte shuffles.
pub fn halves(l: &mut Lift<'_>, op: VecAlu, lane: Lane) -> Lifted {
    let words = l.vector_words(0)?;
    let (dst, a, b) = operands(l, words)?;
    for half in (0..words).step_by(usize::from(HALF)) {
        let (dst, a, b) = (dst.plus(half), a.plus(half), b.plus(half));
        l.emit(Op::VecAlu { op, lane, words: HALF, dst, a, b });
    }
    l.clear_above(dst, words);
    Ok(())
}

/// A shift by a constant; shifts of bytes work on each 16 bytes on their own.
pub fn shift_constant(l: &mut Lift<'_>, op: VecShift, lane: Lane) -> Lifted {
    let words = l.vector_words(0)?;
    let last = l.insn.op_count() - 1;
    let (dst, a) = (l.vector(0)?, l.vector(last - 1)?);
    let amount = l.immediate(last).ok_or(NotModelled)? as u8;
    let by_bytes = matches!(op, VecShift::BytesLeft | VecShift::BytesRight);
    if by_bytes && words > HALF {
        for half in [0, HALF] {
            let (dst, a) = (dst.plus(half), a.plus(half));
            l.emit(Op::VecShift { op, lane, words: HALF, dst, a, amount });
        }
    } else {
        l.emit(Op::VecShift { op, lane, words, dst, a, amount });
    }
    l.clear_above(dst, words);
    Ok(())
}

/// PMOVMSKB, MOVMSKPS, MOVMSKPD.
pub fn top_bits(l: &mut Lift<'_>, lane: Lane) -> Lifted {
    let dst = int_slot(l.insn.op0_register())?;
    let words = l.vector_words(1)?;
    let src = l.vector(1)?;
    l.emit(Op::VecTopBits { lane, words, dst, src });
    Ok(())
}

/// Where a lane stands: its slot and its first bit there.
fn lane_place(lane: Lane, index: i64, words: u8) -> (u8, u8) {
    let per_slot = 64 / lane.bits();
    let index = index as u32 % (per_slot * u32::from(words));
    ((index / per_slot) as u8, (index % per_slot * lane.bits()) as u8)
}

/// PINSRB, PINSRW, PINSRD, PINSRQ: one lane from an integer register or memory.
pub fn insert(l: &mut Lift<'_>, lane: Lane) -> Lifted {
    let last = l.insn.op_count() - 1;
    let (slot, lsb) = lane_place(lane, l.immediate(last).ok_or(NotModelled)?, HALF);
    let (dst, kept) = (l.vector(0)?, l.vector(last - 2)?);
    let len = lane.bits() as u8;
    let src = if l.is_memory(last - 1) {
        let mem = l.address()?;
        let temp = l.temp()?;
        l.load(temp, mem, lane.bits() / 8);
        temp
    } else {
        int_slot(l.insn.op_register(last - 1))?
    };
    if dst != kept {
        l.emit(Op::VecCopy { words: HALF, dst, src: kept });
    }
    l.emit(Op::Deposit { dst: dst.plus(slot), base: dst.plus(slot), src, lsb, len });
    l.clear_above(dst, HALF);
    Ok(())
}

/// PEXTRB, PEXTRW, PEXTRD, PEXTRQ: one lane to an integer register or memory.
pub fn extract(l: &mut Lift<'_>, lane: Lane) -> Lifted {
    let (slot, lsb) = lane_place(lane, l.immediate(2).ok_or(NotModelled)?, HALF);
    let src = l.vector(1)?.plus(slot);
    let len = lane.bits() as u8;
    let is_memory = l.is_memory(0);
    let dst = if is_memory { l.temp()? } else { int_slot(l.insn.op0_register())? };
    l.emit(Op::Extract { width: rcsim_uop::op::Width::W64, dst, src, lsb, len, signed: false });
    if is_memory {
        let mem = l.address()?;
        l.store(mem, dst, lane.bits() / 8);
    }
    Ok(())
}

/// PTEST: Z tells that no bit is in both, C that the second has none outside the first.
pub fn test(l: &mut Lift<'_>) -> Lifted {
    use rcsim_uop::op::{Pred, Width};
    let words = l.vector_words(0)?;
    let a = l.vector(0)?;
    let b = l.read_vector(1, words)?;
    let both = l.temps(words)?;
    let (any, z, c) = (l.temp()?, l.temp()?, l.temp()?);
    for (op, flag) in [(VecAlu::And, z), (VecAlu::AndNot, c)] {
        l.emit(Op::VecAlu { op, lane: Lane::B64, words, dst: both, a: b, b: a });
        l.copy(any, both);
        for word in 1..words {
            l.emit(Op::Or { width: Width::W64, dst: any, a: any, b: both.plus(word) });
        }
        l.emit(Op::SetCmpImm { pred: Pred::Eq, width: Width::W64, dst: flag, a: any, imm: 0 });
    }
    l.emit(Op::Deposit { dst: c, base: c, src: z, lsb: 1, len: 1 });
    l.emit(Op::SetFlags { src: c });
    Ok(())
}

/// VINSERTF128, VINSERTI128: one half of a ymm register from an xmm register or memory.
pub fn insert_half(l: &mut Lift<'_>) -> Lifted {
    let which = l.immediate(3).ok_or(NotModelled)? as u8 & 1;
    let (dst, kept) = (l.vector(0)?, l.vector(1)?);
    let src = l.read_vector(2, HALF)?;
    let half = l.temps(HALF)?;
    l.emit(Op::VecCopy { words: HALF, dst: half, src });
    if dst != kept {
        l.emit(Op::VecCopy { words: 2 * HALF, dst, src: kept });
    }
    l.emit(Op::VecCopy { words: HALF, dst: dst.plus(HALF * which), src: half });
    Ok(())
}

/// VBROADCASTF128, VBROADCASTI128: sixteen bytes of memory into both halves of a ymm register.
pub fn broadcast_half(l: &mut Lift<'_>) -> Lifted {
    let dst = l.vector(0)?;
    let mem = l.address()?;
    l.emit(Op::VecLoad { acc: access(8), words: HALF, dst, mem });
    l.emit(Op::VecCopy { words: HALF, dst: dst.plus(HALF), src: dst });
    Ok(())
}

/// VEXTRACTF128, VEXTRACTI128: one half of a ymm register to an xmm register or memory.
pub fn extract_half(l: &mut Lift<'_>) -> Lifted {
    let which = l.immediate(2).ok_or(NotModelled)? as u8 & 1;
    let src = l.vector(1)?.plus(HALF * which);
    if l.is_memory(0) {
        let mem = l.address()?;
        l.emit(Op::VecStore { acc: access(8), words: HALF, src, mem });
        return Ok(());
    }
    let dst = l.vector(0)?;
    l.emit(Op::VecCopy { words: HALF, dst, src });
    l.clear_above(dst, HALF);
    Ok(())
}

/// VPERM2F128, VPERM2I128: each half of the result is one of four halves, or zero.
pub fn permute_halves(l: &mut Lift<'_>) -> Lifted {
    let pattern = l.immediate(3).ok_or(NotModelled)? as u8;
    let (dst, a) = (l.vector(0)?, l.vector(1)?);
    let b = l.read_vector(2, 2 * HALF)?;
    let result = l.temps(2 * HALF)?;
    for (half, choice) in [(0, pattern & 15), (HALF, pattern >> 4)] {
        let dst = result.plus(half);
        let from = if choice & 2 == 0 { a } else { b };
        l.emit(match choice & 8 {
            0 => Op::VecCopy { words: HALF, dst, src: from.plus(HALF * (choice & 1)) },
            _ => Op::VecZero { words: HALF, dst },
        });
    }
    l.emit(Op::VecCopy { words: 2 * HALF, dst, src: result });
    Ok(())
}

/// PBLENDW, VPBLENDD: lanes of the second source where the constant has a bit, else of the first.
pub fn blend(l: &mut Lift<'_>, lane: Lane) -> Lifted {
    let words = l.vector_words(0)?;
    let last = l.insn.op_count() - 1;
    let pattern = l.immediate(last).ok_or(NotModelled)? as u32 & 0xff;
    let (dst, a) = (l.vector(0)?, l.vector(last - 2)?);
    let b = l.read_vector(last - 1, words)?;
    let per_slot = 64 / lane.bits();
    for slot in 0..words {
        let mask = l.temp()?;
        l.constant(mask, blend_mask(lane, pattern, u32::from(slot) * per_slot));
        let (from_a, from_b) = (l.temp()?, l.temp()?);
        let width = rcsim_uop::op::Width::W64;
        l.emit(Op::AndNot { width, dst: from_a, a: a.plus(slot), b: mask });
        l.emit(Op::And { width, dst: from_b, a: b.plus(slot), b: mask });
        l.emit(Op::Or { width, dst: dst.plus(slot), a: from_a, b: from_b });
    }
    l.clear_above(dst, words);
    Ok(())
}

/// Ones in the lanes of one slot whose bits are set; the pattern repeats after eight lanes.
fn blend_mask(lane: Lane, pattern: u32, first: u32) -> u64 {
    let ones = u64::MAX >> (64 - lane.bits());
    let chosen = |index: &u32| pattern >> ((first + index) % 8) & 1 != 0;
    (0..64 / lane.bits()).filter(chosen).fold(0, |mask, index| mask | ones << (index * lane.bits()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blend_takes_the_lanes_whose_bits_are_set() {
        assert_eq!(blend_mask(Lane::B16, 0b0000_0101, 0), 0x0000_ffff_0000_ffff);
        assert_eq!(blend_mask(Lane::B32, 0b1000, 2), 0xffff_ffff_0000_0000);
    }
}
