//! The instructions of SHA-1 and SHA-256 (FIPS 180-4; operand layout in Intel SDM volume 2B).

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperDecl, HelperMemory, HelperOperand, HelperProvenance, HelperTrap};

use super::block::{from_lanes, get, lane, of_two, set};
use crate::x86::regs::xmm;

/// See [`super::HelperId::Sha`].
pub const SHA: HelperDecl = of_two("sha", sha);

/// See [`super::HelperId::Sha256Rounds`].
pub const SHA256_ROUNDS: HelperDecl = HelperDecl {
    name: "sha256_rounds",
    reads: &[HelperOperand::Arg(1, 2), HelperOperand::Arg(2, 2), HelperOperand::Fixed(xmm(0), 2)],
    writes: &[HelperOperand::Arg(0, 2)],
    memory: HelperMemory::None,
    provenance: HelperProvenance::Drops,
    body: sha256_rounds,
};

/// Which instruction; the four functions of SHA1RNDS4 apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum ShaOp {
    /// SHA1RNDS4 with function 0.
    Rounds0,
    /// SHA1RNDS4 with function 1.
    Rounds1,
    /// SHA1RNDS4 with function 2.
    Rounds2,
    /// SHA1RNDS4 with function 3.
    Rounds3,
    /// SHA1NEXTE.
    NextE,
    /// SHA1MSG1.
    Message1,
    /// SHA1MSG2.
    Message2,
    /// SHA256MSG1.
    Message256First,
    /// SHA256MSG2.
    Message256Second,
}

impl ShaOp {
    const ALL: [Self; 9] = [
        Self::Rounds0,
        Self::Rounds1,
        Self::Rounds2,
        Self::Rounds3,
        Self::NextE,
        Self::Message1,
        Self::Message2,
        Self::Message256First,
        Self::Message256Second,
    ];

    fn apply(self, a: u128, b: u128) -> u128 {
        let (wa, wb) = (|n| word(a, n), |n| word(b, n));
        match self {
            Self::Rounds0 => sha1_rounds(a, b, 0x5a82_7999, |b, c, d| b & c ^ !b & d),
            Self::Rounds1 => sha1_rounds(a, b, 0x6ed9_eba1, |b, c, d| b ^ c ^ d),
            Self::Rounds2 => sha1_rounds(a, b, 0x8f1b_bcdc, |b, c, d| b & c ^ b & d ^ c & d),
            Self::Rounds3 => sha1_rounds(a, b, 0xca62_c1d6, |b, c, d| b ^ c ^ d),
            Self::NextE => words([wb(0), wb(1), wb(2), wb(3).wrapping_add(wa(3).rotate_left(30))]),
            Self::Message1 => words([wb(2) ^ wa(0), wb(3) ^ wa(1), wa(0) ^ wa(2), wa(1) ^ wa(3)]),
            Self::Message2 => {
                let first = (wa(3) ^ wb(2)).rotate_left(1);
                let rest = [(wa(0) ^ first), (wa(1) ^ wb(0)), (wa(2) ^ wb(1))].map(|w| w.rotate_left(1));
                words([rest[0], rest[1], rest[2], first])
            }
            Self::Message256First => {
                let next = [wa(1), wa(2), wa(3), wb(0)];
                words(std::array::from_fn(|n| word(a, n as u32).wrapping_add(small_sigma0(next[n]))))
            }
            Self::Message256Second => {
                let low = wa(0).wrapping_add(small_sigma1(wb(2)));
                let next = wa(1).wrapping_add(small_sigma1(wb(3)));
                let third = wa(2).wrapping_add(small_sigma1(low));
                words([low, next, third, wa(3).wrapping_add(small_sigma1(next))])
            }
        }
    }
}

fn word(vector: u128, index: u32) -> u32 {
    lane(vector, 32, index) as u32
}

fn words(words: [u32; 4]) -> u128 {
    from_lanes(32, |index| u64::from(words[index as usize]))
}

/// Four rounds on A to D, A in the highest word; E is already part of the first word of the message.
fn sha1_rounds(state: u128, message: u128, constant: u32, function: fn(u32, u32, u32) -> u32) -> u128 {
    let [mut a, mut b, mut c, mut d] = [3, 2, 1, 0].map(|index| word(state, index));
    let mut e = 0_u32;
    for index in [3, 2, 1, 0] {
        let sum = function(b, c, d)
            .wrapping_add(a.rotate_left(5))
            .wrapping_add(word(message, index))
            .wrapping_add(e)
            .wrapping_add(constant);
        (a, b, c, d, e) = (sum, a, b.rotate_left(30), c, d);
    }
    words([d, c, b, a])
}

fn small_sigma0(word: u32) -> u32 {
    word.rotate_right(7) ^ word.rotate_right(18) ^ word >> 3
}

fn small_sigma1(word: u32) -> u32 {
    word.rotate_right(17) ^ word.rotate_right(19) ^ word >> 10
}

fn sha(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let (a, b) = (get(guest, args.regs[1]), get(guest, args.regs[2]));
    // The immediate is written by the lift as one of the operations.
    let Some(op) = ShaOp::ALL.get(args.imm as usize) else { return Err(HelperTrap::Arithmetic) };
    set(guest, args.regs[0], op.apply(a, b));
    Ok(())
}

/// Two rounds: C, D, G, H in the first operand, A, B, E, F in the second, two words with their constants in xmm0.
fn sha256_rounds(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let (cdgh, abef, message) = (get(guest, args.regs[1]), get(guest, args.regs[2]), get(guest, xmm(0)));
    let [h, g, d, c] = [0, 1, 2, 3].map(|index| word(cdgh, index));
    let [f, e, b, a] = [0, 1, 2, 3].map(|index| word(abef, index));
    let [a, b, _, _, e, f, _, _] =
        [0, 1].into_iter().fold([a, b, c, d, e, f, g, h], |state, index| sha256_round(state, word(message, index)));
    set(guest, args.regs[0], words([f, e, b, a]));
    Ok(())
}

/// One round on A to H.
fn sha256_round([a, b, c, d, e, f, g, h]: [u32; 8], message: u32) -> [u32; 8] {
    let sum1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
    let sum0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
    let (choice, majority) = (e & f ^ !e & g, a & b ^ a & c ^ b & c);
    let first = h.wrapping_add(sum1).wrapping_add(choice).wrapping_add(message);
    let second = sum0.wrapping_add(majority);
    [first.wrapping_add(second), a, b, c, d.wrapping_add(first), e, f, g]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_operations_is_in_their_order() {
        assert!(ShaOp::ALL.iter().enumerate().all(|(index, op)| *op as usize == index));
    }
}
