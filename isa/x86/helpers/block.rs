//! Sixteen bytes of a vector register, as helpers take and give them.

use rcsim_uop::isa::{HelperBody, HelperDecl, HelperMemory, HelperOperand, HelperProvenance};
use rcsim_uop::{Guest, Reg};

/// A helper that computes 16 bytes in `a` from the 16 bytes in `b`. Shuffles may move pointers, so provenance joins.
pub const fn of_one(name: &'static str, body: HelperBody) -> HelperDecl {
    HelperDecl {
        name,
        reads: &[HelperOperand::Arg(1, 2)],
        writes: &[HelperOperand::Arg(0, 2)],
        memory: HelperMemory::None,
        provenance: HelperProvenance::Joins,
        body,
    }
}

/// A helper that computes 16 bytes in `a` from those in `b` and `c`.
pub const fn of_two(name: &'static str, body: HelperBody) -> HelperDecl {
    HelperDecl {
        name,
        reads: &[HelperOperand::Arg(1, 2), HelperOperand::Arg(2, 2)],
        writes: &[HelperOperand::Arg(0, 2)],
        memory: HelperMemory::None,
        provenance: HelperProvenance::Joins,
        body,
    }
}

/// Read 16 bytes, the low slot in the low half.
pub fn get(guest: &dyn Guest, reg: Reg) -> u128 {
    u128::from(guest.reg(reg.plus(1))) << 64 | u128::from(guest.reg(reg))
}

/// Write 16 bytes.
pub fn set(guest: &mut dyn Guest, reg: Reg, value: u128) {
    guest.set_reg(reg, value as u64);
    guest.set_reg(reg.plus(1), (value >> 64) as u64);
}

/// Lane number `index` of `bits` bits.
pub const fn lane(value: u128, bits: u32, index: u32) -> u64 {
    (value >> (bits * index)) as u64 & (u64::MAX >> (64 - bits))
}

/// Sixteen bytes from their lanes of `bits` bits, computed one by one.
pub fn from_lanes(bits: u32, mut make: impl FnMut(u32) -> u64) -> u128 {
    let mask = u64::MAX >> (64 - bits);
    (0..128 / bits).fold(0, |value, index| value | u128::from(make(index) & mask) << (bits * index))
}
