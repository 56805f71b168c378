//! The file of results: there once all points are done, whole or not at all.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rcsim_diag::Diagnostics;
use rcsim_reports::sweep::{self, Header, Results};

use crate::journal::{self, OTHER_WORK, unusable};
use crate::{files, out_dir};

/// The largest file of results that is read, in bytes.
const MAX_BYTES: u64 = 4 << 30;

/// The results, when they are there already.
///
/// # Errors
/// When there is a file that is not the results of this matrix.
pub fn known(out: &Path, header: &Header) -> Result<Option<Results>, Diagnostics> {
    if !out.exists() {
        out_dir::check_file(out)?;
        return Ok(None);
    }
    let bytes = files::read(out, MAX_BYTES)?;
    let text = String::from_utf8(bytes).map_err(|_| unusable(out, "it is not UTF-8 text"))?;
    let results = sweep::read(&text).map_err(|error| unusable(out, &error.to_string()))?;
    if results.header != *header {
        return Err(unusable(out, OTHER_WORK));
    }
    journal::remove(&journal_of(out))?;
    Ok(Some(results))
}

/// The journal of results: `FILE.partial`.
pub fn journal_of(out: &Path) -> PathBuf {
    let mut name = OsString::from(out.file_name().unwrap_or_default());
    name.push(".partial");
    out.with_file_name(name)
}

/// Writes them.
///
/// # Errors
/// When they cannot be written.
pub fn write(out: &Path, results: &Results) -> Result<(), Diagnostics> {
    out_dir::write_file(out, &results.to_text())
}
