//! What the CPU says about itself.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperTrap};
use rcsim_uop::op::Access;

use super::{CC, regs};

/// Facilities by number, bit 0 leftmost (Principles of Operation, "Facility Indications"): of a z13 without what depends on
/// the message-security assist, decimal floating point or transactions.
const FACILITIES: &[u32] = &[
    0,   // N3 instructions
    1,   // z/Architecture is installed
    2,   // and active
    7,   // store-facility-list-extended
    16,  // extended translation 2
    18,  // long displacement
    21,  // extended immediate
    25,  // store clock fast
    34,  // general instructions extension
    35,  // execute extensions
    41,  // floating-point support enhancement
    45,  // distinct operands, high word, load/store on condition, interlocked access
    49,  // miscellaneous instruction extensions
    53,  // load/store on condition 2
    129, // vector
];

const WORDS: u64 = 3;

fn word(number: u64) -> u64 {
    let in_word = |bit: &&u32| u64::from(**bit) / 64 == number;
    FACILITIES.iter().filter(in_word).fold(0, |word, bit| word | 1 << (63 - bit % 64))
}

/// STFLE: register 0 says how many doublewords there is room for less one, and then how many there would be.
pub fn facilities(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let to = guest.reg(args.regs[0]);
    let counter = guest.reg(regs::r(0));
    let room = (counter & 0xff) + 1;
    for number in 0..room.min(WORDS) {
        guest.store(to.wrapping_add(8 * number), Access::big(3), word(number))?;
    }
    guest.set_reg(regs::r(0), counter & !0xff | (WORDS - 1));
    guest.set_reg(CC, if room < WORDS { 3 } else { 0 });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_facility_stands_in_the_third_doubleword() {
        assert_eq!(word(2), 1 << (63 - 1));
        assert_eq!(word(0) >> 61, 7);
    }
}
