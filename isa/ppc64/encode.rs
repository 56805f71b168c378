//! The assembler of the built-in images: single instructions, labels, places for the linker.
//!
//! It knows encodings (Power ISA 2.07, book I, 1.6) and nothing of Go. What cannot be encoded is remembered, and reported
//! when the routine is finished, so that descriptions of routines need no error handling at every line.

use crate::assembly::{Code, Encoding, Label, Patch, signed_field};

/// A general register by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct R(pub u8);

/// Register 0: zero in Go's code, and the number zero where an instruction takes it as a base.
pub const R0: R = R(0);
/// The stack pointer.
pub const SP: R = R(1);

/// Conditions of branches on field 0 of the condition register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cc {
    /// Less.
    Lt,
    /// Not less.
    Ge,
    /// Greater.
    Gt,
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
}

impl Cc {
    /// The fields BO and BI.
    const fn fields(self) -> (u32, u32) {
        const IF_SET: u32 = 12;
        const IF_CLEAR: u32 = 4;
        match self {
            Self::Lt => (IF_SET, 0),
            Self::Ge => (IF_CLEAR, 0),
            Self::Gt => (IF_SET, 1),
            Self::Eq => (IF_SET, 2),
            Self::Ne => (IF_CLEAR, 2),
        }
    }
}

/// What the linker does at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// A branch with 24 bits of distance.
    Branch,
    /// The upper and the lower half of an address in two instructions, the lower one signed.
    Halves,
}

/// How Power holds distances, and in which order its bytes stand.
#[derive(Debug, Default)]
pub struct Ppc64 {
    big_endian: bool,
}

impl Encoding for Ppc64 {
    /// Bits of a branch's distance, in words.
    type Field = u32;
    type Link = Link;

    fn big_endian(&self) -> bool {
        self.big_endian
    }

    fn settle(bits: u32, patch: &mut Patch<'_>, distance: i64) -> Option<()> {
        // The lowest two bits of the field mean something else.
        patch.or(0, signed_field(distance, bits, 2)? << 2);
        Some(())
    }

    fn resolve(link: Link, patch: &mut Patch<'_>, pc: u64, target: u64) -> Option<()> {
        match link {
            Link::Branch => return Self::settle(24, patch, target.wrapping_sub(pc) as i64),
            Link::Halves => {
                // The lower half is added with its sign, which the upper one makes up for.
                let upper = target.wrapping_add(0x8000) as i64 >> 16;
                patch.or(0, u32::from(i16::try_from(upper).ok()? as u16));
                patch.or(1, u32::from(target as u16));
            }
        }
        Some(())
    }

    fn mask(link: Link) -> &'static [u32] {
        match link {
            Link::Branch => &[0x03ff_fffc],
            Link::Halves => &[0xffff, 0xffff],
        }
    }
}

/// A routine being assembled.
pub type Asm = Code<Ppc64>;

/// Two registers in the fields RT and RA.
const fn ta(opcode: u32, rt: R, ra: R) -> u32 {
    opcode | (rt.0 as u32) << 21 | (ra.0 as u32) << 16
}

/// Three registers in the fields RT, RA and RB.
const fn tab(opcode: u32, rt: R, ra: R, rb: R) -> u32 {
    ta(opcode, rt, ra) | (rb.0 as u32) << 11
}

impl Asm {
    /// An empty routine in that byte order.
    #[must_use]
    pub const fn in_order(big_endian: bool) -> Self {
        Self::new(Ppc64 { big_endian })
    }

    fn branch_to(&mut self, word: u32, label: Label, bits: u32) {
        self.branches_to(label, bits);
        self.word(word);
    }

    /// `b label`.
    pub fn b(&mut self, label: Label) {
        self.branch_to(18 << 26, label, 24);
    }

    /// `bc bo, bi, label`.
    pub fn b_if(&mut self, cc: Cc, label: Label) {
        let (bo, bi) = cc.fields();
        self.branch_to(16 << 26 | bo << 21 | bi << 16, label, 14);
    }

    /// `b symbol`.
    pub fn b_to(&mut self, target: &str) {
        self.refers_to(target, Link::Branch);
        self.word(18 << 26);
    }

    /// `bl symbol`.
    pub fn bl(&mut self, target: &str) {
        self.refers_to(target, Link::Branch);
        self.word(18 << 26 | 1);
    }

