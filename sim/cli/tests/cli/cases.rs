//! Cases of what rcsim prints: each a command with its files, and the text and exit code that it must end with.
//!
//! A file of cases has, for each, a line `=== title`, then `#file NAME` with the lines of a file (as often as needed), then
//! `$ rcsim ARGUMENTS`, then a line `---` and the outcome. With `RCSIM_BLESS=1` the outcomes are written anew; read the
//! difference before you commit it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One case.
struct Case {
    title: String,
    /// Everything up to the line `---`, as it stands in the file.
    setup: String,
    outcome: String,
}

/// Runs every case of a file in a fresh folder each, into which `prepare` may put more files. `mask` hides what differs
/// between toolchains.
pub fn check(file: &str, prepare: impl Fn(&Path), mask: impl Fn(&str) -> String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(file);
    let text = fs::read_to_string(&path).expect("the file of cases");
    let cases = cases(&text);
    assert!(!cases.is_empty(), "no case in {file}");
    let actual = |(n, case): (usize, &Case)| {
        let folder = scratch(&format!("{file}-{n}"));
        prepare(&folder);
        mask(&run(&folder, &case.setup))
    };
    let outcomes: Vec<String> = cases.iter().enumerate().map(actual).collect();
    if std::env::var_os("RCSIM_BLESS").is_some() {
        let blessed = cases.iter().zip(&outcomes);
        let blessed = blessed.map(|(case, now)| format!("=== {}\n{}---\n{now}\n", case.title, case.setup));
        fs::write(&path, blessed.collect::<String>()).expect("a writable file of cases");
        return;
    }
    for (case, now) in cases.iter().zip(&outcomes) {
        assert_eq!(now.trim_end(), case.outcome.trim_end(), "{file}: {}", case.title);
    }
}

fn cases(text: &str) -> Vec<Case> {
    let parts = text.split("=== ").skip(1).map(|part| {
        let (title, rest) = part.split_once('\n').expect("a title line");
        let (setup, outcome) = rest.split_once("---\n").expect("a line ---");
        Case { title: title.into(), setup: setup.into(), outcome: outcome.into() }
    });
    parts.collect()
}

/// An empty folder of this name.
pub fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a writable target folder");
    folder
}

/// Writes a case's files, runs its command, and returns exit code and both streams.
fn run(folder: &Path, setup: &str) -> String {
    let (files, command) = setup.split_once("$ rcsim ").expect("a command");
    for part in files.split("#file ").skip(1) {
        let (name, content) = part.split_once('\n').expect("a file name");
        fs::write(folder.join(name), content).expect("a writable target folder");
    }
    let output = rcsim(folder).args(command.split_whitespace()).output().expect("rcsim starts");
    let mut text =
        format!("exit {}\n", output.status.code().map_or("by signal".into(), |code| code.to_string()));
    text += &String::from_utf8_lossy(&output.stdout);
    text += &String::from_utf8_lossy(&output.stderr);
    text
}

/// rcsim, to be run in a folder, without the settings of whoever runs the tests.
pub fn rcsim(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rcsim"));
    command.current_dir(folder).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

/// Leaves out what cases about messages are not about and what changes with other parts: the body of reports, counts of
/// instructions, and the list of architectures.
pub fn messages_only(text: &str) -> String {
    let archs: Vec<&str> = rcsim_isa::ports().iter().map(|port| port.goarch()).collect();
    let mut text = text.replace(&archs.join(", "), "ARCHS");
    for port in rcsim_isa::ports() {
        let features: Vec<&str> = port.features().iter().map(|feature| feature.name).collect();
        if !features.is_empty() {
            text = text.replace(&format!("knows {}", features.join(", ")), "knows FEATURES");
        }
    }
    let body = |line: &&str| {
        line.starts_with("  ") && line[2..].starts_with(|letter: char| letter.is_ascii_lowercase())
    };
    let lines = text.lines().filter(|line| !body(line)).map(without_count);
    lines.map(|line| line + "\n").collect()
}

/// A line of a run without the number of instructions at its end.
fn without_count(line: &str) -> String {
    match line.strip_suffix(" instructions").and_then(|start| start.rsplit_once("  ")) {
        Some((start, count)) if count.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{start}  N instructions")
        }
        _ => line.to_owned(),
    }
}
