//! The rules about frames: who may touch which word of the stack, what a call must find and leave, how frames are found again.
//!
//! Owns: a second view of the stack, kept while the machine runs: which functions are on it, where the frame of each lies, what
//! addresses each was given ([`chain`]). From it the rules judge each access of guest code ([`access`], RC0202 and RC0203), each
//! call and return ([`edge`], RC0203, RC0205, RC0206); [`values`] and [`handed_on`] judge what arrives (RC0201, RC0204) and [`nosplit`] the code
//! itself (RC0207). Must not know: any function by name but those that Go's own runtime knows by name, architectures, epochs.
//!
//! Start at [`FrameWatch`]. It looks on as an observer, changes nothing, and hands what it found to the world, which tells the
//! shadow.

pub mod access;
pub mod chain;
pub mod edge;
pub mod fact;
mod frame_pointer;
pub mod handed_on;
pub mod nosplit;
pub mod values;

use std::collections::{BTreeMap, BTreeSet};

use rcsim_machine::shadow::{FrameRule, Violation};
use rcsim_machine::{Observer, Sight};
use rcsim_uop::isa::Isa;
use rcsim_uop::op::{Access, Edge, Op};
use rcsim_uop::port::{Convention, Link, Port, WordFormat};
use rcsim_uop::reg::{Reg, RegClass};
use rcsim_uop::{Block, Epoch};

use crate::code::Code;
use crate::stack::Stack;
use chain::{Borrowed, Level};
use edge::PendingService;
use fact::Fact;

/// Most findings that one run keeps: a broken stack breaks every rule at every step.
const MAX_FOUND: usize = 32;

/// Watches the frames of a run.
pub struct FrameWatch {
    pub(crate) epoch: Epoch,
    pub(crate) convention: Convention,
    pub(crate) format: WordFormat,
    /// Integer registers other than those that hold a frame's own address.
    pub(crate) registers: Vec<Reg>,
    pub(crate) stack: Stack,
    pub(crate) chain: Vec<Level>,
    facts: Vec<Option<Fact>>,
    /// Distances of the stack pointer by return address, as the image's tables give them.
    pub(crate) deltas: BTreeMap<u64, Option<i64>>,
    /// Argument words that a callee has had, by their distance from the stack's end.
    pub(crate) had: BTreeMap<u64, Had>,
    /// Heap objects by address: start and end.
    pub(crate) objects: Vec<(u64, u64)>,
    pub(crate) last_object: (u64, u64),
    /// The services that functions of the image call, by their address.
    pub(crate) services: BTreeMap<u64, ServiceFact>,
    pub(crate) pending: Option<PendingService>,
    /// The instruction at hand.
    pub(crate) pc: u64,
    pub(crate) step: u64,
    /// Where the guest stored last.
    pub(crate) last_store: u64,
    /// Where prologues find what they compare the stack pointer with.
    pub(crate) guard: u64,
    /// The register that a call through a pointer leaves its target in, by the port's convention.
    pub(crate) callee_address: Option<Reg>,
    /// The block that ran last ends in a call through a pointer.
    pub(crate) through_pointer: bool,
    /// The host is about to enter guest code.
    pub(crate) entered_by_host: bool,
    pub(crate) host_return: u64,
    /// The stack pointer is lost: nothing can be said any more.
    pub(crate) lost: bool,
    /// Where the function at hand may go on without being looked at again.
    quiet: Quiet,
    seen: BTreeSet<(u8, u64)>,
    found: Vec<Violation>,
}

/// What is known of a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServiceFact {
    /// Its name.
    pub name: &'static str,
    /// Bytes of its caller's frame that it may use: stack arguments, results, space to spill register arguments to.
    pub room_bytes: u64,
    /// Bytes of stack arguments among them, from the start, without results.
    pub args_bytes: u64,
}

/// An argument word that belonged to a callee during a call which is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Had {
    /// The function or service that was called.
    pub callee: Callee,
    /// The instruction that called it.
    pub pc: u64,
    /// When.
    pub step: u64,
}

/// Who was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A function of the image, by its entry.
    Function(u64),
    /// A service, by its name.
    Service(&'static str),
}

