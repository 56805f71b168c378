//! The loop that speed is measured on, as a program for Linux.

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram};

use super::mode::Mode;
use crate::assembly::word_bytes;

/// Instructions before the first round and around a round.
const BEFORE: u64 = 2;
const PER_ROUND: u64 = 8;

/// Delay slots do what is left of the work.
const COPY_64: [u32; 6] = [
    0xdc87_0000, // ld $7, 0($4)
    0xfca7_0000, // sd $7, 0($5)
    0x6484_0008, // daddiu $4, $4, 8
    0x24c6_ffff, // addiu $6, $6, -1
    0x14c0_fffb, // bne $6, $0, -16
    0x64a5_0008, // daddiu $5, $5, 8
];
const COPY_32: [u32; 8] = [
    0x8c87_0000, // lw $7, 0($4)
    0x8c88_0004, // lw $8, 4($4)
    0xaca7_0000, // sw $7, 0($5)
    0xaca8_0004, // sw $8, 4($5)
    0x2484_0008, // addiu $4, $4, 8
    0x24c6_ffff, // addiu $6, $6, -1
    0x14c0_fff9, // bne $6, $0, -24
    0x24a5_0008, // addiu $5, $5, 8
];
/// `addiu $3, $3, -1`
const NEXT_ROUND: u32 = 0x2463_ffff;
/// `li $4, 0`
const STATUS: u32 = 0x2404_0000;
/// `syscall`
const SYSCALL: u32 = 0x0000_000c;

/// Linux's number of `exit` in the n64 and the o32 convention.
const EXIT_64: u16 = 5058;
const EXIT_32: u16 = 4001;

/// `lui rt, upper half; ori rt, rt, lower half`.
const fn constant(register: u32, value: u32) -> [u32; 2] {
    [15 << 26 | register << 16 | value >> 16, 13 << 26 | register << 21 | register << 16 | value & 0xffff]
}

/// `li rt, value`, for a count of 15 bits.
const fn short(register: u32, value: u16) -> u32 {
    9 << 26 | register << 16 | value as u32
}

/// `bne $3, $0`, back over so many instructions, with NOP in its slot.
const fn again(instructions: usize) -> [u32; 2] {
    [5 << 26 | 3 << 21 | (instructions as u32 + 1).wrapping_neg() & 0xffff, 0]
}

/// The program: `$4` reads, `$5` writes, `$6` counts words, `$3` rounds.
pub fn program(plan: &CopyPlan, mode: Mode) -> CopyProgram {
    let copy: &[u32] = if mode.wide { &COPY_64 } else { &COPY_32 };
    let mut words = constant(3, plan.rounds).to_vec();
    let round = words.len();
    words.extend(constant(4, plan.source));
    words.extend(constant(5, plan.destination));
    words.push(short(6, plan.words));
    words.extend(copy);
    words.push(NEXT_ROUND);
    words.extend(again(words.len() - round));
    let end = 4 * words.len() as u32;
    words.extend([short(2, if mode.wide { EXIT_64 } else { EXIT_32 }), STATUS, SYSCALL]);
    let bytes = words.iter().flat_map(|word| word_bytes(*word, mode.big_endian)).collect();
    let instructions = plan.instructions(BEFORE, PER_ROUND, copy.len() as u64);
    CopyProgram { bytes, entry: 0, end, instructions }
}
