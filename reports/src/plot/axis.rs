//! Axes: where a value is, and which values are marked.

/// How values are laid out along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// From 0 to this value.
    Linear(f64),
    /// From one power of this base to another: base, and the exponents.
    Log(f64, i32, i32),
}

impl Scale {
    /// A linear scale from 0 that holds `max` and ends at a mark.
    #[must_use]
    pub fn linear(max: f64) -> Self {
        let step = step(max);
        Self::Linear((max / step).ceil().max(1.0) * step)
    }

    /// A logarithmic scale that holds values from `min` to `max`, both greater than 0.
    #[must_use]
    pub fn log(base: f64, min: f64, max: f64) -> Self {
        let exponent = |value: f64| value.max(f64::MIN_POSITIVE).ln() / base.ln();
        let low = (exponent(min) + 1e-9).floor() as i32;
        let high = (exponent(max) - 1e-9).ceil() as i32;
        Self::Log(base, low, high.max(low + 1))
    }

    /// Linear, or logarithmic to base 10 where the values span more than a decade and a half.
    #[must_use]
    pub fn fitting(min: f64, max: f64) -> Self {
        if min > 0.0 && max / min > 30.0 { Self::log(10.0, min, max) } else { Self::linear(max) }
    }

    /// Whether it is logarithmic.
    #[must_use]
    pub const fn is_log(self) -> bool {
        matches!(self, Self::Log(..))
    }

    /// How far along the axis a value is, from 0 to 1.
    #[must_use]
    pub fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear(max) => value / max,
            Self::Log(base, low, high) => {
                (value.max(f64::MIN_POSITIVE).ln() / base.ln() - f64::from(low)) / f64::from(high - low)
            }
        }
    }

    /// The values that are marked: not more than a dozen.
    #[must_use]
    pub fn marks(self) -> Vec<f64> {
        match self {
            Self::Linear(max) => {
                let step = step(max);
                (0..=(max / step).round() as u32).map(|n| f64::from(n) * step).collect()
            }
            Self::Log(base, low, high) => {
                let stride = ((high - low) / 8 + 1) as usize;
                (low..=high).step_by(stride).map(|exponent| base.powi(exponent)).collect()
            }
        }
    }
}

/// A round distance between marks, so that there are four to eight.
fn step(max: f64) -> f64 {
    let rough = (max / 8.0).max(1e-9);
    let power = 10_f64.powf(rough.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].into_iter().find(|round| round * power >= rough);
    round.unwrap_or(10.0) * power
}

/// A count as people write it: `12 500`, `0.125`.
#[must_use]
pub fn number(value: f64) -> String {
    if value.fract() != 0.0 {
        let text = format!("{value:.3}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) && digit.is_ascii_digit() {
            // A space that does not break.
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

/// A size in bytes: `512 B`, `64 KiB`.
#[must_use]
pub fn bytes(value: f64) -> String {
    const UNITS: [&str; 4] = ["B", "KiB", "MiB", "GiB"];
    let mut value = value;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{}\u{a0}{}", number(value), UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::{Scale, bytes, number};

    #[test]
    fn a_linear_scale_ends_at_a_round_mark() {
        assert_eq!(Scale::linear(117.0), Scale::Linear(120.0));
        assert_eq!(Scale::linear(120.0).marks(), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0]);
        assert_eq!(Scale::linear(0.0).marks().len(), 2);
    }

    #[test]
    fn a_logarithmic_scale_holds_its_ends() {
        let scale = Scale::log(10.0, 80.0, 70_000.0);
        assert_eq!(scale, Scale::Log(10.0, 1, 5));
        assert_eq!((scale.place(10.0), scale.place(100_000.0)), (0.0, 1.0));
        assert_eq!(Scale::log(2.0, 16.0, 65_536.0), Scale::Log(2.0, 4, 16));
        assert_eq!(Scale::log(10.0, 100.0, 100.0), Scale::Log(10.0, 2, 3));
        assert!(Scale::log(2.0, 1.0, 2_f64.powi(40)).marks().len() <= 12);
    }

    #[test]
    fn values_that_span_decades_get_a_logarithmic_scale() {
        assert!(Scale::fitting(10.0, 1000.0).is_log());
        assert!(!Scale::fitting(100.0, 1000.0).is_log() && !Scale::fitting(0.0, 1000.0).is_log());
    }

    #[test]
    fn numbers_and_sizes_read_as_people_write_them() {
        assert_eq!([number(0.125), number(1_234_567.0)], ["0.125", "1\u{a0}234\u{a0}567"]);
        assert_eq!([bytes(16.0), bytes(65_536.0)], ["16\u{a0}B", "64\u{a0}KiB"]);
    }
}
