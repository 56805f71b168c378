//! The points at which the collector may stop the goroutine, and what it would see there.
//!
//! Go stops this code at calls only: a prologue's stack check, an allocation, code of the user (`reflect` and `runtime` are
//! never preempted in between, see `runtime/preempt.go`). A stack check is known by what it does: it reads the
//! goroutine's guard.

use rcsim_machine::Shadow;
use rcsim_machine::memory::Peek;
use rcsim_machine::shadow::{Declared, GcPoint, PointKind, Root, RootKind};
use rcsim_uop::guest::Guest;
use rcsim_uop::port::Link;
use rcsim_uop::reg::{Reg, RegClass, SLOTS};

use crate::code::Code;
use crate::failure::Failure;
use crate::services::Val;
use crate::stack::Stack;
use crate::unwind::{self, Frame, Level, Start};
use crate::world::{Moves, ServiceFrame, World};

/// What a freed object is filled with: Go's `clobberfree` pattern.
const FREED: u64 = 0xdead_beef_dead_beef;

/// Most places that are named as holders at one point.
const MAX_HOLDERS: usize = 64;

/// Words of the stack that are looked through for holders, at most.
const MAX_SEARCHED_WORDS: u64 = 4096;

/// Passing a point.
impl<S: Shadow> World<'_, S> {
    /// From here on the collector may stop the goroutine.
    ///
    /// # Errors
    /// When the goroutine cannot be written to.
    pub fn start_points(&mut self, moves: Moves) -> Result<(), Failure> {
        (self.points_on, self.moves) = (true, moves);
        self.prepare_move()
    }

    /// The call is over: the last point.
    ///
    /// # Errors
    /// As [`World::gc_point`].
    pub fn end_points(&mut self) -> Result<(), Failure> {
        self.core.act("after the call");
        self.gc_point(PointKind::AfterCall)?;
        self.points_on = false;
        if self.guard_raised { self.raise_guard(false) } else { Ok(()) }
    }

    /// The collector may stop the goroutine here.
    ///
    /// # Errors
    /// When the stack cannot be walked.
    pub fn gc_point(&mut self, kind: PointKind) -> Result<(), Failure> {
        if !S::POINTS || !self.points_on {
            return Ok(());
        }
        let check = kind == PointKind::StackCheck;
        // While the guard is raised the check fails, and the prologue asks for another stack by itself.
        if check && self.guard_raised {
            return Ok(());
        }
        let moves_here = !check && self.moves_at(self.points);
        if self.guard_raised && self.moves != Moves::Always {
            self.raise_guard(false)?;
        }
        let action = std::mem::replace(&mut self.core.action, "".into());
        if check {
            self.enter_prologue();
        }
        let start = self.point_start(kind)?;
        let levels = self.walk(start)?;
        let freed = self.examine(kind, &action, &levels)?;
        for (addr, bytes) in freed {
            self.poison(addr, bytes)?;
        }
        self.points += 1;
        if moves_here {
            self.move_stack(&levels, self.stack.bytes())?;
        } else {
            self.adjust(kind, &levels);
        }
        self.levels = self.core.spare.take_back(levels);
        self.prepare_move()?;
        self.core.action = action;
        Ok(())
    }

    fn moves_at(&self, point: u32) -> bool {
        match self.moves {
            Moves::Never => false,
            Moves::Always => true,
            Moves::At(chosen) => chosen == point,
        }
    }

    /// Raise the guard when the stack is to move at the next point: if that is a stack check, it must fail.
    fn prepare_move(&mut self) -> Result<(), Failure> {
        if self.moves_at(self.points) && !self.guard_raised { self.raise_guard(true) } else { Ok(()) }
    }

    /// A service calls a function of Go that checks its stack and is no service itself: the collector may stop the
    /// goroutine, and addresses on the stack are good no longer.
    ///
    /// # Errors
    /// When the stack cannot be walked.
    pub(crate) fn calls(&mut self, action: impl Into<std::borrow::Cow<'static, str>>) -> Result<(), Failure> {
        self.core.act(action);
        self.gc_point(PointKind::Allocation)
    }

    /// Make every prologue find its stack too small, or stop doing so (Go's `mayMoreStackMove` does the same).
    pub(crate) fn raise_guard(&mut self, raised: bool) -> Result<(), Failure> {
        self.guard_raised = raised;
        self.announce_stack()
    }

    /// The first instruction of the function at hand.
    pub(crate) fn function_entry(&self) -> u64 {
        let pc = self.core.cpu.pc;
        self.code.at(pc).map_or(pc, |function| function.entry)
    }

    fn point_start(&mut self, kind: PointKind) -> Result<Start, Failure> {
        let sp = self.core.sp();
        if kind == PointKind::StackCheck {
            let entry = self.function_entry();
            let go_pc = self.core.port.go_pc(&*self.core.isa, entry).unwrap_or(entry);
            return Ok(Start { go_pc, sp, link: self.link() });
        }
        if !self.called_by_guest {
            return Ok(Start { go_pc: self.host_return, sp, link: None });
        }
        let go_pc = self.return_address()?;
        Ok(Start { go_pc, sp: sp + self.core.pushed_bytes(), link: None })
    }

    fn link(&self) -> Option<u64> {
        match self.core.convention.link {
            Link::Stack => None,
            Link::Register(link) => Some(self.core.cpu.reg(link)),
        }
    }

    /// Show the shadow what the collector would see.
    fn examine(
        &mut self,
        kind: PointKind,
        action: &str,
        levels: &[Level],
    ) -> Result<Vec<(u64, u64)>, Failure> {
        self.vacate()?;
        let mut roots = std::mem::take(&mut self.roots);
        self.find_roots(kind, levels, &mut roots);
        self.note_point(kind, action, &roots, levels.len());
        let freed = self.show(kind, action, &roots, levels);
        roots.clear();
        self.roots = roots;
        Ok(freed)
    }

    /// What is below the stack pointer belongs to nobody. Some ports keep the innermost frame pointer in the word there.
    fn vacate(&mut self) -> Result<(), Failure> {
        let word = self.core.word_bytes();
        let end = self.core.sp() - word;
        let low = self.core.shadow.frames_end_at(end).max(self.stack.lo) & !(word - 1);
        if low < end {
            if let Some(pattern) = self.core.shadow.scribble() {
                self.scribble(low, end - low, pattern)?;
            }
            let vacant = self.core.shadow.vacant();
            self.core.mem.fill_words(low, end - low, vacant);
        }
        Ok(())
    }

    /// The goroutine is between two instructions. Under the policy that wants to see every step, this is a point too, though
    /// none that Go permits.
    pub(crate) fn after_step(&mut self) -> Result<(), Failure> {
        if self.core.shadow.stop_requested() {
            self.gc_point(PointKind::StackCheck)?;
        }
        if !self.core.shadow.every_step() {
            return Ok(());
        }
        self.core.shadow.look_away(true);
        let action = std::mem::replace(&mut self.core.action, "".into());
        let levels = self.step_levels().unwrap_or_default();
        let mut roots = Vec::new();
        self.find_roots(PointKind::Step, &levels, &mut roots);
        self.show(PointKind::Step, &action, &roots, &levels);
        self.levels = self.core.spare.take_back(levels);
        self.core.action = action;
        self.core.shadow.look_away(false);
        Ok(())
    }

    /// The frames between two instructions, where they can be told.
    pub(crate) fn step_levels(&mut self) -> Option<Vec<Level>> {
        let pc = self.core.cpu.pc;
        // Where a Go PC is no instruction address, it names places between calls only.
        let go_pc = self.core.port.go_pc(&*self.core.isa, pc).filter(|go_pc| *go_pc == pc)?;
        // A walk takes it for a return address, and those belong to the instruction before.
        let (go_pc, sp) = (go_pc + 1, self.core.sp());
        let frame = unwind::frame_at(&mut self.core, &self.code, go_pc, sp).ok()?;
        let link = if frame.entry_sp == sp { self.link() } else { None };
        self.walk(Start { go_pc, sp, link }).ok()
    }
}

