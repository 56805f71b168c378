//! LD1 and ST1 of whole registers and of lanes, and the loads that fill all lanes with one value.

use rcsim_uop::op::{Access, Mem, Op, Width, Writeback};
use rcsim_uop::{BlockBuilder, Reg};
use yaxpeax_arm::armv8::a64::{Operand, SIMDSizeCode};

use super::Cx;
use super::scalar_memory::{clear_above, log2_bytes};
use super::vector::lane_of;
use crate::arm64::decode::{Address, Gap, Lifted, gpr, vector};

/// How the base moves after the access.
#[derive(Clone, Copy, Debug)]
enum Advance {
    No,
    By(i32),
    ByRegister(Reg),
}

fn place(cx: &Cx<'_>) -> Lifted<(Reg, Advance)> {
    if let Operand::RegPostIndexReg(n, m) = cx.insn.operands[1] {
        return Ok((crate::arm64::decode::base(n), Advance::ByRegister(gpr(m))));
    }
    match cx.insn.address(1)? {
        Address::Plain(Mem { base, disp: 0, .. }) => Ok((base, Advance::No)),
        Address::Update(base, disp, Writeback::Post) => Ok((base, Advance::By(disp))),
        _ => Err(Gap::Shape),
    }
}

fn advance(out: &mut BlockBuilder, base: Reg, how: Advance) {
    match how {
        Advance::No => {}
        Advance::By(bytes) => out.add_imm(Width::W64, base, base, i64::from(bytes)),
        Advance::ByRegister(b) => out.emit(Op::Add { width: Width::W64, dst: base, a: base, b }),
    }
}

/// Registers of a group: they wrap around after the last.
fn group(first: u16, count: u8) -> impl Iterator<Item = Reg> {
    (0..u16::from(count)).map(move |n| vector((first + n) % 32))
}

const WORDS: Access = Access::little(3);

/// LD1.
pub fn load(cx: &mut Cx<'_>) -> Lifted {
    let (base, how) = place(cx)?;
    match cx.insn.operands[0] {
        Operand::SIMDRegisterGroup(size, first, _, count) => {
            let words = if size == SIMDSizeCode::Q { 2 } else { 1 };
            let out = cx.begin();
            for (n, dst) in group(first, count).enumerate() {
                let mem = Mem::at(base, n as i32 * 8 * i32::from(words));
                out.emit(Op::VecLoad { acc: WORDS, words, dst, mem });
                if words == 1 {
                    clear_above(out, dst);
                }
            }
            advance(out, base, how);
        }
        Operand::SIMDRegisterGroupLane(register, size, 1, index) => {
            let (slot, lsb, len) = lane(register, size, index)?;
            let acc = Access::little(log2_bytes(size));
            let out = cx.begin();
            let src = out.temp();
            out.emit(Op::Load { acc, dst: src, mem: Mem::at(base, 0) });
            out.emit(Op::Deposit { dst: slot, base: slot, src, lsb, len });
            advance(out, base, how);
        }
        _ => return Err(Gap::Shape),
    }
    Ok(())
}

/// ST1.
pub fn store(cx: &mut Cx<'_>) -> Lifted {
    let (base, how) = place(cx)?;
    match cx.insn.operands[0] {
        Operand::SIMDRegisterGroup(size, first, _, count) => {
            let words = if size == SIMDSizeCode::Q { 2 } else { 1 };
            let out = cx.begin();
            for (n, src) in group(first, count).enumerate() {
                let mem = Mem::at(base, n as i32 * 8 * i32::from(words));
                out.emit(Op::VecStore { acc: WORDS, words, src, mem });
            }
            advance(out, base, how);
        }
        Operand::SIMDRegisterGroupLane(register, size, 1, index) => {
            let (slot, lsb, len) = lane(register, size, index)?;
            let acc = Access::little(log2_bytes(size));
            let out = cx.begin();
            let src = out.temp();
            out.emit(Op::Extract { width: Width::W64, dst: src, src: slot, lsb, len, signed: false });
            out.emit(Op::Store { acc, src, mem: Mem::at(base, 0) });
            advance(out, base, how);
        }
        _ => return Err(Gap::Shape),
    }
    Ok(())
}

/// A lane: slot, lowest bit, bits.
fn lane(register: u16, size: SIMDSizeCode, index: u8) -> Lifted<(Reg, u8, u8)> {
    let bits = lane_of(size)?.bits() as u8;
    let at = u32::from(index) * u32::from(bits);
    if at >= 128 {
        return Err(Gap::Shape);
    }
    Ok((vector(register).plus((at / 64) as u8), (at % 64) as u8, bits))
}

/// LD1R to LD4R: neighbouring values, each into all lanes of its register.
pub fn load_replicated(cx: &mut Cx<'_>) -> Lifted {
    let (base, how) = place(cx)?;
    let Operand::SIMDRegisterGroup(whole, first, size, count) = cx.insn.operands[0] else {
        return Err(Gap::Shape);
    };
    let (lane, acc) = (lane_of(size)?, Access::little(log2_bytes(size)));
    let words = if whole == SIMDSizeCode::Q { 2 } else { 1 };
    let out = cx.begin();
    let values = out.temps(count);
    for n in 0..count {
        let mem = Mem::at(base, i32::from(n) << acc.log2());
        out.emit(Op::Load { acc, dst: values.plus(n), mem });
    }
    for (n, dst) in group(first, count).enumerate() {
        out.emit(Op::VecSplat { lane, words, dst, src: values.plus(n as u8) });
        if words == 1 {
            clear_above(out, dst);
        }
    }
    advance(out, base, how);
    Ok(())
}
