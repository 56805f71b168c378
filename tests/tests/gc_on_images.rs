//! The checker on real Go programs: every rule looks on while the machine code of two Go releases makes the calls, and finds
//! nothing but what is really wrong in those releases.
//!
//! Here a sample; the example `check_images` runs every workload on every port.

use rcsim_isa::ports;
use rcsim_tests::oracle::go::Toolchain;
use rcsim_tests::oracle::require;
use rcsim_tests::proof::{GoProgram, Variant, checked, workloads_of};
use rcsim_uop::Epoch;

/// Every so many workloads are run: all kinds of calls are among them.
const STEP: usize = 6;

#[test]
fn releases_break_no_rule_on_their_own_code() {
    let (mut runs, mut wrong) = (0, Vec::new());
    for toolchain in Toolchain::ALL {
        let workloads = workloads_of(toolchain);
        for port in ports().into_iter().filter(|port| port.last_epoch() == Epoch::Go127) {
            let program = require(GoProgram::build(toolchain, port, Variant::Plain, &workloads));
            for workload in workloads.iter().step_by(STEP) {
                runs += 1;
                wrong.extend(checked(&program, workload));
            }
        }
    }
    assert!(wrong.is_empty(), "{} findings in {runs} runs:\n{}", wrong.len(), wrong.join("\n"));
    assert!(runs > 150, "only {runs} runs");
}
