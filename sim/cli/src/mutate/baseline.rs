//! The workloads as they run unchanged: which instructions and steps each reaches, and how long it takes.

use std::collections::BTreeSet;

use rcsim_diag::{Code, Diagnostics};
use rcsim_go::mutation::Mutation;
use rcsim_go::places::Places;
use rcsim_go::run::{CodeChoice, Report, Request, RunError, run_mutated};
use rcsim_reports::records::Verdict;

use super::trace::{Changed, Digest, Tracer};
use crate::run::{Combination, Settings, execute_mutated};

/// Guest instructions that a mutant may take for each that the original takes, and beyond.
const PATIENCE: (u64, u64) = (4, 20_000);

/// One workload on one architecture in one epoch, unchanged.
pub struct Baseline<'s> {
    /// What runs.
    pub combination: &'s Combination<'s>,
    /// Instructions that it reaches.
    pub reached: BTreeSet<u64>,
    /// Steps of services that it takes.
    pub steps: BTreeSet<String>,
    /// Guest instructions.
    pub instructions: u64,
    /// What is found in it, expected or known: code and text.
    findings: BTreeSet<(Code, String)>,
}

impl<'s> Baseline<'s> {
    /// Runs a combination. Nothing when it does not end as expected: no mutant can be told from it then.
    pub fn of(combination: &'s Combination<'s>, settings: &Settings) -> Option<Self> {
        let judged = execute_mutated(combination, settings, &Mutation::default());
        if judged.verdict != Verdict::Pass {
            return None;
        }
        let nothing = Mutation { listen: true, ..Mutation::default() };
        let (report, (reached, steps)) =
            trace_with(combination, &nothing, Changed::nothing(), |_, reached, steps| (reached, steps))
                .ok()?;
        let findings = findings(&judged.diagnostics);
        Some(Self { combination, reached, steps, instructions: report.instructions, findings })
    }

    /// A finding that the unchanged run does not have, by its text: in an epoch with a defect of its own the code may be known.
    pub fn news(&self, found: &Diagnostics) -> Option<Code> {
        findings(found).difference(&self.findings).next().map(|(code, _)| *code)
    }

    /// The most instructions that a mutant may take.
    pub fn patience(&self) -> u64 {
        self.instructions * PATIENCE.0 + PATIENCE.1
    }
}

fn findings(diagnostics: &Diagnostics) -> BTreeSet<(Code, String)> {
    diagnostics.iter().filter_map(|one| Some((one.code()?, one.message().to_owned()))).collect()
}

/// What a run did.
pub struct Traced {
    /// Its trace.
    pub digest: Digest,
    /// How it ended, in words.
    pub end: String,
    /// The trampolines that ran.
    pub trampolines: Vec<String>,
}

/// The trace of a run, with what the instructions at `changed` access left out.
pub fn trace(combination: &Combination<'_>, mutation: &Mutation, changed: &Changed) -> Option<Traced> {
    let (report, digest) = trace_with(combination, mutation, changed.clone(), |digest, _, _| digest).ok()?;
    Some(Traced { digest, end: format!("{:?}", report.end), trampolines: report.trampolines })
}

fn trace_with<T>(
    combination: &Combination<'_>,
    mutation: &Mutation,
    changed: Changed,
    take: impl FnOnce(Digest, BTreeSet<u64>, BTreeSet<String>) -> T,
) -> Result<(Report, T), RunError> {
    let request = Request {
        deviations: &mutation.deviations,
        ..Request::new(&combination.file.workload, combination.port, combination.epoch, CodeChoice::BuiltIn)
    };
    let tracer = Tracer::new(changed, &Places::of(combination.port));
    run_mutated(&request, mutation, tracer, |world| {
        let reached = world.core.code.reached().collect();
        take(world.core.shadow.digest(), reached, world.core.steps.seen().clone())
    })
}
