//! The assembler of the built-in images: single instructions, labels, a pool of constants, places for the linker.
//!
//! It knows A64 encodings (Arm ARM C4.1) and nothing of Go. What cannot be encoded is remembered, and reported when the
//! routine is finished, so that descriptions of routines need no error handling at every line.

use rcsim_uop::port::Relocation;

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

/// A place in the routine to branch to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(usize);

/// How the field of a branch or literal load holds its distance, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    /// 26 bits from bit 0.
    Imm26,
    /// 19 bits from bit 5.
    Imm19,
}

#[derive(Clone, Copy, Debug)]
struct Fixup {
    at: usize,
    label: Label,
    field: Field,
}

/// What the linker does at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// A branch with 26 bits of distance.
    Branch,
    /// A page address and the offset within the page: ADRP and ADD.
    PageAndOffset,
}

/// A symbol to be linked.
#[derive(Clone, Debug)]
pub struct Place {
    /// Word number within the routine.
    pub at: usize,
    /// What the linker does.
    pub link: Link,
    /// The symbol.
    pub target: String,
}

/// Why a routine could not be assembled: what could not be encoded.
pub type Unencodable = String;

/// A routine being assembled.
#[derive(Debug, Default)]
pub struct Asm {
    words: Vec<u32>,
    labels: Vec<Option<usize>>,
    fixups: Vec<Fixup>,
    places: Vec<Place>,
    pool: Vec<(u32, Label)>,
    error: Option<Unencodable>,
}

impl Asm {
    /// Number of bytes so far.
    #[must_use]
    pub fn position(&self) -> u32 {
        self.words.len() as u32 * 4
    }

    fn fail(&mut self, what: impl Into<String>) {
        self.error.get_or_insert(what.into());
    }

    fn put(&mut self, word: u32) {
        self.words.push(word);
    }

    /// A label that is not placed yet.
    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// Place a label here.
    pub fn bind(&mut self, label: Label) {
        self.labels[label.0] = Some(self.words.len());
    }

    /// A label placed here.
    pub fn here(&mut self) -> Label {
        let label = self.label();
        self.bind(label);
        label
    }

    fn branch_to(&mut self, word: u32, label: Label, field: Field) {
        self.fixups.push(Fixup { at: self.words.len(), label, field });
        self.put(word);
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
        self.places.push(Place { at: self.words.len(), link: Link::Branch, target: target.to_owned() });
        self.put(0x1400_0000);
    }

    /// `bl symbol`.
    pub fn bl(&mut self, target: &str) {
        self.places.push(Place { at: self.words.len(), link: Link::Branch, target: target.to_owned() });
        self.put(0x9400_0000);
    }

    /// `br rn`.
    pub fn br(&mut self, rn: X) {
        self.put(0xd61f_0000 | u32::from(rn.0) << 5);
    }

    /// `blr rn`.
    pub fn blr(&mut self, rn: X) {
        self.put(0xd63f_0000 | u32::from(rn.0) << 5);
    }

    /// `ret`.
    pub fn ret(&mut self) {
        self.put(0xd65f_0000 | u32::from(LR.0) << 5);
    }

    /// `rd = address of symbol`: ADRP and ADD.
    pub fn address(&mut self, rd: X, target: &str) {
        self.places.push(Place { at: self.words.len(), link: Link::PageAndOffset, target: target.to_owned() });
        self.put(0x9000_0000 | u32::from(rd.0));
        self.put(0x9100_0000 | u32::from(rd.0) << 5 | u32::from(rd.0));
    }

