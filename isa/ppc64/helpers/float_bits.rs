//! Singles in registers that hold doubles, bit by bit (Power ISA 2.07, book I, 4.6.2 and 4.6.3).
//!
//! Loading a single keeps a signalling NaN as it is, and storing one truncates; conversions of values do neither.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperTrap};

/// `a` = the single in the low word of `b` as a double.
pub fn widen(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, src, ..] = args.regs;
    let bits = guest.reg(src) as u32;
    guest.set_reg(dst, double_of(bits));
    Ok(())
}

/// `a` = the double in `b` as a single.
pub fn narrow(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, src, ..] = args.regs;
    let bits = guest.reg(src);
    guest.set_reg(dst, u64::from(single_of(bits)));
    Ok(())
}

/// A single's bits as a double's.
fn double_of(bits: u32) -> u64 {
    let value = f32::from_bits(bits);
    if value.is_nan() {
        let sign = u64::from(bits >> 31) << 63;
        return sign | 0x7ff << 52 | u64::from(bits & 0x007f_ffff) << 29;
    }
    f64::from(value).to_bits()
}

/// The exponent field of the smallest double that is a normal single.
const FIRST_NORMAL: u64 = 1023 - 126;
/// The exponent field of the smallest double that is a denormal single.
const FIRST_DENORMAL: u64 = FIRST_NORMAL - 23;

/// A double's bits as a single's: what does not fit is cut off.
fn single_of(bits: u64) -> u32 {
    let sign = (bits >> 32) as u32 & 0x8000_0000;
    let exponent = bits >> 52 & 0x7ff;
    if exponent >= FIRST_NORMAL || bits << 1 == 0 {
        return (bits >> 32) as u32 & 0xc000_0000 | (bits >> 29) as u32 & 0x3fff_ffff;
    }
    if exponent < FIRST_DENORMAL {
        // Undefined by the manual; zero, as the shift that hardware does leaves it.
        return sign;
    }
    let fraction = (1_u64 << 52 | bits & 0x000f_ffff_ffff_ffff) >> 29;
    sign | (fraction >> (FIRST_NORMAL - exponent)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_survives_being_loaded_and_stored() {
        let odd = [0, 1, 0x8000_0001, 0x0040_0000, 0x007f_ffff, 0x0080_0000, 0x3f80_0000, 0x7f7f_ffff, 0xff80_0000];
        let nans = [0x7fc0_0000, 0x7f80_0001, 0xff80_0123];
        for bits in odd.into_iter().chain(nans) {
            assert_eq!(single_of(double_of(bits)), bits, "{bits:#x}");
        }
    }

    #[test]
    fn a_signalling_nan_stays_one() {
        assert_eq!(double_of(0x7f80_0001), 0x7ff0_0000_2000_0000);
    }
}
