//! One run: from a combination to its record and its diagnostics.

use rcsim_diag::Diagnostics;
use rcsim_go::run::{CodeChoice, Request, run};
use rcsim_reports::records;

use super::matrix::Combination;
use super::{expectation, failure, record};
use crate::shell;

/// A run that is over.
pub struct Done {
    /// What is written down.
    pub record: records::Run,
    /// What is to be said.
    pub diagnostics: Diagnostics,
}

/// Runs one combination.
pub fn execute(combination: &Combination<'_>, cpu_features: &[String]) -> Done {
    let features: Vec<&str> = cpu_features.iter().map(String::as_str).collect();
    let request = Request {
        workload: &combination.file.workload,
        port: combination.port,
        epoch: combination.epoch,
        code: combination.image.map_or(CodeChoice::BuiltIn, |image| CodeChoice::File(&image.bytes)),
        features: &features,
    };
    let place = Place::of(combination, cpu_features);
    let (verdict, execution, diagnostics) = match run(&request) {
        Ok(report) => {
            let (verdict, diagnostics) = expectation::judge(combination, &report, &place);
            (verdict, Some(record::execution(&request.workload.call, &report)), diagnostics)
        }
        Err(error) => (records::Verdict::Unusable, None, failure::not_started(combination, error, &place)),
    };
    let record = record::run(combination, cpu_features, &place, verdict, execution, &diagnostics);
    Done { record, diagnostics }
}

/// Where a run is, for messages.
pub struct Place {
    /// Workload, architecture and epoch.
    pub text: String,
    /// The command that runs the same again.
    pub replay: String,
}

impl Place {
    fn of(combination: &Combination<'_>, cpu_features: &[String]) -> Self {
        let (path, goarch) = (&combination.file.path, combination.port.goarch());
        let epoch = combination.epoch;
        let mut words: Vec<&str> = vec!["rcsim", "run"];
        let features = cpu_features.join(",");
        match combination.image {
            Some(image) => words.extend(["--image", &image.path]),
            None => words.extend(["--arch", goarch, "--epoch", epoch.name()]),
        }
        if !features.is_empty() {
            words.extend(["--cpu-feature", &features]);
        }
        words.push(path);
        Self { text: format!("{path}, {goarch}, epoch {epoch}"), replay: shell::line(&words) }
    }
}
