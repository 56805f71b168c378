//! Two results beside each other: where the cycles of one went and those of the other did not.
//!
//! Instructions are matched by function and text within a phase, so that code that has moved is still the same code.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::records::{Document, Run};
use crate::timing::{Cost, InsnCost, Timing};

/// Everything that two documents have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Pairs, in the order of the first document.
    pub pairs: Vec<Pair>,
    /// What only one of them has cycles for.
    pub unpaired: Vec<Side>,
}

/// One call in one document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Side {
    /// Path of the workload.
    pub workload: String,
    /// GOARCH.
    pub arch: String,
    /// The epoch.
    pub epoch: String,
    /// The core.
    pub core: String,
}

/// The same call twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// What the first document has.
    pub a: Side,
    /// What the second has.
    pub b: Side,
    /// Phases, then the total.
    pub phases: Vec<PhaseChange>,
    /// Causes of which the cycles differ.
    pub causes: Vec<CauseChange>,
    /// Instructions that account for the difference, those that account for most first.
    pub instructions: Vec<InsnChange>,
}

/// One phase, or the total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhaseChange {
    /// Its name.
    pub name: String,
    /// Guest instructions of each.
    pub instructions: [u64; 2],
    /// Cycles of each.
    pub cycles: [u64; 2],
}

/// One cause of a cycle stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CauseChange {
    /// Its name.
    pub cause: String,
    /// Cycles of each.
    pub cycles: [u64; 2],
}

/// Instructions of one function and phase that read the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InsnChange {
    /// The phase.
    pub phase: String,
    /// The function.
    pub function: String,
    /// The text.
    pub text: String,
    /// Executions in each.
    pub executions: [u64; 2],
    /// Cycles of each.
    pub cycles: [u64; 2],
}

impl InsnChange {
    /// Cycles that the second has more.
    #[must_use]
    pub fn more(&self) -> i64 {
        self.cycles[1].cast_signed() - self.cycles[0].cast_signed()
    }
}

/// Which call of a result is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The first, with nothing in caches and predictors.
    Cold,
    /// The last.
    Warm,
}

impl Which {
    fn of(self, timing: &Timing) -> &Cost {
        match self {
            Self::Cold => &timing.cold,
            Self::Warm => &timing.warm,
        }
    }

    /// Its word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
        }
    }
}

type Timed<'d> = (Side, &'d Timing);

fn timed(document: &Document) -> Vec<Timed<'_>> {
    let of = |run: &Run, timing: &Timing| Side {
        workload: run.workload.path.clone(),
        arch: run.arch.clone(),
        epoch: run.epoch.clone(),
        core: timing.core.clone(),
    };
    let runs = document.runs.iter();
    runs.flat_map(|run| run.timing.iter().map(move |timing| (of(run, timing), timing))).collect()
}

/// How alike two sides must be to be paired, the strictest first: all the same, then another epoch or image, then anything of
/// the same workload.
const ALIKE: [fn(&Side, &Side) -> bool; 3] = [
    |a, b| a == b,
    |a, b| (&a.workload, &a.arch, &a.core) == (&b.workload, &b.arch, &b.core),
    |a, b| a.workload == b.workload,
];

/// Compares all that can be paired. Of a side without a partner that is alike in all, the partner is the one that is alike in
/// most, when there is only one that is alike in so much on each side.
#[must_use]
pub fn compare(a: &Document, b: &Document, which: Which) -> Comparison {
    let (mut left, mut right) = (timed(a), timed(b));
    let mut pairs = Vec::new();
    for alike in ALIKE {
        let mut rest = Vec::new();
        for first in &left {
            let partners: Vec<usize> = (0..right.len()).filter(|at| alike(&first.0, &right[*at].0)).collect();
            let rivals = left.iter().filter(|other| alike(&other.0, &first.0)).count();
            match partners[..] {
                [only] if rivals == 1 => pairs.push(pair(first, &right.remove(only), which)),
                _ => rest.push(first.clone()),
            }
        }
        left = rest;
    }
    let unpaired = left.into_iter().chain(right).map(|side| side.0).collect();
    Comparison { pairs, unpaired }
}

fn pair(a: &Timed<'_>, b: &Timed<'_>, which: Which) -> Pair {
    let costs = [which.of(a.1), which.of(b.1)];
    Pair {
        a: a.0.clone(),
        b: b.0.clone(),
        phases: phases(costs),
        causes: causes(costs),
        instructions: instructions(costs),
    }
}

/// The keys of both, in the order of the first, then what only the second has.
fn keys<'c>(costs: [&'c Cost; 2], of: impl Fn(&'c Cost) -> Vec<&'c str>) -> Vec<&'c str> {
    let mut keys = of(costs[0]);
    for key in of(costs[1]) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn phases(costs: [&Cost; 2]) -> Vec<PhaseChange> {
    let names = keys(costs, |cost| cost.phases.iter().map(|phase| phase.name.as_str()).collect());
    let find = |cost: &Cost, name: &str| {
        let phase = cost.phases.iter().find(|phase| phase.name == name);
        phase.map_or((0, 0), |phase| (phase.instructions, phase.cycles))
    };
    let phases = names.into_iter().map(|name| {
        let found = costs.map(|cost| find(cost, name));
        PhaseChange {
            name: name.to_owned(),
            instructions: found.map(|one| one.0),
            cycles: found.map(|one| one.1),
        }
    });
    let total = PhaseChange {
        name: "total".to_owned(),
        instructions: costs.map(|cost| cost.instructions),
        cycles: costs.map(|cost| cost.cycles),
    };
    phases.chain(std::iter::once(total)).collect()
}

