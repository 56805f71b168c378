//! One run: from a combination to its record and its diagnostics.

use std::panic::{self, AssertUnwindSafe};

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_gc::barrier::{Protocol, Schedule};
use rcsim_gc::{Checker, Mode, Rule};
use rcsim_go::mutation::Mutation;
use rcsim_go::run::{CodeChoice, Report, Request, RunError, run_mutated};
use rcsim_machine::NoShadow;
use rcsim_reports::records;
use rcsim_workloads::{Barrier, Points};

use super::found::{self, Checked};
use super::matrix::Combination;
use super::settings::{Collector, Settings};
use super::{expectation, failure, marked, record, timeline, timing};
use crate::shell;

/// A run that is over.
pub struct Done {
    /// What is written down.
    pub record: records::Run,
    /// What is to be said.
    pub diagnostics: Diagnostics,
}

impl Done {
    /// The same run when more is found in it than its own expectations say.
    pub fn also(mut self, combination: &Combination<'_>, more: Diagnostics) -> Self {
        if !more.is_empty() {
            self.record.verdict = self.record.verdict.max(records::Verdict::Fail);
            self.record.diagnostics.extend(record::diagnostics(combination, &more));
            self.diagnostics.extend(more);
        }
        self
    }
}

/// What became of a combination.
pub struct Judged {
    /// The verdict.
    pub verdict: records::Verdict,
    /// What ran and what was examined, unless the run could not start.
    pub report: Option<(Report, Checked)>,
    /// What is to be said.
    pub diagnostics: Diagnostics,
}

/// Runs one combination.
pub fn execute(combination: &Combination<'_>, settings: &Settings) -> Done {
    let place = Place::of(combination, settings);
    let judged = judged(combination, settings, &Mutation::default(), &place);
    let call = &combination.file.workload.call;
    let execution = judged.report.map(|(report, checked)| record::execution(call, &report, &checked));
    let (verdict, mut diagnostics) = (judged.verdict, judged.diagnostics);
    let timing = match execution {
        Some(_) => diagnostics.absorb(timing::on_cores(combination, settings, &place)).unwrap_or_default(),
        None => Vec::new(),
    };
    let timeline = match &execution {
        Some(_) if settings.timeline => {
            let recorded = timeline::of(&request(combination, &features(settings), false));
            let recorded = recorded.map_err(|error| failure::not_started(combination, error, &place));
            diagnostics.absorb(recorded).flatten()
        }
        Some(_) | None => None,
    };
    let record = record::run(combination, &settings.cpu_features, &place, verdict, execution, &diagnostics);
    Done { record: records::Run { timeline, timing, ..record }, diagnostics }
}

/// CPU features beyond the baseline.
pub fn features(settings: &Settings) -> Vec<&str> {
    settings.cpu_features.iter().map(String::as_str).collect()
}

/// What a combination asks for.
pub fn request<'a>(combination: &Combination<'a>, features: &'a [&'a str], move_stacks: bool) -> Request<'a> {
    Request {
        features,
        move_stacks,
        ..Request::new(
            &combination.file.workload,
            combination.port,
            combination.epoch,
            combination.image.map_or(CodeChoice::BuiltIn, |image| CodeChoice::File(&image.bytes)),
        )
    }
}

/// As [`execute`], but a panic of rcsim ends this run only: it becomes a bug that the run reports.
pub fn execute_caught(combination: &Combination<'_>, settings: &Settings) -> Done {
    // Whatever a run changes is its own, except for what it finds out once about an image; that is set as a whole.
    let caught = panic::catch_unwind(AssertUnwindSafe(|| execute(combination, settings)));
    caught.unwrap_or_else(|_| panicked(combination, settings))
}

fn panicked(combination: &Combination<'_>, settings: &Settings) -> Done {
    let place = Place::of(combination, settings);
    let bug = Diagnostic::bug("rcsim panicked in this run; its message is on standard error");
    let diagnostics = bug.with_place(&*place.text).with_replay(&*place.replay).into();
    let verdict = records::Verdict::Unusable;
    let record = record::run(combination, &settings.cpu_features, &place, verdict, None, &diagnostics);
    Done { record, diagnostics }
}

/// Runs one combination with machinery other than it was built.
pub fn execute_mutated(combination: &Combination<'_>, settings: &Settings, mutation: &Mutation) -> Judged {
    judged(combination, settings, mutation, &Place::of(combination, settings))
}

fn judged(combination: &Combination<'_>, settings: &Settings, mutation: &Mutation, place: &Place) -> Judged {
    let unusable = |diagnostics| Judged { verdict: records::Verdict::Unusable, report: None, diagnostics };
    match run_checked(combination, settings, mutation) {
        Ok((report, mut checked)) => {
            if let Some(error) = settings.collector.beyond(checked.points) {
                return unusable(error.with_place(&*place.text).into());
            }
            checked.really = settings.collector.really().or(checked.really);
            let found = found::diagnostics(&checked, place);
            let (verdict, diagnostics) = expectation::judge(combination, &report, found, place);
            Judged { verdict, report: Some((report, checked)), diagnostics }
        }
        Err(error) => unusable(failure::not_started(combination, error, place)),
    }
}

