//! Moves of vector registers, whole and in part, SSE and AVX forms.
//!
//! An SSE instruction leaves the upper half of its ymm register alone; the AVX form of the same clears it.

use iced_x86::Register;
use rcsim_uop::Reg;
use rcsim_uop::op::{Mem, Op};

use super::context::{Lift, Lifted, NotModelled, access};
use super::operand::int_slot;
use crate::x86::regs;

/// Slots of a whole ymm register.
const WHOLE: u8 = 4;

/// The first slot of a vector register that rcsim has.
pub fn vector_slot(register: Register) -> Result<Reg, NotModelled> {
    let number = register.number();
    if (register.is_xmm() || register.is_ymm()) && number < 16 {
        Ok(regs::xmm(number as u8))
    } else {
        Err(NotModelled)
    }
}

impl Lift<'_> {
    /// Whether the instruction has the VEX form, which clears what it does not write.
    pub fn is_vex(&self) -> bool {
        self.insn.code().encoding() == iced_x86::EncodingKind::VEX
    }

    /// Whether the operand is a vector register.
    pub fn is_vector(&self, operand: u32) -> bool {
        self.is_register(operand) && vector_slot(self.insn.op_register(operand)).is_ok()
    }

    /// The first slot of a vector register operand.
    pub fn vector(&self, operand: u32) -> Result<Reg, NotModelled> {
        if self.is_register(operand) { vector_slot(self.insn.op_register(operand)) } else { Err(NotModelled) }
    }

    /// Slots of a whole vector operand: 2 or 4.
    pub fn vector_words(&self, operand: u32) -> Result<u8, NotModelled> {
        match self.operand_bytes(operand) {
            16 => Ok(2),
            32 => Ok(4),
            _ => Err(NotModelled),
        }
    }

    /// The first of `words` slots with a vector operand, loaded when it is in memory.
    pub fn read_vector(&mut self, operand: u32, words: u8) -> Result<Reg, NotModelled> {
        if self.is_register(operand) {
            return self.vector(operand);
        }
        if !self.is_memory(operand) {
            return Err(NotModelled);
        }
        let mem = self.address()?;
        let temp = self.temps(words)?;
        self.emit(Op::VecLoad { acc: access(8), words, dst: temp, mem });
        Ok(temp)
    }

    /// Clear the slots of `dst` that the VEX form of an instruction writing `words` slots clears.
    pub fn clear_above(&mut self, dst: Reg, words: u8) {
        if self.is_vex() && words < WHOLE {
            self.emit(Op::VecZero { words: WHOLE - words, dst: dst.plus(words) });
        }
    }
}

/// MOVUPS, MOVDQU and their kin: a whole vector. `aligned` forms trap on a misaligned address.
pub fn whole(l: &mut Lift<'_>, aligned: bool) -> Lifted {
    let words = l.vector_words(0)?;
    let acc = if aligned { access(8).aligned() } else { access(8) };
    if l.is_memory(0) {
        let src = l.vector(1)?;
        let mem = l.address()?;
        l.emit(Op::VecStore { acc, words, src, mem });
        return Ok(());
    }
    let dst = l.vector(0)?;
    if l.is_memory(1) {
        let mem = l.address()?;
        l.emit(Op::VecLoad { acc, words, dst, mem });
    } else {
        let src = l.vector(1)?;
        l.emit(Op::VecCopy { words, dst, src });
    }
    l.clear_above(dst, words);
    Ok(())
}

/// MOVD, MOVQ: between a vector register's low bits and an integer register, memory, or another vector register.
/// The rest of a vector destination is cleared.
pub fn low_bits(l: &mut Lift<'_>) -> Lifted {
    let bytes = if l.is_vector(0) { l.operand_bytes(1) } else { l.operand_bytes(0) }.min(8);
    if l.is_memory(0) {
        let src = l.vector(1)?;
        let mem = l.address()?;
        l.store(mem, src, bytes);
        return Ok(());
    }
    if !l.is_vector(0) {
        let dst = int_slot(l.insn.op0_register())?;
        let src = l.vector(1)?;
        l.zero_extend(super::context::width(bytes)?, dst, src);
        return Ok(());
    }
    let dst = l.vector(0)?;
    if l.is_memory(1) {
        let mem = l.address()?;
        l.load(dst, mem, bytes);
    } else {
        let src = if l.is_vector(1) { l.vector(1)? } else { l.read(1)? };
        l.zero_extend(super::context::width(bytes)?, dst, src);
    }
    clear_rest(l, dst);
    Ok(())
}

/// Clear a vector register above its low slot: the second slot always, the upper half for the VEX form.
fn clear_rest(l: &mut Lift<'_>, dst: Reg) {
    if l.is_vex() {
        l.emit(Op::VecZero { words: WHOLE - 1, dst: dst.plus(1) });
    } else {
        l.constant(dst.plus(1), 0);
    }
}

