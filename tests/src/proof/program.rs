//! The Go program that does what workloads say, built for a port.

use std::fs;
use std::path::{Path, PathBuf};

use rcsim_uop::Port;
use rcsim_uop::port::Container;
use rcsim_workloads::{Workload, gogen};
use sha2::{Digest, Sha256};

use crate::oracle::go::{Go, GoBuild, Toolchain};
use crate::oracle::run::{self, Limits};
use crate::oracle::{OracleError, oracles_dir};

/// How a program is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// As `go build` does.
    Plain,
    /// Position-independent.
    Pie,
    /// Without symbol table.
    Stripped,
}

impl Variant {
    fn apply(self, build: GoBuild) -> GoBuild {
        match self {
            Self::Plain => build,
            Self::Pie => GoBuild { pie: true, ..build },
            Self::Stripped => GoBuild { strip: true, ..build },
        }
    }
}

/// A built program.
pub struct GoProgram {
    go: Go,
    build: GoBuild,
    port: &'static dyn Port,
    path: PathBuf,
    file: Vec<u8>,
}

impl GoProgram {
    /// Builds the program of these workloads, unless the very same one was built before.
    pub fn build(
        toolchain: Toolchain,
        port: &'static dyn Port,
        variant: Variant,
        workloads: &[Workload],
    ) -> Result<Self, OracleError> {
        Self::build_source(toolchain, port, variant, &source(port, workloads))
    }

    /// As [`Self::build`], but a program that calls and prints nothing: there is only the code to be called.
    ///
    /// # Panics
    /// When the workloads cannot be in one program: a mistake of the caller.
    pub fn build_callees(
        toolchain: Toolchain,
        port: &'static dyn Port,
        workloads: &[Workload],
    ) -> Result<Self, OracleError> {
        let references: Vec<&Workload> = workloads.iter().collect();
        let source = gogen::callees(&references).unwrap_or_else(|errors| panic!("{errors}"));
        Self::build_source(toolchain, port, Variant::Plain, &source)
    }

    fn build_source(
        toolchain: Toolchain,
        port: &'static dyn Port,
        variant: Variant,
        source: &str,
    ) -> Result<Self, OracleError> {
        let go = Go::find(toolchain)?;
        let folder = write_source(source)?;
        let plain = match port.container() {
            Container::Wasm => GoBuild::js_wasm(folder),
            Container::Elf(_) => GoBuild::linux(port.goarch(), folder),
        };
        let build = variant.apply(plain);
        let path = go.build(&build)?;
        let file = fs::read(&path).map_err(OracleError::io(format!("read {}", path.display())))?;
        Ok(Self { go, build, port, path, file })
    }

    /// Toolchain and port, for messages.
    pub fn label(&self) -> String {
        format!("{} {}", self.toolchain(), self.port.goarch())
    }

    /// What built it.
    pub fn toolchain(&self) -> Toolchain {
        self.go.toolchain()
    }

    /// What it was built for.
    pub fn port(&self) -> &'static dyn Port {
        self.port
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its bytes.
    pub fn file(&self) -> &[u8] {
        &self.file
    }

    /// What it prints where it runs: one line a workload.
    pub fn lines(&self) -> Result<Vec<String>, OracleError> {
        let output = run::run(&self.go, &self.build, &self.path, &[], Limits::default())?;
        let text = output.success(&self.path.display().to_string())?;
        Ok(text.lines().map(str::to_owned).collect())
    }
}

/// The Go source of these workloads for a port.
///
/// # Panics
/// When the workloads cannot be in one program: a mistake of the caller.
fn source(port: &dyn Port, workloads: &[Workload]) -> String {
    let references: Vec<&Workload> = workloads.iter().collect();
    let word_bytes = u64::from(port.word().bytes);
    gogen::program(&references, word_bytes).unwrap_or_else(|errors| panic!("{errors}"))
}

/// A folder with a module of this one source file; its name says what is in it, so that no two tests disagree.
fn write_source(source: &str) -> Result<PathBuf, OracleError> {
    let digest = Sha256::digest(source.as_bytes());
    let name: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let folder = oracles_dir().join("sources").join(name);
    fs::create_dir_all(&folder).map_err(OracleError::io(format!("create {}", folder.display())))?;
    write_whole(folder.join("go.mod"), "module rcsim.example/proof\n\ngo 1.18\n")?;
    write_whole(folder.join("main.go"), source)?;
    Ok(folder)
}

/// Writes a file that another process may be reading at the same time: it sees all or nothing.
fn write_whole(path: PathBuf, text: &str) -> Result<(), OracleError> {
    if fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let error = || OracleError::io(format!("write {}", path.display()));
    let folder = path.parent().and_then(|folder| folder.parent()).unwrap_or(&path);
    let unfinished = folder.join(format!("unfinished-{}-{}", std::process::id(), thread_number()));
    fs::write(&unfinished, text).map_err(error())?;
    fs::rename(&unfinished, &path).map_err(error())
}

/// A number of its own for each call in this process.
fn thread_number() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
