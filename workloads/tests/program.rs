//! The generated Go program, compiled and run by real Go toolchains, prints what the workloads say.
//!
//! `go/` says where the toolchains are looked for. Without one the test fails in CI and says so elsewhere.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rcsim_diag::{Colour, Source};
use rcsim_workloads::{ExpectedText, Workload, gogen, random};

mod go;

use go::{native, root, toolchain};

fn workloads() -> Vec<Workload> {
    let folder = root().join("workloads");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder.join("abi"))
        .expect("the folder of the workloads")
        .map(|entry| entry.expect("a directory entry").path())
        .collect();
    paths.sort();
    paths.push(folder.join("quickstart.toml"));
    // A program cannot have more reserved than the call takes.
    let is_made = |workload: &Workload| workload.reserve_bytes.is_none();
    paths.into_iter().map(|path| read(&path)).filter(is_made).collect()
}

fn read(path: &Path) -> Workload {
    let text = std::fs::read_to_string(path).expect("a readable file");
    parse(&text, &path.display().to_string())
}

fn parse(text: &str, name: &str) -> Workload {
    match Workload::parse(&Source::new(name, text)) {
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

/// The seed of the random signatures; change it to look at others.
const SEED: u64 = 0x519;

fn random_workloads() -> Vec<Workload> {
    (0..250)
        .map(|number| random::workload(SEED, number).unwrap_or_else(|errors| panic!("{errors}")))
        .collect()
}

#[test]
fn random_signatures_print_what_they_say() {
    if let Some(go) = toolchain("1.19") {
        check_all(&go, native(), 8, "random", &random_workloads());
    }
}

fn check(toolchain: &Path, arch: &str, word_bytes: u64) {
    check_all(toolchain, arch, word_bytes, "program", &workloads());
}

fn check_all(toolchain: &Path, arch: &str, word_bytes: u64, what: &str, workloads: &[Workload]) {
    let references: Vec<&Workload> = workloads.iter().collect();
    let source = gogen::program(&references, word_bytes).expect("names that differ");
    let program = go::build(toolchain, arch, what, &source);
    go::compare(&go::run(&program), &expected(workloads, word_bytes));
    let symbols = go::symbols(toolchain, &program);
    let symbols: std::collections::BTreeSet<&str> =
        symbols.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
    for workload in workloads {
        let callee = gogen::callee_symbol(workload);
        assert!(symbols.contains(callee.as_str()), "{callee} is not in the binary");
    }
}

#[test]
fn go_119_prints_what_the_workloads_say() {
    if let Some(go) = toolchain("1.19") {
        check(&go, native(), 8);
    }
}

#[test]
fn go_127_prints_what_the_workloads_say() {
    if let Some(go) = toolchain("1.27") {
        check(&go, native(), 8);
    }
}

#[test]
fn a_program_with_32_bit_int_prints_what_the_workloads_say() {
    if native() != "amd64" {
        return eprintln!("NOT TESTED: only an amd64 host runs 386 programs");
    }
    if let Some(go) = toolchain("1.19") {
        check(&go, "386", 4);
    }
}

#[test]
fn a_panic_is_a_line_too() {
    assert_eq!(ExpectedText::Panic("a\"\n".into()).line(), "panic \"a\\x22\\x0a\"");
}
