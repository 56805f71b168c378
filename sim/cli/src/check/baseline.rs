//! `--baseline` and `--bless`: cycles beside those that were written down.

use std::path::{Path, PathBuf};

use rcsim_diag::{Class, Diagnostic, Diagnostics, Severity};
use rcsim_reports::baseline::{Baseline, Drift};
use rcsim_reports::records::Run;

use crate::args::CheckArgs;
use crate::{files, out_dir};

/// The largest baseline that is read, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// What cycles are for in a check.
#[derive(Debug)]
pub enum Cycles {
    /// Nothing: whatever was counted is in the records.
    Unjudged,
    /// They are compared with these.
    Compared(Baseline),
    /// They are written down.
    Blessed {
        /// Where.
        path: PathBuf,
        /// The tolerance that is written down with them, in percent.
        tolerance_percent: u32,
    },
}

impl Cycles {
    /// What was asked for. The baseline is read, and whether it can be written is found out.
    ///
    /// # Errors
    /// When it cannot.
    pub fn of(args: &CheckArgs) -> Result<Self, Diagnostics> {
        match &args.baseline {
            None => Ok(Self::Unjudged),
            Some(path) if args.bless => {
                out_dir::check_file(path)?;
                Ok(Self::Blessed { path: path.clone(), tolerance_percent: args.tolerance })
            }
            Some(path) => read(path).map(Self::Compared),
        }
    }

    /// The cores to count on, and how often a call is made on each.
    pub fn cores(&self, args: &CheckArgs) -> (Vec<String>, u32) {
        match self {
            Self::Compared(baseline) => (baseline.cores_of(&args.archs), baseline.repeat),
            Self::Unjudged | Self::Blessed { .. } => (args.cores.clone(), args.repeat),
        }
    }

    /// What is to be said about the cycles of a run.
    pub fn judge(&self, run: &Run) -> Diagnostics {
        match self {
            Self::Compared(baseline) => {
                let tolerance = baseline.tolerance_percent;
                baseline.drifts(run).iter().map(|drift| diagnostic(run, drift, tolerance)).collect()
            }
            Self::Unjudged | Self::Blessed { .. } => Diagnostics::new(),
        }
    }

    /// Writes the cycles of these runs down, where that was asked for.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn bless(&self, runs: &[Run], cores: Vec<String>, repeat: u32) -> Result<(), Diagnostics> {
        let Self::Blessed { path, tolerance_percent } = self else { return Ok(()) };
        out_dir::write_file(path, &Baseline::of(runs, cores, *tolerance_percent, repeat).to_json())
    }
}

fn read(path: &Path) -> Result<Baseline, Diagnostics> {
    let bytes = files::read(path, MAX_BYTES)?;
    let text = String::from_utf8_lossy(&bytes);
    Baseline::parse(&text).map_err(|error| {
        Diagnostic::input(error.to_string())
            .with_place(path.display().to_string())
            .with_help("`--bless` writes it anew")
            .into()
    })
}

fn diagnostic(run: &Run, drift: &Drift, tolerance: u32) -> Diagnostic {
    let core = &drift.core;
    let finding = |message: String| {
        let place = format!("{}, {}, epoch {}", run.workload.path, run.arch, run.epoch);
        Diagnostic::new(Severity::Error, Class::Finding, message).with_place(place)
    };
    if drift.parts.is_empty() {
        let message = format!("the baseline has no cycles of this call on {core}");
        return finding(message).with_help("add them with --bless");
    }
    let all = finding(format!("cycles on {core} are more than {tolerance} % from the baseline"));
    let note = |name: &str, then, now| format!("{name}: {then} cycles then, {now} now");
    let all = drift.parts.iter().fold(all, |all, (name, then, now)| all.with_note(note(name, *then, *now)));
    all.with_help("if the change is meant, take the new cycles with --bless")
        .with_replay(format!("{} --core {core}", run.replay))
}
