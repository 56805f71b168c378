//! What plots are made of: runs, whatever file they come from, reduced to the figures that are drawn.

use std::collections::BTreeSet;

use crate::records::{Document, End, Phase, Run};
use crate::sweep;
use crate::timing::{self, Timing};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Guest instructions.
    Instructions,
    /// Cycles of a modelled core, when the call is warm.
    Cycles,
    /// Cycles of a modelled core for the first call, with nothing in caches and predictors.
    ColdCycles,
    /// Cycles of a cost model, which is no processor: they compare with those of other cost models only.
    ModelCycles,
}

impl Unit {
    /// All units.
    pub const ALL: [Self; 4] = [Self::Instructions, Self::Cycles, Self::ColdCycles, Self::ModelCycles];

    /// Its name in the plural.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::Cycles => "warm cycles",
            Self::ColdCycles => "cold cycles",
            Self::ModelCycles => "cycles of cost models",
        }
    }

    /// What has such a cost.
    #[must_use]
    pub const fn of(self) -> &'static str {
        match self {
            Self::Instructions => "architecture",
            Self::Cycles | Self::ColdCycles => "core",
            Self::ModelCycles => "cost model",
        }
    }

    /// What names of files begin with.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::Cycles => "cycles",
            Self::ColdCycles => "cold-cycles",
            Self::ModelCycles => "model-cycles",
        }
    }
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// GOARCH.
    pub arch: String,
    /// The epoch.
    pub epoch: String,
    /// The workload.
    pub workload: String,
    /// How the function is called.
    pub call: String,
    /// Bytes of the frame on the stack.
    pub frame_bytes: u64,
    /// Whether the call returned.
    pub returned: bool,
    /// What it cost.
    pub costs: Vec<Cost>,
    /// GC points that were examined.
    pub gc_points: u32,
    /// Codes of the findings, each once.
    pub found: BTreeSet<String>,
}

/// What a run cost in one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The unit.
    pub unit: Unit,
    /// The core, where the unit is one of a core.
    pub core: Option<String>,
    /// By phase, in the order of a call; all phases, also those without cost.
    pub phases: Vec<(String, u64)>,
}

/// What one run cost in the unit at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'s> {
    /// The architecture, or the core.
    pub label: String,
    /// The epoch.
    pub epoch: &'s str,
    /// The workload.
    pub workload: &'s str,
    /// How the function is called.
    pub call: &'s str,
    /// Bytes of the frame on the stack.
    pub frame_bytes: u64,
    /// By phase, in the order of a call.
    pub phases: &'s [(String, u64)],
}

impl Row<'_> {
    /// All phases together, what is outside the call left out.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.phases.iter().map(|(_, cost)| cost).sum()
    }
}

/// The runs of a document that started.
#[must_use]
pub fn of_document(document: &Document) -> Vec<Sample> {
    document.runs.iter().filter_map(of_run).collect()
}

fn of_run(run: &Run) -> Option<Sample> {
    let execution = run.execution.as_ref()?;
    Some(Sample {
        arch: with_features(&run.arch, &run.cpu_features),
        epoch: run.epoch.clone(),
        workload: run.workload.path.clone(),
        call: run.workload.call.clone(),
        frame_bytes: execution.frame.frame_bytes,
        returned: matches!(execution.end, End::Returned { .. }),
        costs: costs(&execution.phases, &run.timing),
        gc_points: execution.gc_points,
        found: run.diagnostics.iter().filter_map(|one| one.code.clone()).collect(),
    })
}

/// The points of a sweep that started.
#[must_use]
pub fn of_sweep(results: &sweep::Results) -> Vec<Sample> {
    results.lines.iter().filter_map(of_line).collect()
}

fn of_line(line: &sweep::Line) -> Option<Sample> {
    let (measured, point) = (line.measured.as_ref()?, &line.point);
    let sweep::GcPolicy { barrier, points, move_stacks } = &point.gc;
    Some(Sample {
        arch: with_features(&point.arch, &point.cpu_features),
        epoch: point.epoch.clone(),
        workload: format!("{}, barrier {barrier}, points {points}, moves {move_stacks}", point.workload),
        call: point.call.clone(),
        frame_bytes: measured.frame.frame_bytes,
        returned: measured.end == "returned",
        costs: costs(&measured.phases, &line.timing),
        gc_points: measured.gc_points,
        found: line.found.iter().filter_map(|one| one.code.clone()).collect(),
    })
}

