//! Operations on vector lanes that no micro-op has. Lane 0 is the leftmost.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperTrap};
use rcsim_uop::op::Lane;

use super::{CC, get, set};

/// The operation of [`apply`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum LaneOp {
    /// Sum of the whole registers.
    AddWhole,
    /// Difference of the whole registers.
    SubWhole,
    /// For each lane of twice the size (VSUM: a word, VSUMG: a doubleword, VSUMQ: the whole register), the sum of its lanes
    /// in the first operand and of the last of its lanes in the second.
    SumAcross,
}

impl LaneOp {
    /// The immediate: operation, lanes, and bits of a sum.
    pub const fn with(self, lane: Lane, into: u32) -> u32 {
        self as u32 | (lane as u32) << 4 | into << 8
    }
}

const fn lane_bits(imm: u32) -> u32 {
    8 << (imm & 3)
}

const fn mask(bits: u32) -> u128 {
    u128::MAX >> (128 - bits)
}

/// See [`super::LANES`].
pub fn apply(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, a, b, _] = args.regs;
    let (a, b) = (get(guest, a), get(guest, b));
    let result = match args.imm & 15 {
        op if op == LaneOp::AddWhole as u32 => a.wrapping_add(b),
        op if op == LaneOp::SubWhole as u32 => a.wrapping_sub(b),
        _ => sum_across(a, b, lane_bits(args.imm >> 4), args.imm >> 8),
    };
    set(guest, dst, result);
    Ok(())
}

fn sum_across(a: u128, b: u128, bits: u32, into: u32) -> u128 {
    let lane = |value: u128, at: u32| value >> at & mask(bits);
    (0..128).step_by(into as usize).fold(0, |all, at| {
        let own = (at..at + into).step_by(bits as usize).fold(lane(b, at), |sum, at| sum.wrapping_add(lane(a, at)));
        all | (own & mask(into)) << at
    })
}

/// VPERM.
pub fn permute(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, a, b, pattern] = args.regs;
    let (a, b, pattern) = (get(guest, a).to_be_bytes(), get(guest, b).to_be_bytes(), get(guest, pattern).to_be_bytes());
    let pick = |index: u8| match index & 31 {
        n @ 0..16 => a[usize::from(n)],
        n => b[usize::from(n - 16)],
    };
    set(guest, dst, u128::from_be_bytes(pattern.map(pick)));
    Ok(())
}

/// Where a lane lies, counted from the right: its number is taken modulo how many there are.
const fn place(bits: u32, number: u64) -> u32 {
    let lanes = 128 / bits;
    128 - bits - bits * (number as u32 & (lanes - 1))
}

/// VLGV and VREP's lane.
pub fn out(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, src, number, _] = args.regs;
    let bits = lane_bits(args.imm);
    let value = get(guest, src) >> place(bits, guest.reg(number)) & mask(bits);
    guest.set_reg(dst, value as u64);
    Ok(())
}

/// VLVG.
pub fn put(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, src, number, _] = args.regs;
    let bits = lane_bits(args.imm);
    let at = place(bits, guest.reg(number));
    let value = u128::from(guest.reg(src)) & mask(bits);
    let rest = get(guest, dst) & !(mask(bits) << at);
    set(guest, dst, rest | value << at);
    Ok(())
}

/// For each lane, from the right, whether it is equal.
fn equal_lanes(a: u128, b: u128, bits: u32) -> impl DoubleEndedIterator<Item = (u32, bool)> {
    let differ = a ^ b;
    (0..128).step_by(bits as usize).map(move |at| (at, differ >> at & mask(bits) == 0))
}

/// VCEQ with its condition code: 0 all equal, 1 some, 3 none.
pub fn equal_code(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, a, b, _] = args.regs;
    let bits = lane_bits(args.imm);
    let lanes = || equal_lanes(get(guest, a), get(guest, b), bits);
    let result = lanes().filter(|(_, equal)| *equal).fold(0, |all, (at, _)| all | mask(bits) << at);
    let code = if result == u128::MAX {
        0
    } else if result == 0 {
        3
    } else {
        1
    };
    set(guest, dst, result);
    guest.set_reg(CC, code);
    Ok(())
}

/// VFEE without the search for zero, its condition code too: 1 found, 3 not. The result is the number of the byte, 16 for
/// none.
pub fn find_equal(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, a, b, _] = args.regs;
    let bits = lane_bits(args.imm);
    let found = equal_lanes(get(guest, a), get(guest, b), bits).rev().find(|(_, equal)| *equal);
    let index = found.map_or(16, |(at, _)| (128 - bits - at) / 8);
    set(guest, dst, u128::from(index) << 64);
    guest.set_reg(CC, if found.is_some() { 1 } else { 3 });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_summed_into_words_with_the_last_byte_of_the_other_operand() {
        let a = 0x0102_0304_0000_0000_0000_0000_ffff_ffff;
        assert_eq!(sum_across(a, 0, 8, 32), 0x0000_000a_0000_0000_0000_0000_0000_03fc);
        assert_eq!(sum_across(0, 0x0909, 8, 32), 9);
    }

    #[test]
    fn lanes_are_counted_from_the_left_modulo_their_number() {
        assert_eq!(place(8, 0), 120);
        assert_eq!(place(8, 17), 112);
        assert_eq!(place(64, 1), 0);
    }
}
