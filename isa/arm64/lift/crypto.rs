//! AES, SHA and carry-less multiplication: the vector instructions for cryptography.

use rcsim_uop::op::{Lane, Op, VecAlu, VecShift};
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::{Opcode as O, Operand, SIMDSizeCode};

use super::Cx;
use crate::arm64::decode::{Gap, Lifted, vector};
use crate::arm64::helpers::{self, sha_step as step};

/// The vector register of operand `i`, whatever its arrangement.
fn register(cx: &Cx<'_>, i: usize) -> Lifted<Reg> {
    match cx.insn.operands[i] {
        Operand::SIMDRegister(_, n) | Operand::SIMDRegisterElements(_, n, _) => Ok(vector(n)),
        _ => Err(Gap::Shape),
    }
}

fn require(on: bool, name: &'static str) -> Lifted {
    if on { Ok(()) } else { Err(Gap::Feature(name)) }
}

/// Lift an instruction of this group.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    match cx.insn.opcode {
        O::AESE | O::AESD | O::AESMC | O::AESIMC => aes(cx),
        O::PMULL | O::PMULL2 => carryless(cx),
        O::EOR3 | O::BCAX | O::RAX1 | O::XAR => sha3(cx),
        _ => sha(cx),
    }
}

fn aes(cx: &mut Cx<'_>) -> Lifted {
    require(cx.features.aes, "aes")?;
    let (dst, src) = (register(cx, 0)?, register(cx, 1)?);
    let (helper, decrypt) = match cx.insn.opcode {
        O::AESE => (helpers::AES_ROUND, 0),
        O::AESD => (helpers::AES_ROUND, 1),
        O::AESMC => (helpers::AES_MIX, 0),
        _ => (helpers::AES_MIX, 1),
    };
    // The round combines destination and source; the mixing takes the source alone.
    cx.begin().emit(helpers::vector(helper, dst, src, dst, decrypt));
    Ok(())
}

/// PMULL of 64-bit polynomials; that of 8-bit ones is not modelled.
fn carryless(cx: &mut Cx<'_>) -> Lifted {
    require(cx.features.pmull, "pmull")?;
    let Operand::SIMDRegisterElements(_, _, SIMDSizeCode::D) = cx.insn.operands[1] else {
        return Err(Gap::Shape);
    };
    let (dst, a, b) = (register(cx, 0)?, register(cx, 1)?, register(cx, 2)?);
    let high = u32::from(cx.insn.opcode == O::PMULL2);
    cx.begin().emit(helpers::vector(helpers::CARRYLESS, dst, a, b, high));
    Ok(())
}

/// The steps of SHA-1, SHA-256 and SHA-512.
fn sha(cx: &mut Cx<'_>) -> Lifted {
    let features = cx.features;
    let (on, name, helper, which) = match cx.insn.opcode {
        O::SHA1C => (features.sha1, "sha1", helpers::SHA_WORDS, step::SHA1C),
        O::SHA1P => (features.sha1, "sha1", helpers::SHA_WORDS, step::SHA1P),
        O::SHA1M => (features.sha1, "sha1", helpers::SHA_WORDS, step::SHA1M),
        O::SHA1H => (features.sha1, "sha1", helpers::SHA_WORDS, step::SHA1H),
        O::SHA1SU0 => (features.sha1, "sha1", helpers::SHA_WORDS, step::SHA1SU0),
        O::SHA1SU1 => (features.sha1, "sha1", helpers::SHA_WORDS, step::SHA1SU1),
        O::SHA256H => (features.sha2, "sha2", helpers::SHA_WORDS, step::SHA256H),
        O::SHA256H2 => (features.sha2, "sha2", helpers::SHA_WORDS, step::SHA256H2),
        O::SHA256SU0 => (features.sha2, "sha2", helpers::SHA_WORDS, step::SHA256SU0),
        O::SHA256SU1 => (features.sha2, "sha2", helpers::SHA_WORDS, step::SHA256SU1),
        O::SHA512H => (features.sha512, "sha512", helpers::SHA_DOUBLES, step::SHA512H),
        O::SHA512H2 => (features.sha512, "sha512", helpers::SHA_DOUBLES, step::SHA512H2),
        O::SHA512SU0 => (features.sha512, "sha512", helpers::SHA_DOUBLES, step::SHA512SU0),
        O::SHA512SU1 => (features.sha512, "sha512", helpers::SHA_DOUBLES, step::SHA512SU1),
        _ => return Err(Gap::Opcode),
    };
    require(on, name)?;
    let (d, n) = (register(cx, 0)?, register(cx, 1)?);
    let m = if cx.insn.operands[2] == Operand::Nothing { n } else { register(cx, 2)? };
    cx.begin().emit(helpers::vector(helper, d, n, m, which));
    Ok(())
}

/// A binary operation on whole vectors.
fn both(out: &mut BlockBuilder, op: VecAlu, dst: Reg, a: Reg, b: Reg) {
    out.emit(Op::VecAlu { op, lane: Lane::B64, words: 2, dst, a, b });
}

/// `dst` = lanes of `a` rotated right by `amount`, 1 to 63.
fn rotate(out: &mut BlockBuilder, dst: Reg, a: Reg, amount: u8) {
    let (high, low) = (out.temps(2), out.temps(2));
    let (lane, words) = (Lane::B64, 2);
    out.emit(Op::VecShift { op: VecShift::Left, lane, words, dst: high, a, amount: 64 - amount });
    out.emit(Op::VecShift { op: VecShift::Right, lane, words, dst: low, a, amount });
    both(out, VecAlu::Or, dst, high, low);
}

/// EOR3, BCAX, RAX1, XAR: the steps of SHA-3.
fn sha3(cx: &mut Cx<'_>) -> Lifted {
    require(cx.features.sha3, "sha3")?;
    let (dst, n, m) = (register(cx, 0)?, register(cx, 1)?, register(cx, 2)?);
    match cx.insn.opcode {
        O::RAX1 => {
            let out = cx.begin();
            let rotated = out.temps(2);
            rotate(out, rotated, m, 63);
            both(out, VecAlu::Xor, dst, n, rotated);
        }
        O::XAR => {
            let amount = cx.insn.small(3)? & 63;
            let out = cx.begin();
            let sum = out.temps(2);
            both(out, VecAlu::Xor, sum, n, m);
            if amount == 0 {
                out.emit(Op::VecCopy { words: 2, dst, src: sum });
            } else {
                rotate(out, dst, sum, amount);
            }
        }
        opcode => {
            let a = register(cx, 3)?;
            let op = if opcode == O::EOR3 { VecAlu::Xor } else { VecAlu::AndNot };
            let out = cx.begin();
            let part = out.temps(2);
            both(out, op, part, m, a);
            both(out, VecAlu::Xor, dst, n, part);
        }
    }
    Ok(())
}