/// MOVSS (4 bytes), MOVSD (8 bytes): a load clears the rest, a move between registers keeps it.
pub fn scalar(l: &mut Lift<'_>, bytes: u32) -> Lifted {
    if l.is_memory(0) {
        let src = l.vector(1)?;
        let mem = l.address()?;
        l.store(mem, src, bytes);
        return Ok(());
    }
    let dst = l.vector(0)?;
    if l.is_memory(1) {
        let mem = l.address()?;
        l.load(dst, mem, bytes);
        clear_rest(l, dst);
        return Ok(());
    }
    let last = l.insn.op_count() - 1;
    let src = l.vector(last)?;
    let upper = l.vector(last - 1)?;
    let low = l.temp()?;
    l.copy(low, src);
    merge_low(l, dst, upper, low, bytes);
    Ok(())
}

/// `dst` = the low 4 or 8 bytes of `low`, the rest of its low half from `upper`.
pub fn merge_low(l: &mut Lift<'_>, dst: Reg, upper: Reg, low: Reg, bytes: u32) {
    if dst != upper {
        l.emit(Op::VecCopy { words: 2, dst, src: upper });
    }
    if bytes == 8 {
        l.copy(dst, low);
    } else {
        l.emit(Op::Deposit { dst, base: dst, src: low, lsb: 0, len: 32 });
    }
    l.clear_above(dst, 2);
}

/// MOVLPS, MOVLPD (slot 0), MOVHPS, MOVHPD (slot 1): eight bytes of a register from or to memory.
pub fn half(l: &mut Lift<'_>, slot: u8) -> Lifted {
    if l.is_memory(0) {
        let src = l.vector(1)?.plus(slot);
        let mem = l.address()?;
        l.store(mem, src, 8);
        return Ok(());
    }
    let last = l.insn.op_count() - 1;
    let (dst, kept) = (l.vector(0)?, l.vector(last - 1)?);
    let mem = l.address()?;
    let value = l.temp()?;
    l.load(value, mem, 8);
    if dst != kept {
        l.emit(Op::VecCopy { words: 2, dst, src: kept });
    }
    l.copy(dst.plus(slot), value);
    l.clear_above(dst, 2);
    Ok(())
}

/// MOVHLPS (the high half of the source to the low half), MOVLHPS (the reverse).
pub fn cross_half(l: &mut Lift<'_>, from: u8, to: u8) -> Lifted {
    let last = l.insn.op_count() - 1;
    let (dst, kept, src) = (l.vector(0)?, l.vector(last - 1)?, l.vector(last)?);
    let value = l.temp()?;
    l.copy(value, src.plus(from));
    if dst != kept {
        l.emit(Op::VecCopy { words: 2, dst, src: kept });
    }
    l.copy(dst.plus(to), value);
    l.clear_above(dst, 2);
    Ok(())
}

/// MOVDDUP: the low half twice.
pub fn duplicate_low(l: &mut Lift<'_>) -> Lifted {
    if l.vector_words(0)? != 2 {
        return Err(NotModelled);
    }
    let dst = l.vector(0)?;
    let src = read_scalar(l, 1, 8)?;
    l.copy(dst, src);
    l.copy(dst.plus(1), dst);
    l.clear_above(dst, 2);
    Ok(())
}

/// A slot whose low bytes are a scalar operand of 4 or 8 bytes.
pub fn read_scalar(l: &mut Lift<'_>, operand: u32, bytes: u32) -> Result<Reg, NotModelled> {
    if l.is_register(operand) {
        return l.vector(operand);
    }
    let mem: Mem = l.address()?;
    let temp = l.temp()?;
    l.load(temp, mem, bytes);
    Ok(temp)
}

/// VZEROUPPER: the upper halves of all vector registers; VZEROALL: all of them.
pub fn zero_registers(l: &mut Lift<'_>, first_slot: u8) -> Lifted {
    let count = if l.bits == 64 { 16 } else { 8 };
    for number in 0..count {
        l.emit(Op::VecZero { words: WHOLE - first_slot, dst: regs::xmm(number).plus(first_slot) });
    }
    Ok(())
}

/// VBROADCASTSS, VBROADCASTSD, VPBROADCASTB and their kin.
pub fn broadcast(l: &mut Lift<'_>, lane: rcsim_uop::op::Lane) -> Lifted {
    let words = l.vector_words(0)?;
    let dst = l.vector(0)?;
    let src = read_scalar(l, 1, lane.bits() / 8)?;
    l.emit(Op::VecSplat { lane, words, dst, src });
    l.clear_above(dst, words);
    Ok(())
}
