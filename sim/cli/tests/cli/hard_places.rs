//! Places that cannot be written, disks that are full, and readers that have gone: no panic, no lost result, no half file.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::cases;
use crate::check::rcsim;

const WORKLOAD: &str = "name = \"x\"\ncall = \"value-call\"\nfunc = \"func(int) int\"\nargs = [\"7\"]\n\
    callee = \"return-args\"\n";
const SWEEP: &str = "name = \"x\"\narchs = [\"arm64\"]\nframe-bytes = [16, 64]\n";

/// Every command that writes results, and one of the files that it writes; `OUT` is where.
const COMMANDS: [(&str, &str); 7] = [
    ("run w.toml --arch arm64 --full --out OUT", "OUT/report.json"),
    ("run w.toml --arch arm64 --format json --out OUT", "OUT/report.txt"),
    ("check w.toml --arch arm64 --junit OUT", "OUT"),
    ("check wrong.toml --arch arm64 --epoch go1.27 --format json --sarif OUT", "OUT"),
    ("sweep s.toml --out OUT", "OUT"),
    ("plot results.json --only coverage --format svg,png -o OUT", "OUT/coverage-by-epoch.svg"),
    ("report results.json -o OUT", "OUT"),
];

/// A folder with everything that the commands read.
fn folder(name: &str) -> PathBuf {
    let folder = cases::scratch(name);
    let wrong = format!("{WORKLOAD}[expect]\nresults = [\"8\"]\n");
    for (file, text) in [("w.toml", WORKLOAD), ("wrong.toml", &wrong), ("s.toml", SWEEP), ("file", "")] {
        fs::write(folder.join(file), text).expect("a writable target folder");
    }
    let results = rcsim(&folder, "run w.toml --arch arm64 --format json").stdout;
    fs::write(folder.join("results.json"), results).expect("a writable target folder");
    symlink("/dev/full", folder.join("full")).expect("a writable target folder");
    folder
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Does something with each command, with the same command done without disturbance beside it: its output, and its file.
fn each(name: &str, test: impl Fn(&Path, &str, &Output, &Path, &[u8])) {
    let folder = folder(name);
    for (n, (command, file)) in COMMANDS.iter().enumerate() {
        let undisturbed = rcsim(&folder, &command.replace("OUT", "good"));
        let good = fs::read(folder.join(file.replace("OUT", "good"))).expect("results");
        let out = format!("out-{n}");
        let disturbed = folder.join(file.replace("OUT", &out));
        test(&folder, &command.replace("OUT", &out), &undisturbed, &disturbed, &good);
        let good = folder.join("good");
        let _ = fs::remove_file(&good).or_else(|_| fs::remove_dir_all(&good));
    }
}

#[test]
fn a_reader_that_has_gone_is_no_reason_to_complain_or_to_lose_a_file() {
    each("reader-gone", |folder, command, undisturbed, file, good| {
        let mut child = cases::rcsim(folder);
        child.args(command.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child.spawn().expect("rcsim starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("rcsim ends");
        assert_eq!(
            (output.status.code(), stderr(&output).as_str()),
            (undisturbed.status.code(), ""),
            "{command}"
        );
        assert!(fs::read(file).expect("results") == good, "{command}");
    });
}

#[test]
fn standard_output_on_a_full_disk_is_an_error_that_loses_no_file() {
    each("stdout-full", |folder, command, _, file, good| {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a Linux system");
        let output = cases::rcsim(folder).args(command.split(' ')).stdout(full).output();
        let output = output.expect("rcsim starts");
        assert_eq!(output.status.code(), Some(2), "{command}");
        let said = stderr(&output);
        assert_eq!(said.matches("cannot write to standard output: No space left").count(), 1, "{said}");
        assert!(fs::read(file).expect("results") == good, "{command}");
    });
}

#[test]
fn a_full_disk_leaves_no_half_written_file() {
    each("disk-full", |folder, command, _, _, _| {
        let before = names(folder);
        // A limit on the size of files, whose signal is ignored, makes writes fail as a full disk does.
        let script = format!("trap '' XFSZ; ulimit -f 0; exec \"$0\" {command}");
        let mut sh = Command::new("sh");
        let sh = sh.args(["-c", &script, env!("CARGO_BIN_EXE_rcsim")]).current_dir(folder);
        let output = sh.output().expect("a shell");
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{command}: {said}");
        assert!(said.contains("cannot write results to out-"), "{command}: {said}");
        // Folders and the journal of a sweep may stay, with what was whole in them: here, nothing.
        for new in names(folder).iter().filter(|name| !before.contains(name)) {
            let path = folder.join(new);
            let empty = if path.is_dir() {
                names(&path).is_empty()
            } else {
                fs::read(&path).is_ok_and(|all| all.is_empty())
            };
            assert!(empty, "{command} leaves {new}");
            fs::remove_file(&path).or_else(|_| fs::remove_dir(&path)).expect("a writable folder");
        }
    });
}

#[test]
fn a_file_system_without_room_keeps_what_it_has_and_gets_no_half_file() {
    each("disk-mounted", |folder, command, _, _, _| {
        fs::create_dir_all(folder.join("disk")).expect("a writable folder");
        // A file system of one page, with one page in it, that nobody else sees and that goes with the shell.
        let command = command.replace("out-", "disk/out-");
        let script = format!(
            "mount -t tmpfs -o size=4k none disk && head -c 4096 /dev/zero > disk/old || exit 99
            \"$0\" {command}
            status=$?
            find disk -type f -size +0
            exit $status"
        );
        let output = Command::new("unshare")
            .args(["--mount", "--map-root-user", "sh", "-c", &script, env!("CARGO_BIN_EXE_rcsim")])
            .current_dir(folder)
            .output()
            .expect("`unshare` of Debian's util-linux");
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{command}: {said}");
        assert!(said.contains("No space left on device"), "{command}: {said}");
        let left = String::from_utf8_lossy(&output.stdout).into_owned();
        let left: Vec<&str> = left.lines().filter(|line| line.starts_with("disk/")).collect();
        assert_eq!(left, ["disk/old"], "{command}");
    });
}

#[test]
fn places_that_cannot_be_written_are_named_before_or_instead_of_results() {
    let folder = folder("unwritable-places");
    let before = names(&folder);
    for (command, _) in COMMANDS {
        // A folder that is a file, and one that the system keeps to itself, even from root.
        for place in ["file/out", "/proc/rcsim/out"] {
            let output = rcsim(&folder, &command.replace("OUT", place));
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{command}: {said}");
            assert!(said.contains(&format!("cannot write results to {place}")), "{command}: {said}");
        }
    }
    assert_eq!(names(&folder), before, "nothing is left behind");
}

#[test]
fn devices_are_written_to_and_never_replaced() {
    let folder = folder("devices");
    for (command, file) in COMMANDS.iter().filter(|(_, file)| *file == "OUT") {
        let output = rcsim(&folder, &command.replace(file, "full"));
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{command}: {said}");
        assert!(said.contains("full") && said.contains("error"), "{command}: {said}");
        assert!(folder.join("full").is_symlink(), "{command} has replaced it");
    }
    let output = rcsim(&folder, "check w.toml --arch arm64 --junit /dev/stdout");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("<testsuites") && text.contains("passed"), "{text}");
}

#[test]
fn baselines_that_cannot_be_read_are_refused_before_anything_runs() {
    let folder = folder("bad-baselines");
    let bless = "check w.toml --epoch go1.27 --core neoverse-n1 --baseline b.json --bless";
    assert_eq!(rcsim(&folder, bless).status.code(), Some(0));
    let good = fs::read_to_string(folder.join("b.json")).expect("the baseline");
    let cases = [
        ("not a baseline of cycles: EOF", good[..good.len() / 2].to_owned()),
        ("not a baseline of cycles: EOF", String::new()),
        ("a baseline of schema version 99", good.replace("\"schema_version\": 1", "\"schema_version\": 99")),
        ("its schema is `other`", good.replace("rcsim-baseline", "other")),
        ("not a baseline of cycles: expected", "cycles".to_owned()),
    ];
    for (message, text) in cases {
        fs::write(folder.join("bad.json"), text).expect("a writable target folder");
        let output = rcsim(&folder, "check w.toml --baseline bad.json");
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(output.stdout.is_empty());
        let said = stderr(&output);
        assert!(said.contains(message) && said.contains("bad.json"), "{message}: {said}");
    }
}
