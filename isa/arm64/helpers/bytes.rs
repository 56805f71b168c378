//! Bytes and lanes of a vector, counted, reordered, summed up.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperTrap};

use super::{load, reduction, store};

/// CNT.
pub fn count_ones(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, src, ..] = args.regs;
    let counted = load(guest, src).map(|byte| byte.count_ones() as u8);
    store(guest, dst, counted);
    Ok(())
}

/// REV16, REV32, REV64.
pub fn reverse(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, src, ..] = args.regs;
    let (large, small) = ((args.imm & 0xff) as usize / 8, (args.imm >> 8) as usize / 8);
    let reversed = reversed(load(guest, src), large, small);
    store(guest, dst, reversed);
    Ok(())
}

/// Lanes of `small` bytes in reverse order within each `large` bytes.
fn reversed(bytes: [u8; 16], large: usize, small: usize) -> [u8; 16] {
    std::array::from_fn(|at| {
        let (start, within) = (at - at % large, at % large);
        bytes[start + (large - small - (within - within % small)) + within % small]
    })
}

/// ADDV, UADDLV, SADDLV, UMAXV and the other extremes. All above the result is cleared.
pub fn reduce(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, src, ..] = args.regs;
    let (bits, lanes) = (args.imm >> 8 & 0xff, args.imm >> 16);
    let vector = u128::from_le_bytes(load(guest, src));
    let signed = args.imm & reduction::SIGNED != 0;
    let values = (0..lanes).map(|n| lane(vector, bits, n, signed));
    let (result, bits) = match args.imm & 3 {
        reduction::SUM => (values.sum(), bits),
        reduction::LONG_SUM => (values.sum(), 2 * bits),
        reduction::MAX => (values.max().unwrap_or(0), bits),
        _ => (values.min().unwrap_or(0), bits),
    };
    guest.set_reg(dst, result as u64 & (u64::MAX >> (64 - bits)));
    guest.set_reg(dst.plus(1), 0);
    Ok(())
}

fn lane(vector: u128, bits: u32, n: u32, signed: bool) -> i64 {
    let unused = 64 - bits;
    let raw = ((vector >> (n * bits)) as u64) << unused;
    if signed { raw as i64 >> unused } else { (raw >> unused) as i64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTING: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    #[test]
    fn halves_change_places_within_words() {
        assert_eq!(reversed(COUNTING, 4, 2), [2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13]);
    }

    #[test]
    fn bytes_are_reversed_within_doublewords() {
        assert_eq!(reversed(COUNTING, 8, 1)[..8], [7, 6, 5, 4, 3, 2, 1, 0]);
    }

    #[test]
    fn a_lane_is_read_with_its_sign() {
        assert_eq!(lane(0xff80, 8, 0, true), -128);
        assert_eq!(lane(0xff80, 8, 1, false), 255);
    }
}
