//! Storage-to-storage instructions, and EXRL, which runs one of them with a length from a register.

use rcsim_uop::reg::ZERO;
use rcsim_uop::{BlockBuilder, Reg};

use super::Cx;
use super::operand::address;
use crate::s390x::decode::{self, Gap, Insn, Lifted};
use crate::s390x::helpers::{self, Combine};

/// The helper and what its immediate holds beside the length.
fn operation(insn: Insn) -> Lifted<(u16, u32)> {
    Ok(match insn.first() {
        0xd2 => (helpers::MOVE, 0),
        0xd4 => (helpers::COMBINE, Combine::And as u32),
        0xd5 => (helpers::COMPARE, 0),
        0xd6 => (helpers::COMBINE, Combine::Or as u32),
        0xd7 => (helpers::COMBINE, Combine::Xor as u32),
        _ => return Err(Gap::Opcode),
    })
}

fn emit(out: &mut BlockBuilder, insn: Insn, (id, kind): (u16, u32), length: Reg) {
    let first = address(out, insn.base(16));
    let second = address(out, insn.base(32));
    out.emit(helpers::call(id, first, second, length, kind | u32::from(insn.second())));
}

/// MVC, NC, CLC, OC, XC.
pub fn lift(cx: &mut Cx<'_>) -> Lifted {
    let insn = cx.insn;
    let operation = operation(insn)?;
    emit(cx.begin(), insn, operation, ZERO);
    Ok(())
}

/// EXRL. What it runs is a constant of the program, as all code is.
pub fn execute_relative(cx: &mut Cx<'_>) -> Lifted {
    let target = decode::fetch(cx.code, cx.insn.relative(16, 32)).map_err(|missing| Gap::Fetch(missing.pc()))?;
    let operation = operation(target)?;
    let length = cx.insn.address_register(8);
    emit(cx.begin(), target, operation, length);
    Ok(())
}
