//! The assembler of the built-in images: single instructions, labels, places for the linker.
//!
//! It knows encodings (volume II-A) and nothing of Go, but for one thing: like Go's it fills every delay slot with NOP.

use crate::assembly::{Code, Encoding, Label, Patch, signed_field};

/// A general register by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct R(pub u8);

/// Zero.
pub const R0: R = R(0);
/// The stack pointer.
pub const SP: R = R(29);
/// The link register.
pub const LINK: R = R(31);

/// What the linker does at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// A jump within 256 mebibytes.
    Jump,
    /// The upper and the lower half of an address in two instructions, the lower one signed.
    Halves,
    /// The same with an instruction between the two.
    HalvesApart,
}

/// How instructions hold distances, and in which order their bytes stand.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mips {
    wide: bool,
    big_endian: bool,
}

impl Encoding for Mips {
    /// The field of a conditional branch: there is one form.
    type Field = ();
    type Link = Link;

    fn big_endian(&self) -> bool {
        self.big_endian
    }

    /// The distance counts from the delay slot.
    fn settle((): (), patch: &mut Patch<'_>, distance: i64) -> Option<()> {
        patch.or(0, signed_field(distance - 4, 16, 2)?);
        Some(())
    }

    fn resolve(link: Link, patch: &mut Patch<'_>, pc: u64, target: u64) -> Option<()> {
        match link {
            Link::Jump => jump(patch, pc, target),
            Link::Halves => halves(patch, 1, target),
            Link::HalvesApart => halves(patch, 2, target),
        }
    }

    fn mask(link: Link) -> &'static [u32] {
        match link {
            Link::Jump => &[0x03ff_ffff],
            Link::Halves => &[0xffff, 0xffff],
            Link::HalvesApart => &[0xffff, 0, 0xffff],
        }
    }
}

fn jump(patch: &mut Patch<'_>, pc: u64, target: u64) -> Option<()> {
    const REGION: u64 = !0x0fff_ffff;
    let reaches = (pc + 4) & REGION == target & REGION && target & 3 == 0;
    reaches.then(|| patch.or(0, (target >> 2) as u32 & 0x03ff_ffff))
}

/// The lower half is added with its sign, which the upper one makes up for. Addresses beyond two gibibytes would need
/// another base.
fn halves(patch: &mut Patch<'_>, second: usize, target: u64) -> Option<()> {
    let target = i32::try_from(target).ok()?;
    let upper = target.wrapping_add(0x8000) as u32 >> 16;
    patch.or(0, upper);
    patch.or(second, target as u32 & 0xffff);
    Some(())
}

/// A routine being assembled.
pub type Asm = Code<Mips>;

/// The R format.
const fn rrr(function: u32, rd: R, rs: R, rt: R) -> u32 {
    (rs.0 as u32) << 21 | (rt.0 as u32) << 16 | (rd.0 as u32) << 11 | function
}

/// The I format without its immediate.
const fn rr(opcode: u32, rt: R, rs: R) -> u32 {
    opcode << 26 | (rs.0 as u32) << 21 | (rt.0 as u32) << 16
}

/// Instructions whose 32-bit form and 64-bit form serve for whole registers: those of one or the other machine.
impl Asm {
    /// An empty routine for that machine.
    #[must_use]
    pub const fn for_machine(wide: bool, big_endian: bool) -> Self {
        Self::new(Mips { wide, big_endian })
    }

    const fn either(&self, narrow: u32, wide: u32) -> u32 {
        if self.encoding.wide { wide } else { narrow }
    }

    fn signed(&mut self, opcode: u32, rt: R, rs: R, imm: i32) {
        match i16::try_from(imm) {
            Ok(imm) => self.word(rr(opcode, rt, rs) | u32::from(imm as u16)),
            Err(_) => self.fail(format!("constant {imm:#x} of 16 bits")),
        }
    }

    fn unsigned(&mut self, opcode: u32, rt: R, rs: R, imm: u32) {
        match u16::try_from(imm) {
            Ok(imm) => self.word(rr(opcode, rt, rs) | u32::from(imm)),
            Err(_) => self.fail(format!("constant {imm:#x} of 16 bits")),
        }
    }

    /// `nop`.
    pub fn nop(&mut self) {
        self.word(0);
    }

    fn branch(&mut self, word: u32, label: Label) {
        self.branches_to(label, ());
        self.word(word);
        self.nop();
    }

    /// `beq rs, rt, label`.
    pub fn beq(&mut self, rs: R, rt: R, label: Label) {
        self.branch(rr(4, rt, rs), label);
    }

    /// `bne rs, rt, label`.
    pub fn bne(&mut self, rs: R, rt: R, label: Label) {
        self.branch(rr(5, rt, rs), label);
    }

    /// `b label`.
    pub fn b(&mut self, label: Label) {
        self.beq(R0, R0, label);
    }

    /// `jal symbol`.
    pub fn jal(&mut self, target: &str) {
        self.refers_to(target, Link::Jump);
        self.word(3 << 26);
        self.nop();
    }

    /// `j symbol`.
    pub fn j(&mut self, target: &str) {
        self.refers_to(target, Link::Jump);
        self.word(2 << 26);
        self.nop();
    }

    /// `jalr rs`.
    pub fn jalr(&mut self, rs: R) {
        self.word(rrr(9, LINK, rs, R0));
        self.nop();
    }

    /// `jr rs`.
    pub fn jr(&mut self, rs: R) {
        self.word(rrr(8, R0, rs, R0));
        self.nop();
    }

