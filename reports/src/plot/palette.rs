//! Colours and symbols.
//!
//! The colours of series are those of Okabe and Ito, "Color Universal Design" (2008), which people with each kind of colour
//! blindness tell apart. The page of `rcsim report` gives ink, paper and lines other colours in the dark: it finds them by
//! value, so no series has them.

use super::scene::{Colour, Stroke, Symbol};

/// Text.
pub const INK: Colour = Colour(0x1c, 0x1c, 0x1c);
/// Less important text.
pub const FAINT: Colour = Colour(0x59, 0x59, 0x59);
/// The ground.
pub const PAPER: Colour = Colour(0xff, 0xff, 0xff);
/// Lines of the grid.
pub const GRID: Colour = Colour(0xdc, 0xdc, 0xdc);

/// Okabe and Ito's, those first that stand out most on white; their black is a grey here, so that it shows on a dark ground too.
const SERIES: [Colour; 8] = [
    Colour(0x00, 0x72, 0xb2), // blue
    Colour(0xe6, 0x9f, 0x00), // orange
    Colour(0x00, 0x9e, 0x73), // bluish green
    Colour(0xd5, 0x5e, 0x00), // vermilion
    Colour(0xcc, 0x79, 0xa7), // reddish purple
    Colour(0x56, 0xb4, 0xe9), // sky blue
    Colour(0x7f, 0x7f, 0x7f), // grey
    Colour(0xd8, 0xca, 0x1c), // yellow, darkened to show on white
];

const SYMBOLS: [Symbol; 7] = [
    Symbol::Circle,
    Symbol::Square,
    Symbol::Triangle,
    Symbol::Diamond,
    Symbol::Wedge,
    Symbol::Cross,
    Symbol::Plus,
];

/// The look of one series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its colour.
    pub colour: Colour,
    /// Its symbol.
    pub symbol: Symbol,
    /// Its line.
    pub stroke: Stroke,
}

/// The look of series number `n`: the first 56 differ in two things at least.
#[must_use]
pub const fn look(n: usize) -> Look {
    let stroke = if (n / SERIES.len()).is_multiple_of(2) { Stroke::Solid } else { Stroke::Dashed };
    Look { colour: SERIES[n % SERIES.len()], symbol: SYMBOLS[n % SYMBOLS.len()], stroke }
}

/// A shade between paper and blue, for a share from 0 to 1.
#[must_use]
pub fn shade(share: f64) -> Colour {
    let Colour(r, g, b) = SERIES[0];
    let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as u8;
    Colour(mix(0xee, r), mix(0xf3, g), mix(0xf8, b))
}

#[cfg(test)]
mod tests {
    use super::{FAINT, GRID, INK, PAPER, look, shade};

    #[test]
    fn series_differ_from_each_other_and_from_ink_and_paper() {
        let looks: Vec<_> = (0..14).map(look).collect();
        for (n, one) in looks.iter().enumerate() {
            assert!(![INK, FAINT, PAPER, GRID].contains(&one.colour));
            assert!(looks[..n].iter().all(|other| other != one), "series {n}");
        }
    }

    #[test]
    fn shades_get_darker() {
        assert!(shade(0.0).0 > shade(0.5).0 && shade(0.5).0 > shade(1.0).0);
    }
}