/// An architecture, with what the guest has beyond its baseline.
fn with_features(arch: &str, features: &[String]) -> String {
    features.iter().fold(arch.to_owned(), |label, feature| label + "+" + feature)
}

fn costs(phases: &[Phase], timing: &[Timing]) -> Vec<Cost> {
    let counts = phases.iter().map(|phase| (phase.name.clone(), phase.instructions)).collect();
    let instructions = Cost { unit: Unit::Instructions, core: None, phases: counts };
    let on_cores = timing.iter().flat_map(|timing| {
        let on_core = |unit, cost| on_core(unit, &timing.core, phases, cost);
        match timing.cost_model {
            // Nothing is cold or warm in it.
            true => vec![on_core(Unit::ModelCycles, &timing.warm)],
            false => vec![on_core(Unit::Cycles, &timing.warm), on_core(Unit::ColdCycles, &timing.cold)],
        }
    });
    std::iter::once(instructions).chain(on_cores).collect()
}

/// The cycles of a call, by the phases of the run.
fn on_core(unit: Unit, core: &str, phases: &[Phase], cost: &timing::Cost) -> Cost {
    let cycles = |name: &str| {
        let own = cost.phases.iter().filter(|phase| phase.name == name);
        own.map(|phase| phase.cycles).sum()
    };
    let phases = phases.iter().map(|phase| (phase.name.clone(), cycles(&phase.name)));
    Cost { unit, core: Some(core.to_owned()), phases: phases.collect() }
}

/// What the runs that returned cost in a unit.
#[must_use]
pub fn rows(samples: &[Sample], unit: Unit) -> Vec<Row<'_>> {
    let returned = samples.iter().filter(|sample| sample.returned);
    returned
        .flat_map(|sample| {
            let costs = sample.costs.iter().filter(move |cost| cost.unit == unit);
            costs.map(|cost| Row {
                label: match &cost.core {
                    Some(core) => format!("{core} ({})", sample.arch),
                    None => sample.arch.clone(),
                },
                epoch: &sample.epoch,
                workload: &sample.workload,
                call: &sample.call,
                frame_bytes: sample.frame_bytes,
                phases: &cost.phases,
            })
        })
        .collect()
}

/// The epochs of some rows, oldest first: their names begin with the year, or with the release, and digits count as numbers.
#[must_use]
pub fn epochs<'s>(names: impl Iterator<Item = &'s str>) -> Vec<&'s str> {
    let names: BTreeSet<&str> = names.collect();
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_by_key(|name| {
        let release = name
            .strip_prefix("go")
            .map(|version| version.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>());
        (release.unwrap_or_default(), *name)
    });
    names
}

/// The labels of some rows, in order.
#[must_use]
pub fn labels(rows: &[Row<'_>]) -> Vec<String> {
    let labels: BTreeSet<&String> = rows.iter().map(|row| &row.label).collect();
    labels.into_iter().cloned().collect()
}

/// The phases of some rows in which anything was counted, in the order of a call, each with its place among all phases.
#[must_use]
pub fn phases(rows: &[&Row<'_>]) -> Vec<(usize, String)> {
    let counted =
        rows.iter().flat_map(|row| row.phases.iter().enumerate()).filter(|(_, (_, cost))| *cost > 0);
    let places: BTreeSet<(usize, String)> = counted.map(|(place, (name, _))| (place, name.clone())).collect();
    places.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::epochs;

    #[test]
    fn epochs_are_in_the_order_of_history() {
        let names = ["go1.27", "go1.9", "2014-df027ac", "2021-28c5fed", "2014-before", "go1.9"];
        let sorted = ["2014-before", "2014-df027ac", "2021-28c5fed", "go1.9", "go1.27"];
        assert_eq!(epochs(names.into_iter()), sorted);
    }
}
