//! Disassembly, by capstone, except where it names the wrong register.

use capstone::prelude::*;

use super::decode::{INSN_BYTES, Insn};
use super::mode::Mode;

/// The instruction's text; its word where there is none.
pub fn text(insn: Insn, mode: Mode) -> String {
    hardware_register(insn)
        .or_else(|| control_register(insn))
        .or_else(|| by_capstone(insn, mode))
        .unwrap_or_else(|| format!(".word {:#010x}", insn.word))
}

/// RDHWR numbers hardware registers; capstone 5 names general ones.
fn hardware_register(insn: Insn) -> Option<String> {
    const RDHWR: u32 = 0x7c00_003b;
    (insn.word & 0xffe0_07ff == RDHWR)
        .then(|| format!("rdhwr {}, ${}", general(insn.rt_number()), insn.rd_number()))
}

/// CFC1 and CTC1 number control registers; capstone 5 names general ones.
fn control_register(insn: Insn) -> Option<String> {
    let name = match insn.word & 0xffe0_07ff {
        0x4440_0000 => "cfc1",
        0x44c0_0000 => "ctc1",
        _ => return None,
    };
    Some(format!("{name} {}, ${}", general(insn.rt_number()), insn.rd_number()))
}

/// General registers as capstone names them.
fn general(n: u8) -> String {
    const NAMES: [&str; 32] = [
        "zero", "at", "v0", "v1", "a0", "a1", "a2", "a3", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "s0", "s1",
        "s2", "s3", "s4", "s5", "s6", "s7", "t8", "t9", "k0", "k1", "gp", "sp", "fp", "ra",
    ];
    format!("${}", NAMES[usize::from(n)])
}

fn by_capstone(insn: Insn, mode: Mode) -> Option<String> {
    let size = if mode.wide { arch::mips::ArchMode::Mips64 } else { arch::mips::ArchMode::Mips32 };
    let engine = Capstone::new().mips().mode(size).endian(capstone::Endian::Big).build().ok()?;
    let bytes = insn.word.to_be_bytes();
    let found = engine.disasm_count(&bytes, insn.pc, 1).ok()?;
    let first = found.iter().next().filter(|first| first.len() == INSN_BYTES)?;
    let operands = first.op_str().unwrap_or_default();
    Some(format!("{} {operands}", first.mnemonic()?).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(word: u32) -> String {
        text(Insn { pc: 0x1000, word }, Mode { wide: true, big_endian: true })
    }

    #[test]
    fn instructions_read_as_the_manual_writes_them() {
        assert_eq!(of(0xffbf_ffd0), "sd $ra, -0x30($sp)");
        assert_eq!(of(0x1000_ffff), "b 0x1000");
    }

    #[test]
    fn control_and_hardware_registers_are_numbered() {
        assert_eq!(of(0x7c03_e83b), "rdhwr $v1, $29");
        assert_eq!(of(0x4441_f800), "cfc1 $at, $31");
    }

    #[test]
    fn a_word_that_is_no_instruction_is_shown_as_it_is() {
        assert_eq!(of(0x7fff_ffff), ".word 0x7fffffff");
    }
}
