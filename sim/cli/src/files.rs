//! Reading what the command line names, within limits.

use std::fs;
use std::path::Path;

use rcsim_diag::{Diagnostic, Diagnostics};

/// Reads a regular file of at most `limit` bytes. Devices and pipes are refused: they may never end.
///
/// # Errors
/// When it is no such file or cannot be read.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Diagnostics> {
    let name = path.display();
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() {
        return Err(Diagnostic::input(format!("{name} is not a file"))
            .with_help("name a file; rcsim reads no folders, pipes or devices here")
            .into());
    }
    if metadata.len() > limit {
        let message = format!("{name} has {} bytes, more than the {limit} that rcsim reads", metadata.len());
        return Err(Diagnostic::input(message).with_help("check that it is the file that you mean").into());
    }
    fs::read(path).map_err(|error| unreadable(path, &error))
}

/// A file or folder that the system does not let us read.
pub fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostics {
    Diagnostic::input(format!("cannot read {}: {error}", path.display()))
        .with_help("check that it exists and that you may read it")
        .into()
}
