//! Programs that know better than rcsim what Go, or an instruction, does.
//!
//! Owns how they are found, started, limited in time and listened to. An oracle that is missing is an error that says
//! how to install it; [`require`] turns it into a failed test, on every machine: a comparison never passes unheld.
//! Start reading at [`go::Go::find`] and [`run::run`].

pub mod arch;
mod error;
pub mod gdbstub;
pub mod go;
pub mod llvm;
pub mod run;

use std::path::{Path, PathBuf};

pub use error::OracleError;

/// The root of the workspace.
pub fn workspace_root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_path_buf()
}

/// Where oracles, their caches and everything that they produce live; git ignores it.
pub fn oracles_dir() -> PathBuf {
    workspace_root().join("target").join("oracles")
}

/// The value, or the end of this test with the reason and the remedy.
///
/// # Panics
/// Whenever `found` is an error: a test without its oracle has proven nothing.
#[track_caller]
pub fn require<T>(found: Result<T, OracleError>) -> T {
    found.unwrap_or_else(|error| panic!("{error}"))
}

/// Finds `program` in the search path of this process.
pub(crate) fn find_program(program: &'static str) -> Result<PathBuf, OracleError> {
    find_program_named(program)
}

/// As [`find_program`], for a name that comes from a data file.
pub(crate) fn find_program_named(program: &str) -> Result<PathBuf, OracleError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| OracleError::Missing { what: program.to_owned() })
}
