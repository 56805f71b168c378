//! Operations on each lane that no micro-op has: shifts and rotations by the lanes of another vector, whose counts are
//! taken modulo the width, and counts of bits.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperTrap};
use rcsim_uop::op::Lane;

/// The operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum LaneOp {
    /// Rotated left.
    RotateLeft,
    /// Shifted left.
    Left,
    /// Shifted right, zeros come in.
    Right,
    /// Shifted right, copies of the sign come in.
    RightSigned,
    /// Number of leading zeros of the second operand.
    LeadingZeros,
    /// Number of ones of the second operand.
    CountOnes,
}

const ALL: [LaneOp; 6] = [
    LaneOp::RotateLeft,
    LaneOp::Left,
    LaneOp::Right,
    LaneOp::RightSigned,
    LaneOp::LeadingZeros,
    LaneOp::CountOnes,
];

impl LaneOp {
    /// The immediate: the operation and the logarithm of the lane's bytes.
    pub const fn in_lanes(self, lane: Lane) -> u32 {
        (self as u32) << 4 | lane as u32
    }

    /// On one lane of `bits` bits.
    fn on(self, bits: u32, a: u64, b: u64) -> u64 {
        let mask = u64::MAX >> (64 - bits);
        let count = b as u32 % bits;
        let result = match self {
            Self::RotateLeft if count == 0 => a,
            Self::RotateLeft => a << count | a >> (bits - count),
            Self::Left => a << count,
            Self::Right => a >> count,
            Self::RightSigned => ((a << (64 - bits)) as i64 >> (64 - bits) >> count) as u64,
            Self::LeadingZeros => u64::from(b.leading_zeros() - (64 - bits)),
            Self::CountOnes => u64::from(b.count_ones()),
        };
        result & mask
    }

    /// On all lanes of a doubleword.
    fn on_doubleword(self, bits: u32, a: u64, b: u64) -> u64 {
        let mask = u64::MAX >> (64 - bits);
        (0..64).step_by(bits as usize).fold(0, |all, at| all | self.on(bits, a >> at & mask, b >> at & mask) << at)
    }
}

/// `a` = the operation on the lanes of `b` and `c`.
pub fn apply(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, a, b, _] = args.regs;
    let op = ALL[(args.imm >> 4) as usize % ALL.len()];
    let bits = 8 << (args.imm & 3);
    let halves = [0, 1].map(|n| op.on_doubleword(bits, guest.reg(a.plus(n)), guest.reg(b.plus(n))));
    guest.set_reg(dst, halves[0]);
    guest.set_reg(dst.plus(1), halves[1]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operations_are_listed_in_the_order_of_their_numbers() {
        for (number, op) in ALL.into_iter().enumerate() {
            assert_eq!(op as usize, number);
        }
    }

    #[test]
    fn rotations_of_bytes_equal_those_of_the_host() {
        for count in 0..16 {
            assert_eq!(LaneOp::RotateLeft.on(8, 0xb1, count), u64::from(0xb1_u8.rotate_left(count as u32)));
        }
    }

    #[test]
    fn lanes_do_not_reach_into_each_other() {
        assert_eq!(LaneOp::Left.on_doubleword(8, 0xff_ff, 0x01_00), 0xfe_ff);
        assert_eq!(LaneOp::LeadingZeros.on_doubleword(16, 0, 0x1), 0x0010_0010_0010_000f);
    }
}
