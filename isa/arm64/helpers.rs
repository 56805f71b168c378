//! Operations too odd for a micro-op of their own: CRC steps, AES rounds, reordering of bytes, sums across lanes.
//!
//! Each is declared with what it touches. Vector helpers read two-slot registers in `b` and `c` and write the one in `a`;
//! scalar helpers do the same with single slots.

mod aes;
mod bytes;
mod crc;
mod sha;
pub mod sha_step;

use rcsim_uop::isa::{HelperBody, HelperDecl, HelperMemory, HelperOperand, HelperProvenance};
use rcsim_uop::op::Op;
use rcsim_uop::reg::ZERO;
use rcsim_uop::{Guest, Reg};

/// CRC-32 of one value: `a` = step from `b` over the low bytes of `c`.
pub const CRC32: u16 = 0;
/// Bit of the immediate of [`CRC32`] that selects Castagnoli's polynomial.
pub const CASTAGNOLI: u32 = 0x100;
/// Number of ones in each byte.
pub const COUNT_ONES: u16 = 1;
/// Lanes in reverse order within larger ones; the immediate has the bits of the larger, and from bit 8 on of the lanes.
pub const REVERSE: u16 = 2;
/// One value from all lanes, see [`reduction`].
pub const REDUCE: u16 = 3;
/// AESE, and AESD when the immediate is 1: the round of `c` with the key `b`, or the other way round, since they are
/// added.
pub const AES_ROUND: u16 = 4;
/// AESMC, and AESIMC when the immediate is 1.
pub const AES_MIX: u16 = 5;

/// A step of SHA-1 or SHA-256: `a` with `b` and `c`, the immediate from [`sha_step`].
pub const SHA_WORDS: u16 = 6;
/// A step of SHA-512, likewise.
pub const SHA_DOUBLES: u16 = 7;
/// Product without carries; of the high halves when the immediate is 1.
pub const CARRYLESS: u16 = 8;

/// The immediate of [`REDUCE`]: one of these, the lanes' bits from bit 8 on, the number of lanes from bit 16 on.
pub mod reduction {
    /// The sum, as wide as the lanes.
    pub const SUM: u32 = 0;
    /// The sum, twice as wide as the lanes.
    pub const LONG_SUM: u32 = 1;
    /// The largest.
    pub const MAX: u32 = 2;
    /// The smallest.
    pub const MIN: u32 = 3;
    /// Lanes are signed.
    pub const SIGNED: u32 = 4;
}

/// All helpers, in the order of their numbers.
pub static ALL: &[HelperDecl] = &[
    HelperDecl {
        name: "crc32",
        reads: &[HelperOperand::Arg(1, 1), HelperOperand::Arg(2, 1)],
        writes: &[HelperOperand::Arg(0, 1)],
        memory: HelperMemory::None,
        provenance: HelperProvenance::Drops,
        body: crc::step,
    },
    on_vectors("count ones in bytes", bytes::count_ones),
    on_vectors("reverse lanes", bytes::reverse),
    on_vectors("reduce lanes", bytes::reduce),
    on_vectors("AES round", aes::round),
    on_vectors("AES mix columns", aes::mix),
    onto_vectors("SHA-1 or SHA-256 step", sha::words_step),
    onto_vectors("SHA-512 step", sha::doubles_step),
    on_vectors("carry-less product", sha::carryless_product),
];

/// A helper that reads its destination too.
const fn onto_vectors(name: &'static str, body: HelperBody) -> HelperDecl {
    HelperDecl {
        reads: &[HelperOperand::Arg(0, 2), HelperOperand::Arg(1, 2), HelperOperand::Arg(2, 2)],
        ..on_vectors(name, body)
    }
}

const fn on_vectors(name: &'static str, body: HelperBody) -> HelperDecl {
    HelperDecl {
        name,
        reads: &[HelperOperand::Arg(1, 2), HelperOperand::Arg(2, 2)],
        writes: &[HelperOperand::Arg(0, 2)],
        memory: HelperMemory::None,
        provenance: HelperProvenance::Drops,
        body,
    }
}

/// A helper on single slots.
pub const fn scalar(id: u16, a: Reg, b: Reg, c: Reg, imm: u32) -> Op {
    Op::Helper { id, a, b, c, d: ZERO, imm }
}

/// A helper on vectors of two slots.
pub const fn vector(id: u16, a: Reg, b: Reg, c: Reg, imm: u32) -> Op {
    Op::Helper { id, a, b, c, d: ZERO, imm }
}

/// The bytes of a vector register.
fn load(guest: &dyn Guest, reg: Reg) -> [u8; 16] {
    let value = u128::from(guest.reg(reg.plus(1))) << 64 | u128::from(guest.reg(reg));
    value.to_le_bytes()
}

fn store(guest: &mut dyn Guest, reg: Reg, bytes: [u8; 16]) {
    let value = u128::from_le_bytes(bytes);
    guest.set_reg(reg, value as u64);
    guest.set_reg(reg.plus(1), (value >> 64) as u64);
}