/// What the collector sees.
impl<S: Shadow> World<'_, S> {
    /// Every word that the scan reads as a pointer.
    pub(crate) fn find_roots(&self, kind: PointKind, levels: &[Level], roots: &mut Vec<Root<S::Word>>) {
        let memory = &self.core.mem.peeks(self.core.word.access());
        add_roots(memory, RootKind::Global, self.globals.iter().copied(), roots);
        self.add_written_globals(memory, roots);
        let innermost = levels.first().and_then(|level| match level {
            Level::Guest(frame) => Some(frame),
            Level::Service(_) => None,
        });
        for level in levels {
            match level {
                Level::Guest(frame) => {
                    let first = roots.len();
                    add_roots(memory, RootKind::Stack, frame.pointer_words.iter().copied(), roots);
                    if kind == PointKind::StackCheck && innermost == Some(frame) && self.saves_registers() {
                        self.saved_registers(frame, first, roots);
                    }
                }
                Level::Service(n) => self.service_roots(memory, *n, roots),
            }
        }
    }

    /// Global variables of the program that may point into the heap, where the program's own masks say that they are scanned.
    fn add_written_globals(&self, memory: &Peek<'_, S>, roots: &mut Vec<Root<S::Word>>) {
        self.core.shadow.visit_written_globals(&mut |addr| {
            if self.statics.is_scanned(addr) {
                add_roots(memory, RootKind::Global, std::iter::once(addr), roots);
            }
        });
    }

    /// What declarations say of the arguments of the frames.
    fn find_declared(&self, levels: &[Level], declared: &mut Vec<Declared<S::Word>>) {
        let (memory, byte) = (self.core.mem.peeks(self.core.word.access()), self.core.word.access_of(1));
        for level in levels {
            let Level::Guest(frame) = level else { continue };
            for (addr, pointer) in &frame.declared {
                let Some((value, word)) = memory.tagged(*addr) else { continue };
                let root = Root { kind: RootKind::Stack, addr: *addr, value, word };
                let address = *pointer && value != 0 && self.core.mem.peek(value, byte).is_some();
                declared.push(Declared { root, pointer: *pointer, address });
            }
        }
    }

    fn service_roots(&self, memory: &Peek<'_, S>, n: usize, roots: &mut Vec<Root<S::Word>>) {
        let frame = &self.frames[n];
        let locals = self.stack.hi - frame.low_from_hi + frame.locals;
        add_roots(memory, RootKind::Stack, frame.slots.iter().map(|slot| locals + slot), roots);
        if frame.blocks.is_empty() {
            return;
        }
        let layout = self.reg_args();
        for block in &frame.blocks {
            let Some((block, _)) = memory.tagged(locals + block) else { continue };
            let words = (0..layout.counts().ints).map(|reg| block + layout.pointer(reg));
            add_roots(memory, RootKind::Stack, words, roots);
        }
    }

    /// A compiled function's prologue saves its register arguments and its context where the collector looks before it
    /// lets itself be stopped; functions written by hand have none.
    fn saved_registers(&self, frame: &Frame, first: usize, roots: &mut Vec<Root<S::Word>>) {
        let Some(saved) = self.prologues.at_hand() else {
            self.forget_unsaved(first, frame.args, roots);
            let context = self.core.convention.context;
            roots.extend(
                self.core.registers.ints.iter().chain([&context]).map(|reg| self.register_root(*reg)),
            );
            return;
        };
        // What the words of the spill area hold is from before; the map tells which of them are pointers.
        let place = |above: i64| frame.entry_sp.wrapping_add_signed(above);
        let is_spilled = |addr: u64| saved.registers.iter().any(|(_, above)| place(*above) == addr);
        let mut at = 0;
        roots.retain(|root| {
            at += 1;
            at <= first || !is_spilled(root.addr)
        });
        let pointers =
            saved.registers.iter().filter(|(_, above)| frame.pointer_words.contains(&place(*above)));
        roots.extend(pointers.map(|(reg, _)| self.register_root(*reg)));
        if saved.context {
            roots.push(self.register_root(self.core.convention.context));
        }
    }

    fn register_root(&self, reg: Reg) -> Root<S::Word> {
        Root {
            kind: RootKind::Register,
            addr: reg.index() as u64,
            value: self.core.cpu.reg(reg),
            word: self.core.shadow.word_of(self.core.cpu.tag(reg)),
        }
    }

    /// Where a prologue will save register arguments nothing has been written yet: what it saves counts as in its register.
    /// Where the code does not tell which words these are, it is those that nobody has written.
    fn forget_unsaved(&self, first: usize, args: u64, roots: &mut Vec<Root<S::Word>>) {
        let mut at = 0;
        roots.retain(|root| {
            at += 1;
            at <= first || root.addr < args || !self.core.shadow.is_unwritten(root.word)
        });
    }

    fn saves_registers(&self) -> bool {
        self.code.at(self.core.cpu.pc).is_some_and(|function| function.internal_abi)
    }

    /// The shadow learns which pointers into the stack a move here would adjust.
    fn adjust(&mut self, kind: PointKind, levels: &[Level]) {
        let mut words = std::mem::take(&mut self.words);
        let (memory, shadow) = (self.core.mem.peeks(self.core.word.access()), &self.core.shadow);
        self.stack_words(levels, self.stack, &mut |place| {
            let word = memory.word(place);
            if shadow.adjusted(word) != word {
                words.push(place);
            }
        });
        for place in words.drain(..) {
            let adjusted = self.core.shadow.adjusted(self.core.mem.word(place));
            self.core.mem.scatter_words(place, &[adjusted]);
        }
        self.words = words;
        let own = [Some(self.core.convention.sp), self.core.convention.frame_pointer];
        for reg in own.into_iter().flatten() {
            self.adjust_register(reg);
        }
        if kind == PointKind::StackCheck && self.saves_registers() {
            self.adjust_saved(levels);
        }
        if kind == PointKind::StackCheck {
            self.adjust_window();
        }
    }

    /// What the prologue has saved is adjusted as the words are where it is saved.
    fn adjust_saved(&mut self, levels: &[Level]) {
        let Some(Level::Guest(frame)) = levels.first() else { return };
        let mut roots = Vec::new();
        self.saved_registers(frame, 0, &mut roots);
        for root in &roots {
            self.adjust_register(Reg(root.addr as u8));
        }
    }

    /// After a move the function begins anew. Where a call gives a function registers of its own, what it has put there before
    /// its check is made again. They reach from the first slot of the window as far as the function likes; what stands behind
    /// those that it uses, nobody reads.
    fn adjust_window(&mut self) {
        let Some(window) = self.core.cpu.windows().last() else { return };
        for slot in window.first.index()..SLOTS {
            self.adjust_register(Reg(slot as u8));
        }
    }

    fn adjust_register(&mut self, reg: Reg) {
        let value = self.core.cpu.reg(reg);
        if self.stack.contains(value) {
            self.core.guest().set_reg(reg, value);
        }
    }

    fn show(
        &mut self,
        kind: PointKind,
        action: &str,
        roots: &[Root<S::Word>],
        levels: &[Level],
    ) -> Vec<(u64, u64)> {
        let mut declared = std::mem::take(&mut self.declared);
        self.find_declared(levels, &mut declared);
        let freed = self.show_with(kind, action, roots, levels, &declared);
        declared.clear();
        self.declared = declared;
        freed
    }

    fn show_with(
        &mut self,
        kind: PointKind,
        action: &str,
        roots: &[Root<S::Word>],
        levels: &[Level],
        declared: &[Declared<S::Word>],
    ) -> Vec<(u64, u64)> {
        let (mem, access, code) = (&self.core.mem, self.core.word.access(), &self.code);
        let (cpu, isa, stack) = (&self.core.cpu, &self.core.isa, self.stack);
        let (sp, bytes, frames) = (self.core.sp(), self.core.word_bytes(), &self.frames);
        let entry = self.function_entry();
        let memory = mem.peeks(access);
        let word = |addr| memory.tagged(addr);
        let place = || match kind {
            PointKind::StackCheck => format!("{}: stack check", code.place(entry)),
            PointKind::Step => code.place(cpu.pc),
            PointKind::Allocation | PointKind::UserCode | PointKind::AfterCall => action.to_owned(),
        };
        let holders = |low: u64, high: u64| {
            let inside = |value: &u64| low <= *value && *value < high;
            let registers = isa.regs().named().iter().filter(|info| info.class == RegClass::Int);
            let registers = registers.map(|info| (cpu.reg(info.reg), info.name.clone()));
            let words = (0..MAX_SEARCHED_WORDS).map(|n| sp + n * bytes).take_while(|at| *at < stack.hi);
            let words = words.filter_map(|at| Some((at, mem.peek(at, access).filter(inside)?)));
            let words = words.map(|(at, value)| (value, format!("stack word {:#x} above sp", at - sp)));
            registers.filter(|(value, _)| inside(value)).chain(words).take(MAX_HOLDERS).collect()
        };
        let name = |root: &Root<S::Word>| match root.kind {
            RootKind::Global => "a global variable".to_owned(),
            RootKind::Register => isa.regs().name(Reg(root.addr as u8)),
            RootKind::Stack => {
                let owner = owner_of(root.addr, levels, frames, stack, code);
                format!("stack word {:#x} above sp, in {owner}", root.addr.wrapping_sub(sp))
            }
        };
        let (step, pc) =
            (cpu.steps, matches!(kind, PointKind::StackCheck | PointKind::Step).then_some(cpu.pc));
        let frames = levels.len();
        let point = GcPoint {
            kind,
            place: &place,
            pc,
            step,
            roots,
            declared,
            frames,
            word: &word,
            holders: &holders,
            name: &name,
        };
        self.core.shadow.point(&point)
    }
}

