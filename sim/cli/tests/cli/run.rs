//! `rcsim run` as people and programs use it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rcsim_reports::records::{Document, End, SCHEMA_VERSION, Verdict};

use crate::cases;

/// The root of the workspace, where the commands of the README are typed.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn rcsim(folder: &Path, arguments: &str) -> Output {
    cases::rcsim(folder).args(arguments.split_whitespace()).output().expect("rcsim starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

const QUICKSTART: &str = "run --arch arm64 --epoch go1.27 workloads/quickstart.toml";

#[test]
fn quickstart_tells_what_ran() {
    let output = rcsim(root(), QUICKSTART);
    let text = stdout(&output);
    assert!(output.status.success(), "{text}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let starts = [
        "pass  workloads/quickstart.toml  arm64  go1.27",
        "  workload     struct with a pointer, by value, in registers (value-call)",
        "  function     func(main.Node, *main.Node) (main.Node, *main.Node)",
        "  code         built in, epoch go1.27",
        "  results      {next:#1=&{next:#2=",
        "  callee       a service of rcsim",
        "  trampoline   runtime.call32",
        "  frame        0 bytes, results at 0, 24 bytes to spill registers to",
        "  services     reflect.Value.call, callee, runtime.reflectcallmove (",
        "  micro-ops    ",
        "  memory       8 objects allocated, the stack moved 0 times",
        "  collector    6 GC points, all examined",
        "  phase             instructions    bytes read   bytes written",
        "  dispatch  ",
        "  copy in  ",
        "  load registers  ",
        "  store registers  ",
        "  copy out  ",
        "  total  ",
        "",
        "1 run: 1 passed, 0 failed",
    ];
    assert_eq!(text.lines().count(), starts.len(), "{text}");
    for (line, start) in text.lines().zip(starts) {
        assert!(line.starts_with(start), "{line} should start with {start}");
    }
}

#[test]
fn json_is_one_document_with_the_same_content() {
    let output = rcsim(root(), &format!("{QUICKSTART} --format json"));
    let document: Document = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!((document.schema.as_str(), document.schema_version), ("rcsim-run", SCHEMA_VERSION));
    assert_eq!(document.tool.version, env!("CARGO_PKG_VERSION"));
    let [run] = &document.runs[..] else { panic!("one run") };
    assert_eq!((run.arch.as_str(), run.epoch.as_str(), run.verdict), ("arm64", "go1.27", Verdict::Pass));
    let execution = run.execution.as_ref().expect("it ran");
    assert_eq!(execution.end, End::Returned { results: execution.expected.clone() });
    assert_eq!(execution.total().instructions, execution.instructions, "each instruction belongs to a phase");
    assert_eq!(document.to_json(), stdout(&output), "what is read is what was written");
}

#[test]
fn same_input_gives_the_same_bytes() {
    let twice = [0, 1].map(|_| {
        stdout(&rcsim(root(), "run --arch all --epoch all --format json workloads/quickstart.toml"))
    });
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn results_are_written_whole_into_a_folder() {
    let folder = cases::scratch("out");
    let workload = root().join("workloads/quickstart.toml").canonicalize().expect("the quickstart");
    let command = format!("run --arch arm64 --format json --out a/b {}", workload.display());
    let output = rcsim(&folder, &command);
    assert!(output.status.success());
    let read = |name: &str| fs::read_to_string(folder.join("a/b").join(name)).expect("a result");
    assert_eq!(read("report.json"), stdout(&output));
    assert!(read("report.txt").ends_with("1 run: 1 passed, 0 failed\n"));
    let names = fs::read_dir(folder.join("a/b")).expect("the folder").count();
    assert_eq!(names, 2, "no temporary file is left");
}

#[test]
fn nothing_is_written_when_the_input_is_bad() {
    let folder = cases::scratch("nothing-written");
    fs::write(folder.join("bad.toml"), "name = 7\n").expect("a writable target folder");
    let output = rcsim(&folder, "run --arch arm64 --out results bad.toml");
    assert_eq!(output.status.code(), Some(2));
    assert!(!folder.join("results").exists());
}

/// A workload whose expectation is wrong.
const WRONG: &str = "name = \"x\"\ncall = \"value-call\"\nfunc = \"func(int) int\"\nargs = [\"7\"]\n\
    callee = \"return-args\"\n[expect]\nresults = [\"8\"]\n";

#[test]
fn replay_line_shows_the_same_again() {
    let folder = cases::scratch("replay it's");
    fs::write(folder.join("two words.toml"), WRONG).expect("a writable target folder");
    let mut first = cases::rcsim(&folder);
    let first = first.args(["run", "--arch", "wasm", "--epoch", "go1.19", "two words.toml"]).output();
    let first = stdout(&first.expect("rcsim starts"));
    let replay =
        first.lines().find_map(|line| line.strip_prefix("  = replay: rcsim ")).expect("a replay line");
    let script = format!("'{}' {replay}", env!("CARGO_BIN_EXE_rcsim"));
    let again = Command::new("sh").args(["-c", &script]).current_dir(&folder).output().expect("a shell");
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(stdout(&again), first);
}

#[test]
fn several_runs_get_a_line_each_and_the_gravest_exit_code() {
    let folder = cases::scratch("several");
    let good = WRONG.replace("\"8\"", "\"7\"");
    fs::write(folder.join("a-good.toml"), good).expect("a writable target folder");
    fs::write(folder.join("b-wrong.toml"), WRONG).expect("a writable target folder");
    let output = rcsim(&folder, "run --arch arm64 --epoch go1.19,go1.27 .");
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let heads: Vec<&str> =
        text.lines().filter(|line| line.starts_with("pass") || line.starts_with("FAIL")).collect();
    let starts = [
        "pass  ./a-good.toml  arm64  go1.19  ",
        "pass  ./a-good.toml  arm64  go1.27  ",
        "FAIL  ./b-wrong.toml",
        "FAIL",
    ];
    assert!(heads.iter().zip(starts).all(|(head, start)| head.starts_with(start)), "{heads:?}");
    assert!(text.ends_with("4 runs: 2 passed, 2 failed\n"), "{text}");
}

#[test]
fn colour_is_for_terminals_unless_asked_for() {
    let folder = cases::scratch("colour");
    fs::write(folder.join("wrong.toml"), WRONG).expect("a writable target folder");
    let command = "run --arch arm64 --epoch go1.27 wrong.toml";
    let escapes = |arguments: &str| stdout(&rcsim(&folder, arguments)).contains('\u{1b}');
    assert!(!escapes(command), "a pipe is no terminal");
    assert!(escapes(&format!("{command} --color always")));
    assert!(!escapes(&format!("{command} --color never")));
}

#[test]
fn closed_pipe_is_a_quiet_stop_that_keeps_the_verdict() {
    let mut child = cases::rcsim(root())
        .args(["run", "--arch", "all", "--epoch", "go1.19,go1.27", "--full", "workloads/quickstart.toml"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("rcsim starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("rcsim ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn help_teaches_by_examples_that_work() {
    for (command, arguments) in [("--help", ""), ("run --help", "run")] {
        let help = stdout(&rcsim(root(), command));
        assert!(help.contains("Examples:"), "{help}");
        assert!(help.contains(arguments));
    }
    let help = stdout(&rcsim(root(), "--help"));
    let examples = help.lines().filter_map(|line| line.strip_prefix("  rcsim "));
    let builtin: Vec<&str> =
        examples.filter(|line| !line.contains("./program") && !line.contains(" all")).collect();
    assert!(builtin.len() >= 3, "{builtin:?}");
    for example in builtin {
        assert!(rcsim(root(), example).status.success(), "rcsim {example}");
    }
}
