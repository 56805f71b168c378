//! `rcsim run`: workloads through the machinery, each to a verdict.
//!
//! | file | idea |
//! |---|---|
//! | `settings.rs` | what was typed, validated; everything is read before anything runs |
//! | `matrix.rs` | which combinations run |
//! | `execute.rs` | one run |
//! | `expectation.rs`, `failure.rs` | its verdict, and what is said about it |
//! | `break_off.rs` | runs that neither return nor panic |
//! | `found.rs` | what the checker found |
//! | `marked.rs` | programs with their own write barriers switched on |
//! | `replayed.rs` | what is really done at a point |
//! | `record.rs` | what is written down |
//! | `timeline.rs` | what happened moment by moment, for those who ask |
//! | `timing.rs` | what it costs on a core |
//! | `trace/` | when each instruction went through the core, for viewers |

mod break_off;
mod execute;
mod expectation;
mod failure;
mod found;
mod marked;
mod matrix;
mod record;
mod replayed;
mod settings;
mod timeline;
mod timing;
mod trace;

use std::fmt::Write as _;

use rcsim_diag::{Class, Colour, Diagnostic, Diagnostics};
use rcsim_reports::records::{Document, Run, Verdict};
use rcsim_reports::text;

use crate::args::{Format, RunArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::out_dir;
use crate::progress::Progress;

pub use execute::{Done, execute, execute_caught, execute_mutated};
pub use matrix::{Combination, lay_out};
pub use settings::{Collector, Settings};

/// Runs workloads and reports.
///
/// # Errors
/// When nothing was run: bad input. What happens in runs is in the reports and in the exit code.
pub fn command(args: RunArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let settings = Settings::new(args)?;
    let matrix = lay_out(&settings)?;
    if let Some(target) = &settings.trace {
        trace::check(&matrix.runs, &settings.cores, target)?;
    }
    if let Some(folder) = &settings.out {
        out_dir::check_folder(folder)?;
    }
    let whole = settings.full || matrix.runs.len() == 1;
    let progress = Progress::new(matrix.runs.len());
    let mut runs = Vec::new();
    let mut report_file = String::new();
    let mut exit = Exit::Clean;
    // What cannot be printed is no reason not to write it into a folder.
    let mut errors = Diagnostics::new();
    for combination in &matrix.runs {
        let done = execute(combination, &settings);
        progress.clear();
        errors.absorb(show(&done, settings.format, whole, console));
        exit = exit.max(exit_of(&done));
        report_file += &in_full(&done, Colour::Never);
        runs.push(done.record);
        progress.step(exit == Exit::Clean);
    }
    progress.finish();
    if let (Some(target), [combination], [core]) = (&settings.trace, &matrix.runs[..], &settings.cores[..]) {
        trace::write(combination, &settings, core, target)?;
    }
    let document = Document::new(env!("CARGO_PKG_VERSION"), runs, matrix.skipped);
    let ending = ending(&document);
    errors.absorb(match settings.format {
        Format::Text => console.print(&ending),
        Format::Json => console.print(&document.to_json()),
    });
    if let Some(folder) = &settings.out {
        let report = report_file + &ending;
        let files = [("report.json", document.to_json()), ("report.txt", report)];
        errors.absorb(out_dir::write(folder, &files.each_ref().map(|(name, text)| (*name, text.as_bytes()))));
    }
    errors.into_result(exit)
}

/// Prints what there is to say about a run as soon as it is over.
///
/// # Errors
/// When it cannot be printed.
pub fn show(done: &Done, format: Format, whole: bool, console: &mut Console) -> Result<(), Diagnostics> {
    let (findings, errors): (Diagnostics, Diagnostics) = split(&done.diagnostics);
    if format == Format::Text {
        let colour = console.out_colour();
        let body = match done.record.verdict {
            Verdict::Pass if !whole => text::line(&done.record) + "\n",
            Verdict::Pass | Verdict::Fail => with_diagnostics(&done.record, &findings, colour),
            Verdict::Unusable => text::line(&done.record) + "\n",
        };
        console.print(&body)?;
    }
    console.complain(&errors);
    Ok(())
}

/// Findings, which are results, and errors, which are not.
fn split(all: &Diagnostics) -> (Diagnostics, Diagnostics) {
    let finding = |one: &&Diagnostic| one.class() == Class::Finding;
    (all.iter().filter(finding).cloned().collect(), all.iter().filter(|one| !finding(one)).cloned().collect())
}

fn in_full(done: &Done, colour: Colour) -> String {
    with_diagnostics(&done.record, &done.diagnostics, colour)
}

fn with_diagnostics(run: &Run, diagnostics: &Diagnostics, colour: Colour) -> String {
    let mut text = text::report(run);
    if !diagnostics.is_empty() {
        text.push_str(&diagnostics.render(colour));
    }
    text.push('\n');
    text
}

/// What was left out, and the summary.
fn ending(document: &Document) -> String {
    let mut out = String::new();
    for skipped in &document.skipped {
        let _ = writeln!(out, "{}", text::skipped(skipped));
    }
    let _ = writeln!(out, "{}", text::summary(&document.summary));
    out
}

/// How the program ends by a run.
pub fn exit_of(done: &Done) -> Exit {
    match done.record.verdict {
        Verdict::Pass => Exit::Clean,
        Verdict::Fail | Verdict::Unusable => Exit::of(done.diagnostics.class()),
    }
}
