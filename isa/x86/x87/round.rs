//! Rounding of significands, and the control word that says how (Intel SDM volume 1, section 8.1.5).

/// Where results are rounded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Nearest,
    Down,
    Up,
    Zero,
}

/// How a result is rounded: direction and number of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounding {
    direction: Direction,
    /// Bits of a result's significand.
    pub precision: u32,
}

impl Rounding {
    /// To nearest with all bits.
    #[cfg(test)]
    pub const NEAREST: Self = Self { direction: Direction::Nearest, precision: 64 };
    /// Towards minus infinity with all bits.
    #[cfg(test)]
    pub const DOWN: Self = Self { direction: Direction::Down, precision: 64 };
    /// Towards plus infinity with all bits.
    #[cfg(test)]
    pub const UP: Self = Self { direction: Direction::Up, precision: 64 };
    /// Towards zero with all bits.
    #[cfg(test)]
    pub const ZERO: Self = Self { direction: Direction::Zero, precision: 64 };

    /// What a control word asks for.
    pub const fn of(control: u64) -> Self {
        let direction = match control >> 10 & 3 {
            0 => Direction::Nearest,
            1 => Direction::Down,
            2 => Direction::Up,
            _ => Direction::Zero,
        };
        // The second of the four is reserved.
        let precision = match control >> 8 & 3 {
            0 => 24,
            2 => 53,
            _ => 64,
        };
        Self { direction, precision }
    }

    /// Whether a value too large becomes infinite, or the largest number.
    pub const fn overflows_to_infinity(self, negative: bool) -> bool {
        match self.direction {
            Direction::Nearest => true,
            Direction::Down => negative,
            Direction::Up => !negative,
            Direction::Zero => false,
        }
    }

    /// Whether an exact zero that is the sum of opposite numbers is negative.
    pub const fn zero_is_negative(self) -> bool {
        matches!(self.direction, Direction::Down)
    }
}

/// A shift to the right that leaves a trace of what is lost in the lowest bit.
pub const fn shift_right(value: u128, bits: u32) -> u128 {
    match bits {
        0 => value,
        1..128 => value >> bits | (value << (128 - bits) != 0) as u128,
        _ => (value != 0) as u128,
    }
}

/// The value with only its top `precision` bits (at least 1, at most 64), rounded, and whether it has become `2^128`, which
/// then is given as `2^127`.
pub const fn rounded(value: u128, precision: u32, rounding: Rounding, negative: bool) -> (u128, bool) {
    let unit = 1_u128 << (128 - precision);
    let (kept, lost) = (value & !(unit - 1), value & (unit - 1));
    let half = unit >> 1;
    let up = match rounding.direction {
        Direction::Nearest => lost > half || lost == half && kept & unit != 0,
        Direction::Down => negative && lost != 0,
        Direction::Up => !negative && lost != 0,
        Direction::Zero => false,
    };
    if !up {
        return (kept, false);
    }
    match kept.checked_add(unit) {
        Some(sum) => (sum, false),
        None => (1 << 127, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_word_that_go_starts_with_asks_for_53_bits_to_nearest() {
        assert_eq!(Rounding::of(0x27f), Rounding { precision: 53, ..Rounding::NEAREST });
    }

    #[test]
    fn a_tie_goes_to_the_even_neighbour() {
        let tie = |kept: u128| rounded(kept << 64 | 1 << 63, 64, Rounding::NEAREST, false).0 >> 64;
        assert_eq!((tie(2), tie(3)), (2, 4));
    }

    #[test]
    fn what_is_lost_leaves_a_trace() {
        assert_eq!(shift_right(0b1001, 2), 0b11);
        assert_eq!(shift_right(1, 500), 1);
        assert_eq!(shift_right(0, 500), 0);
    }
}
