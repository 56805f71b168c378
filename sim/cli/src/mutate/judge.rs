//! What the workloads say about one mutant.

use std::panic::{self, AssertUnwindSafe};

use rcsim_diag::{Class, Diagnostic};
use rcsim_go::failure::Failure;
use rcsim_go::mutation::Mutation;
use rcsim_go::run::{End, Report};
use rcsim_machine::TrapKind;
use rcsim_reports::records::Verdict;
use rcsim_uop::LiftError;

use super::baseline::{Baseline, trace};
use super::generate::{Mutant, Needs};
use super::trace::Changed;
use crate::run::{Settings, execute_mutated};

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A workload noticed.
    Found {
        /// By what: a finding's code, `trap`, `limit`, `panic`, `stopped`.
        by: String,
        /// Which workload.
        workload: String,
    },
    /// No workload can tell it from the original, for this reason.
    Equivalent(String),
    /// Something differs, and nobody noticed.
    Missed {
        /// Workloads that ran it.
        workloads: usize,
        /// One in which something differs.
        differs_in: String,
    },
    /// No workload reaches the place.
    NotRun,
    /// rcsim itself broke: a bug that the mutant has uncovered.
    Broke,
}

/// Runs a mutant over the workloads that can notice it, until one does. A panic of the simulator has been told by then; the
/// other mutants are not its fault.
pub fn fate(mutant: &Mutant, baselines: &[Baseline<'_>], settings: &Settings) -> Fate {
    panic::catch_unwind(AssertUnwindSafe(|| run(mutant, baselines, settings))).unwrap_or(Fate::Broke)
}

fn run(mutant: &Mutant, baselines: &[Baseline<'_>], settings: &Settings) -> Fate {
    let concerned: Vec<&Baseline<'_>> = baselines.iter().filter(|one| concerns(mutant, one)).collect();
    if concerned.is_empty() {
        return Fate::NotRun;
    }
    if let Some(why) = mutant.equivalent {
        return Fate::Equivalent(why.to_owned());
    }
    for baseline in &concerned {
        if let Some(by) = notice(&limited(mutant, baseline), baseline, settings) {
            return Fate::Found { by, workload: baseline.combination.file.path.clone() };
        }
    }
    survivor(mutant, &concerned)
}

fn concerns(mutant: &Mutant, baseline: &Baseline<'_>) -> bool {
    match &mutant.needs {
        Needs::Pc(pcs) => pcs.iter().any(|pc| baseline.reached.contains(pc)),
        Needs::Step(step) => baseline.steps.contains(step),
        Needs::Anything => true,
    }
}

fn limited(mutant: &Mutant, baseline: &Baseline<'_>) -> Mutation {
    Mutation { max_steps: Some(baseline.patience()), ..mutant.mutation.clone() }
}

/// By what a workload notices a mutation, if it does.
fn notice(mutation: &Mutation, baseline: &Baseline<'_>, settings: &Settings) -> Option<String> {
    let judged = execute_mutated(baseline.combination, settings, mutation);
    if judged.verdict == Verdict::Pass {
        return baseline.news(&judged.diagnostics).map(|code| code.to_string());
    }
    let code = judged.diagnostics.iter().find_map(Diagnostic::code);
    let code = code.map(|code| code.to_string());
    let lost = || judged.diagnostics.iter().any(|one| one.class() == Class::Finding && one.code().is_none());
    Some(
        code.or_else(|| judged.report.as_ref().and_then(|(report, _)| stopped(report)).map(str::to_owned))
            .unwrap_or_else(|| if lost() { "expectation".to_owned() } else { "stopped".to_owned() }),
    )
}

/// How a run ended, when it did not return.
fn stopped(report: &Report) -> Option<&'static str> {
    match &report.end {
        End::Returned(_) => None,
        End::Failed(failure) => Some(match failure {
            Failure::Trap { trap, .. } => match &trap.kind {
                TrapKind::Lift(LiftError::Malformed { .. }) => "stopped",
                _ => "trap",
            },
            Failure::Limit(_) => "limit",
            Failure::Panic { .. } => "panic",
            Failure::Service { .. } => "bad access by a service",
            Failure::Unbalanced { .. } => "unbalanced stack",
            _ => "stopped",
        }),
    }
}

/// Nobody noticed: can anybody tell?
fn survivor(mutant: &Mutant, concerned: &[&Baseline<'_>]) -> Fate {
    let changed = Changed::of(&mutant.mutation);
    let mut most = Difference::None;
    for baseline in concerned {
        let difference = difference(mutant, baseline, &changed);
        if difference == Difference::Some {
            let differs_in = baseline.combination.file.path.clone();
            return Fate::Missed { workloads: concerned.len(), differs_in };
        }
        most = most.max(difference);
    }
    Fate::Equivalent(most.reason().to_owned())
}

/// How the run of a mutant that nobody noticed differs from the original.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    /// Not at all.
    None,
    /// In the path, or in words that nobody reads.
    DeadWords,
    /// In that a larger trampoline made the call: every trampoline that is large enough is a right one.
    LargerTrampoline,
    /// In something else.
    Some,
}

impl Difference {
    const fn reason(self) -> &'static str {
        match self {
            Self::None => "same trace and roots in every workload",
            Self::DeadWords => "same reads, heap and roots in every workload",
            Self::LargerTrampoline => "a larger trampoline does the same",
            Self::Some => "something differs",
        }
    }
}

