//! A model that remembers what blocks did gives what one gives that goes through each anew: cycles, causes, instructions, the
//! critical chain, events.

use std::sync::Arc;

use rcsim_go::follow::Recording;
use rcsim_go::run::{CodeChoice, Request};
use rcsim_tests::timing::calls::workload;
use rcsim_tests::timing::{core, cores};
use rcsim_timing::{Core, Kind, Model, Parts};
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::Workload;

/// Instructions for which a call is repeated, about: blocks are remembered once they have come often.
const INSTRUCTIONS: u64 = 4_000;

/// Of the calls, a core gets each so many-th, and the next core others.
const EVERY: usize = 3;

/// A call on the built-in machinery; nothing when this port cannot make it.
fn record(workload: &Workload, port: &'static dyn Port) -> Option<Recording> {
    let request = Request::new(workload, port, Epoch::Go127, CodeChoice::BuiltIn);
    Recording::of(&request).ok()
}

/// The calls of `workloads/abi` that a port can make.
fn recordings(port: &'static dyn Port) -> Vec<(String, Recording)> {
    let folder = rcsim_tests::oracle::workspace_root().join("workloads").join("abi");
    let entries = std::fs::read_dir(folder).expect("a folder of the project");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    let of = |path: &std::path::PathBuf| {
        let workload = workload(&std::fs::read_to_string(path).expect("text"));
        let named =
            workload.archs.as_ref().is_none_or(|names| names.iter().any(|name| name.value == port.goarch()));
        let recording = named.then(|| record(&workload, port)).flatten()?;
        Some((path.display().to_string(), recording))
    };
    paths.iter().filter_map(of).collect()
}

fn compare(name: &str, recording: &Recording, core: &Arc<Core>, parts: Parts) {
    let model = || {
        let mut model = Model::new(Arc::clone(core), parts);
        model.begin(&recording.isa);
        model
    };
    let (mut remembers, mut forgets) = (model(), model().forgetful());
    let rounds = (INSTRUCTIONS / recording.instructions.max(1)).clamp(6, 30);
    // Measured in three parts: what is remembered outlives them.
    for part in 0..3 {
        for _ in 0..rounds.div_ceil(3) {
            recording.replay(|phase, run| remembers.retired(phase as u8, run));
            recording.replay(|phase, run| forgets.retired(phase as u8, run));
        }
        let (one, other) = (remembers.outcome(), forgets.outcome());
        assert!(one == other, "{name} on {}, part {part}:\n{one:#?}\n{other:#?}", core.name);
        remembers.restart();
        forgets.restart();
    }
}

#[test]
fn remembering_blocks_changes_nothing() {
    let cores: Vec<Arc<Core>> = cores().into_iter().filter(|core| core.kind != Kind::CostModel).collect();
    let mut compared = 0;
    for port in rcsim_isa::ports() {
        let fitting = || cores.iter().filter(|core| core.archs[0] == port.goarch());
        if fitting().count() == 0 {
            continue;
        }
        for (number, (name, recording)) in recordings(port).iter().enumerate() {
            for (_, core) in fitting().enumerate().filter(|(nth, _)| (nth + number).is_multiple_of(EVERY)) {
                compare(name, recording, core, Parts::ALL);
                compared += 1;
            }
        }
    }
    assert!(compared > 200, "{compared} runs compared");
}

#[test]
fn remembering_blocks_changes_nothing_where_parts_are_left_out() {
    let text = "name = \"a call\"\ncall = \"value-call\"\nfunc = \"func(a string, b [4]int)\"\ncallee = \"drop-args\"\n";
    for name in ["zen4", "cortex-a53", "power9"] {
        let core = core(name);
        let port = rcsim_isa::port(&core.archs[0]).expect("a port");
        let recording = record(&workload(text), port).expect("every port can");
        for (memory, front_end) in [(true, false), (false, true), (false, false)] {
            compare(name, &recording, &core, Parts { memory, front_end, ..Parts::ALL });
        }
    }
}
