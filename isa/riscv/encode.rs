//! The assembler of the built-in images: single instructions, labels, places for the linker.
//!
//! It knows RISC-V encodings and nothing of Go, apart from shortening instructions where Go's assembler does. What cannot
//! be encoded is remembered, and reported when the routine is finished, so that descriptions of routines need no error
//! handling at every line.

use super::compressed;
use crate::assembly::{Code, Encoding, Label, Patch};

/// An integer register by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct X(pub u8);

/// A floating-point register by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct F(pub u8);

/// The zero register.
pub const ZERO: X = X(0);
/// Link register.
pub const RA: X = X(1);
/// Stack pointer.
pub const SP: X = X(2);

/// How the field of a branch holds its distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// 12 bits, of conditional branches.
    Branch,
    /// 20 bits, of JAL.
    Jump,
}

/// What the linker does at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The distance of a JAL.
    Jump,
    /// The upper part of the distance in an AUIPC, the lower in the instruction after it.
    UpperAndLower,
}

/// How RISC-V holds distances, and whether instructions are shortened.
#[derive(Debug, Default)]
pub struct Riscv {
    shortens: bool,
}

impl Encoding for Riscv {
    type Field = Field;
    type Link = Link;

    fn settle(field: Field, patch: &mut Patch<'_>, distance: i64) -> Option<()> {
        patch.or(0, distance_field(distance, field)?);
        Some(())
    }

    fn resolve(link: Link, patch: &mut Patch<'_>, pc: u64, target: u64) -> Option<()> {
        let distance = target.wrapping_sub(pc) as i64;
        match link {
            Link::Jump => patch.or(0, distance_field(distance, Field::Jump)?),
            Link::UpperAndLower => {
                let (high, low) = split(i32::try_from(distance).ok()?);
                patch.or(0, (high as u32) << 12);
                patch.or(1, (low as u32) << 20);
            }
        }
        Some(())
    }

    fn mask(link: Link) -> &'static [u32] {
        match link {
            Link::Jump => &[0xffff_f000],
            Link::UpperAndLower => &[0xffff_f000, 0xfff0_0000],
        }
    }
}

/// A routine being assembled.
pub type Asm = Code<Riscv>;

impl Asm {
    /// An empty routine; `shortens`: with 16-bit instructions.
    #[must_use]
    pub const fn shortening(shortens: bool) -> Self {
        Self::new(Riscv { shortens })
    }

    /// Append an instruction, shortened where that is wanted and possible.
    fn put(&mut self, word: u32) {
        match compressed::compress(word).filter(|_| self.encoding.shortens) {
            Some(half) => self.raw(&half.to_le_bytes()),
            None => self.word(word),
        }
    }

    fn branch_to(&mut self, word: u32, label: Label, field: Field) {
        self.branches_to(label, field);
        self.word(word);
    }

    fn branch(&mut self, funct3: u32, rs1: X, rs2: X, label: Label) {
        let word = u32::from(rs2.0) << 20 | u32::from(rs1.0) << 15 | funct3 << 12 | 0x63;
        self.branch_to(word, label, Field::Branch);
    }

    /// `beq rs1, rs2, label`.
    pub fn beq(&mut self, rs1: X, rs2: X, label: Label) {
        self.branch(0, rs1, rs2, label);
    }

    /// `bne rs1, rs2, label`.
    pub fn bne(&mut self, rs1: X, rs2: X, label: Label) {
        self.branch(1, rs1, rs2, label);
    }

    /// `bltu rs1, rs2, label`.
    pub fn bltu(&mut self, rs1: X, rs2: X, label: Label) {
        self.branch(6, rs1, rs2, label);
    }

    /// `j label`.
    pub fn j(&mut self, label: Label) {
        self.branch_to(0x6f, label, Field::Jump);
    }

    /// `jal rd, symbol`.
    pub fn jal(&mut self, rd: X, target: &str) {
        self.refers_to(target, Link::Jump);
        self.word(u32::from(rd.0) << 7 | 0x6f);
    }

    fn upper_for(&mut self, rd: X, target: &str) {
        self.refers_to(target, Link::UpperAndLower);
        self.word(u32::from(rd.0) << 7 | 0x17);
    }

    /// Call a symbol over any distance with the address in `through`: AUIPC and JALR.
    pub fn call_far(&mut self, rd: X, through: X, target: &str) {
        self.upper_for(through, target);
        self.word(u32::from(through.0) << 15 | u32::from(rd.0) << 7 | 0x67);
    }

    /// `rd = address of symbol`: AUIPC and ADDI.
    pub fn address(&mut self, rd: X, target: &str) {
        self.upper_for(rd, target);
        self.word(u32::from(rd.0) << 15 | u32::from(rd.0) << 7 | 0x13);
    }

    /// `jalr rd, 0(rs1)`; never shortened by Go's assembler.
    pub fn jalr(&mut self, rd: X, rs1: X) {
        self.word(u32::from(rs1.0) << 15 | u32::from(rd.0) << 7 | 0x67);
    }

    fn i_type(&mut self, opcode: u32, rd: u8, rs1: X, imm: i32) {
        if !fits12(imm) {
            self.fail(format!("constant {imm:#x} of twelve bits"));
        }
        self.put((imm as u32) << 20 | u32::from(rs1.0) << 15 | u32::from(rd) << 7 | opcode);
    }

