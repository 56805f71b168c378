//! Which functions are on the stack, by what the machine does: an entry with a lower stack pointer is a call, one with the same
//! is a jump to another function, arriving at the return address is a return.

use rcsim_machine::Sight;
use rcsim_machine::shadow::FrameRule;
use rcsim_uop::port::Link;

use super::fact::Fact;
use super::{Told, Watching};
use crate::stack::Stack;

/// A function on the stack.
#[derive(Clone, Debug)]
pub struct Activation {
    /// What its image says about it.
    pub fact: Fact,
    /// Stack pointer at its first instruction.
    pub entry_sp: u64,
    /// Where its caller goes on: an instruction address.
    pub return_to: u64,
    /// The same as the caller left it: what Go's tables call it.
    pub return_word: u64,
    /// The frame pointer at its entry.
    pub frame_pointer: u64,
    /// The closure context at its entry.
    pub context: u64,
    /// Whether it has looked at the guard.
    pub checked: bool,
    /// The stack pointer of the last function that had, at the call that led here.
    pub checked_down_to: u64,
    /// Stack addresses that it was given, in registers and arguments.
    pub given: Vec<u64>,
    /// Argument words that it has written, one bit each.
    pub written: u64,
    /// Stores to the place of the return address: how many, and the last.
    pub link_stores: (u32, u64, u64),
    /// Stores to the place of the caller's frame pointer.
    pub frame_pointer_stores: (u32, u64, u64),
    /// The function that jumped to it, whose place it took: what such a jump left as a return address may lead back.
    pub took_place_of: Option<usize>,
}

/// The frame of a service.
#[derive(Clone, Debug)]
pub struct ServiceLevel {
    /// Stack pointer at its entry.
    pub entry_sp: u64,
    /// Its lowest byte.
    pub low: u64,
    /// Its locals; what is below are outgoing arguments.
    pub locals: u64,
    /// Locals whose address it passes.
    pub lent: Vec<Borrowed>,
}

/// Memory whose address is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Borrowed {
    /// First byte.
    pub start: u64,
    /// Behind the last.
    pub end: u64,
}

/// One frame on the stack.
#[derive(Clone, Debug)]
pub enum Level {
    /// Of guest code.
    Guest(Activation),
    /// Of a service.
    Service(ServiceLevel),
}

impl Level {
    /// Stack pointer at the entry.
    pub fn entry_sp(&self) -> u64 {
        match self {
            Self::Guest(frame) => frame.entry_sp,
            Self::Service(level) => level.entry_sp,
        }
    }

    /// The stack, which was `old`, has moved by this much.
    pub fn shift(&mut self, old: Stack, by: u64) {
        match self {
            Self::Guest(frame) => {
                frame.entry_sp = frame.entry_sp.wrapping_add(by);
                frame.checked_down_to = frame.checked_down_to.wrapping_add(by);
                if old.contains(frame.frame_pointer) {
                    frame.frame_pointer = frame.frame_pointer.wrapping_add(by);
                }
                for given in &mut frame.given {
                    *given = given.wrapping_add(by);
                }
            }
            Self::Service(level) => {
                level.entry_sp = level.entry_sp.wrapping_add(by);
                level.low = level.low.wrapping_add(by);
                level.locals = level.locals.wrapping_add(by);
                for lent in &mut level.lent {
                    *lent = Borrowed { start: lent.start.wrapping_add(by), end: lent.end.wrapping_add(by) };
                }
            }
        }
    }
}

