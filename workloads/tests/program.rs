//! The generated Go program, compiled and run by real Go toolchains, prints what the workloads say.
//!
//! A toolchain is looked for in `RCSIM_GO119` and `RCSIM_GO127`, then where the project's set-up puts it. Without it the
//! test fails in CI and says so elsewhere.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rcsim_diag::{Colour, Source};
use rcsim_workloads::{ExpectedText, Workload, gogen};

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

fn check(toolchain: &Path, arch: &str, word_bytes: u64) {
    let workloads = workloads();
    let references: Vec<&Workload> = workloads.iter().collect();
    let source = gogen::program(&references, word_bytes).expect("names that differ");
    let program = go::build(toolchain, arch, "program", &source);
    go::compare(&go::run(&program), &expected(&workloads, word_bytes));
    let symbols = go::symbols(toolchain, &program);
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

#[test]
fn a_program_with_32_bit_int_prints_what_the_workloads_say() {
    if native() != "amd64" {
        return eprintln!("NOT TESTED: only an amd64 host runs 386 programs");
    }
    if let Some(go) = toolchain("RCSIM_GO119", "/usr/lib/go-1.19/bin/go") {
        check(&go, "386", 4);
    }
}

#[test]
fn a_panic_is_a_line_too() {
    assert_eq!(ExpectedText::Panic("a\"\n".into()).line(), "panic \"a\\x22\\x0a\"");
}