fn difference(mutant: &Mutant, baseline: &Baseline<'_>, changed: &Changed) -> Difference {
    let original = trace(baseline.combination, &Mutation::default(), changed);
    let mutated = trace(baseline.combination, &limited(mutant, baseline), changed);
    let (Some(original), Some(mutated)) = (original, mutated) else { return Difference::Some };
    match () {
        () if original.end != mutated.end => Difference::Some,
        () if original.digest == mutated.digest => Difference::None,
        () if original.digest.observed == mutated.digest.observed => Difference::DeadWords,
        () if larger(&original.trampolines, &mutated.trampolines) => Difference::LargerTrampoline,
        () => Difference::Some,
    }
}

/// Whether each call was made by a trampoline that is as large as in the original, and one by a larger one. A trampoline that
/// begins anew on a larger stack is the same one; what ran before it was the way there.
fn larger(original: &[String], mutated: &[String]) -> bool {
    let size = |name: &String| name.strip_prefix("runtime.call").and_then(|size| size.parse::<u64>().ok());
    let sizes = |names: &[String]| names.iter().map(size).collect::<Option<Vec<u64>>>();
    let (Some(mut calls), Some(mutated)) = (sizes(original), sizes(mutated)) else { return false };
    calls.dedup();
    mutated.iter().any(|size| !calls.contains(size)) && are_large_enough(&calls, &mutated)
}

/// Whether `sizes` falls into as many growing runs as there are calls, each of which ends in what is enough for its call.
fn are_large_enough(calls: &[u64], sizes: &[u64]) -> bool {
    let Some((call, calls)) = calls.split_first() else { return sizes.is_empty() };
    let growing = sizes.windows(2).take_while(|pair| pair[0] <= pair[1]).count();
    let ends = 1..=sizes.len().min(growing + 1);
    ends.into_iter().any(|end| sizes[end - 1] >= *call && are_large_enough(calls, &sizes[end..]))
}

#[cfg(test)]
mod tests {
    use super::larger;

    fn is_larger(original: &[u64], mutated: &[u64]) -> bool {
        let names =
            |sizes: &[u64]| sizes.iter().map(|size| format!("runtime.call{size}")).collect::<Vec<_>>();
        larger(&names(original), &names(mutated))
    }

    #[test]
    fn a_larger_trampoline_is_one_for_each_call() {
        assert!(is_larger(&[32], &[64]));
        assert!(is_larger(&[32, 16], &[64, 16]) && is_larger(&[32, 16], &[32, 64]));
        assert!(!is_larger(&[32], &[32]) && !is_larger(&[32], &[16]));
        assert!(!is_larger(&[32, 64], &[64]) && !is_larger(&[32], &[]));
        assert!(!is_larger(&[64, 32], &[64, 16]));
    }

    #[test]
    fn a_way_over_another_stack_ends_in_the_trampoline_that_calls() {
        assert!(is_larger(&[32, 32], &[32, 64]));
        assert!(is_larger(&[32, 32], &[32, 64, 64]));
        assert!(is_larger(&[32, 16], &[32, 64, 16]));
        assert!(!is_larger(&[64, 64], &[64, 32]));
        // The way over another stack is only missing.
        assert!(!is_larger(&[32, 32], &[32]));
    }
}
