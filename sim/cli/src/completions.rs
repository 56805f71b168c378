//! `rcsim completions`: a completion script, made from the definition of the flags.

use clap::CommandFactory;
use rcsim_diag::Diagnostics;

use crate::args::{Args, CompletionsArgs};
use crate::console::Console;
use crate::exit::Exit;

/// Writes the script.
///
/// # Errors
/// When standard output cannot be written.
pub fn command(args: &CompletionsArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "rcsim", &mut script);
    console.print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Clean)
}
