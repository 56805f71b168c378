//! Real Go toolchains for the tests of this crate.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// A toolchain; without it the test fails in CI and says so elsewhere.
pub fn toolchain(variable: &str, standard: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let found = named.or_else(|| Some(root().join(standard))).filter(|path| path.is_file());
    if found.is_none() {
        let message = format!("no Go toolchain: neither ${variable} nor {standard}");
        assert!(std::env::var_os("CI").is_none(), "{message}");
        eprintln!("NOT TESTED: {message}");
    }
    found
}

fn command(toolchain: &Path, folder: &Path, arch: &str) -> Command {
    let mut command = Command::new(toolchain);
    command.current_dir(folder).env_remove("GOFLAGS").env_remove("GOOS");
    let settings =
        [("GO111MODULE", "auto"), ("GOTOOLCHAIN", "local"), ("GOPROXY", "off"), ("CGO_ENABLED", "0")];
    command.envs(settings).env("GOARCH", arch).env("GOCACHE", root().join("target/go-cache"));
    command
}

/// Builds a program of one file; returns the binary. `what` keeps the folders of different tests apart.
pub fn build(toolchain: &Path, arch: &str, what: &str, source: &str) -> PathBuf {
    let label = toolchain.to_string_lossy().replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{what}-{arch}-{label}"));
    std::fs::create_dir_all(&folder).expect("a writable target folder");
    std::fs::write(folder.join("main.go"), source).expect("a writable target folder");
    let arguments = ["build", "-o", "program", "main.go"];
    let built = command(toolchain, &folder, arch).args(arguments).output().expect("go starts");
    assert!(built.status.success(), "go build failed:\n{}", String::from_utf8_lossy(&built.stderr));
    folder.join("program")
}

/// What a program prints.
pub fn run(program: &Path) -> String {
    let run = Command::new(program).output().expect("the program starts");
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "the program failed:\n{errors}");
    String::from_utf8_lossy(&run.stdout).into_owned()
}

/// The symbol table, as `go tool nm` lists it.
#[allow(dead_code, reason = "each test crate uses its own part of this module")]
pub fn symbols(toolchain: &Path, program: &Path) -> String {
    let mut command = command(toolchain, &root(), native());
    let listed = command.args(["tool", "nm"]).arg(program).output().expect("go starts");
    String::from_utf8_lossy(&listed.stdout).into_owned()
}

/// The first line that differs, so that a failure is readable.
pub fn compare(actual: &str, expected: &str) {
    for (actual, expected) in actual.lines().zip(expected.lines()) {
        assert_eq!(actual, expected);
    }
    assert_eq!(actual.lines().count(), expected.lines().count(), "number of lines");
}

/// Go's name of the host's architecture; every host that builds rcsim in earnest has 64 bits.
pub fn native() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
