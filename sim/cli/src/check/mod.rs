//! `rcsim check`: every workload against its expectations, everywhere.
//!
//! | file | idea |
//! |---|---|
//! | `select.rs` | which of the runs this invocation makes |
//! | `resume.rs` | which of those an earlier invocation made |
//! | `runs.rs` | making them, in parallel, until the end or until there is a reason to stop |
//! | `baseline.rs` | cycles beside those that were written down |
//! | `outcome.rs` | what is reported, printed and written |
//!
//! Runs are laid out and made by the same code as those of `rcsim run`.

mod baseline;
mod outcome;
mod resume;
mod runs;
mod select;

use std::path::{Path, PathBuf};

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_reports::records::Run;

use crate::args::{CheckArgs, RunArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::run::{Settings, lay_out};
use crate::selection::ALL;
use crate::stop::Stop;
use baseline::Cycles;
use resume::Resume;

pub use select::Shard;

/// Where workloads are when none are named.
const DEFAULT_FOLDER: &str = "workloads";

/// Checks workloads and reports.
///
/// # Errors
/// When nothing was run, or the report cannot be written. What happens in runs is in the report and in the exit code.
pub fn command(args: CheckArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let cycles = Cycles::of(&args)?;
    let settings = Settings::new(run_args(&args, &cycles)?)?;
    let mut matrix = lay_out(&settings)?;
    let chosen = select::choose(std::mem::take(&mut matrix.runs), &args)?;
    let outputs = outcome::Outputs::of(&args)?;
    let stop = Stop::on_signal()?;
    let resume = Resume::of(&args, &chosen, &settings, &cycles)?;
    let made = runs::make(&chosen, &settings, &args, &cycles, &resume, &stop)?;
    if made.not_run.is_empty() {
        let records: Vec<Run> = made.done.iter().map(|done| done.record.clone()).collect();
        cycles.bless(&records, blessed_cores(&args, &settings), args.repeat)?;
    }
    let all = made.not_run.is_empty();
    let mut errors = Diagnostics::new();
    let exit = errors.absorb(outcome::report(made, matrix.skipped, &outputs, console));
    // What cannot be reported or written is asked for again: then nothing has to be made again.
    errors.absorb(resume.close(all && errors.is_empty()));
    errors.into_result(exit.unwrap_or(Exit::Clean))
}

/// The cores as a baseline names them: what was typed, except that `all` stands for names.
fn blessed_cores(args: &CheckArgs, settings: &Settings) -> Vec<String> {
    match args.cores.iter().any(|core| core == ALL) {
        true => settings.cores.iter().map(|core| core.name.clone()).collect(),
        false => args.cores.clone(),
    }
}

/// The same as arguments of `rcsim run`. What is not said means everything there is, not a sensible choice.
fn run_args(args: &CheckArgs, cycles: &Cycles) -> Result<RunArgs, Diagnostics> {
    let all = |words: &[String]| {
        let said = !words.is_empty() || !args.images.is_empty();
        if said { words.to_vec() } else { vec![ALL.to_owned()] }
    };
    let (cores, repeat) = cycles.cores(args);
    Ok(RunArgs {
        cores,
        repeat,
        workloads: paths(&args.paths)?,
        archs: all(&args.archs),
        epochs: all(&args.epochs),
        images: args.images.clone(),
        cpu_features: args.cpu_features.clone(),
        ..RunArgs::default()
    })
}

fn paths(named: &[PathBuf]) -> Result<Vec<PathBuf>, Diagnostics> {
    let default = Path::new(DEFAULT_FOLDER);
    match named {
        [] if default.is_dir() => Ok(vec![default.to_owned()]),
        [] => Err(Diagnostic::input(format!(
            "no workload is named, and there is no folder `{DEFAULT_FOLDER}` here"
        ))
        .with_help("name workload files or folders: rcsim check PATH")
        .into()),
        _ => Ok(named.to_vec()),
    }
}
