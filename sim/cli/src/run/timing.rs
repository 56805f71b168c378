//! What a run costs on a core: the same call again and again, with the cycle model following.
//!
//! Timing has runs of its own, without the checker: it follows and changes nothing, so what comes out is what came out
//! before, and a test holds it to that.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use rcsim_diag::Diagnostics;
use rcsim_go::follow::{Follower, Following};
use rcsim_go::mutation::Mutation;
use rcsim_go::phases::Phase;
use rcsim_go::run::{CodeChoice, End, Request, RunError, run_followed};
use rcsim_go::world::World;
use rcsim_machine::{NoShadow, RetiredBlock};
use rcsim_reports::timing::{Cost, Events, InsnCost, Part, PhaseCost, Timing};
use rcsim_timing::{Cause, Core, InsnCount, Kind, Model, Outcome, Parts, Stack, TagCount};
use rcsim_uop::Isa;

use super::execute::Place;
use super::failure;
use super::matrix::Combination;
use super::settings::Settings;
use crate::cores;

/// Instructions that are written down for each call, at most.
const MOST_INSTRUCTIONS: usize = 400;

/// A model that several runs follow each other on.
#[derive(Clone)]
pub struct Shared(pub Rc<RefCell<Model>>);

impl Follower for Shared {
    fn begin(&mut self, isa: &Arc<dyn Isa>) {
        self.0.borrow_mut().begin(isa);
    }

    fn retired(&mut self, phase: Phase, run: &RetiredBlock<'_>) {
        self.0.borrow_mut().retired(phase as u8, run);
    }
}

/// What the call costs on the cores that were asked for and execute the architecture.
///
/// # Errors
/// When a run cannot start.
pub fn on_cores(
    combination: &Combination<'_>,
    settings: &Settings,
    place: &Place,
) -> Result<Vec<Timing>, Diagnostics> {
    let features: Vec<&str> = settings.cpu_features.iter().map(String::as_str).collect();
    let request = Request {
        features: &features,
        ..Request::new(
            &combination.file.workload,
            combination.port,
            combination.epoch,
            combination.image.map_or(CodeChoice::BuiltIn, |image| CodeChoice::File(&image.bytes)),
        )
    };
    let fitting = settings.cores.iter().filter(|core| cores::fits(core, combination.port.goarch()));
    let measured: Result<Vec<_>, _> = fitting.map(|core| measure(&request, core, settings.repeat)).collect();
    let measured = measured.map_err(|error| failure::not_started(combination, error, place))?;
    Ok(measured.into_iter().flatten().collect())
}

/// Makes the call `repeats` times on a core that starts with nothing in caches and predictors. `None` when the call does
/// not return: what led up to a failure has no steady state.
///
/// # Errors
/// When a run cannot start.
pub fn measure(request: &Request<'_>, core: &Arc<Core>, repeats: u32) -> Result<Option<Timing>, RunError> {
    let model = Shared(Rc::new(RefCell::new(Model::new(Arc::clone(core), Parts::ALL))));
    let mut costs = Vec::new();
    let mut cold = None;
    let mut warm = None;
    for n in 0..repeats {
        model.0.borrow_mut().restart();
        let following = Following::new(Box::new(model.clone()));
        let described = n == 0 || n + 1 == repeats;
        let (report, (outcome, cost)) =
            run_followed(request, &Mutation::default(), NoShadow, following, |world| {
                let outcome = model.0.borrow_mut().outcome();
                let cost = described.then(|| cost(&outcome, world));
                (outcome, cost)
            })?;
        if !matches!(report.end, End::Returned(_)) {
            return Ok(None);
        }
        costs.push(outcome.cycles);
        if n == 0 {
            cold.clone_from(&cost);
        }
        warm = cost.or(warm);
    }
    let half = &costs[costs.len() / 2..];
    let steady = (half.iter().min().copied().unwrap_or(0), half.iter().max().copied().unwrap_or(0));
    let (Some(cold), Some(warm)) = (cold, warm) else { return Ok(None) };
    let cost_model = core.kind == Kind::CostModel;
    let (core, summary) = (core.name.clone(), core.summary.clone());
    let half = if steady.0 == steady.1 { Vec::new() } else { half.to_vec() };
    Ok(Some(Timing { core, summary, cost_model, repeats, cold, warm, steady, half }))
}

fn cost(outcome: &Outcome, world: &World<'_, NoShadow>) -> Cost {
    let sum = |of: fn(&TagCount) -> u64| outcome.tags.iter().map(of).sum();
    let used = Phase::ALL.into_iter().map(|phase| (phase, &outcome.tags[phase as usize]));
    let phases = used.filter(|(_, count)| count.instructions > 0).map(|(phase, count)| PhaseCost {
        name: phase.name().to_owned(),
        instructions: count.instructions,
        cycles: count.stack.total(),
        stack: parts(&count.stack),
    });
    let events = outcome.events;
    Cost {
        cycles: outcome.cycles,
        instructions: sum(|count| count.instructions),
        operations: sum(|count| count.operations),
        stack: whole_stack(outcome),
        phases: phases.collect(),
        chain: parts(&outcome.chain),
        instructions_by_cycles: instructions(&outcome.insns, world),
        events: Events {
            branches: events.branches,
            mispredicted: events.mispredicted,
            l1d_misses: events.memory.l1d_misses,
            l2_misses: events.memory.l2_misses,
            l1i_misses: events.memory.l1i_misses,
            dtlb_misses: events.memory.dtlb_misses,
        },
    }
}

fn parts(stack: &Stack) -> Vec<Part> {
    let all =
        Cause::ALL.iter().map(|cause| Part { cause: cause.name().to_owned(), cycles: stack.of(*cause) });
    all.filter(|part| part.cycles > 0).collect()
}

fn whole_stack(outcome: &Outcome) -> Vec<Part> {
    let all = Cause::ALL.iter().map(|cause| Part {
        cause: cause.name().to_owned(),
        cycles: outcome.tags.iter().map(|count| count.stack.of(*cause)).sum(),
    });
    all.filter(|part| part.cycles > 0).collect()
}

fn instructions(insns: &[InsnCount], world: &World<'_, NoShadow>) -> Vec<InsnCost> {
    let costly = insns.iter().filter(|insn| insn.cycles > 0 || insn.critical > 0);
    costly
        .take(MOST_INSTRUCTIONS)
        .map(|insn| InsnCost {
            place: world.code.place(insn.pc),
            text: world
                .core
                .isa
                .disasm(&world.core.mem, insn.pc)
                .map_or_else(|_| String::new(), |one| one.text),
            phase: phase_name(insn.tag),
            executions: insn.executions,
            cycles: insn.cycles,
            critical: insn.critical,
        })
        .collect()
}

fn phase_name(tag: u8) -> String {
    let phase = Phase::ALL.into_iter().find(|phase| *phase as u8 == tag);
    phase.map_or("", Phase::name).to_owned()
}
