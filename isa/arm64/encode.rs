//! The assembler of the built-in images: single instructions, labels, a pool of constants, places for the linker.
//!
//! It knows A64 encodings (Arm ARM C4.1) and nothing of Go. What cannot be encoded is remembered, and reported when the
//! routine is finished, so that descriptions of routines need no error handling at every line.

use crate::assembly::{Code, Encoding, Label, Patch, signed_field};

/// A general register by number; 31 is the stack pointer or zero, as the instruction takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct X(pub u8);

/// The stack pointer, where an instruction takes it.
pub const SP: X = X(31);
/// The zero register, where an instruction takes it.
pub const ZR: X = X(31);
/// Frame pointer.
pub const FP: X = X(29);
/// Link register.
pub const LR: X = X(30);

/// Condition codes of branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cc {
    /// Equal.
    Eq = 0,
    /// Not equal.
    Ne = 1,
    /// Unsigned lower.
    Lo = 3,
    /// Unsigned lower or same.
    Ls = 9,
    /// Signed greater.
    Gt = 12,
}

/// How the field of a branch or literal load holds its distance, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// 26 bits from bit 0.
    Imm26,
    /// 19 bits from bit 5.
    Imm19,
}

/// What the linker does at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// A branch with 26 bits of distance.
    Branch,
    /// A page address and the offset within the page: ADRP and ADD.
    PageAndOffset,
}

/// How A64 holds distances, and the constants that stand behind a routine.
#[derive(Debug, Default)]
pub struct Arm64 {
    pool: Vec<(u32, Label)>,
}

impl Encoding for Arm64 {
    type Field = Field;
    type Link = Link;

    fn settle(field: Field, patch: &mut Patch<'_>, distance: i64) -> Option<()> {
        patch.or(0, distance_field(distance, field)?);
        Some(())
    }

    fn resolve(link: Link, patch: &mut Patch<'_>, pc: u64, target: u64) -> Option<()> {
        match link {
            Link::Branch => {
                patch.or(0, distance_field(target.wrapping_sub(pc) as i64, Field::Imm26)?);
            }
            Link::PageAndOffset => {
                let distance = (target & !0xfff).wrapping_sub(pc & !0xfff) as i64;
                let pages = signed_field(distance, 21, 12)?;
                patch.or(0, (pages & 3) << 29 | (pages >> 2) << 5);
                patch.or(1, (target as u32 & 0xfff) << 10);
            }
        }
        Some(())
    }

    fn mask(link: Link) -> &'static [u32] {
        match link {
            Link::Branch => &[0x03ff_ffff],
            Link::PageAndOffset => &[0x60ff_ffe0, 0x003f_fc00],
        }
    }
}

fn distance_field(distance: i64, field: Field) -> Option<u32> {
    match field {
        Field::Imm26 => signed_field(distance, 26, 2),
        Field::Imm19 => signed_field(distance, 19, 2).map(|bits| bits << 5),
    }
}

/// A routine being assembled.
pub type Asm = Code<Arm64>;

impl Code<Arm64> {
    fn branch_to(&mut self, word: u32, label: Label, field: Field) {
        self.branches_to(label, field);
        self.word(word);
    }

    /// `b label`.
    pub fn b(&mut self, label: Label) {
        self.branch_to(0x1400_0000, label, Field::Imm26);
    }

    /// `b.cc label`.
    pub fn b_if(&mut self, cc: Cc, label: Label) {
        self.branch_to(0x5400_0000 | cc as u32, label, Field::Imm19);
    }

    /// `cbz rt, label`.
    pub fn cbz(&mut self, rt: X, label: Label) {
        self.branch_to(0xb400_0000 | u32::from(rt.0), label, Field::Imm19);
    }

    /// `cbnz rt, label`.
    pub fn cbnz(&mut self, rt: X, label: Label) {
        self.branch_to(0xb500_0000 | u32::from(rt.0), label, Field::Imm19);
    }

