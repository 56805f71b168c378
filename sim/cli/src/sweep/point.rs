//! One point of a sweep again, in full.

use std::path::Path;

use rcsim_diag::{Diagnostic, Diagnostics};

use super::plan::Plan;
use crate::args::Format;
use crate::console::Console;
use crate::exit::Exit;
use crate::run::{self, execute_caught};
use crate::shell;

/// The command that runs a point of a sweep.
pub fn command(spec: &Path, number: u32) -> String {
    shell::line(&["rcsim", "sweep", "--point", &number.to_string(), &spec.to_string_lossy()])
}

/// Runs a point and prints everything about it. The exit code is that of `rcsim run`.
///
/// # Errors
/// When there is no such point, or it cannot be printed.
pub fn show(plan: &Plan<'_>, number: u32, console: &mut Console) -> Result<Exit, Diagnostics> {
    let Some(planned) = plan.points.iter().find(|planned| planned.number == number) else {
        let last = plan.header.points.saturating_sub(1);
        return Err(Diagnostic::input(format!("the sweep has no point {number}"))
            .with_help(format!("its points are 0 to {last}"))
            .into());
    };
    let done = execute_caught(&planned.combination, planned.settings);
    run::show(&done, Format::Text, true, console)?;
    Ok(run::exit_of(&done))
}
