//! Operations too odd for a micro-op of their own: CRC steps, table lookups, AES and SHA rounds, lane reductions.
//!
//! Each is declared with what it touches. Vector helpers read two-slot registers in `b`, `c` and `d` and write the one in
//! `a`; scalar helpers do the same with single slots.

mod crc;

use rcsim_uop::Reg;
use rcsim_uop::isa::{HelperDecl, HelperMemory, HelperOperand, HelperProvenance};
use rcsim_uop::op::Op;
use rcsim_uop::reg::ZERO;

/// CRC-32 of one value: `a` = step from `b` over the low bytes of `c`.
pub const CRC32: u16 = 0;
/// Bit of the immediate of [`CRC32`] that selects Castagnoli's polynomial.
pub const CASTAGNOLI: u32 = 0x100;

/// All helpers, in the order of their numbers.
pub static ALL: &[HelperDecl] = &[HelperDecl {
    name: "crc32",
    reads: &[HelperOperand::Arg(1, 1), HelperOperand::Arg(2, 1)],
    writes: &[HelperOperand::Arg(0, 1)],
    memory: HelperMemory::None,
    provenance: HelperProvenance::Drops,
    body: crc::step,
}];

/// A helper on single slots.
pub const fn scalar(id: u16, a: Reg, b: Reg, c: Reg, imm: u32) -> Op {
    Op::Helper { id, a, b, c, d: ZERO, imm }
}
