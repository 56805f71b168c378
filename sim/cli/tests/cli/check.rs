//! `rcsim check`: the whole, its shares, what it writes, and how it ends when somebody interrupts.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rcsim_reports::check::{Header, Line};
use rcsim_reports::journal::{self, Journal};
use rcsim_reports::records::{Document, Run};

use crate::cases;

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Runs `rcsim check` with these arguments at the root.
fn check(arguments: &str) -> Output {
    rcsim(root(), &format!("check {arguments}"))
}

/// Runs rcsim in a folder.
pub fn rcsim(folder: &Path, arguments: &str) -> Output {
    cases::rcsim(folder).args(arguments.split_whitespace()).output().expect("rcsim starts")
}

fn document(output: &Output) -> Document {
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

fn names(runs: &[Run]) -> BTreeSet<String> {
    runs.iter().map(|run| format!("{} {} {}", run.workload.path, run.arch, run.epoch)).collect()
}

/// A workload whose expectation is wrong, and one that is right.
const WRONG: &str = "name = \"x\"\ncall = \"value-call\"\nfunc = \"func(int) int\"\nargs = [\"7\"]\n\
    callee = \"return-args\"\n[expect]\nresults = [\"8\"]\n";

/// A folder with the workloads `a-good.toml`, `b-wrong.toml`, `c-wrong.toml`, `d-good.toml`.
fn four(name: &str) -> std::path::PathBuf {
    let folder = cases::scratch(name);
    let good = WRONG.replace("\"8\"", "\"7\"");
    for (file, text) in
        [("a-good", &good), ("b-wrong", &WRONG.into()), ("c-wrong", &WRONG.into()), ("d-good", &good)]
    {
        fs::write(folder.join(format!("{file}.toml")), text).expect("a writable target folder");
    }
    folder
}

#[test]
fn quickstart_is_as_expected_everywhere() {
    let output = check("workloads/quickstart.toml");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.starts_with("arch         epochs     runs   passed   failed unusable\n"), "{text}");
    let archs = text.lines().skip(1).take_while(|line| !line.is_empty()).count();
    assert_eq!(archs, rcsim_isa::ports().len());
}

#[test]
fn shards_together_are_the_whole_whatever_the_number_of_threads() {
    let arguments = "--format json --arch arm64,amd64 workloads/abi";
    let whole = document(&check(&format!("{arguments} --threads 1")));
    let mut union = BTreeSet::new();
    let mut runs = 0;
    for shard in ["1/3", "2/3", "3/3"] {
        let part = document(&check(&format!("{arguments} --threads 3 --shard {shard}")));
        runs += part.runs.len();
        union.extend(names(&part.runs));
    }
    assert_eq!((union, runs), (names(&whole.runs), whole.runs.len()));
    let again = check(&format!("{arguments} --threads 4"));
    assert_eq!(document(&again).to_json(), whole.to_json());
}

#[test]
fn fail_fast_reports_nothing_behind_the_first_failure() {
    let folder = four("fail-fast");
    for threads in [1, 2, 4] {
        let arguments = format!("check --arch arm64 --epoch go1.27 --fail-fast --threads {threads} .");
        let output = rcsim(&folder, &arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("FAIL  ./b-wrong.toml  arm64  go1.27\n"), "{text}");
        assert!(text.ends_with("2 runs: 1 passed, 1 failed, 2 not run\n"), "{text}");
    }
}

#[test]
fn filters_leave_runs_that_have_all_words() {
    let folder = four("filter");
    let output = rcsim(&folder, "check --filter good --filter c-wrong --arch arm64 --epoch go1.27 .");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.ends_with("3 runs: 2 passed, 1 failed\n"), "{text}");
    let mut both = cases::rcsim(&folder);
    let both = both.args(["check", "--filter", "good go1.27 wasm", "--format", "json", "."]).output();
    assert_eq!(document(&both.expect("rcsim starts")).runs.len(), 2);
    let none = rcsim(&folder, "check --filter nothing-of-this-name .");
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&none.stderr).contains("no run has what --filter asks for"));
}

#[test]
fn reports_for_ci_say_what_failed_and_where() {
    let folder = four("reports");
    let output = rcsim(&folder, "check --arch arm64 --epoch go1.27 --junit j.xml --sarif s.sarif .");
    assert_eq!(output.status.code(), Some(1));
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a report");
    let junit = read("j.xml");
    assert!(
        junit.contains(
            "<testsuite name=\"arm64 go1.27\" tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"0\">"
        )
    );
    assert!(junit.contains("<testcase name=\"./a-good.toml\" classname=\"arm64 go1.27\"/>"), "{junit}");
    assert!(junit.contains("<failure type=\"RC0201\" message="), "{junit}");
    let sarif: serde_json::Value = serde_json::from_str(&read("s.sarif")).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("a list of results");
    assert_eq!(results.len(), 2);
    assert_eq!(results[0]["ruleId"], "RC0201");
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "b-wrong.toml");
    assert_eq!(place["region"]["startLine"], 3, "where the function type is written");
    let index = results[0]["ruleIndex"].as_u64().expect("an index") as usize;
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][index]["id"], "RC0201");
    let names: BTreeSet<_> = fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names.len(), 6, "no temporary file is left: {names:?}");
}

