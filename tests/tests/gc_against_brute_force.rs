//! The one pass over all GC points says what re-running with a real collection at each single point says; and a stack that
//! really moves at every point changes nothing.
//!
//! Workloads: all of `workloads/abi`. Code: every built-in epoch of every port.

use std::fs;

use rcsim_diag::Source;
use rcsim_gc::{Checker, Mode};
use rcsim_go::run::{CodeChoice, Report, Request, run_with};
use rcsim_tests::oracle::workspace_root;
use rcsim_tests::proof::is_built_in;
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::Workload;

fn workloads() -> Vec<(String, Workload)> {
    let folder = workspace_root().join("workloads").join("abi");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the folder of workloads")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let source = Source::new(name.clone(), fs::read_to_string(&path).expect("a workload"));
        (name, Workload::parse(&source).expect("the workloads of the project are right"))
    };
    paths.into_iter().map(read).collect()
}

fn epochs(port: &'static dyn Port) -> Vec<Epoch> {
    Epoch::ALL.into_iter().filter(|epoch| is_built_in(port, *epoch)).collect()
}

struct Checked {
    report: Report,
    points: u32,
    /// For each point, whether a collection there would free something in use.
    too_early: Vec<bool>,
}

fn check(request: &Request<'_>, mode: Mode) -> Checked {
    let checker = Checker::new(mode, u64::from(request.port.word().bytes));
    let (report, (points, too_early)) = run_with(request, checker, |world| {
        let checker = &world.core.shadow;
        let points = checker.points();
        (points, (0..points).map(|point| checker.frees_too_early_at(point)).collect())
    })
    .expect("the workloads of the project can be run");
    Checked { report, points, too_early }
}

fn each(mut visit: impl FnMut(&str, &Request<'_>)) {
    let workloads = workloads();
    for port in rcsim_isa::ports() {
        for epoch in epochs(port) {
            for (name, workload) in &workloads {
                let place = format!("{name}, {}, {epoch}", port.goarch());
                let code = CodeChoice::BuiltIn;
                visit(
                    &place,
                    &Request {
                        workload,
                        port,
                        epoch,
                        code,
                        features: &[],
                        move_stacks: false,
                        deviations: &[],
                        fixes: &[],
                    },
                );
            }
        }
    }
}

#[test]
fn one_pass_equals_a_collection_at_each_single_point() {
    let (mut points, mut hidden) = (0, 0);
    each(|place, request| {
        let fast = check(request, Mode::AllPoints);
        for point in 0..fast.points {
            let brute = check(request, Mode::CollectAt(point));
            let broken = brute.report.end != fast.report.end;
            assert_eq!(
                fast.too_early[point as usize], broken,
                "{place}, point {point}: {:?}",
                brute.report.end
            );
            points += 1;
            hidden += u32::from(broken);
        }
    });
    println!("{points} points compared, at {hidden} of them something in use would be freed");
    assert!(hidden > 0, "nothing was hidden anywhere: the comparison shows nothing");
}

#[test]
fn a_stack_that_moves_at_every_point_changes_no_result() {
    let mut moves = 0;
    each(|place, request| {
        let still = check(request, Mode::AllPoints);
        let moving = check(&Request { move_stacks: true, ..*request }, Mode::AllPoints);
        assert_eq!(still.report.end, moving.report.end, "{place}");
        moves += moving.report.stack_moves;
    });
    println!("{moves} moves");
    assert!(moves > 1000, "the stack moved only {moves} times");
}

#[test]
fn releases_hide_nothing_in_the_abi_workloads() {
    each(|place, request| {
        if request.epoch >= Epoch::Go119 {
            let checked = check(request, Mode::AllPoints);
            assert!(checked.points > 0, "{place}: no point was examined");
            assert!(!checked.too_early.contains(&true), "{place}: something is hidden");
        }
    });
}
