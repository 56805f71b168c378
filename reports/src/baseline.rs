//! Baselines of cycles: what calls cost when somebody last looked, and how far they may go from there.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::records::Run;
use crate::timing::Timing;

/// What a file of this kind calls itself.
pub const SCHEMA: &str = "rcsim-baseline";
/// Version of the format; raised when a field changes or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// A baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// [`SCHEMA`].
    pub schema: String,
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// How far cycles may go up or down before a check fails, in percent of what stands here.
    pub tolerance_percent: u32,
    /// How often a call was made on each core: the last one counts.
    pub repeat: u32,
    /// The cores.
    pub cores: Vec<String>,
    /// What calls cost, sorted by workload, architecture, epoch and core.
    pub entries: Vec<Entry>,
}

/// What one call costs on one core when it is warm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The workload file.
    pub workload: String,
    /// GOARCH.
    pub arch: String,
    /// The epoch.
    pub epoch: String,
    /// The core.
    pub core: String,
    /// Cycles of the call.
    pub cycles: u64,
    /// Cycles by phase.
    pub phases: Vec<PhaseCycles>,
}

impl Entry {
    fn key(&self) -> [&str; 4] {
        [&self.workload, &self.arch, &self.epoch, &self.core]
    }
}

/// Cycles of one phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseCycles {
    /// Its name.
    pub name: String,
    /// Cycles.
    pub cycles: u64,
}

/// Why a text is no baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaselineError {
    /// It is something else, or damaged.
    Damaged(String),
    /// It is of another version of the format.
    Version(u32),
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(why) => write!(f, "not a baseline of cycles: {why}"),
            Self::Version(found) => {
                write!(
                    f,
                    "a baseline of schema version {found}; this version of rcsim reads {SCHEMA_VERSION}"
                )
            }
        }
    }
}

impl std::error::Error for BaselineError {}

/// Cycles that are too far from the baseline, on one core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The core.
    pub core: String,
    /// What drifted: a phase or `total`, with the cycles then and now. Nothing when the baseline does not have the call.
    pub parts: Vec<(String, u64, u64)>,
}

impl Baseline {
    /// The baseline of these runs.
    #[must_use]
    pub fn of(runs: &[Run], cores: Vec<String>, tolerance_percent: u32, repeat: u32) -> Self {
        let entries = runs.iter().flat_map(|run| run.timing.iter().map(move |timing| entry(run, timing)));
        let mut entries: Vec<Entry> = entries.collect();
        entries.sort_by(|one, other| one.key().cmp(&other.key()));
        Self {
            schema: SCHEMA.to_owned(),
            schema_version: SCHEMA_VERSION,
            tolerance_percent,
            repeat,
            cores,
            entries,
        }
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// When the text is none of this version.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        #[derive(Deserialize)]
        struct Kind {
            schema: String,
            schema_version: u32,
        }
        let damaged = |error: serde_json::Error| BaselineError::Damaged(error.to_string());
        let kind: Kind = serde_json::from_str(text).map_err(damaged)?;
        match kind.schema_version {
            _ if kind.schema != SCHEMA => {
                Err(BaselineError::Damaged(format!("its schema is `{}`", kind.schema)))
            }
            SCHEMA_VERSION => {
                let mut baseline: Self = serde_json::from_str(text).map_err(damaged)?;
                // Somebody may have put entries together by hand.
                baseline.entries.sort_by(|one, other| one.key().cmp(&other.key()));
                Ok(baseline)
            }
            other => Err(BaselineError::Version(other)),
        }
    }

    /// The cores on which calls on these architectures stand here; all when none is named.
    #[must_use]
    pub fn cores_of(&self, archs: &[String]) -> Vec<String> {
        let runs = |core: &String| {
            archs.is_empty()
                || self.entries.iter().any(|entry| entry.core == *core && archs.contains(&entry.arch))
        };
        self.cores.iter().filter(|core| runs(core)).cloned().collect()
    }

    /// The file, ending with a newline: a line for each entry, so that differences between versions can be read.
    #[must_use]
    pub fn to_json(&self) -> String {
        const NONE: &str = "\"entries\": []";
        let head =
            Self { entries: Vec::new(), cores: self.cores.clone(), schema: self.schema.clone(), ..*self };
        let head = serde_json::to_string_pretty(&head).expect("the records have string keys only");
        let entry = |entry: &Entry| serde_json::to_string(entry).expect("as above");
        let entries: Vec<String> = self.entries.iter().map(entry).collect();
        let (before, after) = head.rsplit_once(NONE).unwrap_or((&head, ""));
        format!("{before}\"entries\": [\n{}\n  ]{after}\n", entries.join(",\n"))
    }

