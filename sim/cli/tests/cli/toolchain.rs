//! A real Go toolchain, and the program that these tests build with it.
//!
//! A release is looked for where its environment variable says, else where the test set-up puts it. A test that cannot
//! reach its toolchain fails when `CI` is set and says so otherwise.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Go installation.
pub struct Go {
    release: &'static str,
    goroot: PathBuf,
}

impl Go {
    /// The toolchain of a release, such as `1.27`.
    pub fn find(release: &'static str) -> Option<Self> {
        let variable = format!("RCSIM_GO_{}", release.replace('.', "_"));
        let standard =
            [PathBuf::from(format!("/usr/lib/go-{release}")), oracles().join(format!("go{release}/go"))];
        let places = env::var_os(&variable).map_or(standard.to_vec(), |place| vec![PathBuf::from(place)]);
        let found = places.into_iter().find(|place| place.join("bin/go").is_file());
        if found.is_none() {
            let message =
                format!("Go {release} is not there: run tests/oracles/install.sh, or set {variable}");
            assert!(env::var_os("CI").is_none(), "{message}");
            eprintln!("NOT TESTED: {message}");
        }
        found.map(|goroot| Self { release, goroot })
    }

    /// The folder of its commands.
    pub fn bin(&self) -> PathBuf {
        self.goroot.join("bin")
    }

    /// Makes the Go commands that a command starts independent of whoever runs the tests, and of the network.
    pub fn settle(&self, command: &mut Command) {
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GO")) {
            command.env_remove(name);
        }
        let settings = [
            ("GOENV", "off"),
            ("GOWORK", "off"),
            ("GO111MODULE", "auto"),
            ("GOTOOLCHAIN", "local"),
            ("GOPROXY", "off"),
            ("CGO_ENABLED", "0"),
        ];
        command.envs(settings).env("GOPATH", oracles().join("gopath"));
        command.env("GOCACHE", oracles().join("gocache").join(format!("go{}", self.release)));
    }

    /// Builds `programs/misbehaving`; Go's own cache makes that quick the second time.
    pub fn build(&self, system: &str, arch: &str) -> PathBuf {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/misbehaving");
        let program = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("misbehaving-{}-{system}-{arch}", self.release));
        let mut command = Command::new(self.goroot.join("bin/go"));
        self.settle(&mut command);
        command.envs([("GOOS", system), ("GOARCH", arch)]).env("GOROOT", &self.goroot);
        command.current_dir(source).args(["build", "-trimpath", "-o"]).arg(&program);
        let built = command.output().expect("go starts");
        assert!(built.status.success(), "go build failed:\n{}", String::from_utf8_lossy(&built.stderr));
        program
    }
}

/// Where the test set-up puts things.
fn oracles() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/oracles")
}
