//! The way along paths, and from them back into the model.

use rcsim_machine::RetiredBlock;

use super::words::Reader;
use super::{Account, Key, Memo, NOTHING, Node, Path, Step, Taken};
use crate::account::{Cause, Stack};
use crate::model::outside::{Answer, Asked, NOT_KEPT, Outside};
use crate::model::predictor::Prediction;
use crate::model::short::Short;
use crate::model::strings::{Charge, Running};
use crate::model::{Known, Model, Way};

/// What was counted before a block that will be remembered.
pub struct Before {
    state: u32,
    now: u64,
    first: u64,
    stack: Stack,
    insns: Vec<u64>,
}

impl Way {
    /// As part of a key.
    #[inline]
    fn told(&self) -> u64 {
        let branch = self.branch.map_or(0, |(prediction, taken)| {
            let prediction = match prediction {
                Prediction::Right => 1,
                Prediction::LateTarget => 2,
                Prediction::Wrong => 3,
            };
            prediction | u64::from(taken) << 2
        });
        branch | u64::from(self.entered) << 3
    }
}

/// Blocks have fewer than 2^23 instructions, and tags are fewer than 2^8.
#[inline]
fn key(tag: u8, run: &RetiredBlock<'_>, way: &Way) -> Key {
    let (block, insns) = (run.block.insns.len() as u64, run.insns as u64);
    Key { pc: run.block.pc, rest: block << 40 | insns << 16 | u64::from(tag) << 8 | way.told() }
}

/// The end of a string instruction is a block of its own.
#[inline]
fn end_of(string: &Running) -> Key {
    Key { pc: string.pc, rest: 1 << 63 | (string.block as u64) << 8 | u64::from(string.tag) }
}

/// What a string instruction cost, as an answer.
#[inline]
fn charged(charge: &Charge) -> Option<Answer> {
    let (missing, cause) = charge.missing;
    let (lasts, back) = (u32::try_from(charge.cycles).ok()?, u32::try_from(missing).ok()?);
    Some(Answer { lasts, back, cause: Some(cause) })
}

impl Model {
    /// Let a block take a path that is known. If there is none, the questions asked so far are on the trail.
    #[inline]
    pub(in crate::model) fn follow(&mut self, tag: u8, run: &RetiredBlock<'_>, way: &Way) -> bool {
        let known = self.memo.state.and_then(|state| self.memo.entry(state, &key(tag, run, way)));
        let Some(mut at) = known else {
            self.memo.trail = NOTHING;
            return false;
        };
        let (now, first) = (self.memo.now, self.chain.next());
        let mut trail = NOTHING;
        loop {
            let node = &self.memo.nodes[at as usize];
            if let Short::Done(path) = node.short {
                let string = self.took(path);
                self.begin_string(string, run);
                return true;
            }
            let known = (&node.answer, node.in_cache);
            if self.outside.answers_in_short(&node.short, known, (now, first), run.accesses) {
                (trail, at) = (at, node.then);
                continue;
            }
            let Some(same) = self.follow_at_length(at, (now, first), run) else {
                self.memo.trail = trail;
                return false;
            };
            (trail, at) = (same, self.memo.nodes[same as usize].then);
        }
    }

    /// Ask the question of a node at length: the node with the same question that has the answer.
    #[inline(never)]
    fn follow_at_length(
        &mut self,
        node: u32,
        (now, first): (u64, u64),
        run: &RetiredBlock<'_>,
    ) -> Option<u32> {
        let ask = match self.memo.steps[node as usize] {
            Step::Ask(ask) => ask.absolute(now, first),
            // Entered by other keys.
            Step::Charge | Step::Done => return None,
        };
        let accesses = Outside::accesses_of(&ask, run);
        let answer = self.outside.perform(&ask, accesses);
        let Some(same) = self.memo.answered(node, answer) else {
            self.miss = Some(Asked { ask, answer, in_cache: NOT_KEPT });
            return None;
        };
        let in_cache = now.wrapping_add_signed(i64::from(self.memo.nodes[same as usize].in_cache));
        self.outside.keep(&ask, in_cache, accesses);
        Some(same)
    }

    /// Let the end of a string instruction take a path that is known.
    #[inline]
    pub(in crate::model) fn follow_string(&mut self, string: &Running, charge: &Charge) -> bool {
        self.memo.trail = NOTHING;
        let Some(state) = self.memo.state else { return false };
        let known = self.memo.entry(state, &end_of(string));
        let same = known.and_then(|node| self.memo.answered(node, charged(charge)?));
        let end = same.and_then(|same| self.memo.nodes.get(self.memo.nodes[same as usize].then as usize));
        let Some(Node { short: Short::Done(path), .. }) = end else { return false };
        self.took(*path);
        true
    }

