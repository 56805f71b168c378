//! The loop that speed is measured on, as a program for Linux.

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram};

/// Instructions before the first round, around a round, and for a word.
const BEFORE: u64 = 2;
const PER_ROUND: u64 = 7;
const PER_WORD: u64 = 6;

const COPY: [u32; 6] = [
    0xf940_0003, // ldr x3, [x0]
    0xf900_0023, // str x3, [x1]
    0x9100_2000, // add x0, x0, #8
    0x9100_2021, // add x1, x1, #8
    0xf100_0442, // subs x2, x2, #1
    0x54ff_ff61, // b.ne -20
];
const NEXT_ROUND: [u32; 2] = [
    0xf100_0484, // subs x4, x4, #1
    0x54ff_fe81, // b.ne -48
];
const EXIT: [u32; 3] = [
    0xd280_0ba8, // mov x8, #93
    0xd280_0000, // mov x0, #0
    0xd400_0001, // svc #0
];

/// `movz xd, low half; movk xd, high half, lsl 16`.
fn constant(register: u32, value: u32) -> [u32; 2] {
    let (low, high) = (value & 0xffff, value >> 16);
    [0xd280_0000 | low << 5 | register, 0xf2a0_0000 | high << 5 | register]
}

/// The program: `x0` reads, `x1` writes, `x2` counts words, `x4` rounds.
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
