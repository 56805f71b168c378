//! Growing the goroutine's stack, and moving it: every word that a frame's maps call a pointer is adjusted.

use rcsim_machine::shadow::FrameRule;
use rcsim_machine::{Perms, Shadow};
use rcsim_uop::guest::Guest;
use rcsim_uop::port::Link;

use crate::failure::Failure;
use crate::stack::{GUARD_BYTES, Stack};
use crate::unwind::{self, Level, Start};
use crate::world::World;

impl<S: Shadow> World<'_, S> {
    /// A prologue has found the stack too small: give the goroutine one of at least twice the size and move everything.
    ///
    /// # Errors
    /// When Go's limit is exceeded or a frame cannot be unwound.
    pub fn grow_for_prologue(&mut self) -> Result<(), Failure> {
        let sp = self.core.sp();
        let start = match self.core.convention.link {
            // The prologue's call has pushed its own return address; the frame below it is the function's.
            Link::Stack => {
                let bytes = self.core.word.register_bytes;
                let go_pc = self.core.load(sp, bytes)?;
                Start { go_pc, sp: sp + u64::from(bytes), link: None }
            }
            Link::Register(link) => {
                let go_pc = self.core.cpu.reg(self.core.port.growth_link().unwrap_or(link));
                let saved = self.core.convention.link_at_growth.map(|reg| self.core.cpu.reg(reg));
                Start { go_pc, sp, link: saved }
            }
        };
        let needed = self.frame_needed(start.go_pc);
        if self.guard_raised {
            self.raise_guard(false)?;
            if self.core.sp().saturating_sub(needed) >= self.stack.guard() + 256 {
                let levels = self.walk(start)?;
                return self.move_stack(&levels, self.stack.bytes());
            }
        }
        self.grow_stack(start, needed)
    }

    /// How many bytes the function whose prologue asked for more stack will use.
    fn frame_needed(&self, go_pc: u64) -> u64 {
        let pc = self.core.port.machine_pc(&*self.core.isa, go_pc).unwrap_or(go_pc);
        if let Some((function, _)) = self.code.built_in_at(pc) {
            return u64::from(function.frame_bytes);
        }
        let function = self.code.file_function_at(go_pc);
        function.and_then(|function| function.frame_size_bytes().ok()).map_or(0, u64::from)
    }

    /// Give the goroutine a stack of at least twice the size, with room for `needed` bytes more.
    ///
    /// # Errors
    /// When Go's limit is exceeded or a frame cannot be unwound.
    pub(crate) fn grow_stack(&mut self, start: Start, needed: u64) -> Result<(), Failure> {
        let levels = self.walk(start)?;
        let used = self.stack.hi - self.core.sp();
        let mut bytes = self.stack.bytes() * 2;
        while bytes < used + needed + 4096 {
            bytes *= 2;
        }
        self.move_stack(&levels, bytes)
    }

    /// Give the goroutine a stack of which so much is left above the guard when the function begins that the service whose
    /// frame is innermost calls next. More, where the port's stack pointer is a multiple of more.
    ///
    /// # Errors
    /// When Go's limit is exceeded or a frame cannot be unwound.
    pub(crate) fn leave_stack(&mut self, left: u64) -> Result<(), Failure> {
        let sp = self.core.sp();
        let levels = self.walk(Start { go_pc: self.host_return, sp, link: None })?;
        let align = u64::from(self.core.convention.stack_align).max(self.core.word_bytes());
        let used = self.stack.hi - sp + self.core.pushed_bytes();
        // Distances from the upper end stay, so it has to be aligned as the one before.
        self.move_stack(&levels, (used + left + GUARD_BYTES).next_multiple_of(align))
    }

    /// The frames on the stack, innermost first.
    ///
    /// # Errors
    /// When a frame cannot be unwound.
    pub(crate) fn walk(&mut self, start: Start) -> Result<Vec<Level>, Failure> {
        let place = self.core.action.clone();
        let levels = unwind::walk(
            &mut self.core,
            &self.code,
            &self.frames,
            self.stack.hi,
            self.host_return,
            start,
            std::mem::take(&mut self.levels),
        );
        if let Err(failure @ Failure::CannotUnwind { .. }) = &levels {
            self.core.action = place;
            let note = "the collector, stack growth and panics all walk the stack in this way".to_owned();
            let message = failure.to_string();
            self.core.violated(FrameRule::CannotUnwind, message, "walks the stack here", vec![note]);
        }
        levels
    }

    /// Give the goroutine another stack of `bytes` bytes, and adjust what the frames' maps call pointers. The old one is
    /// unmapped: whoever still points there traps.
    ///
    /// # Errors
    /// When there is no room for a stack of this size.
    pub(crate) fn move_stack(&mut self, levels: &[Level], bytes: u64) -> Result<(), Failure> {
        self.core.act("move the stack");
        let old = self.stack;
        let used = old.hi - self.core.sp();
        let new = self.stacks.take(bytes)?;
        self.core.mem.map(new.lo, new.mapped_bytes(), Perms::DATA);
        let kept = self.kept_below_stack_pointer();
        self.core.copy(new.hi - used - kept, old.hi - used - kept, used + kept)?;
        let moved = |addr: u64| addr.wrapping_add(new.hi.wrapping_sub(old.hi));
        let mut words = Vec::new();
        self.stack_words(levels, old, &mut |place| words.push(place));
        words.sort_unstable();
        words.dedup();
        for place in words {
            let value = self.core.load_word(moved(place))?;
            if old.contains(value) {
                self.core.store_word(moved(place), moved(value))?;
            }
        }
        self.core.set_sp(new.hi - used);
        if let Some(reg) = self.core.convention.frame_pointer {
            let value = self.core.cpu.reg(reg);
            if old.contains(value) {
                self.core.guest().set_reg(reg, moved(value));
            }
        }
        self.core.mem.unmap(old.lo, old.mapped_bytes());
        self.stack = new;
        self.stack_moves += 1;
        self.announce_stack()
    }

    /// Visit the addresses of all words in the frames that may point into the stack; one may be visited twice.
    pub(crate) fn stack_words(&self, levels: &[Level], stack: Stack, visit: &mut impl FnMut(u64)) {
        let word = self.core.word_bytes();
        let mut visit = |place| {
            if stack.contains(place) {
                visit(place);
            }
        };
        for level in levels {
            match level {
                Level::Guest(frame) => {
                    frame.pointer_words.iter().copied().for_each(&mut visit);
                    if self.core.convention.frame_pointer.is_some() && frame.entry_sp > frame.sp {
                        visit(frame.entry_sp - word);
                    }
                }
                Level::Service(n) => {
                    let frame = &self.frames[*n];
                    let locals = stack.hi - frame.low_from_hi + frame.locals;
                    frame.slots.iter().map(|slot| locals + slot).for_each(&mut visit);
                    let entry_sp = stack.hi - frame.entry_from_hi;
                    if self.kept_above_frame() > 0 && entry_sp > stack.hi - frame.low_from_hi {
                        visit(entry_sp - word);
                    }
                    let args = entry_sp + u64::from(self.core.convention.args_above_sp);
                    (0..frame.pointer_args).map(|n| args + n * word).for_each(&mut visit);
                }
            }
        }
        if self.kept_below_stack_pointer() > 0 {
            visit(self.core.sp() - word);
        }
    }

    /// Bytes below the stack pointer that are in use: where a function saves its caller's frame pointer just below its own
    /// frame, and has the register point there (`copystack` in Go's `runtime/stack.go` moves that word, too).
    fn kept_below_stack_pointer(&self) -> u64 {
        let kept = self.kept_above_frame();
        let register = self.core.convention.frame_pointer;
        let below = register.is_some_and(|reg| self.core.cpu.reg(reg) == self.core.sp().wrapping_sub(kept));
        if below { kept } else { 0 }
    }
}