/// What stays within one function: instructions and memory that need no closer look.
#[derive(Clone, Copy, Debug, Default)]
struct Quiet {
    entry: u64,
    end: u64,
    return_to: u64,
    entry_sp: u64,
}

impl FrameWatch {
    /// A watch for a goroutine whose stack is announced later.
    #[must_use]
    pub fn new(port: &dyn Port, epoch: Epoch, isa: &dyn Isa, functions: usize) -> Self {
        let convention = port.convention_in(epoch);
        let own = [Some(convention.sp), convention.frame_pointer];
        let named = isa.regs().named().iter().filter(|info| info.class == RegClass::Int);
        let registers = named.map(|info| info.reg).filter(|reg| !own.contains(&Some(*reg))).collect();
        Self {
            epoch,
            convention,
            format: port.word(),
            registers,
            stack: Stack { lo: 0, hi: 0 },
            chain: Vec::new(),
            facts: vec![None; functions],
            deltas: BTreeMap::new(),
            had: BTreeMap::new(),
            objects: Vec::new(),
            last_object: (0, 0),
            services: BTreeMap::new(),
            pending: None,
            pc: 0,
            step: 0,
            last_store: 0,
            guard: u64::MAX,
            callee_address: port.callee_address(epoch),
            through_pointer: false,
            entered_by_host: false,
            host_return: 0,
            lost: false,
            quiet: Quiet::default(),
            seen: BTreeSet::new(),
            found: Vec::new(),
        }
    }

    /// What was found since the last time.
    pub fn take_found(&mut self) -> Vec<Violation> {
        std::mem::take(&mut self.found)
    }

    /// Bytes of a pointer.
    pub(crate) fn word(&self) -> u64 {
        u64::from(self.format.bytes)
    }

    /// The access that loads a saved register.
    pub(crate) fn register_access(&self) -> Access {
        self.format.access_of(self.format.register_bytes)
    }

    /// Bytes that a call pushes.
    pub(crate) fn pushed(&self) -> u64 {
        match self.convention.link {
            Link::Stack => u64::from(self.format.register_bytes),
            Link::Register(_) => 0,
        }
    }

    /// Note a violation by the instruction at hand, unless it, or the function that is to blame, has broken the same rule before.
    pub(crate) fn report(&mut self, told: Told) {
        let whose = told.function.unwrap_or(self.pc);
        if self.found.len() >= MAX_FOUND || !self.seen.insert((told.rule as u8, whose)) {
            return;
        }
        self.found.push(Violation {
            rule: told.rule,
            message: told.message,
            pc: Some(self.pc),
            place: String::new(),
            step: self.step,
            remark: told.remark,
            events: told.events,
            notes: told.notes,
        });
    }

    /// From now on the function on top of the stack runs.
    pub(crate) fn settle(&mut self) {
        self.quiet = match self.chain.last() {
            Some(Level::Guest(frame)) => Quiet {
                entry: frame.fact.entry,
                end: frame.fact.end,
                return_to: frame.return_to,
                entry_sp: frame.entry_sp,
            },
            _ => Quiet::default(),
        };
    }
}

/// A violation without its site.
pub(crate) struct Told {
    pub rule: FrameRule,
    /// The function that is to blame as a whole, by its entry: it is blamed once.
    pub function: Option<u64>,
    pub message: String,
    pub remark: String,
    pub events: Vec<(String, Option<u64>, String, u64)>,
    pub notes: Vec<String>,
}

impl Told {
    pub fn new(rule: FrameRule, message: impl Into<String>, remark: impl Into<String>) -> Self {
        let (message, remark) = (message.into(), remark.into());
        Self { rule, function: None, message, remark, events: Vec::new(), notes: Vec::new() }
    }

    /// Blame a function rather than one of its instructions.
    pub fn of(mut self, function: &Fact) -> Self {
        self.function = Some(function.entry);
        self
    }

    /// What led to it.
    pub fn after(mut self, label: impl Into<String>, pc: u64, step: u64) -> Self {
        self.events.push((label.into(), Some(pc), String::new(), step));
        self
    }

    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }
}

/// The watch with the code that it looks at.
pub struct Watching<'a> {
    /// What it knows.
    pub watch: &'a mut FrameWatch,
    /// The code.
    pub code: &'a Code,
    /// The port.
    pub port: &'static dyn Port,
    /// The instruction set.
    pub isa: &'a dyn Isa,
}