    /// `b symbol`: a jump to another routine.
    pub fn b_symbol(&mut self, target: &str) {
        self.refers_to(target, Link::Branch);
        self.word(0x1400_0000);
    }

    /// `bl symbol`.
    pub fn bl(&mut self, target: &str) {
        self.refers_to(target, Link::Branch);
        self.word(0x9400_0000);
    }

    /// `br rn`.
    pub fn br(&mut self, rn: X) {
        self.word(0xd61f_0000 | u32::from(rn.0) << 5);
    }

    /// `blr rn`.
    pub fn blr(&mut self, rn: X) {
        self.word(0xd63f_0000 | u32::from(rn.0) << 5);
    }

    /// `ret`.
    pub fn ret(&mut self) {
        self.word(0xd65f_0000 | u32::from(LR.0) << 5);
    }

    /// `rd = address of symbol`: ADRP and ADD.
    pub fn address(&mut self, rd: X, target: &str) {
        self.refers_to(target, Link::PageAndOffset);
        self.word(0x9000_0000 | u32::from(rd.0));
        self.word(0x9100_0000 | u32::from(rd.0) << 5 | u32::from(rd.0));
    }

    /// `opcode rd, rn, #imm` with a 12-bit constant, shifted left by 12 bits where it needs to be.
    fn immediate(&mut self, opcode: u32, rd: X, rn: X, imm: u32) {
        let registers = u32::from(rn.0) << 5 | u32::from(rd.0);
        match imm {
            0..=0xfff => self.word(opcode | imm << 10 | registers),
            _ if fits_add(imm) => self.word(opcode | 1 << 22 | (imm >> 12) << 10 | registers),
            _ => self.fail(format!("constant {imm:#x} of an addition")),
        }
    }

    /// `add rd, rn, #imm`.
    pub fn add_imm(&mut self, rd: X, rn: X, imm: u32) {
        self.immediate(0x9100_0000, rd, rn, imm);
    }

    /// `sub rd, rn, #imm`.
    pub fn sub_imm(&mut self, rd: X, rn: X, imm: u32) {
        self.immediate(0xd100_0000, rd, rn, imm);
    }

    /// `adds rd, rn, #imm`.
    pub fn adds_imm(&mut self, rd: X, rn: X, imm: u32) {
        self.immediate(0xb100_0000, rd, rn, imm);
    }

    /// `subs rd, rn, #imm`.
    pub fn subs_imm(&mut self, rd: X, rn: X, imm: u32) {
        self.immediate(0xf100_0000, rd, rn, imm);
    }

    fn registers(&mut self, opcode: u32, rd: X, rn: X, rm: X) {
        self.word(opcode | u32::from(rm.0) << 16 | u32::from(rn.0) << 5 | u32::from(rd.0));
    }

    /// `add rd, rn, rm`.
    pub fn add(&mut self, rd: X, rn: X, rm: X) {
        self.registers(0x8b00_0000, rd, rn, rm);
    }

    /// `sub rd, rn, rm`.
    pub fn sub(&mut self, rd: X, rn: X, rm: X) {
        self.registers(0xcb00_0000, rd, rn, rm);
    }

    /// `cmp rn, rm`.
    pub fn cmp(&mut self, rn: X, rm: X) {
        self.registers(0xeb00_0000, ZR, rn, rm);
    }

    /// `add rd, rn, rm, uxtx`: the form that takes the stack pointer.
    pub fn add_extended(&mut self, rd: X, rn: X, rm: X) {
        self.registers(0x8b20_6000, rd, rn, rm);
    }

    /// `sub rd, rn, rm, uxtx`.
    pub fn sub_extended(&mut self, rd: X, rn: X, rm: X) {
        self.registers(0xcb20_6000, rd, rn, rm);
    }

    /// `subs rd, rn, rm, uxtx`.
    pub fn subs_extended(&mut self, rd: X, rn: X, rm: X) {
        self.registers(0xeb20_6000, rd, rn, rm);
    }

