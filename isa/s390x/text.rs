//! Disassembly, by capstone.

use capstone::prelude::*;

use super::decode::Insn;

/// KDSA, which capstone 5 does not know.
const KDSA: [u8; 2] = [0xb9, 0x3a];

/// The instruction's text; its bytes where there is none.
pub fn text(insn: Insn) -> String {
    if insn.bytes().starts_with(&KDSA) {
        return format!("kdsa %r{}, %r{}", insn.four(24), insn.four(28));
    }
    by_capstone(insn).unwrap_or_else(|| data(insn))
}

fn by_capstone(insn: Insn) -> Option<String> {
    let engine = Capstone::new().sysz().mode(arch::sysz::ArchMode::Default).build().ok()?;
    let found = engine.disasm_count(&insn.bytes(), insn.pc, 1).ok()?;
    let first = found.iter().next().filter(|first| first.len() == usize::from(insn.len))?;
    let operands = first.op_str().unwrap_or_default();
    Some(format!("{} {operands}", first.mnemonic()?).trim_end().to_owned())
}

fn data(insn: Insn) -> String {
    let halves: Vec<String> =
        insn.bytes().chunks(2).map(|half| format!("{:#06x}", u16::from_be_bytes([half[0], half[1]]))).collect();
    format!(".short {}", halves.join(", "))
}
