//! The assembler of the built-in images: single instructions, labels, places for the linker.
//!
//! It knows LoongArch encodings and nothing of Go. What cannot be encoded is remembered, and reported when the routine is
//! finished, so that descriptions of routines need no error handling at every line.

use crate::assembly::{Code, Encoding, Label, Patch, signed_field};

/// A general register by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct R(pub u8);

/// A floating-point register by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct F(pub u8);

/// The zero register.
pub const ZERO: R = R(0);
/// Link register.
pub const RA: R = R(1);
/// Stack pointer.
pub const SP: R = R(3);

/// How the field of a branch holds its distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// 16 bits: comparisons of two registers.
    Compare,
    /// 21 bits: comparisons with zero.
    Zero,
    /// 26 bits: jumps.
    Jump,
}

/// What the linker does at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The distance of a BL.
    Call,
    /// The upper part of the distance in a PCADDU12I, the lower in the instruction after it.
    Distance,
    /// The distance between pages in a PCALAU12I, the place within the page in the instruction after it.
    Page,
}

/// How LoongArch holds distances.
#[derive(Debug, Default)]
pub struct Loong;

impl Encoding for Loong {
    type Field = Field;
    type Link = Link;

    fn settle(field: Field, patch: &mut Patch<'_>, distance: i64) -> Option<()> {
        patch.or(0, distance_field(distance, field)?);
        Some(())
    }

    fn resolve(link: Link, patch: &mut Patch<'_>, pc: u64, target: u64) -> Option<()> {
        const PAGE: u64 = 0xfff;
        match link {
            Link::Call => patch.or(0, distance_field(target.wrapping_sub(pc) as i64, Field::Jump)?),
            Link::Distance => both(patch, pc, target),
            Link::Page => both(patch, pc & !PAGE, target),
        }
        Some(())
    }

    fn mask(link: Link) -> &'static [u32] {
        match link {
            Link::Call => &[0x03ff_ffff],
            Link::Distance | Link::Page => &[0x01ff_ffe0, 0x003f_fc00],
        }
    }
}

/// The upper 20 bits of a distance into one instruction, the lower 12, as a signed number, into the next.
fn both(patch: &mut Patch<'_>, from: u64, target: u64) {
    let distance = target.wrapping_sub(from) as i32;
    let (upper, lower) = split(distance);
    patch.or(0, (upper as u32 & 0xf_ffff) << 5);
    patch.or(1, (lower as u32 & 0xfff) << 10);
}

fn distance_field(distance: i64, field: Field) -> Option<u32> {
    Some(match field {
        Field::Compare => signed_field(distance, 16, 2)? << 10,
        Field::Zero => {
            let units = signed_field(distance, 21, 2)?;
            (units & 0xffff) << 10 | units >> 16
        }
        Field::Jump => {
            let units = signed_field(distance, 26, 2)?;
            (units & 0xffff) << 10 | units >> 16
        }
    })
}

/// A routine being assembled.
pub type Asm = Code<Loong>;

/// `andi zero, zero, 0`.
pub const NOP: u32 = 0x0340_0000;

impl Asm {
    fn three(&mut self, opcode: u32, d: u8, j: u8, k: u8) {
        self.word(opcode | u32::from(k) << 10 | u32::from(j) << 5 | u32::from(d));
    }

    fn signed12(&mut self, opcode: u32, d: u8, j: R, imm: i32) {
        if !fits12(imm) {
            self.fail(format!("constant {imm:#x} of twelve bits"));
        }
        self.word(opcode | (imm as u32 & 0xfff) << 10 | u32::from(j.0) << 5 | u32::from(d));
    }

    fn branch(&mut self, opcode: u32, j: R, d: R, label: Label, field: Field) {
        self.branches_to(label, field);
        self.word(opcode | u32::from(j.0) << 5 | u32::from(d.0));
    }

    /// `beq rj, rd, label`.
    pub fn beq(&mut self, rj: R, rd: R, label: Label) {
        self.branch(0x5800_0000, rj, rd, label, Field::Compare);
    }

    /// `bne rj, rd, label`.
    pub fn bne(&mut self, rj: R, rd: R, label: Label) {
        self.branch(0x5c00_0000, rj, rd, label, Field::Compare);
    }

    /// `blt rj, rd, label`.
    pub fn blt(&mut self, rj: R, rd: R, label: Label) {
        self.branch(0x6000_0000, rj, rd, label, Field::Compare);
    }

    /// `bge rj, rd, label`.
    pub fn bge(&mut self, rj: R, rd: R, label: Label) {
        self.branch(0x6400_0000, rj, rd, label, Field::Compare);
    }

    /// `beqz rj, label`.
    pub fn beqz(&mut self, rj: R, label: Label) {
        self.branch(0x4000_0000, rj, ZERO, label, Field::Zero);
    }

    /// `bnez rj, label`.
    pub fn bnez(&mut self, rj: R, label: Label) {
        self.branch(0x4400_0000, rj, ZERO, label, Field::Zero);
    }

    /// `b label`.
    pub fn b(&mut self, label: Label) {
        self.branch(0x5000_0000, ZERO, ZERO, label, Field::Jump);
    }

    /// `bl symbol`.
    pub fn bl(&mut self, target: &str) {
        self.refers_to(target, Link::Call);
        self.word(0x5400_0000);
    }

    /// `jirl rd, rj, 0`.
    pub fn jirl(&mut self, rd: R, rj: R) {
        self.three(0x4c00_0000, rd.0, rj.0, 0);
    }

    /// `rd = address of symbol`: PCADDU12I and ADDI.D, by the distance.
    pub fn address_by_distance(&mut self, rd: R, target: &str) {
        self.refers_to(target, Link::Distance);
        self.word(0x1c00_0000 | u32::from(rd.0));
        self.addi(rd, rd, 0);
    }

