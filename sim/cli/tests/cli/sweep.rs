//! `rcsim sweep`: the same bytes whatever happens on the way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rcsim_reports::journal::{self, Journal, ReadError};
use rcsim_reports::records::Verdict;
use rcsim_reports::sweep::{self, Header, Line, Results};

use crate::cases;
use crate::check::rcsim;

/// A matrix of every axis: large enough to be killed in the middle.
const SPEC: &str = r#"
name = "every axis"
archs = ["arm64", "amd64"]
epochs = ["2018-e35a412", "2021-28c5fed", "go1.27"]
cores = ["neoverse-n1"]
repeat = 3
frame-bytes = [16, 256, 4096]
calls = ["value-call", "make-func"]

[[signatures]]
func = "func(int) int"

[[signatures]]
types = "type Node struct { next *Node; id int }"
func = "func(Node, *Node) (Node, *Node)"

[[gc]]

[[gc]]
barrier = "none"
points = "none"
"#;

/// How often programs are killed: a sample, or as often as `RCSIM_KILLS` says.
pub fn kills() -> u64 {
    std::env::var("RCSIM_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(12)
}

/// A moment of something that takes so long. It looks random, and is always the same share for the same number: the finaliser of
/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014) with seed 7.
pub fn moment(number: u64, of: Duration) -> Duration {
    let mut z =
        7u64.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    of.mul_f64((z ^ z >> 31) as f64 / u64::MAX as f64)
}

/// A folder with the sweep `s.toml`.
fn folder(name: &str, spec: &str) -> PathBuf {
    let folder = cases::scratch(name);
    fs::write(folder.join("s.toml"), spec).expect("a writable target folder");
    folder
}

/// What an undisturbed sweep writes, and how long it took.
fn undisturbed(folder: &Path) -> (String, Duration) {
    let started = Instant::now();
    let output = rcsim(folder, "sweep s.toml --out whole.jsonl");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    (fs::read_to_string(folder.join("whole.jsonl")).expect("the results"), started.elapsed())
}

