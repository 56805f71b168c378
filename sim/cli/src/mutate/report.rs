//! The report of a mutation test: a table, lines, and JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::generate::{Kind, Mutant};
use super::judge::Fate;
use super::survivors::{self, Listed};

/// Raised when a field of the JSON document changes or goes.
const SCHEMA_VERSION: u32 = 1;

/// The mutants of one architecture and epoch with what became of them.
pub struct Target {
    /// The architecture.
    pub arch: &'static str,
    /// The epoch.
    pub epoch: &'static str,
    /// Workloads that were run.
    pub workloads: usize,
    /// Workloads that do not end as expected even without a change.
    pub unusable: usize,
    /// The mutants in order.
    pub mutants: Vec<(Mutant, Fate)>,
    /// In what they differ from a list of known survivors, where there is one.
    pub against_list: Option<AgainstList>,
}

/// The missed mutants beside a list of known survivors.
#[derive(Clone, Debug, Default)]
pub struct AgainstList {
    /// Missed and listed.
    pub known: BTreeSet<String>,
    /// Missed, and not listed.
    pub unlisted: BTreeSet<String>,
    /// Listed, and not missed.
    pub stale: Vec<String>,
}

/// How many mutants had each fate.
#[derive(Clone, Copy, Default)]
struct Tally {
    all: usize,
    found: usize,
    equivalent: usize,
    missed: usize,
    not_run: usize,
}

impl Tally {
    fn of<'m>(fates: impl Iterator<Item = &'m Fate>) -> Self {
        let mut tally = Self::default();
        for fate in fates {
            tally.all += 1;
            match fate {
                Fate::Found { .. } => tally.found += 1,
                Fate::Equivalent(_) => tally.equivalent += 1,
                Fate::Missed { .. } => tally.missed += 1,
                Fate::NotRun | Fate::Broke => tally.not_run += 1,
            }
        }
        tally
    }

    /// Found, of those that are not equivalent, in tenths of a percent, rounded down: 100 % means all.
    fn score(self) -> Option<usize> {
        (self.found * 1000).checked_div(self.found + self.missed)
    }

    fn line(self, name: &str) -> String {
        let score =
            self.score().map_or_else(|| "-".to_owned(), |score| format!("{}.{}", score / 10, score % 10));
        format!(
            "  {name:<12}{:>8}{:>8}{:>12}{:>8}{:>9}{score:>8}\n",
            self.all, self.found, self.equivalent, self.missed, self.not_run
        )
    }
}

impl Target {
    /// How many mutants had such a fate.
    pub fn count(&self, wanted: impl Fn(&Fate) -> bool) -> usize {
        self.mutants.iter().filter(|(_, fate)| wanted(fate)).count()
    }

    /// Compare what is missed with a list; lines that are wrong can be told when all mutants were run.
    pub fn compare(&mut self, listed: &Listed, whole: bool) {
        let missed = self.mutants.iter().filter(|(_, fate)| matches!(fate, Fate::Missed { .. }));
        let missed: BTreeSet<String> =
            missed.map(|(mutant, _)| survivors::line(self.arch, self.epoch, mutant)).collect();
        let stale = if whole { listed.stale(self.arch, self.epoch, &missed) } else { Vec::new() };
        let (known, unlisted) = missed.into_iter().partition(|line| listed.has(line));
        self.against_list = Some(AgainstList { known, unlisted, stale });
    }

    /// Whether a mutant is missed that is not listed, or listed and not missed.
    pub fn differs_from_list(&self) -> bool {
        self.against_list.as_ref().is_some_and(|list| !list.unlisted.is_empty() || !list.stale.is_empty())
    }

    /// Lines about the list.
    fn list_text(&self) -> String {
        let Some(list) = &self.against_list else { return String::new() };
        let mut out = String::new();
        for line in &list.unlisted {
            let _ = writeln!(out, "not listed  {line}");
        }
        for line in &list.stale {
            let _ = writeln!(out, "not missed  {line}");
        }
        let (known, unlisted, stale) = (list.known.len(), list.unlisted.len(), list.stale.len());
        let _ = writeln!(out, "  list: {known} missed and listed, {unlisted} not listed, {stale} not missed");
        out
    }

    fn tally(&self, kind: Option<Kind>) -> Tally {
        let of_kind = |mutant: &Mutant| kind.is_none_or(|kind| mutant.kind == kind);
        Tally::of(self.mutants.iter().filter(|(mutant, _)| of_kind(mutant)).map(|(_, fate)| fate))
    }

