//! The time line of a run: every instruction, every action of a service, every point where the collector may stop the
//! goroutine, with the registers that hold pointers and the objects that a scan would not reach.
//!
//! It is recorded only when somebody asks ([`crate::run::run_recorded`]): the interpreter then returns after every instruction.
//! A pointer is recognised by its value; no object's address is ever another's.

use std::collections::BTreeSet;

use rcsim_machine::Shadow;
use rcsim_machine::shadow::{PointKind, Root};
use rcsim_uop::reg::{Reg, RegClass};

use crate::phases::Phase;
use crate::world::World;

/// Most moments that are recorded; what comes after them runs unrecorded.
pub const MAX_MOMENTS: usize = 4000;
/// The same when instructions are left out.
pub const MAX_EVENTS: usize = 100_000;

/// What happened so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    moments: Vec<Moment>,
    detail: Detail,
    complete: Completeness,
}

/// How much is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Everything, and how things stood. The interpreter returns after every instruction.
    #[default]
    Instructions,
    /// What happens between instructions, each with the number of instructions before it. The interpreter runs as ever.
    Events,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Completeness {
    #[default]
    Whole,
    CutOff,
}

/// One thing that happened, and how things stood then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What happened.
    pub what: Happening,
    /// Guest instructions before it.
    pub step: u64,
    /// How things stood after it; nothing is known for actions of services, which come between.
    pub state: Option<State>,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The instruction at this address was executed.
    Instruction {
        /// Address.
        pc: u64,
        /// The part of the call that it belongs to.
        phase: Phase,
    },
    /// A service began this action.
    Action(String),
    /// The heap object with this number was made.
    Allocation(u32),
    /// The collector may stop the goroutine.
    Point {
        /// Number of the point, from 0.
        number: u32,
        /// Where.
        place: String,
        /// Words that the scan reads as pointers.
        roots: usize,
        /// Frames scanned.
        frames: usize,
    },
}

/// How things stood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Registers that hold pointers.
    pub registers: Vec<(Reg, Pointer)>,
    /// Numbers of the objects that a scan here would not reach; nothing where the frames cannot be told.
    pub hidden: Option<Vec<u32>>,
}

/// Where a pointer points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer {
    /// Into a heap object: its number, and the offset in bytes.
    Object(u32, u64),
    /// Into the stack: so many bytes below its upper end.
    Stack(u64),
}

impl Timeline {
    /// An empty one.
    #[must_use]
    pub fn new(detail: Detail) -> Self {
        Self { detail, ..Self::default() }
    }

    /// What happened, in order.
    #[must_use]
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// Whether there was more than is recorded.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.complete == Completeness::CutOff
    }

    /// A service begins an action.
    pub fn action(&mut self, name: &str, step: u64) {
        let again = self
            .moments
            .last()
            .is_some_and(|last| matches!(&last.what, Happening::Action(known) if known == name));
        if !again {
            self.push(Moment { what: Happening::Action(name.to_owned()), step, state: None });
        }
    }

    fn push(&mut self, moment: Moment) {
        if self.has_room() {
            self.moments.push(moment);
        } else {
            self.complete = Completeness::CutOff;
        }
    }

    fn has_room(&self) -> bool {
        let most = match self.detail {
            Detail::Instructions => MAX_MOMENTS,
            Detail::Events => MAX_EVENTS,
        };
        self.moments.len() < most
    }

    fn wants_instructions(&self) -> bool {
        self.detail == Detail::Instructions && self.has_room()
    }
}

