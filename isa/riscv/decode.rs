//! From bytes to operands, and to text.
//!
//! Short instructions are expanded first, so that the rest of the folder knows 32-bit ones only; the length is kept.

use std::fmt::Write;

use rcsim_uop::fp::FpRound;
use rcsim_uop::isa::CodeView;
use rcsim_uop::{LiftError, Reg};

use super::compressed;
use super::features::VECTOR;
use super::pseudo;
use super::regs::{self, FLOAT_NAMES, INT_NAMES};
use super::table::{self, Format, Row};

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

/// What kind of instruction the bytes are.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One of the table.
    Known(&'static Row),
    /// One of the vector extension.
    Vector,
    /// One that is defined to be undefined: all bits zero.
    Undefined,
}

/// One decoded instruction.
#[derive(Clone, Copy, Debug)]
pub struct Insn {
    /// Its address.
    pub pc: u64,
    /// Bytes: 2 or 4.
    pub len: u8,
    /// The 32-bit form.
    pub word: u32,
    /// The bytes as they stand in memory, as a number.
    raw: u32,
    /// What it is.
    pub kind: Kind,
}

/// Decode the instruction at `pc`.
///
/// # Errors
/// When nothing executable is there, or no instruction.
pub fn decode(code: &dyn CodeView, pc: u64) -> Result<Insn, LiftError> {
    let mut bytes = [0; 4];
    let there = code.fetch(pc, &mut bytes);
    let raw = u32::from_le_bytes(bytes);
    let len = if raw & 3 == 3 { 4 } else { 2 };
    if !pc.is_multiple_of(2) {
        return Err(LiftError::Fetch { pc });
    }
    if there < len {
        // The first byte that is missing: an instruction may lie across two pages.
        return Err(LiftError::Fetch { pc: pc.wrapping_add(there as u64) });
    }
    let undefined = || LiftError::Undefined { pc, bytes: bytes[..len].to_vec() };
    let raw = if len == 2 { raw & 0xffff } else { raw };
    let (word, kind) = if len == 2 {
        match (raw as u16, compressed::expand(raw as u16)) {
            (0, _) => (0, Kind::Undefined),
            (_, Some(word)) => (word, kind_of(word).ok_or_else(undefined)?),
            (_, None) => return Err(undefined()),
        }
    } else {
        (raw, kind_of(raw).ok_or_else(undefined)?)
    };
    Ok(Insn { pc, len: len as u8, word, raw, kind })
}

fn kind_of(word: u32) -> Option<Kind> {
    table::find(word).map(Kind::Known).or_else(|| is_vector(word).then_some(Kind::Vector))
}

/// Vector arithmetic has a major opcode of its own; vector loads and stores share that of floating point, with the widths
/// that scalars do not use (manual 31.3).
const fn is_vector(word: u32) -> bool {
    let width = word >> 12 & 7;
    match word & 0x7f {
        0x57 => true,
        0x07 | 0x27 => matches!(width, 0 | 5 | 6 | 7),
        _ => false,
    }
}

impl Insn {
    const fn field(&self, lsb: u32, len: u32) -> u8 {
        (self.word >> lsb & ((1 << len) - 1)) as u8
    }

    /// Number of the result register.
    #[must_use]
    pub const fn rd_number(&self) -> u8 {
        self.field(7, 5)
    }

    /// Number of the first operand.
    #[must_use]
    pub const fn rs1_number(&self) -> u8 {
        self.field(15, 5)
    }

    /// Number of the second operand.
    #[must_use]
    pub const fn rs2_number(&self) -> u8 {
        self.field(20, 5)
    }

    /// Slot of the integer result.
    #[must_use]
    pub const fn rd(&self) -> Reg {
        regs::x_out(self.rd_number())
    }

    /// Slot of the first integer operand.
    #[must_use]
    pub const fn rs1(&self) -> Reg {
        regs::x(self.rs1_number())
    }

    /// Slot of the second integer operand.
    #[must_use]
    pub const fn rs2(&self) -> Reg {
        regs::x(self.rs2_number())
    }

    /// Whether the second operand is `x0`.
    #[must_use]
    pub const fn compares_with_zero(&self) -> bool {
        self.rs2_number() == 0
    }

    /// Slot of the floating-point result.
    #[must_use]
    pub const fn fd(&self) -> Reg {
        regs::f(self.rd_number())
    }

    /// Slot of the first floating-point operand.
    #[must_use]
    pub const fn fs1(&self) -> Reg {
        regs::f(self.rs1_number())
    }

    /// Slot of the second floating-point operand.
    #[must_use]
    pub const fn fs2(&self) -> Reg {
        regs::f(self.rs2_number())
    }

    /// Slot of the third floating-point operand.
    #[must_use]
    pub const fn fs3(&self) -> Reg {
        regs::f(self.field(27, 5))
    }

