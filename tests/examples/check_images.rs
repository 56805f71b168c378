//! Every workload of `workloads/abi` on real Go programs of two releases under the checker, on every port: prints what was found.
//!
//! `cargo run --release -p rcsim-tests --example check_images [GOARCH...]`

use rcsim_isa::ports;
use rcsim_tests::oracle::go::Toolchain;
use rcsim_tests::oracle::require;
use rcsim_tests::proof::{GoProgram, Variant, checked, workloads_of};
use rcsim_uop::Epoch;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |goarch: &str| wanted.is_empty() || wanted.iter().any(|name| name == goarch);
    let (mut runs, mut found) = (0, 0);
    for toolchain in Toolchain::ALL {
        let workloads = workloads_of(toolchain);
        let still_there = ports().into_iter().filter(|port| port.last_epoch() == Epoch::Go127);
        for port in still_there.filter(|port| is_wanted(port.goarch())) {
            let program = require(GoProgram::build(toolchain, port, Variant::Plain, &workloads));
            for workload in &workloads {
                runs += 1;
                for line in checked(&program, workload) {
                    found += 1;
                    println!("{line}");
                }
            }
        }
    }
    println!("{runs} runs, {found} findings");
}
