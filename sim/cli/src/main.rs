//! The binary `rcsim`: a map of the program.
//!
//! Owns: the command line, reading and writing files, exit codes. Must not know: any architecture by name, how anything is
//! simulated, how a record is drawn. One module for each subcommand; `args.rs` has what can be typed.

mod args;
mod availability;
mod bench;
mod check;
mod completions;
mod console;
mod cores;
mod crash;
mod diff;
mod exit;
mod explain;
mod files;
mod findings;
mod host;
mod image_file;
mod inspect;
mod journal;
mod list;
mod listing;
mod man;
mod mutate;
mod out_dir;
mod plot;
mod pool;
mod progress;
mod report;
mod results;
mod run;
mod schema;
mod selection;
mod shell;
mod stop;
mod sweep;
mod version;
mod workload_files;

use std::process::ExitCode;

use clap::Parser;
use rcsim_diag::Diagnostics;

use args::{Args, Command};
use console::Console;
use exit::Exit;
use listing::Detail;

fn main() -> ExitCode {
    crash::install();
    let args = Args::parse();
    let mut console = Console::new(args.color);
    let exit = dispatch(args.command, &mut console).unwrap_or_else(|errors| {
        console.complain(&errors);
        Exit::of(errors.class())
    });
    exit.into()
}

fn dispatch(command: Command, console: &mut Console) -> Result<Exit, Diagnostics> {
    match command {
        Command::Run(args) => run::command(args, console),
        Command::Check(args) => check::command(args, console),
        Command::Sweep(args) => sweep::command(args, console),
        Command::Disasm(args) => listing::command(&args, Detail::Instructions, console),
        Command::Lift(args) => listing::command(&args, Detail::MicroOps, console),
        Command::Image(args) => inspect::command(&args, console),
        Command::List(args) => list::command(&args, console),
        Command::Bench(args) => bench::command(&args, console),
        Command::Mutate(args) => mutate::command(args, console),
        Command::Explain(args) => explain::command(&args, console),
        Command::Plot(args) => plot::command(&args, console),
        Command::Report(args) => report::command(&args, console),
        Command::Diff(args) => diff::command(&args, console),
        Command::Completions(args) => completions::command(&args, console),
        Command::Schema(args) => schema::command(&args, console),
        Command::Man(args) => man::command(&args, console),
    }
}
