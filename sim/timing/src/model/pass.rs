//! One block through the core.

use std::rc::Rc;

use rcsim_machine::{MemoryAccess, RetiredBlock};

use super::chain::Link;
use super::outside::Ask;
use super::predictor::Prediction;
use super::strings::{Charge, Running};
use super::{Known, Model, PendingBranch};
use crate::account::Cause;
use crate::core_file::Kind;
use crate::shape::MemoryUse;
use crate::trace::OpTimes;
use crate::translate::{Bulk, CoreOp, Run};

/// What an operation has waited for, longest wait last.
#[derive(Clone, Copy)]
struct Wait {
    /// From when on it could start or was done.
    at: u64,
    /// The reason.
    cause: Cause,
    /// The operation that it waited for; nothing when it was the window.
    op: Option<u64>,
}

impl Wait {
    #[inline]
    fn until(&mut self, at: u64, cause: Cause, op: Option<u64>) {
        if at > self.at {
            *self = Self { at, cause, op };
        }
    }
}

/// What is the same for all operations of an instruction.
#[derive(Clone, Copy)]
pub(super) struct Of {
    /// Number of the instruction.
    pub insn: u32,
    /// Its address.
    pub pc: u64,
    /// The tag it runs under.
    pub tag: u8,
    /// Its place in its block.
    pub place: u16,
    /// Whether the operation is its first.
    pub first: bool,
}

/// When an operation went where.
#[derive(Clone, Copy)]
struct Stages {
    delivered: u64,
    dispatched: u64,
    started: u64,
    done: u64,
}

impl Model {
    /// The operations of a block, one after the other.
    pub(super) fn pass(&mut self, id: usize, tag: u8, run: &RetiredBlock<'_>) {
        let block = Rc::clone(&self.blocks[id]);
        let mut op = 0;
        self.tags[usize::from(tag)].instructions += run.insns as u64;
        for (n, insn) in block.insns.iter().take(run.insns).enumerate() {
            let last = n + 1 == block.insns.len();
            let count = &mut self.insns[insn.id as usize];
            (count.executions, count.tag) = (count.executions + 1, tag);
            self.ran[insn.id as usize] = self.blocks_seen;
            if let Some(recorder) = &mut self.recorder {
                recorder.insn();
            }
            if self.parts.front_end {
                self.front_end.insn(insn.pc, u32::from(insn.len), &mut self.outside);
            }
            let accesses = run.accesses_of(n);
            if last && let (Some(repeat), Some(_)) = (block.repeat, self.core.strings) {
                let of = Of { insn: insn.id, pc: insn.pc, tag, place: n as u16, first: true };
                let mut string = Running::new(of, repeat, id, op);
                string.element(accesses);
                self.string = Some(string);
                break;
            }
            if self.core.kind == Kind::CostModel {
                self.charge(&block.ops[op..insn.end_op as usize], insn.id, tag, accesses);
            } else {
                for (k, one) in block.ops[op..insn.end_op as usize].iter().enumerate() {
                    let of = Of { insn: insn.id, pc: insn.pc, tag, place: n as u16, first: k == 0 };
                    let done = self.op(one, &block.registers, of, accesses);
                    if let Some(kind) = one.branch {
                        let owner = if one.fused { block.insns.get(n + 1).unwrap_or(insn) } else { insn };
                        let after = owner.pc + u64::from(owner.len);
                        let number = self.chain.next() - 1;
                        self.branch = Some(PendingBranch { pc: owner.pc, kind, after });
                        self.branched = (done, number);
                    }
                }
            }
            op = insn.end_op as usize;
        }
    }

    /// The branch before this block is decided.
    pub(super) fn resolve(&mut self, prediction: Prediction, taken: bool) {
        let numbers = self.core.branches;
        let (done, op) = self.branched;
        match prediction {
            Prediction::Wrong => {
                self.redirect_op = op;
                self.front_end.stall(done + u64::from(numbers.mispredict), Cause::Branch);
            }
            Prediction::LateTarget => self.front_end.bubble(u64::from(numbers.btb_miss), Cause::FrontEnd),
            Prediction::Right if taken => {
                let bubble = u64::from(self.core.front_end.taken_bubble);
                self.front_end.bubble(bubble, Cause::FrontEnd);
            }
            Prediction::Right => {}
        }
        if taken {
            self.front_end.redirected();
        }
    }

