//! How many runs ended how, by architecture.

use std::fmt::Write as _;

use crate::records::{Run, Summary};

/// A line for each architecture, in the order in which they first appear.
#[must_use]
pub fn by_arch(runs: &[Run]) -> String {
    let mut archs: Vec<&str> = Vec::new();
    for run in runs {
        if !archs.contains(&run.arch.as_str()) {
            archs.push(&run.arch);
        }
    }
    let mut out = row("arch", ["epochs", "runs", "passed", "failed", "unusable"].map(str::to_owned));
    for arch in archs {
        let own: Vec<&Run> = runs.iter().filter(|run| run.arch == arch).collect();
        let mut epochs: Vec<&str> = own.iter().map(|run| run.epoch.as_str()).collect();
        epochs.sort_unstable();
        epochs.dedup();
        let sum = Summary::of(own.iter().copied(), 0);
        let numbers = [epochs.len(), own.len(), sum.passed, sum.failed, sum.unusable];
        out += &row(arch, numbers.map(|number| number.to_string()));
    }
    out
}

fn row(arch: &str, cells: [String; 5]) -> String {
    let mut out = format!("{arch:<10}");
    for cell in cells {
        let _ = write!(out, "{cell:>9}");
    }
    out + "\n"
}
