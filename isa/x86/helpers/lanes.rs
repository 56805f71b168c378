//! Operations on lanes that have no micro-op: variable shifts, odd products, saturation, narrowing, packed floating point.

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperDecl, HelperTrap};

use super::block::{from_lanes, get, lane, of_two, set};

/// See [`super::HelperId::ShiftLanes`].
pub const SHIFT_LANES: HelperDecl = of_two("shift_lanes", shift_lanes);
/// See [`super::HelperId::Lanes`].
pub const LANES: HelperDecl = of_two("lanes", lanes);

/// A shift of all lanes by one count: how, and lanes of how many bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneShift {
    /// To the left, else to the right.
    pub left: bool,
    /// Copies of the sign come in.
    pub signed: bool,
    /// Bits of a lane.
    pub bits: u32,
}

impl LaneShift {
    /// As the immediate of the helper.
    pub const fn encoded(self) -> u32 {
        self.bits | (self.left as u32) << 8 | (self.signed as u32) << 9
    }

    const fn decoded(imm: u32) -> Self {
        Self { bits: imm & 0xff, left: imm & 1 << 8 != 0, signed: imm & 1 << 9 != 0 }
    }
}

fn shift_lanes(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let LaneShift { left, signed, bits } = LaneShift::decoded(args.imm);
    let source = get(guest, args.regs[1]);
    let count = guest.reg(args.regs[2]);
    let one = |index| {
        let value = lane(source, bits, index);
        match (left, signed) {
            (_, true) => (signed_lane(value, bits) >> count.min(u64::from(bits) - 1)) as u64,
            _ if count >= u64::from(bits) => 0,
            (true, _) => value << count,
            (false, _) => value >> count,
        }
    };
    set(guest, args.regs[0], from_lanes(bits, one));
    Ok(())
}

const fn signed_lane(value: u64, bits: u32) -> i64 {
    (value << (64 - bits)) as i64 >> (64 - bits)
}

/// An operation on the lanes of two vectors; the name is that of the instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
#[allow(missing_docs, reason = "each is the instruction of that name")]
pub enum LaneOp {
    Pmuludq,
    Pmuldq,
    Pmulhw,
    Pmulhuw,
    Pmaddwd,
    Pmaddubsw,
    Packuswb,
    Packusdw,
    Packsswb,
    Packssdw,
    Paddusb,
    Paddusw,
    Psubusb,
    Psubusw,
    Pavgb,
    Pavgw,
    Psadbw,
    Phaddd,
}

impl LaneOp {
    const ALL: [Self; 18] = [
        Self::Pmuludq,
        Self::Pmuldq,
        Self::Pmulhw,
        Self::Pmulhuw,
        Self::Pmaddwd,
        Self::Pmaddubsw,
        Self::Packuswb,
        Self::Packusdw,
        Self::Packsswb,
        Self::Packssdw,
        Self::Paddusb,
        Self::Paddusw,
        Self::Psubusb,
        Self::Psubusw,
        Self::Pavgb,
        Self::Pavgw,
        Self::Psadbw,
        Self::Phaddd,
    ];

    fn apply(self, a: u128, b: u128) -> u128 {
        match self {
            Self::Pmuludq => from_lanes(64, |n| lane(a, 32, 2 * n) * lane(b, 32, 2 * n)),
            Self::Pmuldq => from_lanes(64, |n| (signed(a, 32, 2 * n) * signed(b, 32, 2 * n)) as u64),
            Self::Pmulhw => from_lanes(16, |n| ((signed(a, 16, n) * signed(b, 16, n)) >> 16) as u64),
            Self::Pmulhuw => from_lanes(16, |n| (lane(a, 16, n) * lane(b, 16, n)) >> 16),
            Self::Pmaddwd => {
                let product = |n| signed(a, 16, n) * signed(b, 16, n);
                from_lanes(32, |n| (product(2 * n) + product(2 * n + 1)) as u64)
            }
            Self::Pmaddubsw => {
                let product = |n| lane(a, 8, n) as i64 * signed(b, 8, n);
                from_lanes(16, |n| saturated(product(2 * n) + product(2 * n + 1), 16))
            }
            Self::Packuswb => narrowed(a, b, 16, saturated_unsigned),
            Self::Packusdw => narrowed(a, b, 32, saturated_unsigned),
            Self::Packsswb => narrowed(a, b, 16, saturated),
            Self::Packssdw => narrowed(a, b, 32, saturated),
            Self::Paddusb => sums(a, b, 8),
            Self::Paddusw => sums(a, b, 16),
            Self::Psubusb => differences(a, b, 8),
            Self::Psubusw => differences(a, b, 16),
            Self::Pavgb => from_lanes(8, |n| (lane(a, 8, n) + lane(b, 8, n) + 1) >> 1),
            Self::Pavgw => from_lanes(16, |n| (lane(a, 16, n) + lane(b, 16, n) + 1) >> 1),
            Self::Psadbw => {
                let apart = |n| lane(a, 8, n).abs_diff(lane(b, 8, n));
                from_lanes(64, |half| (8 * half..8 * half + 8).map(apart).sum())
            }
            Self::Phaddd => {
                let pair = |v, n| lane(v, 32, n).wrapping_add(lane(v, 32, n + 1));
                from_lanes(32, |n| if n < 2 { pair(a, 2 * n) } else { pair(b, 2 * (n - 2)) })
            }
        }
    }
}

const fn signed(value: u128, bits: u32, index: u32) -> i64 {
    signed_lane(lane(value, bits, index), bits)
}

/// The nearest signed number of `bits` bits.
fn saturated(value: i64, bits: u32) -> u64 {
    let limit = 1_i64 << (bits - 1);
    value.clamp(-limit, limit - 1) as u64
}

/// The nearest unsigned number of `bits` bits.
fn saturated_unsigned(value: i64, bits: u32) -> u64 {
    value.clamp(0, (1 << bits) - 1) as u64
}

/// Signed lanes of `from` bits of `a`, then of `b`, in half as many bits.
fn narrowed(a: u128, b: u128, from: u32, narrow: fn(i64, u32) -> u64) -> u128 {
    let half = 128 / from;
    from_lanes(from / 2, |n| {
        let value = if n < half { signed(a, from, n) } else { signed(b, from, n - half) };
        narrow(value, from / 2)
    })
}

fn sums(a: u128, b: u128, bits: u32) -> u128 {
    from_lanes(bits, |n| (lane(a, bits, n) + lane(b, bits, n)).min((1 << bits) - 1))
}

fn differences(a: u128, b: u128, bits: u32) -> u128 {
    from_lanes(bits, |n| lane(a, bits, n).saturating_sub(lane(b, bits, n)))
}

fn lanes(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let (a, b) = (get(guest, args.regs[1]), get(guest, args.regs[2]));
    // The immediate is written by the lift as one of the operations.
    let Some(op) = LaneOp::ALL.get(args.imm as usize) else { return Err(HelperTrap::Arithmetic) };
    set(guest, args.regs[0], op.apply(a, b));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_operations_is_in_their_order() {
        assert!(LaneOp::ALL.iter().enumerate().all(|(index, op)| *op as usize == index));
    }

    #[test]
    fn a_shift_survives_its_encoding() {
        for shift in [
            LaneShift { left: true, signed: false, bits: 16 },
            LaneShift { left: false, signed: true, bits: 32 },
            LaneShift { left: false, signed: false, bits: 64 },
        ] {
            assert_eq!(LaneShift::decoded(shift.encoded()), shift);
        }
    }
}
