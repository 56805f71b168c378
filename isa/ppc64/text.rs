//! Disassembly, by capstone, except where it is wrong.

use capstone::prelude::*;

use super::decode::{INSN_BYTES, Insn};

/// `bclrl 20, 0, BH`, the plain indirect call through LR: capstone 5 takes it for one that counts down.
const CALL_THROUGH_LINK: u32 = 0x4e80_0021;
/// The hint BH of such a call.
const HINT: u32 = 3 << 11;

/// The instruction's text; its word where there is none.
pub fn text(insn: Insn) -> String {
    if insn.word & !HINT == CALL_THROUGH_LINK {
        return "blrl".to_owned();
    }
    by_capstone(insn).unwrap_or_else(|| format!(".long {:#010x}", insn.word))
}

fn by_capstone(insn: Insn) -> Option<String> {
    let engine = Capstone::new().ppc().mode(arch::ppc::ArchMode::Mode64).endian(capstone::Endian::Big).build();
    let bytes = insn.word.to_be_bytes();
    let engine = engine.ok()?;
    let found = engine.disasm_count(&bytes, insn.pc, 1).ok()?;
    let first = found.iter().next().filter(|first| first.len() == INSN_BYTES)?;
    let operands = first.op_str().unwrap_or_default();
    Some(format!("{} {operands}", first.mnemonic()?).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(word: u32) -> String {
        text(Insn { pc: 0x1000, word })
    }

    #[test]
    fn instructions_read_as_the_manual_writes_them() {
        assert_eq!(of(0xfbe1_ffa1), "stdu r31, -0x60(r1)");
        assert_eq!(of(0x4bff_fffc), "b 0xffc");
    }

    #[test]
    fn the_indirect_call_through_the_link_register_counts_nothing_down() {
        assert_eq!(of(0x4e80_0821), "blrl");
    }

    #[test]
    fn a_word_that_is_no_instruction_is_shown_as_it_is() {
        assert_eq!(of(0), ".long 0x00000000");
    }
}
