//! Rounds and message schedules of SHA-1, SHA-256 and SHA-512 as the Arm instructions cut them (Arm ARM C7.2, the
//! functions SHA256hash and SHAhash...; FIPS 180-4 names the functions).
//!
//! Each combines the destination `a` with `b` and `c`; the immediate says which.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperTrap};

use super::sha_step::{self as step, Double, Word};
use super::{load, store};

fn words(bytes: [u8; 16]) -> [Word; 4] {
    std::array::from_fn(|n| u32::from_le_bytes(std::array::from_fn(|byte| bytes[4 * n + byte])))
}

fn doubles(bytes: [u8; 16]) -> [Double; 2] {
    std::array::from_fn(|n| u64::from_le_bytes(std::array::from_fn(|byte| bytes[8 * n + byte])))
}

/// The steps on four 32-bit words.
pub fn words_step(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [d, n, m] = [0, 1, 2].map(|operand| words(load(guest, args.regs[operand])));
    let result = match args.imm {
        step::SHA1C => step::sha1_rounds(d, n[0], m, step::choose),
        step::SHA1P => step::sha1_rounds(d, n[0], m, step::parity),
        step::SHA1M => step::sha1_rounds(d, n[0], m, step::majority),
        step::SHA1H => [n[0].rotate_left(30), 0, 0, 0],
        step::SHA1SU0 => step::sha1_schedule_0(d, n, m),
        step::SHA1SU1 => step::sha1_schedule_1(d, n),
        step::SHA256H => step::sha256_rounds(d, n, m).0,
        step::SHA256H2 => step::sha256_rounds(n, d, m).1,
        step::SHA256SU0 => step::sha256_schedule_0(d, n),
        _ => step::sha256_schedule_1(d, n, m),
    };
    let mut bytes = [0; 16];
    for (place, word) in bytes.chunks_exact_mut(4).zip(result) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    store(guest, args.regs[0], bytes);
    Ok(())
}

/// The steps on two 64-bit words.
pub fn doubles_step(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [d, n, m] = [0, 1, 2].map(|operand| doubles(load(guest, args.regs[operand])));
    let [low, high] = match args.imm {
        step::SHA512H => step::sha512_rounds_1(d, n, m),
        step::SHA512H2 => step::sha512_rounds_2(d, n, m),
        step::SHA512SU0 => step::sha512_schedule_0(d, n),
        _ => step::sha512_schedule_1(d, n, m),
    };
    store(guest, args.regs[0], (u128::from(high) << 64 | u128::from(low)).to_le_bytes());
    Ok(())
}

/// PMULL: the product without carries of the low halves of `b` and `c`, or of the high halves when the immediate is 1.
pub fn carryless_product(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let half = usize::from(args.imm != 0);
    let (a, b) = (doubles(load(guest, args.regs[1]))[half], doubles(load(guest, args.regs[2]))[half]);
    let product = (0..64).filter(|bit| b >> bit & 1 != 0).fold(0, |sum, bit| sum ^ u128::from(a) << bit);
    store(guest, args.regs[0], product.to_le_bytes());
    Ok(())
}