    /// `mov rd, rm`, neither of them the stack pointer.
    pub fn mov(&mut self, rd: X, rm: X) {
        self.registers(0xaa00_0000, rd, ZR, rm);
    }

    /// `movz rd, #imm, lsl #(16 * half)`.
    pub fn movz(&mut self, rd: X, imm: u16, half: u8) {
        self.word(0xd280_0000 | u32::from(half) << 21 | u32::from(imm) << 5 | u32::from(rd.0));
    }

    /// `movk rd, #imm, lsl #(16 * half)`.
    pub fn movk(&mut self, rd: X, imm: u16, half: u8) {
        self.word(0xf280_0000 | u32::from(half) << 21 | u32::from(imm) << 5 | u32::from(rd.0));
    }

    fn bitmask(&mut self, opcode: u32, rd: X, rn: X, imm: u64) {
        match bitmask_field(imm) {
            Some(field) => self.word(opcode | field << 10 | u32::from(rn.0) << 5 | u32::from(rd.0)),
            None => self.fail(format!("bit mask {imm:#x}")),
        }
    }

    /// `and rd, rn, #imm`.
    pub fn and_imm(&mut self, rd: X, rn: X, imm: u64) {
        self.bitmask(0x9200_0000, rd, rn, imm);
    }

    /// `orr rd, rn, #imm`.
    pub fn orr_imm(&mut self, rd: X, rn: X, imm: u64) {
        self.bitmask(0xb200_0000, rd, rn, imm);
    }

    fn offset(&mut self, opcode: u32, log2: u32, rt: X, rn: X, offset: u32) {
        if fits_scaled(offset, log2) {
            self.word(opcode | (offset >> log2) << 10 | u32::from(rn.0) << 5 | u32::from(rt.0));
        } else {
            self.fail(format!("offset {offset:#x} of an access of {} bytes", 1 << log2));
        }
    }

    /// `ldr xt, [rn, #offset]`.
    pub fn ldr(&mut self, rt: X, rn: X, offset: u32) {
        self.offset(0xf940_0000, 3, rt, rn, offset);
    }

    /// `ldr wt, [rn, #offset]`.
    pub fn ldr_w(&mut self, rt: X, rn: X, offset: u32) {
        self.offset(0xb940_0000, 2, rt, rn, offset);
    }

    /// `str xt, [rn, #offset]`.
    pub fn str(&mut self, rt: X, rn: X, offset: u32) {
        self.offset(0xf900_0000, 3, rt, rn, offset);
    }

    /// `strb wt, [rn, #offset]`.
    pub fn strb(&mut self, rt: X, rn: X, offset: u32) {
        self.offset(0x3900_0000, 0, rt, rn, offset);
    }

    /// `ldr xt, [rn, rm]`.
    pub fn ldr_indexed(&mut self, rt: X, rn: X, rm: X) {
        self.registers(0xf860_6800, rt, rn, rm);
    }

    /// `ldr wt, [rn, rm]`.
    pub fn ldr_w_indexed(&mut self, rt: X, rn: X, rm: X) {
        self.registers(0xb860_6800, rt, rn, rm);
    }

    fn imm9(&mut self, opcode: u32, rt: X, rn: X, offset: i32) {
        if (-256..256).contains(&offset) {
            self.word(opcode | (offset as u32 & 0x1ff) << 12 | u32::from(rn.0) << 5 | u32::from(rt.0));
        } else {
            self.fail(format!("offset {offset:#x} of nine bits"));
        }
    }

    /// `ldur xt, [rn, #offset]`.
    pub fn ldur(&mut self, rt: X, rn: X, offset: i32) {
        self.imm9(0xf840_0000, rt, rn, offset);
    }

    /// `stur xt, [rn, #offset]`.
    pub fn stur(&mut self, rt: X, rn: X, offset: i32) {
        self.imm9(0xf800_0000, rt, rn, offset);
    }

