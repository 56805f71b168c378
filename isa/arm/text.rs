//! Disassembly, by capstone.

use capstone::prelude::*;

use super::decode::{INSN_BYTES, Insn};

/// What Go's assembler puts where control must never come.
pub const GO_UNDEFINED: u32 = 0xf7fa_bcfd;

/// The instruction's text; its word where there is none.
pub fn text(insn: Insn) -> String {
    by_capstone(insn).unwrap_or_else(|| format!(".word {:#010x}", insn.word))
}

fn by_capstone(insn: Insn) -> Option<String> {
    let engine = Capstone::new().arm().mode(arch::arm::ArchMode::Arm).build().ok()?;
    let found = engine.disasm_count(&insn.word.to_le_bytes(), insn.pc, 1).ok()?;
    let first = found.iter().next().filter(|first| first.len() == INSN_BYTES)?;
    Some(format!("{} {}", first.mnemonic()?, first.op_str().unwrap_or_default()).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(word: u32) -> String {
        text(Insn { pc: 0x1000, word })
    }

    #[test]
    fn instructions_read_as_the_manual_writes_them() {
        assert_eq!(of(0xe52d_e018), "str lr, [sp, #-0x18]!");
        assert_eq!(of(0x2152_0001), "cmphs r2, r1");
        assert_eq!(of(0xeaff_fffe), "b #0x1000");
    }

    #[test]
    fn a_word_that_is_no_instruction_is_shown_as_it_is() {
        assert_eq!(of(GO_UNDEFINED), ".word 0xf7fabcfd");
    }
}
