//! The one pass of the checker beside brute force: what it says of every point is compared with runs that really do it.
//!
//! | what the one pass says of a point | what really happens in a run of its own |
//! |---|---|
//! | a collection here frees an object that is used later | the collector frees and overwrites what it has not reached; that memory is used |
//! | or one that a later scan comes upon | a later scan reads a pointer to what was freed |
//! | a move of the stack here misses a pointer that is used later | the stack moves, the old one is unmapped: another end |
//! | the scan reads a word that was never stored | memory that no frame occupies is overwritten, in two runs with different bytes: the scan reads different words |

mod parallel;
mod random;
mod workloads;

use std::ops::AddAssign;

use rcsim_gc::{Checker, Mode};
use rcsim_go::failure::Failure;
use rcsim_go::run::{End, Report, Request, RunError, run_with};

pub use parallel::{Total, in_parallel};
pub use random::{COUNT_OF_KINDS, random};
pub use workloads::Runs;

/// What was compared, and at how many points there was something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Runs in one pass.
    pub runs: u32,
    /// Points.
    pub points: u32,
    /// Points at which a collection frees what is used later.
    pub freed: u32,
    /// Points at which it frees what a later scan reads, though nothing uses it.
    pub dangling: u32,
    /// Points at which a move of the stack misses a pointer.
    pub missed: u32,
    /// Points at which the scan reads an undefined word.
    pub undefined: u32,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.runs += other.runs;
        self.points += other.points;
        self.freed += other.freed;
        self.dangling += other.dangling;
        self.missed += other.missed;
        self.undefined += other.undefined;
    }
}

/// What a run says of its points.
struct Checked {
    report: Report,
    points: Vec<Point>,
    scanned: Vec<Vec<u64>>,
    has_used_freed: bool,
    has_read_freed: bool,
}

/// What the one pass says of a point.
#[derive(Clone, Copy, Debug)]
struct Point {
    freed: bool,
    dangling: bool,
    missed: bool,
    undefined: bool,
}

fn check(request: &Request<'_>, mode: Mode) -> Result<Checked, RunError> {
    let checker = Checker::new(mode, u64::from(request.port.word().bytes));
    let (report, (points, scanned, has_used_freed, has_read_freed)) = run_with(request, checker, |world| {
        let checker = &world.core.shadow;
        let point = |point| Point {
            freed: checker.frees_too_early_at(point),
            dangling: checker.dangles_after(point),
            missed: checker.breaks_by_move_at(point),
            undefined: checker.reads_undefined_at(point),
        };
        let points = (0..checker.points()).map(point).collect();
        let scanned = (0..checker.points()).map(|point| checker.scanned_at(point).to_vec()).collect();
        (points, scanned, checker.has_used_freed_memory(), checker.has_read_freed_pointer())
    })?;
    Ok(Checked { report, points, scanned, has_used_freed, has_read_freed })
}

/// Compare everything at every point of a run.
///
/// # Errors
/// The first difference in words, or why the run cannot start.
pub fn compare(request: &Request<'_>) -> Result<Tally, String> {
    let fast = check(request, Mode::AllPoints).map_err(|error| format!("does not start: {error:?}"))?;
    let scribbled = [run(request, Mode::Scribble(0x5a))?, run(request, Mode::Scribble(0xa5))?];
    let mut tally = Tally { runs: 1, ..Tally::default() };
    for (number, point) in fast.points.iter().enumerate() {
        let at = number as u32;
        collect(request, &fast, at, *point).map_err(|what| format!("point {number}: {what}"))?;
        move_stack(request, &fast, at, *point).map_err(|what| format!("point {number}: {what}"))?;
        // What is read may have changed the run: then there is nothing left to compare.
        if scribbled.iter().all(|run| number < run.scanned.len()) {
            let brute = scribbled[0].scanned[number] != scribbled[1].scanned[number];
            same("the scan reads an undefined word", point.undefined, brute)
                .map_err(|what| format!("point {number}: {what}"))?;
        }
        tally.points += 1;
        tally.freed += u32::from(point.freed);
        tally.dangling += u32::from(point.dangling && !point.freed);
        tally.missed += u32::from(point.missed);
        tally.undefined += u32::from(point.undefined);
    }
    Ok(tally)
}

fn run(request: &Request<'_>, mode: Mode) -> Result<Checked, String> {
    check(request, mode).map_err(|error| format!("{mode:?} does not start: {error:?}"))
}

fn collect(request: &Request<'_>, fast: &Checked, at: u32, point: Point) -> Result<(), String> {
    let brute = run(request, Mode::CollectAt(at))?;
    let end = |what: String| format!("{what}: {:?}", brute.report.end);
    same("a collection frees what is used", point.freed, brute.has_used_freed).map_err(end)?;
    if brute.report.end != fast.report.end && !brute.has_used_freed {
        return Err(end("a collection changes the end though nothing freed is used".to_owned()));
    }
    // What was freed is overwritten: once it is used, nothing later can be compared.
    let comparable = !point.freed;
    let stumbles = !comparable || point.dangling == brute.has_read_freed;
    if stumbles {
        Ok(())
    } else {
        same("a later scan reads what is freed", point.dangling, brute.has_read_freed)
    }
}

fn move_stack(request: &Request<'_>, fast: &Checked, at: u32, point: Point) -> Result<(), String> {
    let brute = run(request, Mode::MoveAt(at))?;
    let broken =
        brute.report.end != fast.report.end && !(breaks_off(&brute.report) && breaks_off(&fast.report));
    same("a move of the stack misses what is used", point.missed, broken)
        .map_err(|what| format!("{what}: {:?}", brute.report.end))
}

/// A run that traps without a move, traps with one, too; but addresses of the stack are others then.
fn breaks_off(report: &Report) -> bool {
    matches!(report.end, End::Failed(Failure::Trap { .. }))
}

fn same(what: &str, fast: bool, brute: bool) -> Result<(), String> {
    if fast == brute { Ok(()) } else { Err(format!("{what}: the one pass says {fast}, the run {brute}")) }
}
