//! From bytes to operands.

use rcsim_uop::isa::CodeView;
use rcsim_uop::{LiftError, Reg};

use super::regs;
use super::table::{self, Row};
use super::features::Extension;

/// Bytes of every instruction.
pub const INSN_BYTES: u8 = 4;

/// Why an instruction is not lifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The operation is not modelled, or not with these operands.
    Shape,
    /// The instruction belongs to a CPU feature that is off.
    Feature(&'static str),
}

impl Gap {
    /// The feature that is missing.
    #[must_use]
    pub const fn feature(self) -> Option<&'static str> {
        match self {
            Self::Shape => None,
            Self::Feature(name) => Some(name),
        }
    }
}

/// What a lift's preparation gives.
pub type Lifted<T = ()> = Result<T, Gap>;

/// What kind of instruction a word is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One of the table.
    Known(&'static Row),
    /// A vector instruction that the table does not have.
    Vector(Extension),
}

/// One decoded instruction.
#[derive(Clone, Copy, Debug)]
pub struct Insn {
    /// Its address.
    pub pc: u64,
    /// Its bits.
    pub word: u32,
    /// What it is.
    pub kind: Kind,
}

/// Decode the instruction at `pc`.
///
/// # Errors
/// When nothing executable is there, or no instruction.
pub fn decode(code: &dyn CodeView, pc: u64) -> Result<Insn, LiftError> {
    let mut bytes = [0; INSN_BYTES as usize];
    let there = code.fetch(pc, &mut bytes);
    if !pc.is_multiple_of(u64::from(INSN_BYTES)) {
        return Err(LiftError::Fetch { pc });
    }
    if there < bytes.len() {
        return Err(LiftError::Fetch { pc: pc.wrapping_add(there as u64) });
    }
    let word = u32::from_le_bytes(bytes);
    let kind = table::find(word).map(Kind::Known).or_else(|| table::vector_region(word).map(Kind::Vector));
    let kind = kind.ok_or_else(|| LiftError::Undefined { pc, bytes: bytes.to_vec() })?;
    Ok(Insn { pc, word, kind })
}

impl Insn {
    /// `len` bits from bit `lsb`, of at most eight.
    #[must_use]
    pub const fn field(&self, lsb: u32, len: u32) -> u8 {
        (self.word >> lsb & ((1 << len) - 1)) as u8
    }

    /// `len` bits from bit `lsb`, sign-extended.
    #[must_use]
    pub const fn signed(&self, lsb: u32, len: u32) -> i32 {
        (self.word << (32 - lsb - len)) as i32 >> (32 - len)
    }

    /// Number in the field of the result.
    #[must_use]
    pub const fn d(&self) -> u8 {
        self.field(0, 5)
    }

    /// Number in the field of the first operand.
    #[must_use]
    pub const fn j(&self) -> u8 {
        self.field(5, 5)
    }

    /// Number in the field of the second operand.
    #[must_use]
    pub const fn k(&self) -> u8 {
        self.field(10, 5)
    }

    /// Slot of the general result.
    #[must_use]
    pub const fn rd_out(&self) -> Reg {
        regs::r_out(self.d())
    }

    /// Slot of the register in the result's field where it is read: stores, branches, insertions.
    #[must_use]
    pub const fn rd(&self) -> Reg {
        regs::r(self.d())
    }

    /// Slot of the first general operand.
    #[must_use]
    pub const fn rj(&self) -> Reg {
        regs::r(self.j())
    }

    /// Slot of the second general operand.
    #[must_use]
    pub const fn rk(&self) -> Reg {
        regs::r(self.k())
    }

    /// Slot of the floating-point result.
    #[must_use]
    pub const fn fd(&self) -> Reg {
        regs::f(self.d())
    }

    /// Slot of the first floating-point operand.
    #[must_use]
    pub const fn fj(&self) -> Reg {
        regs::f(self.j())
    }

    /// Slot of the second floating-point operand.
    #[must_use]
    pub const fn fk(&self) -> Reg {
        regs::f(self.k())
    }

    /// Slot of the third floating-point operand.
    #[must_use]
    pub const fn fa(&self) -> Reg {
        regs::f(self.field(15, 5))
    }