/// Add the words at these places.
fn add_roots<S: Shadow>(
    memory: &Peek<'_, S>,
    kind: RootKind,
    places: impl Iterator<Item = u64>,
    roots: &mut Vec<Root<S::Word>>,
) {
    for addr in places {
        if let Some((value, word)) = memory.tagged(addr) {
            roots.push(Root { kind, addr, value, word });
        }
    }
}

/// The frame that a word of the stack belongs to, in words.
fn owner_of(addr: u64, levels: &[Level], services: &[ServiceFrame], stack: Stack, code: &Code) -> String {
    for level in levels {
        match level {
            Level::Guest(frame) if addr < frame.entry_sp => {
                return format!("the frame of {}", code.place(frame.go_pc));
            }
            Level::Guest(frame)
                if frame.pointer_words.contains(&addr)
                    || frame.declared.iter().any(|(word, _)| *word == addr) =>
            {
                return format!("the arguments of {}", code.place(frame.go_pc));
            }
            Level::Service(n) if addr < stack.hi - services[*n].entry_from_hi => {
                return "the frame of a service".to_owned();
            }
            Level::Guest(_) | Level::Service(_) => {}
        }
    }
    "no frame".to_owned()
}

/// What a collection does, and what services tell it.
impl<S: Shadow> World<'_, S> {
    /// Free an object: its memory is given a pattern that no program expects.
    fn poison(&mut self, addr: u64, bytes: u64) -> Result<(), Failure> {
        let pattern = FREED.to_le_bytes();
        let data: Vec<u8> = (0..bytes).map(|n| pattern[n as usize % 8]).collect();
        self.core.mem.load_image(addr, &data).map_err(|fault| self.core.fault(fault))
    }

    /// Fill whole words with a value.
    fn scribble(&mut self, addr: u64, bytes: u64, value: u64) -> Result<(), Failure> {
        let (word, access) = (self.core.word_bytes(), self.core.word.access());
        for at in (addr..addr + bytes).step_by(word as usize) {
            self.core.mem.store(at, access, value).map_err(|fault| self.core.fault(fault))?;
        }
        Ok(())
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
        self.core.action.to_string()
    }
}
