//! What is printed and written when the runs are over.

use std::fmt::Write as _;
use std::path::PathBuf;

use rcsim_diag::Diagnostics;
use rcsim_gc::Rule;
use rcsim_reports::records::{Document, Skipped, Verdict};
use rcsim_reports::{junit, sarif, table, text};

use super::runs::Made;
use crate::args::{CheckArgs, Format};
use crate::console::Console;
use crate::exit::Exit;
use crate::out_dir;
use crate::{findings, run};

/// Where reports go.
pub struct Outputs {
    format: Format,
    junit: Option<PathBuf>,
    sarif: Option<PathBuf>,
}

impl Outputs {
    /// What was asked for. Files that cannot be written are an error now, not after all runs were made.
    ///
    /// # Errors
    /// One for each such file.
    pub fn of(args: &CheckArgs) -> Result<Self, Diagnostics> {
        let mut errors = Diagnostics::new();
        for path in [&args.junit, &args.sarif].into_iter().flatten() {
            errors.absorb(out_dir::check_file(path));
        }
        errors.into_result(Self { format: args.format, junit: args.junit.clone(), sarif: args.sarif.clone() })
    }
}

/// Prints and writes everything, and says how the program ends.
///
/// # Errors
/// When something cannot be written.
pub fn report(
    made: Made,
    skipped: Vec<Skipped>,
    outputs: &Outputs,
    console: &mut Console,
) -> Result<Exit, Diagnostics> {
    let exit = made.done.iter().map(run::exit_of).max().unwrap_or(Exit::Clean);
    let exit = if made.interrupted { Exit::Interrupted } else { exit };
    let mut errors = Diagnostics::new();
    if outputs.format == Format::Text {
        for done in made.done.iter().filter(|done| done.record.verdict != Verdict::Pass) {
            errors.absorb(run::show(done, Format::Text, false, console));
        }
    }
    let records = made.done.into_iter().map(|done| done.record).collect();
    let document =
        Document::new(env!("CARGO_PKG_VERSION"), records, skipped).with_not_run(made.not_run.len());
    errors.absorb(match outputs.format {
        Format::Text => console.print(&ending(&document, made.interrupted)),
        Format::Json => console.print(&document.to_json()),
    });
    // One file that cannot be written is no reason to leave another out.
    if let Some(path) = &outputs.junit {
        errors.absorb(out_dir::write_file(path, &junit::document(&document, &made.not_run)));
    }
    if let Some(path) = &outputs.sarif {
        let complete = made.not_run.is_empty();
        errors.absorb(out_dir::write_file(path, &sarif::document(&document, &rules(), complete)));
    }
    errors.into_result(exit)
}

fn ending(document: &Document, interrupted: bool) -> String {
    let mut out = String::new();
    if !document.runs.is_empty() {
        out += &table::by_arch(&document.runs);
        out.push('\n');
    }
    if interrupted {
        out += "interrupted: these results are not complete\n";
    }
    let _ = writeln!(out, "{}", text::summary(&document.summary));
    out
}

fn rules() -> Vec<sarif::Rule> {
    let rule = |rule: &Rule| {
        let explanation = rule.explain();
        sarif::Rule {
            code: findings::code(*rule).to_string(),
            title: rule.title().to_owned(),
            meaning: explanation.meaning.to_owned(),
            help: format!("{}\n\n{}", explanation.why, explanation.remedy),
        }
    };
    findings::LOOKED_FOR.iter().map(rule).collect()
}
