//! What happened between instructions: points where the collector may stop the goroutine, findings, services.

use rcsim_gc::{Checker, Mode};
use rcsim_go::run::{Request, RunError, run_noted};
use rcsim_go::timeline::Happening;
use rcsim_go::world::World;
use rcsim_machine::{NoShadow, Shadow};
use rcsim_reports::trace::{Mark, MarkKind};
use rcsim_workloads::Points;

use super::super::matrix::Combination;
use super::super::{execute, found};
use super::Cycles;

/// Runs the call under the checker and notes what happens, in order.
///
/// # Errors
/// When it cannot start.
pub fn marks(
    request: &Request<'_>,
    combination: &Combination<'_>,
    cycles: &Cycles,
) -> Result<Vec<Mark>, RunError> {
    if request.workload.gc.points == Points::None {
        return Ok(run_noted(request, NoShadow, |world| noted(world, cycles))?.1);
    }
    let word = request.port.word();
    let checker = Checker::new(Mode::AllPoints, u64::from(word.bytes));
    // Compiled code is judged for its barriers with other instructions than those that were timed.
    let checker = match combination.image {
        None => checker.with_barriers(execute::protocol(combination), word),
        Some(_) => checker,
    };
    let look = |world: &World<'_, Checker>| {
        let mut marks = noted(world, cycles);
        let found = found::look(world).found;
        let moments = found.iter().flat_map(found::Found::moments);
        marks.extend(moments.filter_map(|(step, name)| mark(MarkKind::Finding, name, step, cycles)));
        marks.sort_by_key(|mark| mark.step);
        marks
    };
    Ok(run_noted(request, checker, look)?.1)
}

fn noted<S: Shadow>(world: &World<'_, S>, cycles: &Cycles) -> Vec<Mark> {
    let moments = world.core.timeline.iter().flat_map(|timeline| timeline.moments());
    let mark = |moment: &rcsim_go::timeline::Moment| {
        let (kind, name) = match &moment.what {
            Happening::Point { number, place, roots, frames } => {
                (MarkKind::GcPoint, format!("point {number}: {place} ({roots} roots in {frames} frames)"))
            }
            Happening::Action(name) => (MarkKind::Service, name.clone()),
            Happening::Allocation(object) => (MarkKind::Service, format!("object #{object} made")),
            Happening::Instruction { .. } => return None,
        };
        mark(kind, name, moment.step, cycles)
    };
    moments.filter_map(mark).collect()
}

fn mark(kind: MarkKind, name: String, step: u64, cycles: &Cycles) -> Option<Mark> {
    Some(Mark { kind, name, cycle: cycles.after(step)?, step })
}
