//! The loop that speed is measured on, as a program for Linux.

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram};

use super::encode::{Asm, X, ZERO, split};
use crate::assembly::Unencodable;

/// Instructions before the first round, around a round, and for a word.
const BEFORE: u64 = 2;
const PER_ROUND: u64 = 8;
const PER_WORD: u64 = 6;

/// Linux's number of `exit`, and where it expects numbers and arguments.
const SYS_EXIT: i32 = 93;
const NUMBER: X = X(17);
const ARGUMENT: X = X(10);
/// `ecall`.
const ECALL: [u8; 4] = [0x73, 0, 0, 0];

const SOURCE: X = X(11);
const DESTINATION: X = X(12);
const WORDS: X = X(13);
const ROUNDS: X = X(14);
const VALUE: X = X(15);

/// A number in two instructions, whatever it is.
fn constant(asm: &mut Asm, register: X, value: u32) {
    let (high, low) = split(value as i32);
    asm.lui(register, high);
    asm.addiw(register, register, low);
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
    asm.sd(VALUE, DESTINATION, 0);
    asm.addi(SOURCE, SOURCE, 8);
    asm.addi(DESTINATION, DESTINATION, 8);
    asm.addi(WORDS, WORDS, -1);
    asm.bne(WORDS, ZERO, word);
    asm.addi(ROUNDS, ROUNDS, -1);
    asm.bne(ROUNDS, ZERO, round);
    let end = asm.position();
    asm.addi(NUMBER, ZERO, SYS_EXIT);
    asm.addi(ARGUMENT, ZERO, 0);
    asm.raw(&ECALL);
    Ok((asm.finish()?.bytes, end))
}

/// The program.
pub fn program(plan: &CopyPlan) -> CopyProgram {
    let (bytes, end) = assemble(plan).expect("every constant of the program fits its instruction, and every label is placed");
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
