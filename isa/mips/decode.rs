//! The fields of an instruction word (volume I-A, 4.1: the formats I, J and R).

use rcsim_uop::isa::CodeView;
use rcsim_uop::{LiftError, Reg};

use super::mode::Mode;
use super::regs;

/// Every instruction is one word.
pub const INSN_BYTES: usize = 4;

/// Why an instruction cannot be lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Not modelled.
    Opcode,
    /// Needs this CPU feature.
    Feature(&'static str),
    /// It is a branch, and the instruction in its delay slot cannot be lifted.
    DelaySlot,
    /// It is a branch, and there is nothing executable in its delay slot.
    NoDelaySlot,
}

/// What a lift returns.
pub type Lifted<T = ()> = Result<T, Gap>;

/// An instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insn {
    /// Its address.
    pub pc: u64,
    /// Its word.
    pub word: u32,
}

/// Fetch the word at `pc`.
///
/// # Errors
/// When nothing executable is there.
pub fn fetch(code: &dyn CodeView, pc: u64, mode: Mode) -> Result<Insn, LiftError> {
    let mut bytes = [0; INSN_BYTES];
    if code.fetch(pc, &mut bytes) < INSN_BYTES {
        return Err(LiftError::Fetch { pc });
    }
    let word = if mode.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    Ok(Insn { pc, word })
}

impl Insn {
    const fn five(self, at: u32) -> u8 {
        (self.word >> at & 31) as u8
    }

    /// Address of the next instruction: of a branch, its delay slot.
    pub const fn next(self) -> u64 {
        self.pc.wrapping_add(INSN_BYTES as u64)
    }

    /// Address behind the delay slot.
    pub const fn after_slot(self) -> u64 {
        self.pc.wrapping_add(2 * INSN_BYTES as u64)
    }

    /// The opcode.
    pub const fn opcode(self) -> u32 {
        self.word >> 26
    }

    /// The function field of the R format.
    pub const fn function(self) -> u32 {
        self.word & 63
    }

    /// The field rs, base, fmt.
    pub const fn rs_number(self) -> u8 {
        self.five(21)
    }

    /// The field rt, ft.
    pub const fn rt_number(self) -> u8 {
        self.five(16)
    }

    /// The field rd, fs.
    pub const fn rd_number(self) -> u8 {
        self.five(11)
    }

    /// The field sa, fd.
    pub const fn sa(self) -> u8 {
        self.five(6)
    }

    /// The register in rs, to read.
    pub const fn rs(self) -> Reg {
        regs::r(self.rs_number())
    }

    /// The register in rt, to read.
    pub const fn rt(self) -> Reg {
        regs::r(self.rt_number())
    }

    /// The register in rt, to write.
    pub const fn rt_out(self) -> Reg {
        regs::r_out(self.rt_number())
    }

    /// The register in rd, to read.
    pub const fn rd(self) -> Reg {
        regs::r(self.rd_number())
    }

    /// The register in rd, to write.
    pub const fn rd_out(self) -> Reg {
        regs::r_out(self.rd_number())
    }

    /// The signed immediate.
    pub const fn simm(self) -> i64 {
        self.word as u16 as i16 as i64
    }

    /// The unsigned immediate.
    pub const fn uimm(self) -> u64 {
        self.word as u16 as u64
    }

    /// The displacement of a memory access.
    pub const fn disp(self) -> i32 {
        self.word as u16 as i16 as i32
    }

    /// Target of a conditional branch: the distance counts from the delay slot.
    pub const fn branch_target(self) -> u64 {
        self.next().wrapping_add_signed(self.simm() << 2)
    }

    /// Target of a jump: within the 256 mebibytes of the delay slot.
    pub const fn jump_target(self) -> u64 {
        self.next() & !0x0fff_ffff | (self.word as u64 & 0x03ff_ffff) << 2
    }

    /// The bytes of the word as a message shows them: as it reads.
    pub fn bytes(self) -> Vec<u8> {
        self.word.to_be_bytes().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_counts_from_its_delay_slot() {
        assert_eq!(Insn { pc: 0x100, word: 0x1000_ffff }.branch_target(), 0x100);
    }

    #[test]
    fn a_jump_stays_in_its_region() {
        assert_eq!(Insn { pc: 0x2000_0000, word: 0x0c00_0004 }.jump_target(), 0x2000_0010);
    }
}
