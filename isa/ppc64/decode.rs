//! The fields of an instruction word (Power ISA 2.07, book I, 1.6).
//!
//! The manual counts bits from the most significant one; the positions here count from the least significant.

use rcsim_uop::isa::CodeView;
use rcsim_uop::reg::ZERO;
use rcsim_uop::{LiftError, Reg};

use super::regs;

/// Every instruction of POWER8 and POWER9 is one word.
pub const INSN_BYTES: usize = 4;

/// Why an instruction cannot be lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Not modelled.
    Opcode,
    /// Needs this CPU feature.
    Feature(&'static str),
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
pub fn fetch(code: &dyn CodeView, pc: u64, big_endian: bool) -> Result<Insn, LiftError> {
    let mut bytes = [0; INSN_BYTES];
    if code.fetch(pc, &mut bytes) < INSN_BYTES {
        return Err(LiftError::Fetch { pc });
    }
    let word = if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    Ok(Insn { pc, word })
}

impl Insn {
    const fn five(self, at: u32) -> u8 {
        (self.word >> at & 31) as u8
    }

    /// Address of the next instruction.
    pub const fn next(self) -> u64 {
        self.pc.wrapping_add(INSN_BYTES as u64)
    }

    /// The primary opcode.
    pub const fn primary(self) -> u32 {
        self.word >> 26
    }

    /// The extended opcode of the X, XL and XFX forms.
    pub const fn extended(self) -> u32 {
        self.word >> 1 & 0x3ff
    }

    /// The field RT, RS, FRT, BO, TO.
    pub const fn t(self) -> u8 {
        self.five(21)
    }

    /// The field RA, BI.
    pub const fn a(self) -> u8 {
        self.five(16)
    }

    /// The field RB, SH.
    pub const fn b(self) -> u8 {
        self.five(11)
    }

    /// The field FRC, RC, MB.
    pub const fn c(self) -> u8 {
        self.five(6)
    }

    /// The field ME.
    pub const fn e(self) -> u8 {
        self.five(1)
    }

    /// The general register in the field RT or RS.
    pub const fn rt(self) -> Reg {
        regs::r(self.t())
    }

    /// The general register in the field RA.
    pub const fn ra(self) -> Reg {
        regs::r(self.a())
    }

    /// The general register in the field RA, or zero for register 0: bases of addresses, and additions.
    pub const fn ra_or_zero(self) -> Reg {
        if self.a() == 0 { ZERO } else { self.ra() }
    }

    /// The general register in the field RB.
    pub const fn rb(self) -> Reg {
        regs::r(self.b())
    }

    /// The signed 16-bit immediate: SI, D.
    pub const fn si(self) -> i64 {
        self.word as u16 as i16 as i64
    }

    /// The unsigned 16-bit immediate: UI.
    pub const fn ui(self) -> u64 {
        self.word as u16 as u64
    }

    /// The displacement of the DS form, a multiple of four.
    pub const fn ds(self) -> i32 {
        (self.word as u16 & !3) as i16 as i32
    }

    /// The displacement of the D form.
    pub const fn d(self) -> i32 {
        self.word as u16 as i16 as i32
    }

    /// The bit Rc: record the result's order with zero in a field of CR. Also LK, and the lowest bit of a register.
    pub const fn lowest_bit(self) -> bool {
        self.word & 1 != 0
    }

    /// The condition register field in BF.
    pub const fn bf(self) -> Reg {
        regs::cr((self.word >> 23 & 7) as u8)
    }

    /// The bytes of the word as a message shows them: as it reads.
    pub fn bytes(self) -> Vec<u8> {
        self.word.to_be_bytes().to_vec()
    }
}