    /// `blr`.
    pub fn blr(&mut self) {
        self.word(0x4e80_0020);
    }

    /// `bctr`.
    pub fn bctr(&mut self) {
        self.word(0x4e80_0420);
    }

    /// `bctrl`.
    pub fn bctrl(&mut self) {
        self.word(0x4e80_0421);
    }

    /// `mflr rt`.
    pub fn mflr(&mut self, rt: R) {
        self.word(ta(0x7c08_02a6, rt, R0));
    }

    /// `mtlr rs`.
    pub fn mtlr(&mut self, rs: R) {
        self.word(ta(0x7c08_03a6, rs, R0));
    }

    /// `mtctr rs`.
    pub fn mtctr(&mut self, rs: R) {
        self.word(ta(0x7c09_03a6, rs, R0));
    }

    /// `rt = address of symbol`, in two instructions; the first puts its half into `upper`.
    pub fn address(&mut self, rt: R, upper: R, target: &str) {
        self.refers_to(target, Link::Halves);
        self.word(ta(15 << 26, upper, R0));
        self.word(ta(14 << 26, rt, upper));
    }

    fn signed(&mut self, opcode: u32, rt: R, ra: R, imm: i64) {
        match i16::try_from(imm) {
            Ok(imm) => self.word(ta(opcode, rt, ra) | u32::from(imm as u16)),
            Err(_) => self.fail(format!("constant {imm:#x} of 16 bits")),
        }
    }

    fn unsigned(&mut self, opcode: u32, rs: R, ra: R, imm: u32) {
        match u16::try_from(imm) {
            Ok(imm) => self.word(ta(opcode, rs, ra) | u32::from(imm)),
            Err(_) => self.fail(format!("constant {imm:#x} of 16 bits")),
        }
    }

    /// `addi rt, ra, imm`.
    pub fn addi(&mut self, rt: R, ra: R, imm: i64) {
        self.signed(14 << 26, rt, ra, imm);
    }

    /// `addis rt, ra, imm`.
    pub fn addis(&mut self, rt: R, ra: R, imm: i64) {
        self.signed(15 << 26, rt, ra, imm);
    }

    /// `ori ra, rs, imm`.
    pub fn ori(&mut self, ra: R, rs: R, imm: u32) {
        self.unsigned(24 << 26, rs, ra, imm);
    }

    /// `oris ra, rs, imm`.
    pub fn oris(&mut self, ra: R, rs: R, imm: u32) {
        self.unsigned(25 << 26, rs, ra, imm);
    }

    /// `cmpdi ra, imm`.
    pub fn cmpdi(&mut self, ra: R, imm: i64) {
        self.signed(11 << 26 | 1 << 21, R0, ra, imm);
    }

    /// `cmpldi ra, imm`.
    pub fn cmpldi(&mut self, ra: R, imm: u32) {
        self.unsigned(10 << 26 | 1 << 21, R0, ra, imm);
    }

    /// `cmpd ra, rb`.
    pub fn cmpd(&mut self, ra: R, rb: R) {
        self.word(tab(31 << 26 | 1 << 21, R0, ra, rb));
    }

    /// `cmpld ra, rb`.
    pub fn cmpld(&mut self, ra: R, rb: R) {
        self.word(tab(31 << 26 | 1 << 21 | 32 << 1, R0, ra, rb));
    }

    /// `add rt, ra, rb`.
    pub fn add(&mut self, rt: R, ra: R, rb: R) {
        self.word(tab(31 << 26 | 266 << 1, rt, ra, rb));
    }

    /// `sub rt, ra, rb`, which is `subf rt, rb, ra`.
    pub fn sub(&mut self, rt: R, ra: R, rb: R) {
        self.word(tab(31 << 26 | 40 << 1, rt, rb, ra));
    }

    /// `mr ra, rs`.
    pub fn mr(&mut self, ra: R, rs: R) {
        self.word(tab(31 << 26 | 444 << 1, rs, ra, rs));
    }

    /// `extsb ra, rs`.
    pub fn extsb(&mut self, ra: R, rs: R) {
        self.word(ta(31 << 26 | 954 << 1, rs, ra));
    }

