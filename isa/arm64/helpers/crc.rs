//! CRC-32, bit by bit: rarely executed, so plainness wins.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperTrap};

use super::CASTAGNOLI;

/// The polynomials with the lowest power in the top bit, as both CRCs process bits (Arm ARM C6.2.79).
const ETHERNET: u32 = 0xedb8_8320;
const ISCSI: u32 = 0x82f6_3b78;

/// `a` = the CRC in `b` continued over the low bytes of `c`; the immediate holds their number and the polynomial.
pub fn step(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, crc, data, _] = args.regs;
    let polynomial = if args.imm & CASTAGNOLI != 0 { ISCSI } else { ETHERNET };
    let bytes = guest.reg(data).to_le_bytes();
    let count = (args.imm & 0xf) as usize;
    let crc = bytes[..count.min(8)].iter().fold(guest.reg(crc) as u32, |crc, byte| over_byte(crc, *byte, polynomial));
    guest.set_reg(dst, u64::from(crc));
    Ok(())
}

fn over_byte(crc: u32, byte: u8, polynomial: u32) -> u32 {
    (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ if crc & 1 != 0 { polynomial } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the two CRCs over the nine digits (RFC 3720 and ITU-T V.42).
    #[test]
    fn both_polynomials_give_their_published_check_values() {
        let over = |polynomial| b"123456789".iter().fold(!0, |crc, byte| over_byte(crc, *byte, polynomial));
        assert_eq!(!over(ETHERNET), 0xcbf4_3926);
        assert_eq!(!over(ISCSI), 0xe306_9283);
    }
}
