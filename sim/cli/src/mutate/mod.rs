//! `rcsim mutate`: does the checker notice when the machinery is changed?
//!
//! | file | idea |
//! |---|---|
//! | `generate.rs` | which mutants there are |
//! | `baseline.rs` | the workloads unchanged: what each reaches |
//! | `judge.rs` | one mutant over the workloads, to its fate |
//! | `trace.rs` | the proof that a mutant is equivalent |
//! | `report.rs` | table, lines and JSON |
//! | `survivors.rs` | which missed mutants are known, and why |
//!
//! A mutant is found when a run does not end as its workload expects. Whether one that survives is *equivalent* is not guessed:
//! either two instructions are independent by what they touch, or the whole trace of every workload that reaches the place is
//! the same. What is neither is *missed*.

mod baseline;
mod generate;
mod judge;
mod report;
mod survivors;
mod trace;

use std::collections::BTreeSet;

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_uop::Epoch;

use crate::args::{Format, MutateArgs, RunArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::listing::Program;
use crate::pool;
use crate::progress::Progress;
use crate::run::{Combination, Settings, lay_out};
use crate::selection::Arch;
use baseline::Baseline;
use generate::Mutant;
use judge::Fate;
use report::Target;
use survivors::Listed;

/// Generates mutants, runs them, and reports.
///
/// # Errors
/// When the workloads cannot be read, or nothing is left to run.
pub fn command(args: MutateArgs, console: &mut Console) -> Result<Exit, Diagnostics> {
    let run = RunArgs {
        workloads: args.workloads.clone(),
        archs: args.archs.clone(),
        epochs: args.epochs.clone(),
        ..RunArgs::default()
    };
    let settings = Settings::new(run)?;
    let listed = args.survivors.as_deref().map(Listed::read).transpose()?;
    let matrix = lay_out(&settings)?;
    let mut targets: Vec<Target> = Vec::new();
    for (port, epoch) in places(&matrix.runs) {
        let runs: Vec<Combination<'_>> = matrix
            .runs
            .iter()
            .filter(|run| run.port.goarch() == port.goarch() && run.epoch == epoch)
            .copied()
            .collect();
        targets.push(target(port, epoch, &runs, &settings, (&args, listed.as_ref()))?);
    }
    if targets.iter().all(|target| target.mutants.is_empty()) {
        let error = Diagnostic::input("no mutant is left to run");
        return Err(error.with_help("leave --only out to see the lines of all, with --full").into());
    }
    if let Some(listed) = &listed {
        let whole = args.limit.is_none() && args.only.is_none();
        targets.iter_mut().for_each(|target| target.compare(listed, whole));
    }
    match args.format {
        Format::Text => console.print(&report::text(&targets, args.full))?,
        Format::Json => console.print(&report::json(&targets))?,
    }
    let any = |wanted: &dyn Fn(&Fate) -> bool| targets.iter().any(|target| target.count(wanted) > 0);
    Ok(match () {
        () if any(&|fate| *fate == Fate::Broke) => Exit::Bug,
        () if listed.is_none() && any(&|fate| matches!(fate, Fate::Missed { .. })) => Exit::Failed,
        () if targets.iter().any(Target::differs_from_list) => Exit::Failed,
        () => Exit::Clean,
    })
}

/// The architectures and epochs of the runs, each once.
fn places(runs: &[Combination<'_>]) -> Vec<(Arch, Epoch)> {
    let mut places: Vec<(Arch, Epoch)> = Vec::new();
    for run in runs {
        if !places.iter().any(|(port, epoch)| port.goarch() == run.port.goarch() && *epoch == run.epoch) {
            places.push((run.port, run.epoch));
        }
    }
    places
}

fn target(
    port: Arch,
    epoch: Epoch,
    runs: &[Combination<'_>],
    settings: &Settings,
    (args, listed): (&MutateArgs, Option<&Listed>),
) -> Result<Target, Diagnostics> {
    let program = Program::built_in(port, epoch, &[])?;
    let threads = args.threads;
    let baselines = in_parallel(runs, threads, |run| Baseline::of(run, settings))?;
    let mut baselines: Vec<Baseline<'_>> = baselines.into_iter().flatten().collect();
    // Short runs first: most mutants are noticed by whoever comes by.
    baselines.sort_by(|one, other| {
        (one.instructions, &one.combination.file.path)
            .cmp(&(other.instructions, &other.combination.file.path))
    });
    let steps: BTreeSet<String> = baselines.iter().flat_map(|one| one.steps.iter().cloned()).collect();
    let mut mutants = generate::all(&program, epoch, &steps);
    if let Some(listed) = listed.filter(|_| args.listed) {
        mutants.retain(|mutant| listed.has(&survivors::line(port.goarch(), epoch.name(), mutant)));
    }
    let mutants = chosen(mutants, args);
    let fates = in_parallel(&mutants, threads, |mutant| judge::fate(mutant, &baselines, settings))?;
    let lines: Vec<(Mutant, Fate)> = mutants.into_iter().zip(fates).collect();
    Ok(Target {
        arch: port.goarch(),
        epoch: epoch.name(),
        workloads: baselines.len(),
        unusable: runs.len() - baselines.len(),
        mutants: lines,
        against_list: None,
    })
}

/// Those that were asked for, in order.
fn chosen(mut mutants: Vec<Mutant>, args: &MutateArgs) -> Vec<Mutant> {
    if let Some(text) = &args.only {
        mutants.retain(|mutant| mutant.line().contains(text.as_str()));
    }
    let Some(limit) = args.limit.filter(|limit| *limit < mutants.len()) else { return mutants };
    let mut order: Vec<(u64, usize)> = (0..mutants.len()).map(|n| (random(args.seed, n as u64), n)).collect();
    order.sort_unstable();
    let taken: BTreeSet<usize> = order.into_iter().take(limit).map(|(_, n)| n).collect();
    let numbered = mutants.into_iter().enumerate();
    numbered.filter(|(n, _)| taken.contains(n)).map(|(_, mutant)| mutant).collect()
}

/// A number that looks random, always the same for the same seed and number: the finaliser of SplitMix64 (Steele, Lea, Flood:
/// "Fast splittable pseudorandom number generators", 2014).
fn random(seed: u64, number: u64) -> u64 {
    let mut z =
        seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// Does something with each item, on several threads, and shows how far it has come.
fn in_parallel<'i, I: Sync, O: Send>(
    items: &'i [I],
    threads: Option<u16>,
    work: impl Fn(&'i I) -> O + Sync,
) -> Result<Vec<O>, Diagnostics> {
    let progress = Progress::new(items.len());
    let done = pool::each(
        items,
        threads,
        |_| true,
        |_, item| {
            let result = work(item);
            progress.step(true);
            result
        },
    );
    progress.finish();
    Ok(done?.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::random;

    #[test]
    fn another_seed_chooses_otherwise() {
        let pick = |seed| (0..50).map(|n| random(seed, n) % 2).collect::<Vec<u64>>();
        assert_eq!(pick(1), pick(1));
        assert_ne!(pick(1), pick(2));
    }
}
