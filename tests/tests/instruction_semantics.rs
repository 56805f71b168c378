//! Single instructions with random operands on random states: the interpreter against a processor.
//!
//! The instructions are templates in `isa/FAMILY/oracle/GOARCH.cases`, whose head explains the form. Each is assembled by
//! LLVM with many operands, executed by the probe (on this machine where it has the architecture, else by qemu) and by
//! rcsim from the same state; registers, flags, memory and traps must agree.

mod semantics;

use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::require;
use rcsim_tests::probe::{Case, Executor, Outcome, Probe};
use rcsim_uop::Port;
use semantics::cases::{CaseFile, Snippet};
use semantics::random::Random;
use semantics::simulator::Simulator;
use semantics::states::States;

const SEED: u64 = 0x1f83_d9ab_fb41_bd6b;
/// How many operands each template is tried with, and how many states each of those.
const VARIANTS: usize = 6;
const STATES: usize = 8;
/// Differences that are shown.
const SHOWN: usize = 40;

/// The differences of one port, one line each.
fn differences(port: &dyn Port) -> (usize, Vec<String>) {
    let arch = require(ArchOracle::load(port.goarch())).widest();
    let Some(file) = CaseFile::load(&arch) else { return (0, Vec::new()) };
    let mut random = Random(SEED);
    let snippets = file.assembled(&arch, VARIANTS, &mut random);
    let executor = if arch.is_native() { Executor::Native } else { Executor::Emulator };
    let mut probe = require(Probe::start(&arch, executor));
    let mut found = Vec::new();
    let mut compared = 0;
    for snippet in &snippets {
        let cases: Vec<Case> = (0..STATES).map(|_| case(&file, snippet, &probe, &mut random)).collect();
        let outcomes = require(probe.run(&cases));
        let mut simulator = Simulator::new(port, &snippet.features);
        for (case, outcome) in cases.iter().zip(&outcomes) {
            compared += 1;
            if let Some(difference) = compare(&mut simulator, &probe, snippet, case, outcome) {
                found.push(format!("{} {}: {difference}", port.goarch(), snippet.text));
                break;
            }
        }
    }
    (compared, found)
}

fn case(file: &CaseFile, snippet: &Snippet, probe: &Probe, random: &mut Random) -> Case {
    let mut states = States { layout: probe.layout(), pointers: &file.pointers, random };
    Case { code: snippet.code.clone(), state: states.state(), memory: states.memory() }
}

fn compare(
    simulator: &mut Simulator,
    probe: &Probe,
    snippet: &Snippet,
    case: &Case,
    outcome: &Outcome,
) -> Option<String> {
    simulator.run(case, outcome.address, probe.layout());
    simulator.difference(case, outcome, probe.layout(), &snippet.undefined)
}

#[test]
fn agree_with_a_processor_on_random_operands() {
    let mut found = Vec::new();
    let mut compared = 0;
    for port in rcsim_isa::ports() {
        if ArchOracle::all().iter().any(|goarch| goarch == port.goarch()) {
            let (count, differences) = differences(port);
            println!("{}: {count} cases compared", port.goarch());
            compared += count;
            found.extend(differences);
        }
    }
    let count = found.len();
    found.truncate(SHOWN);
    assert!(found.is_empty(), "{count} of {compared} differ, seed {SEED:#x}:\n{}", found.join("\n"));
    assert!(compared > 0, "no architecture has cases");
}
