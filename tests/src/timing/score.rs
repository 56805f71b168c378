//! How well modelled figures fit measured ones.

/// A figure, measured and modelled.
pub struct Row {
    /// Of what.
    pub name: String,
    /// What the machine took.
    pub measured: f64,
    /// What the model says.
    pub modelled: f64,
    /// What llvm-mca says, where it was asked.
    pub llvm: Option<f64>,
}

impl Row {
    /// How much more than measured the model says, as a part of it.
    #[must_use]
    pub fn error(&self) -> f64 {
        self.modelled / self.measured - 1.0
    }

    /// The row as a line of a table.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { name, measured, modelled, llvm } = self;
        let error = 100.0 * self.error();
        let own = format!("{name:<44} {measured:>8.1} measured {modelled:>8.1} modelled {error:>+6.1} %");
        match llvm {
            Some(llvm) => {
                format!("{own} {llvm:>8.1} by llvm-mca {:>+6.1} %", 100.0 * (llvm / measured - 1.0))
            }
            None => own,
        }
    }
}

/// The mean absolute error of the model, as a part of what was measured.
#[must_use]
pub fn mean_error(rows: &[Row]) -> f64 {
    mean(rows.iter().map(|row| row.error().abs()))
}

/// The same of llvm-mca, over the rows that it was asked for.
#[must_use]
pub fn llvm_mean_error(rows: &[Row]) -> f64 {
    mean(rows.iter().filter_map(|row| Some((row.llvm? / row.measured - 1.0).abs())))
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0_u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    sum / f64::from(count.max(1))
}

/// Spearman's rank correlation: 1 when both put the rows in the same order.
#[must_use]
pub fn rank_correlation(rows: &[Row]) -> f64 {
    let measured = ranks(rows.iter().map(|row| row.measured).collect());
    let modelled = ranks(rows.iter().map(|row| row.modelled).collect());
    let middle = (rows.len() as f64 - 1.0) / 2.0;
    let product =
        |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum() };
    product(&measured, &modelled)
        / (product(&measured, &measured) * product(&modelled, &modelled)).sqrt().max(1e-9)
}

/// The rank of each value from 0; those that are alike share one.
fn ranks(values: Vec<f64>) -> Vec<f64> {
    let below = |value: f64| values.iter().filter(|other| **other < value).count() as f64;
    let alike = |value: f64| values.iter().filter(|other| **other == value).count() as f64;
    values.iter().map(|value| below(*value) + (alike(*value) - 1.0) / 2.0).collect()
}

#[cfg(test)]
mod tests {
    use super::{Row, rank_correlation};

    fn rows(figures: &[(f64, f64)]) -> Vec<Row> {
        let row = |(measured, modelled): &(f64, f64)| Row {
            name: String::new(),
            measured: *measured,
            modelled: *modelled,
            llvm: None,
        };
        figures.iter().map(row).collect()
    }

    #[test]
    fn the_same_order_is_one_and_the_opposite_minus_one() {
        let same = rank_correlation(&rows(&[(1.0, 10.0), (2.0, 11.0), (9.0, 12.0)]));
        let opposite = rank_correlation(&rows(&[(1.0, 12.0), (2.0, 11.0), (9.0, 10.0)]));
        assert!((same - 1.0).abs() < 1e-9 && (opposite + 1.0).abs() < 1e-9, "{same} {opposite}");
    }

    #[test]
    fn a_known_example_comes_out() {
        // Ranks 1 2 3 4 5 against 2 1 4 3 5: 1 - 6 * 4 / (5 * 24).
        let found = rank_correlation(&rows(&[(1.0, 2.0), (2.0, 1.0), (3.0, 4.0), (4.0, 3.0), (5.0, 5.0)]));
        assert!((found - 0.8).abs() < 1e-9, "{found}");
    }
}
