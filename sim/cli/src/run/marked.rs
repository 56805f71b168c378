//! Runs of programs with the write barriers of their compiled code switched on.

use rcsim_gc::Checker;
use rcsim_go::failure::Failure;
use rcsim_go::marking::BarrierPlaces;
use rcsim_go::mutation::Mutation;
use rcsim_go::run::{Report, Request, RunError, probe_barriers, run_marking, run_mutated};
use rcsim_go::world::World;

use super::matrix::Combination;
use crate::image_file::ImageFile;

/// Runs a combination as while the collector marks. Built-in code has no barriers of its own to switch on.
pub fn run<T>(
    combination: &Combination<'_>,
    request: &Request<'_>,
    mutation: &Mutation,
    checker: Checker,
    look: impl FnOnce(&World<'_, Checker>) -> T,
) -> Result<(Report, T), RunError> {
    let Some(image) = combination.image else { return run_mutated(request, mutation, checker, look) };
    let places = places(image, request)?.ok_or_else(no_places)?;
    run_marking(request, mutation, &places, checker, look)
}

fn no_places() -> RunError {
    let what =
        "write barriers of a program that shows neither a flag nor a buffer of its own for them".to_owned();
    RunError::World(Failure::Unsupported { what })
}

/// Where the program keeps what barriers need: found out once for each.
fn places(image: &ImageFile, request: &Request<'_>) -> Result<Option<BarrierPlaces>, RunError> {
    if let Some(known) = image.barriers.get() {
        return Ok(*known);
    }
    let found = probe_barriers(request)?;
    Ok(*image.barriers.get_or_init(|| found))
}
