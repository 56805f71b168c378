//! Every workload on the built-in machinery of every port, in every epoch that is built in: it passes, except where
//! `reflect` of the epoch is known to have been wrong.

use std::collections::BTreeSet;

use rcsim_go::run::{CodeChoice, End, Report, Request, run};
use rcsim_isa::ports;
use rcsim_tests::proof::{all_workloads, is_built_in, is_lost};
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::{ExpectedFinding, Workload};

/// The finding of an argument or result with the wrong value; others are the checker's own and change no result.
const WRONG_VALUE: &str = "RC0201";

/// Registers that were taken for a value which then did not fit stay taken (Go issue 44816).
const NO_ROLLBACK: &str = "no-rollback-on-regassign-failure";
/// A value of size zero does not align the stack arguments (Go issue 44377).
const ZERO_SIZE_ALIGNMENT: &str = "zero-size-arg-alignment";

/// Everything that an epoch gets wrong: epoch, workload, the ports, the bug. All of 2020 were mended before 2021.
const DEFECTS: [(Epoch, &str, &[&str], &str); 2] = [
    (
        Epoch::Y2020,
        "call: large struct on the stack, scalars in registers after it",
        // The only port that passed arguments in registers then.
        &["amd64"],
        NO_ROLLBACK,
    ),
    (
        Epoch::Y2020,
        "call: empty array of words between bytes on the stack",
        &[
            "386", "amd64", "arm", "arm64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le",
            "riscv64", "s390x", "wasm",
        ],
        ZERO_SIZE_ALIGNMENT,
    ),
];

/// callMethod takes the first argument to follow the receiver at once (Go issue 33628), which it does everywhere but on the
/// one port whose pointers are smaller than the alignment of some values; and what it then gets wrong there.
const FIRST_ARGUMENT_ALIGNMENT: &str = "amd64p32-align";
const LARGE_ALIGNMENT_PORT: &str = "amd64p32";
const LARGE_ALIGNMENT_METHODS: [&str; 3] = [
    "method value: registers and stack",
    "method value: everything in registers",
    "method value: the receiver pushes an argument out of the registers",
];

/// Every workload with every port and epoch that it is for.
fn for_all(mut check: impl FnMut(&Workload, &'static dyn Port, Epoch)) {
    let workloads = all_workloads();
    for epoch in Epoch::ALL {
        for port in ports().into_iter().filter(|port| is_built_in(*port, epoch)) {
            for workload in &workloads {
                if workload.applies(port.goarch(), epoch.name()) {
                    check(workload, port, epoch);
                }
            }
        }
    }
}

fn run_built_in(workload: &Workload, port: &'static dyn Port, epoch: Epoch) -> Report {
    let request = Request::new(workload, port, epoch, CodeChoice::BuiltIn);
    let what = format!("{} {} {epoch}", workload.name.value, port.goarch());
    run(&request).unwrap_or_else(|error| panic!("{what}: {error:?}"))
}

fn known_defect(workload: &Workload, port: &dyn Port, epoch: Epoch) -> Option<&'static str> {
    let found = DEFECTS.iter().find(|(of, name, archs, _)| {
        *of == epoch && *name == workload.name.value && archs.contains(&port.goarch())
    });
    let is_misaligned = port.goarch() == LARGE_ALIGNMENT_PORT
        && LARGE_ALIGNMENT_METHODS.contains(&workload.name.value.as_str());
    found.map(|(.., bug)| *bug).or(is_misaligned.then_some(FIRST_ARGUMENT_ALIGNMENT))
}

/// Whether the run is one that cannot come back, and, rightly, does not.
fn is_lost_in_trampoline(report: &Report, port: &dyn Port, epoch: Epoch) -> bool {
    is_lost(port, epoch) && !report.trampolines.is_empty() && matches!(report.end, End::Failed(_))
}

/// A run through the trampolines of such a port cannot pass, either.
fn passes_in_spite(report: &Report, port: &dyn Port, epoch: Epoch) -> bool {
    is_lost(port, epoch) && !report.trampolines.is_empty() && report.passed
}

/// A run that does not end as it should must be a known defect, and one that hands over a wrong value.
fn complaint(report: &Report, known: Option<&str>) -> Option<String> {
    match (report.passed, &report.end, known) {
        (true, _, None) | (false, End::Returned(_), Some(_)) => None,
        (true, _, Some(bug)) => Some(format!("passes in spite of {bug}")),
        (false, End::Failed(failure), _) => Some(failure.to_string()),
        (false, End::Returned(found), None) => {
            Some(format!("wrong\n  found: {found}\n   want: {}", report.expected))
        }
    }
}

#[test]
fn workloads_pass_but_for_known_defects_of_the_epoch() {
    let (mut runs, mut lost, mut wrong) = (0, 0, Vec::new());
    for_all(|workload, port, epoch| {
        runs += 1;
        let report = run_built_in(workload, port, epoch);
        if is_lost_in_trampoline(&report, port, epoch) {
            lost += 1;
        } else if passes_in_spite(&report, port, epoch) {
            wrong.push(format!("{epoch} {} {}: comes back", port.goarch(), workload.name.value));
        } else if let Some(what) = complaint(&report, known_defect(workload, port, epoch)) {
            wrong.push(format!("{epoch} {} {}: {what}", port.goarch(), workload.name.value));
        }
    });
    assert!(wrong.is_empty(), "{} of {runs} runs:\n{}", wrong.len(), wrong.join("\n"));
    assert!(runs > 1800, "only {runs} runs");
    assert!(lost > 50, "only {lost} runs were lost");
}

/// What the files of the workloads expect is what the list of defects says: neither is a second truth.
#[test]
fn workloads_expect_exactly_the_known_defects() {
    let (mut known, mut expected) = (BTreeSet::new(), BTreeSet::new());
    for_all(|workload, port, epoch| {
        let run = (epoch, port.goarch(), workload.name.value.clone());
        if known_defect(workload, port, epoch).is_some() {
            known.insert(run.clone());
        }
        let findings = &workload.expect.findings;
        let is_wrong_value = |finding: &&ExpectedFinding| finding.code.value.to_string() == WRONG_VALUE;
        let mut wrong_values = findings.iter().filter(is_wrong_value);
        if wrong_values.any(|finding| finding.applies(port.goarch(), epoch.name())) {
            expected.insert(run);
        }
    });
    assert_eq!(expected, known);
    let listed: usize = DEFECTS.iter().map(|(_, _, archs, _)| archs.len()).sum();
    let misaligned = ports().into_iter().filter(|port| port.goarch() == LARGE_ALIGNMENT_PORT);
    let epochs = misaligned
        .flat_map(|port| Epoch::ALL.into_iter().filter(move |epoch| is_built_in(port, *epoch)))
        .count();
    let listed = listed + epochs * LARGE_ALIGNMENT_METHODS.len();
    assert_eq!(known.len(), listed, "every defect is shown by a workload that exists");
}
