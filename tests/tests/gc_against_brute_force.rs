//! The one pass over all GC points says what runs say that really collect, or really move the stack, at each single point; and a
//! stack that really moves at every point changes nothing.
//!
//! Compared is a sample of what `examples/gc_brute_force.rs` compares in full.

use rcsim_diag::Code;
use rcsim_gc::Rule::MissedStackPointer;
use rcsim_gc::{Checker, Mode};
use rcsim_go::failure::Failure;
use rcsim_go::run::{End, Report, Request, run_with};
use rcsim_tests::brute::{Runs, Tally, Total, in_parallel, random};
use rcsim_tests::proof::known_defects;
use rcsim_uop::Epoch;

/// The seed of the random sample; change it to look at others.
const SEED: u64 = 0x5eed;
/// How many random runs are compared.
const SAMPLE: usize = 100;

/// One run in so many is compared. A prime, so that every workload, port and epoch has its turn.
const WORKLOADS_STEP: usize = 23;
const DEVIATIONS_STEP: usize = 17;
const MOVING_STEP: usize = 5;

fn right(total: Total) -> Tally {
    println!("{:?}", total.tally);
    let wrong: Vec<String> = total.wrong.into_iter().map(|(_, what)| what).collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    total.tally
}

#[test]
fn one_pass_equals_brute_force_on_a_sample_of_the_workloads() {
    let runs = Runs::of_workloads();
    let chosen = |n: &usize| n.is_multiple_of(WORKLOADS_STEP) || misses_a_stack_pointer(&runs.request(*n).1);
    let numbers: Vec<usize> = (0..runs.count()).filter(chosen).collect();
    let tally = right(in_parallel(&numbers, |n| runs.compare(n)));
    let shown = tally.freed > 0 && tally.missed > 0 && tally.undefined > 0;
    assert!(shown, "{tally:?}: the comparison shows too little");
}

#[test]
fn one_pass_equals_brute_force_under_deviations() {
    let runs = Runs::of_deviations();
    let numbers: Vec<usize> = (0..runs.count()).step_by(DEVIATIONS_STEP).collect();
    let tally = right(in_parallel(&numbers, |n| runs.compare(n)));
    assert!(tally.freed > 0, "{tally:?}: the comparison shows too little");
}

#[test]
fn one_pass_equals_brute_force_on_random_functions() {
    let numbers: Vec<usize> = (0..SAMPLE).collect();
    let run = |n| random(SEED, n as u64).map_err(|what| format!("seed {SEED:#x}, run {n}: {what}"));
    assert_eq!(right(in_parallel(&numbers, run)).runs as usize, SAMPLE);
}

/// Whether a move of the stack is expected to change the end.
fn misses_a_stack_pointer(request: &Request<'_>) -> bool {
    let (arch, epoch) = (request.port.goarch(), request.epoch.name());
    let mut expected = request.workload.expect.findings.iter();
    expected.any(|finding| {
        finding.code.value.number() == MissedStackPointer.number() && finding.applies(arch, epoch)
    })
}

fn end(request: &Request<'_>) -> Report {
    let checker = Checker::new(Mode::AllPoints, u64::from(request.port.word().bytes));
    run_with(request, checker, |_| ()).expect("the workloads of the project can be run").0
}

/// How a run ended. Of a trap only the place: the address that it stumbled over may be one of the stack.
fn outcome(report: &Report) -> String {
    match &report.end {
        End::Failed(Failure::Trap { place, .. }) => format!("trap at {place}"),
        end => format!("{end:?}"),
    }
}

#[test]
fn a_stack_that_moves_at_every_point_changes_no_result() {
    let (runs, mut moves) = (Runs::of_workloads(), 0);
    for n in (0..runs.count()).step_by(MOVING_STEP) {
        let (place, request) = runs.request(n);
        if misses_a_stack_pointer(&request) {
            continue;
        }
        let moving = end(&Request { move_stacks: true, ..request });
        assert_eq!(outcome(&end(&request)), outcome(&moving), "{place}");
        moves += moving.stack_moves;
    }
    println!("{moves} moves");
    assert!(moves > 1000, "the stack moved only {moves} times");
}

#[test]
fn releases_are_clean() {
    let (runs, known, mut points) = (Runs::of_workloads(), known_defects(), 0);
    for n in 0..runs.count() {
        let (place, request) = runs.request(n);
        let expected = !request.workload.expect.findings.is_empty();
        if request.epoch < Epoch::Go119 || expected {
            continue;
        }
        let checker = Checker::new(Mode::AllPoints, u64::from(request.port.word().bytes));
        let (_, found) = run_with(&request, checker, |world| {
            points += world.core.shadow.points();
            world.core.shadow.findings()
        })
        .expect("the workloads of the project can be run");
        let call = request.workload.call.word();
        let known: Vec<u16> =
            known.codes(call, request.port.goarch(), request.epoch.name()).map(Code::number).collect();
        let found: Vec<_> =
            found.into_iter().filter(|finding| !known.contains(&finding.rule.number())).collect();
        assert!(found.is_empty(), "{place}: {found:?}");
    }
    assert!(points > 1000, "only {points} points were examined");
}
