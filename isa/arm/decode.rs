//! The fields of an instruction word (A5), and the second operand of data processing (A8.4).

use rcsim_uop::LiftError;
use rcsim_uop::flags::Cond;
use rcsim_uop::isa::CodeView;
use rcsim_uop::op::Shift;

/// Every instruction is one word.
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
pub fn fetch(code: &dyn CodeView, pc: u64) -> Result<Insn, LiftError> {
    let mut bytes = [0; INSN_BYTES];
    if code.fetch(pc, &mut bytes) < INSN_BYTES {
        return Err(LiftError::Fetch { pc });
    }
    Ok(Insn { pc, word: u32::from_le_bytes(bytes) })
}

/// When an instruction takes effect (A8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// When the condition holds.
    If(Cond),
    /// The word belongs to the instructions without a condition (A5.7).
    Unconditional,
}

/// The second operand of data processing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Second {
    /// A constant, and the carry that its rotation gives, if there is one.
    Constant(u32, Option<bool>),
    /// A register.
    Plain(u8),
    /// A register shifted by a constant, 1 to 32.
    Shifted(u8, Shift, u8),
    /// A register rotated right through the carry.
    ThroughCarry(u8),
    /// A register shifted by the lowest byte of another.
    ByRegister(u8, Shift, u8),
}

impl Insn {
    /// `count` bits from bit `at`.
    pub const fn field(self, at: u32, count: u32) -> u32 {
        self.word >> at & ((1 << count) - 1)
    }

    /// Whether bit `at` is set.
    pub const fn bit(self, at: u32) -> bool {
        self.word >> at & 1 != 0
    }

    /// The number of the general register in the field at bit `at`.
    pub const fn number(self, at: u32) -> u8 {
        self.field(at, 4) as u8
    }

    /// Address of the next instruction.
    pub const fn next(self) -> u64 {
        self.pc.wrapping_add(INSN_BYTES as u64) as u32 as u64
    }

    /// What the program counter reads as.
    pub const fn seen_pc(self) -> u64 {
        self.pc.wrapping_add(8) as u32 as u64
    }

    /// The condition.
    pub const fn when(self) -> When {
        When::If(match self.field(28, 4) {
            0 => Cond::Eq,
            1 => Cond::Ne,
            2 => Cond::Cs,
            3 => Cond::Cc,
            4 => Cond::Mi,
            5 => Cond::Pl,
            6 => Cond::Vs,
            7 => Cond::Vc,
            8 => Cond::CsAndNe,
            9 => Cond::CcOrEq,
            10 => Cond::Ge,
            11 => Cond::Lt,
            12 => Cond::Gt,
            13 => Cond::Le,
            14 => return When::Always,
            _ => return When::Unconditional,
        })
    }

    /// Target of a branch.
    pub const fn branch_target(self) -> u64 {
        let distance = ((self.word << 8) as i32 >> 6) as i64;
        self.seen_pc().wrapping_add_signed(distance) as u32 as u64
    }

    /// The constant of data processing: eight bits rotated right by an even number of places.
    pub const fn rotated(self) -> Second {
        let value = self.field(0, 8).rotate_right(2 * self.field(8, 4));
        let carry = if self.field(8, 4) == 0 { None } else { Some(value >> 31 != 0) };
        Second::Constant(value, carry)
    }

    /// A register and its shift, as bits 0 to 11 say.
    pub const fn shifted(self) -> Second {
        let register = self.number(0);
        let shift = match self.field(5, 2) {
            0 => Shift::Left,
            1 => Shift::Right,
            2 => Shift::RightSigned,
            _ => Shift::RotateRight,
        };
        if self.bit(4) {
            return Second::ByRegister(register, shift, self.number(8));
        }
        match (shift, self.field(7, 5) as u8) {
            (Shift::Left, 0) => Second::Plain(register),
            (Shift::RotateRight, 0) => Second::ThroughCarry(register),
            (_, 0) => Second::Shifted(register, shift, 32),
            (_, amount) => Second::Shifted(register, shift, amount),
        }
    }

    /// The bytes of the word as a message shows them: as it reads.
    pub fn bytes(self) -> Vec<u8> {
        self.word.to_be_bytes().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(word: u32) -> Insn {
        Insn { pc: 0x1000, word }
    }

    #[test]
    fn a_branch_counts_from_two_instructions_on() {
        assert_eq!(at(0xeaff_fffe).branch_target(), 0x1000);
        assert_eq!(at(0xea00_0000).branch_target(), 0x1008);
    }

    #[test]
    fn a_constant_is_rotated_by_twice_its_field() {
        assert_eq!(at(0xe3a0_0fe1).rotated(), Second::Constant(900, Some(false)));
        assert_eq!(at(0xe3a0_0102).rotated(), Second::Constant(0x8000_0000, Some(true)));
        assert_eq!(at(0xe3a0_00ff).rotated(), Second::Constant(255, None));
    }

    #[test]
    fn a_shift_by_nothing_is_none_or_a_special_one() {
        assert_eq!(at(0xe1a0_0001).shifted(), Second::Plain(1));
        assert_eq!(at(0xe1a0_0021).shifted(), Second::Shifted(1, Shift::Right, 32));
        assert_eq!(at(0xe1a0_0061).shifted(), Second::ThroughCarry(1));
        assert_eq!(at(0xe1a0_0311).shifted(), Second::ByRegister(1, Shift::Left, 3));
    }
}
