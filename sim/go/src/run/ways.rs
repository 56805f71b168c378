//! The ways to run a workload: what looks on, what is changed, what goes on beside it.

use rcsim_machine::{NoShadow, Shadow};

use super::{Report, Request, RunError, run_in};
use crate::follow::Following;
use crate::marking::BarrierPlaces;
use crate::mutation::Mutation;
use crate::places::Arrangement;
use crate::timeline::Detail;
use crate::world::World;

/// What goes on beside a run.
#[derive(Default)]
pub(super) struct Beside<'b> {
    /// The collector marks; this is where the image keeps what its barriers need.
    pub(super) marking: Option<&'b BarrierPlaces>,
    /// Somebody follows the retired stream.
    pub(super) following: Option<Following>,
    /// What happens is recorded.
    pub(super) recorded: Option<Detail>,
    /// Where heap and stacks are.
    pub(super) arrangement: Arrangement,
}

/// Run a workload without looking at its pointers.
///
/// # Errors
/// When the run cannot start; what happens in it is in the report.
pub fn run(request: &Request<'_>) -> Result<Report, RunError> {
    run_with(request, NoShadow, |_| ()).map(|(report, ())| report)
}

/// Run a workload under a shadow, and look at the world when it is over.
///
/// # Errors
/// As [`run`].
pub fn run_with<S: Shadow, T>(
    request: &Request<'_>,
    shadow: S,
    look: impl FnOnce(&World<'_, S>) -> T,
) -> Result<(Report, T), RunError> {
    run_mutated(request, &Mutation::default(), shadow, look)
}

/// As [`run`], with heap and stacks on chosen sides of each other.
///
/// # Errors
/// As [`run`].
pub fn run_arranged(request: &Request<'_>, arrangement: Arrangement) -> Result<Report, RunError> {
    let beside = Beside { arrangement, ..Beside::default() };
    run_in(request, &Mutation::default(), beside, NoShadow, |_| ()).map(|(report, ())| report)
}

/// As [`run_with`], with machinery other than it was built.
///
/// # Errors
/// As [`run`].
pub fn run_mutated<S: Shadow, T>(
    request: &Request<'_>,
    mutation: &Mutation,
    shadow: S,
    look: impl FnOnce(&World<'_, S>) -> T,
) -> Result<(Report, T), RunError> {
    run_in(request, mutation, Beside::default(), shadow, look)
}

/// As [`run_mutated`], with somebody who follows the retired stream.
///
/// # Errors
/// As [`run`].
pub fn run_followed<S: Shadow, T>(
    request: &Request<'_>,
    mutation: &Mutation,
    shadow: S,
    following: Following,
    look: impl FnOnce(&World<'_, S>) -> T,
) -> Result<(Report, T), RunError> {
    run_in(request, mutation, Beside { following: Some(following), ..Beside::default() }, shadow, look)
}

/// As [`run_with`], keeping a record of everything that happens, moment by moment.
///
/// # Errors
/// As [`run`].
pub fn run_recorded<S: Shadow, T>(
    request: &Request<'_>,
    shadow: S,
    look: impl FnOnce(&World<'_, S>) -> T,
) -> Result<(Report, T), RunError> {
    let beside = Beside { recorded: Some(Detail::Instructions), ..Beside::default() };
    run_in(request, &Mutation::default(), beside, shadow, look)
}

/// As [`run_with`], keeping a record of what happens between instructions.
///
/// # Errors
/// As [`run`].
pub fn run_noted<S: Shadow, T>(
    request: &Request<'_>,
    shadow: S,
    look: impl FnOnce(&World<'_, S>) -> T,
) -> Result<(Report, T), RunError> {
    let beside = Beside { recorded: Some(Detail::Events), ..Beside::default() };
    run_in(request, &Mutation::default(), beside, shadow, look)
}

/// As [`run_mutated`], with the write barriers of compiled code switched on.
///
/// # Errors
/// As [`run`].
pub fn run_marking<S: Shadow, T>(
    request: &Request<'_>,
    mutation: &Mutation,
    places: &BarrierPlaces,
    shadow: S,
    look: impl FnOnce(&World<'_, S>) -> T,
) -> Result<(Report, T), RunError> {
    run_in(request, mutation, Beside { marking: Some(places), ..Beside::default() }, shadow, look)
}
