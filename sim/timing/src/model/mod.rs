//! The model: one pass over the retired stream computes, for each operation, when it is dispatched, starts, is done and
//! retires.
//!
//! It is instruction-driven, in the manner of ZSim (Sanchez and Kozyrakis, ISCA 2013): no clock ticks; each operation
//! takes a handful of look-ups, whatever the size of the window. It sees the program only as it retired, so what a
//! mispredicted path would have done to caches is not there.
//!
//! Blocks that it has seen in the same state before are not gone through again; what they did is remembered (`memo`). That
//! changes the speed and nothing else.
//!
//! Start reading at [`Model::retired`]; `front_end.rs`, `window.rs`, `ports.rs`, `predictor.rs` and `strings.rs` each hold
//! one part of the core.

mod as_one;
mod chain;
mod front_end;
mod memo;
mod outside;
mod pass;
mod ports;
mod predictor;
mod short;
mod strings;
mod window;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use rcsim_machine::RetiredBlock;
use rcsim_uop::Isa;
use rcsim_uop::reg::SLOTS;

use crate::account::{Cause, InsnCount, TAGS, TagCount};
use crate::class::OpClass;
use crate::core_file::{Core, Kind};
use crate::memory::MemoryEvents;
use crate::shape::{BranchKind, Registers, Shape};
use crate::trace::{Recorded, Recorder};
use crate::translate::CoreBlock;
use as_one::AsOne;
use chain::Chain;
use front_end::FrontEnd;
use memo::Memo;
use outside::{Asked, Outside};
use ports::Ports;
use predictor::{Prediction, Predictor};
use strings::Running;
use window::Window;

/// Parts of a core that can be left out, for comparison with models that do not have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Caches, TLBs and the store queue's forwarding; without them every access hits.
    pub memory: bool,
    /// Fetch, decode and branch prediction; without them operations are always there.
    pub front_end: bool,
    /// The operations of an instruction each on its own; without that an instruction is one thing.
    pub apart: bool,
    /// Dispatch by places of a group; without that the places are taken when an instruction starts, as if they were ports. Only
    /// for instructions that are one thing.
    pub places: bool,
}

impl Parts {
    /// A whole core.
    pub const ALL: Self = Self { memory: true, front_end: true, apart: true, places: true };
    /// The window and the ports only.
    pub const SCHEDULER: Self = Self { memory: false, front_end: false, ..Self::ALL };
    /// The same for instructions that are one thing each, as they are to llvm-mca: see `as_one.rs`.
    pub const AS_ONE: Self = Self { apart: false, ..Self::SCHEDULER };

    /// A core without the parts that are left out, as far as they are costs of operations. The stack pointer is tracked by the
    /// decoders of those cores that change it for nothing, and stores reach the cache at no rate when there is none.
    fn applied(self, core: &Arc<Core>) -> Arc<Core> {
        let mut core = Core::clone(core);
        let update = &mut core.costs[OpClass::AddressUpdate.index()];
        if !self.front_end && update.ports == 0 && core.kind == Kind::OutOfOrder {
            update.latency = update.latency.max(1);
        }
        if !self.memory {
            core.memory.store_interval = 0;
        }
        Arc::new(core)
    }
}

/// A branch whose target is known once the next block comes.
#[derive(Clone, Copy, Debug)]
struct PendingBranch {
    pc: u64,
    kind: BranchKind,
    after: u64,
}

/// How a block is entered: what became of the branch before it, and whether the host was at work.
#[derive(Clone, Copy, Debug)]
struct Way {
    /// How the branch was predicted, and whether it was taken.
    branch: Option<(Prediction, bool)>,
    entered: bool,
}

/// Blocks are looked up by address first; most follow the one they followed last time.
const RECENT: usize = 1024;

/// When a register is known, by which operation, and what that waited for.
#[derive(Clone, Copy)]
struct Known {
    ready: u64,
    op: u64,
    cause: Cause,
}

/// A core at work.
pub struct Model {
    core: Arc<Core>,
    parts: Parts,
    isa: Option<(Arc<dyn Isa>, Registers)>,
    /// Shared, so that one can be read while everything else changes.
    blocks: Vec<Rc<CoreBlock>>,
    by_key: HashMap<(u64, usize), u32>,
    recent: Vec<(u64, usize, u32)>,
    insns: Vec<InsnCount>,
    /// The block with which each instruction ran last, in the order of [`Self::blocks_seen`].
    ran: Vec<u64>,
    blocks_seen: u64,
    insn_ids: HashMap<u64, u32>,
    tags: [TagCount; TAGS],
    known: [Known; SLOTS],
    as_one: Option<AsOne>,
    front_end: FrontEnd,
    predictor: Predictor,
    window: Window,
    ports: Ports,
    outside: Outside,
    chain: Chain,
    memo: Memo,
    /// The question whose answer no known path has.
    miss: Option<Asked>,
    branch: Option<PendingBranch>,
    /// When the last branch was done, and its operation.
    branched: (u64, u64),
    string: Option<Running>,
    /// Whether the host was at work since the last block.
    host: bool,
    redirect_op: u64,
    began: u64,
    /// Events and branches counted before the part of the stream that is being measured.
    counted: Events,
    recorder: Option<Recorder>,
}