    fn s_type(&mut self, opcode: u32, rs2: u8, rs1: X, imm: i32) {
        if !fits12(imm) {
            self.fail(format!("offset {imm:#x} of twelve bits"));
        }
        let (high, low) = (imm as u32 >> 5 & 0x7f, imm as u32 & 31);
        self.put(high << 25 | u32::from(rs2) << 20 | u32::from(rs1.0) << 15 | low << 7 | opcode);
    }

    fn r_type(&mut self, opcode: u32, rd: X, rs1: X, rs2: X) {
        self.put(opcode | u32::from(rs2.0) << 20 | u32::from(rs1.0) << 15 | u32::from(rd.0) << 7);
    }

    /// `addi rd, rs1, imm`.
    pub fn addi(&mut self, rd: X, rs1: X, imm: i32) {
        self.i_type(0x13, rd.0, rs1, imm);
    }

    /// `addiw rd, rs1, imm`.
    pub fn addiw(&mut self, rd: X, rs1: X, imm: i32) {
        self.i_type(0x1b, rd.0, rs1, imm);
    }

    /// `lui rd, upper`: the upper 20 bits as a signed number.
    pub fn lui(&mut self, rd: X, upper: i32) {
        self.put((upper as u32) << 12 | u32::from(rd.0) << 7 | 0x37);
    }

    /// `add rd, rs1, rs2`.
    pub fn add(&mut self, rd: X, rs1: X, rs2: X) {
        self.r_type(0x33, rd, rs1, rs2);
    }

    /// `sub rd, rs1, rs2`.
    pub fn sub(&mut self, rd: X, rs1: X, rs2: X) {
        self.r_type(0x4000_0033, rd, rs1, rs2);
    }

    /// `ld rd, imm(rs1)`.
    pub fn ld(&mut self, rd: X, rs1: X, imm: i32) {
        self.i_type(0x3003, rd.0, rs1, imm);
    }

    /// `lwu rd, imm(rs1)`.
    pub fn lwu(&mut self, rd: X, rs1: X, imm: i32) {
        self.i_type(0x6003, rd.0, rs1, imm);
    }

    /// `lbu rd, imm(rs1)`.
    pub fn lbu(&mut self, rd: X, rs1: X, imm: i32) {
        self.i_type(0x4003, rd.0, rs1, imm);
    }

    /// `sd rs2, imm(rs1)`.
    pub fn sd(&mut self, rs2: X, rs1: X, imm: i32) {
        self.s_type(0x3023, rs2.0, rs1, imm);
    }

    /// `sb rs2, imm(rs1)`.
    pub fn sb(&mut self, rs2: X, rs1: X, imm: i32) {
        self.s_type(0x0023, rs2.0, rs1, imm);
    }

    /// `fld rd, imm(rs1)`.
    pub fn fld(&mut self, rd: F, rs1: X, imm: i32) {
        self.i_type(0x3007, rd.0, rs1, imm);
    }

    /// `fsd rs2, imm(rs1)`.
    pub fn fsd(&mut self, rs2: F, rs1: X, imm: i32) {
        self.s_type(0x3027, rs2.0, rs1, imm);
    }
}

fn distance_field(distance: i64, field: Field) -> Option<u32> {
    let bits = match field {
        Field::Branch => 13,
        Field::Jump => 21,
    };
    let half = 1_i64 << (bits - 1);
    if distance % 2 != 0 || !(-half..half).contains(&distance) {
        return None;
    }
    let distance = distance as u32;
    Some(match field {
        Field::Branch => compressed::branch_field(distance),
        Field::Jump => compressed::jal(0, distance) & 0xffff_f000,
    })
}

/// Whether a constant fits an instruction.
#[must_use]
pub const fn fits12(imm: i32) -> bool {
    imm >= -2048 && imm < 2048
}

/// A constant as upper 20 and lower 12 bits, both signed; their sum is the constant modulo 2^32.
#[must_use]
pub const fn split(imm: i32) -> (i32, i32) {
    let low = imm << 20 >> 20;
    let high = imm.wrapping_sub(low) >> 12;
    (high, low)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(bytes: &[u8]) -> Vec<u32> {
        bytes.chunks(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect()
    }

    #[test]
    fn branches_reach_backward_and_forward() {
        let mut asm = Asm::default();
        let start = asm.here();
        let end = asm.label();
        asm.beq(X(13), X(12), end);
        asm.j(start);
        asm.bind(end);
        let code = asm.finish().expect("both labels are placed");
        assert_eq!(words(&code.bytes), [0x00c6_8463, 0xffdf_f06f]);
    }

    #[test]
    fn what_does_not_fit_is_reported_at_the_end() {
        let mut asm = Asm::default();
        asm.addi(SP, SP, 2048);
        asm.jalr(ZERO, RA);
        assert!(asm.finish().is_err());
    }

    #[test]
    fn constants_are_split_so_that_the_parts_add_up() {
        for imm in [0, 1, 2047, 2048, 4095, 4096, -2048, -2049, 0x4000_0008, -0x4000_0008, i32::MAX, i32::MIN] {
            let (high, low) = split(imm);
            assert!(fits12(low), "{imm:#x}");
            assert_eq!((high << 12).wrapping_add(low), imm, "{imm:#x}");
        }
    }

    #[test]
    fn short_instructions_are_two_bytes() {
        let mut asm = Asm::shortening(true);
        asm.sd(RA, SP, 0);
        asm.lwu(X(12), SP, 56);
        let code = asm.finish().expect("nothing to settle");
        assert_eq!(code.bytes, [0x06, 0xe0, 0x03, 0x66, 0x81, 0x03]);
    }
}
