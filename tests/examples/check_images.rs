//! Every workload of `workloads/abi` on real Go programs of two releases under the checker, on every port: prints what was found
//! and no workload expects, and fails when there is something. What a workload expects is a defect of those releases, which its
//! text names.
//!
//! `cargo run --release -p rcsim-tests --example check_images [GOARCH...]`

use std::process::ExitCode;

use rcsim_isa::ports;
use rcsim_tests::oracle::go::Toolchain;
use rcsim_tests::oracle::require;
use rcsim_tests::proof::{GoProgram, Variant, checked, known_defects, workloads_of};
use rcsim_uop::Epoch;

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |goarch: &str| wanted.is_empty() || wanted.iter().any(|name| name == goarch);
    let (mut runs, mut wrong, mut defects) = (0, 0, 0);
    let known = known_defects();
    for toolchain in Toolchain::ALL {
        let workloads = workloads_of(toolchain);
        let still_there = ports().into_iter().filter(|port| port.last_epoch() == Epoch::Go127);
        for port in still_there.filter(|port| is_wanted(port.goarch())) {
            let program = require(GoProgram::build(toolchain, port, Variant::Plain, &workloads));
            for workload in &workloads {
                runs += 1;
                let (lines, expected) = checked(&program, workload, &known);
                wrong += lines.len();
                defects += expected.len();
                for line in lines {
                    println!("{line}");
                }
            }
        }
    }
    println!("{runs} runs, {defects} findings of defects that the workloads name, {wrong} others");
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