    /// `rd = address of symbol`: PCALAU12I and ADDI.D, by pages.
    pub fn address_by_page(&mut self, rd: R, target: &str) {
        self.page_of(rd, target);
        self.addi(rd, rd, 0);
    }

    /// `rd = the byte at symbol`: PCALAU12I and LD.BU.
    pub fn byte_at(&mut self, rd: R, through: R, target: &str) {
        self.page_of(through, target);
        self.ld_bu(rd, through, 0);
    }

    fn page_of(&mut self, rd: R, target: &str) {
        self.refers_to(target, Link::Page);
        self.word(0x1a00_0000 | u32::from(rd.0));
    }

    /// No-operations up to a multiple of `bytes` from the routine's start.
    pub fn align(&mut self, bytes: u32) {
        while !self.position().is_multiple_of(bytes) {
            self.word(NOP);
        }
    }

    /// `addi.d rd, rj, imm`.
    pub fn addi(&mut self, rd: R, rj: R, imm: i32) {
        self.signed12(0x02c0_0000, rd.0, rj, imm);
    }

    /// `ori rd, rj, imm`.
    pub fn ori(&mut self, rd: R, rj: R, imm: u32) {
        if imm > 0xfff {
            self.fail(format!("unsigned constant {imm:#x} of twelve bits"));
        }
        self.word(0x0380_0000 | (imm & 0xfff) << 10 | u32::from(rj.0) << 5 | u32::from(rd.0));
    }

    /// `lu12i.w rd, upper`.
    pub fn lu12i(&mut self, rd: R, upper: i32) {
        self.word(0x1400_0000 | (upper as u32 & 0xf_ffff) << 5 | u32::from(rd.0));
    }

    /// `srli.d rd, rj, amount`.
    pub fn srli(&mut self, rd: R, rj: R, amount: u8) {
        self.word(0x0045_0000 | u32::from(amount & 63) << 10 | u32::from(rj.0) << 5 | u32::from(rd.0));
    }

    /// `add.d rd, rj, rk`.
    pub fn add(&mut self, rd: R, rj: R, rk: R) {
        self.three(0x0010_8000, rd.0, rj.0, rk.0);
    }

    /// `sub.d rd, rj, rk`.
    pub fn sub(&mut self, rd: R, rj: R, rk: R) {
        self.three(0x0011_8000, rd.0, rj.0, rk.0);
    }

    /// `sltu rd, rj, rk`.
    pub fn sltu(&mut self, rd: R, rj: R, rk: R) {
        self.three(0x0012_8000, rd.0, rj.0, rk.0);
    }

    /// `or rd, rj, zero`.
    pub fn mov(&mut self, rd: R, rj: R) {
        self.three(0x0015_0000, rd.0, rj.0, 0);
    }

    /// `ld.d rd, rj, imm`.
    pub fn ld(&mut self, rd: R, rj: R, imm: i32) {
        self.signed12(0x28c0_0000, rd.0, rj, imm);
    }

    /// `ld.wu rd, rj, imm`.
    pub fn ld_wu(&mut self, rd: R, rj: R, imm: i32) {
        self.signed12(0x2a80_0000, rd.0, rj, imm);
    }

    /// `ld.bu rd, rj, imm`.
    pub fn ld_bu(&mut self, rd: R, rj: R, imm: i32) {
        self.signed12(0x2a00_0000, rd.0, rj, imm);
    }

    /// `st.d rd, rj, imm`.
    pub fn st(&mut self, rd: R, rj: R, imm: i32) {
        self.signed12(0x29c0_0000, rd.0, rj, imm);
    }

    /// `st.b rd, rj, imm`.
    pub fn st_b(&mut self, rd: R, rj: R, imm: i32) {
        self.signed12(0x2900_0000, rd.0, rj, imm);
    }

    /// `fld.d fd, rj, imm`.
    pub fn fld(&mut self, fd: F, rj: R, imm: i32) {
        self.signed12(0x2b80_0000, fd.0, rj, imm);
    }

    /// `fst.d fd, rj, imm`.
    pub fn fst(&mut self, fd: F, rj: R, imm: i32) {
        self.signed12(0x2bc0_0000, fd.0, rj, imm);
    }

    /// `vld vd, rj, 0`, by the number of the register.
    pub fn vld(&mut self, vd: u8, rj: R) {
        self.signed12(0x2c00_0000, vd, rj, 0);
    }

    /// `vst vd, rj, 0`.
    pub fn vst(&mut self, vd: u8, rj: R) {
        self.signed12(0x2c40_0000, vd, rj, 0);
    }
}

/// Whether a constant fits a signed field of an instruction.
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
        asm.beq(R(12), R(5), end);
        asm.bnez(R(5), start);
        asm.b(start);
        asm.bind(end);
        let code = asm.finish().expect("both labels are placed");
        assert_eq!(words(&code.bytes), [0x5800_0d85, 0x47ff_fcbf, 0x53ff_fbff]);
    }

    #[test]
    fn what_does_not_fit_is_reported_at_the_end() {
        let mut asm = Asm::default();
        asm.addi(SP, SP, 2048);
        asm.jirl(ZERO, RA);
        assert!(asm.finish().is_err());
    }

    #[test]
    fn pages_are_counted_from_that_of_the_instruction() {
        let mut asm = Asm::default();
        asm.address_by_page(R(4), "there");
        let mut code = asm.finish().expect("nothing to settle");
        code.link(0x1_0ffc, &mut |_| 0x1_2801).expect("in reach");
        // Two pages on, and three because the lower part is negative.
        assert_eq!(words(&code.bytes), [0x1a00_0064, 0x02e0_0484]);
    }
}