    /// The string instruction at the end of a path begins, if there is one.
    #[inline]
    fn begin_string(&mut self, string: u32, run: &RetiredBlock<'_>) {
        if string != NOTHING {
            self.begin_this(string, run);
        }
    }

    #[cold]
    fn begin_this(&mut self, string: u32, run: &RetiredBlock<'_>) {
        let mut string = self.memo.strings[string as usize];
        string.element(run.accesses_of(run.insns - 1));
        self.string = Some(string);
    }

    /// A path was followed to its end; the string instruction that begins there is given.
    #[inline]
    fn took(&mut self, path: u32) -> u32 {
        let memo = &mut self.memo;
        let took = &mut memo.paths[path as usize];
        if took.hits == 0 {
            memo.followed.push(path);
        }
        (took.hits, took.last) = (took.hits + 1, self.blocks_seen);
        if !memo.behind {
            self.chain.start_repeating(memo.now);
        }
        self.chain.repeat(took.links, took.ops);
        memo.now += took.cycles;
        memo.credit += 1;
        (memo.state, memo.behind) = (Some(took.state), true);
        self.branch = took.branch;
        took.string
    }

    /// The core itself comes to the state that paths have led to.
    pub(in crate::model) fn catch_up(&mut self) {
        if !std::mem::take(&mut self.memo.behind) {
            return;
        }
        let Some(state) = self.memo.state else { return };
        let mut reader = Reader::new(&self.memo.states[state as usize].words, self.memo.now);
        let next = self.chain.next();
        self.known.fill(Known { ready: 0, op: 0, cause: Cause::Chain });
        self.front_end.restore(&mut reader);
        self.window.restore(&mut reader);
        self.ports.restore(&mut reader);
        self.redirect_op = next.wrapping_sub(u64::from(reader.number()));
        for _ in 0..reader.number() {
            let slot = reader.number();
            let ready = reader.cycle();
            let op = next.wrapping_sub(u64::from(reader.number()));
            let cause = Cause::ALL[reader.number() as usize];
            self.known[slot as usize % self.known.len()] = Known { ready, op, cause };
        }
        self.branched = (reader.cycle(), next.wrapping_sub(u64::from(reader.number())));
    }

    /// The core's state by number, when it can be told.
    fn tell(&mut self) -> Option<u32> {
        let (now, next) = (self.window.now(), self.chain.next());
        let writer = &mut self.memo.writer;
        writer.begin(now);
        self.front_end.save(writer);
        self.window.save(writer, self.front_end.time());
        self.ports.save(writer);
        let redirected = self.front_end.is_redirected_after(now);
        writer.back(if redirected { next - self.redirect_op } else { 0 });
        let late = || self.known.iter().enumerate().filter(|(_, known)| known.ready > now);
        writer.number(late().count() as u32);
        for (slot, known) in late() {
            writer.number(slot as u32);
            writer.cycle(known.ready);
            writer.back(next - known.op);
            writer.number(known.cause as u32);
        }
        match self.branch {
            None => {
                writer.cycle(now);
                writer.back(0);
                writer.number(0);
            }
            Some(branch) => {
                writer.cycle(self.branched.0);
                writer.back(next - self.branched.1);
                writer.number(1 + branch.kind as u32);
                writer.address(branch.pc);
                writer.address(branch.after);
            }
        }
        self.memo.now = now;
        self.memo.state_told()
    }

    /// A block is about to go through the model; whether it will be remembered.
    pub(in crate::model) fn before(&mut self, block: Option<usize>, tag: u8) -> Worth {
        let known = self.memo.state.take();
        let miss = self.miss.take();
        let worth = self.recorder.is_none()
            && match block {
                Some(block) => self.memo.is_worth(block),
                None => known.is_some() && self.memo.pause == 0,
            };
        let (Some(state), true) = (known, worth || self.memo.trail != NOTHING || miss.is_some()) else {
            return if worth { Worth::StateAfter } else { Worth::Nothing };
        };
        let first = self.chain.next();
        let trail = self.memo.trail(first);
        self.outside.note(trail.into_iter().chain(miss));
        let insns = block.map_or(&[][..], |block| &self.blocks[block].insns);
        let insns = insns.iter().map(|insn| self.insns[insn.id as usize].cycles).collect();
        Worth::Path(Before {
            state,
            now: self.memo.now,
            first,
            stack: self.tags[usize::from(tag)].stack,
            insns,
        })
    }

