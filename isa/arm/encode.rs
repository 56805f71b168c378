//! The assembler of the built-in images: single instructions, labels, a pool of constants, places for the linker.
//!
//! It knows encodings (A8) and nothing of Go.

use crate::assembly::{Code, Encoding, Label, Patch, signed_field};

/// A general register by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct R(pub u8);

/// The stack pointer.
pub const SP: R = R(13);
/// The link register.
pub const LINK: R = R(14);
/// The program counter.
pub const PC: R = R(15);

/// When an instruction takes effect (A8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cc {
    /// Equal.
    Eq = 0,
    /// Not equal.
    Ne = 1,
    /// Unsigned higher or same.
    Hs = 2,
    /// Unsigned higher.
    Hi = 8,
    /// Unsigned lower or same.
    Ls = 9,
    /// Always.
    Always = 14,
}

/// A word of the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Pooled {
    Value(u32),
    Symbol(String),
}

/// How an instruction holds a distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A branch: 24 bits of words.
    Branch,
    /// A load relative to the program counter: 12 bits and a direction.
    Literal,
}

/// What the linker does at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// A branch.
    Branch,
    /// A word with the address.
    Address,
}

/// Distances, and the pool.
#[derive(Clone, Debug, Default)]
pub struct Arm {
    pool: Vec<(Pooled, Label)>,
}

/// What the program counter is ahead of the instruction that reads it.
const AHEAD: i64 = 8;

impl Encoding for Arm {
    type Field = Field;
    type Link = Link;

    fn settle(field: Field, patch: &mut Patch<'_>, distance: i64) -> Option<()> {
        let distance = distance - AHEAD;
        match field {
            Field::Branch => patch.or(0, signed_field(distance, 24, 2)?),
            Field::Literal => {
                let up = if distance >= 0 { 1 << 23 } else { 0 };
                let bytes = u32::try_from(distance.unsigned_abs()).ok().filter(|bytes| *bytes < 1 << 12)?;
                patch.or(0, up | bytes);
            }
        }
        Some(())
    }

    fn resolve(link: Link, patch: &mut Patch<'_>, pc: u64, target: u64) -> Option<()> {
        match link {
            Link::Branch => patch.or(0, signed_field(target as i64 - pc as i64 - AHEAD, 24, 2)?),
            Link::Address => patch.or(0, u32::try_from(target).ok()?),
        }
        Some(())
    }

    fn mask(link: Link) -> &'static [u32] {
        match link {
            Link::Branch => &[0x00ff_ffff],
            Link::Address => &[0xffff_ffff],
        }
    }
}

/// A routine being assembled.
pub type Asm = Code<Arm>;

/// A constant as data processing holds it: eight bits rotated right by twice the upper four.
#[must_use]
pub fn rotated(value: u32) -> Option<u32> {
    (0..16).map(|half| (half, value.rotate_left(2 * half))).find(|(_, low)| *low < 256).map(|(half, low)| half << 8 | low)
}

/// A constant as the sum of two that data processing can hold, the lower one first.
#[must_use]
pub fn two_rotated(value: u32) -> Option<(u32, u32)> {
    let parts = |bits: u32| (value & ((1 << bits) - 1), value & !((1 << bits) - 1));
    (1..32).map(parts).find(|(low, high)| rotated(*low).is_some() && rotated(*high).is_some())
}

const fn rn(r: R) -> u32 {
    (r.0 as u32) << 16
}

const fn rd(r: R) -> u32 {
    (r.0 as u32) << 12
}

const fn when(cc: Cc) -> u32 {
    (cc as u32) << 28
}

const ALWAYS: u32 = when(Cc::Always);

/// Data processing by the number of its operation, with bit 20 for the flags.
mod op {
    pub const SUB: u32 = 2 << 21;
    pub const SUBS: u32 = 5 << 20;
    pub const ADD: u32 = 4 << 21;
    pub const CMP: u32 = 21 << 20;
    pub const MOV: u32 = 13 << 21;
}

impl Asm {
    fn with_constant(&mut self, word: u32, value: u32) {
        match rotated(value) {
            Some(field) => self.word(word | 1 << 25 | field),
            None => self.fail(format!("constant {value:#x} of eight rotated bits")),
        }
    }

    fn with_offset(&mut self, word: u32, offset: i32) {
        const UP: u32 = 1 << 23;
        let up = if offset >= 0 { UP } else { 0 };
        match offset.unsigned_abs() {
            bytes @ 0..=0xfff => self.word(word | up | bytes),
            _ => self.fail(format!("offset {offset} of 12 bits")),
        }
    }

    /// `mov rd, #value`.
    pub fn mov_imm(&mut self, d: R, value: u32) {
        self.with_constant(ALWAYS | op::MOV | rd(d), value);
    }

    /// `movw rd, #value`.
    pub fn movw(&mut self, cc: Cc, d: R, value: u16) {
        let value = u32::from(value);
        self.word(when(cc) | 0x0300_0000 | (value >> 12) << 16 | rd(d) | value & 0xfff);
    }