#[test]
fn a_report_that_cannot_be_written_is_said_before_anything_runs() {
    let folder = four("unwritable");
    for file in ["missing/j.xml", "."] {
        let output = rcsim(&folder, &format!("check --arch arm64 --junit {file} ."));
        assert_eq!(output.status.code(), Some(2), "{file}");
        assert!(output.stdout.is_empty());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(&format!("cannot write results to {file}: ")), "{said}");
    }
}

#[test]
fn a_closed_pipe_is_a_quiet_stop_that_keeps_the_verdict() {
    let folder = four("closed-pipe");
    let mut child = cases::rcsim(&folder)
        .args(["check", "--arch", "arm64", "--junit", "j.xml", "."])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("rcsim starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("rcsim ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(1), ""));
    assert!(folder.join("j.xml").is_file());
}

/// Waits until a process has a handler for SIGINT, whose number is 2: `proc(5)` says where that stands.
fn wait_until_it_catches_interrupts(process: u32) {
    let started = Instant::now();
    loop {
        let status = fs::read_to_string(format!("/proc/{process}/status")).expect("a running process");
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("a mask of signals");
        if u64::from_str_radix(caught.trim(), 16).expect("hexadecimal digits") & 1 << (2 - 1) != 0 {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(120), "{status}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_interrupt_reports_what_is_done() {
    let folder = cases::scratch("interrupt");
    let report = folder.join("j.xml");
    let many = ["workloads"; 12];
    let child = cases::rcsim(root())
        .args(["check", "--threads", "1", "--junit"])
        .arg(&report)
        .args(many)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("rcsim starts");
    // Twelve times the whole takes many seconds: what is interrupted a little after it began is not over.
    wait_until_it_catches_interrupts(child.id());
    thread::sleep(Duration::from_millis(500));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill starts").success());
    let output = child.wait_with_output().expect("rcsim ends");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("interrupted: these results are not complete\n"), "{text}");
    let junit = fs::read_to_string(report).expect("a report");
    assert!(junit.contains("<skipped message=\"interrupted\"/>") && junit.ends_with("</testsuites>\n"));
}

#[test]
fn a_kill_leaves_no_half_written_report() {
    let folder = four("killed-check");
    let arguments = ["check", "--threads", "2", "--junit", "j.xml", "--sarif", "s.sarif", "."];
    let started = Instant::now();
    let undisturbed = cases::rcsim(&folder).args(arguments).output().expect("rcsim starts");
    let took = started.elapsed();
    let read = |name: &str| fs::read(folder.join(name)).ok();
    let whole = [read("j.xml"), read("s.sarif")];
    let (mut killed, mut number) = (0, 0);
    while killed < crate::sweep::kills() {
        for file in ["j.xml", "s.sarif"] {
            let _ = fs::remove_file(folder.join(file));
        }
        let mut child =
            cases::rcsim(&folder).args(arguments).stdout(Stdio::null()).spawn().expect("rcsim starts");
        thread::sleep(crate::sweep::moment(number, took));
        number += 1;
        if child.try_wait().expect("a child").is_none() {
            child.kill().expect("a running child");
            killed += 1;
        }
        let _ = child.wait();
        for (file, whole) in ["j.xml", "s.sarif"].into_iter().zip(&whole) {
            assert!(read(file).is_none_or(|now| Some(now) == *whole), "{file} is half written (seed 7)");
        }
    }
    let again = cases::rcsim(&folder).args(arguments).output().expect("rcsim starts");
    assert_eq!((again.stdout, [read("j.xml"), read("s.sarif")]), (undisturbed.stdout, whole));
}

/// A check that takes long enough to be killed in the middle, with a failing run in it; by `how` it is made.
fn resumable(folder: &Path, how: &str) -> Command {
    let mut command = cases::rcsim(folder);
    let all = "check --epoch go1.27 --core neoverse-n1,zen4,power9 --resume r.journal --junit j.xml --sarif s.sarif --format json";
    command.args(format!("{all} {how} .").split_whitespace());
    command
}

#[test]
fn a_check_goes_on_where_it_was_killed() {
    let folder = four("resumed-check");
    let whole = resumable(&folder, "").output().expect("rcsim starts");
    assert_eq!(whole.status.code(), Some(1), "two workloads fail");
    let journal = folder.join("r.journal");
    assert!(!journal.exists(), "all runs are made");
    let read = |name: &str| fs::read(folder.join(name)).ok();
    let reports = [read("j.xml"), read("s.sarif")];
    let started = Instant::now();
    resumable(&folder, "").output().expect("rcsim starts");
    let took = started.elapsed();
    let (mut killed, mut number, mut most) = (0, 0, 0);
    while killed < crate::sweep::kills() {
        let mut child = resumable(&folder, "").stdout(Stdio::null()).spawn().expect("rcsim starts");
        thread::sleep(crate::sweep::moment(number, took));
        number += 1;
        if child.try_wait().expect("a child").is_none() {
            child.kill().expect("a running child");
            killed += 1;
        }
        let _ = child.wait();
        let Ok(bytes) = fs::read(&journal) else { continue };
        let now: Option<Journal<Header, Line>> = journal::recover(&bytes).expect("a usable journal");
        most = most.max(now.map_or(0, |journal| journal.pieces.len()));
        // Every other time it goes on to the end: the same as without a kill.
        if number % 2 == 0 {
            let resumed = resumable(&folder, "--threads 1").output().expect("rcsim starts");
            assert_eq!((resumed.status, resumed.stdout == whole.stdout), (whole.status, true), "seed 7");
            assert_eq!([read("j.xml"), read("s.sarif")], reports, "after {killed} kills (seed 7)");
            assert!(!journal.exists());
        }
    }
    assert!(most > 0, "nothing was ever kept");
}

#[test]
fn a_journal_is_of_one_check_only() {
    let folder = four("other-check");
    let run = |arguments: &str| rcsim(&folder, &format!("check --arch arm64 --resume r {arguments}"));
    let failed = run("a-good.toml b-wrong.toml --junit missing/j.xml");
    assert_eq!(failed.status.code(), Some(2), "there is no such folder");
    assert!(!folder.join("r").exists());
    // What passed stays when the reports cannot be written in the end.
    let full = cases::rcsim(&folder)
        .args(["check", "--arch", "arm64", "--resume", "r", "a-good.toml", "b-wrong.toml"])
        .stdout(fs::OpenOptions::new().write(true).open("/dev/full").expect("a Linux system"))
        .output()
        .expect("rcsim starts");
    assert_eq!(full.status.code(), Some(2));
    let kept = fs::read_to_string(folder.join("r")).expect("the journal");
    assert!(kept.lines().count() > 1 && !kept.contains("b-wrong.toml"), "{kept}");

    let other = run("a-good.toml");
    let said = String::from_utf8_lossy(&other.stderr).into_owned();
    assert_eq!(other.status.code(), Some(2), "{said}");
    assert!(said.contains("cannot go on with r: it belongs to another invocation"), "{said}");
    assert!(said.contains("remove it to begin anew"), "{said}");
    fs::write(folder.join("a-good.toml"), WRONG).expect("a writable folder");
    assert_eq!(run("a-good.toml b-wrong.toml").status.code(), Some(2), "a workload has changed");
    assert_eq!(fs::read_to_string(folder.join("r")).expect("the journal"), kept);
}

#[test]
fn cycles_are_compared_with_the_baseline() {
    let folder = four("baseline");
    let run =
        |arguments: &str| rcsim(&folder, &format!("check --epoch go1.27 --baseline b.json {arguments}"));
    assert_eq!(run("a-good.toml --arch arm64").status.code(), Some(2), "there is no baseline yet");
    let blessed = run("--arch arm64 --core neoverse-n1 --bless --tolerance 3 a-good.toml");
    assert_eq!(blessed.status.code(), Some(0), "{}", String::from_utf8_lossy(&blessed.stderr));
    assert_eq!(run("--arch arm64 a-good.toml").status.code(), Some(0), "the same cycles again");

    let path = folder.join("b.json");
    let text = fs::read_to_string(&path).expect("the baseline");
    let mut baseline: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let cycles = baseline["entries"][0]["cycles"].as_u64().expect("cycles");
    baseline["entries"][0]["cycles"] = (cycles * 2).into();
    fs::write(&path, baseline.to_string()).expect("a writable target folder");
    let drifted = run("--arch arm64 a-good.toml");
    let said = String::from_utf8_lossy(&drifted.stdout).into_owned();
    assert_eq!(drifted.status.code(), Some(1), "{said}");
    assert!(said.contains("cycles on neoverse-n1 are more than 3 % from the baseline"), "{said}");
    assert!(said.contains(&format!("total: {} cycles then, {cycles} now", cycles * 2)), "{said}");

    let unknown = run("--arch arm64 d-good.toml");
    let said = String::from_utf8_lossy(&unknown.stdout).into_owned();
    assert!(said.contains("the baseline has no cycles of this call on neoverse-n1"), "{said}");

    fs::write(&path, text.replace("\"schema_version\": 1", "\"schema_version\": 9"))
        .expect("a writable folder");
    let other = run("--arch arm64 a-good.toml");
    assert_eq!(other.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&other.stderr).contains("a baseline of schema version 9"));
}