fn causes(costs: [&Cost; 2]) -> Vec<CauseChange> {
    let names = keys(costs, |cost| cost.stack.iter().map(|part| part.cause.as_str()).collect());
    let find = |cost: &Cost, name: &str| {
        cost.stack.iter().find(|part| part.cause == name).map_or(0, |part| part.cycles)
    };
    let causes = names
        .into_iter()
        .map(|name| CauseChange { cause: name.to_owned(), cycles: costs.map(|cost| find(cost, name)) });
    let mut causes: Vec<CauseChange> = causes.filter(|change| change.cycles[0] != change.cycles[1]).collect();
    causes.sort_by_key(|change| std::cmp::Reverse(change.cycles[0].abs_diff(change.cycles[1])));
    causes
}

fn instructions(costs: [&Cost; 2]) -> Vec<InsnChange> {
    let mut changes: BTreeMap<(&str, &str, &str), InsnChange> = BTreeMap::new();
    for (n, cost) in costs.into_iter().enumerate() {
        for insn in &cost.instructions_by_cycles {
            let key = (insn.phase.as_str(), function(insn), insn.text.as_str());
            let change = changes.entry(key).or_insert_with(|| InsnChange {
                phase: insn.phase.clone(),
                function: function(insn).to_owned(),
                text: insn.text.clone(),
                executions: [0; 2],
                cycles: [0; 2],
            });
            change.executions[n] += insn.executions;
            change.cycles[n] += insn.cycles;
        }
    }
    let mut changes: Vec<InsnChange> = changes.into_values().filter(|change| change.more() != 0).collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.more().abs()));
    changes
}

/// The function of an instruction, whose place is that and an offset.
fn function(insn: &InsnCost) -> &str {
    insn.place.rsplit_once("+0x").map_or(&insn.place, |(function, _)| function)
}

#[cfg(test)]
mod tests {
    use super::{Which, compare};
    use crate::records::Document;

    fn document(core: &str, place: &str, cycles: u64) -> Document {
        let insn = |place: &str, cycles: u64| {
            format!(
                r#"{{"place":"{place}","text":"rep movsb","phase":"copy in","executions":1,"cycles":{cycles},"critical":0}}"#
            )
        };
        let cost = format!(
            r#"{{"cycles":{cycles},"instructions":9,"operations":9,"stack":[{{"cause":"base","cycles":{cycles}}}],
            "phases":[{{"name":"copy in","instructions":9,"cycles":{cycles},"stack":[]}}],"chain":[],
            "instructions_by_cycles":[{}],"events":{{"branches":0,"mispredicted":0,"l1d_misses":0,"l2_misses":0,
            "l1i_misses":0,"dtlb_misses":0}}}}"#,
            insn(place, cycles)
        );
        let text = format!(
            r#"{{"schema":"rcsim-run","schema_version":1,"tool":{{"name":"rcsim","version":"0"}},"skipped":[],
            "summary":{{"passed":1,"failed":0,"unusable":0,"skipped":0}},"runs":[{{
            "workload":{{"path":"w.toml","name":"w","call":"reflectcall","func":"func()"}},"arch":"amd64",
            "epoch":"go1.27","cpu_features":[],"code":{{"source":"built-in","epoch":"go1.27"}},"verdict":"pass","execution":null,
            "diagnostics":[],"replay":"","timing":[{{"core":"{core}","summary":"","repeats":1,"cold":{cost},
            "warm":{cost},"steady":[{cycles},{cycles}]}}]}}]}}"#
        );
        Document::from_json(&text).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn code_that_moved_is_the_same_code_and_accounts_for_the_difference() {
        let (a, b) = (document("x", "runtime.call16+0x10", 40), document("x", "runtime.call16+0x20", 65));
        let comparison = compare(&a, &b, Which::Warm);
        let [pair] = &comparison.pairs[..] else { panic!("one pair: {comparison:?}") };
        assert_eq!(pair.phases.iter().map(|phase| phase.cycles).collect::<Vec<_>>(), [[40, 65], [40, 65]]);
        let [insn] = &pair.instructions[..] else { panic!("one instruction: {pair:?}") };
        assert_eq!((insn.function.as_str(), insn.more()), ("runtime.call16", 25));
    }

    #[test]
    fn different_cores_are_paired_when_there_is_one_of_each() {
        let (a, b) = (document("x", "f", 1), document("y", "f", 2));
        let comparison = compare(&a, &b, Which::Cold);
        assert_eq!((comparison.pairs.len(), comparison.unpaired.len()), (1, 0));
        let mut two = b.clone();
        two.runs.extend(b.runs);
        assert_eq!(compare(&a, &two, Which::Cold).unpaired.len(), 3);
    }
}
