//! Calls random functions that a real toolchain compiled, through the trampolines of that very program, and checks what
//! comes back:
//!
//! `cargo run --release -p rcsim-tests --example random_signatures -- --count 10000 --arch arm64 --go 1.27`
//!
//! `--seed N` looks at other signatures, `--first N` begins at a later one.

use std::process::ExitCode;
use std::time::Instant;

use rcsim_tests::oracle::go::Toolchain;
use rcsim_tests::proof::random::{BATCH, Tally, run};
use rcsim_uop::Port;

/// What the command line asks for.
struct Options {
    seed: u64,
    first: u64,
    count: u64,
    toolchain: Toolchain,
    port: &'static dyn Port,
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("random_signatures: {message}");
            return ExitCode::from(2);
        }
    };
    match run_all(&options) {
        Ok(tally) => report(&options, &tally),
        Err(error) => {
            eprintln!("random_signatures: {error}");
            ExitCode::from(2)
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let (mut seed, mut first, mut count) = (0x51_9a7e, 0, 1000);
    let (mut toolchain, mut port) = (Toolchain::Go1_27, None);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--seed" => seed = number(&value)?,
            "--first" => first = number(&value)?,
            "--count" => count = number(&value)?,
            "--go" => toolchain = release(&value)?,
            "--arch" => port = rcsim_isa::port(&value),
            _ => return Err(format!("unknown option {name}: there are --seed --first --count --go --arch")),
        }
    }
    let names: Vec<&str> = rcsim_isa::ports().iter().map(|port| port.goarch()).collect();
    let port = port.ok_or_else(|| format!("--arch is needed: one of {}", names.join(", ")))?;
    Ok(Options { seed, first, count, toolchain, port })
}

fn number(text: &str) -> Result<u64, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|error| format!("{text}: {error}"))
}

fn release(text: &str) -> Result<Toolchain, String> {
    let found = Toolchain::ALL.into_iter().find(|known| known.release().strip_prefix("go") == Some(text));
    found.ok_or_else(|| format!("no toolchain for Go {text}"))
}

fn run_all(options: &Options) -> Result<Tally, rcsim_tests::oracle::OracleError> {
    let Options { seed, first, count, toolchain, port } = *options;
    println!("{toolchain} {}, seed {seed:#x}, signatures {first} to {}", port.goarch(), first + count - 1);
    let (started, end) = (Instant::now(), first + count);
    let mut tally = Tally::default();
    let mut next = first;
    while next < end {
        let after = (next + BATCH).min(end);
        tally.add(run(toolchain, port, seed, next..after)?);
        next = after;
        let seconds = started.elapsed().as_secs();
        eprintln!("{} of {count}, {} wrong, {seconds} s", next - first, tally.wrong.len());
    }
    Ok(tally)
}

fn report(options: &Options, tally: &Tally) -> ExitCode {
    let Options { seed, toolchain, port, .. } = *options;
    for (kind, count) in &tally.calls {
        println!("{kind:<14} {count:>8}");
    }
    for (name, count) in &tally.trampolines {
        println!("{name:<24} {count:>8}");
    }
    println!("stack moved    {:>8}", tally.moved);
    println!("instructions   {:>8}", tally.instructions);
    println!("wrong          {:>8}", tally.wrong.len());
    let go = toolchain.release().trim_start_matches("go");
    for (number, what) in &tally.wrong {
        println!("signature {number}: {what}");
        println!("  replay: --arch {} --go {go} --seed {seed:#x} --first {number} --count 1", port.goarch());
    }
    if tally.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
