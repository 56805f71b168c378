//! Real Go programs in the simulator and in qemu, every register compared after every instruction: a table.
//!
//! `cargo run --release -p rcsim-tests --example lockstep [-- [--steps N] [GOARCH...]]`
//!
//! Each program is followed from its first instruction to its last, or for N instructions (2,000,000 unless told).
//! Exits 1 when anything differs.

use std::process::ExitCode;

use rcsim_tests::beside_qemu::{agrees, attempts, described, ports};
use rcsim_tests::oracle::go::Toolchain;

/// More than the sample program executes.
const STEPS: u64 = 2_000_000;

fn main() -> ExitCode {
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    let steps = match wanted.iter().position(|word| word == "--steps") {
        Some(at) => {
            let number = wanted.get(at + 1).and_then(|text| text.parse().ok());
            let Some(steps) = number else {
                eprintln!("--steps needs a number");
                return ExitCode::from(2);
            };
            wanted.drain(at..at + 2);
            steps
        }
        None => STEPS,
    };
    let mut differ = false;
    println!(
        "{:10} {:8} {:>12} {:>12} {:>9} {:>8}  ended",
        "port", "program", "instructions", "from outside", "corrected", "attempts"
    );
    for (port, arch) in ports() {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == port.goarch()) {
            continue;
        }
        let mut total = 0;
        for toolchain in Toolchain::ALL {
            let reports = attempts(port, &arch, toolchain, None, steps);
            let last = reports.last().expect("there is an attempt");
            total += last.steps;
            differ |= !agrees(last);
            println!(
                "{:10} {:8} {:>12} {:>12} {:>9} {:>8}  {}",
                port.goarch(),
                toolchain.release(),
                last.steps,
                last.from_environment,
                last.corrected,
                reports.len(),
                described(last).lines().next().unwrap_or_default()
            );
            if !agrees(last) {
                eprintln!("{}", described(last));
            }
        }
        println!("{:10} {:8} {total:>12}", port.goarch(), "both");
        for known in &arch.emulator_differs {
            println!("{:10} corrected: {}: {}", port.goarch(), known.instruction, known.why);
        }
    }
    ExitCode::from(u8::from(differ))
}