    /// Slot of the condition flag that is written.
    #[must_use]
    pub const fn cd(&self) -> Reg {
        regs::fcc(self.field(0, 3))
    }

    /// Slot of the condition flag that is the first operand.
    #[must_use]
    pub const fn cj(&self) -> Reg {
        regs::fcc(self.field(5, 3))
    }

    /// Slot of the condition flag that selects.
    #[must_use]
    pub const fn ca(&self) -> Reg {
        regs::fcc(self.field(15, 3))
    }

    /// The signed constant of twelve bits.
    #[must_use]
    pub const fn si12(&self) -> i32 {
        self.signed(10, 12)
    }

    /// The unsigned constant of twelve bits.
    #[must_use]
    pub const fn ui12(&self) -> u32 {
        self.word >> 10 & 0xfff
    }

    /// The signed constant of fourteen bits that counts words, in bytes.
    #[must_use]
    pub const fn si14_bytes(&self) -> i32 {
        self.signed(10, 14) << 2
    }

    /// The signed constant of sixteen bits.
    #[must_use]
    pub const fn si16(&self) -> i32 {
        self.signed(10, 16)
    }

    /// The signed constant of twenty bits.
    #[must_use]
    pub const fn si20(&self) -> i32 {
        self.signed(5, 20)
    }

    /// A shift amount of six bits, of which word shifts use five.
    #[must_use]
    pub const fn amount(&self) -> u8 {
        self.field(10, 6)
    }

    /// The distance of a branch in bytes, from a field of 16 bits.
    #[must_use]
    pub const fn distance16(&self) -> i32 {
        self.si16() << 2
    }

    /// The same from one of 21 bits: its upper five are the lowest of the word.
    #[must_use]
    pub const fn distance21(&self) -> i32 {
        (self.signed(0, 5) << 16 | (self.word >> 10 & 0xffff) as i32) << 2
    }

    /// The same from one of 26 bits: its upper ten are the lowest of the word.
    #[must_use]
    pub const fn distance26(&self) -> i32 {
        (self.signed(0, 10) << 16 | (self.word >> 10 & 0xffff) as i32) << 2
    }

    /// The address so many bytes away.
    #[must_use]
    pub const fn target(&self, distance: i32) -> u64 {
        self.pc.wrapping_add(distance as u64)
    }

    /// Address of the instruction after this one.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.pc.wrapping_add(INSN_BYTES as u64)
    }

    /// The bytes in memory order.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.word.to_le_bytes().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bytes(Vec<u8>);

    impl CodeView for Bytes {
        fn fetch(&self, pc: u64, out: &mut [u8]) -> usize {
            let there = self.0.get(pc as usize..).unwrap_or_default();
            let len = there.len().min(out.len());
            out[..len].copy_from_slice(&there[..len]);
            len
        }
        fn hook(&self, _pc: u64) -> Option<u32> {
            None
        }
    }

    fn insn(word: u32) -> Insn {
        decode(&Bytes(word.to_le_bytes().to_vec()), 0).expect("an instruction")
    }

    #[test]
    fn half_an_instruction_is_none() {
        assert_eq!(decode(&Bytes(vec![0, 0]), 0).err(), Some(LiftError::Fetch { pc: 2 }));
    }

    #[test]
    fn zeros_are_no_instruction() {
        let undefined = LiftError::Undefined { pc: 0, bytes: vec![0; 4] };
        assert_eq!(decode(&Bytes(vec![0; 4]), 0).err(), Some(undefined));
    }

    #[test]
    fn branches_reach_backward_whatever_the_width_of_their_field() {
        // bne, bnez and b over -16 bytes.
        assert_eq!(insn(0x5fff_f081).distance16(), -16);
        assert_eq!(insn(0x47ff_f09f).distance21(), -16);
        assert_eq!(insn(0x53ff_f3ff).distance26(), -16);
    }

    #[test]
    fn constants_keep_their_sign() {
        assert_eq!(insn(0x02ff_6063).si12(), -40);
        assert_eq!(insn(0x1400_0024).si20(), 1);
        assert_eq!(insn(0x15ff_ffe4).si20(), -1);
    }
}
