//! The loop that speed is measured on, as a program for Linux.

use rcsim_uop::copy_loop::{CopyPlan, CopyProgram};

use super::encode::{Asm, NONE, R};
use crate::assembly::Unencodable;

/// Instructions before the first round, around a round, and for a word.
const BEFORE: u64 = 1;
const PER_ROUND: u64 = 4;
const PER_WORD: u64 = 6;

/// Linux's number of `exit`.
const SYS_EXIT: u8 = 1;

const SOURCE: R = R(3);
const DESTINATION: R = R(4);
const WORDS: R = R(5);
const ROUNDS: R = R(6);
const VALUE: R = R(7);
const STATUS: R = R(2);

fn assemble(plan: &CopyPlan) -> Result<(Vec<u8>, u32), Unencodable> {
    let mut asm = Asm::default();
    asm.llilf(ROUNDS, plan.rounds);
    let round = asm.here();
    asm.lgfi(SOURCE, i64::from(plan.source));
    asm.lgfi(DESTINATION, i64::from(plan.destination));
    asm.lghi(WORDS, i64::from(plan.words));
    let word = asm.here();
    asm.lg(VALUE, NONE, SOURCE, 0);
    asm.stg(VALUE, NONE, DESTINATION, 0);
    asm.la(SOURCE, SOURCE, NONE, 8);
    asm.la(DESTINATION, DESTINATION, NONE, 8);
    // Six instructions a word, as everywhere: the count is compared by itself.
    asm.aghi(WORDS, -1);
    asm.cgij_ne_0(WORDS, word);
    asm.brctg(ROUNDS, round);
    let end = asm.position();
    asm.lghi(STATUS, 0);
    asm.svc(SYS_EXIT);
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
        assert_eq!(program.bytes.len() as u32, program.end + 6);
    }
}
