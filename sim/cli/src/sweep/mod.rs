//! `rcsim sweep`: a matrix of runs, in parallel, that goes on where it was interrupted.
//!
//! | file | idea |
//! |---|---|
//! | `spec.rs` | what a file of a sweep says |
//! | `plan.rs` | the points that it means, in order |
//! | `results.rs` | the file of results, once all is done |
//! | `point.rs` | one point again, in full |
//!
//! What is done is kept in a journal, safe from a kill at any moment. Runs are laid out and made by the same code as those of `rcsim run`. The records are those of `rcsim_reports::sweep`.

mod plan;
mod point;
mod results;
mod spec;

use std::collections::BTreeSet;
use std::path::Path;

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_reports::records::{Summary, Verdict};
use rcsim_reports::sweep::{Line, Results};
use rcsim_reports::text;

use crate::args::SweepArgs;
use crate::console::Console;
use crate::exit::Exit;
use crate::journal::{self, Journal};
use crate::pool;
use crate::progress::Progress;
use crate::run::execute_caught;
use crate::stop::Stop;
use plan::Plan;

pub use spec::Spec;

/// Makes the points of a sweep that are not made yet, and writes the results when that was the last of them.
///
/// # Errors
/// When the sweep cannot be read, or results cannot be read or written.
pub fn command(args: SweepArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let spec = Spec::read(&args.spec)?;
    let matrices = plan::matrices(&spec, &args.spec)?;
    let plan = Plan::lay_out(&spec, &matrices)?;
    match (args.point, &args.out) {
        (Some(number), _) => point::show(&plan, number, console),
        (None, Some(out)) => whole(&plan, out, &args, console),
        (None, None) => Err(Diagnostic::input("results have no place to go")
            .with_help("name a file for them with --out, or one point with --point")
            .into()),
    }
}

/// Makes what is left of the sweep.
fn whole(plan: &Plan<'_>, out: &Path, args: &SweepArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let stop = Stop::on_signal()?;
    if let Some(known) = results::known(out, &plan.header)? {
        return end(&known, plan, out, console);
    }
    let (journal, done) = Journal::open(results::journal_of(out), &plan.header)?;
    let lines = make(plan, journal, done, args, &stop)?;
    if lines.len() < plan.points.len() {
        let (done, all) = (lines.len(), plan.points.len());
        let line =
            format!("interrupted: {done} of {all} points are done; the same command goes on from there\n");
        console.print(&line)?;
        return Ok(Exit::Interrupted);
    }
    let results = Results { header: plan.header.clone(), lines };
    results::write(out, &results)?;
    journal::remove(&results::journal_of(out))?;
    end(&results, plan, out, console)
}

/// All lines that there are when the journal's and those of new runs are put together, in order.
fn make(
    plan: &Plan<'_>,
    journal: Journal,
    mut lines: Vec<Line>,
    args: &SweepArgs,
    stop: &Stop,
) -> Result<Vec<Line>, Diagnostics> {
    let done: BTreeSet<u32> = lines.iter().map(|line| line.number).collect();
    let left: Vec<&plan::Planned<'_>> =
        plan.points.iter().filter(|planned| !done.contains(&planned.number)).collect();
    let progress = Progress::with_lines(plan.points.len(), done.len(), "points");
    let made = pool::each(
        &left,
        args.threads,
        |_| !stop.is_asked() && !journal.is_broken(),
        |_, planned| {
            let run = execute_caught(&planned.combination, planned.settings).record;
            let replay = point::command(&args.spec, planned.number);
            let line = Line::of(planned.number, planned.point.clone(), &run, replay);
            progress.step(line.verdict == Verdict::Pass);
            journal.append(&line).then_some(line)
        },
    );
    progress.finish();
    journal.close()?;
    lines.extend(made?.into_iter().flatten().flatten());
    lines.sort_by_key(|line| line.number);
    Ok(lines)
}

/// What is printed at the end, and how the program ends. Findings are what a sweep collects: they are no failure of it.
fn end(results: &Results, plan: &Plan<'_>, out: &Path, console: &mut Console) -> Result<Exit, Diagnostics> {
    let count = |verdict| results.lines.iter().filter(|line| line.verdict == verdict).count();
    let summary = Summary {
        passed: count(Verdict::Pass),
        failed: count(Verdict::Fail),
        unusable: count(Verdict::Unusable),
        skipped: plan.skipped,
        not_run: 0,
    };
    console.print(&format!("{}: {}\n{}\n", out.display(), plan.header.name, text::summary(&summary)))?;
    let found = results.lines.iter().flat_map(|line| &line.found);
    let exits = found.map(|found| match found.class.as_str() {
        "input" => Exit::Input,
        "unsupported" => Exit::Unsupported,
        "bug" => Exit::Bug,
        _ => Exit::Clean,
    });
    Ok(exits.max().unwrap_or(Exit::Clean))
}