    /// `str xt, [rn, #offset]!`.
    pub fn str_pre(&mut self, rt: X, rn: X, offset: i32) {
        self.imm9(0xf800_0c00, rt, rn, offset);
    }

    /// `ldr xt, [rn], #offset`.
    pub fn ldr_post(&mut self, rt: X, rn: X, offset: i32) {
        self.imm9(0xf840_0400, rt, rn, offset);
    }

    /// `ldrb wt, [rn], #offset`.
    pub fn ldrb_post(&mut self, rt: X, rn: X, offset: i32) {
        self.imm9(0x3840_0400, rt, rn, offset);
    }

    /// `strb wt, [rn], #offset`.
    pub fn strb_post(&mut self, rt: X, rn: X, offset: i32) {
        self.imm9(0x3800_0400, rt, rn, offset);
    }

    /// `ldrb wt, [rn, #offset]!`.
    pub fn ldrb_pre(&mut self, rt: X, rn: X, offset: i32) {
        self.imm9(0x3840_0c00, rt, rn, offset);
    }

    /// `strb wt, [rn, #offset]!`.
    pub fn strb_pre(&mut self, rt: X, rn: X, offset: i32) {
        self.imm9(0x3800_0c00, rt, rn, offset);
    }

    fn pair(&mut self, opcode: u32, rt: X, rt2: X, rn: X, offset: i32) {
        if offset % 8 != 0 || !(-512..512).contains(&offset) {
            self.fail(format!("offset {offset:#x} of a pair"));
            return;
        }
        let scaled = (offset / 8) as u32 & 0x7f;
        let registers = u32::from(rt2.0) << 10 | u32::from(rn.0) << 5 | u32::from(rt.0);
        self.word(opcode | scaled << 15 | registers);
    }

    /// `ldp xt, xt2, [rn, #offset]`.
    pub fn ldp(&mut self, rt: X, rt2: X, rn: X, offset: i32) {
        self.pair(0xa940_0000, rt, rt2, rn, offset);
    }

    /// `stp xt, xt2, [rn, #offset]`.
    pub fn stp(&mut self, rt: X, rt2: X, rn: X, offset: i32) {
        self.pair(0xa900_0000, rt, rt2, rn, offset);
    }

    /// `ldp xt, xt2, [rn], #offset`.
    pub fn ldp_post(&mut self, rt: X, rt2: X, rn: X, offset: i32) {
        self.pair(0xa8c0_0000, rt, rt2, rn, offset);
    }

    /// `stp xt, xt2, [rn], #offset`.
    pub fn stp_post(&mut self, rt: X, rt2: X, rn: X, offset: i32) {
        self.pair(0xa880_0000, rt, rt2, rn, offset);
    }

    /// `ldp dt, dt2, [rn, #offset]`.
    pub fn ldp_d(&mut self, rt: X, rt2: X, rn: X, offset: i32) {
        self.pair(0x6d40_0000, rt, rt2, rn, offset);
    }

    /// `stp dt, dt2, [rn, #offset]`.
    pub fn stp_d(&mut self, rt: X, rt2: X, rn: X, offset: i32) {
        self.pair(0x6d00_0000, rt, rt2, rn, offset);
    }

    /// The pool's word with this value; equal values share one.
    pub fn pool_word(&mut self, value: u32) -> Label {
        if let Some((_, label)) = self.encoding.pool.iter().find(|(other, _)| *other == value) {
            return *label;
        }
        let label = self.label();
        self.encoding.pool.push((value, label));
        label
    }

    /// `ldr wt, =value`, from the pool.
    pub fn ldr_w_pool(&mut self, rt: X, value: u32) {
        let label = self.pool_word(value);
        self.branch_to(0x1800_0000 | u32::from(rt.0), label, Field::Imm19);
    }

