//! Calls and returns: what holds at the edge between two frames.
//!
//! At a call: the stack pointer is aligned (RC0205); the caller's frame has room for what the callee calls its arguments (RC0202);
//! the caller's own tables say where its frame ends, and its return address is where the unwinder looks (RC0206; what the
//! unwinder itself stumbles over is told by `unwind.rs`). At a return: stack pointer and frame pointer are the caller's again
//! (RC0203).

use rcsim_machine::Sight;
use rcsim_machine::shadow::FrameRule;
use rcsim_uop::port::Link;

use super::chain::{Activation, Level};
use super::fact::{Fact, sp_delta};
use super::{Callee, Had, ServiceFact, Told, Watching};

/// A service at work for the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingService {
    /// Where its arguments are.
    pub args: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// What is remembered of them when it is over.
    pub had: Had,
}

impl Watching<'_> {
    /// The guest has come to an address that is no code of the image: a service, or the end of a call that a service made.
    pub(super) fn left_the_code<V: Sight>(&mut self, pc: u64, sight: &V) {
        self.service_is_over();
        if pc == self.watch.host_return {
            let service = self.watch.chain.iter().rposition(|level| matches!(level, Level::Service(_)));
            self.watch.chain.truncate(service.map_or(0, |at| at + 1));
            return;
        }
        if self.top().is_none() {
            return;
        }
        self.judge_call(None, pc, sight);
        let sp = sight.reg(self.watch.convention.sp);
        let args = sp + u64::from(self.watch.convention.args_above_sp);
        let ServiceFact { name, args_bytes: bytes, .. } =
            self.watch.services.get(&pc).copied().unwrap_or_default();
        let had = Had { callee: Callee::Service(name), pc: self.watch.pc, step: self.watch.step };
        self.watch.pending = Some(PendingService { args, bytes, had });
    }

    /// The guest runs again: the arguments of the service that was at work were that service's.
    pub(super) fn service_is_over(&mut self) {
        if let Some(pending) = self.watch.pending.take() {
            let words = pending.bytes / self.watch.word();
            self.callee_had(pending.args, words, 0, pending.had);
        }
    }

    /// A caller written by hand keeps nothing in words that its callee has had. (Compilers do not try.)
    fn callee_had(&mut self, args: u64, words: u64, written: u64, had: Had) {
        let by_hand = self.top().is_some_and(|frame| frame.fact.by_hand);
        if !by_hand {
            return;
        }
        for n in 0..words.min(64) {
            if written >> n & 1 == 0 {
                let at = args + n * self.watch.word();
                self.watch.had.insert(self.watch.stack.hi.wrapping_sub(at), had);
            }
        }
    }

    /// The function on top has come back to its caller.
    pub(super) fn returned<V: Sight>(&mut self, sight: &V) {
        self.watch.pending = None;
        let Some(Level::Guest(frame)) = self.watch.chain.pop() else { return };
        let sp = sight.reg(self.watch.convention.sp);
        self.forget_below(sp);
        if !frame.fact.writes_sp {
            self.judge_depth(&frame);
            self.judge_return(&frame, sp, sight);
        }
        let args = frame.entry_sp + u64::from(self.watch.convention.args_above_sp);
        let words = frame.fact.args_bytes.unwrap_or(0) / self.watch.word();
        let had =
            Had { callee: Callee::Function(frame.fact.entry), pc: self.watch.pc, step: self.watch.step };
        self.callee_had(args, words, frame.written, had);
    }

    fn judge_return<V: Sight>(&mut self, frame: &Activation, sp: u64, sight: &V) {
        let (name, wanted) = (self.name(&frame.fact).to_owned(), frame.entry_sp + self.watch.pushed());
        if sp != wanted {
            let (way, by) = if sp > wanted { ("higher", sp - wanted) } else { ("lower", wanted - sp) };
            self.watch.report(
                Told::new(
                    FrameRule::Clobbered,
                    format!("register clobbered: {name} returns with the stack pointer {by} bytes {way} than its caller had it"),
                    "returns",
                )
                .note("the caller finds its locals and its own return address by this register"),
            );
        }
        let Some(register) = self.watch.convention.frame_pointer else { return };
        if sight.reg(register) != frame.frame_pointer {
            let mut told = Told::new(
                FrameRule::Clobbered,
                format!("register clobbered: {name} returns with another frame pointer than its caller had"),
                "returns",
            );
            let (count, pc, step) = frame.frame_pointer_stores;
            if count > 1 {
                told = told.after("the place where it was saved was overwritten", pc, step);
            }
            self.watch.report(told.note("tracebacks and profilers follow this register from frame to frame"));
        }
    }

    /// Judge a call from the function on top to a function of the image, or to a service.
    pub(super) fn judge_call<V: Sight>(&mut self, callee: Option<&Fact>, pc: u64, sight: &V) {
        let Some(caller) = self.top().cloned() else { return };
        if caller.fact.writes_sp {
            return;
        }
        let sp = sight.reg(self.watch.convention.sp) + self.watch.pushed();
        self.judge_depth(&caller);
        self.judge_check(&caller, sp);
        self.judge_alignment(&caller, sp);
        self.judge_room(&caller, callee, pc, sp);
        self.judge_distance(&caller, pc, sp, sight);
        self.judge_link(&caller, sp, sight);
        self.judge_frame_pointer(&caller, sp, sight);
        if let Some(callee) = callee {
            self.judge_map(callee);
        }
    }

    /// Judge a call through a pointer that has just come to `pc`.
    pub(super) fn judge_callee_address<V: Sight>(&mut self, pc: u64, sight: &V) {
        let Some(register) = self.watch.callee_address.filter(|register| sight.reg(*register) != pc) else {
            return;
        };
        let Some(caller) = self.top().cloned() else { return };
        let service = self.watch.services.get(&pc).map(|service| service.name.to_owned());
        let callee = service.unwrap_or_else(|| self.code.place(pc));
        let caller = self.name(&caller.fact).to_owned();
        let register = self.isa.regs().name(register);
        self.watch.report(
            Told::new(
                FrameRule::Clobbered,
                format!("register clobbered: {caller} calls {callee} through a pointer, and {register} is not its address"),
                "calls",
            )
            .note(format!("a function of a position-independent program finds its data from {register}")),
        );
    }

    fn judge_alignment(&mut self, caller: &Activation, sp: u64) {
        let align = u64::from(self.watch.convention.stack_align);
        if align > 1 && !sp.is_multiple_of(align) {
            let name = self.name(&caller.fact).to_owned();
            self.watch.report(
                Told::new(
                    FrameRule::Misaligned,
                    format!("misaligned stack: {name} makes a call with a stack pointer that is no multiple of {align}"),
                    format!("calls with the stack pointer {} bytes off", sp % align),
                )
                .note("the frame's size was not rounded as the convention wants it"),
            );
        }
    }

    /// The callee's arguments, with the space to spill registers to, lie in the caller's frame.
    fn judge_room(&mut self, caller: &Activation, callee: Option<&Fact>, pc: u64, sp: u64) {
        let declared = match callee {
            Some(callee) => callee.args_bytes.unwrap_or(0),
            None => self.watch.services.get(&pc).map_or(0, |service| service.room_bytes),
        };
        let parts = self.watch.parts(caller);
        let fixed = u64::from(self.watch.convention.args_above_sp) - self.watch.pushed();
        let room = parts.locals.end.saturating_sub(sp + fixed);
        if declared <= room || caller.fact.frame_bytes == 0 {
            return;
        }
        let name = self.name(&caller.fact).to_owned();
        let called = match callee {
            Some(callee) => self.name(callee).to_owned(),
            None => self.watch.services.get(&pc).map_or("", |service| service.name).to_owned(),
        };
        self.watch.report(
            Told::new(
                FrameRule::OutsideFrame,
                format!(
                    "access outside the frame: {called} owns {declared} bytes of arguments and spill space, {name} has room for {room}"
                ),
                "calls a function whose argument area is not all in its frame",
            )
            .note("what the callee stores beyond lands on the saved frame pointer, the return address, or another frame"),
        );
    }

    fn judge_distance<V: Sight>(&mut self, caller: &Activation, callee: u64, sp: u64, sight: &V) {
        let Some(return_word) = self.return_word(callee, sp, sight) else { return };
        let Some(delta) = self.delta_at(return_word) else { return };
        let real = caller.entry_sp.wrapping_sub(sp) as i64;
        if delta != real {
            let name = self.name(&caller.fact).to_owned();
            self.watch.report(
                Told::new(
                    FrameRule::CannotUnwind,
                    format!("cannot unwind {name}: its frame has {real} bytes at this call, its table says {delta}"),
                    "calls with another stack pointer than the table says",
                )
                .note("the unwinder adds the table's distance to the stack pointer to find the caller's frame"),
            );
        }
    }

    /// What a call to `callee` leaves as return address.
    fn return_word<V: Sight>(&self, callee: u64, sp: u64, sight: &V) -> Option<u64> {
        match self.watch.convention.link {
            Link::Stack => sight.peek(sp - self.watch.pushed(), self.watch.register_access()),
            Link::Register(link) => {
                let service = self.watch.services.get(&callee);
                let grows = service.is_some_and(|service| service.name.starts_with("runtime.morestack"));
                // A prologue keeps its own return address in its register, and asks for more stack by another.
                let link = if grows { self.port.growth_link().unwrap_or(link) } else { link };
                Some(sight.reg(link))
            }
        }
    }

    fn delta_at(&mut self, return_word: u64) -> Option<i64> {
        if let Some(known) = self.watch.deltas.get(&return_word) {
            return *known;
        }
        let pc = self.port.machine_pc(self.isa, return_word).unwrap_or(return_word);
        let delta = sp_delta(self.code, pc, return_word);
        self.watch.deltas.insert(return_word, delta);
        delta
    }

    /// The caller's own return address is where the unwinder looks for it.
    fn judge_link<V: Sight>(&mut self, caller: &Activation, sp: u64, sight: &V) {
        let place = match self.watch.convention.link {
            Link::Stack => caller.entry_sp,
            // Before it opens its frame, as where it asks for a larger stack, its return address is in no word of its own.
            Link::Register(_) if caller.fact.frame_bytes > 0 && sp < caller.entry_sp => sp,
            Link::Register(_) => return,
        };
        let Some(found) = sight.peek(place, self.watch.register_access()) else { return };
        if found == caller.return_word {
            return;
        }
        let name = self.name(&caller.fact).to_owned();
        let mut told = Told::new(
            FrameRule::CannotUnwind,
            format!("cannot unwind {name}: its return address is not where the unwinder looks"),
            "makes a call while its own return address is lost",
        );
        let (count, pc, step) = caller.link_stores;
        if count > 0 {
            told = told.after("its place was last written here", pc, step);
        }
        self.watch.report(told);
    }

    /// A function's argument map covers no more than the arguments that it declares.
    fn judge_map(&mut self, callee: &Fact) {
        let Some(declared) = callee.args_bytes else { return };
        let mapped = callee.map_words * self.watch.word();
        if mapped <= declared.next_multiple_of(self.watch.word()) || !callee.by_hand {
            return;
        }
        let name = self.name(callee).to_owned();
        self.watch.report(
            Told::new(
                FrameRule::CannotUnwind,
                format!("cannot unwind {name}: it declares {declared} bytes of arguments, its pointer map covers {mapped}"),
                "calls it",
            )
            .note("the unwinder takes the declared size for the end of the arguments"),
        );
    }
}
