//! One run: from a combination to its record and its diagnostics.

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_gc::{Checker, Mode};
use rcsim_go::mutation::Mutation;
use rcsim_go::run::{CodeChoice, Report, Request, RunError, run_mutated};
use rcsim_machine::NoShadow;
use rcsim_reports::records;
use rcsim_workloads::{Barrier, Points};

use super::found::{self, Checked};
use super::matrix::Combination;
use super::settings::Settings;
use super::{expectation, failure, record, timing};
use crate::shell;

/// A run that is over.
pub struct Done {
    /// What is written down.
    pub record: records::Run,
    /// What is to be said.
    pub diagnostics: Diagnostics,
}

/// What became of a combination.
pub struct Judged {
    /// The verdict.
    pub verdict: records::Verdict,
    /// What ran and how many GC points were examined, unless the run could not start.
    pub report: Option<(Report, u32)>,
    /// What is to be said.
    pub diagnostics: Diagnostics,
}

/// Runs one combination.
pub fn execute(combination: &Combination<'_>, settings: &Settings) -> Done {
    let place = Place::of(combination, settings);
    let judged = judged(combination, settings, &Mutation::default(), &place);
    let call = &combination.file.workload.call;
    let execution = judged.report.map(|(report, points)| record::execution(call, &report, points));
    let (verdict, mut diagnostics) = (judged.verdict, judged.diagnostics);
    let timing = match execution {
        Some(_) => diagnostics.absorb(timing::on_cores(combination, settings, &place)).unwrap_or_default(),
        None => Vec::new(),
    };
    let record = record::run(combination, &settings.cpu_features, &place, verdict, execution, &diagnostics);
    let record = records::Run { timing, ..record };
    Done { record, diagnostics }
}

/// Runs one combination with machinery other than it was built.
pub fn execute_mutated(combination: &Combination<'_>, settings: &Settings, mutation: &Mutation) -> Judged {
    judged(combination, settings, mutation, &Place::of(combination, settings))
}

fn judged(combination: &Combination<'_>, settings: &Settings, mutation: &Mutation, place: &Place) -> Judged {
    let unusable = |diagnostics| Judged { verdict: records::Verdict::Unusable, report: None, diagnostics };
    if let Some(gap) = gap(combination) {
        return unusable(gap.into());
    }
    match run_checked(combination, settings, mutation) {
        Ok((report, checked)) => {
            let found = found::diagnostics(&checked, place);
            let (verdict, diagnostics) = expectation::judge(combination, &report, found, place);
            Judged { verdict, report: Some((report, checked.points)), diagnostics }
        }
        Err(error) => unusable(failure::not_started(combination, error, place)),
    }
}

/// What the workload asks of the collector that rcsim cannot do.
fn gap(combination: &Combination<'_>) -> Option<Diagnostic> {
    let workload = &combination.file.workload;
    let what = match (workload.gc.barrier, workload.gc.points) {
        (Barrier::Dijkstra | Barrier::Hybrid, _) => "[gc] barrier other than \"epoch\" and \"none\"",
        (_, Points::Every) => "[gc] points = \"every\"",
        (Barrier::Epoch | Barrier::None, Points::Go | Points::None) => return None,
    };
    let error = Diagnostic::unsupported(format!("{what} is not supported yet"));
    let error = error.with_primary(&workload.name.span, "this workload asks for it");
    Some(error.with_help("the collector does not mark while a workload runs; leave the key out"))
}

/// Runs a combination under the checker, unless its workload wants no points.
fn run_checked(
    combination: &Combination<'_>,
    settings: &Settings,
    mutation: &Mutation,
) -> Result<(Report, Checked), RunError> {
    let features: Vec<&str> = settings.cpu_features.iter().map(String::as_str).collect();
    let request = Request {
        workload: &combination.file.workload,
        port: combination.port,
        epoch: combination.epoch,
        code: combination.image.map_or(CodeChoice::BuiltIn, |image| CodeChoice::File(&image.bytes)),
        features: &features,
        move_stacks: settings.collector.move_stacks,
        deviations: &mutation.deviations,
        fixes: &[],
    };
    if combination.file.workload.gc.points == Points::None {
        return run_mutated(&request, mutation, NoShadow, |_| Checked::default());
    }
    let mode = settings.collector.collect_at.map_or(Mode::AllPoints, Mode::CollectAt);
    let checker = Checker::new(mode, u64::from(combination.port.word().bytes));
    run_mutated(&request, mutation, checker, found::look)
}

/// Where a run is, for messages.
pub struct Place {
    /// Workload, architecture and epoch.
    pub text: String,
    /// The command that runs the same again.
    pub replay: String,
    words: Vec<String>,
}

impl Place {
    fn of(combination: &Combination<'_>, settings: &Settings) -> Self {
        let (path, goarch) = (&combination.file.path, combination.port.goarch());
        let epoch = combination.epoch;
        let mut words: Vec<&str> = vec!["rcsim", "run"];
        let features = settings.cpu_features.join(",");
        match combination.image {
            Some(image) => words.extend(["--image", &image.path]),
            None => words.extend(["--arch", goarch, "--epoch", epoch.name()]),
        }
        if !features.is_empty() {
            words.extend(["--cpu-feature", &features]);
        }
        let collect_at = settings.collector.collect_at.map(|point| point.to_string());
        if let Some(point) = &collect_at {
            words.extend(["--gc-at", point]);
        }
        if settings.collector.move_stacks {
            words.push("--move-stacks");
        }
        words.push(path);
        let text = format!("{path}, {goarch}, epoch {epoch}");
        let words = words.into_iter().map(str::to_owned).collect();
        Self::new(text, words)
    }

    fn new(text: String, words: Vec<String>) -> Self {
        let replay = shell::line(&words.iter().map(String::as_str).collect::<Vec<_>>());
        Self { text, replay, words }
    }

    /// The command that really collects at a point.
    pub fn replay_at(&self, point: u32) -> String {
        let point = point.to_string();
        let mut words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let path = words.len() - 1;
        words.splice(path..path, ["--gc-at", &point]);
        shell::line(&words)
    }
}