impl Watching<'_> {
    /// The function at an address.
    pub(crate) fn fact_at(&mut self, pc: u64) -> Option<Fact> {
        let index = self.code.index_at(pc)?;
        if let Some(fact) = self.watch.facts[index] {
            return Some(fact);
        }
        let entry = self.code.functions()[index].entry;
        let go_pc = self.port.go_pc(self.isa, entry).unwrap_or(entry);
        let fact = Fact::of(self.code, index, go_pc);
        self.watch.facts[index] = Some(fact);
        Some(fact)
    }

    /// The name of a function.
    pub(crate) fn name(&self, fact: &Fact) -> &str {
        &self.code.functions()[fact.index].name
    }

    /// The name of somebody who was called.
    pub(crate) fn callee(&self, callee: Callee) -> String {
        match callee {
            Callee::Function(pc) => self.code.place(pc),
            Callee::Service(name) => name.to_owned(),
        }
    }
}

impl Observer for Watching<'_> {
    const INSNS: bool = true;
    const MEMORY: bool = true;
    const STATE: bool = true;
    const HELPER_MEMORY: bool = true;

    #[inline]
    fn state<V: Sight>(&mut self, block: &Block, sight: &V) {
        let quiet = self.watch.quiet;
        let pc = block.pc;
        let inside = quiet.entry < pc && pc < quiet.end && pc != quiet.return_to;
        let ends_in_such_a_call = self.watch.callee_address.is_some() && is_call_through_pointer(block);
        let through_pointer = std::mem::replace(&mut self.watch.through_pointer, ends_in_such_a_call);
        if inside && sight.reg(self.watch.convention.sp) <= quiet.entry_sp && self.watch.pending.is_none() {
            return;
        }
        if !self.watch.lost {
            self.watch.step = sight.steps();
            if through_pointer {
                self.judge_callee_address(pc, sight);
            }
            self.moved_on(pc, sight);
            self.watch.settle();
        }
    }

    #[inline(always)]
    fn insn(&mut self, block: &Block, index: usize) {
        self.watch.pc = block.insns[index].pc;
    }

    #[inline]
    fn memory(&mut self, addr: u64, bytes: u64, write: bool) {
        if !self.watch.lost {
            self.accessed(addr, bytes, write);
        }
    }

    fn helper_memory(&mut self, addr: u64, bytes: u64, write: bool) {
        self.memory(addr, bytes, write);
    }
}

fn is_call_through_pointer(block: &Block) -> bool {
    matches!(block.ops.last(), Some(Op::GotoReg { edge: Edge::Call, .. }))
}

/// What the world tells.
impl FrameWatch {
    /// The stack is another one; the distance of everything from its end is the same.
    pub fn stack_is(&mut self, stack: Stack) {
        let old = std::mem::replace(&mut self.stack, stack);
        let by = stack.hi.wrapping_sub(old.hi);
        for level in &mut self.chain {
            level.shift(old, by);
        }
        self.settle();
    }

    /// A service has opened its frame: what is from `low` up to `entry_sp`, its own memory from `locals` on.
    pub fn service_opened(&mut self, entry_sp: u64, low: u64, locals: u64) {
        self.chain.push(Level::Service(chain::ServiceLevel { entry_sp, low, locals, lent: Vec::new() }));
        self.settle();
    }

    /// It has closed its frame.
    pub fn service_closed(&mut self) {
        while let Some(level) = self.chain.pop() {
            if matches!(level, Level::Service(_)) {
                break;
            }
        }
        self.settle();
    }

    /// The service passes the address of a local of this size: what is called may use so much of it.
    pub fn lends(&mut self, addr: u64, bytes: u64) {
        if let Some(Level::Service(level)) = self.chain.last_mut() {
            level.lent.push(Borrowed { start: addr, end: addr + bytes });
        }
    }

    /// A service stands at `addr`.
    pub fn service_is(&mut self, addr: u64, service: ServiceFact) {
        self.services.insert(addr, service);
    }

    /// A heap object was made, at a higher address than all before.
    pub fn allocated(&mut self, addr: u64, bytes: u64) {
        self.objects.push((addr, addr + bytes));
    }
}
