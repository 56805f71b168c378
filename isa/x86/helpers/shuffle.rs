//! Shuffles whose pattern stands in the instruction.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperDecl, HelperTrap};

use super::block::{from_lanes, get, lane, of_one, of_two, set};

/// See [`super::HelperId::ShuffleAll32`].
pub const ALL_32: HelperDecl = of_one("shuffle_all_32", all_32);
/// See [`super::HelperId::ShuffleLow16`].
pub const LOW_16: HelperDecl = of_one("shuffle_low_16", low_16);
/// See [`super::HelperId::ShuffleHigh16`].
pub const HIGH_16: HelperDecl = of_one("shuffle_high_16", high_16);
/// See [`super::HelperId::ShuffleTwo32`].
pub const TWO_32: HelperDecl = of_two("shuffle_two_32", two_32);
/// See [`super::HelperId::ShuffleTwo64`].
pub const TWO_64: HelperDecl = of_two("shuffle_two_64", two_64);
/// See [`super::HelperId::AlignBytes`].
pub const ALIGN_BYTES: HelperDecl = of_two("align_bytes", align_bytes);

/// The two bits of the pattern that choose for the lane.
const fn choice(pattern: u32, index: u32) -> u32 {
    pattern >> (2 * index) & 3
}

fn all_32(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let source = get(guest, args.regs[1]);
    set(guest, args.regs[0], from_lanes(32, |index| lane(source, 32, choice(args.imm, index))));
    Ok(())
}

fn low_16(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let source = get(guest, args.regs[1]);
    let chosen = |index| if index < 4 { choice(args.imm, index) } else { index };
    set(guest, args.regs[0], from_lanes(16, |index| lane(source, 16, chosen(index))));
    Ok(())
}

fn high_16(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let source = get(guest, args.regs[1]);
    let chosen = |index| if index < 4 { index } else { 4 + choice(args.imm, index - 4) };
    set(guest, args.regs[0], from_lanes(16, |index| lane(source, 16, chosen(index))));
    Ok(())
}

fn two_32(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let (first, second) = (get(guest, args.regs[1]), get(guest, args.regs[2]));
    let from = |index| if index < 2 { first } else { second };
    set(guest, args.regs[0], from_lanes(32, |index| lane(from(index), 32, choice(args.imm, index))));
    Ok(())
}

fn two_64(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let (first, second) = (get(guest, args.regs[1]), get(guest, args.regs[2]));
    let from = |index| if index < 1 { first } else { second };
    set(guest, args.regs[0], from_lanes(64, |index| lane(from(index), 64, args.imm >> index & 1)));
    Ok(())
}

fn align_bytes(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let (high, low) = (get(guest, args.regs[1]), get(guest, args.regs[2]));
    let bits = args.imm * 8;
    let value = match bits {
        0 => low,
        1..128 => low >> bits | high << (128 - bits),
        128..256 => high >> (bits - 128),
        _ => 0,
    };
    set(guest, args.regs[0], value);
    Ok(())
}