    /// `opcode rd, rn, #imm` with a 12-bit constant, shifted left by 12 bits where it needs to be.
    fn immediate(&mut self, opcode: u32, rd: X, rn: X, imm: u32) {
        let registers = u32::from(rn.0) << 5 | u32::from(rd.0);
        match imm {
            0..=0xfff => self.put(opcode | imm << 10 | registers),
            _ if fits_add(imm) => self.put(opcode | 1 << 22 | (imm >> 12) << 10 | registers),
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
        self.put(opcode | u32::from(rm.0) << 16 | u32::from(rn.0) << 5 | u32::from(rd.0));
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
        self.put(0xd280_0000 | u32::from(half) << 21 | u32::from(imm) << 5 | u32::from(rd.0));
    }

    /// `movk rd, #imm, lsl #(16 * half)`.
    pub fn movk(&mut self, rd: X, imm: u16, half: u8) {
        self.put(0xf280_0000 | u32::from(half) << 21 | u32::from(imm) << 5 | u32::from(rd.0));
    }

    fn bitmask(&mut self, opcode: u32, rd: X, rn: X, imm: u64) {
        match bitmask_field(imm) {
            Some(field) => self.put(opcode | field << 10 | u32::from(rn.0) << 5 | u32::from(rd.0)),
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
            self.put(opcode | (offset >> log2) << 10 | u32::from(rn.0) << 5 | u32::from(rt.0));
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
            self.put(opcode | (offset as u32 & 0x1ff) << 12 | u32::from(rn.0) << 5 | u32::from(rt.0));
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
        self.put(opcode | scaled << 15 | registers);
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
        if let Some((_, label)) = self.pool.iter().find(|(other, _)| *other == value) {
            return *label;
        }
        let label = self.label();
        self.pool.push((value, label));
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
        !self.pool.is_empty()
    }

    /// Put the pool here.
    pub fn flush_pool(&mut self) {
        for (value, label) in std::mem::take(&mut self.pool) {
            self.bind(label);
            self.put(value);
        }
    }

    /// Settle the labels and give the routine away.
    ///
    /// # Errors
    /// What could not be encoded first.
    pub fn finish(mut self) -> Result<(Vec<u32>, Vec<Place>), Unencodable> {
        for fixup in std::mem::take(&mut self.fixups) {
            self.settle(fixup);
        }
        match self.error {
            Some(what) => Err(what),
            None => Ok((self.words, self.places)),
        }
    }

    fn settle(&mut self, fixup: Fixup) {
        let Some(target) = self.labels[fixup.label.0] else {
            self.fail("a branch to a label that was never placed");
            return;
        };
        let distance = target as i64 - fixup.at as i64;
        match field(distance, fixup.field) {
            Some(bits) => self.words[fixup.at] |= bits,
            None => self.fail(format!("a branch over {distance} instructions")),
        }
    }
}

fn field(distance: i64, field: Field) -> Option<u32> {
    let (bits, at) = match field {
        Field::Imm26 => (26, 0),
        Field::Imm19 => (19, 5),
    };
    let half = 1_i64 << (bits - 1);
    (-half..half).contains(&distance).then(|| (distance as u32 & ((1 << bits) - 1)) << at)
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

impl Place {
    /// The words at the place once the symbol is known, given the address of the first.
    ///
    /// # Errors
    /// When the symbol is out of reach.
    pub fn resolve(&self, words: &mut [u32], pc: u64, target: u64) -> Result<(), Unencodable> {
        let far = || format!("{} at {target:#x} is out of reach from {pc:#x}", self.target);
        match self.link {
            Link::Branch => {
                let distance = target.wrapping_sub(pc) as i64;
                let bits = field(distance / 4, Field::Imm26).filter(|_| distance % 4 == 0).ok_or_else(far)?;
                words[self.at] |= bits;
            }
            Link::PageAndOffset => {
                let pages = ((target & !0xfff).wrapping_sub(pc & !0xfff) as i64) >> 12;
                if !(-(1 << 20)..1 << 20).contains(&pages) {
                    return Err(far());
                }
                let pages = pages as u32;
                words[self.at] |= (pages & 3) << 29 | (pages >> 2 & 0x7_ffff) << 5;
                words[self.at + 1] |= (target as u32 & 0xfff) << 10;
            }
        }
        Ok(())
    }

    /// What a comparison with other code must leave aside.
    #[must_use]
    pub fn relocation(&self) -> Relocation {
        let masks: &[u32] = match self.link {
            Link::Branch => &[0x03ff_ffff],
            Link::PageAndOffset => &[0x60ff_ffe0, 0x003f_fc00],
        };
        let mask: Vec<u8> = masks.iter().flat_map(|mask| mask.to_le_bytes()).collect();
        Relocation { offset: self.at as u32 * 4, len: mask.len() as u8, mask, target: self.target.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let (words, _) = asm.finish().expect("both labels are placed");
        assert_eq!(words, [0xb400_0046, 0x17ff_ffff]);
    }

    #[test]
    fn equal_pool_values_share_a_word() {
        let mut asm = Asm::default();
        asm.ldr_w_pool(X(27), 7);
        asm.ldr_w_pool(X(27), 7);
        asm.flush_pool();
        let (words, _) = asm.finish().expect("the pool is placed");
        assert_eq!(words, [0x1800_005b, 0x1800_003b, 7]);
    }
}