    /// An instruction of a cost model.
    fn charge(&mut self, ops: &[CoreOp], insn: u32, tag: u8, accesses: &[MemoryAccess]) {
        let own = u64::from(self.core.per_instruction);
        let moving = |op: &CoreOp| op.bulk.map_or(0, |bulk| bulk.cycles(bulk.accesses(accesses)));
        let cycles = own + ops.iter().map(|op| u64::from(op.cost.latency) + moving(op)).sum::<u64>();
        let now = self.window.retired() + cycles;
        self.window.retire(now, 0);
        let link = Link { insn, dispatched: now - cycles, done: now, ..Link::NOTHING };
        let number = self.chain.next();
        self.chain.push(link);
        if self.recorder.is_some()
            && let Some(op) = ops.last()
        {
            let of = Of { insn, pc: self.insns[insn as usize].pc, tag, place: 0, first: true };
            let started = now - cycles;
            self.note(
                of,
                op,
                Stages { delivered: started, dispatched: started, started, done: now },
                number,
                None,
            );
        }
        self.count(insn, tag, cycles, Cause::Base);
    }

    /// The operation that the front end waited for, when that is why something was dispatched late.
    fn redirected(&self, why: Cause) -> Option<u64> {
        matches!(why, Cause::Branch | Cause::Microcode).then_some(self.redirect_op)
    }

    fn count(&mut self, insn: u32, tag: u8, cycles: u64, cause: Cause) {
        let count = &mut self.tags[usize::from(tag)];
        count.operations += 1;
        count.stack.add(cause, cycles);
        self.insns[insn as usize].cycles += cycles;
    }

    /// Deliver and dispatch an operation.
    #[inline]
    fn dispatch(&mut self, slots: u32, load: bool, store: bool) -> (u64, u64, Cause) {
        let delivered = if self.parts.front_end {
            self.front_end.wait_for_queue(self.window.queue_free());
            self.front_end.deliver(slots)
        } else {
            (0, Cause::Base)
        };
        let (mut at, mut cause) = self.window.dispatch(delivered, slots, load, store);
        self.ports.advance(at);
        while self.window.scheduler_full(self.ports.waiting()) {
            let free = self.ports.drain();
            if free > at {
                (at, cause) = (free, Cause::Window);
                self.window.come_to(at);
            }
        }
        (delivered.0, at, cause)
    }

    /// The registers of a run: when all are known, seen from an operation that needs them so many cycles after its start.
    #[inline]
    fn operands(&self, registers: &[u8], run: Run, late: u32, wait: &mut Wait) {
        for slot in &registers[run.range()] {
            let slot = usize::from(*slot);
            let known = self.known[slot];
            wait.until(known.ready.saturating_sub(u64::from(late)), known.cause, Some(known.op));
        }
    }

    /// One operation. Returns when it is done.
    fn op(&mut self, op: &CoreOp, registers: &[u8], of: Of, accesses: &[MemoryAccess]) -> u64 {
        let (load, store) = match op.memory {
            MemoryUse::Load { .. } => (true, false),
            MemoryUse::Store { .. } => (false, true),
            MemoryUse::None => (false, false),
        };
        let in_order = self.core.kind == Kind::InOrder;
        if let (Some(whole), true) = (op.whole, self.as_one.is_some()) {
            self.window.together(if self.parts.places { whole.places } else { 1 });
        }
        let (delivered, dispatched, why) = self.dispatch(u32::from(op.cost.slots), load, store);
        let number = self.chain.next();
        // In an out-of-order core an operation enters the scheduler in one cycle and leaves it in a later one.
        let earliest = dispatched + u64::from(!in_order);
        let mut wait = Wait { at: earliest, cause: why, op: None };
        self.operands(registers, op.reads, op.late, &mut wait);
        if self.as_one.is_some() {
            self.wait_as_one(op, registers, &mut wait);
        }
        let (started, done) = match op.memory {
            MemoryUse::Store { .. } => self.start_store(op, registers, &mut wait),
            MemoryUse::Load { .. } => self.start_load(op, of, number, &mut wait, accesses),
            MemoryUse::None => match op.bulk {
                Some(bulk) => self.start_bulk(op, bulk, of, &mut wait, accesses),
                None => self.start(op, &mut wait),
            },
        };
        let value_cause = match wait.cause {
            level @ (Cause::L2 | Cause::L3 | Cause::Memory | Cause::Tlb | Cause::Stores) => level,
            _ => Cause::Chain,
        };
        for slot in &registers[op.writes.range()] {
            self.known[usize::from(*slot)] = Known { ready: done, op: number, cause: value_cause };
        }
        if let Some(as_one) = &mut self.as_one {
            as_one.done(op, &registers[op.writes.range()], done);
        }
        if in_order {
            self.window.started(started, u32::from(op.cost.slots));
        }
        let progress = if in_order { started } else { done + 1 };
        let (cycles, by_width) = self.window.retire(progress, u32::from(op.cost.slots));
        if load {
            self.window.loaded(done);
        }
        if let MemoryUse::Store { .. } = op.memory {
            self.finish_store(op, of, accesses, started, done, number);
        }
        let cause = if by_width { Cause::Base } else { wait.cause };
        let cause = if cause == Cause::Base && cycles > 1 && !in_order { Cause::Chain } else { cause };
        let late = if wait.op.is_none() && wait.cause == why { Cause::Chain } else { wait.cause };
        self.chain.push(if in_order {
            // What an operation waits for, everything after it waits for too.
            let redirected_by = wait.op.or(self.redirected(why));
            let (insn, dispatch_cause) = (of.insn, wait.cause);
            Link {
                insn,
                dispatched: started,
                redirected_by,
                dispatch_cause,
                done,
                waited_for: None,
                cause: late,
            }
        } else {
            Link {
                insn: of.insn,
                dispatched,
                redirected_by: self.redirected(why),
                dispatch_cause: why,
                done,
                waited_for: wait.op,
                cause: late,
            }
        });
        self.count(of.insn, of.tag, cycles, cause);
        if self.recorder.is_some() {
            self.note(of, op, Stages { delivered, dispatched, started, done }, number, wait.op);
        }
        done
    }

