//! Making the runs, until the end or until there is a reason to stop.

use std::sync::atomic::{AtomicUsize, Ordering};

use rcsim_diag::Diagnostics;
use rcsim_reports::records::{Skipped, Verdict};

use super::baseline::Cycles;
use super::resume::Resume;
use crate::args::CheckArgs;
use crate::pool;
use crate::progress::Progress;
use crate::run::{Combination, Done, Settings, execute_caught};
use crate::stop::Stop;

/// What was made of the runs.
pub struct Made {
    /// Those that are over, in order.
    pub done: Vec<Done>,
    /// Those that were not begun, or that nobody asked for any more.
    pub not_run: Vec<Skipped>,
    /// Whether the user interrupted.
    pub interrupted: bool,
}

/// Makes the runs. With `--fail-fast` none are reported behind the first that fails, whatever the number of threads.
///
/// # Errors
/// When no threads can be started.
pub fn make(
    chosen: &[Combination<'_>],
    settings: &Settings,
    args: &CheckArgs,
    cycles: &Cycles,
    resume: &Resume,
    stop: &Stop,
) -> Result<Made, Diagnostics> {
    let progress = Progress::with_lines(chosen.len(), resume.count(), "runs");
    let last = AtomicUsize::new(usize::MAX);
    let wanted =
        |number: usize| !stop.is_asked() && !resume.is_broken() && number <= last.load(Ordering::Relaxed);
    let results = pool::each(chosen, args.threads, wanted, |number, combination| {
        if let Some(known) = resume.known(number) {
            return known;
        }
        let done = execute_caught(combination, settings);
        let drifted = cycles.judge(&done.record);
        let done = done.also(combination, drifted);
        let passed = done.record.verdict == Verdict::Pass;
        if args.fail_fast && !passed {
            last.fetch_min(number, Ordering::Relaxed);
        }
        resume.note(number, &done);
        progress.step(passed);
        done
    });
    progress.finish();
    let last = last.into_inner();
    let mut made = Made { done: Vec::new(), not_run: Vec::new(), interrupted: false };
    for (number, (result, combination)) in results?.into_iter().zip(chosen).enumerate() {
        match result {
            Some(done) if number <= last => made.done.push(done),
            _ => made.not_run.push(not_run(combination, number > last)),
        }
    }
    made.interrupted = stop.is_asked() && !made.not_run.is_empty();
    Ok(made)
}

fn not_run(combination: &Combination<'_>, behind_failure: bool) -> Skipped {
    Skipped {
        workload: Some(combination.file.path.clone()),
        arch: combination.port.goarch().to_owned(),
        epoch: Some(combination.epoch.to_string()),
        why: if behind_failure { "an earlier run failed" } else { "interrupted" }.to_owned(),
    }
}
