//! The loop that speed is measured on, as a program for Linux.

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram};

use crate::assembly::word_bytes;

/// Instructions before the first round, around a round, and for a word.
const BEFORE: u64 = 3;
const PER_ROUND: u64 = 7;
const PER_WORD: u64 = 6;

const COPY: [u32; 6] = [
    0xe8e3_0000, // ld r7, 0(r3)
    0xf8e4_0000, // std r7, 0(r4)
    0x3863_0008, // addi r3, r3, 8
    0x3884_0008, // addi r4, r4, 8
    0x34a5_ffff, // addic. r5, r5, -1
    0x4082_ffec, // bne -20
];
const NEXT_ROUND: [u32; 2] = [
    0x34c6_ffff, // addic. r6, r6, -1
    0x4082_ffd0, // bne -48
];
const EXIT: [u32; 3] = [
    0x3800_0001, // li r0, 1
    0x3860_0000, // li r3, 0
    0x4400_0002, // sc
];
/// `clrldi r6, r6, 32`
const ROUNDS_UNSIGNED: u32 = 0x78c6_0020;

/// `lis rt, upper half; ori rt, rt, lower half`.
const fn constant(register: u32, value: u32) -> [u32; 2] {
    [15 << 26 | register << 21 | value >> 16, 24 << 26 | register << 21 | register << 16 | value & 0xffff]
}

/// `li rt, value`, for a count of 15 bits.
const fn short(register: u32, value: u16) -> u32 {
    14 << 26 | register << 21 | value as u32
}

/// The program: `r3` reads, `r4` writes, `r5` counts words, `r6` rounds.
pub fn program(plan: &CopyPlan, big_endian: bool) -> CopyProgram {
    let mut words = constant(6, plan.rounds).to_vec();
    words.push(ROUNDS_UNSIGNED);
    words.extend(constant(3, plan.source));
    words.extend(constant(4, plan.destination));
    words.push(short(5, plan.words));
    words.extend(COPY);
    words.extend(NEXT_ROUND);
    let end = 4 * words.len() as u32;
    words.extend(EXIT);
    let bytes = words.iter().flat_map(|word| word_bytes(*word, big_endian)).collect();
    CopyProgram { bytes, entry: 0, end, instructions: plan.instructions(BEFORE, PER_ROUND, PER_WORD) }
}