    /// `rt = address of symbol`; on 64-bit machines relative to the static base, R28.
    pub fn address(&mut self, rt: R, target: &str) {
        const STATIC_BASE: R = R(28);
        let wide = self.encoding.wide;
        self.refers_to(target, if wide { Link::HalvesApart } else { Link::Halves });
        self.lui(rt, 0);
        if wide {
            self.addu(rt, rt, STATIC_BASE);
        }
        self.addiu(rt, rt, 0);
    }

    /// `lui rt, imm`.
    pub fn lui(&mut self, rt: R, imm: u32) {
        self.unsigned(15, rt, R0, imm);
    }

    /// `ori rt, rs, imm`.
    pub fn ori(&mut self, rt: R, rs: R, imm: u32) {
        self.unsigned(13, rt, rs, imm);
    }

    /// `addiu` or `daddiu rt, rs, imm`.
    pub fn addiu(&mut self, rt: R, rs: R, imm: i32) {
        self.signed(self.either(9, 25), rt, rs, imm);
    }

    /// `addi` or `daddi rt, rs, imm`, which trap on overflow.
    pub fn addi(&mut self, rt: R, rs: R, imm: i32) {
        self.signed(self.either(8, 24), rt, rs, imm);
    }

    /// `sltiu rt, rs, imm`.
    pub fn sltiu(&mut self, rt: R, rs: R, imm: i32) {
        self.signed(11, rt, rs, imm);
    }

    /// `addu` or `daddu rd, rs, rt`.
    pub fn addu(&mut self, rd: R, rs: R, rt: R) {
        self.word(rrr(self.either(33, 45), rd, rs, rt));
    }

    /// `dadd rd, rs, rt`, which traps on overflow.
    pub fn dadd(&mut self, rd: R, rs: R, rt: R) {
        self.word(rrr(44, rd, rs, rt));
    }

    /// `subu` or `dsubu rd, rs, rt`.
    pub fn subu(&mut self, rd: R, rs: R, rt: R) {
        self.word(rrr(self.either(35, 47), rd, rs, rt));
    }

    /// `sltu rd, rs, rt`.
    pub fn sltu(&mut self, rd: R, rs: R, rt: R) {
        self.word(rrr(43, rd, rs, rt));
    }

    /// `move rd, rt`, which is `or rd, zero, rt`.
    pub fn mov(&mut self, rd: R, rt: R) {
        self.word(rrr(37, rd, R0, rt));
    }

    /// `lw` or `ld rt, disp(base)`.
    pub fn load(&mut self, rt: R, base: R, disp: i32) {
        self.signed(self.either(35, 55), rt, base, disp);
    }

    /// `lw` or `lwu rt, disp(base)`: 4 bytes, zero-extended.
    pub fn load_w(&mut self, rt: R, base: R, disp: i32) {
        self.signed(self.either(35, 39), rt, base, disp);
    }

    /// `lbu rt, disp(base)`.
    pub fn lbu(&mut self, rt: R, base: R, disp: i32) {
        self.signed(36, rt, base, disp);
    }

    /// `sw` or `sd rt, disp(base)`.
    pub fn store(&mut self, rt: R, base: R, disp: i32) {
        self.signed(self.either(43, 63), rt, base, disp);
    }

    /// `sb rt, disp(base)`.
    pub fn sb(&mut self, rt: R, base: R, disp: i32) {
        self.signed(40, rt, base, disp);
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
        let mut asm = Asm::for_machine(true, false);
        asm.store(LINK, SP, -48);
        asm.addi(SP, SP, -48);
        asm.load_w(R(2), SP, 0x1028);
        asm.mov(R(3), SP);
        asm.dadd(R(2), R(2), R(3));
        asm.jalr(R(4));
        assert_eq!(
            words(asm),
            [0xffbf_ffd0, 0x63bd_ffd0, 0x9fa2_1028, 0x001d_1825, 0x0043_102c, 0x0080_f809, 0]
        );
    }

    #[test]
    fn the_32_bit_machine_has_its_own_words() {
        let mut asm = Asm::for_machine(false, false);
        asm.store(LINK, SP, -24);
        asm.addiu(SP, SP, -24);
        asm.load(R(1), R(30), 8);
        assert_eq!(words(asm), [0xafbf_ffe8, 0x27bd_ffe8, 0x8fc1_0008]);
    }

    #[test]
    fn branches_count_from_their_delay_slot() {
        let mut asm = Asm::for_machine(true, false);
        let start = asm.here();
        let end = asm.label();
        asm.bne(R(1), R0, end);
        asm.b(start);
        asm.bind(end);
        assert_eq!(words(asm), [0x1420_0003, 0, 0x1000_fffd, 0]);
    }

    #[test]
    fn the_upper_half_of_an_address_makes_up_for_the_sign_of_the_lower() {
        let mut asm = Asm::for_machine(true, false);
        asm.address(R(4), "runtime.call16");
        let mut code = asm.finish().expect("both halves have a place");
        code.link(0, &mut |_| 0x8e520).expect("32-bit addresses are in reach");
        assert_eq!(split(&code.bytes), [0x3c04_0009, 0x009c_202d, 0x6484_e520]);
    }

    #[test]
    fn a_jump_does_not_leave_its_region() {
        let mut asm = Asm::for_machine(false, false);
        asm.jal("far");
        let mut code = asm.finish().expect("it can be encoded");
        assert!(code.link(0x0ffe_0000, &mut |_| 0x1000_0000).is_err());
    }

    #[test]
    fn a_constant_that_does_not_fit_is_reported_at_the_end() {
        let mut asm = Asm::for_machine(false, false);
        asm.addiu(R(3), R0, 0x8000);
        assert!(asm.finish().is_err());
    }
}
