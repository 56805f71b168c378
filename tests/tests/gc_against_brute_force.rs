//! The one pass over all GC points says what runs say that really collect, or really move the stack, at each single point; and a
//! stack that really moves at every point changes nothing.
//!
//! Workloads: all of `workloads/abi` and `workloads/bugs`, in every built-in epoch of every port that they are for; every deviation
//! on a few of them; and a sample of what `examples/gc_brute_force.rs` compares at length.

use rcsim_diag::Source;
use rcsim_gc::Rule::MissedStackPointer;
use rcsim_gc::{Checker, Mode};
use rcsim_go::deviation::Deviation;
use rcsim_go::run::{CodeChoice, Report, Request, run_with};
use rcsim_tests::brute::{Tally, compare, random};
use rcsim_tests::oracle::workspace_root;
use rcsim_tests::proof::{all_workloads, is_built_in};
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::{Call, Workload};

/// The seed of the random sample; change it to look at others.
const SEED: u64 = 0x5eed;
/// How many random runs are compared.
const SAMPLE: u64 = 300;

fn built_in(port: &'static dyn Port) -> impl Iterator<Item = Epoch> {
    Epoch::ALL.into_iter().filter(move |epoch| is_built_in(port, *epoch))
}

/// The workloads that state a bug.
fn bugs() -> Vec<Workload> {
    let folder = workspace_root().join("workloads").join("bugs");
    let entries = std::fs::read_dir(folder).expect("the folder of the bugs");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("a workload");
        let source = Source::new(path.display().to_string(), text);
        Workload::parse(&source).expect("the workloads of the project are right")
    };
    paths.iter().map(read).collect()
}

/// Every run, with a name for it.
fn each(mut visit: impl FnMut(&str, &Request<'_>)) {
    let mut workloads = all_workloads();
    workloads.extend(bugs());
    for port in rcsim_isa::ports() {
        for epoch in built_in(port) {
            for workload in workloads.iter().filter(|workload| workload.applies(port.goarch(), epoch.name()))
            {
                let place = format!("{}, {}, {epoch}", workload.name.value, port.goarch());
                visit(&place, &request(workload, port, epoch, &[]));
            }
        }
    }
}

fn request<'a>(
    workload: &'a Workload,
    port: &'static dyn Port,
    epoch: Epoch,
    deviations: &'a [Deviation],
) -> Request<'a> {
    let code = CodeChoice::BuiltIn;
    Request { workload, port, epoch, code, features: &[], move_stacks: false, deviations, fixes: &[] }
}

fn total(results: impl Iterator<Item = Result<Tally, String>>) -> Tally {
    let (mut total, mut wrong) = (Tally::default(), Vec::new());
    for result in results {
        match result {
            Ok(tally) => total += tally,
            Err(what) => wrong.push(what),
        }
    }
    println!("{total:?}");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    total
}

#[test]
fn one_pass_equals_brute_force_on_every_workload() {
    let mut results = Vec::new();
    each(|place, request| results.push(compare(request).map_err(|what| format!("{place}: {what}"))));
    let total = total(results.into_iter());
    let shown = total.freed > 0 && total.missed > 0 && total.undefined > 0;
    assert!(shown, "{total:?}: the comparison shows too little");
}

#[test]
fn one_pass_equals_brute_force_under_every_deviation() {
    let workloads = all_workloads();
    let mut results = Vec::new();
    // Two ports, one of which returns through a register.
    for port in rcsim_isa::ports().into_iter().take(2) {
        for epoch in [Epoch::Y2016, Epoch::Go127] {
            for workload in workloads.iter().filter(|workload| is_chosen(workload)) {
                if !is_built_in(port, epoch) || !workload.applies(port.goarch(), epoch.name()) {
                    continue;
                }
                for deviation in Deviation::ALL {
                    let place = || {
                        format!("{}, {}, {epoch}, {}", workload.name.value, port.goarch(), deviation.name())
                    };
                    let chosen = [*deviation];
                    let result = compare(&request(workload, port, epoch, &chosen));
                    results.push(result.map_err(|what| format!("{}: {what}", place())));
                }
            }
        }
    }
    let total = total(results.into_iter());
    assert!(total.freed > 0, "{total:?}: the comparison shows too little");
}

/// Few workloads with many pointers, of each kind of call.
fn is_chosen(workload: &Workload) -> bool {
    let name = &workload.name.value;
    matches!(workload.call, Call::ValueCall | Call::MakeFunc | Call::MethodValue(_))
        && name.contains("pointers in registers and on the stack")
}

#[test]
fn one_pass_equals_brute_force_on_random_functions() {
    let total =
        total((0..SAMPLE).map(|number| {
            random(SEED, number).map_err(|what| format!("seed {SEED:#x}, run {number}: {what}"))
        }));
    assert_eq!(u64::from(total.runs), SAMPLE);
}

fn end(request: &Request<'_>) -> Report {
    let checker = Checker::new(Mode::AllPoints, u64::from(request.port.word().bytes));
    run_with(request, checker, |_| ()).expect("the workloads of the project can be run").0
}

#[test]
fn a_stack_that_moves_at_every_point_changes_no_result() {
    let mut moves = 0;
    each(|place, request| {
        // What a move misses is expected to change the end.
        let expected = &request.workload.expect.findings;
        if expected.iter().any(|finding| finding.code.value.number() == MissedStackPointer.number()) {
            return;
        }
        let moving = end(&Request { move_stacks: true, ..*request });
        assert_eq!(end(request).end, moving.end, "{place}");
        moves += moving.stack_moves;
    });
    println!("{moves} moves");
    assert!(moves > 1000, "the stack moved only {moves} times");
}

#[test]
fn releases_are_clean() {
    let mut points = 0;
    each(|place, request| {
        if request.epoch < Epoch::Go119 || !request.workload.expect.findings.is_empty() {
            return;
        }
        let checker = Checker::new(Mode::AllPoints, u64::from(request.port.word().bytes));
        let (_, found) = run_with(request, checker, |world| {
            points += world.core.shadow.points();
            world.core.shadow.findings()
        })
        .expect("the workloads of the project can be run");
        assert!(found.is_empty(), "{place}: {found:?}");
    });
    assert!(points > 1000, "only {points} points were examined");
}
