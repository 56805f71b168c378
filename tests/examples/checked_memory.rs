//! How much memory a long run under the checker needs:
//!
//! `cargo run --release -p rcsim-tests --example checked_memory [STEPS]`
//!
//! Runs a real Go program that allocates all the time for at least so many guest instructions, 100 million by default, and fails
//! when something is found or when the process has ever had 2 GiB.

use std::process::ExitCode;
use std::time::Instant;

use rcsim_tests::long_run::{long_run, peak_bytes};
use rcsim_tests::oracle::require;

/// What is promised.
const LIMIT_BYTES: u64 = 2 << 30;
/// Rounds that tell how many instructions one has.
const TRIAL: u64 = 1000;

fn main() -> ExitCode {
    let steps = std::env::args().nth(1).map_or(Ok(100_000_000), |text| text.parse());
    let Ok(steps) = steps else {
        eprintln!("checked_memory: the number of steps is no number");
        return ExitCode::from(2);
    };
    let port = rcsim_isa::ports()[0];
    let trial = require(long_run(port, TRIAL));
    let rounds = steps * TRIAL / trial.instructions + TRIAL;
    let begun = Instant::now();
    let run = require(long_run(port, rounds));
    let (time, peak) = (begun.elapsed(), peak_bytes());
    println!("{} guest instructions on {}", run.instructions, port.goarch());
    println!("{} GC points, {} objects allocated", run.points, run.objects);
    println!("{:.1} s, at most {} MiB of memory", time.as_secs_f64(), peak >> 20);
    for finding in &run.findings {
        println!("found: {finding}");
    }
    let right = run.passed && run.findings.is_empty() && run.instructions >= steps && peak < LIMIT_BYTES;
    if right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
