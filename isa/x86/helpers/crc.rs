//! Polynomials over the field of two elements: carry-less products and CRC-32C.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperDecl, HelperMemory, HelperOperand, HelperProvenance, HelperTrap};

use super::block::{get, lane, of_two, set};

/// See [`super::HelperId::CarrylessMultiply`].
pub const CARRYLESS_MULTIPLY: HelperDecl = of_two("carryless_multiply", carryless_multiply);

/// See [`super::HelperId::Crc32`].
pub const CRC32: HelperDecl = HelperDecl {
    name: "crc32",
    reads: &[HelperOperand::Arg(0, 1), HelperOperand::Arg(1, 1)],
    writes: &[HelperOperand::Arg(0, 1)],
    memory: HelperMemory::None,
    provenance: HelperProvenance::Drops,
    body: crc32,
};

/// The polynomial of CRC-32C, lowest power in the top bit.
const CASTAGNOLI: u32 = 0x82f6_3b78;

fn carryless_multiply(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let a = lane(get(guest, args.regs[1]), 64, args.imm & 1);
    let b = lane(get(guest, args.regs[2]), 64, args.imm >> 4 & 1);
    let product = (0..64).filter(|bit| b >> bit & 1 != 0).fold(0, |sum, bit| sum ^ u128::from(a) << bit);
    set(guest, args.regs[0], product);
    Ok(())
}

fn crc32(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let mut crc = guest.reg(args.regs[0]) as u32;
    for byte in guest.reg(args.regs[1]).to_le_bytes().into_iter().take(args.imm as usize / 8) {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 != 0 { CASTAGNOLI } else { 0 };
        }
    }
    guest.set_reg(args.regs[0], u64::from(crc));
    Ok(())
}
