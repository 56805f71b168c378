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
    /// How often the call was made, one after the other, on the same core.
    pub repeats: u32,
    /// The first call: nothing was in caches or predictors.
    pub cold: Cost,
    /// The last call.
    pub warm: Cost,
    /// Fewest and most cycles of the calls of the second half.
    pub steady: (u64, u64),
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
