//! The points at which the collector may stop the goroutine, and what it would see there.
//!
//! Go stops this code at calls only: a prologue's stack check, an allocation, code of the user (`reflect` and `runtime` are
//! never preempted in between, see `runtime/preempt.go`). A stack check is known by what it does: it reads the
//! goroutine's guard.

use rcsim_machine::Shadow;
use rcsim_machine::shadow::{GcPoint, PointKind, Root};
use rcsim_uop::port::Link;
use rcsim_uop::reg::RegClass;

use crate::failure::Failure;
use crate::services::Val;
use crate::unwind::{Level, Start};
use crate::world::World;

/// What a freed object is filled with: Go's `clobberfree` pattern.
const FREED: u64 = 0xdead_beef_dead_beef;

/// Most places that are named as holders of one object.
const MAX_HOLDERS: usize = 6;

impl<S: Shadow> World<'_, S> {
    /// The collector may stop the goroutine here.
    ///
    /// # Errors
    /// When the stack cannot be walked.
    pub fn gc_point(&mut self, kind: PointKind) -> Result<(), Failure> {
        if !S::POINTS || !self.points_on {
            return Ok(());
        }
        if kind == PointKind::StackCheck && self.moves_on {
            // While the guard is raised the check fails, and the prologue asks for another stack by itself.
            if self.guard_raised {
                return Ok(());
            }
            self.raise_guard(true)?;
        }
        let place = match kind {
            PointKind::StackCheck => format!("{}: stack check", self.code.place(self.function_entry())),
            PointKind::Allocation | PointKind::UserCode => self.core.action.clone(),
        };
        let action = self.core.action.clone();
        let start = self.point_start(kind)?;
        let levels = self.walk(start)?;
        let roots = self.roots(kind, &levels);
        let freed = self.show(kind, &place, &roots, levels.len());
        for (addr, bytes) in freed {
            self.poison(addr, bytes)?;
        }
        if self.moves_on && kind != PointKind::StackCheck {
            self.move_stack(&levels, self.stack.bytes())?;
        }
        self.core.action = action;
        Ok(())
    }

    /// A service calls a function of Go that checks its stack and is no service itself: the collector may stop the
    /// goroutine, and addresses on the stack are good no longer.
    ///
    /// # Errors
    /// When the stack cannot be walked.
    pub(crate) fn calls(&mut self, action: impl Into<String>) -> Result<(), Failure> {
        self.core.act(action);
        self.gc_point(PointKind::Allocation)
    }

    /// Make every prologue find its stack too small, or stop doing so (Go's `mayMoreStackMove` does the same).
    pub(crate) fn raise_guard(&mut self, raised: bool) -> Result<(), Failure> {
        self.guard_raised = raised;
        self.announce_stack()
    }

    /// The first instruction of the function at hand.
    fn function_entry(&self) -> u64 {
        let pc = self.core.cpu.pc;
        self.code.at(pc).map_or(pc, |function| function.entry)
    }

    fn point_start(&mut self, kind: PointKind) -> Result<Start, Failure> {
        let sp = self.core.sp();
        if kind == PointKind::StackCheck {
            let entry = self.function_entry();
            let go_pc = self.core.port.go_pc(&*self.core.isa, entry).unwrap_or(entry);
            let link = match self.core.convention.link {
                Link::Stack => None,
                Link::Register(link) => Some(self.core.cpu.reg(link)),
            };
            return Ok(Start { go_pc, sp, link });
        }
        if !self.called_by_guest {
            return Ok(Start { go_pc: self.host_return, sp, link: None });
        }
        let go_pc = self.return_address()?;
        Ok(Start { go_pc, sp: sp + self.core.pushed_bytes(), link: None })
    }

    /// Every word that the scan reads as a pointer.
    fn roots(&self, kind: PointKind, levels: &[Level]) -> Vec<Root> {
        let mut places: Vec<u64> = self.globals.clone();
        for level in levels {
            match level {
                Level::Guest(frame) => places.extend(&frame.pointer_words),
                Level::Service(n) => self.service_roots(*n, &mut places),
            }
        }
        let word = |addr| self.peek(addr).map(|value| Root { addr, value });
        let mut roots: Vec<Root> = places.into_iter().filter_map(word).collect();
        if kind == PointKind::StackCheck {
            self.register_roots(&mut roots);
        }
        roots
    }

    fn service_roots(&self, n: usize, places: &mut Vec<u64>) {
        let frame = &self.frames[n];
        let locals = self.stack.hi - frame.low_from_hi + frame.locals;
        places.extend(frame.slots.iter().map(|slot| locals + slot));
        let layout = self.reg_args();
        for block in &frame.blocks {
            let Some(block) = self.peek(locals + block) else { continue };
            places.extend((0..layout.counts().ints).map(|reg| block + layout.pointer(reg)));
        }
    }

    /// A compiled function's prologue saves its register arguments and its context where the collector looks before it
    /// lets itself be stopped; functions written by hand have none.
    fn register_roots(&self, roots: &mut Vec<Root>) {
        let Some(function) = self.code.at(self.core.cpu.pc) else { return };
        if !function.internal_abi {
            return;
        }
        let context = self.core.convention.context;
        let registers = self.core.registers.ints.iter().chain([&context]);
        roots.extend(registers.map(|reg| Root { addr: 0, value: self.core.cpu.reg(*reg) }));
    }

    /// A word of memory as it is, seen by nobody.
    fn peek(&self, addr: u64) -> Option<u64> {
        self.core.mem.peek(addr, self.core.word.access())
    }

    fn show(&mut self, kind: PointKind, place: &str, roots: &[Root], frames: usize) -> Vec<(u64, u64)> {
        let (mem, access) = (&self.core.mem, self.core.word.access());
        let (cpu, isa, stack) = (&self.core.cpu, &self.core.isa, self.stack);
        let (sp, bytes) = (self.core.sp(), self.core.word_bytes());
        let word = |addr| mem.peek(addr, access);
        let holders = |low: u64, high: u64| {
            let inside = |value: u64| low <= value && value < high;
            let registers = isa.regs().named().iter().filter(|info| info.class == RegClass::Int);
            let mut names: Vec<String> = registers
                .filter(|info| inside(cpu.reg(info.reg)))
                .map(|info| info.name.clone())
                .take(MAX_HOLDERS)
                .collect();
            let mut at = sp;
            while at < stack.hi && names.len() < MAX_HOLDERS {
                if word(at).is_some_and(inside) {
                    names.push(format!("stack word {:#x} above sp", at - sp));
                }
                at += bytes;
            }
            names
        };
        let point = GcPoint { kind, place, step: cpu.steps, roots, frames, word: &word, holders: &holders };
        self.core.shadow.point(&point)
    }

    /// Free an object: its memory is given a pattern that no program expects.
    fn poison(&mut self, addr: u64, bytes: u64) -> Result<(), Failure> {
        let pattern = FREED.to_le_bytes();
        let data: Vec<u8> = (0..bytes).map(|n| pattern[n as usize % 8]).collect();
        self.core.mem.load_image(addr, &data).map_err(|fault| self.core.fault(fault))
    }

    /// The values' slots hold nothing that is used again: the collector does not look at them any more.
    pub fn end_of_life(&mut self, values: &[Val]) {
        for val in values {
            self.frames[val.frame].slots.retain(|slot| *slot != val.slot);
        }
    }

    /// The same for locals of the innermost frame.
    pub fn end_of_slots(&mut self, offsets: &[u64]) {
        if let Some(frame) = self.frames.last_mut() {
            frame.slots.retain(|slot| !offsets.contains(slot));
        }
    }

    /// A local of the innermost frame points to a register block, whose scanned part is alive as long as it.
    pub fn refers_to_block(&mut self, local: u64) {
        if let Some(frame) = self.frames.last_mut() {
            frame.blocks.push(local);
        }
    }

    /// Nothing refers to the register blocks of the innermost frame any more.
    pub fn forget_blocks(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.blocks.clear();
        }
    }

    /// A global variable keeps an object from now on.
    ///
    /// # Errors
    /// When there is no memory for the variable.
    pub fn keep(&mut self, object: u64) -> Result<(), Failure> {
        let variable = self.runtime_alloc(self.core.word_bytes(), 8)?;
        self.core.store_word(variable, object)?;
        self.globals.push(variable);
        Ok(())
    }

    /// Where a service is at work, in words.
    pub(crate) fn service_place(&self) -> String {
        self.core.action.clone()
    }
}
