//! Hidden pointers: what the checker saw, as diagnostics.

use rcsim_diag::{Diagnostic, Diagnostics, Whose};
use rcsim_gc::{Checker, Condemned, ShadowObject, Use};
use rcsim_go::world::World;

use super::execute::Place;
use crate::findings;

/// What came of checking a run.
#[derive(Default)]
pub struct Checked {
    /// Points that were examined.
    pub points: u32,
    /// What was hidden at them.
    pub hidden: Vec<Hidden>,
}

/// Objects that one point would have freed although they were used later.
pub struct Hidden {
    /// The object whose last visible reference was lost.
    object: ShadowObject,
    condemned: Condemned,
    usage: Use,
    /// How many objects behind it are lost with it.
    others: usize,
    /// Where the use is, as address and text of the instruction or name of the step.
    line: String,
    /// The function that the use is in, for an instruction.
    function: Option<String>,
}

/// Collects what the checker knows when a run is over.
pub fn look(world: &World<'_, Checker>) -> Checked {
    let checker = &world.core.shadow;
    let mut hidden: Vec<Hidden> = Vec::new();
    for (object, condemned, usage) in checker.hidden() {
        // One finding for each point: what is lost first is what somebody still held.
        let known = hidden.iter_mut().find(|known| known.condemned.point == condemned.point);
        match known {
            Some(known) if !known.condemned.holders.is_empty() || condemned.holders.is_empty() => {
                known.others += 1;
            }
            Some(known) => {
                let others = known.others + 1;
                *known = one(world, object, condemned, usage, others);
            }
            None => hidden.push(one(world, object, condemned, usage, 0)),
        }
    }
    hidden.sort_by_key(|hidden| hidden.condemned.point);
    Checked { points: checker.points(), hidden }
}

fn one(
    world: &World<'_, Checker>,
    object: &ShadowObject,
    condemned: &Condemned,
    usage: &Use,
    others: usize,
) -> Hidden {
    let line = match usage.pc {
        Some(pc) => {
            let text = world.core.isa.disasm(&world.core.mem, pc).map(|disasm| disasm.text);
            format!("{pc:#x}  {}", text.unwrap_or_default())
        }
        None => usage.place.clone(),
    };
    Hidden {
        object: object.clone(),
        condemned: condemned.clone(),
        usage: usage.clone(),
        others,
        line,
        function: usage.pc.map(|pc| world.code.place(pc)),
    }
}

/// The findings.
pub fn diagnostics(checked: &Checked, place: &Place) -> Diagnostics {
    checked.hidden.iter().map(|hidden| diagnostic(hidden, place)).collect()
}

fn diagnostic(hidden: &Hidden, place: &Place) -> Diagnostic {
    let Hidden { object, condemned, usage, .. } = hidden;
    let number = object.number;
    let verb = if usage.write { "writes" } else { "reads" };
    let message = format!("hidden pointer: object #{number} would be freed while it is still used");
    let remark =
        format!("{verb} #{number} at offset {}, freed at GC point {}", usage.offset, condemned.point);
    let (frames, words) = condemned.scanned;
    let scanned = format!("{}; scanned: {frames} frames, {words} words", condemned.place);
    let at = |step: u64, what: &str| format!("step {step}: {what}");
    let mut finding = Diagnostic::finding(findings::HIDDEN_POINTER.code, message)
        .with_place(&*place.text)
        .with_line(&*hidden.line, remark)
        .with_event(
            format!("#{number} ({} bytes, {}) was allocated here", object.bytes, object.what),
            at(object.step, &object.place),
        )
        .with_event(
            format!("GC point {} may stop the goroutine here", condemned.point),
            at(condemned.step, &scanned),
        )
        .with_note(held(number, condemned));
    if let Some(function) = &hidden.function {
        finding = finding.with_event("the use", at(usage.step, function));
    }
    if hidden.others > 0 {
        finding = finding.with_note(format!("{} more objects are lost with it", hidden.others));
    }
    finding.with_whose(Whose::Image(None)).with_replay(place.replay_at(condemned.point))
}

/// What held the object when the collector did not see it.
fn held(number: u32, condemned: &Condemned) -> String {
    match &condemned.holders[..] {
        [] => format!("at that point #{number} was held by other hidden objects only"),
        holders => {
            format!("at that point only {} held it, and the scan reads none of them", holders.join(", "))
        }
    }
}