    /// A block has gone through the model.
    pub(in crate::model) fn after(
        &mut self,
        worth: Worth,
        block: Option<usize>,
        tag: u8,
        run: &RetiredBlock<'_>,
        way: &Way,
    ) {
        let asked = match &worth {
            Worth::Path(before) => {
                let asked = self.outside.noted().to_vec();
                Memo::steps(&asked, before.now, before.first, run)
            }
            Worth::Nothing | Worth::StateAfter => None,
        };
        let place = Place { block, insns: run.insns, tag };
        if let (Some((state, to)), Some(steps)) = (self.arrive(worth, place), asked) {
            self.memo.remember((state, key(tag, run, way)), steps, to);
        }
    }

    /// A string instruction has gone through the model.
    pub(in crate::model) fn after_string(&mut self, worth: Worth, string: &Running, charge: &Charge) {
        if let Worth::Path(_) = worth {
            self.outside.noted();
        }
        let place = Place { block: Some(string.block), insns: 0, tag: string.tag };
        if let (Some((state, to)), Some(answer)) = (self.arrive(worth, place), charged(charge)) {
            let charge = Taken { step: Step::Charge, short: Short::Long, answer, in_cache: 0 };
            self.memo.remember((state, end_of(string)), vec![charge], to);
        }
    }

    /// The core has come to a new state; the path to it, and from which, if that is worth remembering.
    fn arrive(&mut self, worth: Worth, place: Place) -> Option<(u32, (Path, Account))> {
        let before = match worth {
            Worth::Nothing => return None,
            Worth::StateAfter => None,
            Worth::Path(before) => Some(before),
        };
        if self.memo.is_full() {
            self.forget_paths();
            return None;
        }
        let state = self.tell()?;
        self.memo.state = Some(state);
        let before = before?;
        let Place { block, insns, tag } = place;
        let now = self.memo.now;
        let insn_cycles = self.memo.insn_cycles.len();
        if let Some(block) = block {
            for (insn, cycles) in self.blocks[block].insns.iter().zip(&before.insns) {
                self.memo.insn_cycles.push((self.insns[insn.id as usize].cycles - cycles) as u32);
            }
        }
        let path = Path {
            state,
            string: self.string.map_or(NOTHING, |string| self.memo.begins(string)),
            ops: (self.chain.next() - before.first) as u32,
            links: self.chain.keep(before.first, (before.now, now)),
            cycles: now - before.now,
            hits: 0,
            last: 0,
            branch: self.branch,
        };
        let account = Account {
            block: (block.unwrap_or(NOTHING as usize), insns),
            tag,
            stack: self.tags[usize::from(tag)].stack.since(&before.stack),
            insn_cycles,
        };
        Some((before.state, (path, account)))
    }

    /// Count what happened on paths that were followed.
    pub(in crate::model) fn account(&mut self) {
        for number in std::mem::take(&mut self.memo.followed) {
            let path = &mut self.memo.paths[number as usize];
            let (hits, last, ops) = (std::mem::take(&mut path.hits), path.last, path.ops);
            let Account { block: (block, insns), tag, stack, insn_cycles } =
                &self.memo.accounts[number as usize];
            let count = &mut self.tags[usize::from(*tag)];
            count.instructions += hits * *insns as u64;
            count.operations += hits * u64::from(ops);
            count.stack.add_times(stack, hits);
            let Some(block) = self.blocks.get(*block) else { continue };
            let cycles = &self.memo.insn_cycles[*insn_cycles..][..block.insns.len()];
            for (insn, cycles) in block.insns.iter().zip(cycles) {
                self.insns[insn.id as usize].cycles += hits * u64::from(*cycles);
            }
            for insn in block.insns.iter().take(*insns) {
                let count = &mut self.insns[insn.id as usize];
                count.executions += hits;
                let ran = &mut self.ran[insn.id as usize];
                if last > *ran {
                    (*ran, count.tag) = (last, *tag);
                }
            }
        }
    }

    /// Whatever the core has been through is in the core itself, and counted.
    pub(in crate::model) fn leave_paths(&mut self) {
        self.catch_up();
        self.account();
        self.memo.state = None;
    }

    /// Nothing is remembered any more.
    pub(in crate::model) fn forget_paths(&mut self) {
        self.leave_paths();
        self.chain.forget_kept();
        self.memo.clear();
    }
}

/// A part of the program that goes through the model.
struct Place {
    block: Option<usize>,
    /// How many instructions begin in it.
    insns: usize,
    tag: u8,
}

/// Whether a block that goes through the model is worth remembering.
pub enum Worth {
    /// No.
    Nothing,
    /// The state after it is.
    StateAfter,
    /// And the path from the state before it.
    Path(Before),
}