    /// Whether the pool holds anything.
    #[must_use]
    pub fn has_pool(&self) -> bool {
        !self.encoding.pool.is_empty()
    }

    /// Put the pool here.
    pub fn flush_pool(&mut self) {
        for (value, label) in std::mem::take(&mut self.encoding.pool) {
            self.bind(label);
            self.word(value);
        }
    }
}

/// Whether an addition can hold the constant.
#[must_use]
pub const fn fits_add(imm: u32) -> bool {
    imm <= 0xfff || (imm & 0xfff == 0 && imm <= 0xff_f000)
}

/// Whether a load or store of `1 << log2` bytes can hold the offset.
#[must_use]
pub const fn fits_scaled(offset: u32, log2: u32) -> bool {
    offset & ((1 << log2) - 1) == 0 && offset >> log2 <= 0xfff
}

/// The 13-bit field of a logical constant: a run of ones, rotated, in an element that repeats (Arm ARM,
/// DecodeBitMasks). `None` when the value is no such pattern.
#[must_use]
pub fn bitmask_field(value: u64) -> Option<u32> {
    if value == 0 || value == u64::MAX {
        return None;
    }
    let size = element_bits(value);
    let mask = u64::MAX >> (64 - size);
    let element = value & mask;
    let ones = element.count_ones();
    // Rotated so that the run of ones starts at bit 0.
    let rotation = (0..size).find(|&by| rotate(element, by, size) == (1 << ones) - 1)?;
    let immr = (size - rotation) % size;
    let imms = (!(2 * size - 1) & 0x3f) | (ones - 1);
    Some(u32::from(size == 64) << 12 | immr << 6 | imms)
}

/// The smallest period of the bits.
fn element_bits(value: u64) -> u32 {
    [2, 4, 8, 16, 32].into_iter().find(|&size| value.rotate_right(size) == value).unwrap_or(64)
}

/// Rotate the low `size` bits right, left meaning towards lower numbers.
fn rotate(element: u64, by: u32, size: u32) -> u64 {
    if by == 0 {
        return element;
    }
    let mask = u64::MAX >> (64 - size);
    (element >> by | element << (size - by)) & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(asm: Asm) -> Vec<u32> {
        let code = asm.finish().expect("every label is placed");
        code.bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect()
    }

    #[test]
    fn bit_masks_are_those_of_a_real_assembler() {
        assert_eq!(bitmask_field(0x10), Some(0xb27c_03fb >> 10 & 0x1fff));
        assert_eq!(bitmask_field(0x10000), Some(0xb270_03fb >> 10 & 0x1fff));
        assert_eq!(bitmask_field(!0xf), Some(0x927c_ec86 >> 10 & 0x1fff));
        assert_eq!(bitmask_field(0xf), Some(0x9240_0c86 >> 10 & 0x1fff));
        assert_eq!(bitmask_field(0x5555_5555_5555_5555), Some(0x3c));
        assert_eq!(bitmask_field(5), None);
        assert_eq!(bitmask_field(0), None);
    }

    #[test]
    fn a_constant_that_does_not_fit_is_reported_at_the_end() {
        let mut asm = Asm::default();
        asm.add_imm(X(0), X(0), 0x1001);
        asm.ret();
        assert!(asm.finish().is_err());
    }

    #[test]
    fn branches_reach_backward_and_forward() {
        let mut asm = Asm::default();
        let start = asm.here();
        let end = asm.label();
        asm.cbz(X(6), end);
        asm.b(start);
        asm.bind(end);
        assert_eq!(words(asm), [0xb400_0046, 0x17ff_ffff]);
    }

    #[test]
    fn equal_pool_values_share_a_word() {
        let mut asm = Asm::default();
        asm.ldr_w_pool(X(27), 7);
        asm.ldr_w_pool(X(27), 7);
        asm.flush_pool();
        assert_eq!(words(asm), [0x1800_005b, 0x1800_003b, 7]);
    }
}
