//! `rcsim run --trace`: one call on one core, moment by moment, for viewers.
//!
//! Two runs make a trace, both as reported: in one the core notes when each operation went where, in the other the checker looks
//! on and what happens between instructions is noted. The number of instructions before a moment joins them.
//!
//! | file | idea |
//! |---|---|
//! | `target.rs` | which file, which format |
//! | `visits.rs` | which blocks ran, and how control went from one to the next |
//! | `calls.rs` | the functions that this makes |
//! | `events.rs` | what happened between instructions |

mod calls;
mod events;
mod target;
mod visits;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use rcsim_diag::{Diagnostic, Diagnostics};
use rcsim_go::follow::Following;
use rcsim_go::mutation::Mutation;
use rcsim_go::phases::Phase;
use rcsim_go::run::{Request, RunError, run_followed};
use rcsim_go::world::World;
use rcsim_machine::NoShadow;
use rcsim_reports::trace::{Line, Op, Span, Trace};
use rcsim_timing::{Core, Model, OpTimes, Parts, Recorded};

use super::execute::{self, Place};
use super::matrix::Combination;
use super::settings::Settings;
use super::{failure, timing};
use crate::cores;
pub use target::Target;
use visits::{Visit, Visitor};

/// Operations that are noted, at most: viewers have limits, too.
const MOST_OPERATIONS: usize = 400_000;

/// Finds out, before anything runs, whether a trace can be made and written.
///
/// # Errors
/// When there is more than one call to be seen, or the file cannot be written.
pub fn check(runs: &[Combination<'_>], chosen: &[Arc<Core>], target: &Target) -> Result<(), Diagnostics> {
    if runs.len() != 1 || chosen.len() != 1 {
        let message = format!(
            "a trace shows one call on one core, and these are {} runs on {} cores",
            runs.len(),
            chosen.len()
        );
        let help =
            "name one workload, and one core with --core; where that leaves several, also --arch and --epoch";
        return Err(Diagnostic::input(message).with_help(help).into());
    }
    target.check()
}

/// Makes the call again, with everybody looking on, and writes what they saw.
///
/// # Errors
/// When it cannot start, or the file cannot be written.
pub fn write(
    combination: &Combination<'_>,
    settings: &Settings,
    core: &Arc<Core>,
    target: &Target,
) -> Result<(), Diagnostics> {
    let place = Place::of(combination, settings);
    if !cores::fits(core, combination.port.goarch()) {
        return Ok(());
    }
    let features = execute::features(settings);
    let request = execute::request(combination, &features, false);
    let traced = of(&request, combination, core, settings.repeat, &place);
    let trace = traced.map_err(|error| failure::not_started(combination, error, &place))?;
    target.write(&trace)
}

fn of(
    request: &Request<'_>,
    combination: &Combination<'_>,
    core: &Arc<Core>,
    repeats: u32,
    place: &Place,
) -> Result<Trace, RunError> {
    let mut trace = last_call(request, core, repeats)?;
    let marks = events::marks(request, combination, &trace.cycles)?;
    trace.trace.marks = marks;
    trace.trace.title.clone_from(&place.text);
    Ok(trace.trace)
}

/// A trace, and the cycles of its instructions.
struct Timed {
    trace: Trace,
    cycles: Cycles,
}

/// When instructions retired.
struct Cycles {
    /// Number of an instruction, and the cycle in which its last operation retired.
    retired: Vec<(u64, u64)>,
    began: u64,
    /// Whether later ones are missing.
    truncated: bool,
}

impl Cycles {
    fn of(recorded: &Recorded, zero: u64) -> Self {
        let retired = recorded.ops.iter().map(|op| (op.step, op.retired - zero)).collect();
        Self { retired, began: recorded.began - zero, truncated: recorded.truncated }
    }

    /// The cycle in which so many instructions had retired; nothing when that was not noted.
    fn after(&self, steps: u64) -> Option<u64> {
        let before = self.retired.partition_point(|(step, _)| *step < steps);
        if self.truncated && before == self.retired.len() {
            return None;
        }
        Some(before.checked_sub(1).map_or(self.began, |last| self.retired[last].1))
    }
}

/// Makes the call so many times and looks at the last.
fn last_call(request: &Request<'_>, core: &Arc<Core>, repeats: u32) -> Result<Timed, RunError> {
    let model = Rc::new(RefCell::new(Model::new(Arc::clone(core), Parts::ALL)));
    for _ in 1..repeats {
        model.borrow_mut().restart();
        let following = Following::new(Box::new(timing::Shared(Rc::clone(&model))));
        run_followed(request, &Mutation::default(), NoShadow, following, |_| ())?;
    }
    model.borrow_mut().restart();
    model.borrow_mut().record(MOST_OPERATIONS);
    let visitor = Visitor::new(Rc::clone(&model));
    let visits = visitor.visits();
    let following = Following::new(Box::new(visitor));
    let look = |world: &World<'_, NoShadow>| {
        let recorded = model.borrow_mut().take_recorded();
        timed(world, core, &recorded, &visits.borrow())
    };
    let (_, timed) = run_followed(request, &Mutation::default(), NoShadow, following, look)?;
    Ok(timed)
}