    /// By what mutants were found, or why they are equivalent, with how many.
    fn reasons(&self, reason: impl Fn(&Fate) -> Option<&str>) -> BTreeMap<&str, usize> {
        let mut reasons = BTreeMap::new();
        for (_, fate) in &self.mutants {
            if let Some(reason) = reason(fate) {
                *reasons.entry(reason).or_insert(0) += 1;
            }
        }
        reasons
    }

    fn found_by(&self) -> BTreeMap<&str, usize> {
        self.reasons(|fate| match fate {
            Fate::Found { by, .. } => Some(by),
            _ => None,
        })
    }

    fn equivalent_why(&self) -> BTreeMap<&str, usize> {
        self.reasons(|fate| match fate {
            Fate::Equivalent(why) => Some(why),
            _ => None,
        })
    }

    fn text(&self, full: bool) -> String {
        let mut out = format!("{}, epoch {}: {} workloads", self.arch, self.epoch, self.workloads);
        if self.unusable > 0 {
            let _ = write!(out, ", {} more do not end as expected by themselves", self.unusable);
        }
        out += "\n\n";
        for (mutant, fate) in &self.mutants {
            let missed = self.against_list.is_none() && matches!(fate, Fate::Missed { .. });
            if full || missed || *fate == Fate::Broke {
                let _ = writeln!(out, "{:<11}{}{}", word(fate), mutant.line(), remark(fate));
            }
        }
        if full || self.against_list.is_none() && self.tally(None).missed > 0 {
            out += "\n";
        }
        out += "  kind         mutants   found  equivalent  missed  not run   score\n";
        for kind in Kind::all() {
            let tally = self.tally(Some(kind));
            if tally.all > 0 {
                out += &tally.line(kind.name());
            }
        }
        out += &self.tally(None).line("all");
        out += &counted("found by", &self.found_by());
        out += &counted("equivalent", &self.equivalent_why());
        out + &self.list_text()
    }

    fn json(&self) -> Value {
        let tally = self.tally(None);
        let mutants: Vec<Value> = self.mutants.iter().map(|(mutant, fate)| of_mutant(mutant, fate)).collect();
        json!({
            "arch": self.arch,
            "epoch": self.epoch,
            "workloads": self.workloads,
            "unusable_workloads": self.unusable,
            "summary": {
                "mutants": tally.all,
                "found": tally.found,
                "equivalent": tally.equivalent,
                "missed": tally.missed,
                "not_run": tally.not_run,
                "score_per_mille": tally.score(),
                "found_by": self.found_by(),
            },
            "against_list": self.against_list.as_ref().map(|list| json!({
                "known": list.known,
                "unlisted": list.unlisted,
                "stale": list.stale,
            })),
            "mutants": mutants,
        })
    }
}

fn counted(title: &str, counts: &BTreeMap<&str, usize>) -> String {
    let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    if counts.is_empty() { String::new() } else { format!("  {title}: {}\n", counts.join(", ")) }
}

const fn word(fate: &Fate) -> &'static str {
    match fate {
        Fate::Found { .. } => "found",
        Fate::Equivalent(_) => "equivalent",
        Fate::Missed { .. } => "missed",
        Fate::NotRun => "not run",
        Fate::Broke => "broke rcsim",
    }
}

fn remark(fate: &Fate) -> String {
    match fate {
        Fate::Found { by, workload } => format!("  ({by}, {workload})"),
        Fate::Equivalent(why) => format!("  ({why})"),
        Fate::Missed { workloads, differs_in } => {
            format!("  ({workloads} workloads, differs in {differs_in})")
        }
        Fate::NotRun | Fate::Broke => String::new(),
    }
}

fn of_mutant(mutant: &Mutant, fate: &Fate) -> Value {
    let mut value = json!({
        "kind": mutant.kind.name(),
        "place": mutant.place,
        "instruction": mutant.text,
        "change": mutant.what,
        "fate": word(fate),
    });
    let more = match fate {
        Fate::Found { by, workload } => json!({ "by": by, "workload": workload }),
        Fate::Equivalent(why) => json!({ "why": why }),
        Fate::Missed { workloads, differs_in } => json!({ "workloads": workloads, "differs_in": differs_in }),
        Fate::NotRun | Fate::Broke => json!({}),
    };
    if let (Some(value), Some(more)) = (value.as_object_mut(), more.as_object()) {
        value.extend(more.clone());
    }
    value
}

/// The report for people; every mutant's line when `full`.
pub fn text(targets: &[Target], full: bool) -> String {
    let parts: Vec<String> = targets.iter().map(|target| target.text(full)).collect();
    parts.join("\n")
}

/// The report for programs.
pub fn json(targets: &[Target]) -> String {
    let targets: Vec<Value> = targets.iter().map(Target::json).collect();
    format!("{:#}\n", json!({ "schema_version": SCHEMA_VERSION, "targets": targets }))
}
