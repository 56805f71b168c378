//! Vector instructions that Go's toolchain puts into programs: recognised for disassembly, not modelled.

use super::{Format, Meaning, Row, row};
use crate::loong::features::Extension;

/// The operands of a vector instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operands {
    /// `vd, vj, vk`.
    Three,
    /// `vd, vj`.
    Two,
    /// `vd, vj, ui8`.
    Byte,
    /// `vd, vj, ui5`.
    Shift5,
    /// `vd, vj, ui6`.
    Shift6,
    /// `vd, rj, si12`.
    Memory,
    /// `vd, rj, si10`, counted in words.
    Repeated,
    /// `vd, rj, lane`, one bit.
    Insert1,
    /// `rd, vj, lane`, one bit.
    Pick1,
    /// `rd, vj, lane`, two bits.
    Pick2,
    /// `vd, rj`.
    FromInt,
    /// `cd, vj`.
    Test,
}

impl Operands {
    /// The bits that are no operands.
    pub const fn mask(self) -> u32 {
        match self {
            Self::Three | Self::Shift5 => 0xffff_8000,
            Self::Two | Self::FromInt => 0xffff_fc00,
            Self::Byte => 0xfffc_0000,
            Self::Shift6 => 0xffff_0000,
            Self::Memory => 0xffc0_0000,
            Self::Repeated => 0xfff0_0000,
            Self::Insert1 | Self::Pick1 => 0xffff_f800,
            Self::Pick2 => 0xffff_f000,
            Self::Test => 0xffff_fc18,
        }
    }
}

const fn short(name: &'static str, bits: u32, operands: Operands) -> Row {
    row(name, bits, Format::Vector(operands), Meaning::NotModelled, Extension::Lsx)
}

const fn long(name: &'static str, bits: u32, operands: Operands) -> Row {
    row(name, bits, Format::Vector(operands), Meaning::NotModelled, Extension::Lasx)
}

/// Those of 128 bits (LSX) and of 256 bits (LASX).
pub const ROWS: &[Row] = &[
    short("vld", 0x2c00_0000, Operands::Memory),
    short("vst", 0x2c40_0000, Operands::Memory),
    short("vldrepl.w", 0x3020_0000, Operands::Repeated),
    short("vadd.w", 0x700b_0000, Operands::Three),
    short("vadd.d", 0x700b_8000, Operands::Three),
    short("vand.v", 0x7126_0000, Operands::Three),
    short("vxor.v", 0x7127_0000, Operands::Three),
    short("vseq.b", 0x7000_0000, Operands::Three),
    short("vseq.d", 0x7001_8000, Operands::Three),
    short("vandi.b", 0x73d0_0000, Operands::Byte),
    short("vslli.d", 0x732d_0000, Operands::Shift6),
    short("vrotri.w", 0x72a0_8000, Operands::Shift5),
    short("vpcnt.d", 0x729c_2c00, Operands::Two),
    short("vsetnez.v", 0x729c_9c00, Operands::Test),
    short("vsetanyeqz.b", 0x729c_a000, Operands::Test),
    short("vsetallnez.d", 0x729c_bc00, Operands::Test),
    short("vreplgr2vr.b", 0x729f_0000, Operands::FromInt),
    short("vreplgr2vr.w", 0x729f_0800, Operands::FromInt),
    short("vinsgr2vr.d", 0x72eb_f000, Operands::Insert1),
    short("vpickve2gr.d", 0x72ef_f000, Operands::Pick1),
    long("xvld", 0x2c80_0000, Operands::Memory),
    long("xvst", 0x2cc0_0000, Operands::Memory),
    long("xvadd.d", 0x740b_8000, Operands::Three),
    long("xvand.v", 0x7526_0000, Operands::Three),
    long("xvxor.v", 0x7527_0000, Operands::Three),
    long("xvseq.b", 0x7400_0000, Operands::Three),
    long("xvseq.d", 0x7401_8000, Operands::Three),
    long("xvandi.b", 0x77d0_0000, Operands::Byte),
    long("xvpcnt.d", 0x769c_2c00, Operands::Two),
    long("xvsetnez.v", 0x769c_9c00, Operands::Test),
    long("xvsetanyeqz.b", 0x769c_a000, Operands::Test),
    long("xvsetallnez.d", 0x769c_bc00, Operands::Test),
    long("xvreplgr2vr.b", 0x769f_0000, Operands::FromInt),
    long("xvpickve2gr.d", 0x76ef_e000, Operands::Pick2),
];

/// The feature of a word that no row describes, but that lies where the manual puts vector instructions (volume 1, appendix
/// B, and volume 2).
#[must_use]
pub const fn region(word: u32) -> Option<Extension> {
    match word >> 24 {
        // Fused multiply-adds and selections.
        0x09 | 0x0d => Some(Extension::Lsx),
        0x0a | 0x0e => Some(Extension::Lasx),
        0x2c => Some(Extension::Lsx),
        // Loads and stores of one lane, and indexed ones.
        0x30 | 0x31 => Some(Extension::Lsx),
        0x32 | 0x33 => Some(Extension::Lasx),
        0x38 => match word >> 16 & 0xff {
            0x40..=0x47 => Some(Extension::Lsx),
            0x48..=0x4f => Some(Extension::Lasx),
            _ => None,
        },
        0x70..=0x73 => Some(Extension::Lsx),
        0x74..=0x77 => Some(Extension::Lasx),
        _ => None,
    }
}
