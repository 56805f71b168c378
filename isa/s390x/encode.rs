//! The assembler of the built-in images: single instructions, labels, places for the linker.
//!
//! It knows encodings (Principles of Operation, "Instruction Formats") and nothing of Go. What cannot be encoded is
//! remembered, and reported when the routine is finished, so that descriptions of routines need no error handling at every
//! line.

use crate::assembly::{Code, Encoding, Label, Patch, signed_field};

/// A general register by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct R(pub u8);

/// As base or index: none.
pub const NONE: R = R(0);
/// The stack pointer.
pub const SP: R = R(15);
/// The link register.
pub const LINK: R = R(14);

/// Conditions, as masks over the condition code 0, 1, 2, 3 from the left: those of comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cc {
    /// Equal.
    Eq = 8,
    /// Not equal.
    Ne = 7,
    /// Low.
    Lt = 4,
    /// High.
    Gt = 2,
    /// Not low.
    Ge = 10,
    /// Always.
    Always = 15,
}

/// How z/Architecture holds distances: in halfwords.
#[derive(Debug, Default)]
pub struct Z;

/// The field of a distance: 16 or 32 bits from bit 16 of the instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// 16 bits.
    Short,
    /// 32 bits.
    Long,
}

impl Encoding for Z {
    type Field = Distance;
    /// The linker fills long distances only.
    type Link = ();

    fn big_endian(&self) -> bool {
        true
    }

    fn settle(field: Distance, patch: &mut Patch<'_>, distance: i64) -> Option<()> {
        match field {
            Distance::Short => patch.or(0, signed_field(distance, 16, 1)?),
            Distance::Long => {
                let halfwords = signed_field(distance, 32, 1)?;
                patch.or(0, halfwords >> 16);
                patch.or(1, halfwords << 16);
            }
        }
        Some(())
    }

    fn resolve((): (), patch: &mut Patch<'_>, pc: u64, target: u64) -> Option<()> {
        Self::settle(Distance::Long, patch, target.wrapping_sub(pc) as i64)
    }

    fn mask((): ()) -> &'static [u32] {
        &[0xffff, 0xffff_0000]
    }
}

/// A routine being assembled.
pub type Asm = Code<Z>;

const fn nibbles(high: u8, low: u8) -> u8 {
    high << 4 | low
}

/// Constants and displacements of the formats are checked where they are stated; distances where they are settled.
impl Asm {
    /// Format RR.
    fn rr(&mut self, op: u8, r1: R, r2: R) {
        self.raw(&[op, nibbles(r1.0, r2.0)]);
    }

    /// Format RRE, and RRF with a third register.
    fn rre(&mut self, op: u16, r3: R, r1: R, r2: R) {
        let [a, b] = op.to_be_bytes();
        self.raw(&[a, b, nibbles(r3.0, 0), nibbles(r1.0, r2.0)]);
    }

    /// Format RI.
    fn ri(&mut self, op: u8, r1: u8, extension: u8, imm: i64) {
        match i16::try_from(imm) {
            Ok(imm) => {
                let [a, b] = imm.to_be_bytes();
                self.raw(&[op, nibbles(r1, extension), a, b]);
            }
            Err(_) => self.fail(format!("constant {imm:#x} of 16 bits")),
        }
    }

    /// Format RIL.
    fn ril(&mut self, op: u8, r1: u8, extension: u8, imm: i64) {
        match i32::try_from(imm) {
            Ok(imm) => {
                self.raw(&[op, nibbles(r1, extension)]);
                self.raw(&imm.to_be_bytes());
            }
            Err(_) => self.fail(format!("constant {imm:#x} of 32 bits")),
        }
    }

    /// Formats RX, and SI with the immediate in place of register and index.
    fn rx(&mut self, op: u8, second: u8, base: R, disp: i64) {
        match u16::try_from(disp) {
            Ok(disp @ 0..=0xfff) => {
                let [high, low] = disp.to_be_bytes();
                self.raw(&[op, second, nibbles(base.0, high), low]);
            }
            _ => self.fail(format!("displacement {disp:#x} of 12 bits")),
        }
    }

    /// Formats RXY and RSY.
    fn rxy(&mut self, last: u8, r1: R, index: R, base: R, disp: i64) {
        if !fits_long_displacement(disp) {
            self.fail(format!("displacement {disp:#x} of 20 bits"));
            return;
        }
        let low = (disp & 0xfff) as u16;
        let [high, rest] = low.to_be_bytes();
        self.raw(&[0xe3, nibbles(r1.0, index.0), nibbles(base.0, high), rest, (disp >> 12) as u8, last]);
    }

