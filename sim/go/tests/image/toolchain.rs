//! Real Go toolchains, and the programs that the tests build with them into `target/oracles/image`.
//!
//! A release is looked for where its environment variable says, else where the test set-up puts it. A test that cannot reach
//! its toolchain fails when `CI` is set and says so otherwise.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Go installation.
pub struct Go {
    pub release: &'static str,
    goroot: PathBuf,
}

/// A build of the program in `tests/go/image`.
#[derive(Clone, Copy, Hash)]
pub struct Build<'a> {
    pub goos: &'a str,
    pub goarch: &'a str,
    /// Further arguments of `go build`.
    pub flags: &'a [&'a str],
    pub cgo: bool,
}

impl<'a> Build<'a> {
    pub fn linux(goarch: &'a str) -> Build<'a> {
        Build { goos: "linux", goarch, flags: &[], cgo: false }
    }

    pub fn with(self, flags: &'a [&'a str]) -> Build<'a> {
        Build { flags, ..self }
    }
}

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn oracles() -> PathBuf {
    workspace().join("target/oracles")
}

/// Says that an oracle is missing; in CI that is a failure.
pub fn missing(what: &str) {
    assert!(std::env::var_os("CI").is_none(), "{what} is missing, and CI must have it");
    eprintln!("NOT TESTED: {what} is missing");
}

impl Go {
    /// The two releases that every test set-up has.
    pub fn pair() -> Vec<Go> {
        ["1.19", "1.27"].into_iter().filter_map(Go::find).collect()
    }

    /// Those, and every GOROOT in `RCSIM_GOROOTS`.
    pub fn all() -> Vec<Go> {
        let mut all = Go::pair();
        let more = std::env::var_os("RCSIM_GOROOTS").unwrap_or_default();
        let more = std::env::split_paths(&more).filter(|goroot| goroot.join("bin/go").is_file());
        all.extend(more.map(|goroot| Go { release: "listed in RCSIM_GOROOTS", goroot }));
        all
    }

    pub fn find(release: &'static str) -> Option<Go> {
        let variable = format!("RCSIM_GO_{}", release.replace('.', "_"));
        let standard =
            [PathBuf::from(format!("/usr/lib/go-{release}")), oracles().join(format!("go{release}/go"))];
        let places = std::env::var_os(variable).map_or(standard.to_vec(), |place| vec![PathBuf::from(place)]);
        match places.into_iter().find(|place| place.join("bin/go").is_file()) {
            Some(goroot) => Some(Go { release, goroot }),
            None => {
                missing(&format!("Go {release}"));
                None
            }
        }
    }

    /// The version as the toolchain names itself.
    pub fn version(&self) -> String {
        let text = fs::read_to_string(self.goroot.join("VERSION")).expect("a toolchain has a VERSION");
        text.lines().next().unwrap_or_default().trim().to_owned()
    }

    /// A command of this toolchain, without the network and the settings of whoever runs the tests.
    pub fn command(&self) -> Command {
        let mut command = Command::new(self.goroot.join("bin/go"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GO")) {
            command.env_remove(name);
        }
        let cache = oracles().join("gocache").join(self.version());
        for (name, value) in
            [("GOENV", "off"), ("GOWORK", "off"), ("GOFLAGS", "-mod=mod"), ("GO111MODULE", "auto")]
        {
            command.env(name, value);
        }
        command.env("GOTOOLCHAIN", "local").env("GOPROXY", "off").env("GOCACHE", cache);
        command.env("GOROOT", &self.goroot).env("GOPATH", oracles().join("gopath"));
        command
    }

    /// Builds the program, unless the same was built before.
    pub fn build(&self, build: Build<'_>) -> PathBuf {
        let source = workspace().join("tests/go/image");
        let mut key = DefaultHasher::new();
        (self.version(), build, fs::read(source.join("main.go")).expect("the test program exists"))
            .hash(&mut key);
        let folder = oracles().join("image");
        fs::create_dir_all(&folder).expect("target is writable");
        let name = format!("{}-{}-{}-{:016x}", self.version(), build.goos, build.goarch, key.finish());
        let program = folder.join(name);
        // Tests run in several processes: the first builds, the others wait for it.
        let lock = File::create(program.with_added_extension("lock")).expect("target is writable");
        lock.lock().expect("files can be locked");
        if !program.is_file() {
            let unfinished = program.with_added_extension("unfinished");
            let mut command = self.command();
            command.current_dir(&source).arg("build").args(build.flags).arg("-o").arg(&unfinished).arg(".");
            command.env("GOOS", build.goos).env("GOARCH", build.goarch);
            command.env("CGO_ENABLED", if build.cgo { "1" } else { "0" });
            output(&mut command);
            fs::rename(&unfinished, &program).expect("target is writable");
        }
        program
    }

    /// Node's support script for js/wasm, which moved from `misc` to `lib` in Go 1.24.
    pub fn wasm_exec(&self) -> PathBuf {
        let scripts = ["lib", "misc"].map(|folder| self.goroot.join(folder).join("wasm/wasm_exec_node.js"));
        scripts.into_iter().find(|script| script.is_file()).expect("a toolchain has wasm_exec_node.js")
    }
}

/// What a command prints; it must succeed.
pub fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Whether a program is installed; says so, or fails in CI, when it is not.
pub fn installed(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        missing(program);
    }
    found
}