    /// What an operation waits for beyond its operands, where instructions are one thing.
    #[cold]
    fn wait_as_one(&mut self, op: &CoreOp, registers: &[u8], wait: &mut Wait) {
        let Some(as_one) = &mut self.as_one else { return };
        let known = |slot: &u8| self.known[usize::from(*slot)].ready;
        let reads = &registers[op.reads.range()];
        let mut at = as_one.operands(reads, &registers[op.data.range()], known).max(wait.at);
        if let Some(whole) = op.whole {
            if self.core.kind == Kind::InOrder {
                at = as_one.in_order(at, whole);
            }
            let ports = if op.address_first() { op.address.ports } else { op.cost.ports };
            at = as_one.place(at, whole, |cycle| self.ports.is_free(ports, cycle));
        }
        wait.until(at, Cause::Chain, None);
    }

    /// Note the times of an operation that has just retired.
    #[cold]
    fn note(&mut self, of: Of, op: &CoreOp, stages: Stages, number: u64, waited_for: Option<u64>) {
        let retired = self.window.retired();
        let Some(recorder) = &mut self.recorder else { return };
        let Stages { delivered, dispatched, started, done } = stages;
        recorder.push(OpTimes {
            pc: of.pc,
            tag: of.tag,
            class: op.class,
            first: of.first,
            fused: op.fused,
            step: recorder.step(),
            delivered,
            dispatched,
            started,
            done,
            retired,
            waited_for,
            number,
        });
    }

    /// Start something that needs no memory.
    #[inline]
    fn start(&mut self, op: &CoreOp, wait: &mut Wait) -> (u64, u64) {
        if op.cost.ports == 0 {
            // Done at renaming: as soon as its operand, and never waiting for a port.
            let at = wait.at;
            return (at, at + u64::from(op.cost.latency));
        }
        let started = self.ports.start(op.cost.ports, wait.at, op.cost.busy);
        wait.until(started, Cause::Port, wait.op);
        (started, started + u64::from(op.cost.latency))
    }

    /// Start a helper that moves memory: its port is taken until all is moved.
    fn start_bulk(
        &mut self,
        op: &CoreOp,
        bulk: Bulk,
        of: Of,
        wait: &mut Wait,
        accesses: &[MemoryAccess],
    ) -> (u64, u64) {
        let answer = self.outside.ask(Ask::Bulk { insn: of.place, bulk }, accesses);
        let busy = u32::from(op.cost.busy).saturating_add(answer.lasts).min(u32::from(u16::MAX));
        let started = self.ports.start(op.cost.ports, wait.at, busy as u16);
        wait.until(started, Cause::Port, wait.op);
        if let Some(cause) = answer.cause {
            wait.cause = cause;
        }
        (started, started + u64::from(op.cost.latency) + u64::from(answer.lasts))
    }

    #[inline]
    fn start_load(
        &mut self,
        op: &CoreOp,
        of: Of,
        number: u64,
        wait: &mut Wait,
        accesses: &[MemoryAccess],
    ) -> (u64, u64) {
        let started = self.ports.start(op.cost.ports, wait.at, op.cost.busy);
        wait.until(started, Cause::Port, wait.op);
        if !self.parts.memory {
            return (started, started + u64::from(op.cost.latency));
        }
        let answer = self.outside.ask(
            Ask::Load {
                insn: of.place,
                memory: op.memory,
                at: started,
                latency: op.cost.latency,
                beyond: op.beyond,
                number,
            },
            accesses,
        );
        if let Some(cause) = answer.cause {
            wait.cause = cause;
        }
        if answer.back > 0 {
            wait.op = Some(number - u64::from(answer.back));
        }
        (started, started + u64::from(answer.lasts))
    }

