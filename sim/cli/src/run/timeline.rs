//! The time line of a run: a run of its own, in which everything is recorded, and the record of it.
//!
//! Recording looks on and changes nothing, but it makes the interpreter stop after every instruction; so what is reported of a
//! run never comes from here.

use std::collections::BTreeMap;

use rcsim_gc::{Checker, Mode, ShadowObject, Use};
use rcsim_go::run::{Request, RunError, run_recorded};
use rcsim_go::timeline::{self, Pointer};
use rcsim_go::world::World;
use rcsim_machine::{NoShadow, Shadow};
use rcsim_reports::timeline::{self as records, Happening, Line, Moment, Object, Register, Sight, Timeline};
use rcsim_uop::reg::Reg;
use rcsim_workloads::Points;

/// Runs a combination and records it. `None` when nothing was recorded.
///
/// # Errors
/// When it cannot start.
pub fn of(request: &Request<'_>) -> Result<Option<Timeline>, RunError> {
    if request.workload.gc.points == Points::None {
        return Ok(run_recorded(request, NoShadow, |world| record(world, |_| None))?.1);
    }
    let checker = Checker::new(Mode::AllPoints, u64::from(request.port.word().bytes));
    let look = |world: &World<'_, Checker>| {
        let objects = world.core.shadow.objects();
        record(world, |number| objects.get(number as usize - 1))
    };
    Ok(run_recorded(request, checker, look)?.1)
}

/// The record, given what the checker knows of an object.
fn record<'s, S: Shadow>(
    world: &World<'_, S>,
    fate: impl Fn(u32) -> Option<&'s ShadowObject>,
) -> Option<Timeline> {
    let timeline = world.core.timeline.as_ref()?;
    let mut writer =
        Writer { world, lines: BTreeMap::new(), code: Vec::new(), registers: BTreeMap::new(), sight: None };
    let moments = timeline.moments().iter().map(|moment| writer.moment(moment)).collect();
    let code = writer.code;
    let objects = world.heap.objects().map(|object| {
        let fate = fate(object.number).and_then(|object| object.fate.as_ref());
        Object {
            number: object.number,
            bytes: object.bytes,
            what: object.what.to_string(),
            freed_at_point: fate.and_then(|fate| Some(fate.condemned.as_ref()?.point)),
            used_after: fate.and_then(|fate| Some(used(world, fate.usage.as_ref()?))),
        }
    });
    Some(Timeline { objects: objects.collect(), code, moments, truncated: timeline.is_cut_off() })
}

fn used<S: Shadow>(world: &World<'_, S>, usage: &Use) -> records::Use {
    let place = usage.pc.map_or_else(|| usage.place.clone(), |pc| world.code.place(pc));
    records::Use { step: usage.step, place }
}

/// Turns states into what changed.
struct Writer<'a, 'w, S: Shadow> {
    world: &'a World<'w, S>,
    /// Addresses of instructions, with their index.
    lines: BTreeMap<u64, usize>,
    code: Vec<Line>,
    registers: BTreeMap<Reg, Pointer>,
    sight: Option<Sight>,
}

impl<S: Shadow> Writer<'_, '_, S> {
    fn moment(&mut self, moment: &timeline::Moment) -> Moment {
        let what = match &moment.what {
            timeline::Happening::Instruction { pc, phase } => {
                Happening::Instruction { line: self.line(*pc), phase: phase.name().to_owned() }
            }
            timeline::Happening::Action(name) => Happening::Action { name: name.clone() },
            timeline::Happening::Allocation(object) => Happening::Allocation { object: *object },
            timeline::Happening::Point { number, place, roots, frames } => {
                Happening::GcPoint { number: *number, place: place.clone(), roots: *roots, frames: *frames }
            }
        };
        let (registers, sight) = match &moment.state {
            Some(state) => (self.changed_registers(&state.registers), self.changed_sight(state)),
            None => (Vec::new(), None),
        };
        Moment { what, step: moment.step, registers, sight }
    }

    fn line(&mut self, pc: u64) -> usize {
        if let Some(known) = self.lines.get(&pc) {
            return *known;
        }
        let text = self.world.core.isa.disasm(&self.world.core.mem, pc).map(|disasm| disasm.text);
        self.code.push(Line { place: self.world.code.place(pc), text: text.unwrap_or_default() });
        self.lines.insert(pc, self.code.len() - 1);
        self.code.len() - 1
    }

    fn changed_registers(&mut self, now: &[(Reg, Pointer)]) -> Vec<Register> {
        let now: BTreeMap<Reg, Pointer> = now.iter().copied().collect();
        let before = std::mem::replace(&mut self.registers, now);
        let mut all: Vec<Reg> = before.keys().chain(self.registers.keys()).copied().collect();
        all.sort_unstable();
        all.dedup();
        let changed = all.into_iter().filter(|reg| before.get(reg) != self.registers.get(reg));
        changed
            .map(|reg| Register { name: self.name(reg), holds: self.registers.get(&reg).map(pointer) })
            .collect()
    }

    fn name(&self, reg: Reg) -> String {
        self.world.core.isa.regs().name(reg)
    }

    fn changed_sight(&mut self, state: &timeline::State) -> Option<Sight> {
        let now = Some(state.hidden.clone().map_or(Sight::Unknown, Sight::AllBut));
        if now == self.sight {
            return None;
        }
        self.sight = now;
        self.sight.clone()
    }
}

fn pointer(pointer: &Pointer) -> String {
    match pointer {
        Pointer::Object(number, 0) => format!("#{number}"),
        Pointer::Object(number, offset) => format!("#{number}+{offset}"),
        Pointer::Stack(below) => format!("stack-{below}"),
    }
}
