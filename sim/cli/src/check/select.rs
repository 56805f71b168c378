//! Which of all runs an invocation makes: those that the filters leave, and of those its share.

use std::fmt;
use std::str::FromStr;

use rcsim_diag::{Diagnostic, Diagnostics};

use crate::args::CheckArgs;
use crate::run::Combination;

/// The most shards that runs can be dealt out to.
const MAX_SHARDS: usize = 10_000;

/// One of several equal shares of the runs: `2/5` is the second of five.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    of: usize,
}

/// A text is no shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoShard;

impl fmt::Display for NoShard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a shard is written I/N, with I from 1 to N and N at most {MAX_SHARDS}, such as 2/5")
    }
}

impl std::error::Error for NoShard {}

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let (index, of) = text.split_once('/').ok_or(NoShard)?;
        let number = |digits: &str| digits.parse::<usize>().map_err(|_| NoShard);
        let (index, of) = (number(index)?, number(of)?);
        if index == 0 || index > of || of > MAX_SHARDS { Err(NoShard) } else { Ok(Self { index, of }) }
    }
}

impl Shard {
    /// Whether it has the thing with this number, from 0. Things are dealt out in turn, so that shares take about as long as
    /// each other.
    fn has(self, number: usize) -> bool {
        number % self.of == self.index - 1
    }
}

/// The runs of this invocation, in order.
///
/// # Errors
/// When filters leave nothing. A shard may be empty: there can be more of them than runs.
pub fn choose<'s>(runs: Vec<Combination<'s>>, args: &CheckArgs) -> Result<Vec<Combination<'s>>, Diagnostics> {
    let fits =
        |run: &Combination<'_>| args.filters.is_empty() || args.filters.iter().any(|text| matches(run, text));
    let left: Vec<Combination<'s>> = runs.into_iter().filter(fits).collect();
    if left.is_empty() {
        return Err(Diagnostic::input("no run has what --filter asks for")
            .with_help("a filter is part of a line `WORKLOAD  ARCH  EPOCH`, such as `abi/call-  arm64`")
            .into());
    }
    let numbered = left.into_iter().enumerate();
    let own = numbered.filter(|(number, _)| args.shard.is_none_or(|shard| shard.has(*number)));
    Ok(own.map(|(_, run)| run).collect())
}

/// Whether the line of a run has every word of a filter in it.
fn matches(run: &Combination<'_>, filter: &str) -> bool {
    let line = format!("{}  {}  {}", run.file.path, run.port.goarch(), run.epoch);
    filter.split_whitespace().all(|word| line.contains(word))
}

#[cfg(test)]
mod tests {
    use super::{NoShard, Shard};

    #[test]
    fn shards_deal_out_everything_once() {
        for of in 1..6 {
            let shards: Vec<Shard> =
                (1..=of).map(|index| format!("{index}/{of}").parse().expect("a shard")).collect();
            for number in 0..20 {
                assert_eq!(shards.iter().filter(|shard| shard.has(number)).count(), 1);
            }
        }
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        for text in ["", "1", "0/3", "4/3", "1/0", "-1/3", "1/99999", "a/b", "1/2/3"] {
            assert_eq!(text.parse::<Shard>(), Err(NoShard), "{text}");
        }
    }
}