/// Recording.
impl<S: Shadow> World<'_, S> {
    /// Whether the interpreter is to return after every instruction.
    pub(crate) fn records_steps(&self) -> bool {
        self.points_on && self.core.timeline.as_ref().is_some_and(|timeline| timeline.wants_instructions())
    }

    /// Whether anything is recorded, and with it how things stood.
    fn records_states(&self) -> Option<bool> {
        self.core.timeline.as_ref().map(|timeline| timeline.detail == Detail::Instructions)
    }

    /// The instruction at `pc` has been executed, after so many others. A branch with its delay slot is one.
    pub(crate) fn note_step(&mut self, pc: u64, before: u64) {
        if self.records_states().is_none_or(|records| !records) {
            return;
        }
        self.core.shadow.look_away(true);
        let levels = self.step_levels();
        let hidden = levels.map(|levels| {
            let mut roots = Vec::new();
            self.find_roots(PointKind::Step, &levels, &mut roots);
            self.hidden_from(&roots)
        });
        self.core.shadow.look_away(false);
        let what = Happening::Instruction { pc, phase: self.core.meter.phase() };
        self.note(what, before, hidden);
    }

    /// A heap object has been made.
    pub(crate) fn note_allocation(&mut self) {
        if self.core.timeline.is_none() {
            return;
        }
        let number = self.heap.objects().count() as u32;
        let step = self.core.cpu.steps;
        if let Some(timeline) = &mut self.core.timeline {
            timeline.push(Moment { what: Happening::Allocation(number), step, state: None });
        }
    }

    /// The collector may stop the goroutine here, and would read these roots.
    pub(crate) fn note_point(
        &mut self,
        kind: PointKind,
        action: &str,
        roots: &[Root<S::Word>],
        frames: usize,
    ) {
        let Some(states) = self.records_states() else { return };
        let place = match kind {
            PointKind::StackCheck => format!("{}: stack check", self.code.place(self.function_entry())),
            PointKind::Step => self.code.place(self.core.cpu.pc),
            PointKind::Allocation | PointKind::UserCode | PointKind::AfterCall => action.to_owned(),
        };
        let what = Happening::Point { number: self.points, place, roots: roots.len(), frames };
        let step = self.core.cpu.steps;
        if states {
            let hidden = self.hidden_from(roots);
            self.note(what, step, Some(hidden));
        } else if let Some(timeline) = &mut self.core.timeline {
            timeline.push(Moment { what, step, state: None });
        }
    }

    fn note(&mut self, what: Happening, step: u64, hidden: Option<Vec<u32>>) {
        let state = Some(State { registers: self.pointer_registers(), hidden });
        if let Some(timeline) = &mut self.core.timeline {
            timeline.push(Moment { what, step, state });
        }
    }

    /// The registers that hold pointers, in the architecture's order; where a call gives a function registers of its own,
    /// those of the innermost come after the named ones.
    fn pointer_registers(&self) -> Vec<(Reg, Pointer)> {
        let cpu = &self.core.cpu;
        let named = self.core.isa.regs().named().iter();
        let named = named.filter(|info| info.class == RegClass::Int).map(|info| info.reg);
        let window = cpu.windows().last();
        let own =
            window.into_iter().flat_map(|window| (0..window.slots.len() as u8).map(|n| window.first.plus(n)));
        named.chain(own).filter_map(|reg| Some((reg, self.pointer(cpu.reg(reg))?))).collect()
    }

    fn pointer(&self, value: u64) -> Option<Pointer> {
        if self.stack.contains(value) {
            return Some(Pointer::Stack(self.stack.hi - value));
        }
        self.heap.find(value).map(|object| Pointer::Object(object.number, value - object.addr))
    }

    /// Numbers of the objects that a scan from these roots does not reach.
    fn hidden_from(&self, roots: &[Root<S::Word>]) -> Vec<u32> {
        let mut reached = BTreeSet::new();
        let mut work: Vec<u64> = roots.iter().map(|root| root.value).collect();
        while let Some(value) = work.pop() {
            let Some(object) = self.heap.find(value) else { continue };
            if !reached.insert(object.number) {
                continue;
            }
            let words = object.pointers.iter().enumerate().filter(|(_, pointer)| **pointer);
            let words = words.map(|(n, _)| object.addr + n as u64 * self.core.word_bytes());
            work.extend(words.filter_map(|at| self.core.mem.peek(at, self.core.word.access())));
        }
        self.heap.objects().map(|object| object.number).filter(|number| !reached.contains(number)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Happening, MAX_MOMENTS, Timeline};

    #[test]
    fn an_action_that_goes_on_is_one_moment() {
        let mut timeline = Timeline::default();
        for name in ["a", "a", "b", "a"] {
            timeline.action(name, 0);
        }
        let names: Vec<_> = timeline.moments().iter().map(|moment| moment.what.clone()).collect();
        assert_eq!(names, ["a", "b", "a"].map(|name| Happening::Action(name.to_owned())));
    }

    #[test]
    fn what_is_beyond_the_limit_is_left_out_and_that_is_said() {
        let mut timeline = Timeline::default();
        for n in 0..MAX_MOMENTS as u64 {
            timeline.action(&n.to_string(), n);
        }
        assert!(!timeline.is_cut_off());
        timeline.action("one more", 0);
        assert!(timeline.is_cut_off() && timeline.moments().len() == MAX_MOMENTS);
    }
}
