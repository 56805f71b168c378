//! RC0202, access outside the frame that owns the memory, and RC0203, a slot that is overwritten while somebody needs it.
//!
//! A function owns its frame and, while it runs, its stack arguments as declared. Functions written by hand get at other frames
//! only through an address that they were given, and only at the piece of memory that the address leads into: the locals of a
//! frame, or the object that a service has lent. Compiled functions may follow any pointer, but nobody may write what holds a
//! frame together: the return address and the saved frame pointer. In the heap, memory outside every object is nobody's.

use rcsim_machine::shadow::{FrameRule, Violation};
use rcsim_uop::port::Link;

use super::chain::{Activation, Level, ServiceLevel};
use super::{Callee, FrameWatch, Had, Told, Watching};

/// An argument word that is read after the call for which it was stored.
fn stale_argument(callee: &str, had: Had) -> Told {
    Told::new(
        FrameRule::Clobbered,
        format!("slot clobbered: an outgoing argument is used again after {callee} has had it"),
        "reads a word that the callee was free to overwrite",
    )
    .after(format!("the word was an argument of {callee}, which may overwrite it"), had.pc, had.step)
    .note(
        "argument words belong to the callee: a caller that needs a value after the call keeps it elsewhere",
    )
}

impl FrameWatch {
    /// Whose argument the word at `addr` was during a call that is over, if nobody has stored there since. Said once.
    pub fn had_by_callee(&mut self, addr: u64) -> Option<Had> {
        self.had.remove(&self.stack.hi.wrapping_sub(addr))
    }
}

impl Had {
    /// The violation of reading it, by a service at this step.
    #[must_use]
    pub fn violation(self, (place, step): (String, u64)) -> Violation {
        let callee = match self.callee {
            Callee::Service(name) => name,
            Callee::Function(_) => "its callee",
        };
        let told = stale_argument(callee, self);
        Violation {
            rule: told.rule,
            message: told.message,
            pc: None,
            place,
            step,
            remark: told.remark,
            events: told.events,
            notes: told.notes,
        }
    }
}

/// Stack addresses from `start` up to `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub start: u64,
    pub end: u64,
}

impl Span {
    pub fn new(start: u64, end: u64) -> Self {
        Self { start, end: end.max(start) }
    }

    pub fn holds(self, addr: u64) -> bool {
        self.start <= addr && addr < self.end
    }

    fn meets(self, addr: u64, bytes: u64) -> bool {
        addr < self.end && self.start < addr + bytes
    }
}

/// Where the parts of a function's frame are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts {
    /// The whole frame, without the word that the caller's frame pointer is saved in below it.
    pub frame: Span,
    /// The return address.
    pub link: Option<Span>,
    /// The caller's frame pointer.
    pub frame_pointer: Option<Span>,
    /// Locals and outgoing arguments.
    pub locals: Span,
    /// Incoming arguments, as far as they are declared.
    pub args: Span,
}

impl FrameWatch {
    pub(super) fn parts(&self, frame: &Activation) -> Parts {
        let (word, convention) = (u64::from(self.format.register_bytes), &self.convention);
        let (top, bytes) = (frame.entry_sp, frame.fact.frame_bytes);
        let low = top.saturating_sub(bytes);
        let args = top + u64::from(convention.args_above_sp);
        let declared =
            frame.fact.args_bytes.unwrap_or(if frame.fact.finds_map_by_context { 0 } else { u64::MAX });
        let args = Span::new(args, args.saturating_add(declared));
        let saves = bytes > 0 && convention.frame_pointer.is_some();
        match convention.link {
            Link::Stack => {
                let saved = saves.then(|| Span::new(top - word, top));
                let locals = Span::new(low, saved.map_or(top, |saved| saved.start));
                let link = Some(Span::new(top, top + word));
                // The word below is for the return address of its own calls.
                Parts { frame: Span::new(low - word, top), link, frame_pointer: saved, locals, args }
            }
            Link::Register(_) if bytes == 0 => Parts {
                frame: Span::new(low, top),
                link: None,
                frame_pointer: None,
                locals: Span::new(low, top),
                args,
            },
            Link::Register(_) => {
                // The caller's frame pointer is just below the frame; so is that of this frame's callee, above its own.
                let saved = saves.then(|| Span::new(low - word, low));
                let end = if saves { top - word } else { top };
                let link = Some(Span::new(low, low + word));
                let locals = Span::new(low + word, end);
                Parts { frame: Span::new(low, top), link, frame_pointer: saved, locals, args }
            }
        }
    }

    /// How far the locals of a service reach, seen from an address in them: the object that was lent, or what is none.
    fn service_piece(&self, level: &ServiceLevel, addr: u64) -> Span {
        if let Some(lent) =
            level.lent.iter().find(|lent| lent.start == addr || (lent.start..lent.end).contains(&addr))
        {
            return Span::new(lent.start, lent.end);
        }
        if addr < level.locals {
            return Span::new(level.low, level.locals);
        }
        let above = level.lent.iter().map(|lent| lent.start).filter(|start| *start > addr).min();
        Span::new(level.locals, above.unwrap_or(level.entry_sp))
    }
}