    /// `mov rd, rm`.
    pub fn mov(&mut self, cc: Cc, d: R, m: R) {
        self.word(when(cc) | op::MOV | rd(d) | u32::from(m.0));
    }

    /// `add rd, rn, #value`.
    pub fn add_imm(&mut self, cc: Cc, d: R, n: R, value: u32) {
        self.with_constant(when(cc) | op::ADD | rn(n) | rd(d), value);
    }

    /// `add rd, rn, rm`.
    pub fn add(&mut self, cc: Cc, d: R, n: R, m: R) {
        self.word(when(cc) | op::ADD | rn(n) | rd(d) | u32::from(m.0));
    }

    /// `sub rd, rn, #value`.
    pub fn sub_imm(&mut self, d: R, n: R, value: u32) {
        self.with_constant(ALWAYS | op::SUB | rn(n) | rd(d), value);
    }

    /// `sub rd, rn, rm`.
    pub fn sub(&mut self, cc: Cc, d: R, n: R, m: R) {
        self.word(when(cc) | op::SUB | rn(n) | rd(d) | u32::from(m.0));
    }

    /// `subs rd, rn, #value`.
    pub fn subs_imm(&mut self, d: R, n: R, value: u32) {
        self.with_constant(ALWAYS | op::SUBS | rn(n) | rd(d), value);
    }

    /// `subs rd, rn, rm`.
    pub fn subs(&mut self, d: R, n: R, m: R) {
        self.word(ALWAYS | op::SUBS | rn(n) | rd(d) | u32::from(m.0));
    }

    /// `cmp rn, #value`.
    pub fn cmp_imm(&mut self, n: R, value: u32) {
        self.with_constant(ALWAYS | op::CMP | rn(n), value);
    }

    /// `cmn rn, #value`.
    pub fn cmn_imm(&mut self, n: R, value: u32) {
        const CMN: u32 = 23 << 20;
        self.with_constant(ALWAYS | CMN | rn(n), value);
    }

    /// `cmp rn, rm`.
    pub fn cmp(&mut self, cc: Cc, n: R, m: R) {
        self.word(when(cc) | op::CMP | rn(n) | u32::from(m.0));
    }

    /// `ldr rd, [base, #offset]`.
    pub fn ldr(&mut self, d: R, base: R, offset: i32) {
        self.with_offset(ALWAYS | 0x0510_0000 | rn(base) | rd(d), offset);
    }

    /// `str rd, [base, #offset]`.
    pub fn str(&mut self, d: R, base: R, offset: i32) {
        self.with_offset(ALWAYS | 0x0500_0000 | rn(base) | rd(d), offset);
    }

    /// `strb rd, [base, #offset]`.
    pub fn strb(&mut self, d: R, base: R, offset: i32) {
        self.with_offset(ALWAYS | 0x0540_0000 | rn(base) | rd(d), offset);
    }

    /// `str rd, [base, #offset]!`.
    pub fn str_pre(&mut self, d: R, base: R, offset: i32) {
        self.with_offset(ALWAYS | 0x0520_0000 | rn(base) | rd(d), offset);
    }

    /// `ldr rd, [base], #offset`.
    pub fn ldr_post(&mut self, d: R, base: R, offset: i32) {
        self.with_offset(ALWAYS | 0x0410_0000 | rn(base) | rd(d), offset);
    }

    /// The same when the flags say equal.
    pub fn ldr_post_if(&mut self, cc: Cc, d: R, base: R, offset: i32) {
        self.with_offset(when(cc) | 0x0410_0000 | rn(base) | rd(d), offset);
    }

    /// `ldrb rd, [base], #offset`.
    pub fn ldrb_post(&mut self, d: R, base: R, offset: i32) {
        self.with_offset(ALWAYS | 0x0450_0000 | rn(base) | rd(d), offset);
    }

    /// `strb rd, [base], #offset`.
    pub fn strb_post(&mut self, d: R, base: R, offset: i32) {
        self.with_offset(ALWAYS | 0x0440_0000 | rn(base) | rd(d), offset);
    }

    /// `ldr rd, [base, index]`.
    pub fn ldr_indexed(&mut self, d: R, base: R, index: R) {
        self.word(ALWAYS | 0x0790_0000 | rn(base) | rd(d) | u32::from(index.0));
    }

    /// `str rd, [base, index]!`.
    pub fn str_pre_indexed(&mut self, d: R, base: R, index: R) {
        self.word(ALWAYS | 0x07a0_0000 | rn(base) | rd(d) | u32::from(index.0));
    }

    /// `ldr rd, [base], index`.
    pub fn ldr_post_indexed(&mut self, cc: Cc, d: R, base: R, index: R) {
        self.word(when(cc) | 0x0690_0000 | rn(base) | rd(d) | u32::from(index.0));
    }

    /// `b label`.
    pub fn b(&mut self, label: Label) {
        self.b_if(Cc::Always, label);
    }

