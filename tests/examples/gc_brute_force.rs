//! Compares the one pass of the checker with brute force on random functions, in random epochs of random ports, half of them with
//! a deviation from correct code:
//!
//! `cargo run --release -p rcsim-tests --example gc_brute_force -- --count 10000`
//!
//! `--seed N` looks at other functions, `--first N` begins at a later one.

use std::process::ExitCode;

use rcsim_tests::brute::{Tally, random};

fn main() -> ExitCode {
    match options(std::env::args().skip(1)) {
        Ok((seed, first, count)) => compare(seed, first, count),
        Err(message) => {
            eprintln!("gc_brute_force: {message}");
            ExitCode::from(2)
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<(u64, u64, u64), String> {
    let (mut seed, mut first, mut count) = (0x6c_0bad, 0, 1000);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        let value = number(&value)?;
        match name.as_str() {
            "--seed" => seed = value,
            "--first" => first = value,
            "--count" => count = value,
            _ => return Err(format!("unknown option {name}: there are --seed --first --count")),
        }
    }
    Ok((seed, first, count))
}

fn number(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|error| format!("{text}: {error}"))
}

fn compare(seed: u64, first: u64, count: u64) -> ExitCode {
    println!("seed {seed:#x}, runs {first} to {}", (first + count).saturating_sub(1));
    let (mut total, mut wrong) = (Tally::default(), 0);
    for number in first..first + count {
        match random(seed, number) {
            Ok(tally) => total += tally,
            Err(what) => {
                wrong += 1;
                println!("run {number}: {what}");
                println!("  replay: --seed {seed:#x} --first {number} --count 1");
            }
        }
    }
    println!("points                            {:>8}", total.points);
    println!("at which a collection frees       {:>8}", total.freed);
    println!("at which it leaves dangling       {:>8}", total.dangling);
    println!("at which a move misses            {:>8}", total.missed);
    println!("at which undefined words are read {:>8}", total.undefined);
    println!("wrong                             {wrong:>8}");
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
