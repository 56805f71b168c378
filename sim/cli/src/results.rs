//! Files of results that the command line names.

use std::path::{Path, PathBuf};

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_reports::load::{self, LoadError, Results};
use rcsim_reports::plot::Rule;

use crate::{files, findings};

/// The largest file of results that is read, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// Reads files of results.
///
/// # Errors
/// One for each that cannot be read or is none.
pub fn read_all(paths: &[PathBuf]) -> Result<Vec<Results>, Diagnostics> {
    let mut errors = Diagnostics::new();
    let all = paths.iter().filter_map(|path| errors.absorb(read(path))).collect();
    errors.into_result(all)
}

fn read(path: &Path) -> Result<Results, Diagnostics> {
    let name = path.display();
    let bytes = files::read(path, MAX_BYTES)?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Diagnostic::input(format!("{name} holds no results of rcsim: it is no UTF-8 text")).with_help(REMEDY)
    })?;
    load::results(&text).map_err(|error| {
        let diagnostic = Diagnostic::input(format!("{name} holds no results that can be read: {error}"));
        let help = match error {
            LoadError::Version { .. } => "run the workloads again with this version of rcsim",
            LoadError::Sweep(_) => "run `rcsim sweep` again: it goes on where it was interrupted",
            LoadError::Truncated => "run the workloads again: the file was not written to its end",
            LoadError::Malformed { .. } | LoadError::Foreign => REMEDY,
        };
        diagnostic.with_help(help).into()
    })
}

const REMEDY: &str =
    "name a file that `rcsim run --format json`, `rcsim check --format json` or `rcsim sweep` wrote";

/// The rules of this version.
pub fn rules() -> Vec<Rule> {
    let rules = findings::LOOKED_FOR.iter();
    rules
        .map(|rule| Rule { code: findings::code(*rule).to_string(), title: rule.title().to_owned() })
        .collect()
}
