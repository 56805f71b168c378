//! The command that a finding gives shows the defect itself, by what it does to the run.

use std::process::Output;

use serde_json::Value;

use crate::check::{rcsim, root};

fn runs(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    let report: Value = serde_json::from_str(&text).expect("a JSON document");
    report["runs"].as_array().expect("runs").clone()
}

fn diagnostics(run: &Value) -> impl Iterator<Item = &Value> {
    run["diagnostics"].as_array().expect("diagnostics").iter()
}

#[test]
fn every_replay_of_a_known_bug_shows_it() {
    let all = "run --arch amd64,wasm --epoch 2020-e021531,go1.19,go1.27 --format json workloads/bugs";
    let mut replayed = 0;
    for run in runs(&rcsim(root(), all)) {
        for finding in diagnostics(&run) {
            let replay = finding["replay"].as_str().unwrap_or_default();
            if !["--gc-at", "--move-at", "--mark"].iter().any(|flag| replay.contains(flag)) {
                continue;
            }
            let words = replay.strip_prefix("rcsim ").expect("a command of rcsim");
            let again = runs(&rcsim(root(), &format!("{words} --format json")));
            let really = diagnostics(&again[0])
                .any(|one| one["message"].as_str().is_some_and(|message| message.contains("was freed")));
            let ends_otherwise = again[0]["execution"]["end"] != run["execution"]["end"];
            assert!(really || ends_otherwise, "nothing comes of {replay}");
            replayed += 1;
        }
    }
    assert!(replayed > 10, "{replayed} replays");
}
