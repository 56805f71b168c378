//! The steps of AES (FIPS 197) as the Arm instructions cut them.
//!
//! The state is 16 bytes, column by column. The substitution box is worked out from its definition, an inversion in
//! the field and an affine map, once.

use std::sync::LazyLock;

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperTrap};

use super::{load, store};

type State = [u8; 16];

/// AESE: add the key, shift rows, substitute. AESD does the same with the inverse shift and box.
pub fn round(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, key, state, _] = args.regs;
    let (key, state) = (load(guest, key), load(guest, state));
    let sum: State = std::array::from_fn(|n| key[n] ^ state[n]);
    let boxes = &*BOXES;
    let table = if args.imm == 0 { &boxes.forward } else { &boxes.inverse };
    store(guest, dst, shift_rows(sum, args.imm != 0).map(|byte| table[usize::from(byte)]));
    Ok(())
}

/// AESMC and AESIMC: each column times a fixed polynomial.
pub fn mix(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let [dst, src, ..] = args.regs;
    let factors = if args.imm == 0 { [2, 3, 1, 1] } else { [14, 11, 13, 9] };
    let state = load(guest, src);
    store(guest, dst, mix_columns(state, factors));
    Ok(())
}

/// Row `r` moves left by `r` columns, or right when inverse.
fn shift_rows(state: State, inverse: bool) -> State {
    std::array::from_fn(|at| {
        let (column, row) = (at / 4, at % 4);
        let from = if inverse { column + 4 - row } else { column + row } % 4;
        state[4 * from + row]
    })
}

fn mix_columns(state: State, factors: [u8; 4]) -> State {
    std::array::from_fn(|at| {
        let (column, row) = (at / 4, at % 4);
        (0..4).fold(0, |sum, n| sum ^ times(state[4 * column + (row + n) % 4], factors[n]))
    })
}

/// Product in the field of 256 elements modulo x^8 + x^4 + x^3 + x + 1.
fn times(a: u8, b: u8) -> u8 {
    let double = |value: u8| value << 1 ^ if value & 0x80 != 0 { 0x1b } else { 0 };
    (0..8).rev().fold(0, |sum, bit| double(sum) ^ if b >> bit & 1 != 0 { a } else { 0 })
}

struct Boxes {
    forward: [u8; 256],
    inverse: [u8; 256],
}

static BOXES: LazyLock<Boxes> = LazyLock::new(|| {
    let forward: [u8; 256] = std::array::from_fn(|value| substitute(value as u8));
    let mut inverse = [0; 256];
    for (value, substituted) in forward.iter().enumerate() {
        inverse[usize::from(*substituted)] = value as u8;
    }
    Boxes { forward, inverse }
});

fn substitute(value: u8) -> u8 {
    let inverted = (1..=255).find(|candidate| times(value, *candidate) == 1).unwrap_or(0);
    (0..5).fold(0x63, |sum, by| sum ^ inverted.rotate_left(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_has_the_values_of_the_standard() {
        // FIPS 197, figure 7.
        for (value, expected) in [(0x00, 0x63), (0x01, 0x7c), (0x53, 0xed), (0xff, 0x16)] {
            assert_eq!(BOXES.forward[value], expected);
            assert_eq!(BOXES.inverse[usize::from(expected)], value as u8);
        }
    }

    #[test]
    fn mixing_and_unmixing_gives_the_state_back() {
        let state: State = std::array::from_fn(|n| (n * 37 + 11) as u8);
        assert_eq!(mix_columns(mix_columns(state, [2, 3, 1, 1]), [14, 11, 13, 9]), state);
    }

    #[test]
    fn rows_shift_back() {
        let state: State = std::array::from_fn(|n| n as u8);
        assert_eq!(shift_rows(state, false)[..4], [0, 5, 10, 15]);
        assert_eq!(shift_rows(shift_rows(state, false), true), state);
    }
}
