//! The checker on real Go programs: every rule looks on while the machine code of two Go releases makes the calls, and finds
//! nothing but what is known to be wrong in those releases.
//!
//! Here a sample; the example `check_images` runs every workload on every port.

use rcsim_isa::ports;
use rcsim_tests::oracle::go::Toolchain;
use rcsim_tests::oracle::require;
use rcsim_tests::proof::{GoProgram, Variant, checked, known_defects, workloads_of};
use rcsim_uop::Epoch;
use rcsim_workloads::Workload;

/// Every so many workloads are run: all kinds of calls are among them.
const STEP: usize = 6;
/// These are always run. The busy callee keeps objects in global variables of the program, and is stopped in the prologues of
/// many functions; the other shows a defect of both releases.
const ALWAYS: [&str; 3] = ["call: busy callee", "makefunc: busy callee", "makefunc: nil interface converted"];

#[test]
fn releases_break_no_rule_on_their_own_code() {
    let (mut runs, mut wrong, mut defects) = (0, Vec::new(), 0);
    let known_defects = known_defects();
    for toolchain in Toolchain::ALL {
        let workloads = workloads_of(toolchain);
        for port in ports().into_iter().filter(|port| port.last_epoch() == Epoch::Go127) {
            let program = require(GoProgram::build(toolchain, port, Variant::Plain, &workloads));
            let chosen = |(n, workload): &(usize, &Workload)| {
                n % STEP == 0 || ALWAYS.contains(&workload.name.value.as_str())
            };
            for (_, workload) in workloads.iter().enumerate().filter(chosen) {
                runs += 1;
                let (lines, expected) = checked(&program, workload, &known_defects);
                wrong.extend(lines);
                defects += expected.len();
            }
        }
    }
    assert!(wrong.is_empty(), "{} findings in {runs} runs:\n{}", wrong.len(), wrong.join("\n"));
    assert!(runs > 150, "only {runs} runs");
    assert!(defects > 0, "the defect that both releases have was not found");
}