/// The write barrier in force.
pub fn protocol(combination: &Combination<'_>) -> Protocol {
    match combination.file.workload.gc.barrier {
        Barrier::Epoch => Protocol::of_epoch(combination.epoch),
        Barrier::None => Protocol::None,
        Barrier::Dijkstra => Protocol::Dijkstra,
        Barrier::Hybrid => Protocol::Hybrid,
    }
}

/// What is said of a run whose workload wants no points.
const UNCHECKED: &str = "off: the workload wants no GC points; nothing is compared but how the call ends";

/// Runs a combination under the checker, unless its workload wants no points.
fn run_checked(
    combination: &Combination<'_>,
    settings: &Settings,
    mutation: &Mutation,
) -> Result<(Report, Checked), RunError> {
    let features = features(settings);
    let request = request(combination, &features, settings.collector.move_stacks);
    let request = Request { deviations: &mutation.deviations, ..request };
    let points = combination.file.workload.gc.points;
    if points == Points::None {
        return run_mutated(&request, mutation, NoShadow, |_| Checked {
            really: Some(UNCHECKED.to_owned()),
            ..Checked::default()
        });
    }
    let mode = mode(points, &settings.collector);
    let word = combination.port.word();
    let protocol = protocol(combination);
    if let Some(schedule) = &settings.collector.mark {
        let checker = Checker::marking(schedule.clone(), protocol, word);
        return marked::run(combination, &request, mutation, checker, found::look);
    }
    let checker = Checker::new(mode, u64::from(word.bytes));
    if combination.image.is_none() || protocol == Protocol::None {
        return run_mutated(&request, mutation, checker.with_barriers(protocol, word), found::look);
    }
    // Compiled code runs its barriers only while the collector marks, and other instructions then: the pass that is
    // reported leaves them off, and another judges them.
    let (report, mut checked) = run_mutated(&request, mutation, checker, found::look)?;
    if mode.judges() {
        let checker = Checker::new(Mode::AllPoints, u64::from(word.bytes)).with_barriers(protocol, word);
        let (marking, barriers) =
            marked::run(combination, &request, mutation, checker, found::look_at_barriers)?;
        checked.found.extend(barriers);
        if report.passed && !marking.passed {
            return Ok((marking, checked));
        }
    }
    Ok((report, checked))
}

/// What the checker does at points.
fn mode(points: Points, collector: &Collector) -> Mode {
    match (collector.collect_at, collector.move_at) {
        (Some(point), _) => Mode::CollectAt(point),
        (None, Some(point)) => Mode::MoveAt(point),
        (None, None) if points == Points::Every => Mode::EveryStep,
        (None, None) => Mode::AllPoints,
    }
}

/// Where a run is, for messages.
pub struct Place {
    /// Workload, architecture and epoch.
    pub text: String,
    /// The command that runs the same again.
    pub replay: String,
    /// Whether this run is one.
    is_replay: bool,
    words: Vec<String>,
}

impl Place {
    /// The place of a run.
    pub fn of(combination: &Combination<'_>, settings: &Settings) -> Self {
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
        let move_at = settings.collector.move_at.map(|point| point.to_string());
        if let Some(point) = &move_at {
            words.extend(["--move-at", point]);
        }
        let mark = settings.collector.mark.as_ref().map(ToString::to_string);
        if let Some(schedule) = &mark {
            words.extend(["--mark", schedule]);
        }
        if settings.collector.move_stacks {
            words.push("--move-stacks");
        }
        words.push(path);
        let text = format!("{path}, {goarch}, epoch {epoch}");
        let words = words.into_iter().map(str::to_owned).collect();
        let is_replay = settings.collector.really().is_some();
        Self { is_replay, ..Self::new(text, words) }
    }

    fn new(text: String, words: Vec<String>) -> Self {
        let replay = shell::line(&words.iter().map(String::as_str).collect::<Vec<_>>());
        Self { text, replay, is_replay: false, words }
    }

    /// Whether the run does what a finding's replay asks for, and examines no point.
    pub const fn is_replay(&self) -> bool {
        self.is_replay
    }

    /// The command that really collects at a point, or moves the stack there, as the rule needs it.
    /// What is wrong with a scan whether or not anything comes of it, the same run shows again.
    pub fn replay_at(&self, rule: Rule, point: u32) -> String {
        let flag = match rule {
            Rule::HiddenPointer => "--gc-at",
            Rule::MissedStackPointer => "--move-at",
            _ => return self.replay.clone(),
        };
        if self.is_replay { self.replay.clone() } else { self.replay_with(flag, &point.to_string()) }
    }

    /// The command that really marks by a schedule.
    pub fn replay_marking(&self, schedule: &Schedule) -> String {
        self.replay_with("--mark", &schedule.to_string())
    }

    fn replay_with(&self, flag: &str, value: &str) -> String {
        let mut words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let path = words.len() - 1;
        words.splice(path..path, [flag, value]);
        shell::line(&words)
    }
}