    /// `lgr r1, r2`.
    pub fn lgr(&mut self, r1: R, r2: R) {
        self.rre(0xb904, NONE, r1, r2);
    }

    /// `cgr r1, r2`.
    pub fn cgr(&mut self, r1: R, r2: R) {
        self.rre(0xb920, NONE, r1, r2);
    }

    /// `sgr r1, r2`: `r1 -= r2`.
    pub fn sgr(&mut self, r1: R, r2: R) {
        self.rre(0xb909, NONE, r1, r2);
    }

    /// `agrk r1, r2, r3`: `r1 = r2 + r3`.
    pub fn agrk(&mut self, r1: R, r2: R, r3: R) {
        self.rre(0xb9e8, r3, r1, r2);
    }

    /// `lghi r1, imm`.
    pub fn lghi(&mut self, r1: R, imm: i64) {
        self.ri(0xa7, r1.0, 0x9, imm);
    }

    /// `lgfi r1, imm`.
    pub fn lgfi(&mut self, r1: R, imm: i64) {
        self.ril(0xc0, r1.0, 0x1, imm);
    }

    /// `llilh r1, imm`: the second halfword from the right, the rest zero.
    pub fn llilh(&mut self, r1: R, imm: u16) {
        self.ri(0xa5, r1.0, 0xe, i64::from(imm as i16));
    }

    /// `llilf r1, imm`.
    pub fn llilf(&mut self, r1: R, imm: u32) {
        self.ril(0xc0, r1.0, 0xf, i64::from(imm as i32));
    }

    /// `aghi r1, imm`.
    pub fn aghi(&mut self, r1: R, imm: i64) {
        self.ri(0xa7, r1.0, 0xb, imm);
    }

    /// `agfi r1, imm`.
    pub fn agfi(&mut self, r1: R, imm: i64) {
        self.ril(0xc2, r1.0, 0x8, imm);
    }

    /// `cghi r1, imm`.
    pub fn cghi(&mut self, r1: R, imm: i64) {
        self.ri(0xa7, r1.0, 0xf, imm);
    }

    /// `aghik r1, r3, imm`: `r1 = r3 + imm`.
    pub fn aghik(&mut self, r1: R, r3: R, imm: i64) {
        match i16::try_from(imm) {
            Ok(imm) => {
                let [a, b] = imm.to_be_bytes();
                self.raw(&[0xec, nibbles(r1.0, r3.0), a, b, 0, 0xd9]);
            }
            Err(_) => self.fail(format!("constant {imm:#x} of 16 bits")),
        }
    }

    /// `lg r1, disp(index, base)`.
    pub fn lg(&mut self, r1: R, index: R, base: R, disp: i64) {
        self.rxy(0x04, r1, index, base, disp);
    }

    /// `llgf r1, disp(index, base)`.
    pub fn llgf(&mut self, r1: R, index: R, base: R, disp: i64) {
        self.rxy(0x16, r1, index, base, disp);
    }

    /// `stg r1, disp(index, base)`.
    pub fn stg(&mut self, r1: R, index: R, base: R, disp: i64) {
        self.rxy(0x24, r1, index, base, disp);
    }

    /// `lay r1, disp(index, base)`.
    pub fn lay(&mut self, r1: R, index: R, base: R, disp: i64) {
        self.rxy(0x71, r1, index, base, disp);
    }

    /// `la r1, disp(index, base)`.
    pub fn la(&mut self, r1: R, index: R, base: R, disp: i64) {
        self.rx(0x41, nibbles(r1.0, index.0), base, disp);
    }

    /// `ld f1, disp(base)`, the register given by number.
    pub fn ld(&mut self, f1: u8, base: R, disp: i64) {
        self.rx(0x68, nibbles(f1, 0), base, disp);
    }

    /// `std f1, disp(base)`.
    pub fn std(&mut self, f1: u8, base: R, disp: i64) {
        self.rx(0x60, nibbles(f1, 0), base, disp);
    }

    /// `mvi disp(base), imm`.
    pub fn mvi(&mut self, base: R, disp: i64, imm: u8) {
        self.rx(0x92, imm, base, disp);
    }

    /// `mvghi disp(base), imm`.
    pub fn mvghi(&mut self, base: R, disp: i64, imm: i16) {
        self.rx(0xe5, 0x48, base, disp);
        self.raw(&imm.to_be_bytes());
    }

