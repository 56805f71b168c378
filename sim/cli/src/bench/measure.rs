//! Repetition: several contestants take turns, so that what slows the machine down for a while slows down all of them.

use std::time::Duration;

use super::error::BenchError;

/// What is measured: some work, done once at each call.
pub trait Contestant {
    /// Name in the table.
    fn name(&self) -> String;

    /// Do the work once: how much was done, in units of the table, and the processor time it took.
    ///
    /// # Errors
    /// When it could not be done.
    fn run(&mut self) -> Result<(u64, Duration), BenchError>;
}

/// Rates of one contestant, in units of work per second of processor time.
#[derive(Clone, Debug, PartialEq)]
pub struct Rates(Vec<f64>);

impl Rates {
    /// The rates of at least one repetition.
    fn new(mut rates: Vec<f64>) -> Self {
        rates.sort_by(f64::total_cmp);
        Self(rates)
    }

    /// The median.
    pub fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        if self.0.len() % 2 == 1 { self.0[middle] } else { (self.0[middle - 1] + self.0[middle]) / 2.0 }
    }

    /// The lowest.
    pub fn lowest(&self) -> f64 {
        self.0[0]
    }

    /// The highest: that of the shortest time.
    pub fn highest(&self) -> f64 {
        self.0[self.0.len() - 1]
    }

    /// Number of repetitions.
    pub fn repetitions(&self) -> usize {
        self.0.len()
    }
}

/// Let the contestants take turns. Their first turn does not count.
///
/// # Errors
/// When one of them fails.
pub fn take_turns(
    contestants: &mut [Box<dyn Contestant + '_>],
    repetitions: usize,
    mut progress: impl FnMut(&str),
) -> Result<Vec<Rates>, BenchError> {
    let mut rates = vec![Vec::new(); contestants.len()];
    for turn in 0..=repetitions.max(1) {
        for (contestant, rates) in contestants.iter_mut().zip(&mut rates) {
            progress(&format!("{}, turn {turn} of {repetitions}", contestant.name()));
            let (work, time) = contestant.run()?;
            if turn > 0 {
                // The clock counts microseconds; less than one of them has no rate.
                rates.push(work as f64 / time.as_secs_f64().max(1e-6));
            }
        }
    }
    Ok(rates.into_iter().map(Rates::new).collect())
}

#[cfg(test)]
mod tests {
    use super::Rates;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_middle_ones() {
        assert_eq!(Rates::new(vec![5.0, 1.0, 3.0]).median(), 3.0);
        assert_eq!(Rates::new(vec![4.0, 1.0, 2.0, 8.0]).median(), 3.0);
        let one = Rates::new(vec![7.0]);
        assert_eq!((one.lowest(), one.median(), one.highest()), (7.0, 7.0, 7.0));
    }
}