fn timed(world: &World<'_, NoShadow>, core: &Core, recorded: &Recorded, visits: &[Visit]) -> Timed {
    let delivered = recorded.ops.iter().map(|op| op.delivered);
    let zero = delivered.min().map_or(recorded.began, |first| first.min(recorded.began));
    let cycles = Cycles::of(recorded, zero);
    let mut lines = Lines { world, known: HashMap::new(), lines: Vec::new() };
    let first = recorded.ops.first().map_or(0, |op| op.number);
    let ops: Vec<Op> = recorded.ops.iter().map(|op| operation(op, zero, first, &mut lines)).collect();
    let trace = Trace {
        title: String::new(),
        core: core.name.clone(),
        lines: lines.lines,
        phases: phases(&ops, cycles.began),
        ops,
        calls: calls::calls(&world.code, visits, &cycles),
        marks: Vec::new(),
        truncated: recorded.truncated,
    };
    Timed { trace, cycles }
}

fn operation(op: &OpTimes, zero: u64, first: u64, lines: &mut Lines<'_, '_>) -> Op {
    Op {
        line: lines.of(op),
        first: op.first,
        class: op.class.name(),
        phase: phase(op.tag).name(),
        step: op.step,
        delivered: op.delivered - zero,
        dispatched: op.dispatched.saturating_sub(zero),
        started: op.started.saturating_sub(zero),
        done: op.done.saturating_sub(zero),
        retired: op.retired.saturating_sub(zero),
        waited_for: op.waited_for.and_then(|number| Some(number.checked_sub(first)? as usize)),
    }
}

fn phase(tag: u8) -> Phase {
    Phase::ALL.into_iter().find(|phase| *phase as u8 == tag).unwrap_or(Phase::Outside)
}

/// Phases from the retirement of what came before to that of their last operation: their lengths are those of the report.
fn phases(ops: &[Op], began: u64) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for op in ops {
        match spans.last_mut() {
            Some(last) if last.name == op.phase => last.end = op.retired,
            last => {
                let start = last.map_or(began, |last| last.end);
                spans.push(Span { name: op.phase.to_owned(), depth: 0, start, end: op.retired });
            }
        }
    }
    spans
}

/// The instructions that ran, each once.
struct Lines<'a, 'w> {
    world: &'a World<'w, NoShadow>,
    known: HashMap<(u64, bool), usize>,
    lines: Vec<Line>,
}

impl Lines<'_, '_> {
    fn of(&mut self, op: &OpTimes) -> usize {
        if let Some(known) = self.known.get(&(op.pc, op.fused)) {
            return *known;
        }
        let text = if op.fused { self.pair(op.pc) } else { self.text(op.pc).0 };
        self.lines.push(Line { place: self.world.code.place(op.pc), text });
        self.known.insert((op.pc, op.fused), self.lines.len() - 1);
        self.lines.len() - 1
    }

    fn pair(&self, pc: u64) -> String {
        let (first, bytes) = self.text(pc);
        format!("{first} + {}", self.text(pc + bytes).0)
    }

    /// The text of an instruction, and its length in bytes.
    fn text(&self, pc: u64) -> (String, u64) {
        let disasm = self.world.core.isa.disasm(&self.world.core.mem, pc);
        disasm.map_or_else(|_| (String::new(), 0), |one| (one.text, u64::from(one.len)))
    }
}
