//! The generated Go program, compiled and run by real Go toolchains, prints what the workloads say.
//!
//! A toolchain is looked for in `RCSIM_GO119` and `RCSIM_GO127`, then where the project's set-up puts it. Without it the
//! test fails in CI and says so elsewhere.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rcsim_diag::{Colour, Source};
use rcsim_workloads::{ExpectedText, Workload, gogen};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn toolchain(variable: &str, standard: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let found = named.or_else(|| Some(root().join(standard))).filter(|path| path.is_file());
    if found.is_none() {
        let message = format!("no Go toolchain: neither ${variable} nor {standard}");
        assert!(std::env::var_os("CI").is_none(), "{message}");
        eprintln!("NOT TESTED: {message}");
    }
    found
}

fn workloads() -> Vec<Workload> {
    let folder = root().join("workloads");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder.join("abi"))
        .expect("the folder of the workloads")
        .map(|entry| entry.expect("a directory entry").path())
        .collect();
    paths.sort();
    paths.push(folder.join("quickstart.toml"));
    paths.into_iter().map(|path| read(&path)).collect()
}

fn read(path: &Path) -> Workload {
    let text = std::fs::read_to_string(path).expect("a readable file");
    match Workload::parse(&Source::new(path.display().to_string(), text)) {
        Ok(workload) => workload,
        Err(errors) => panic!("{}", errors.render(Colour::Never)),
    }
}

/// What the program is to print.
fn expected(workloads: &[Workload], word_bytes: u64) -> String {
    let mut out = String::new();
    for workload in workloads {
        let arguments = workload.arguments(word_bytes).expect("values of moderate size");
        let end = workload.expected(&arguments).expect("values of moderate size");
        let _ = writeln!(out, "{}\t{}", workload.name.value, end.line());
    }
    out
}

fn go(toolchain: &Path, folder: &Path, arch: &str) -> Command {
    let mut command = Command::new(toolchain);
    command.current_dir(folder);
    command.env_remove("GOFLAGS");
    let cache = root().join("target/go-cache");
    let settings =
        [("GO111MODULE", "auto"), ("GOTOOLCHAIN", "local"), ("GOPROXY", "off"), ("CGO_ENABLED", "0")];
    command.envs(settings).env("GOARCH", arch).env("GOCACHE", cache);
    command
}

/// Builds the program; returns the binary.
fn build(toolchain: &Path, arch: &str, workloads: &[Workload], word_bytes: u64) -> PathBuf {
    let references: Vec<&Workload> = workloads.iter().collect();
    let source = gogen::program(&references, word_bytes).expect("names that differ");
    let label = toolchain.to_string_lossy().replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("program-{arch}-{label}"));
    std::fs::create_dir_all(&folder).expect("a writable target folder");
    std::fs::write(folder.join("main.go"), source).expect("a writable target folder");
    let built =
        go(toolchain, &folder, arch).args(["build", "-o", "program", "main.go"]).output().expect("go starts");
    assert!(built.status.success(), "go build failed:\n{}", String::from_utf8_lossy(&built.stderr));
    folder.join("program")
}

/// The first line that differs, so that a failure is readable.
fn compare(actual: &str, expected: &str) {
    for (actual, expected) in actual.lines().zip(expected.lines()) {
        assert_eq!(actual, expected);
    }
    assert_eq!(actual.lines().count(), expected.lines().count(), "number of lines");
}

fn check(toolchain: &Path, arch: &str, word_bytes: u64) {
    let workloads = workloads();
    let program = build(toolchain, arch, &workloads, word_bytes);
    let run = Command::new(&program).output().expect("the program starts");
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "the program failed:\n{errors}");
    compare(&String::from_utf8_lossy(&run.stdout), &expected(&workloads, word_bytes));
    let listed = go(toolchain, &root(), arch).args(["tool", "nm"]).arg(&program).output().expect("go starts");
    let symbols = String::from_utf8_lossy(&listed.stdout);
    let symbols: std::collections::BTreeSet<&str> =
        symbols.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
    for workload in &workloads {
        let callee = gogen::callee_symbol(workload);
        assert!(symbols.contains(callee.as_str()), "{callee} is not in the binary");
    }
}

#[test]
fn go_119_prints_what_the_workloads_say() {
    if let Some(go) = toolchain("RCSIM_GO119", "/usr/lib/go-1.19/bin/go") {
        check(&go, native(), 8);
    }
}

#[test]
fn go_127_prints_what_the_workloads_say() {
    if let Some(go) = toolchain("RCSIM_GO127", "target/oracles/go1.27/go/bin/go") {
        check(&go, native(), 8);
    }
}

/// Go's name of the host's architecture; every host that builds rcsim in earnest has 64 bits.
fn native() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[test]
fn a_panic_is_a_line_too() {
    assert_eq!(ExpectedText::Panic("a\"\n".into()).line(), "panic \"a\\x22\\x0a\"");
}
