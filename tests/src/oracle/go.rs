//! The Go toolchains, and programs built with them.
//!
//! A program is built once: its path carries a hash of everything that went into it. Builds see no network and no
//! setting of the person's own Go. Start reading at [`Go::build`].

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::run::{self, Limits};
use super::{OracleError, oracles_dir};

const BUILD_LIMIT: Duration = Duration::from_secs(600);

/// A release of Go that the tests build with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Toolchain {
    /// Go 1.19, Debian 12's `golang-1.19-go`.
    Go1_19,
    /// Go 1.27.
    Go1_27,
}

impl Toolchain {
    /// All of them, oldest first.
    pub const ALL: [Self; 2] = [Self::Go1_19, Self::Go1_27];

    /// `go1.19` and so on, as Go writes it in GOROOT/VERSION, and as epochs are named.
    pub fn release(self) -> &'static str {
        match self {
            Self::Go1_19 => "go1.19",
            Self::Go1_27 => "go1.27",
        }
    }

    /// The environment variable that names another GOROOT for this release.
    pub fn override_variable(self) -> &'static str {
        match self {
            Self::Go1_19 => "RCSIM_GO_1_19",
            Self::Go1_27 => "RCSIM_GO_1_27",
        }
    }

    fn standard_places(self) -> Vec<PathBuf> {
        match self {
            Self::Go1_19 => vec![PathBuf::from("/usr/lib/go-1.19")],
            Self::Go1_27 => vec![oracles_dir().join("go1.27").join("go")],
        }
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.release())
    }
}

/// An installed toolchain.
#[derive(Clone, Debug)]
pub struct Go {
    toolchain: Toolchain,
    goroot: PathBuf,
    version: String,
}

/// What to build, and for what.
#[derive(Clone, Debug)]
pub struct GoBuild {
    /// Folder of the main package.
    pub source: PathBuf,
    /// GOOS: `linux`, `js`, `wasip1`.
    pub goos: String,
    /// GOARCH.
    pub goarch: String,
    /// Position-independent executable.
    pub pie: bool,
    /// Without symbol table and DWARF.
    pub strip: bool,
    /// `-gcflags`, for every package of the program when it starts with `all=`.
    pub gcflags: Option<String>,
    /// Flags for the linker, beside those that `strip` means.
    pub ldflags: Option<String>,
    /// GOEXPERIMENT.
    pub experiments: Vec<String>,
}

impl GoBuild {
    /// A plain executable for Linux from the package in `source`.
    pub fn linux(goarch: &str, source: impl Into<PathBuf>) -> Self {
        Self::new("linux", goarch, source)
    }

    /// A wasm module that node can run.
    pub fn js_wasm(source: impl Into<PathBuf>) -> Self {
        Self::new("js", "wasm", source)
    }

    fn new(goos: &str, goarch: &str, source: impl Into<PathBuf>) -> Self {
        Self {
            source: source.into(),
            goos: goos.to_owned(),
            goarch: goarch.to_owned(),
            pie: false,
            strip: false,
            gcflags: None,
            ldflags: None,
            experiments: Vec::new(),
        }
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["build".to_owned(), "-trimpath".to_owned()];
        if self.pie {
            arguments.push("-buildmode=pie".to_owned());
        }
        let strip = self.strip.then_some("-s -w");
        let ldflags: Vec<&str> = strip.into_iter().chain(self.ldflags.as_deref()).collect();
        if !ldflags.is_empty() {
            arguments.push(format!("-ldflags={}", ldflags.join(" ")));
        }
        if let Some(flags) = &self.gcflags {
            arguments.push(format!("-gcflags={flags}"));
        }
        arguments
    }

    /// A hash of everything that decides what the built program contains.
    fn key(&self, go: &Go) -> Result<String, OracleError> {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(go.version.as_bytes());
        part(self.goos.as_bytes());
        part(self.goarch.as_bytes());
        part(self.arguments().join("\n").as_bytes());
        part(self.experiments.join(",").as_bytes());
        for (name, content) in source_files(&self.source)? {
            part(name.as_bytes());
            part(&content);
        }
        Ok(hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect())
    }
}

impl Go {
    /// The installed toolchain of that release: where its environment variable says, else in its standard places.
    pub fn find(toolchain: Toolchain) -> Result<Self, OracleError> {
        let places = match std::env::var_os(toolchain.override_variable()) {
            Some(goroot) => vec![PathBuf::from(goroot)],
            None => toolchain.standard_places(),
        };
        Self::in_places(toolchain, places)
    }