impl Watching<'_> {
    /// The guest goes on at `pc`, which is not plainly within the function at hand.
    pub(super) fn moved_on<V: Sight>(&mut self, pc: u64, sight: &V) {
        let sp = sight.reg(self.watch.convention.sp);
        if sp <= self.watch.stack.lo || self.watch.stack.hi < sp {
            return self.lose_stack();
        }
        let entered_by_host = std::mem::take(&mut self.watch.entered_by_host);
        if !entered_by_host && self.is_return(pc, sp) {
            return self.returned(sight);
        }
        // A service may stand in front of a function of a program, which then does not run.
        let fact = self.fact_at(pc).filter(|_| !self.watch.services.contains_key(&pc));
        let Some(fact) = fact else {
            return self.left_the_code(pc, sight);
        };
        self.service_is_over();
        if pc != fact.entry {
            return self.resumed(&fact, pc, sp);
        }
        if !entered_by_host {
            self.pop_below(sp);
        }
        match self.top() {
            Some(frame) if frame.entry_sp == sp => self.jumped(fact, sight),
            Some(_) if !entered_by_host && !self.has_pushed(sp, sight) => {}
            Some(_) if !entered_by_host => {
                self.judge_call(Some(&fact), pc, sight);
                self.enter(fact, sight);
            }
            _ => self.enter(fact, sight),
        }
    }

    /// The guest function on top of the stack.
    pub(super) fn top(&self) -> Option<&Activation> {
        match self.watch.chain.last() {
            Some(Level::Guest(frame)) => Some(frame),
            _ => None,
        }
    }

    /// Whether the function on top is left here. One that calls itself passes the same address on its own way.
    fn is_return(&self, pc: u64, sp: u64) -> bool {
        self.top().is_some_and(|frame| {
            let own = frame.fact.entry <= pc && pc < frame.fact.end;
            frame.return_to == pc && (!own || sp == frame.entry_sp + self.watch.pushed())
        })
    }

    /// Whether the guest has just left a return address at `sp`, where its calls do so. A function that the machine's own call
    /// reaches without one has no frame of its own.
    fn has_pushed<V: Sight>(&self, sp: u64, sight: &V) -> bool {
        if matches!(self.watch.convention.link, Link::Register(_)) {
            return true;
        }
        let (Some(caller), Some(word)) = (self.top(), sight.peek(sp, self.watch.register_access())) else {
            return false;
        };
        let to = self.port.machine_pc(self.isa, word).unwrap_or(word);
        // A call that never returns may be its function's last instruction.
        let back = to == caller.fact.end || self.code.index_at(to) == Some(caller.fact.index);
        self.watch.last_store == sp && back
    }

    /// Frames below the stack pointer are gone, however they were left.
    fn pop_below(&mut self, sp: u64) {
        while self.top().is_some_and(|frame| frame.entry_sp < sp) {
            self.watch.chain.pop();
        }
    }

    fn enter<V: Sight>(&mut self, fact: Fact, sight: &V) {
        let frame = self.activation(fact, sight);
        self.watch.chain.push(Level::Guest(frame));
    }

    /// A jump from one function to another: the other has the arguments and the caller of the first.
    fn jumped<V: Sight>(&mut self, fact: Fact, sight: &V) {
        let restarted = self.top().is_some_and(|frame| frame.fact.index == fact.index);
        let mut frame = self.activation(fact, sight);
        if let Some(Level::Guest(old)) = self.watch.chain.pop() {
            frame.written = if restarted { old.written } else { 0 };
            frame.given.extend(&old.given);
            frame.took_place_of = Some(old.fact.index);
        }
        self.watch.chain.push(Level::Guest(frame));
    }

    fn activation<V: Sight>(&self, fact: Fact, sight: &V) -> Activation {
        let watch = &*self.watch;
        let entry_sp = sight.reg(watch.convention.sp);
        let return_word = match watch.convention.link {
            Link::Stack => sight.peek(entry_sp, watch.register_access()).unwrap_or(0),
            Link::Register(link) => sight.reg(link),
        };
        Activation {
            fact,
            entry_sp,
            return_to: self.port.machine_pc(self.isa, return_word).unwrap_or(return_word),
            return_word,
            frame_pointer: watch.convention.frame_pointer.map_or(0, |reg| sight.reg(reg)),
            context: sight.reg(watch.convention.context),
            checked: false,
            checked_down_to: watch.checked_down_to(entry_sp + watch.pushed()),
            given: if fact.by_hand { self.given(&fact, entry_sp, sight) } else { Vec::new() },
            written: 0,
            link_stores: (0, 0, 0),
            frame_pointer_stores: (0, 0, 0),
            took_place_of: None,
        }
    }

    /// Stack addresses in registers and arguments.
    fn given<V: Sight>(&self, fact: &Fact, entry_sp: u64, sight: &V) -> Vec<u64> {
        const MOST_WORDS: u64 = 16;
        let watch = &*self.watch;
        let args = entry_sp + u64::from(watch.convention.args_above_sp);
        let words = (fact.args_bytes.unwrap_or(0) / watch.word()).min(MOST_WORDS);
        let word = watch.format.access();
        let passed = (0..words).filter_map(|n| sight.peek(args + n * watch.word(), word));
        let registers = watch.registers.iter().map(|reg| sight.reg(*reg));
        registers.chain(passed).filter(|value| watch.stack.contains(*value)).collect()
    }

    /// The guest goes on in the middle of a function that is not the one on top.
    fn resumed(&mut self, fact: &Fact, pc: u64, sp: u64) {
        let known = self.watch.chain.iter().rposition(
            |level| matches!(level, Level::Guest(frame) if frame.fact.index == fact.index && sp <= frame.entry_sp),
        );
        if let Some(at) = known {
            self.watch.chain.truncate(at + 1);
            self.forget_below(sp);
            return;
        }
        // Who has no function of the guest above it comes back from one that took its place.
        let from_above =
            self.top().is_some_and(|frame| sp <= frame.entry_sp && frame.took_place_of != Some(fact.index));
        if from_above && fact.machinery && fact.by_hand && fact.frame_bytes > 0 {
            self.entered_midway(fact, pc);
        }
    }

    /// The guest has come into a function that is not on the stack, behind its first instruction.
    fn entered_midway(&mut self, fact: &Fact, pc: u64) {
        let (name, by) = (self.name(fact).to_owned(), pc - fact.entry);
        let message = format!("cannot unwind {name}: it was entered {by} bytes behind its first instruction");
        let told = Told::new(FrameRule::CannotUnwind, message, "goes there");
        self.watch
            .report(told.note("its tables, and its stack check, count from the first instruction").of(fact));
    }

    /// The stack pointer does not point into the stack.
    fn lose_stack(&mut self) {
        self.watch.lost = true;
        let place = self.code.place(self.watch.pc);
        self.watch.report(
            Told::new(
                FrameRule::Clobbered,
                format!("the stack pointer is clobbered: it does not point into the goroutine's stack after {place}"),
                "leaves this instruction with a stack pointer that is none",
            )
            .note("every function needs the stack pointer that its caller had: it must be restored, not reused"),
        );
    }

    /// What is below the stack pointer belongs to nobody any more.
    pub(super) fn forget_below(&mut self, sp: u64) {
        if !self.watch.had.is_empty() {
            let dead = self.watch.stack.hi.wrapping_sub(sp).wrapping_add(1);
            drop(self.watch.had.split_off(&dead));
        }
    }
}