    /// The constant of I-type instructions.
    #[must_use]
    pub const fn imm(&self) -> i32 {
        self.word as i32 >> 20
    }

    /// The constant of stores.
    #[must_use]
    pub const fn store_imm(&self) -> i32 {
        (self.word as i32 >> 25) << 5 | (self.word >> 7 & 31) as i32
    }

    /// The constant of LUI and AUIPC.
    #[must_use]
    pub const fn upper(&self) -> i32 {
        (self.word & 0xffff_f000) as i32
    }

    /// A shift amount of six bits.
    #[must_use]
    pub const fn shamt(&self) -> u8 {
        self.field(20, 6)
    }

    /// Number of a control and status register.
    #[must_use]
    pub const fn csr(&self) -> u32 {
        self.word >> 20
    }

    /// The rounding mode, when it is a valid one.
    #[must_use]
    pub const fn rounding(&self) -> Option<FpRound> {
        table::rounding(self.word >> 12 & 7)
    }

    /// Where a conditional branch goes.
    #[must_use]
    pub const fn branch_target(&self) -> u64 {
        let word = self.word;
        let distance = (word as i32 >> 31) << 12
            | ((word >> 7 & 1) << 11 | (word >> 25 & 0x3f) << 5 | (word >> 8 & 0xf) << 1) as i32;
        self.pc.wrapping_add(distance as u64)
    }

    /// Where JAL goes.
    #[must_use]
    pub const fn jump_target(&self) -> u64 {
        let word = self.word;
        let distance = (word as i32 >> 31) << 20
            | ((word >> 12 & 0xff) << 12 | (word >> 20 & 1) << 11 | (word >> 21 & 0x3ff) << 1) as i32;
        self.pc.wrapping_add(distance as u64)
    }

    /// Address of the instruction after this one.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.pc.wrapping_add(self.len as u64)
    }

    /// The bytes in memory order.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.raw.to_le_bytes()[..usize::from(self.len)].to_vec()
    }

    /// Text in the manual's syntax with absolute targets. A short instruction is written as the long one that it is.
    #[must_use]
    pub fn text(&self) -> String {
        match self.kind {
            Kind::Known(row) => pseudo::text(self, row.name, row.meaning)
                .unwrap_or_else(|| format!("{}{}", self.name(row), self.operands(row.format))),
            Kind::Vector => format!("vector instruction {:#010x} ({VECTOR})", self.word),
            Kind::Undefined => "unimp".to_owned(),
        }
    }

    /// The name with the ordering bits of atomics.
    fn name(&self, row: &Row) -> String {
        let ordering = match (row.format, self.field(25, 2)) {
            (Format::Atomic | Format::Reserve, 1) => ".rl",
            (Format::Atomic | Format::Reserve, 2) => ".aq",
            (Format::Atomic | Format::Reserve, 3) => ".aqrl",
            _ => "",
        };
        format!("{}{ordering}", row.name)
    }

    fn operands(&self, format: Format) -> String {
        let int = |n: u8| INT_NAMES[usize::from(n)];
        let float = |n: u8| FLOAT_NAMES[usize::from(n)];
        let (rd, rs1, rs2) = (self.rd_number(), self.rs1_number(), self.rs2_number());
        let mode = self.mode_name();
        match format {
            Format::R => format!(" {}, {}, {}", int(rd), int(rs1), int(rs2)),
            Format::I => format!(" {}, {}, {}", int(rd), int(rs1), hex(self.imm())),
            Format::ShiftLong => format!(" {}, {}, {:#x}", int(rd), int(rs1), self.shamt()),
            Format::ShiftShort => format!(" {}, {}, {rs2:#x}", int(rd), int(rs1)),
            Format::Two => format!(" {}, {}", int(rd), int(rs1)),
            Format::Load | Format::Jalr => format!(" {}, {}({})", int(rd), hex(self.imm()), int(rs1)),
            Format::Store => format!(" {}, {}({})", int(rs2), hex(self.store_imm()), int(rs1)),
            Format::FloatLoad => format!(" {}, {}({})", float(rd), hex(self.imm()), int(rs1)),
            Format::FloatStore => format!(" {}, {}({})", float(rs2), hex(self.store_imm()), int(rs1)),
            Format::Branch => format!(" {}, {}, {:#x}", int(rs1), int(rs2), self.branch_target()),
            Format::Upper => format!(" {}, {:#x}", int(rd), self.word >> 12),
            Format::Jal => format!(" {}, {:#x}", int(rd), self.jump_target()),
            Format::Fence => format!(" {}, {}", accesses(self.field(24, 4)), accesses(self.field(20, 4))),
            Format::None => String::new(),
            Format::Csr => format!(" {}, {}, {}", int(rd), csr_name(self.csr()), int(rs1)),
            Format::CsrImm => format!(" {}, {}, {:#x}", int(rd), csr_name(self.csr()), rs1),
            Format::Reserve => format!(" {}, ({})", int(rd), int(rs1)),
            Format::Atomic => format!(" {}, {}, ({})", int(rd), int(rs2), int(rs1)),
            Format::F => format!(" {}, {}, {}", float(rd), float(rs1), float(rs2)),
            Format::FRound => format!(" {}, {}, {}{mode}", float(rd), float(rs1), float(rs2)),
            Format::FFour => {
                let fs3 = float(self.field(27, 5));
                format!(" {}, {}, {}, {fs3}{mode}", float(rd), float(rs1), float(rs2))
            }
            Format::FTwo => format!(" {}, {}{mode}", float(rd), float(rs1)),
            Format::FCompare => format!(" {}, {}, {}", int(rd), float(rs1), float(rs2)),
            Format::FToInt => format!(" {}, {}{mode}", int(rd), float(rs1)),
            Format::FFromInt => format!(" {}, {}{mode}", float(rd), int(rs1)),
            Format::FMoveOut => format!(" {}, {}", int(rd), float(rs1)),
            Format::FMoveIn => format!(" {}, {}", float(rd), int(rs1)),
        }
    }

    /// The rounding mode as a last operand. That of `frm` goes without saying, and so does the nearest in conversions that
    /// are exact.
    fn mode_name(&self) -> &'static str {
        let is_exact = matches!(self.kind, Kind::Known(row) if EXACT.contains(&row.name));
        match self.word >> 12 & 7 {
            0 if is_exact => "",
            0 => ", rne",
            1 => ", rtz",
            2 => ", rdn",
            3 => ", rup",
            4 => ", rmm",
            7 => "",
            _ => ", invalid",
        }
    }
}