    /// `b<cc> label`.
    pub fn b_if(&mut self, cc: Cc, label: Label) {
        self.branches_to(label, Field::Branch);
        self.word(when(cc) | 0x0a00_0000);
    }

    /// `bl<cc> symbol`.
    pub fn bl(&mut self, cc: Cc, target: &str) {
        self.refers_to(target, Link::Branch);
        self.word(when(cc) | 0x0b00_0000);
    }

    /// `b symbol`.
    pub fn b_symbol(&mut self, target: &str) {
        self.refers_to(target, Link::Branch);
        self.word(ALWAYS | 0x0a00_0000);
    }

    /// `blx rm`.
    pub fn blx(&mut self, m: R) {
        self.word(0xe12f_ff30 | u32::from(m.0));
    }

    /// `add pc, rm, #0`: a jump.
    pub fn jump(&mut self, m: R) {
        self.add_imm(Cc::Always, PC, m, 0);
    }

    /// `ldr<cc> rd, =value`, from the pool.
    pub fn ldr_value(&mut self, cc: Cc, d: R, value: u32) {
        self.ldr_pooled(cc, d, Pooled::Value(value));
    }

    /// `ldr rd, =symbol`, from the pool.
    pub fn ldr_symbol(&mut self, d: R, symbol: &str) {
        self.ldr_pooled(Cc::Always, d, Pooled::Symbol(symbol.to_owned()));
    }

    /// Equal words of the pool share one.
    fn ldr_pooled(&mut self, cc: Cc, d: R, wanted: Pooled) {
        let known = self.encoding.pool.iter().find(|(word, _)| *word == wanted).map(|(_, label)| *label);
        let label = known.unwrap_or_else(|| {
            let label = self.label();
            self.encoding.pool.push((wanted, label));
            label
        });
        self.branches_to(label, Field::Literal);
        self.word(when(cc) | 0x0510_0000 | rn(PC) | rd(d));
    }

    /// Put the pool here, behind a branch to itself; nothing when it is empty.
    pub fn flush_pool(&mut self) {
        let pool = std::mem::take(&mut self.encoding.pool);
        if pool.is_empty() {
            return;
        }
        let itself = self.here();
        self.b(itself);
        for (word, label) in pool {
            self.bind(label);
            match word {
                Pooled::Value(value) => self.word(value),
                Pooled::Symbol(symbol) => {
                    self.refers_to(&symbol, Link::Address);
                    self.word(0);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(asm: Asm) -> Vec<u32> {
        let bytes = asm.finish().expect("all of it can be encoded").bytes;
        bytes.chunks(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect()
    }

    #[test]
    fn instructions_are_those_of_a_real_assembler() {
        let mut asm = Asm::default();
        asm.str_pre(LINK, SP, -24);
        asm.sub_imm(R(2), SP, 900);
        asm.cmp(Cc::Hs, R(2), R(1));
        asm.ldrb_post(R(5), R(0), 1);
        asm.ldr_post(PC, SP, 24);
        asm.str_pre_indexed(LINK, SP, R(11));
        asm.ldr_post_indexed(Cc::Always, PC, SP, R(11));
        asm.movw(Cc::Always, R(11), 0xf84);
        asm.jump(R(1));
        assert_eq!(
            words(asm),
            [
                0xe52d_e018,
                0xe24d_2fe1,
                0x2152_0001,
                0xe4d0_5001,
                0xe49d_f018,
                0xe7ad_e00b,
                0xe69d_f00b,
                0xe300_bf84,
                0xe281_f000
            ]
        );
    }

    #[test]
    fn equal_words_of_the_pool_share_one_behind_a_branch_to_itself() {
        let mut asm = Asm::default();
        asm.ldr_value(Cc::Always, R(11), 0x1010);
        asm.ldr_value(Cc::Always, R(11), 0x1010);
        asm.flush_pool();
        assert_eq!(words(asm), [0xe59f_b004, 0xe59f_b000, 0xeaff_fffe, 0x1010]);
    }

    #[test]
    fn constants_are_eight_rotated_bits_or_the_sum_of_two() {
        assert_eq!(rotated(900), Some(0xfe1));
        assert_eq!(rotated(0x4000_0008), Some(0x121));
        assert_eq!(rotated(0x1008), None);
        assert_eq!(two_rotated(0x1008), Some((8, 0x1000)));
    }

    #[test]
    fn a_constant_that_does_not_fit_is_reported_at_the_end() {
        let mut asm = Asm::default();
        asm.add_imm(Cc::Always, R(3), SP, 0x1008);
        assert!(asm.finish().is_err());
    }

    #[test]
    fn a_branch_reaches_32_mebibytes() {
        let mut asm = Asm::default();
        asm.bl(Cc::Always, "far");
        let mut code = asm.finish().expect("it can be encoded");
        assert!(code.link(0x1_0000, &mut |_| 0x1000_0000).is_err());
    }
}