    /// `mvc to(length, to_base), from(from_base)`.
    pub fn mvc(&mut self, length: u16, (to_base, to): (R, u8), (from_base, from): (R, u8)) {
        match u8::try_from(length - 1) {
            Ok(less_one) => self.raw(&[0xd2, less_one, nibbles(to_base.0, 0), to, nibbles(from_base.0, 0), from]),
            Err(_) => self.fail(format!("a move of {length} bytes")),
        }
    }

    /// `brc cc, label`.
    pub fn brc(&mut self, cc: Cc, label: Label) {
        self.branches_to(label, Distance::Short);
        self.ri(0xa7, cc as u8, 0x4, 0);
    }

    /// `clgrj r1, r2, cc, label`: unsigned.
    pub fn clgrj(&mut self, cc: Cc, r1: R, r2: R, label: Label) {
        self.branches_to(label, Distance::Short);
        self.raw(&[0xec, nibbles(r1.0, r2.0), 0, 0, nibbles(cc as u8, 0), 0x65]);
    }

    /// `brctg r1, label`: counts down, branches unless zero.
    pub fn brctg(&mut self, r1: R, label: Label) {
        self.branches_to(label, Distance::Short);
        self.ri(0xa7, r1.0, 0x7, 0);
    }

    /// `cgijne r1, 0, label`.
    pub fn cgij_ne_0(&mut self, r1: R, label: Label) {
        const LOW_OR_HIGH: u8 = 6;
        self.branches_to(label, Distance::Short);
        self.raw(&[0xec, nibbles(r1.0, LOW_OR_HIGH), 0, 0, 0, 0x7c]);
    }

    fn reaches(&mut self, op: u8, r1: u8, extension: u8, target: &str) {
        self.refers_to(target, ());
        self.ril(op, r1, extension, 0);
    }

    /// `larl r1, symbol`.
    pub fn larl(&mut self, r1: R, target: &str) {
        self.reaches(0xc0, r1.0, 0x0, target);
    }

    /// `brasl %r14, symbol`.
    pub fn brasl(&mut self, target: &str) {
        self.reaches(0xc0, LINK.0, 0x5, target);
    }

    /// `jg symbol`.
    pub fn jg(&mut self, target: &str) {
        self.reaches(0xc0, Cc::Always as u8, 0x4, target);
    }

    /// `exrl r1, symbol`.
    pub fn exrl(&mut self, r1: R, target: &str) {
        self.reaches(0xc6, r1.0, 0x0, target);
    }

    /// `basr %r14, r2`.
    pub fn basr(&mut self, r2: R) {
        self.rr(0x0d, LINK, r2);
    }

    /// `br r2`.
    pub fn br(&mut self, r2: R) {
        self.rr(0x07, R(Cc::Always as u8), r2);
    }

    /// `svc number`.
    pub fn svc(&mut self, number: u8) {
        self.raw(&[0x0a, number]);
    }
}

/// Whether a displacement fits the long form.
pub const fn fits_long_displacement(disp: i64) -> bool {
    -(1 << 19) <= disp && disp < 1 << 19
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(asm: Asm) -> Vec<u8> {
        asm.finish().expect("all of it can be encoded").bytes
    }

    #[test]
    fn instructions_are_those_of_a_real_assembler() {
        let mut asm = Asm::default();
        asm.lay(SP, SP, NONE, -4104);
        asm.agrk(R(4), R(4), R(1));
        asm.aghik(R(5), SP, 48);
        asm.mvc(256, (R(6), 0), (R(4), 0));
        let expected = "e3ff0ff8fe71 b9e81044 ec5f003000d9 d2ff60004000";
        let hex: String = bytes(asm).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected.replace(' ', ""));
    }

    #[test]
    fn branches_reach_backward_and_forward() {
        let mut asm = Asm::default();
        let start = asm.here();
        let end = asm.label();
        asm.clgrj(Cc::Ge, R(3), SP, end);
        asm.brc(Cc::Always, start);
        asm.bind(end);
        assert_eq!(bytes(asm), [0xec, 0x3f, 0, 5, 0xa0, 0x65, 0xa7, 0xf4, 0xff, 0xfd]);
    }

    #[test]
    fn a_displacement_that_does_not_fit_is_reported_at_the_end() {
        let mut asm = Asm::default();
        asm.lg(R(1), NONE, SP, 1 << 19);
        asm.br(LINK);
        assert!(asm.finish().is_err());
    }
}