    /// Where a run is too far from the baseline, core by core.
    #[must_use]
    pub fn drifts(&self, run: &Run) -> Vec<Drift> {
        run.timing.iter().filter_map(|timing| self.drift(&entry(run, timing))).collect()
    }

    fn drift(&self, now: &Entry) -> Option<Drift> {
        let core = now.core.clone();
        let Ok(at) = self.entries.binary_search_by(|then| then.key().cmp(&now.key())) else {
            return Some(Drift { core, parts: Vec::new() });
        };
        let then = &self.entries[at];
        let cycles = |phases: &[PhaseCycles], name: &str| {
            phases.iter().find(|phase| phase.name == name).map_or(0, |phase| phase.cycles)
        };
        let mut names: Vec<&str> = now.phases.iter().map(|phase| phase.name.as_str()).collect();
        names.extend(then.phases.iter().map(|phase| phase.name.as_str()));
        let mut parts: Vec<(String, u64, u64)> = Vec::new();
        for name in names {
            if !parts.iter().any(|(known, ..)| known == name) {
                parts.push((name.to_owned(), cycles(&then.phases, name), cycles(&now.phases, name)));
            }
        }
        parts.push(("total".to_owned(), then.cycles, now.cycles));
        let tolerance = u128::from(self.tolerance_percent);
        parts.retain(|(_, then, now)| u128::from(then.abs_diff(*now)) * 100 > u128::from(*then) * tolerance);
        (!parts.is_empty()).then_some(Drift { core, parts })
    }
}

fn entry(run: &Run, timing: &Timing) -> Entry {
    let phases = timing.warm.phases.iter();
    Entry {
        workload: run.workload.path.clone(),
        arch: run.arch.clone(),
        epoch: run.epoch.clone(),
        core: timing.core.clone(),
        cycles: timing.warm.cycles,
        phases: phases.map(|phase| PhaseCycles { name: phase.name.clone(), cycles: phase.cycles }).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Baseline, BaselineError, Entry, PhaseCycles, SCHEMA, SCHEMA_VERSION};

    fn entry(cycles: u64) -> Entry {
        let phases = vec![PhaseCycles { name: "copy in".into(), cycles }];
        let [workload, arch, epoch, core] = ["a.toml", "arm64", "go1.27", "a-core"].map(str::to_owned);
        Entry { workload, arch, epoch, core, cycles, phases }
    }

    fn baseline(tolerance_percent: u32) -> Baseline {
        let (schema, cores) = (SCHEMA.to_owned(), vec!["a-core".to_owned()]);
        let entries = vec![entry(100)];
        Baseline { schema, schema_version: SCHEMA_VERSION, tolerance_percent, repeat: 10, cores, entries }
    }

    #[test]
    fn cycles_may_go_up_and_down_within_the_tolerance() {
        for (cycles, fits) in [(100, true), (95, true), (105, true), (94, false), (106, false)] {
            assert_eq!(baseline(5).drift(&entry(cycles)).is_none(), fits, "{cycles}");
        }
        let drift = baseline(0).drift(&entry(101)).expect("no tolerance");
        assert_eq!(drift.parts, [("copy in".to_owned(), 100, 101), ("total".to_owned(), 100, 101)]);
    }

    #[test]
    fn a_call_that_the_baseline_does_not_have_is_a_drift_without_parts() {
        let other = Entry { core: "another".into(), ..entry(100) };
        assert!(baseline(5).drift(&other).is_some_and(|drift| drift.parts.is_empty()));
    }

    #[test]
    fn cores_are_those_of_the_architectures_at_hand() {
        let known = baseline(5);
        assert_eq!(known.cores_of(&["arm64".to_owned()]), ["a-core"]);
        assert_eq!(known.cores_of(&[]), ["a-core"]);
        assert!(known.cores_of(&["wasm".to_owned()]).is_empty());
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        assert_eq!(Baseline::parse(&baseline(5).to_json()), Ok(baseline(5)));
        let other = baseline(5).to_json().replace("\"schema_version\": 1", "\"schema_version\": 7");
        assert_eq!(Baseline::parse(&other), Err(BaselineError::Version(7)));
        assert!(matches!(Baseline::parse("{}"), Err(BaselineError::Damaged(_))));
    }
}