/// Conversions that never round.
const EXACT: [&str; 3] = ["fcvt.d.s", "fcvt.d.w", "fcvt.d.wu"];

/// A constant in hexadecimal with its sign.
#[must_use]
pub fn hex(value: i32) -> String {
    if value < 0 { format!("-{:#x}", value.unsigned_abs()) } else { format!("{value:#x}") }
}

/// Letters of the accesses that an ordering instruction names: device input and output, memory reads and writes.
fn accesses(bits: u8) -> String {
    let letters: String = [(8, 'i'), (4, 'o'), (2, 'r'), (1, 'w')]
        .into_iter()
        .filter(|(bit, _)| bits & bit != 0)
        .map(|(_, letter)| letter)
        .collect();
    if letters.is_empty() { "0".to_owned() } else { letters }
}

fn csr_name(csr: u32) -> String {
    let mut text = String::new();
    match csr {
        1 => text.push_str("fflags"),
        2 => text.push_str("frm"),
        3 => text.push_str("fcsr"),
        0xc00 => text.push_str("cycle"),
        0xc01 => text.push_str("time"),
        0xc02 => text.push_str("instret"),
        // Writing to a String cannot fail.
        _ => write!(text, "{csr:#x}").unwrap_or_default(),
    }
    text
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

    fn text(word: u32) -> String {
        decode(&Bytes(word.to_le_bytes().to_vec()), 0).expect("an instruction").text()
    }

    #[test]
    fn text_is_that_of_the_manual() {
        assert_eq!(text(0x0391_3423), "sd s9, 0x28(sp)");
        assert_eq!(text(0xfe81_0113), "addi sp, sp, -0x18");
        assert_eq!(text(0x0000_c034), "sw a3, 0x40(s0)");
        assert_eq!(text(0x02a5_75d3), "fadd.d fa1, fa0, fa0");
        assert_eq!(text(0x0200_0053), "fadd.d ft0, ft0, ft0, rne");
        assert_eq!(text(0x06b5_272f), "amoadd.w.aqrl a4, a1, (a0)");
        assert_eq!(text(0x0ff0_000f), "fence");
        assert_eq!(text(0xc010_2573), "rdtime a0");
    }

    #[test]
    fn half_an_instruction_is_none() {
        let code = Bytes(vec![0x13, 0x01]);
        assert_eq!(decode(&code, 0).err(), Some(LiftError::Fetch { pc: 2 }));
    }

    #[test]
    fn the_last_two_bytes_may_be_a_short_instruction() {
        let code = Bytes(vec![0x06, 0xe0]);
        assert_eq!(decode(&code, 0).expect("sd ra, 0(sp)").len, 2);
    }

    #[test]
    fn branches_reach_backward() {
        let insn = |word: u32| Insn { pc: 0x1000, len: 4, word, raw: word, kind: Kind::Undefined };
        assert_eq!(insn(0xf731_10e3).branch_target(), 0x1000 - 0xa0);
        assert_eq!(insn(0xf75f_f06f).jump_target(), 0x1000 - 0x8c);
    }
}