fn recover(bytes: &[u8]) -> Result<Option<Journal<Header, Line>>, ReadError> {
    journal::recover(bytes)
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn results_are_sorted_complete_and_the_same_with_any_number_of_threads() {
    let folder = folder("sweep-threads", SPEC);
    let (whole, _) = undisturbed(&folder);
    let Results { header, lines } = sweep::read(&whole).expect("complete results");
    // Two policies; three frames and two signatures, each called in two ways; six architectures and epochs.
    assert_eq!((header.points, lines.len()), (2 * (3 + 2 * 2) * 6, 84));
    assert!(lines.iter().enumerate().all(|(n, line)| line.number as usize == n));
    assert!(lines.iter().all(|line| line.timing.len() == usize::from(line.point.arch == "arm64")));
    for threads in [1, 5] {
        rcsim(&folder, &format!("sweep s.toml --out other.jsonl --threads {threads}"));
        assert!(
            fs::read_to_string(folder.join("other.jsonl")).expect("results") == whole,
            "{threads} threads"
        );
        fs::remove_file(folder.join("other.jsonl")).expect("the results");
    }
    let names = fs::read_dir(&folder).expect("the folder").count();
    assert_eq!(names, 2, "no journal is left");
}

#[test]
fn kills_at_any_moment_lose_nothing() {
    let folder = folder("sweep-kills", SPEC);
    let (whole, took) = undisturbed(&folder);
    let (out, journal) = (folder.join("k.jsonl"), folder.join("k.jsonl.partial"));
    let (mut killed, mut number, mut done, mut ended) = (0, 0, 0, 0);
    while killed < kills() {
        let mut child = cases::rcsim(&folder)
            .args(["sweep", "s.toml", "--out", "k.jsonl", "--threads", "2"])
            .stdout(Stdio::null())
            .spawn()
            .expect("rcsim starts");
        thread::sleep(moment(number, took));
        number += 1;
        if child.try_wait().expect("a child").is_none() {
            child.kill().expect("a running child");
            killed += 1;
        }
        let _ = child.wait();
        if out.exists() {
            assert!(fs::read_to_string(&out).expect("results") == whole, "after {killed} kills (seed 7)");
            fs::remove_file(&out).expect("the results");
            let _ = fs::remove_file(&journal);
            (done, ended) = (0, ended + 1);
        } else if let Ok(bytes) = fs::read(&journal) {
            let lines = recover(&bytes).expect("a usable journal").map_or(0, |journal| journal.pieces.len());
            assert!(lines >= done, "{done} points were done, {lines} are left (seed 7)");
            done = lines;
        }
    }
    rcsim(&folder, "sweep s.toml --out k.jsonl");
    assert!(fs::read_to_string(&out).expect("results") == whole);
    println!("{killed} kills of {number} starts; {ended} times the results were whole on the way");
}

#[test]
fn a_point_can_be_run_again_by_its_command() {
    let folder = folder("sweep-point", SPEC);
    let (whole, _) = undisturbed(&folder);
    let results = sweep::read(&whole).expect("complete results");
    for line in results.lines.iter().step_by(9) {
        let command = format!("rcsim sweep --point {} s.toml", line.number);
        assert_eq!(line.replay, command);
        let output = rcsim(&folder, &command[6..]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let point = &line.point;
        let verdict = if line.verdict == Verdict::Pass { "pass" } else { "FAIL" };
        let head = format!("{verdict}  {}  {}  {}\n", point.workload, point.arch, point.epoch);
        assert!(text.starts_with(&head), "{head}{text}");
        let measured = line.measured.as_ref().expect("the run started");
        let total = text.lines().find_map(|row| row.strip_prefix("  total")).expect("a table of phases");
        let total: u64 = total.split_whitespace().next().and_then(|n| n.parse().ok()).expect("a number");
        assert_eq!(total, measured.phases.iter().map(|phase| phase.instructions).sum::<u64>());
        assert!(line.found.iter().all(|found| text.contains(&found.message)), "{text}");
    }
    let none = rcsim(&folder, "sweep --point 84 s.toml");
    assert_eq!(none.status.code(), Some(2));
    assert!(stderr(&none).contains("its points are 0 to 83"), "{}", stderr(&none));
}

#[test]
fn a_torn_line_is_done_again_wherever_it_was_torn() {
    let folder = folder("sweep-torn", SPEC);
    let (whole, _) = undisturbed(&folder);
    for part in 0..8 {
        let cut = whole.len() * part / 8 + part;
        fs::write(folder.join("t.jsonl.partial"), &whole.as_bytes()[..cut]).expect("a writable folder");
        let output = rcsim(&folder, "sweep s.toml --out t.jsonl");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(fs::read_to_string(folder.join("t.jsonl")).expect("results") == whole, "cut at {cut}");
        fs::remove_file(folder.join("t.jsonl")).expect("the results");
    }
}

#[test]
fn what_is_done_is_not_done_again() {
    let folder = folder("sweep-again", SPEC);
    let (whole, _) = undisturbed(&folder);
    // A line that no run would give: it must survive.
    let marked = whole.replacen("\"verdict\":\"pass\"", "\"verdict\":\"unusable\"", 1);
    fs::write(folder.join("a.jsonl.partial"), &marked[..marked.len() - 1]).expect("a writable folder");
    rcsim(&folder, "sweep s.toml --out a.jsonl");
    assert!(fs::read_to_string(folder.join("a.jsonl")).expect("results") == marked);
    let again = rcsim(&folder, "sweep s.toml --out a.jsonl");
    assert!(String::from_utf8_lossy(&again.stdout).contains("1 unusable"), "it is complete already");
}

#[test]
fn results_of_another_kind_are_refused_and_left_alone() {
    let folder = folder("sweep-refused", SPEC);
    let (whole, _) = undisturbed(&folder);
    let cases = [
        (whole.replacen("\"schema_version\":1", "\"schema_version\":2", 1), "it is of schema version 2"),
        (whole[..whole.len() / 2].to_owned(), "is damaged"),
        (
            whole[..whole[..whole.len() - 1].rfind('\n').expect("lines") + 1].to_owned(),
            "not complete: 83 of 84",
        ),
        (whole.replacen("every axis", "another", 1), "belongs to another invocation"),
        ("{}\n".to_owned(), "no `rcsim-sweep` header"),
    ];
    for (text, message) in cases {
        fs::write(folder.join("r.jsonl"), &text).expect("a writable folder");
        let output = rcsim(&folder, "sweep s.toml --out r.jsonl");
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(stderr(&output).contains(message), "{message}: {}", stderr(&output));
        assert!(stderr(&output).contains("remove it to begin anew"), "{}", stderr(&output));
        assert_eq!(fs::read_to_string(folder.join("r.jsonl")).expect("the file"), text);
    }
    fs::write(folder.join("d.jsonl.partial"), whole.replacen("\"number\":1,", "\"number\":,", 1))
        .expect("a file");
    let output = rcsim(&folder, "sweep s.toml --out d.jsonl");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("line 3 is damaged"), "{}", stderr(&output));
}

#[test]
fn places_that_cannot_be_written_are_an_error_before_anything_runs() {
    let folder = folder("sweep-unwritable", SPEC);
    for out in ["missing/r.jsonl", "."] {
        let output = rcsim(&folder, &format!("sweep s.toml --out {out}"));
        assert_eq!(output.status.code(), Some(2), "{out}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_disk_that_is_full_loses_nothing_that_was_done() {
    let folder = folder("sweep-full", SPEC);
    let (whole, _) = undisturbed(&folder);
    // A limit on the size of files, whose signal is ignored, makes writes fail as a full disk does.
    let script = "trap '' XFSZ; ulimit -f 40; exec \"$0\" sweep s.toml --out f.jsonl";
    let full =
        Command::new("sh").args(["-c", script, env!("CARGO_BIN_EXE_rcsim")]).current_dir(&folder).output();
    let full = full.expect("a shell");
    assert_eq!(full.status.code(), Some(2), "{}", stderr(&full));
    assert!(stderr(&full).contains("cannot write results to f.jsonl.partial: "), "{}", stderr(&full));
    let bytes = fs::read(folder.join("f.jsonl.partial")).expect("the journal");
    let kept = recover(&bytes).expect("a usable journal").expect("a header").pieces.len();
    assert!(kept > 3, "{kept} points are kept");
    rcsim(&folder, "sweep s.toml --out f.jsonl");
    assert!(fs::read_to_string(folder.join("f.jsonl")).expect("results") == whole);
}

#[test]
fn a_closed_pipe_is_a_quiet_stop() {
    let folder = folder("sweep-pipe", SPEC);
    let mut child = cases::rcsim(&folder)
        .args(["sweep", "s.toml", "--out", "p.jsonl"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("rcsim starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("rcsim ends");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    assert!(folder.join("p.jsonl").is_file());
}

#[test]
fn mistakes_in_a_sweep_are_shown_where_they_are() {
    let cases = [
        ("name = \"x\"\nframes = [16]\n", "unknown field `frames`"),
        ("name = \"x\"\narchs = [\"arm46\"]\nframe-bytes = [16]\n", "did you mean `arm64`?"),
        ("name = \"x\"\nepochs = [\"go1.72\"]\nframe-bytes = [16]\n", "did you mean `go1.27`?"),
        ("name = \"x\"\nframe-bytes = [20]\n", "must be a multiple of 16"),
        ("name = \"x\"\nframe-bytes = [16]\ncores = [\"zen44\"]\n", "did you mean `zen4`?"),
        ("name = \"x\"\nframe-bytes = [16]\nrepeat = 0\n", "`repeat` must be from 1"),
        ("name = \"x\"\n", "nothing is to be called"),
        ("name = \"x\"\n[[signatures]]\nfunc = \"func(Node)\"\n", "s.toml, signature 1"),
        ("name = \"x\"\nworkloads = [\"none.toml\"]\n", "cannot read none.toml"),
        ("name = ", "s.toml:1:8"),
    ];
    for (spec, message) in cases {
        let folder = folder("sweep-mistakes", spec);
        let output = rcsim(&folder, "sweep s.toml --out r.jsonl");
        assert_eq!(output.status.code(), Some(2), "{spec}: {}", stderr(&output));
        assert!(stderr(&output).contains(message), "{spec}: {}", stderr(&output));
        assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 1, "nothing is left behind");
    }
}

#[test]
fn sweeps_of_the_project_can_be_run() {
    let folder = cases::scratch("sweep-own");
    for file in fs::read_dir(crate::check::root().join("sweeps")).expect("the folder of sweeps") {
        let file = file.expect("an entry").path();
        let mut command = cases::rcsim(&folder);
        let out = file.with_extension("jsonl").file_name().expect("a name").to_owned();
        let output = command.arg("sweep").arg(&file).arg("--out").arg(out).output().expect("rcsim starts");
        assert_eq!(output.status.code(), Some(0), "{}: {}", file.display(), stderr(&output));
    }
}
