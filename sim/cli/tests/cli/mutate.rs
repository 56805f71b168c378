//! Mutation testing: what is found, what is proved to be equivalent, what is missed, and that it is always the same.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::cases;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn mutate(arguments: &str) -> Output {
    let words = arguments.split_whitespace();
    cases::rcsim(Path::new(ROOT)).arg("mutate").args(words).output().expect("rcsim starts")
}

/// The mutants of one target, as the JSON document has them.
fn mutants(arguments: &str) -> Vec<Value> {
    let output = mutate(&format!("{arguments} --format json"));
    let document: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!(document["schema_version"], 1);
    document["targets"][0]["mutants"].as_array().expect("a list of mutants").clone()
}

fn fate<'v>(mutants: &'v [Value], change: &str) -> &'v Value {
    mutants.iter().find(|mutant| mutant["change"] == change).expect("a mutant with this change")
}

#[test]
fn changes_of_the_copy_of_arguments_are_found_on_every_kind_of_machine() {
    for (arch, text) in [("amd64", "rep movsb"), ("arm64", "ldr w4"), ("wasm", "i64.load32_u")] {
        let words = [
            "mutate",
            "--arch",
            arch,
            "--epoch",
            "go1.27",
            "--only",
            text,
            "workloads/abi/reflectcall-1k.toml",
        ];
        let output = cases::rcsim(Path::new(ROOT)).args(words).output().expect("rcsim starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("\n  drop ") && text.contains("  found by: "), "{arch}: {text}");
    }
}

#[test]
fn swapping_neighbours_that_do_not_touch_is_equivalent() {
    let mutants = mutants("--arch arm64 --epoch go1.27 --only runtime.spillArgs workloads/quickstart.toml");
    let swap = fate(&mutants, "with stp x2, x3, [x20, #0x10]");
    assert_eq!(swap["fate"], "equivalent");
    assert_eq!(swap["why"], "neither reads or writes what the other writes");
    let drop = mutants.iter().find(|mutant| mutant["kind"] == "drop" && mutant["fate"] == "found");
    assert!(drop.is_some(), "no argument register needs to be spilled: {mutants:?}");
}

#[test]
fn code_that_no_workload_reaches_is_not_run() {
    let mutants = mutants("--arch amd64 --epoch go1.27 --only runtime.call4096 workloads/quickstart.toml");
    assert!(mutants.len() > 50 && mutants.iter().all(|mutant| mutant["fate"] == "not run"));
}

#[test]
fn a_step_of_a_service_that_is_left_out_is_found() {
    let mutants = mutants("--arch amd64 --only reflect.Value.call: --epoch go1.27 workloads/quickstart.toml");
    let found = mutants.iter().any(|mutant| mutant["kind"] == "skip step" && mutant["fate"] == "found");
    assert!(found, "{mutants:?}");
}

#[test]
fn the_outcome_does_not_depend_on_threads_and_is_chosen_by_the_seed() {
    let arguments = "--arch amd64 --epoch go1.27 --limit 60 --full workloads/quickstart.toml";
    let one = mutate(&format!("{arguments} --threads 1"));
    let four = mutate(&format!("{arguments} --threads 4"));
    assert_eq!((one.status.code(), &one.stdout), (four.status.code(), &four.stdout));
    let other = mutate(&format!("{arguments} --seed 2"));
    assert_ne!(one.stdout, other.stdout);
}

#[test]
fn exit_code_says_whether_one_was_missed() {
    let arguments = "--arch amd64 --epoch go1.27 --limit 80 workloads/quickstart.toml";
    let missed = mutants(arguments).iter().any(|mutant| mutant["fate"] == "missed");
    assert_eq!(mutate(arguments).status.code(), Some(i32::from(missed)));
    let spill = "--arch amd64 --epoch go1.27 --only runtime.spillArgs workloads/abi/call-ten-ints.toml";
    let equivalent_or_found = ["equivalent", "found", "missed"];
    let mutants = mutants(spill);
    assert!(
        mutants.iter().all(|mutant| equivalent_or_found.contains(&mutant["fate"].as_str().unwrap_or("")))
    );
}

#[test]
fn it_is_said_when_there_is_nothing_to_run() {
    let output = mutate("--arch amd64 --epoch go1.27 --only nothing-of-this-name workloads/quickstart.toml");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no mutant is left to run"));
}

/// What is missed of a sample of all mutants is known, on every architecture whose survivors are listed.
#[test]
fn every_survivor_of_a_sample_is_listed_with_its_reason() {
    let sample =
        "--arch amd64,arm64,wasm --epoch go1.27 --limit 40 --survivors sim/cli/MUTATION.md workloads/abi";
    let output = mutate(sample);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert_eq!(text.matches("\n  list: ").count(), 3, "{text}");
}

#[test]
fn a_survivor_that_is_not_listed_fails_and_so_does_a_line_that_is_wrong() {
    let arguments = "--arch amd64 --epoch go1.27 workloads/abi/call-none.toml --survivors";
    let output = mutate(&format!("{arguments} README.md"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1));
    let missed: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("not listed  ")).collect();
    assert!(!missed.is_empty(), "{text}");
    let list = cases::scratch("survivors").join("list.txt");
    std::fs::write(&list, missed.join("\n")).expect("the list is written");
    assert_eq!(mutate(&format!("{arguments} {}", list.display())).status.code(), Some(0));
    let again = mutants(&format!("{arguments} {} --listed", list.display()));
    assert_eq!(again.len(), missed.len());
    let wrong = "amd64 go1.27  runtime.call16  map bit: argument word 40 is a pointer";
    std::fs::write(&list, format!("{}\n{wrong}\n", missed.join("\n"))).expect("the list is written");
    let output = mutate(&format!("{arguments} {}", list.display()));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains(&format!("not missed  {wrong}")), "{text}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_list_of_survivors_that_is_not_there_is_told() {
    let output = mutate("--arch amd64 --survivors nowhere.md workloads/quickstart.toml");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot read the survivors of nowhere.md"));
}
