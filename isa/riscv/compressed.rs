//! The 16-bit instructions (C extension): each stands for one 32-bit instruction (manual, chapter 28).
//!
//! Owns both directions: what a 16-bit instruction stands for, and which 32-bit instructions Go's assembler shortens and
//! how. The fields of the short forms are scattered; each is described by where its bits come from.

/// Registers that three bits can name start at `x8`.
const SHORT_BASE: u32 = 8;
const RA: u32 = 1;
const SP: u32 = 2;

/// Take bits out of a halfword and put them together: pairs of (lowest bit in the halfword, number of bits, lowest bit
/// in the result).
fn gather(half: u32, pieces: &[(u32, u32, u32)]) -> u32 {
    pieces.iter().fold(0, |sum, &(from, count, to)| sum | (half >> from & ((1 << count) - 1)) << to)
}

/// The reverse of [`gather`].
fn scatter(value: u32, pieces: &[(u32, u32, u32)]) -> u32 {
    pieces.iter().fold(0, |sum, &(to, count, from)| sum | (value >> from & ((1 << count) - 1)) << to)
}

type Pieces = &'static [(u32, u32, u32)];
/// Signed six-bit constant of C.ADDI and its kin; shift amounts.
const IMM6: Pieces = &[(12, 1, 5), (2, 5, 0)];
/// C.ADDI16SP.
const IMM16SP: Pieces = &[(12, 1, 9), (6, 1, 4), (5, 1, 6), (3, 2, 7), (2, 1, 5)];
/// C.ADDI4SPN.
const IMM4SPN: Pieces = &[(11, 2, 4), (7, 4, 6), (6, 1, 2), (5, 1, 3)];
/// Offsets of 4-byte accesses.
const WORD: Pieces = &[(10, 3, 3), (6, 1, 2), (5, 1, 6)];
/// Offsets of 8-byte accesses.
const DOUBLE: Pieces = &[(10, 3, 3), (5, 2, 6)];
/// Offsets of 4-byte loads from the stack.
const WORD_SP: Pieces = &[(12, 1, 5), (4, 3, 2), (2, 2, 6)];
/// Offsets of 8-byte loads from the stack.
const DOUBLE_SP: Pieces = &[(12, 1, 5), (5, 2, 3), (2, 3, 6)];
/// Offsets of 4-byte stores to the stack.
const WORD_STORE_SP: Pieces = &[(9, 4, 2), (7, 2, 6)];
/// Offsets of 8-byte stores to the stack.
const DOUBLE_STORE_SP: Pieces = &[(10, 3, 3), (7, 3, 6)];
/// Distances of jumps.
const JUMP: Pieces =
    &[(12, 1, 11), (11, 1, 4), (9, 2, 8), (8, 1, 10), (7, 1, 6), (6, 1, 7), (3, 3, 1), (2, 1, 5)];
/// Distances of branches.
const BRANCH: Pieces = &[(12, 1, 8), (10, 2, 3), (5, 2, 6), (3, 2, 1), (2, 1, 5)];

const fn sign_extend(value: u32, bits: u32) -> u32 {
    ((value << (32 - bits)) as i32 >> (32 - bits)) as u32
}

/// An instruction with a 12-bit constant.
const fn i_type(opcode: u32, funct3: u32, rd: u32, rs1: u32, imm: u32) -> u32 {
    imm << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode
}

