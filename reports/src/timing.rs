//! Records of cycles: what a run cost on a modelled core.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a run cost on one core.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Timing {
    /// Name of the core.
    pub core: String,
    /// One line about it.
    pub summary: String,
    /// Whether it is no processor but a cost model, whose cycles compare with no other's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cost_model: bool,
    /// How often the call was made, one after the other, on the same core.
    pub repeats: u32,
    /// The first call: nothing was in caches or predictors.
    pub cold: Cost,
    /// The last call.
    pub warm: Cost,
    /// Fewest and most cycles of the calls of the second half.
    pub steady: (u64, u64),
    /// Cycles of each call of the second half, in order; nothing when they are all alike.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub half: Vec<u64>,
}

/// What the mean of many calls would be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean of those that there were.
    pub cycles: f64,
    /// With 95 % confidence it is not further off than this.
    pub within: f64,
}

/// Quantiles of Student's distribution for 95 %, by degrees of freedom, from 1 on.
const STUDENT: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];
/// The same for more.
const NORMAL: f64 = 1.960;

impl Timing {
    /// The mean of the second half. A core remembers, so calls are not independent of each other: when one is like the call
    /// before it, there are fewer that count.
    #[must_use]
    pub fn mean(&self) -> Option<Mean> {
        let count = self.half.len() as f64;
        if count < 2.0 {
            return None;
        }
        let cycles = self.half.iter().sum::<u64>() as f64 / count;
        let off: Vec<f64> = self.half.iter().map(|one| *one as f64 - cycles).collect();
        let squares: f64 = off.iter().map(|one| one * one).sum();
        let neighbours: f64 = off.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let alike = if squares > 0.0 { (neighbours / squares).clamp(0.0, 0.99) } else { 0.0 };
        let independent = (count * (1.0 - alike) / (1.0 + alike)).max(2.0);
        let freedom = independent as usize - 1;
        let quantile = STUDENT.get(freedom.saturating_sub(1)).copied().unwrap_or(NORMAL);
        let within = quantile * (squares / (count - 1.0) / independent).sqrt();
        Some(Mean { cycles, within })
    }
}

/// What one call cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Cycles of guest code. What rcsim performs itself costs none.
    pub cycles: u64,
    /// Guest instructions.
    pub instructions: u64,
    /// Operations of the core.
    pub operations: u64,
    /// Cycles by cause, those without left out.
    pub stack: Vec<Part>,
    /// By phase, those without instructions left out.
    pub phases: Vec<PhaseCost>,
    /// Length of the critical chain by cause.
    pub chain: Vec<Part>,
    /// Instructions by cycles, those without left out.
    pub instructions_by_cycles: Vec<InsnCost>,
    /// What happened on the way.
    pub events: Events,
}

/// Cycles of one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// The cause.
    pub cause: String,
    /// Cycles.
    pub cycles: u64,
}

/// One phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseCost {
    /// Its name.
    pub name: String,
    /// Guest instructions.
    pub instructions: u64,
    /// Cycles.
    pub cycles: u64,
    /// Cycles by cause.
    pub stack: Vec<Part>,
}

/// One instruction, all its executions together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InsnCost {
    /// Function and offset.
    pub place: String,
    /// Its text.
    pub text: String,
    /// The phase it ran in last.
    pub phase: String,
    /// Executions.
    pub executions: u64,
    /// Cycles that passed until it was done, after everything before it was.
    pub cycles: u64,
    /// Cycles that it adds to the critical chain.
    pub critical: u64,
}

/// Counts of events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Events {
    /// Branches of all kinds.
    pub branches: u64,
    /// Mispredicted ones.
    pub mispredicted: u64,
    /// Data accesses that the first-level cache could not serve.
    pub l1d_misses: u64,
    /// Those that the second level could not serve.
    pub l2_misses: u64,
    /// Lines of code that the instruction cache did not hold.
    pub l1i_misses: u64,
    /// Accesses whose page was not in the first-level TLB.
    pub dtlb_misses: u64,
}

#[cfg(test)]
mod tests {
    use super::{Cost, Events, Timing};

    fn timing(half: &[u64]) -> Timing {
        let cost = Cost {
            cycles: 0,
            instructions: 0,
            operations: 0,
            stack: Vec::new(),
            phases: Vec::new(),
            chain: Vec::new(),
            instructions_by_cycles: Vec::new(),
            events: Events::default(),
        };
        Timing {
            core: String::new(),
            summary: String::new(),
            cost_model: false,
            repeats: 2,
            cold: cost.clone(),
            warm: cost,
            steady: (0, 0),
            half: half.to_vec(),
        }
    }

    #[test]
    fn the_interval_is_students_when_calls_are_independent() {
        // 10, 14, 10, 14: a standard deviation of 2.309, a standard error of 1.155, and 3.182 of those.
        let mean = timing(&[10, 14, 10, 14]).mean().expect("there are calls");
        assert!((mean.cycles - 12.0).abs() < 1e-9 && (mean.within - 3.674).abs() < 0.001, "{mean:?}");
    }

    #[test]
    fn calls_that_are_like_the_one_before_count_less() {
        let drifting = timing(&[10, 10, 10, 10, 14, 14, 14, 14]).mean().expect("there are calls");
        let mixed = timing(&[10, 14, 10, 14, 10, 14, 10, 14]).mean().expect("there are calls");
        assert!(drifting.within > 2.0 * mixed.within, "{drifting:?} {mixed:?}");
        assert_eq!(timing(&[]).mean(), None);
    }
}
