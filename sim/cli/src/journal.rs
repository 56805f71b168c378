//! Journals: what is done, one line after the other, in a file that a kill at any moment leaves usable.
//!
//! Each line is written with one call, with its end. A kill can tear the last one only; what is torn is cut off when the work goes
//! on, and that piece of it is done again. The file is locked while it is written, so that no two invocations mix theirs.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_reports::journal::{self, Head, Piece};

/// The largest journal that is read, in bytes.
const MAX_BYTES: u64 = 4 << 30;

/// A journal, open. Several threads may add to it; the first failure is kept.
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
    failed: Mutex<Option<Diagnostics>>,
}

impl Journal {
    /// Opens the journal of the work that this first line describes, or begins it. Returns what is done already, too.
    ///
    /// # Errors
    /// When it is another work's, was damaged, is in use, or cannot be written.
    pub fn open<H: Head, P: Piece>(path: PathBuf, head: &H) -> Result<(Self, Vec<P>), Diagnostics> {
        let failed = |error: io::Error| cannot_write(&path, &error);
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = options.map_err(failed)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => in_use(&path),
            TryLockError::Error(error) => failed(error),
        })?;
        let bytes = read(&mut file, &path)?;
        let recovered =
            journal::recover::<H, P>(&bytes).map_err(|error| unusable(&path, &error.to_string()))?;
        let (whole_bytes, done) = match recovered {
            Some(journal) if journal.head != *head => return Err(unusable(&path, OTHER_WORK)),
            Some(journal) => (journal.whole_bytes, journal.pieces),
            None => (0, Vec::new()),
        };
        file.set_len(whole_bytes as u64).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        if whole_bytes == 0 {
            file.write_all(journal::line(head).as_bytes()).map_err(failed)?;
        }
        Ok((Self { path, file: Mutex::new(file), failed: Mutex::new(None) }, done))
    }

    /// Adds a line, and says whether it is there. What was written before stays usable.
    pub fn append(&self, line: &impl Piece) -> bool {
        let text = journal::line(line);
        // Another thread may have panicked while it wrote; its panic is told by its own result.
        let Ok(mut file) = self.file.lock() else { return false };
        match file.write_all(text.as_bytes()) {
            Ok(()) => true,
            Err(error) => {
                if let Ok(mut failed) = self.failed.lock() {
                    failed.get_or_insert_with(|| cannot_write(&self.path, &error));
                }
                false
            }
        }
    }

    /// Whether something could not be written: what comes of more work would be lost.
    pub fn is_broken(&self) -> bool {
        self.failed.lock().map_or(true, |failed| failed.is_some())
    }

    /// The end of the work for now.
    ///
    /// # Errors
    /// When something could not be written: the disk is full, say.
    pub fn close(self) -> Result<(), Diagnostics> {
        self.failed.into_inner().ok().flatten().map_or(Ok(()), Err)
    }
}

/// What is said of results and journals of another matrix.
pub const OTHER_WORK: &str = "it belongs to another invocation, or to this one before something was changed";

/// Removes a journal, if there is one, once what was done is in results.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(path: &Path) -> Result<(), Diagnostics> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot_write(path, &error)),
        _ => Ok(()),
    }
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
    Diagnostic::input(format!("{} is in use by another rcsim", path.display()))
        .with_help("wait for it, or name another file")
        .into()
}

/// A file that results cannot be added to.
pub fn unusable(path: &Path, why: &str) -> Diagnostics {
    Diagnostic::input(format!("cannot go on with {}: {why}", path.display()))
        .with_help("remove it to begin anew, or name another file")
        .into()
}

fn cannot_write(path: &Path, error: &io::Error) -> Diagnostics {
    Diagnostic::input(format!("cannot write results to {}: {error}", path.display()))
        .with_help("name a place that you may write to and that has room")
        .into()
}
