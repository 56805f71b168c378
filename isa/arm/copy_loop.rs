//! The loop that speed is measured on, as a program for Linux.

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram};

/// Instructions before the first round, around a round, and for eight bytes.
const BEFORE: u64 = 2;
const PER_ROUND: u64 = 7;
const PER_WORD: u64 = 6;

const COPY: [u32; 6] = [
    0xe490_3004, // ldr r3, [r0], #4
    0xe490_5004, // ldr r5, [r0], #4
    0xe481_3004, // str r3, [r1], #4
    0xe481_5004, // str r5, [r1], #4
    0xe252_2001, // subs r2, r2, #1
    0x1aff_fff9, // bne -20
];
const NEXT_ROUND: [u32; 2] = [
    0xe254_4001, // subs r4, r4, #1
    0x1aff_fff2, // bne -48
];
const EXIT: [u32; 3] = [
    0xe3a0_7001, // mov r7, #1
    0xe3a0_0000, // mov r0, #0
    0xef00_0000, // svc #0
];

/// `movw` or `movt rd, #half`.
const fn half(upper: bool, register: u32, value: u32) -> u32 {
    (if upper { 0xe340_0000 } else { 0xe300_0000 }) | (value >> 12) << 16 | register << 12 | value & 0xfff
}

const fn constant(register: u32, value: u32) -> [u32; 2] {
    [half(false, register, value & 0xffff), half(true, register, value >> 16)]
}

/// The program: `r0` reads, `r1` writes, `r2` counts words, `r4` rounds.
pub fn program(plan: &CopyPlan) -> CopyProgram {
    let mut words = constant(4, plan.rounds).to_vec();
    words.extend(constant(0, plan.source));
    words.extend(constant(1, plan.destination));
    // A count of 15 bits needs no second half.
    words.push(constant(2, u32::from(plan.words))[0]);
    words.extend(COPY);
    words.extend(NEXT_ROUND);
    let end = 4 * words.len() as u32;
    words.extend(EXIT);
    let bytes = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    CopyProgram { bytes, entry: 0, end, instructions: plan.instructions(BEFORE, PER_ROUND, PER_WORD) }
}
