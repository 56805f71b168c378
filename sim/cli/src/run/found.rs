//! What the checker found, as diagnostics.

use rcsim_diag::{Code, CodeLine, Diagnostic, Diagnostics, Whose};
use rcsim_gc::barrier::Schedule;
use rcsim_gc::{Checker, Finding, Remark, Site};
use rcsim_go::world::World;
use rcsim_reports::records::StepsBetween;

use super::execute::Place;

/// What came of checking a run.
#[derive(Default)]
pub struct Checked {
    /// Points that were examined.
    pub points: u32,
    /// What was really done at one of them, or why there are none, when they were not examined.
    pub really: Option<String>,
    /// Under the policy that looks at every step: what that showed.
    pub steps: Option<StepsBetween>,
    /// What was found.
    pub found: Vec<Found>,
}

/// A finding with the code that it speaks of.
pub struct Found {
    finding: Finding,
    /// How a marker shows it, when one does.
    schedule: Option<Schedule>,
    /// The guilty instruction, as address and text, or the name of the step.
    line: String,
    /// The function that each event is in, and at last the guilty instruction, where those are instructions.
    functions: Vec<Option<String>>,
    /// What the guilty instruction was compiled from.
    code_line: Option<CodeLine>,
}

/// Collects what the checker knows when a run is over.
pub fn look(world: &World<'_, Checker>) -> Checked {
    let checker = &world.core.shadow;
    let schedules = checker.barrier_findings();
    let schedule =
        |finding: &Finding| schedules.iter().find(|known| known.finding == *finding)?.schedule.clone();
    let found =
        checker.findings().into_iter().map(|finding| one(world, schedule(&finding), finding)).collect();
    Checked { points: checker.points(), really: None, steps: steps(world), found }
}

/// What the steps between points showed, if they were looked at.
fn steps(world: &World<'_, Checker>) -> Option<StepsBetween> {
    let checker = &world.core.shadow;
    let (steps, without_frames) = checker.steps_examined();
    let remark = |remark: &Remark| {
        let (step, pc) = remark.hidden;
        let place = world.code.place(pc);
        let Remark { object, used, .. } = remark;
        format!("#{object} is out of sight from step {step} ({place}) on, and used at step {used}")
    };
    let remarks = checker.remarks().iter().map(remark).collect();
    (steps > 0).then_some(StepsBetween { steps, without_frames, remarks })
}

/// Collects what it knows of write barriers only.
pub fn look_at_barriers(world: &World<'_, Checker>) -> Vec<Found> {
    let findings = world.core.shadow.barrier_findings().into_iter();
    findings.map(|found| one(world, found.schedule, found.finding)).collect()
}

fn one(world: &World<'_, Checker>, schedule: Option<Schedule>, finding: Finding) -> Found {
    let line = match finding.site.pc {
        Some(pc) => {
            let text = world.core.isa.disasm(&world.core.mem, pc).map(|disasm| disasm.text);
            format!("{pc:#x}  {}", text.unwrap_or_default())
        }
        None => finding.site.place.clone(),
    };
    let sites = finding.events.iter().map(|event| &event.site).chain([&finding.site]);
    let functions = sites.map(|site| site.pc.map(|pc| world.code.place(pc))).collect();
    let code_line = finding.site.pc.and_then(|pc| {
        let go_pc = world.core.port.go_pc(&*world.core.isa, pc).unwrap_or(pc);
        world.code.source_line(go_pc).map(|(file, line)| CodeLine { file, line })
    });
    Found { finding, schedule, line, functions, code_line }
}

impl Found {
    /// What led to it and the defect itself, each with the number of guest instructions before it.
    pub fn moments(&self) -> impl Iterator<Item = (u64, String)> + '_ {
        let code = Code::new(self.finding.rule.number());
        let events = self
            .finding
            .events
            .iter()
            .map(move |event| (event.site.step, format!("{code}: {}", event.label)));
        events.chain([(self.finding.site.step, format!("{code}: {}", self.finding.message))])
    }
}

/// The findings.
pub fn diagnostics(checked: &Checked, place: &Place) -> Diagnostics {
    checked.found.iter().map(|found| diagnostic(found, place)).collect()
}

fn diagnostic(found: &Found, place: &Place) -> Diagnostic {
    let Found { finding, schedule, line, functions, code_line } = found;
    let mut diagnostic = Diagnostic::finding(Code::new(finding.rule.number()), &*finding.message)
        .with_place(&*place.text)
        .with_line(&**line, &*finding.remark);
    for (event, function) in finding.events.iter().zip(functions) {
        diagnostic = diagnostic.with_event(&*event.label, at(&event.site, function.as_deref()));
    }
    if let Some(Some(function)) = functions.last() {
        diagnostic = diagnostic.with_event("the use", at(&finding.site, Some(function)));
    }
    for note in &finding.notes {
        diagnostic = diagnostic.with_note(&**note);
    }
    if let Some(line) = code_line {
        diagnostic = diagnostic.with_code_line(line.clone());
    }
    let replay = match (schedule, finding.point) {
        (Some(schedule), _) => place.replay_marking(schedule),
        (None, Some(point)) => place.replay_at(finding.rule, point),
        (None, None) => place.replay.clone(),
    };
    diagnostic.with_whose(Whose::Image(None)).with_replay(replay)
}

fn at(site: &Site, function: Option<&str>) -> String {
    let what = match (function, site.place.is_empty()) {
        (Some(function), true) => function.to_owned(),
        (Some(function), false) => format!("{function}; {}", site.place),
        (None, _) => site.place.clone(),
    };
    format!("step {}: {what}", site.step)
}
