//! The journal of a sweep: what is done, one line after the other, in a file that a kill at any moment leaves usable.
//!
//! Each line is written with one call, with its end. A kill can tear the last one only; what is torn is cut off when the sweep goes
//! on, and its point is run again. The file is locked while it is written, so that no two sweeps mix theirs.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_reports::sweep::{self, Header, Line};

/// The largest journal that is read, in bytes.
const MAX_BYTES: u64 = 4 << 30;

/// The journal, open.
pub struct Journal {
    path: PathBuf,
    file: File,
    lines: Vec<Line>,
}

impl Journal {
    /// Opens the journal of these results, or begins it.
    ///
    /// # Errors
    /// When it is another sweep's, was damaged, is in use, or cannot be written.
    pub fn open(out: &Path, header: &Header) -> Result<Self, Diagnostics> {
        let path = path(out);
        let failed = |error: io::Error| cannot_write(&path, &error);
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = options.map_err(failed)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => in_use(&path),
            TryLockError::Error(error) => failed(error),
        })?;
        let bytes = read(&mut file, &path)?;
        let recovered = sweep::recover(&bytes).map_err(|error| unusable(&path, &error.to_string()))?;
        let (whole_bytes, lines) = match recovered {
            Some(journal) if journal.header != *header => return Err(unusable(&path, OTHER_SWEEP)),
            Some(journal) => (journal.whole_bytes, journal.lines),
            None => (0, Vec::new()),
        };
        file.set_len(whole_bytes as u64).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        if whole_bytes == 0 {
            file.write_all(sweep::line(header).as_bytes()).map_err(failed)?;
        }
        Ok(Self { path, file, lines })
    }

    /// What was done when it was opened.
    pub fn take_lines(&mut self) -> Vec<Line> {
        std::mem::take(&mut self.lines)
    }

    /// Adds a line.
    ///
    /// # Errors
    /// When it cannot be written: the disk is full, say. What was written before stays usable.
    pub fn append(&mut self, line: &Line) -> Result<(), Diagnostics> {
        let text = sweep::line(line);
        self.file.write_all(text.as_bytes()).map_err(|error| cannot_write(&self.path, &error))
    }
}

/// What is said of results and journals of another matrix.
pub const OTHER_SWEEP: &str = "it belongs to another sweep, or to this one before it was changed";

/// Removes the journal, once its results are written.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(out: &Path) -> Result<(), Diagnostics> {
    let path = path(out);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot_write(&path, &error)),
        _ => Ok(()),
    }
}

/// The journal of results: `FILE.partial`.
fn path(out: &Path) -> PathBuf {
    let mut name = OsString::from(out.file_name().unwrap_or_default());
    name.push(".partial");
    out.with_file_name(name)
}

fn read(file: &mut File, path: &Path) -> Result<Vec<u8>, Diagnostics> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| cannot_write(path, &error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(unusable(path, "it is larger than any journal"));
    }
    Ok(bytes)
}

fn in_use(path: &Path) -> Diagnostics {
    Diagnostic::input(format!("{} is in use by another sweep", path.display()))
        .with_help("wait for it, or write to another file with --out")
        .into()
}

/// A file that results cannot be added to.
pub fn unusable(path: &Path, why: &str) -> Diagnostics {
    Diagnostic::input(format!("cannot go on with {}: {why}", path.display()))
        .with_help("remove it to begin anew, or write to another file with --out")
        .into()
}

fn cannot_write(path: &Path, error: &io::Error) -> Diagnostics {
    Diagnostic::input(format!("cannot write results to {}: {error}", path.display()))
        .with_help("name a place that you may write to and that has room")
        .into()
}
