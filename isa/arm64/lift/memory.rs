//! Loads and stores of general registers.

use rcsim_uop::op::{Access, Mem, Op, Width};
use rcsim_uop::reg::{SINK, ZERO};
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::Opcode as O;

use super::{Cx, move_reg};
use crate::arm64::decode::{Address, Lifted};

/// A load or store by its opcode. The register's width decides between 4 and 8 bytes where the opcode does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// That of the register.
    Register,
    /// This access.
    Fixed(Access),
}

const BYTE: Access = Access::little(0);
const HALF: Access = Access::little(1);
const WORD: Access = Access::little(2);
const DOUBLE: Access = Access::little(3);

/// The access of a load opcode; `None` for any other opcode.
pub fn load_of(opcode: O) -> Option<Size> {
    Some(match opcode {
        O::LDR | O::LDUR | O::LDTR => Size::Register,
        O::LDRB | O::LDURB | O::LDTRB => Size::Fixed(BYTE),
        O::LDRH | O::LDURH | O::LDTRH => Size::Fixed(HALF),
        O::LDRSB | O::LDURSB | O::LDTRSB => Size::Fixed(BYTE.signed()),
        O::LDRSH | O::LDURSH | O::LDTRSH => Size::Fixed(HALF.signed()),
        O::LDRSW | O::LDURSW | O::LDTRSW => Size::Fixed(WORD.signed()),
        O::LDARB | O::LDLARB => Size::Fixed(BYTE.aligned()),
        O::LDARH | O::LDLARH => Size::Fixed(HALF.aligned()),
        O::LDAR | O::LDLAR => Size::Register,
        _ => return None,
    })
}

/// The access of a store opcode; `None` for any other opcode.
pub fn store_of(opcode: O) -> Option<Size> {
    Some(match opcode {
        O::STR | O::STUR | O::STTR => Size::Register,
        O::STRB | O::STURB | O::STTRB => Size::Fixed(BYTE),
        O::STRH | O::STURH | O::STTRH => Size::Fixed(HALF),
        O::STLRB | O::STLLRB => Size::Fixed(BYTE.aligned()),
        O::STLRH | O::STLLRH => Size::Fixed(HALF.aligned()),
        O::STLR | O::STLLR => Size::Register,
        _ => return None,
    })
}

/// Load-acquire and store-release trap on a misaligned address (Arm ARM B2.5.2).
fn ordered(opcode: O) -> bool {
    matches!(opcode, O::LDAR | O::LDLAR | O::STLR | O::STLLR)
}

/// The access of a general register of this width.
pub const fn of_width(width: Width) -> Access {
    match width {
        Width::W32 => WORD,
        _ => DOUBLE,
    }
}

fn access(cx: &Cx<'_>, size: Size) -> Lifted<Access> {
    Ok(match size {
        Size::Fixed(acc) => acc,
        Size::Register if ordered(cx.insn.opcode) => of_width(cx.insn.width(0)?).aligned(),
        Size::Register => of_width(cx.insn.width(0)?),
    })
}

/// A constant address as a memory operand.
pub fn literal(out: &mut BlockBuilder, address: u64) -> Mem {
    match i32::try_from(address) {
        Ok(disp) => Mem::at(ZERO, disp),
        Err(_) => {
            let base = out.temp();
            out.constant(base, address);
            Mem::at(base, 0)
        }
    }
}

/// LDR and its kin.
pub fn load(cx: &mut Cx<'_>, size: Size) -> Lifted {
    let (acc, width, dst) = (access(cx, size)?, cx.insn.width(0)?, cx.insn.dst(0)?);
    let address = cx.insn.address(1)?;
    let out = cx.begin();
    emit_load(out, acc, dst, address);
    // A signed load into a 32-bit register leaves the upper half zero.
    if acc.is_signed() && width == Width::W32 && dst != SINK {
        move_reg(out, width, dst, dst);
    }
    Ok(())
}

/// Load one slot from an address, updating the base where the address says so.
pub fn emit_load(out: &mut BlockBuilder, acc: Access, dst: Reg, address: Address) {
    match address {
        Address::Plain(mem) => out.emit(Op::Load { acc, dst, mem }),
        Address::Update(base, disp, update) => {
            out.emit(Op::LoadUpdate { acc, dst, base, disp, update, wrap: false });
        }
        Address::Literal(address) => {
            let mem = literal(out, address);
            out.emit(Op::Load { acc, dst, mem });
        }
    }
}

/// STR and its kin.
pub fn store(cx: &mut Cx<'_>, size: Size) -> Lifted {
    let (acc, src) = (access(cx, size)?, cx.insn.src(0)?);
    let address = cx.insn.address(1)?;
    emit_store(cx.begin(), acc, src, address);
    Ok(())
}

/// Store one slot to an address, updating the base where the address says so.
pub fn emit_store(out: &mut BlockBuilder, acc: Access, src: Reg, address: Address) {
    match address {
        Address::Plain(mem) => out.emit(Op::Store { acc, src, mem }),
        Address::Update(base, disp, update) => {
            out.emit(Op::StoreUpdate { acc, src, base, disp, update, wrap: false });
        }
        Address::Literal(address) => {
            let mem = literal(out, address);
            out.emit(Op::Store { acc, src, mem });
        }
    }
}
