//! The machinery other than it was built: what a run changes in it.
//!
//! A mutation is made by [`crate::patch`] from what a workload states, or by whoever looks for changes that nobody notices.

use rcsim_uop::edit::Edits;
use rcsim_workloads::patch::FrameFact;

/// Changes of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mutation {
    /// Instructions that do something else.
    pub code: Edits,
    /// What functions of the built-in image say about their frames: name and fact.
    pub frames: Vec<(String, FrameFact)>,
    /// Steps of services that are left out.
    pub steps: Vec<String>,
}