    fn doubleword(&mut self, opcode: u32, rt: R, ra: R, disp: i64) {
        if disp & 3 != 0 {
            self.fail(format!("displacement {disp:#x} of a doubleword"));
        }
        self.signed(opcode, rt, ra, disp);
    }

    /// `ld rt, disp(ra)`.
    pub fn ld(&mut self, rt: R, ra: R, disp: i64) {
        self.doubleword(58 << 26, rt, ra, disp);
    }

    /// `ldu rt, disp(ra)`.
    pub fn ldu(&mut self, rt: R, ra: R, disp: i64) {
        self.doubleword(58 << 26 | 1, rt, ra, disp);
    }

    /// `std rs, disp(ra)`.
    pub fn std(&mut self, rs: R, ra: R, disp: i64) {
        self.doubleword(62 << 26, rs, ra, disp);
    }

    /// `stdu rs, disp(ra)`.
    pub fn stdu(&mut self, rs: R, ra: R, disp: i64) {
        self.doubleword(62 << 26 | 1, rs, ra, disp);
    }

    /// `stdux rs, ra, rb`.
    pub fn stdux(&mut self, rs: R, ra: R, rb: R) {
        self.word(tab(31 << 26 | 181 << 1, rs, ra, rb));
    }

    /// `lwz rt, disp(ra)`.
    pub fn lwz(&mut self, rt: R, ra: R, disp: i64) {
        self.signed(32 << 26, rt, ra, disp);
    }

    /// `lbzu rt, disp(ra)`.
    pub fn lbzu(&mut self, rt: R, ra: R, disp: i64) {
        self.signed(35 << 26, rt, ra, disp);
    }

    /// `stb rs, disp(ra)`.
    pub fn stb(&mut self, rs: R, ra: R, disp: i64) {
        self.signed(38 << 26, rs, ra, disp);
    }

    /// `stbu rs, disp(ra)`.
    pub fn stbu(&mut self, rs: R, ra: R, disp: i64) {
        self.signed(39 << 26, rs, ra, disp);
    }

    /// `lfd frt, disp(ra)`, the register given by number.
    pub fn lfd(&mut self, frt: u8, ra: R, disp: i64) {
        self.signed(50 << 26, R(frt), ra, disp);
    }

    /// `stfd frs, disp(ra)`.
    pub fn stfd(&mut self, frs: u8, ra: R, disp: i64) {
        self.signed(54 << 26, R(frs), ra, disp);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(bytes: &[u8]) -> Vec<u32> {
        bytes.chunks(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect()
    }

    fn words(asm: Asm) -> Vec<u32> {
        split(&asm.finish().expect("all of it can be encoded").bytes)
    }

    #[test]
    fn instructions_are_those_of_a_real_assembler() {
        let mut asm = Asm::default();
        asm.ld(R(22), R(30), 16);
        asm.cmpld(R(22), SP);
        asm.mflr(R(31));
        asm.stdu(R(31), SP, -96);
        asm.sub(R(4), R(4), R(6));
        asm.mr(R(5), SP);
        assert_eq!(words(asm), [0xeade_0010, 0x7c36_0840, 0x7fe8_02a6, 0xfbe1_ffa1, 0x7c86_2050, 0x7c25_0b78]);
    }

    #[test]
    fn a_constant_that_does_not_fit_is_reported_at_the_end() {
        let mut asm = Asm::default();
        asm.addi(R(3), R0, 0x8000);
        asm.blr();
        assert!(asm.finish().is_err());
    }

    #[test]
    fn branches_reach_backward_and_forward() {
        let mut asm = Asm::default();
        let start = asm.here();
        let end = asm.label();
        asm.b_if(Cc::Lt, end);
        asm.b(start);
        asm.bind(end);
        assert_eq!(words(asm), [0x4180_0008, 0x4bff_fffc]);
    }

    #[test]
    fn the_upper_half_of_an_address_makes_up_for_the_sign_of_the_lower() {
        let mut asm = Asm::default();
        asm.address(R(12), R(12), "runtime.call16");
        let mut code = asm.finish().expect("both halves have a place");
        code.link(0, &mut |_| 0x9d0b0).expect("32-bit addresses are in reach");
        assert_eq!(split(&code.bytes), [0x3d80_000a, 0x398c_d0b0]);
    }
}
