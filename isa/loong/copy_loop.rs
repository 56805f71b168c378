//! The loop that speed is measured on, as a program for Linux.

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram};

use super::encode::{Asm, R, ZERO};
use crate::assembly::Unencodable;

/// Instructions before the first round, around a round, and for a word.
const BEFORE: u64 = 2;
const PER_ROUND: u64 = 8;
const PER_WORD: u64 = 6;

/// Linux's number of `exit`, and where it expects numbers and arguments.
const SYS_EXIT: i32 = 93;
const NUMBER: R = R(11);
const ARGUMENT: R = R(4);
/// `syscall 0`.
const SYSCALL: u32 = 0x002b_0000;

const SOURCE: R = R(12);
const DESTINATION: R = R(13);
const WORDS: R = R(14);
const ROUNDS: R = R(15);
const VALUE: R = R(16);

/// A number in two instructions, whatever it is.
fn constant(asm: &mut Asm, register: R, value: u32) {
    asm.lu12i(register, (value >> 12) as i32);
    asm.ori(register, register, value & 0xfff);
}

fn assemble(plan: &CopyPlan) -> Result<(Vec<u8>, u32), Unencodable> {
    let mut asm = Asm::default();
    constant(&mut asm, ROUNDS, plan.rounds);
    let round = asm.here();
    constant(&mut asm, SOURCE, plan.source);
    constant(&mut asm, DESTINATION, plan.destination);
    constant(&mut asm, WORDS, u32::from(plan.words));
    let word = asm.here();
    asm.ld(VALUE, SOURCE, 0);
    asm.st(VALUE, DESTINATION, 0);
    asm.addi(SOURCE, SOURCE, 8);
    asm.addi(DESTINATION, DESTINATION, 8);
    asm.addi(WORDS, WORDS, -1);
    asm.bne(WORDS, ZERO, word);
    asm.addi(ROUNDS, ROUNDS, -1);
    asm.bne(ROUNDS, ZERO, round);
    let end = asm.position();
    asm.addi(NUMBER, ZERO, SYS_EXIT);
    asm.addi(ARGUMENT, ZERO, 0);
    asm.word(SYSCALL);
    Ok((asm.finish()?.bytes, end))
}

/// The program.
pub fn program(plan: &CopyPlan) -> CopyProgram {
    let (bytes, end) =
        assemble(plan).expect("every constant of the program fits its instruction, and every label is placed");
    CopyProgram { bytes, entry: 0, end, instructions: plan.instructions(BEFORE, PER_ROUND, PER_WORD) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_plan_can_be_assembled() {
        let plan =
            CopyPlan { base: 0x1_0000, source: 0x7fff_f800, destination: 0x7fff_ffff, words: 32767, rounds: u32::MAX };
        let program = program(&plan);
        assert_eq!(program.end, 4 * (BEFORE + PER_ROUND + PER_WORD) as u32);
        assert_eq!(program.bytes.len() as u32, program.end + 12);
    }
}
