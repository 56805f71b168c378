//! Length and fields of an instruction (Principles of Operation, "Instruction Formats").
//!
//! Positions count bits from the most significant one of the first byte, as the manual does.

use rcsim_uop::isa::CodeView;
use rcsim_uop::op::Mem;
use rcsim_uop::reg::ZERO;
use rcsim_uop::{LiftError, Reg};

use super::regs;

/// The longest instruction.
const MAX_BYTES: usize = 6;

/// Why an instruction cannot be lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Not modelled.
    Opcode,
    /// Needs this CPU feature.
    Feature(&'static str),
    /// Runs another instruction, and nothing executable is at this address.
    Fetch(u64),
}

/// What a lift returns.
pub type Lifted<T = ()> = Result<T, Gap>;

/// An instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insn {
    /// Its address.
    pub pc: u64,
    /// Its bytes, the first one in bits 47 to 40; what it does not have is zero.
    bits: u64,
    /// Number of bytes: 2, 4 or 6.
    pub len: u8,
}

/// Length in bytes of an instruction that starts with this byte.
const fn length(first: u8) -> usize {
    match first >> 6 {
        0 => 2,
        1 | 2 => 4,
        _ => 6,
    }
}

/// Fetch the instruction at `pc`.
///
/// # Errors
/// When nothing executable is there.
pub fn fetch(code: &dyn CodeView, pc: u64) -> Result<Insn, LiftError> {
    let mut bytes = [0; 8];
    let there = code.fetch(pc, &mut bytes[2..2 + MAX_BYTES]);
    let len = length(bytes[2]);
    if pc & 1 != 0 {
        return Err(LiftError::Fetch { pc });
    }
    if there == 0 || there < len {
        // The first byte that is missing: an instruction may lie across two pages.
        return Err(LiftError::Fetch { pc: pc.wrapping_add(there as u64) });
    }
    bytes[2 + len..].fill(0);
    Ok(Insn { pc, bits: u64::from_be_bytes(bytes), len: len as u8 })
}

impl Insn {
    /// `len` bits from bit `at`.
    pub const fn field(self, at: u32, len: u32) -> u64 {
        (self.bits >> (48 - at - len)) & ((1 << len) - 1)
    }

    /// The same, its first bit being its sign.
    pub const fn signed(self, at: u32, len: u32) -> i64 {
        let unused = 64 - len;
        ((self.field(at, len) << unused) as i64) >> unused
    }

    /// Four bits: a register's number or a mask.
    pub const fn four(self, at: u32) -> u8 {
        self.field(at, 4) as u8
    }

    /// The general register whose number stands at bit `at`.
    pub const fn r(self, at: u32) -> Reg {
        regs::r(self.four(at))
    }

    /// The even register of the pair whose number stands at bit `at`, and the odd one.
    ///
    /// # Errors
    /// When the number is odd: a specification exception.
    pub const fn pair(self, at: u32) -> Lifted<(Reg, Reg)> {
        let even = self.four(at);
        if even & 1 != 0 { Err(Gap::Opcode) } else { Ok((regs::r(even), regs::r(even + 1))) }
    }

    /// The general register, or zero for number 0: bases and indexes of addresses.
    pub const fn address_register(self, at: u32) -> Reg {
        if self.four(at) == 0 { ZERO } else { self.r(at) }
    }

    /// The first byte.
    pub const fn first(self) -> u8 {
        self.field(0, 8) as u8
    }

    /// The second byte.
    pub const fn second(self) -> u8 {
        self.field(8, 8) as u8
    }

    /// The last byte of six, which belongs to many operation codes.
    pub const fn last(self) -> u8 {
        self.field(40, 8) as u8
    }

    /// Bits 12 to 15, which belong to the operation codes of the formats RI and RIL.
    pub const fn extension(self) -> u8 {
        self.four(12)
    }

    /// Base at bit `at`, 12 bits of displacement after it.
    pub const fn base(self, at: u32) -> Mem {
        Mem::at(self.address_register(at), self.field(at + 4, 12) as i32)
    }

    /// Index at bit 12, base at bit 16, 12 bits of displacement: format RX.
    pub const fn indexed(self) -> Mem {
        Mem::indexed(self.address_register(16), self.address_register(12), 0, self.field(20, 12) as i32)
    }

    /// Twenty signed bits of displacement, the upper eight of them last.
    const fn long_displacement(self) -> i32 {
        (self.signed(32, 8) << 12) as i32 | self.field(20, 12) as i32
    }

    /// Base at bit 16 with 20 bits of displacement: formats RSY and SIY.
    pub const fn base_long(self) -> Mem {
        Mem::at(self.address_register(16), self.long_displacement())
    }

    /// Index and base with 20 bits of displacement: format RXY.
    pub const fn indexed_long(self) -> Mem {
        Mem::indexed(self.address_register(16), self.address_register(12), 0, self.long_displacement())
    }

    /// The address that a number of halfwords at bit `at` names, relative to the instruction.
    pub const fn relative(self, at: u32, len: u32) -> u64 {
        self.pc.wrapping_add((2 * self.signed(at, len)) as u64)
    }

    /// Number of the vector register whose low four bits stand at bit `at`; its fifth is bit `at_high` of the byte before
    /// the last.
    pub const fn vector(self, at: u32, at_high: u32) -> u8 {
        self.four(at) | (self.field(at_high, 1) as u8) << 4
    }

    /// Address of the next instruction.
    pub const fn next(self) -> u64 {
        self.pc.wrapping_add(self.len as u64)
    }

    /// The bytes of the instruction.
    pub fn bytes(self) -> Vec<u8> {
        self.bits.to_be_bytes()[2..2 + usize::from(self.len)].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insn(bits: u64, len: u8) -> Insn {
        Insn { pc: 0x1000, bits, len }
    }

    #[test]
    fn the_first_two_bits_tell_the_length() {
        assert_eq!([0x07, 0x41, 0xa7, 0xe3].map(length), [2, 4, 4, 6]);
    }

    #[test]
    fn long_displacements_are_signed() {
        // lay %r15, -48(%r15)
        let lay = insn(0xe3f0_ffd0_ff71, 6);
        assert_eq!(lay.base_long(), Mem::at(regs::r(15), -48));
        assert_eq!(lay.indexed_long(), Mem::at(regs::r(15), -48));
    }

    #[test]
    fn relative_addresses_count_halfwords() {
        // j .-26
        assert_eq!(insn(0xa7f4_fff3_0000, 4).relative(16, 16), 0x1000 - 26);
    }
}