/// Counts of events in a part of the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// Of the memory system.
    pub memory: MemoryEvents,
    /// Branches.
    pub branches: u64,
    /// Mispredicted branches.
    pub mispredicted: u64,
}

/// What a part of the stream cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Cycles.
    pub cycles: u64,
    /// By tag.
    pub tags: [TagCount; TAGS],
    /// By instruction, those that cost most first.
    pub insns: Vec<InsnCount>,
    /// The critical chain from its end: number of links, and cycles by cause.
    pub chain: crate::account::Stack,
    /// What happened.
    pub events: Events,
}

impl Model {
    /// A core that has run nothing.
    #[must_use]
    pub fn new(core: Arc<Core>, parts: Parts) -> Self {
        let core = if parts == Parts::ALL { core } else { parts.applied(&core) };
        Self {
            front_end: FrontEnd::new(&core),
            predictor: Predictor::new(core.branches),
            window: Window::new(&core),
            ports: Ports::new(&core),
            outside: Outside::new(&core, parts.memory),
            memo: Memo::new(core.kind == Kind::CostModel || !parts.apart),
            as_one: (!parts.apart).then(|| AsOne::new((!parts.places).then_some(core.window.dispatch))),
            miss: None,
            core,
            parts,
            isa: None,
            blocks: Vec::new(),
            by_key: HashMap::new(),
            recent: vec![(u64::MAX, 0, 0); RECENT],
            insns: Vec::new(),
            ran: Vec::new(),
            blocks_seen: 0,
            insn_ids: HashMap::new(),
            tags: [TagCount::default(); TAGS],
            known: [Known { ready: 0, op: 0, cause: Cause::Chain }; SLOTS],
            chain: Chain::default(),
            branch: None,
            branched: (0, 0),
            string: None,
            host: true,
            redirect_op: 0,
            began: 0,
            counted: Events::default(),
            recorder: None,
        }
    }

    /// The same core, which goes through every block anew: slower, and the same in all else.
    #[must_use]
    pub fn forgetful(mut self) -> Self {
        self.memo = Memo::new(true);
        self
    }

    /// The core.
    #[must_use]
    pub fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// A program begins, on this instruction set. What the core has learned stays, as do caches; code is looked at anew.
    pub fn begin(&mut self, isa: &Arc<dyn Isa>) {
        self.forget_paths();
        self.isa = Some((Arc::clone(isa), Registers::of(&**isa)));
        self.blocks.clear();
        self.by_key.clear();
        self.recent.fill((u64::MAX, 0, 0));
        self.host = true;
    }

    /// The program that has begun used this memory long ago, before anything that the model sees: where there is room for it, it
    /// is in the last level of cache.
    pub fn used_long_ago(&mut self, addr: u64, bytes: u64) {
        self.outside.memory.used_long_ago(addr, bytes);
    }

    /// Note the times of each operation from now on, at most so many.
    pub fn record(&mut self, most: usize) {
        self.leave_paths();
        self.recorder = Some(Recorder::new(most, self.began));
    }

    /// The times noted since [`Model::record`], or since the last restart after it.
    pub fn take_recorded(&mut self) -> Recorded {
        self.settle();
        self.recorder.take().map_or_else(Recorded::default, Recorder::finish)
    }

    /// A block has retired under a tag, which must be less than [`TAGS`].
    ///
    /// # Panics
    /// When no program has begun.
    pub fn retired(&mut self, tag: u8, run: &RetiredBlock<'_>) {
        let pc = run.block.pc;
        if let Some(string) = &mut self.string {
            if pc == string.pc && run.insns == 1 {
                string.element(run.accesses);
                self.tags[usize::from(tag)].instructions += 1;
                if let Some(recorder) = &mut self.recorder {
                    recorder.insn();
                }
                return;
            }
            self.end_string();
        }
        self.blocks_seen += 1;
        let way = self.way_to(pc, run.insns);
        if !self.follow(tag, run, &way) {
            self.go_through(tag, run, &way);
        }
    }

    /// How control came to a block; a block of no instructions is the host at work.
    #[inline]
    fn way_to(&mut self, pc: u64, insns: usize) -> Way {
        let branch = self.branch.take().filter(|_| self.parts.front_end).map(|branch| {
            let taken = branch.kind != BranchKind::Conditional || pc != branch.after;
            let prediction = self.predictor.branch(branch.pc, branch.kind, taken, pc, branch.after);
            (prediction, taken)
        });
        let entered = insns > 0 && std::mem::take(&mut self.host);
        if insns == 0 {
            self.host = true;
        } else if entered {
            self.entered(pc);
        }
        Way { branch, entered }
    }

