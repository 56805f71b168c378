//! Operations too odd for a micro-op of their own: widening and narrowing of floating-point bits, division of 128 bits,
//! permutations.
//!
//! Each is declared with what it touches. Vector helpers read two-slot registers in `b`, `c` and `d` and write the one in
//! `a`; scalar helpers do the same with single slots.

mod float_bits;
mod integer;
mod lanes;
mod permute;

use rcsim_uop::Reg;
use rcsim_uop::isa::{HelperBody, HelperDecl, HelperMemory, HelperOperand, HelperProvenance};
use rcsim_uop::op::Op;
use rcsim_uop::reg::ZERO;

pub use lanes::LaneOp;

/// `a` = the single in `b` as a double.
pub const WIDEN: u16 = 0;
/// `a` = the double in `b` as a single.
pub const NARROW: u16 = 1;
/// `a` = the quotient of `b` followed by 64 zeros, and `c`.
pub const DIVIDE_EXTENDED_U: u16 = 2;
/// The same, signed.
pub const DIVIDE_EXTENDED_S: u16 = 3;
/// `a` = bytes of ones where those of `b` and `c` are equal.
pub const COMPARE_BYTES: u16 = 4;
/// `a` = bytes of `b` and `c` that the bytes of `d` name.
pub const PERMUTE: u16 = 5;
/// `a` = the bytes of `b` and `c` from the immediate's number on.
pub const SHIFT_BYTES: u16 = 6;
/// `a` = the permutation that shifts left (immediate 1) or right by the low four bits of the address in `b`.
pub const SHIFT_PATTERN: u16 = 7;

/// `a` = the bits of `b` that the bytes of `c` name.
pub const PERMUTE_BITS: u16 = 8;
/// `a` = an operation on each lane of `b` and `c`; the immediate says which, see [`LaneOp::in_lanes`].
pub const LANES: u16 = 9;

const fn scalar_decl(name: &'static str, body: HelperBody) -> HelperDecl {
    HelperDecl {
        name,
        reads: &[HelperOperand::Arg(1, 1), HelperOperand::Arg(2, 1)],
        writes: &[HelperOperand::Arg(0, 1)],
        memory: HelperMemory::None,
        provenance: HelperProvenance::Drops,
        body,
    }
}

const fn vector_decl(name: &'static str, reads: &'static [HelperOperand], body: HelperBody) -> HelperDecl {
    HelperDecl {
        name,
        reads,
        writes: &[HelperOperand::Arg(0, 2)],
        memory: HelperMemory::None,
        provenance: HelperProvenance::Drops,
        body,
    }
}

/// All helpers, in the order of their numbers.
pub static ALL: &[HelperDecl] = &[
    scalar_decl("widen", float_bits::widen),
    scalar_decl("narrow", float_bits::narrow),
    scalar_decl("divdeu", integer::divide_extended_unsigned),
    scalar_decl("divde", integer::divide_extended_signed),
    scalar_decl("cmpb", integer::compare_bytes),
    vector_decl(
        "vperm",
        &[HelperOperand::Arg(1, 2), HelperOperand::Arg(2, 2), HelperOperand::Arg(3, 2)],
        permute::permute,
    ),
    vector_decl("vsldoi", &[HelperOperand::Arg(1, 2), HelperOperand::Arg(2, 2)], permute::shift_bytes),
    vector_decl("lvsl", &[HelperOperand::Arg(1, 1)], permute::shift_pattern),
    vector_decl("vbpermq", &[HelperOperand::Arg(1, 2), HelperOperand::Arg(2, 2)], permute::permute_bits),
    vector_decl("lanes", &[HelperOperand::Arg(1, 2), HelperOperand::Arg(2, 2)], lanes::apply),
];

/// A helper on single slots.
pub const fn scalar(id: u16, a: Reg, b: Reg, c: Reg, imm: u32) -> Op {
    Op::Helper { id, a, b, c, d: ZERO, imm }
}

/// A helper on two-slot registers.
pub const fn vector(id: u16, a: Reg, b: Reg, c: Reg, d: Reg, imm: u32) -> Op {
    Op::Helper { id, a, b, c, d, imm }
}
