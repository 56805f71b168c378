//! `rcsim man`: man pages, made from the definition of the flags.

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use rcsim_diag::{Diagnostic, Diagnostics, nearest};

use crate::args::{Args, ManArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::out_dir;

/// Writes a page, or all of them.
///
/// # Errors
/// When there is no such subcommand, or a page cannot be written.
pub fn command(args: &ManArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let mut whole = Args::command();
    whole.build();
    if let Some(folder) = &args.out {
        let pages: Vec<(String, String)> = pages(&whole).collect::<Result<_, _>>()?;
        let pages: Vec<(&str, &[u8])> =
            pages.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
        out_dir::write(folder, &pages)?;
        return Ok(Exit::Clean);
    }
    let page = match &args.command {
        None => page(&whole)?,
        Some(name) => page(whole.find_subcommand(name).ok_or_else(|| unknown(name, &whole))?)?,
    };
    console.print(&page)?;
    Ok(Exit::Clean)
}

/// Name and text of every page.
fn pages(whole: &Command) -> impl Iterator<Item = Result<(String, String), Diagnostics>> {
    let commands = std::iter::once(whole).chain(whole.get_subcommands());
    commands.map(|command| Ok((format!("{}.1", file_name(command)), page(command)?)))
}

/// `rcsim-run`, as `man` looks for it.
fn file_name(command: &Command) -> String {
    command.get_display_name().unwrap_or(command.get_name()).to_owned()
}

fn page(command: &Command) -> Result<String, Diagnostics> {
    let mut text = Vec::new();
    // A date would make the page differ from day to day.
    let man = Man::new(command.clone()).title(file_name(command)).date("");
    man.render(&mut text).map_err(|error: io::Error| Diagnostic::bug(format!("no man page: {error}")))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn unknown(name: &str, whole: &Command) -> Diagnostics {
    let known = whole.get_subcommands().map(Command::get_name);
    let error = Diagnostic::input(format!("no subcommand `{name}`")).with_place("command line");
    match nearest(name, known) {
        Some(near) => error.with_help(format!("did you mean `{near}`?")),
        None => error.with_help("`rcsim --help` lists all"),
    }
    .into()
}
