//! The instructions of AES (FIPS 197). Go hashes maps with them where the processor has them.

use std::sync::LazyLock;

use rcsim_uop::Guest;
use rcsim_uop::isa::{HelperArgs, HelperDecl, HelperTrap};

use super::block::{from_lanes, get, lane, of_one, of_two, set};

/// See [`super::HelperId::AesRound`].
pub const ROUND: HelperDecl = of_two("aes_round", round);
/// See [`super::HelperId::AesKey`].
pub const KEY: HelperDecl = of_one("aes_key", key);

/// See [`super::HelperId::AesUnmix`].
pub const UNMIX: HelperDecl = of_one("aes_unmix", unmix);

/// Which round: the way and whether it is the last, which leaves out the mixing of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AesRound {
    /// Decryption, else encryption.
    pub inverse: bool,
    /// The last round.
    pub last: bool,
}

impl AesRound {
    /// As the immediate of the helper.
    pub const fn encoded(self) -> u32 {
        self.inverse as u32 | (self.last as u32) << 1
    }
}

/// Substitution of bytes, and its inverse.
struct Boxes {
    forward: [u8; 256],
    inverse: [u8; 256],
}

static BOXES: LazyLock<Boxes> = LazyLock::new(|| {
    let mut boxes = Boxes { forward: [0; 256], inverse: [0; 256] };
    for byte in 0..=255_u8 {
        let substitute = affine(reciprocal(byte));
        boxes.forward[usize::from(byte)] = substitute;
        boxes.inverse[usize::from(substitute)] = byte;
    }
    boxes
});

/// Product in the field of 256 elements with the polynomial of AES.
fn product(mut a: u8, mut b: u8) -> u8 {
    let mut sum = 0;
    while b != 0 {
        if b & 1 != 0 {
            sum ^= a;
        }
        a = a << 1 ^ if a & 0x80 != 0 { 0x1b } else { 0 };
        b >>= 1;
    }
    sum
}

/// The element whose product with `byte` is 1; 0 for 0. It is the 254th power.
fn reciprocal(byte: u8) -> u8 {
    (0..254).fold(1, |power, _| product(power, byte))
}

fn affine(byte: u8) -> u8 {
    (1..5).fold(byte, |sum, turn| sum ^ byte.rotate_left(turn)) ^ 0x63
}

/// Each byte through a table.
fn substituted(state: u128, table: &[u8; 256]) -> u128 {
    from_lanes(8, |index| u64::from(table[lane(state, 8, index) as usize]))
}

/// Row `r` of the state, bytes r, r+4, r+8, r+12, turned by `r` places one way or the other.
fn shifted_rows(state: u128, inverse: bool) -> u128 {
    from_lanes(8, |index| {
        let (row, column) = (index % 4, index / 4);
        let from = if inverse { (column + 4 - row) % 4 } else { (column + row) % 4 };
        lane(state, 8, 4 * from + row)
    })
}

/// The factors of a column's bytes in encryption, and in decryption.
const MIX: [u8; 4] = [2, 3, 1, 1];
const INVERSE_MIX: [u8; 4] = [14, 11, 13, 9];

/// Each column times a fixed polynomial, given by the factors of its four bytes.
fn mixed_columns(state: u128, factors: [u8; 4]) -> u128 {
    from_lanes(8, |index| {
        let (row, column) = (index % 4, index / 4);
        let term = |other: u32| {
            let factor = factors[((other + 4 - row) % 4) as usize];
            product(lane(state, 8, 4 * column + other) as u8, factor)
        };
        u64::from((0..4).fold(0, |sum, other| sum ^ term(other)))
    })
}

fn round(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let (state, key) = (get(guest, args.regs[1]), get(guest, args.regs[2]));
    let (inverse, last) = (args.imm & 1 != 0, args.imm & 2 != 0);
    let (table, factors) =
        if inverse { (&BOXES.inverse, INVERSE_MIX) } else { (&BOXES.forward, MIX) };
    let moved = substituted(shifted_rows(state, inverse), table);
    let mixed = if last { moved } else { mixed_columns(moved, factors) };
    set(guest, args.regs[0], mixed ^ key);
    Ok(())
}

fn unmix(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let source = get(guest, args.regs[1]);
    set(guest, args.regs[0], mixed_columns(source, INVERSE_MIX));
    Ok(())
}

fn key(guest: &mut dyn Guest, args: HelperArgs) -> Result<(), HelperTrap> {
    let source = get(guest, args.regs[1]);
    let substitutes = substituted(source, &BOXES.forward);
    let word = |index| lane(substitutes, 32, index) as u32;
    let turned = |index| word(index).rotate_right(8) ^ args.imm;
    let words = [word(1), turned(1), word(3), turned(3)];
    set(guest, args.regs[0], from_lanes(32, |index| u64::from(words[index as usize])));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_substitution_has_the_values_of_the_standard() {
        assert_eq!((BOXES.forward[0], BOXES.forward[0x53], BOXES.inverse[0xed]), (0x63, 0xed, 0x53));
    }

    #[test]
    fn mixing_columns_has_an_inverse() {
        let state = 0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100;
        assert_eq!(mixed_columns(mixed_columns(state, MIX), INVERSE_MIX), state);
        assert_eq!(shifted_rows(shifted_rows(state, false), true), state);
    }
}
