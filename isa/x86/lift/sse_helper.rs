//! Vector instructions that a helper computes, sixteen bytes at a time.

use iced_x86::Code;
use rcsim_uop::Reg;
use rcsim_uop::reg::ZERO;

use super::context::{Lift, Lifted, NotModelled};
use crate::x86::helpers::HelperId;
use crate::x86::helpers::aes::AesRound;
use crate::x86::helpers::lanes::{LaneOp, LaneShift};
use crate::x86::helpers::sha::ShaOp;

/// Slots of sixteen bytes.
const HALF: u8 = 2;

/// The helper for each sixteen bytes of `dst`, `a` and `b`.
fn each_half(l: &mut Lift<'_>, id: HelperId, words: u8, regs: [Reg; 3], imm: u32) {
    let [dst, a, b] = regs;
    for half in (0..words).step_by(usize::from(HALF)) {
        // SHUFPD has a bit of its own for each lane; the others repeat their pattern.
        let imm = if id == HelperId::ShuffleTwo64 { imm >> half } else { imm };
        l.helper(id, [dst.plus(half), a.plus(half), b.plus(half), ZERO], imm);
    }
    l.clear_above(dst, words);
}

/// An instruction of one source and a constant: PSHUFD and its kin, AESKEYGENASSIST.
pub fn one_source(l: &mut Lift<'_>, id: HelperId) -> Lifted {
    let words = l.vector_words(0)?;
    let imm = l.immediate(2).ok_or(NotModelled)? as u32 & 0xff;
    let dst = l.vector(0)?;
    let src = l.read_vector(1, words)?;
    each_half(l, id, words, [dst, src, src], imm);
    Ok(())
}

/// An instruction of two sources and a constant: SHUFPS, PALIGNR, PCLMULQDQ.
pub fn two_sources(l: &mut Lift<'_>, id: HelperId) -> Lifted {
    let words = l.vector_words(0)?;
    let last = l.insn.op_count() - 1;
    let imm = l.immediate(last).ok_or(NotModelled)? as u32 & 0xff;
    let (dst, a) = (l.vector(0)?, l.vector(last - 2)?);
    let b = l.read_vector(last - 1, words)?;
    each_half(l, id, words, [dst, a, b], imm);
    Ok(())
}

/// An instruction of two sources without a constant.
fn plain(l: &mut Lift<'_>, id: HelperId, imm: u32) -> Lifted {
    let words = l.vector_words(0)?;
    let last = l.insn.op_count() - 1;
    let (dst, a) = (l.vector(0)?, l.vector(last - 1)?);
    let b = l.read_vector(last, words)?;
    each_half(l, id, words, [dst, a, b], imm);
    Ok(())
}

/// One of the odd lane operations.
pub fn lane_op(l: &mut Lift<'_>, op: LaneOp) -> Lifted {
    plain(l, HelperId::Lanes, op as u32)
}

/// A round of AES.
pub fn aes(l: &mut Lift<'_>, round: AesRound) -> Lifted {
    plain(l, HelperId::AesRound, round.encoded())
}

/// A shift of all lanes by the low half of a vector register.
pub fn shift_by_vector(l: &mut Lift<'_>, shift: LaneShift) -> Lifted {
    let words = l.vector_words(0)?;
    let last = l.insn.op_count() - 1;
    let (dst, a) = (l.vector(0)?, l.vector(last - 1)?);
    let count = l.read_vector(last, HALF)?;
    // The count may be in the destination, so it is kept; it is the same for both halves.
    let kept = l.temps(HALF)?;
    l.copy(kept, count);
    l.constant(kept.plus(1), 0);
    for half in (0..words).step_by(usize::from(HALF)) {
        let regs = [dst.plus(half), a.plus(half), kept, ZERO];
        l.helper(HelperId::ShiftLanes, regs, shift.encoded());
    }
    l.clear_above(dst, words);
    Ok(())
}

/// CRC32.
pub fn crc32(l: &mut Lift<'_>) -> Lifted {
    let bits = l.operand_width(1)?.bits();
    let src = l.read(1)?;
    let dest = l.read(0)?;
    l.helper(HelperId::Crc32, [dest, src, ZERO, ZERO], bits);
    Ok(())
}

/// AESIMC.
pub fn aes_unmix(l: &mut Lift<'_>) -> Lifted {
    let dst = l.vector(0)?;
    let src = l.read_vector(1, HALF)?;
    each_half(l, HelperId::AesUnmix, HALF, [dst, src, src], 0);
    Ok(())
}

/// One of the instructions of SHA on two vectors.
pub fn sha(l: &mut Lift<'_>, op: ShaOp) -> Lifted {
    plain_sha(l, HelperId::Sha, op as u32)
}

/// SHA1RNDS4: the constant names one of four functions.
pub fn sha1_rounds(l: &mut Lift<'_>) -> Lifted {
    let function = l.immediate(2).ok_or(NotModelled)? as u32 & 3;
    plain_sha(l, HelperId::Sha, function)
}

/// SHA256RNDS2.
pub fn sha256_rounds(l: &mut Lift<'_>) -> Lifted {
    plain_sha(l, HelperId::Sha256Rounds, 0)
}

fn plain_sha(l: &mut Lift<'_>, id: HelperId, imm: u32) -> Lifted {
    let dst = l.vector(0)?;
    let src = l.read_vector(1, HALF)?;
    l.helper(id, [dst, dst, src, ZERO], imm);
    Ok(())
}

/// PCMPESTRI.
pub fn compare_strings(l: &mut Lift<'_>) -> Lifted {
    let control = l.immediate(2).ok_or(NotModelled)? as u32 & 0xff;
    let wide = l.insn.code() == Code::Pcmpestri64_xmm_xmmm128_imm8;
    let a = l.vector(0)?;
    let b = l.read_vector(1, HALF)?;
    l.helper(HelperId::CompareStrings, [a, b, ZERO, ZERO], control | u32::from(wide) << 8);
    Ok(())
}
