//! Writing results into a folder, each file whole or not at all.

use std::fs;
use std::io;
use std::path::Path;

use rcsim_diag::{Diagnostic, Diagnostics};

/// Writes files into a folder, which is made if it is missing. Each is written beside its place and then moved there.
///
/// # Errors
/// When the folder cannot be made or written to.
pub fn write(folder: &Path, files: &[(&str, &[u8])]) -> Result<(), Diagnostics> {
    let failed = |error: io::Error| cannot_write(folder, &error);
    fs::create_dir_all(folder).map_err(failed)?;
    for (name, content) in files {
        write_one(folder, name, content).map_err(failed)?;
    }
    Ok(())
}

fn write_one(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let temporary = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = fs::write(&temporary, content).and_then(|()| fs::rename(&temporary, folder.join(name)));
    if written.is_err() {
        // The first error is the one to report; the leftover may not even exist.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn cannot_write(folder: &Path, error: &io::Error) -> Diagnostics {
    Diagnostic::input(format!("cannot write results to {}: {error}", folder.display()))
        .with_help("name a folder that you may write to")
        .into()
}
