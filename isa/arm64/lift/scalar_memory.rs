//! Loads and stores of one floating-point or vector register.

use rcsim_uop::op::{Access, Mem, Op, Width, Writeback};
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::SIMDSizeCode;

use super::{Cx, memory};
use crate::arm64::decode::{Address, Lifted};

/// Base-2 logarithm of a register size in bytes.
pub const fn log2_bytes(size: SIMDSizeCode) -> u8 {
    match size {
        SIMDSizeCode::B => 0,
        SIMDSizeCode::H => 1,
        SIMDSizeCode::S => 2,
        SIMDSizeCode::D => 3,
        SIMDSizeCode::Q => 4,
    }
}

/// Writing a part of a vector register clears all above it. The micro-op has cleared the rest of the low slot.
pub fn clear_above(out: &mut BlockBuilder, dst: Reg) {
    out.constant(dst.plus(1), 0);
}

/// LDR and LDUR.
pub fn load(cx: &mut Cx<'_>) -> Lifted {
    let ((size, dst), address) = (cx.insn.scalar(0)?, cx.insn.address(1)?);
    let out = cx.begin();
    if size == SIMDSizeCode::Q {
        whole(out, address, |mem| Op::VecLoad { acc: Access::little(3), words: 2, dst, mem });
    } else {
        memory::emit_load(out, Access::little(log2_bytes(size)), dst, address);
        clear_above(out, dst);
    }
    Ok(())
}

/// STR and STUR.
pub fn store(cx: &mut Cx<'_>) -> Lifted {
    let ((size, src), address) = (cx.insn.scalar(0)?, cx.insn.address(1)?);
    let out = cx.begin();
    if size == SIMDSizeCode::Q {
        whole(out, address, |mem| Op::VecStore { acc: Access::little(3), words: 2, src, mem });
    } else {
        memory::emit_store(out, Access::little(log2_bytes(size)), src, address);
    }
    Ok(())
}

/// A vector access at an address; the base moves after it, so that a trap leaves it as it was.
pub fn whole(out: &mut BlockBuilder, address: Address, access: impl FnOnce(Mem) -> Op) {
    match address {
        Address::Plain(mem) => out.emit(access(mem)),
        Address::Literal(address) => {
            let mem = memory::literal(out, address);
            out.emit(access(mem));
        }
        Address::Update(base, disp, update) => {
            let at = if update == Writeback::Pre { disp } else { 0 };
            out.emit(access(Mem::at(base, at)));
            out.add_imm(Width::W64, base, base, i64::from(disp));
        }
    }
}
