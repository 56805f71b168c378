//! The write barriers of real programs: rcsim switches them on, finds the buffer that the program's own code fills, and judges
//! what is in it. With every barrier on, no workload shows a finding; with them off, the same judgement must object.

use std::collections::BTreeMap;

use rcsim_gc::barrier::{BarrierFinding, Happening, Protocol};
use rcsim_gc::{Checker, Mode};
use rcsim_go::marking::BarrierPlaces;
use rcsim_go::mutation::Mutation;
use rcsim_go::run::{CodeChoice, Report, Request, probe_barriers, run_marking, run_with};
use rcsim_isa::ports;
use rcsim_tests::oracle::go::Toolchain;
use rcsim_tests::oracle::require;
use rcsim_tests::proof::{GoProgram, Variant, workloads_of};
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::Workload;

/// A callee that stores a pointer into the heap, behind the machinery and on its way; pointers are in its stack results, too.
const STORES: &str = "call: busy callee";

struct Judged {
    report: Report,
    findings: Vec<BarrierFinding>,
    shaded: usize,
}

fn look(world: &rcsim_go::world::World<'_, Checker>) -> (Vec<BarrierFinding>, usize) {
    let barriers = world.core.shadow.barriers().expect("barriers are judged");
    let shaded = |happening: &&Happening| matches!(happening, Happening::Shaded { .. });
    (world.core.shadow.barrier_findings(), barriers.history().events().iter().filter(shaded).count())
}

fn judge(request: &Request<'_>, places: Option<&BarrierPlaces>) -> Judged {
    let word = request.port.word();
    let checker = Checker::new(Mode::AllPoints, u64::from(word.bytes)).with_barriers(Protocol::Hybrid, word);
    let ran = match places {
        Some(places) => run_marking(request, &Mutation::default(), places, checker, look),
        None => run_with(request, checker, look),
    };
    let (report, (findings, shaded)) = ran.expect("the program can be run");
    Judged { report, findings, shaded }
}

fn request<'a>(
    workload: &'a Workload,
    port: &'static dyn Port,
    epoch: Epoch,
    bytes: &'a [u8],
) -> Request<'a> {
    Request::new(workload, port, epoch, CodeChoice::File(bytes))
}

/// Visits the programs of all workloads, the same that other tests of programs build.
fn each_program(mut visit: impl FnMut(&str, &'static dyn Port, Epoch, &[u8], &[Workload])) {
    for toolchain in Toolchain::ALL {
        let epoch = Epoch::by_name(toolchain.release()).expect("toolchains are named as epochs are");
        let workloads = workloads_of(toolchain);
        for port in ports().into_iter().filter(|port| port.last_epoch() >= epoch) {
            let program = require(GoProgram::build(toolchain, port, Variant::Plain, &workloads));
            visit(&program.label(), port, epoch, program.file(), &workloads);
        }
    }
}

#[test]
fn barriers_that_are_on_satisfy_the_protocol_and_those_that_are_off_do_not() {
    each_program(|label, port, epoch, bytes, workloads| {
        let stores = workloads.iter().find(|workload| workload.name.value == STORES).expect("it is there");
        let request = request(stores, port, epoch, bytes);
        let places = probe_barriers(&request).expect("the program can be loaded");
        let places = places.unwrap_or_else(|| panic!("{label}: no flag and no buffer found"));
        let on = judge(&request, Some(&places));
        assert!(on.report.passed, "{label}: {:?}", on.report.end);
        assert_eq!(on.findings, [], "{label}");
        let off = judge(&request, None);
        // The copy of results, whose barrier is a call, and the callee's store, whose barrier goes through the buffer.
        assert!(off.findings.len() >= 2, "{label}: no barrier ran, and this was found: {:#?}", off.findings);
        assert!(on.shaded > off.shaded, "{label}: shaded {} and {}", on.shaded, off.shaded);
        println!("{label}: {places:x?}, {} shaded, {} found when off", on.shaded, off.findings.len());
    });
}

#[test]
fn releases_keep_the_protocol_in_all_workloads() {
    let mut runs = 0;
    let mut found: BTreeMap<String, Vec<BarrierFinding>> = BTreeMap::new();
    each_program(|label, port, epoch, bytes, workloads| {
        let first = request(&workloads[0], port, epoch, bytes);
        let places = probe_barriers(&first).expect("the program can be loaded").expect("it has barriers");
        for workload in workloads.iter().filter(|workload| workload.applies(port.goarch(), epoch.name())) {
            let judged = judge(&request(workload, port, epoch, bytes), Some(&places));
            runs += 1;
            if !judged.findings.is_empty() || !judged.report.passed {
                found.insert(format!("{label}: {}", workload.name.value), judged.findings);
            }
        }
    });
    println!("{runs} runs");
    assert!(found.is_empty(), "{found:#?}");
}
