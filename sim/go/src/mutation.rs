//! The machinery other than it was built: what a run changes in it.
//!
//! A mutation is made by [`crate::patch`] from what a workload states, or by whoever looks for changes that nobody notices.

use rcsim_uop::edit::Edits;
use rcsim_workloads::patch::FrameFact;

use crate::deviation::Deviation;

/// Changes of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mutation {
    /// Instructions that do something else.
    pub code: Edits,
    /// What functions of the built-in image say about their frames: name and fact.
    pub frames: Vec<(String, FrameFact)>,
    /// Steps of services that are left out.
    pub steps: Vec<String>,
    /// Whether the names of all steps are kept.
    pub listen: bool,
    /// Deviations beyond those of the epoch. Whoever asks for the run hands them to it; they are here so that a mutation is
    /// one thing.
    pub deviations: Vec<Deviation>,
    /// The most guest instructions, where that is fewer than the workload's own limit.
    pub max_steps: Option<u64>,
}