    /// The toolchain of that release in the first of `places` that holds a toolchain; each is a GOROOT.
    pub fn in_places(toolchain: Toolchain, places: Vec<PathBuf>) -> Result<Self, OracleError> {
        let missing = || OracleError::Missing {
            what: format!("{toolchain} (or set {} to its GOROOT)", toolchain.override_variable()),
        };
        let goroot = places.into_iter().find(|place| go_program(place).is_file()).ok_or_else(missing)?;
        let version = read_version(&goroot)?;
        let is_release = version
            .strip_prefix(toolchain.release())
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
        if !is_release {
            return Err(OracleError::WrongVersion {
                path: goroot,
                wanted: toolchain.release().to_owned(),
                found: version,
            });
        }
        Ok(Self { toolchain, goroot, version })
    }

    /// Which release this is.
    pub fn toolchain(&self) -> Toolchain {
        self.toolchain
    }

    /// The full version, such as `go1.27.3`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Its GOROOT.
    pub fn goroot(&self) -> &Path {
        &self.goroot
    }

    /// Node's support script for js/wasm, which moved from `misc` to `lib` in Go 1.24.
    pub fn wasm_exec(&self) -> Result<PathBuf, OracleError> {
        ["lib", "misc"]
            .iter()
            .map(|folder| self.goroot.join(folder).join("wasm").join("wasm_exec_node.js"))
            .find(|script| script.is_file())
            .ok_or_else(|| OracleError::Missing { what: format!("wasm_exec_node.js of {}", self.version) })
    }

    /// A command that runs this toolchain, cut off from the person's own settings and from the network.
    pub fn command(&self) -> Command {
        let mut command = Command::new(go_program(&self.goroot));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GO") {
                command.env_remove(name);
            }
        }
        command
            .env("GOROOT", &self.goroot)
            .env("GOCACHE", oracles_dir().join("gocache").join(self.toolchain.release()))
            .env("GOPATH", oracles_dir().join("gopath"))
            .env("GOENV", "off")
            .env("GOWORK", "off")
            .env("GOFLAGS", "-mod=mod")
            .env("GO111MODULE", "auto")
            .env("GOTOOLCHAIN", "local")
            .env("GOPROXY", "off")
            .env("GOTELEMETRY", "off")
            .env("CGO_ENABLED", "0");
        command
    }

    /// Builds the program, unless the very same one was built before, and says where it is.
    pub fn build(&self, build: &GoBuild) -> Result<PathBuf, OracleError> {
        let folder = oracles_dir().join("bin");
        fs::create_dir_all(&folder).map_err(OracleError::io(format!("create {}", folder.display())))?;
        let name = format!("{}-{}-{}-{}", self.toolchain, build.goos, build.goarch, build.key(self)?);
        let program = folder.join(&name);
        if program.is_file() {
            return Ok(program);
        }
        // Tests run in several processes: the first builds, the others wait for it.
        let _lock = locked(&folder.join(format!("{name}.lock")))?;
        if !program.is_file() {
            self.build_to(build, &program)?;
        }
        Ok(program)
    }

    fn build_to(&self, build: &GoBuild, program: &Path) -> Result<(), OracleError> {
        let unfinished = program.with_added_extension("unfinished");
        let mut command = self.command();
        command
            .args(build.arguments())
            .arg("-o")
            .arg(&unfinished)
            .arg(".")
            .current_dir(&build.source)
            .env("GOOS", &build.goos)
            .env("GOARCH", &build.goarch);
        if !build.experiments.is_empty() {
            command.env("GOEXPERIMENT", build.experiments.join(","));
        }
        let what = format!("{} build of {} for {}", self.version, build.source.display(), build.goarch);
        run::run_command(command, &what, Limits { time: BUILD_LIMIT })?.success(&what)?;
        fs::rename(&unfinished, program).map_err(OracleError::io(format!("name {}", program.display())))
    }
}

fn go_program(goroot: &Path) -> PathBuf {
    goroot.join("bin").join("go")
}

fn read_version(goroot: &Path) -> Result<String, OracleError> {
    let file = goroot.join("VERSION");
    let text = fs::read_to_string(&file).map_err(OracleError::io(format!("read {}", file.display())))?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// An exclusive lock that ends with the returned file.
pub(crate) fn locked(path: &Path) -> Result<File, OracleError> {
    let file = File::create(path).map_err(OracleError::io(format!("create {}", path.display())))?;
    file.lock().map_err(OracleError::io(format!("lock {}", path.display())))?;
    Ok(file)
}

/// Every file below `folder` with its relative name, sorted.
fn source_files(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, OracleError> {
    let mut files = Vec::new();
    collect_files(folder, folder, &mut files)?;
    files.sort();
    Ok(files)
}

fn collect_files(root: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) -> Result<(), OracleError> {
    let reading = || format!("read {}", folder.display());
    for entry in fs::read_dir(folder).map_err(OracleError::io(reading()))? {
        let path = entry.map_err(OracleError::io(reading()))?.path();
        if path.is_dir() {
            collect_files(root, &path, files)?;
        } else {
            let content = fs::read(&path).map_err(OracleError::io(format!("read {}", path.display())))?;
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            files.push((name, content));
        }
    }
    Ok(())
}