const fn s_type(opcode: u32, funct3: u32, rs2: u32, rs1: u32, imm: u32) -> u32 {
    (imm >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (imm & 0x1f) << 7 | opcode
}

const fn r_type(opcode: u32, funct3: u32, funct7: u32, rd: u32, rs1: u32, rs2: u32) -> u32 {
    funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode
}

/// `jal rd` over a distance.
#[must_use]
pub const fn jal(rd: u32, distance: u32) -> u32 {
    (distance >> 20 & 1) << 31
        | (distance >> 1 & 0x3ff) << 21
        | (distance >> 11 & 1) << 20
        | (distance >> 12 & 0xff) << 12
        | rd << 7
        | 0x6f
}

/// The distance field of a conditional branch.
#[must_use]
pub const fn branch_field(distance: u32) -> u32 {
    (distance >> 12 & 1) << 31
        | (distance >> 5 & 0x3f) << 25
        | (distance >> 1 & 0xf) << 8
        | (distance >> 11 & 1) << 7
}

const OP_IMM: u32 = 0x13;
const OP_IMM_WORD: u32 = 0x1b;
const OP: u32 = 0x33;
const OP_WORD: u32 = 0x3b;
const LOAD: u32 = 0x03;
const STORE: u32 = 0x23;
const LOAD_FP: u32 = 0x07;
const STORE_FP: u32 = 0x27;
const LUI: u32 = 0x37;
const JALR: u32 = 0x67;
const BRANCH_OP: u32 = 0x63;
const EBREAK: u32 = 0x0010_0073;

/// Fields of a halfword.
struct Half(u32);

impl Half {
    /// `rd` or `rs1` of five bits.
    const fn rd(&self) -> u32 {
        self.0 >> 7 & 31
    }
    /// `rs2` of five bits.
    const fn rs2(&self) -> u32 {
        self.0 >> 2 & 31
    }
    /// A register of three bits at bit 2.
    const fn low(&self) -> u32 {
        SHORT_BASE + (self.0 >> 2 & 7)
    }
    /// A register of three bits at bit 7.
    const fn high(&self) -> u32 {
        SHORT_BASE + (self.0 >> 7 & 7)
    }
    fn imm6(&self) -> u32 {
        sign_extend(gather(self.0, IMM6), 6)
    }
    fn take(&self, pieces: Pieces) -> u32 {
        gather(self.0, pieces)
    }
}

/// The 32-bit instruction that a 16-bit one stands for; `None` when it stands for none.
#[must_use]
pub fn expand(half: u16) -> Option<u32> {
    let h = Half(u32::from(half));
    match (half & 3, half >> 13) {
        (0, funct3) => expand_quadrant0(&h, funct3),
        (1, funct3) => expand_quadrant1(&h, funct3),
        (2, funct3) => expand_quadrant2(&h, funct3),
        _ => None,
    }
}

fn expand_quadrant0(h: &Half, funct3: u16) -> Option<u32> {
    Some(match funct3 {
        0 => {
            let imm = h.take(IMM4SPN);
            if imm == 0 {
                return None;
            }
            i_type(OP_IMM, 0, h.low(), SP, imm)
        }
        1 => i_type(LOAD_FP, 3, h.low(), h.high(), h.take(DOUBLE)),
        2 => i_type(LOAD, 2, h.low(), h.high(), h.take(WORD)),
        3 => i_type(LOAD, 3, h.low(), h.high(), h.take(DOUBLE)),
        5 => s_type(STORE_FP, 3, h.low(), h.high(), h.take(DOUBLE)),
        6 => s_type(STORE, 2, h.low(), h.high(), h.take(WORD)),
        7 => s_type(STORE, 3, h.low(), h.high(), h.take(DOUBLE)),
        _ => return None,
    })
}

fn expand_quadrant1(h: &Half, funct3: u16) -> Option<u32> {
    Some(match funct3 {
        0 => i_type(OP_IMM, 0, h.rd(), h.rd(), h.imm6()),
        1 if h.rd() != 0 => i_type(OP_IMM_WORD, 0, h.rd(), h.rd(), h.imm6()),
        2 => i_type(OP_IMM, 0, h.rd(), 0, h.imm6()),
        3 if h.rd() == SP => match sign_extend(h.take(IMM16SP), 10) {
            0 => return None,
            imm => i_type(OP_IMM, 0, SP, SP, imm),
        },
        3 => match h.imm6() {
            0 => return None,
            imm => imm << 12 | h.rd() << 7 | LUI,
        },
        4 => return expand_arithmetic(h),
        5 => jal(0, sign_extend(h.take(JUMP), 12)),
        6 | 7 => {
            let distance = sign_extend(h.take(BRANCH), 9);
            branch_field(distance) | h.high() << 15 | u32::from(funct3 - 6) << 12 | BRANCH_OP
        }
        _ => return None,
    })
}

fn expand_arithmetic(h: &Half) -> Option<u32> {
    let rd = h.high();
    Some(match h.0 >> 10 & 3 {
        0 => i_type(OP_IMM, 5, rd, rd, h.take(IMM6)),
        1 => i_type(OP_IMM, 5, rd, rd, 0x400 | h.take(IMM6)),
        2 => i_type(OP_IMM, 7, rd, rd, h.imm6()),
        _ => match (h.0 >> 12 & 1, h.0 >> 5 & 3) {
            (0, 0) => r_type(OP, 0, 0x20, rd, rd, h.low()),
            (0, 1) => r_type(OP, 4, 0, rd, rd, h.low()),
            (0, 2) => r_type(OP, 6, 0, rd, rd, h.low()),
            (0, _) => r_type(OP, 7, 0, rd, rd, h.low()),
            (_, 0) => r_type(OP_WORD, 0, 0x20, rd, rd, h.low()),
            (_, 1) => r_type(OP_WORD, 0, 0, rd, rd, h.low()),
            _ => return None,
        },
    })
}

fn expand_quadrant2(h: &Half, funct3: u16) -> Option<u32> {
    Some(match funct3 {
        0 => i_type(OP_IMM, 1, h.rd(), h.rd(), h.take(IMM6)),
        1 => i_type(LOAD_FP, 3, h.rd(), SP, h.take(DOUBLE_SP)),
        2 if h.rd() != 0 => i_type(LOAD, 2, h.rd(), SP, h.take(WORD_SP)),
        3 if h.rd() != 0 => i_type(LOAD, 3, h.rd(), SP, h.take(DOUBLE_SP)),
        4 => return expand_moves(h),
        5 => s_type(STORE_FP, 3, h.rs2(), SP, h.take(DOUBLE_STORE_SP)),
        6 => s_type(STORE, 2, h.rs2(), SP, h.take(WORD_STORE_SP)),
        7 => s_type(STORE, 3, h.rs2(), SP, h.take(DOUBLE_STORE_SP)),
        _ => return None,
    })
}

fn expand_moves(h: &Half) -> Option<u32> {
    Some(match (h.0 >> 12 & 1, h.rd(), h.rs2()) {
        (0, 0, 0) => return None,
        (0, rs1, 0) => i_type(JALR, 0, 0, rs1, 0),
        (0, rd, rs2) => r_type(OP, 0, 0, rd, 0, rs2),
        (_, 0, 0) => EBREAK,
        (_, rs1, 0) => i_type(JALR, 0, RA, rs1, 0),
        (_, rd, rs2) => r_type(OP, 0, 0, rd, rd, rs2),
    })
}

/// Fields of a 32-bit instruction.
struct Word(u32);

impl Word {
    const fn opcode(&self) -> u32 {
        self.0 & 0x7f
    }
    const fn funct3(&self) -> u32 {
        self.0 >> 12 & 7
    }
    const fn funct7(&self) -> u32 {
        self.0 >> 25
    }
    const fn rd(&self) -> u32 {
        self.0 >> 7 & 31
    }
    const fn rs1(&self) -> u32 {
        self.0 >> 15 & 31
    }
    const fn rs2(&self) -> u32 {
        self.0 >> 20 & 31
    }
    const fn imm(&self) -> i32 {
        self.0 as i32 >> 20
    }
    const fn store_imm(&self) -> i32 {
        (self.0 as i32 >> 25) << 5 | (self.0 >> 7 & 31) as i32
    }
}

const fn is_short(reg: u32) -> bool {
    reg >= SHORT_BASE && reg < SHORT_BASE + 8
}

const fn fits6(imm: i32) -> bool {
    imm >= -32 && imm < 32
}

/// Whether an unsigned multiple of `unit` fits `bits` bits.
const fn fits_scaled(imm: i32, bits: u32, unit: i32) -> bool {
    imm >= 0 && imm < 1 << bits && imm % unit == 0
}

/// The 16-bit instruction that Go's assembler (1.27) writes for a 32-bit one; `None` where it leaves it long. It
/// never shortens jumps, branches and calls.
#[must_use]
pub fn compress(word: u32) -> Option<u16> {
    let w = Word(word);
    let half = match (w.opcode(), w.funct3()) {
        (OP_IMM, 0) => compress_addi(&w),
        (OP_IMM_WORD, 0) => (w.rd() != 0 && w.rd() == w.rs1() && fits6(w.imm())).then(|| ci(1, 1, w.rd(), w.imm())),
        (LUI, _) => compress_lui(&w),
        (OP, 0) if w.funct7() == 0 => compress_add(&w),
        (OP, 0) if w.funct7() == 0x20 => compress_short(&w, 0x8c01, false),
        (OP, 7) if w.funct7() == 0 => compress_short(&w, 0x8c61, true),
        (OP, 6) if w.funct7() == 0 => compress_short(&w, 0x8c41, true),
        (OP, 4) if w.funct7() == 0 => compress_short(&w, 0x8c21, true),
        (LOAD, 3) => compress_load(&w, 3),
        (LOAD_FP, 3) => compress_load(&w, 1),
        (STORE, 3) => compress_store(&w, 7),
        (STORE_FP, 3) => compress_store(&w, 5),
        _ => None,
    };
    half.map(|half| half as u16)
}

/// A short instruction with a register of five bits and a signed six-bit constant.
fn ci(quadrant: u32, funct3: u32, rd: u32, imm: i32) -> u32 {
    funct3 << 13 | rd << 7 | scatter(imm as u32, IMM6) | quadrant
}

fn compress_addi(w: &Word) -> Option<u32> {
    let (rd, rs1, imm) = (w.rd(), w.rs1(), w.imm());
    if rd == SP && rs1 == SP && imm != 0 && imm % 16 == 0 && (-512..512).contains(&imm) {
        Some(3 << 13 | SP << 7 | scatter(imm as u32, IMM16SP) | 1)
    } else if rd != 0 && rd == rs1 && imm != 0 && fits6(imm) {
        Some(ci(1, 0, rd, imm))
    } else if is_short(rd) && rs1 == SP && imm != 0 && fits_scaled(imm, 10, 4) {
        Some(scatter(imm as u32, IMM4SPN) | (rd - SHORT_BASE) << 2)
    } else if rd != 0 && rs1 == 0 && fits6(imm) {
        Some(ci(1, 2, rd, imm))
    } else if rd != 0 && rs1 != 0 && imm == 0 {
        Some(0x8002 | rd << 7 | rs1 << 2)
    } else {
        None
    }
}

fn compress_lui(w: &Word) -> Option<u32> {
    let upper = w.0 as i32 >> 12;
    (w.rd() != 0 && w.rd() != SP && upper != 0 && fits6(upper)).then(|| ci(1, 3, w.rd(), upper))
}

fn compress_add(w: &Word) -> Option<u32> {
    let (rd, rs1, rs2) = (w.rd(), w.rs1(), w.rs2());
    let add = |rs2: u32| 0x9002 | rd << 7 | rs2 << 2;
    if rd != 0 && rd == rs1 && rs2 != 0 {
        Some(add(rs2))
    } else if rd != 0 && rd == rs2 && rs1 != 0 {
        Some(add(rs1))
    } else if rd != 0 && rs1 == 0 && rs2 != 0 {
        Some(0x8002 | rd << 7 | rs2 << 2)
    } else {
        None
    }
}

/// An operation on two registers of three bits, the first also the result.
fn compress_short(w: &Word, opcode: u32, commutes: bool) -> Option<u32> {
    let (rd, rs1, rs2) = (w.rd(), w.rs1(), w.rs2());
    let encode = |other: u32| opcode | (rd - SHORT_BASE) << 7 | (other - SHORT_BASE) << 2;
    if is_short(rd) && rd == rs1 && is_short(rs2) {
        Some(encode(rs2))
    } else if commutes && is_short(rd) && rd == rs2 && is_short(rs1) {
        Some(encode(rs1))
    } else {
        None
    }
}

fn compress_load(w: &Word, funct3: u32) -> Option<u32> {
    let (rd, rs1, imm) = (w.rd(), w.rs1(), w.imm());
    let integer = funct3 == 3;
    if rs1 == SP && (rd != 0 || !integer) && fits_scaled(imm, 9, 8) {
        Some(funct3 << 13 | rd << 7 | scatter(imm as u32, DOUBLE_SP) | 2)
    } else if is_short(rd) && is_short(rs1) && fits_scaled(imm, 8, 8) {
        let registers = (rs1 - SHORT_BASE) << 7 | (rd - SHORT_BASE) << 2;
        Some(funct3 << 13 | registers | scatter(imm as u32, DOUBLE))
    } else {
        None
    }
}

fn compress_store(w: &Word, funct3: u32) -> Option<u32> {
    let (rs1, rs2, imm) = (w.rs1(), w.rs2(), w.store_imm());
    if rs1 == SP && fits_scaled(imm, 9, 8) {
        Some(funct3 << 13 | rs2 << 2 | scatter(imm as u32, DOUBLE_STORE_SP) | 2)
    } else if is_short(rs1) && is_short(rs2) && fits_scaled(imm, 8, 8) {
        let registers = (rs1 - SHORT_BASE) << 7 | (rs2 - SHORT_BASE) << 2;
        Some(funct3 << 13 | registers | scatter(imm as u32, DOUBLE))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::riscv::table;

    #[test]
    fn every_short_instruction_stands_for_one_that_is_known() {
        for half in 0..=u16::MAX {
            if let Some(word) = expand(half) {
                assert!(table::find(word).is_some(), "{half:#06x} -> {word:#010x}");
            }
        }
    }

    /// Adding zero is a move, which has a short form of its own.
    const ADDS_ZERO: (u32, u32) = (0xfff0_707f, OP_IMM);

    #[test]
    fn what_is_shortened_stays_the_same() {
        let mut shortened = 0;
        for half in 0..=u16::MAX {
            let Some(word) = expand(half).filter(|word| word & ADDS_ZERO.0 != ADDS_ZERO.1) else { continue };
            if let Some(short) = compress(word) {
                shortened += 1;
                let again = expand(short).expect("what is made is valid");
                assert_eq!(again, word, "{half:#06x} -> {word:#010x} -> {short:#06x} -> {again:#010x}");
            }
        }
        assert!(shortened > 10_000);
    }

    #[test]
    fn the_all_zero_halfword_is_no_instruction() {
        assert_eq!(expand(0), None);
    }

    #[test]
    fn known_pairs_are_those_of_a_real_assembler() {
        let pairs: [(u16, u32); 12] = [
            (0x7179, 0xfd01_0113), // addi sp, sp, -48
            (0xe006, 0x0011_3023), // sd ra, 0(sp)
            (0xf466, 0x0391_3423), // sd s9, 40(sp)
            (0x6082, 0x0001_3083), // ld ra, 0(sp)
            (0x1121, 0xfe81_0113), // addi sp, sp, -24
            (0x0034, 0x0081_0693), // addi a3, sp, 8
            (0x8e19, 0x40e6_0633), // sub a2, a2, a4
            (0x4341, 0x0100_0313), // li t1, 16
            (0x6385, 0x0000_13b7), // lui t2, 1
            (0x7ffd, 0xffff_ffb7), // lui t6, -1
            (0x3fe1, 0xff8f_8f9b), // addiw t6, t6, -8
            (0x9636, 0x00d6_0633), // add a2, a2, a3
        ];
        for (half, word) in pairs {
            assert_eq!(expand(half), Some(word), "{half:#06x}");
            assert_eq!(compress(word), Some(half), "{word:#010x}");
        }
    }
}
