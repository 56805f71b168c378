//! Which mutants there are of the machinery of one architecture and epoch.
//!
//! Instructions are changed below the block cache, in the micro-ops that they were lifted to (`rcsim_uop::vary`): that is the
//! same for every architecture, needs no encoder, cannot be stopped by a validator or by the room that an encoding has, and
//! tells one effect of an instruction from another. What the change looks like in bytes is not the point of the question
//! whether the checker would notice it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rcsim_go::code::CodeFunction;
use rcsim_go::deviation::Deviation;
use rcsim_go::mutation::Mutation;
use rcsim_uop::edit::{Edits, Lifted};
use rcsim_uop::port::{BuiltinFunction, FrameMaps};
use rcsim_uop::vary::{self, Slip};
use rcsim_uop::{Epoch, build_edited_block};
use rcsim_workloads::patch::FrameFact;

use crate::listing::Program;

/// Steps of services that are the simulator's own doing rather than code of Go's: what a workload and its callee do, host
/// bookkeeping, unwinding.
const OWN_STEPS: [&str; 9] = [
    "workload",
    "caller",
    "callee",
    "unwind",
    "make ",
    "read the results",
    "set up",
    "move the stack",
    "open the frame",
];

/// What kind of change a mutant is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An instruction does something else.
    Insn(Slip),
    /// A bit of an argument map is other.
    MapBit,
    /// A table states another size of frame or arguments.
    FrameSize,
    /// A step of a service is left out.
    Step,
    /// The services deviate.
    Deviation,
}

impl Kind {
    /// All kinds, in the order of the table.
    pub fn all() -> Vec<Self> {
        let slips = Slip::ALL.into_iter().map(Self::Insn);
        slips.chain([Self::MapBit, Self::FrameSize, Self::Step, Self::Deviation]).collect()
    }

    /// Its name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Insn(slip) => slip.name(),
            Self::MapBit => "map bit",
            Self::FrameSize => "frame size",
            Self::Step => "skip step",
            Self::Deviation => "deviation",
        }
    }
}

/// On what a workload must come for the mutant to matter to it.
pub enum Needs {
    /// On one of these instructions.
    Pc(BTreeSet<u64>),
    /// On this step.
    Step(String),
    /// On nothing that is known beforehand.
    Anything,
}

/// One change of the machinery.
pub struct Mutant {
    /// What kind.
    pub kind: Kind,
    /// Where: `runtime.call64+0x17`, a step, a deviation.
    pub place: String,
    /// The instruction there, or nothing.
    pub text: String,
    /// What is other.
    pub what: String,
    /// The change itself.
    pub mutation: Mutation,
    /// Which workloads can notice.
    pub needs: Needs,
    /// Why nobody can tell it from the original, where that is known without running it.
    pub equivalent: Option<&'static str>,
}

impl Mutant {
    /// One line that names it.
    pub fn line(&self) -> String {
        let text = if self.text.is_empty() { String::new() } else { format!("  {}", self.text) };
        format!("{}{text}  {}: {}", self.place, self.kind.name(), self.what)
    }
}

/// Every mutant, in order of place; `steps` are those that some workload takes.
pub fn all(program: &Program, epoch: Epoch, steps: &BTreeSet<String>) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for function in program.code.functions() {
        of_function(program, function, &mut mutants);
    }
    let named = steps.iter().filter(|step| !OWN_STEPS.iter().any(|own| step.starts_with(own)));
    mutants.extend(named.map(|step| of_step(step)));
    let deviations =
        Deviation::ALL.iter().filter(|deviation| deviation.concerns(epoch) && !deviation.in_epoch(epoch));
    mutants.extend(deviations.map(|deviation| of_deviation(*deviation)));
    number_alike(&mut mutants);
    mutants
}

/// Parts of one instruction can change alike: from the second on a number tells them apart.
fn number_alike(mutants: &mut [Mutant]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for mutant in mutants {
        let count = seen.entry(mutant.line()).or_insert(0);
        *count += 1;
        if *count > 1 {
            let _ = write!(mutant.what, ", part {count}");
        }
    }
}

/// An instruction with its listing.
struct Insn {
    lifted: Lifted,
    place: String,
    text: String,
}

fn of_function(program: &Program, function: &CodeFunction, out: &mut Vec<Mutant>) {
    let insns = insns(program, function);
    let word = program.port.word().bytes;
    let after = |pc: u64| {
        program.code.at(pc)?;
        Lifted::at(&*program.isa, &program.view, pc).ok().map(|lifted| lifted.end())
    };
    for (n, insn) in insns.iter().enumerate() {
        for variant in vary::variants(&insn.lifted, &*program.isa, word, &after) {
            out.extend(of_insn(program, insn, variant));
        }
        if let Some(next) = insns.get(n + 1) {
            out.extend(of_pair(program, insn, next));
        }
    }
    if let Some((built, _)) = program.code.built_in_at(function.entry) {
        of_frame(built, function, word, out);
    }
}