    /// A block that is not remembered.
    #[inline(never)]
    fn go_through(&mut self, tag: u8, run: &RetiredBlock<'_>, way: &Way) {
        self.catch_up();
        let block = (run.insns > 0).then(|| self.block_of(run));
        let worth = self.before(block, tag);
        if let Some((prediction, taken)) = way.branch {
            self.resolve(prediction, taken);
        }
        if way.entered {
            self.front_end.redirected();
        }
        if let Some(block) = block {
            self.pass(block, tag, run);
        }
        self.after(worth, block, tag, run, way);
    }

    /// Guest code goes on at `pc` after the host was at work: a service has returned, or calls.
    fn entered(&mut self, pc: u64) {
        if self.predictor.return_address() == Some(pc) {
            self.predictor.drop_return();
        } else {
            self.predictor.called(predictor::ANY);
        }
    }

    fn block_of(&mut self, run: &RetiredBlock<'_>) -> usize {
        let (pc, insns) = (run.block.pc, run.block.insns.len());
        let slot = (pc ^ pc >> 10) as usize % RECENT;
        let recent = self.recent[slot];
        if (recent.0, recent.1) == (pc, insns) {
            return recent.2 as usize;
        }
        let id = match self.by_key.get(&(pc, insns)) {
            Some(id) => *id,
            None => self.translate(run),
        };
        self.recent[slot] = (pc, insns, id);
        id as usize
    }

    #[cold]
    fn translate(&mut self, run: &RetiredBlock<'_>) -> u32 {
        let (isa, registers) = self.isa.as_ref().expect("`begin` comes before the first block");
        let mut shape = Shape::of(run.block, &**isa, registers);
        if self.as_one.is_some() {
            shape.insns.iter_mut().for_each(as_one::join);
        }
        let (insns, ran, ids) = (&mut self.insns, &mut self.ran, &mut self.insn_ids);
        let mut block = CoreBlock::new(run.block.pc, &shape, &self.core, |pc| {
            *ids.entry(pc).or_insert_with(|| {
                insns.push(InsnCount { pc, ..InsnCount::default() });
                ran.push(0);
                insns.len() as u32 - 1
            })
        });
        if !self.parts.places {
            block.ops.iter_mut().for_each(|op| op.cost.slots = op.cost.slots.min(1));
        }
        let id = self.blocks.len() as u32;
        self.blocks.push(Rc::new(block));
        self.by_key.insert((run.block.pc, run.block.insns.len()), id);
        id
    }

    /// Everything so far belongs to the past: what is measured starts now. The core stays as it is.
    pub fn restart(&mut self) {
        self.settle();
        self.began = self.window.retired();
        self.tags = [TagCount::default(); TAGS];
        for insn in &mut self.insns {
            *insn = InsnCount { pc: insn.pc, ..InsnCount::default() };
        }
        self.chain.restart();
        self.counted = self.events();
        if let Some(recorder) = &mut self.recorder {
            recorder.restart(self.began);
        }
    }

    /// Nothing is left half way.
    fn settle(&mut self) {
        self.end_string();
        self.leave_paths();
        self.branch = None;
        self.host = true;
    }

    fn events(&self) -> Events {
        let (branches, mispredicted) = self.predictor.counts;
        Events { memory: self.outside.memory.events, branches, mispredicted }
    }

    /// What was measured since the last restart.
    pub fn outcome(&mut self) -> Outcome {
        self.settle();
        let mut chain = crate::account::Stack::default();
        for insn in &mut self.insns {
            insn.critical = 0;
        }
        for step in self.chain.walk() {
            chain.add(step.cause, step.cycles);
            self.insns[step.insn as usize].critical += step.cycles;
        }
        let mut insns: Vec<InsnCount> =
            self.insns.iter().filter(|insn| insn.executions > 0).copied().collect();
        insns.sort_by_key(|insn| (std::cmp::Reverse(insn.cycles), insn.pc));
        let (now, then) = (self.events(), self.counted);
        let events = Events {
            memory: MemoryEvents {
                l1d_misses: now.memory.l1d_misses - then.memory.l1d_misses,
                l2_misses: now.memory.l2_misses - then.memory.l2_misses,
                dtlb_misses: now.memory.dtlb_misses - then.memory.dtlb_misses,
                l1i_misses: now.memory.l1i_misses - then.memory.l1i_misses,
            },
            branches: now.branches - then.branches,
            mispredicted: now.mispredicted - then.mispredicted,
        };
        Outcome { cycles: self.window.retired() - self.began, tags: self.tags, insns, chain, events }
    }
}