    /// A store is done when address and data are known. Both are operations of their own where the core has ports for both.
    fn start_store(&mut self, op: &CoreOp, registers: &[u8], wait: &mut Wait) -> (u64, u64) {
        let address = op.address;
        let mut data = Wait { at: wait.at.min(self.window.now() + 1), cause: wait.cause, op: wait.op };
        self.operands(registers, op.data, self.core.window.late_data, &mut data);
        let in_order = self.core.kind == Kind::InOrder;
        if in_order || op.cost.ports == 0 {
            // One operation: it starts with its address; in order also with its data.
            if in_order {
                wait.until(data.at, data.cause, data.op);
            }
            let ports = if address.ports == 0 { op.cost.ports } else { address.ports };
            let started = self.ports.start(ports, wait.at, address.busy);
            wait.until(started, Cause::Port, wait.op);
            let done = (started + u64::from(address.latency)).max(data.at + u64::from(op.cost.latency));
            return (started, done);
        }
        let started = self.ports.start(address.ports, wait.at, address.busy);
        wait.until(started, Cause::Port, wait.op);
        let moved = self.ports.start(op.cost.ports, data.at, op.cost.busy);
        data.until(moved, Cause::Port, data.op);
        let (known, stored) = (started + u64::from(address.latency), moved + u64::from(op.cost.latency));
        if stored > known {
            *wait = data;
        }
        (started.min(moved), known.max(stored))
    }

    /// The store has retired; it goes to the cache when its line is there.
    #[inline]
    fn finish_store(
        &mut self,
        op: &CoreOp,
        of: Of,
        accesses: &[MemoryAccess],
        started: u64,
        done: u64,
        number: u64,
    ) {
        let retired = self.window.retired().max(done);
        if !self.parts.memory {
            self.window.stored(retired, 0);
            return;
        }
        let ask = Ask::Store { insn: of.place, memory: op.memory, at: started, done, number };
        let line = started + u64::from(self.outside.ask(ask, accesses).lasts);
        let in_cache = self.window.stored(retired, line);
        self.outside.stored(&ask, in_cache, accesses);
    }

    /// The string instruction is over.
    #[inline(never)]
    pub(super) fn end_string(&mut self) {
        let (Some(string), Some(costs)) = (self.string.take(), self.core.strings) else { return };
        let charge = string.charge(&costs, &mut self.outside.memory);
        if !self.follow_string(&string, &charge) {
            self.catch_up();
            let worth = self.before(Some(string.block), string.tag);
            self.finish_string(&string, &charge);
            self.after_string(worth, &string, &charge);
        }
    }

    /// A string instruction, with what all of it costs.
    fn finish_string(&mut self, string: &Running, charge: &Charge) {
        let (delivered, dispatched, why) = self.dispatch(1, false, false);
        let number = self.chain.next();
        let mut wait = Wait { at: dispatched + 1, cause: why, op: None };
        let block = &self.blocks[string.block];
        for op in &block.ops[string.first_op..] {
            self.operands(&block.registers, op.reads, 0, &mut wait);
        }
        let done = wait.at + charge.cycles;
        let (cycles, _) = self.window.retire(done, 1);
        if self.parts.front_end {
            self.front_end.stall(done, Cause::Microcode);
        } else {
            self.window.come_to(done);
        }
        for op in &self.blocks[string.block].ops[string.first_op..] {
            for slot in &self.blocks[string.block].registers[op.writes.range()] {
                let known = &mut self.known[usize::from(*slot)];
                (known.ready, known.op) = (done, number);
            }
        }
        let missing = charge.missing.0.min(cycles);
        self.tags[usize::from(string.tag)].stack.add(charge.missing.1, missing);
        self.chain.push(Link {
            insn: string.insn,
            dispatched,
            redirected_by: self.redirected(why),
            dispatch_cause: why,
            done,
            waited_for: wait.op,
            cause: Cause::Microcode,
        });
        self.redirect_op = number;
        self.count(string.insn, string.tag, cycles - missing, Cause::Microcode);
        self.insns[string.insn as usize].cycles += missing;
        let op = self.blocks[string.block].ops.get(string.first_op).filter(|_| self.recorder.is_some());
        if let Some(op) = op.cloned() {
            let of = Of { insn: string.insn, pc: string.pc, tag: string.tag, place: 0, first: true };
            self.note(of, &op, Stages { delivered, dispatched, started: wait.at, done }, number, wait.op);
        }
    }
}