impl Watching<'_> {
    /// Guest code has accessed memory.
    #[inline]
    pub(super) fn accessed(&mut self, addr: u64, bytes: u64, write: bool) {
        let watch = &mut *self.watch;
        if write {
            watch.last_store = addr;
        }
        if addr == watch.guard {
            watch.checks_stack();
        } else if watch.stack.contains(addr) {
            self.stack_access(addr, bytes, write);
        } else if let Some((first, _)) = watch.objects.first()
            && *first <= addr
            && addr < watch.objects[watch.objects.len() - 1].1 + NEAR
        {
            self.heap_access(addr, bytes, write);
        }
    }

    fn stack_access(&mut self, addr: u64, bytes: u64, write: bool) {
        let watch = &mut *self.watch;
        let Some(Level::Guest(frame)) = watch.chain.last() else { return };
        let parts = watch.parts(frame);
        if parts.locals.holds(addr) && addr + bytes <= parts.locals.end {
            return self.argument_word(addr, bytes, write);
        }
        if parts.args.holds(addr) && addr + bytes <= parts.args.end {
            self.own_argument(addr - parts.args.start, bytes, write);
            return self.argument_word(addr, bytes, write);
        }
        if parts.link.is_some_and(|link| link.meets(addr, bytes)) {
            return self.own_link(addr, write);
        }
        if parts.frame_pointer.is_some_and(|saved| saved.meets(addr, bytes)) {
            return self.own_frame_pointer(write);
        }
        // On machines with a link register the top word of a frame is where its caller keeps a frame pointer, or spare.
        if parts.frame.holds(addr) && addr + bytes <= parts.frame.end {
            return;
        }
        self.foreign(addr, bytes, write);
    }

    /// A function has written one of its own argument words: it holds a result now, or what the function likes.
    fn own_argument(&mut self, offset: u64, bytes: u64, write: bool) {
        let word = self.watch.word();
        let Some(Level::Guest(frame)) = self.watch.chain.last_mut() else { return };
        if write {
            for n in offset / word..=(offset + bytes - 1) / word {
                frame.written |= 1_u64.checked_shl(n as u32).unwrap_or(0);
            }
        }
    }

    /// An access of argument words that a callee has had.
    pub(super) fn argument_word(&mut self, addr: u64, bytes: u64, write: bool) {
        if self.watch.had.is_empty() {
            return;
        }
        let (hi, word) = (self.watch.stack.hi, self.watch.word());
        for at in (addr & !(word - 1)..addr + bytes).step_by(word as usize) {
            if write {
                self.watch.had.remove(&(hi - at));
            } else if let Some(had) = self.watch.had.remove(&(hi - at)) {
                self.uses_callees_word(had);
            }
        }
    }

    /// Somebody reads an argument word after the call for which it was stored.
    fn uses_callees_word(&mut self, had: Had) {
        let callee = self.callee(had.callee);
        self.watch.report(stale_argument(&callee, had));
    }

    fn own_link(&mut self, _addr: u64, write: bool) {
        let (pc, step) = (self.watch.pc, self.watch.step);
        let Some(Level::Guest(frame)) = self.watch.chain.last_mut() else { return };
        if !write {
            return;
        }
        let (count, first, at) = frame.link_stores;
        frame.link_stores = (count + 1, pc, step);
        // Where a call pushes it, nobody else stores it; elsewhere the prologue does, before and after it lowers the stack
        // pointer.
        let allowed = if matches!(self.watch.convention.link, Link::Register(_)) { 2 } else { 0 };
        if count < allowed || frame.fact.writes_sp {
            return;
        }
        let fact = frame.fact;
        let name = self.name(&fact).to_owned();
        let mut told = Told::new(
            FrameRule::Clobbered,
            format!("slot clobbered: {name} overwrites its own return address"),
            "stores where the return address is kept",
        );
        if count > 0 {
            told = told.after("it was stored here", first, at);
        }
        self.watch.report(told.note("the frame is too small for what the function stores in it"));
    }

    fn own_frame_pointer(&mut self, write: bool) {
        let (pc, step) = (self.watch.pc, self.watch.step);
        if write && let Some(Level::Guest(frame)) = self.watch.chain.last_mut() {
            frame.frame_pointer_stores = (frame.frame_pointer_stores.0 + 1, pc, step);
        }
    }

    /// An access of stack memory that is not the running function's own.
    #[cold]
    fn foreign(&mut self, addr: u64, bytes: u64, write: bool) {
        let Some(Level::Guest(frame)) = self.watch.chain.last() else { return };
        let (frame, parts) = (frame.clone(), self.watch.parts(frame));
        if frame.fact.writes_sp {
            return;
        }
        let judged = write || (frame.fact.by_hand && frame.fact.machinery);
        if !judged {
            return;
        }
        if addr < parts.frame.start {
            // Compilers keep a word or two there across code that copies blocks without a frame of its own.
            if !frame.fact.by_hand {
                return;
            }
            let below = parts.frame.start - addr;
            return self.outside(write, &format!("{below} bytes below its frame"), bytes, &frame);
        }
        let Some(owner) = self.owner(addr) else {
            return self.outside(write, "above every frame", bytes, &frame);
        };
        let what = match &self.watch.chain[owner] {
            Level::Guest(other) => self.breach_of_frame(&frame, other, addr, bytes),
            Level::Service(level) => self.breach_of_service(&frame, level, addr, bytes),
        };
        let Some(what) = what else { return };
        match frame.fact.args_bytes {
            Some(declared)
                if !write
                    && frame.fact.by_hand
                    && (parts.args.end..parts.args.end + NEAR_ARGS).contains(&addr) =>
            {
                self.undeclared(&frame, addr + bytes - parts.args.start, declared);
            }
            _ => self.outside(write, &what, bytes, &frame),
        }
    }

    /// A function uses more arguments than it declares.
    fn undeclared(&mut self, frame: &Activation, used: u64, declared: u64) {
        let name = self.name(&frame.fact).to_owned();
        self.watch.report(
            Told::new(
                FrameRule::CannotUnwind,
                format!("cannot unwind {name}: it uses {used} bytes of arguments and declares {declared}"),
                "loads an argument beyond those that are declared",
            )
            .of(&frame.fact)
            .note("the unwinder takes the declared size for the end of the arguments: beyond it no pointer is looked for"),
        );
    }

    /// The level below the running function whose frame an address lies in.
    fn owner(&self, addr: u64) -> Option<usize> {
        let chain = &self.watch.chain;
        let pushed = self.watch.pushed();
        (0..chain.len() - 1).rev().find(|n| addr < chain[*n].entry_sp() + pushed)
    }

    fn breach_of_frame(
        &self,
        frame: &Activation,
        other: &Activation,
        addr: u64,
        bytes: u64,
    ) -> Option<String> {
        let parts = self.watch.parts(other);
        let name = self.name(&other.fact);
        if parts.link.is_some_and(|link| link.meets(addr, bytes)) {
            return Some(format!("on the return address of {name}"));
        }
        if parts.frame_pointer.is_some_and(|saved| saved.meets(addr, bytes)) {
            return Some(format!("on the frame pointer that {name} has saved"));
        }
        let given = !frame.fact.by_hand
            || frame.given.iter().any(|given| parts.locals.holds(*given) && *given <= addr);
        (!given).then(|| format!("in the frame of {name}, of which it was given no address"))
    }

    fn breach_of_service(
        &self,
        frame: &Activation,
        level: &ServiceLevel,
        addr: u64,
        bytes: u64,
    ) -> Option<String> {
        if !frame.fact.by_hand {
            return None;
        }
        let leads_there = |given: &u64| {
            let piece = self.watch.service_piece(level, *given);
            level.low <= *given && *given < level.entry_sp && piece.holds(addr) && addr + bytes <= piece.end
        };
        if frame.given.iter().any(leads_there) {
            return None;
        }
        let lent = level.lent.iter().rev().find(|lent| lent.start <= addr);
        Some(match lent {
            Some(lent) => {
                format!("{} bytes into a block of {} bytes", addr - lent.start, lent.end - lent.start)
            }
            None => "in the frame of its caller, of which it was given no address".to_owned(),
        })
    }

    fn outside(&mut self, write: bool, what: &str, bytes: u64, frame: &Activation) {
        let name = self.name(&frame.fact).to_owned();
        let verb = if write { "stores" } else { "loads" };
        self.watch.report(
            Told::new(
                FrameRule::OutsideFrame,
                format!("access outside the frame: {name} {verb} {bytes} bytes {what}"),
                format!("{verb} what is not its own"),
            )
            .note("a function owns its frame, its declared arguments, and what it was given the address of"),
        );
    }

    fn heap_access(&mut self, addr: u64, bytes: u64, write: bool) {
        let (start, end) = self.watch.last_object;
        if start <= addr && addr + bytes <= end {
            return;
        }
        let objects = &self.watch.objects;
        let after = objects.partition_point(|object| object.0 <= addr);
        let Some(object) = after.checked_sub(1).map(|n| objects[n]) else { return };
        self.watch.last_object = object;
        if addr + bytes <= object.1 {
            return;
        }
        let Some(frame) = self.top().cloned() else { return };
        // Compiled and string functions may read a few bytes beyond an object, of which they use nothing.
        if write || (frame.fact.by_hand && frame.fact.machinery) {
            let (size, number) = (object.1 - object.0, after);
            let what = format!("{} bytes into object #{number}, which has {size}", addr - object.0);
            self.outside(write, &what, bytes, &frame);
        }
    }
}

/// How far behind the declared arguments a load still looks like one of an argument.
const NEAR_ARGS: u64 = 64;
/// How far beyond the newest object an address still counts as one of the heap.
const NEAR: u64 = 4096;
