//! Writing results, each file whole or not at all: it is written beside its place and then moved there.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rcsim_diag::{Diagnostic, Diagnostics};

/// Writes files into a folder, which is made if it is missing.
///
/// # Errors
/// When the folder cannot be made or written to.
pub fn write(folder: &Path, files: &[(&str, &[u8])]) -> Result<(), Diagnostics> {
    let failed = |error: io::Error| cannot_write(folder, &error);
    fs::create_dir_all(folder).map_err(failed)?;
    for (name, content) in files {
        write_one(&folder.join(name), content).map_err(failed)?;
    }
    Ok(())
}

/// Writes one file.
///
/// # Errors
/// When it cannot be written.
pub fn write_file(path: &Path, text: &str) -> Result<(), Diagnostics> {
    write_bytes(path, text.as_bytes())
}

/// Writes one file that is no text.
///
/// # Errors
/// When it cannot be written.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Diagnostics> {
    write_one(path, bytes).map_err(|error| cannot_write(path, &error))
}

/// Finds out whether a file can be written, before the work whose result it is to hold. What is there is left alone.
///
/// # Errors
/// When it cannot.
pub fn check_file(path: &Path) -> Result<(), Diagnostics> {
    let failed = |error: io::Error| cannot_write(path, &error);
    if path.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    if is_device(path) {
        return OpenOptions::new().write(true).open(path).map(drop).map_err(failed);
    }
    let temporary = temporary(path);
    fs::write(&temporary, "").and_then(|()| fs::remove_file(&temporary)).map_err(failed)
}

/// Makes a folder, and finds out whether files can be written into it, before the work whose results it is to hold.
///
/// # Errors
/// When it cannot be made or written to.
pub fn check_folder(folder: &Path) -> Result<(), Diagnostics> {
    let failed = |error: io::Error| cannot_write(folder, &error);
    fs::create_dir_all(folder).map_err(failed)?;
    let temporary = temporary(&folder.join("results"));
    fs::write(&temporary, "").and_then(|()| fs::remove_file(&temporary)).map_err(failed)
}

/// Whether something other than a file is there, such as `/dev/stdout`: nothing can be moved to its place.
fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir())
}

fn write_one(path: &Path, content: &[u8]) -> io::Result<()> {
    if is_device(path) {
        return OpenOptions::new().write(true).open(path)?.write_all(content);
    }
    let temporary = temporary(path);
    let written = fs::write(&temporary, content).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first error is the one to report; the leftover may not even exist.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// A name beside a file that nobody else uses.
fn temporary(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

fn cannot_write(path: &Path, error: &io::Error) -> Diagnostics {
    Diagnostic::input(format!("cannot write results to {}: {error}", path.display()))
        .with_help("name a place that you may write to")
        .into()
}
