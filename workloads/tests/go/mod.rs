//! Real Go toolchains for the tests of this crate.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// The toolchain of a release (`1.19`): in the GOROOT that `RCSIM_GO_1_19` names, as packaged by Debian, or where the
/// project's set-up of oracles puts it. Without it the test fails in CI and says so elsewhere.
pub fn toolchain(release: &str) -> Option<PathBuf> {
    let variable = format!("RCSIM_GO_{}", release.replace('.', "_"));
    let standard = [format!("/usr/lib/go-{release}").into(), oracles().join(format!("go{release}/go"))];
    let places = std::env::var_os(&variable).map_or(standard.to_vec(), |goroot| vec![goroot.into()]);
    let found = places.into_iter().map(|goroot| goroot.join("bin/go")).find(|go| go.is_file());
    if found.is_none() {
        let message = format!("Go {release} is not there: run tests/oracles/install.sh, or set {variable}");
        assert!(std::env::var_os("CI").is_none(), "{message}");
        eprintln!("NOT TESTED: {message}");
    }
    found
}

fn oracles() -> PathBuf {
    root().join("target/oracles")
}

fn command(toolchain: &Path, folder: &Path, arch: &str) -> Command {
    let mut command = Command::new(toolchain);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GO")) {
        command.env_remove(name);
    }
    let goroot = toolchain.parent().and_then(Path::parent).expect("a toolchain is in GOROOT/bin");
    let settings = [("GOENV", "off"), ("GO111MODULE", "auto"), ("GOTOOLCHAIN", "local"), ("GOPROXY", "off")];
    command.current_dir(folder).envs(settings).env("CGO_ENABLED", "0").env("GOARCH", arch);
    command.env("GOROOT", goroot).env("GOCACHE", oracles().join("gocache").join(label(toolchain)));
    command
}

/// A folder name of a toolchain.
fn label(toolchain: &Path) -> String {
    toolchain.to_string_lossy().replace(|letter: char| !letter.is_ascii_alphanumeric(), "_")
}

/// Builds a program of one file; returns the binary. `what` keeps the folders of different tests apart.
pub fn build(toolchain: &Path, arch: &str, what: &str, source: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{what}-{arch}-{}", label(toolchain)));
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
