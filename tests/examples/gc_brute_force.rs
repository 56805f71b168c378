//! Compares the one pass of the checker with brute force, point by point, everywhere:
//!
//! `cargo run --release -p rcsim-tests --example gc_brute_force -- --count 10000`
//!
//! First every workload of the project in every built-in epoch of every port; then chosen ones under every deviation from correct
//! code; then as many random functions, in random epochs of random ports, half of them with a deviation. `--only PART` compares
//! one of `workloads`, `deviations`, `random`; `--seed N` looks at other functions, `--first N` begins at a later one.

use std::process::ExitCode;

use rcsim_tests::brute::{Runs, Total, in_parallel, random};

struct Options {
    seed: u64,
    first: u64,
    count: u64,
    only: Option<String>,
}

const PARTS: [&str; 3] = ["workloads", "deviations", "random"];

fn main() -> ExitCode {
    match options(std::env::args().skip(1)) {
        Ok(options) => compare(&options),
        Err(message) => {
            eprintln!("gc_brute_force: {message}");
            ExitCode::from(2)
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options { seed: 0x6c_0bad, first: 0, count: 1000, only: None };
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--seed" => options.seed = number(&value)?,
            "--first" => options.first = number(&value)?,
            "--count" => options.count = number(&value)?,
            "--only" if PARTS.contains(&value.as_str()) => options.only = Some(value),
            "--only" => return Err(format!("no part {value}: there are {}", PARTS.join(" "))),
            _ => return Err(format!("unknown option {name}: there are --seed --first --count --only")),
        }
    }
    Ok(options)
}

fn number(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|error| format!("{text}: {error}"))
}

fn compare(options: &Options) -> ExitCode {
    let mut right = true;
    for part in PARTS.into_iter().filter(|part| options.only.as_deref().is_none_or(|only| only == *part)) {
        let total = match part {
            "workloads" => all(&Runs::of_workloads()),
            "deviations" => all(&Runs::of_deviations()),
            _ => functions(options),
        };
        show(part, &total);
        right &= total.wrong.is_empty();
    }
    if right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn all(runs: &Runs) -> Total {
    let numbers: Vec<usize> = (0..runs.count()).collect();
    in_parallel(&numbers, |n| runs.compare(n))
}

fn functions(options: &Options) -> Total {
    let Options { seed, first, count, .. } = *options;
    println!("random: seed {seed:#x}, runs {first} to {}", (first + count).saturating_sub(1));
    let numbers: Vec<usize> = (first..first + count).map(|number| number as usize).collect();
    let replay = |number: u64| format!("--only random --seed {seed:#x} --first {number} --count 1");
    in_parallel(&numbers, |n| {
        let number = n as u64;
        random(seed, number).map_err(|what| format!("{what}\n  replay: {}", replay(number)))
    })
}

fn show(part: &str, total: &Total) {
    for (_, what) in &total.wrong {
        println!("{part}: {what}");
    }
    let tally = total.tally;
    println!("{part}: runs                        {:>8}", tally.runs);
    println!("  points                            {:>8}", tally.points);
    println!("  at which a collection frees       {:>8}", tally.freed);
    println!("  at which it leaves dangling       {:>8}", tally.dangling);
    println!("  at which a move misses            {:>8}", tally.missed);
    println!("  at which undefined words are read {:>8}", tally.undefined);
    println!("  wrong                             {:>8}", total.wrong.len());
}