fn insns(program: &Program, function: &CodeFunction) -> Vec<Insn> {
    let mut insns = Vec::new();
    let mut pc = function.entry;
    while pc < function.end {
        let Ok(lifted) = Lifted::at(&*program.isa, &program.view, pc) else { break };
        let text = program.isa.disasm(&program.view, pc).map(|disasm| disasm.text).unwrap_or_default();
        let place = program.code.place(pc);
        pc = lifted.end().max(pc + 1);
        insns.push(Insn { lifted, place, text });
    }
    insns
}

fn edited(program: &Program, lifted: &[&Lifted]) -> Option<Mutation> {
    let mut edits = Edits::none();
    for one in lifted {
        edits.put((*one).clone());
    }
    // A change that the language of micro-ops does not allow is no mutant.
    for one in lifted {
        let pc = one.insns.first()?.pc;
        build_edited_block(&*program.isa, &program.view, &edits, pc, 1).ok()?;
    }
    Some(Mutation { code: edits, ..Mutation::default() })
}

fn of_insn(program: &Program, insn: &Insn, variant: vary::Variant) -> Option<Mutant> {
    let pcs = insn.lifted.insns.iter().map(|mark| mark.pc).collect();
    Some(Mutant {
        kind: Kind::Insn(variant.slip),
        place: insn.place.clone(),
        text: insn.text.clone(),
        what: variant.what,
        mutation: edited(program, &[&variant.lifted])?,
        needs: Needs::Pc(pcs),
        equivalent: None,
    })
}

fn of_pair(program: &Program, insn: &Insn, next: &Insn) -> Option<Mutant> {
    let [early, late] = vary::swapped(&insn.lifted, &next.lifted)?;
    let independent = vary::independent(&insn.lifted, &next.lifted, &*program.isa);
    let marks = insn.lifted.insns.iter().chain(&next.lifted.insns);
    Some(Mutant {
        kind: Kind::Insn(Slip::Swap),
        place: insn.place.clone(),
        text: insn.text.clone(),
        what: format!("with {}", next.text),
        mutation: edited(program, &[&early, &late])?,
        needs: Needs::Pc(marks.map(|mark| mark.pc).collect()),
        equivalent: independent.then_some("neither reads or writes what the other writes"),
    })
}

fn of_frame(built: &BuiltinFunction, function: &CodeFunction, word: u8, out: &mut Vec<Mutant>) {
    let mut add = |kind, what: String, fact| {
        out.push(Mutant {
            kind,
            place: function.name.clone(),
            text: String::new(),
            what,
            mutation: Mutation { frames: vec![(function.name.clone(), fact)], ..Mutation::default() },
            needs: Needs::Pc([function.entry].into()),
            equivalent: None,
        });
    };
    if built.maps == FrameMaps::Prototype {
        for (n, pointer) in built.args.words.iter().enumerate() {
            let fact = FrameFact::ArgIsPointer { bit: n as u32, value: !pointer };
            let what = format!("argument word {n} is {} pointer", if *pointer { "no" } else { "a" });
            add(Kind::MapBit, what, fact);
        }
    }
    if built.frame_bytes > 0 {
        for (sign, bytes) in [
            ("+", built.frame_bytes.checked_add(word.into())),
            ("-", built.frame_bytes.checked_sub(word.into())),
        ] {
            if let Some(bytes) = bytes {
                add(Kind::FrameSize, format!("frame {sign}{word}"), FrameFact::FrameBytes(bytes));
            }
        }
    }
}

fn of_step(step: &str) -> Mutant {
    Mutant {
        kind: Kind::Step,
        place: step.to_owned(),
        text: String::new(),
        what: "left out".to_owned(),
        mutation: Mutation { steps: vec![step.to_owned()], ..Mutation::default() },
        needs: Needs::Step(step.to_owned()),
        equivalent: None,
    }
}

fn of_deviation(deviation: Deviation) -> Mutant {
    Mutant {
        kind: Kind::Deviation,
        place: deviation.name().to_owned(),
        text: String::new(),
        what: deviation.sentence().to_owned(),
        mutation: Mutation { deviations: vec![deviation], ..Mutation::default() },
        needs: Needs::Anything,
        equivalent: None,
    }
}
