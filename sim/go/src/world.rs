//! The world: one goroutine with its code, heap and stack, and the calls between guest code and services.
//!
//! A service is a Rust function that stands at a guest address. When the guest gets there, [`World::call`] runs it and
//! makes it return as a function of the guest would. A service that needs memory or calls guest code opens a frame on the
//! guest's own stack ([`World::open_frame`]), so that what it holds is where Go would have it.

use std::sync::Arc;

use rcsim_machine::shadow::{Declared, NewObject, PointKind};
use rcsim_machine::{CodeCache, Cpu, Exit, Memory, Perms, Shadow, TrapKind};
use rcsim_uop::epoch::Epoch;
use rcsim_uop::guest::Guest;
use rcsim_uop::isa::Isa;
use rcsim_uop::op::Access;
use rcsim_uop::port::{ArgRegisters, Externs, Link, Port};
use rcsim_workloads::layout::Layouts;

use crate::abi::{RegArgsLayout, RegCounts};
use crate::code::{Code, Source};
use crate::core::Core;
use crate::deviation::{Deviation, Deviations};
use crate::failure::{Failure, Limit};
use crate::heap::Heap;
use crate::marking::Marking;
use crate::mutation::Mutation;
use crate::phases::PhaseMeter;
use crate::places::Places;
use crate::prologue::Prologues;
use crate::rules::FrameWatch;
use crate::rules::handed_on::UnderWay;
use crate::rules::values::Passed;
use crate::services::{After, HookAbi, Service};
use crate::stack::{INITIAL_BYTES, Stack, StackArea};
use crate::statics::Statics;
use crate::steps::Steps;
use crate::unwind::{Level, Spare, Start};
use crate::values::Objects;

/// Nested calls between services and guest code, at most.
pub const MAX_DEPTH: usize = 512;
/// Guest memory, at most.
pub const MAX_MEMORY_BYTES: u64 = 6 << 30;

/// A service's frame on the goroutine stack. Places are kept as distances from the stack's upper end, which a move of the
/// stack does not change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceFrame {
    /// Distance of the stack pointer at the service's entry from the stack's upper end.
    pub entry_from_hi: u64,
    /// Distance of the frame's lowest byte from the stack's upper end.
    pub low_from_hi: u64,
    /// Offset of the locals from the frame's lowest byte; what is below are outgoing arguments.
    pub locals: u64,
    /// Return address of the service.
    pub return_to: u64,
    /// Offsets in the locals that hold pointers.
    pub slots: Vec<u64>,
    /// Words of the incoming arguments that are pointers.
    pub pointer_args: u64,
    /// Offsets in the locals of pointers to register blocks, whose scanned part the collector follows.
    pub blocks: Vec<u64>,
}

/// A hook: a service at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hook {
    /// What runs.
    pub service: Service,
    /// How its arguments come.
    pub abi: HookAbi,
}

/// At which points the stack moves though it is large enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moves {
    /// At none.
    Never,
    /// At each.
    Always,
    /// At the one with this number.
    At(u32),
}

/// The numbers of a run's hooks.
#[derive(Default)]
pub struct Hooks {
    list: Vec<Hook>,
}

/// One goroutine and everything around it.
pub struct World<'w, S: Shadow> {
    /// The guest.
    pub core: Core<S>,
    /// Layouts of the workload's types on this port.
    pub layouts: Layouts<'w>,
    /// The code.
    pub code: Code,
    /// The heap.
    pub heap: Heap,
    /// The stack in use.
    pub stack: Stack,
    /// How often the stack has moved.
    pub stack_moves: u32,
    /// Frames of services, outermost first.
    pub frames: Vec<ServiceFrame>,
    /// What the workload's callee and reflective objects are.
    pub plan: crate::services::Plan<'w>,
    /// Address of the callee that rcsim performs.
    pub callee_service: u64,
    /// Address of the function that a callee calls back, which does nothing.
    pub called_back_service: u64,
    /// The workload's objects, where they stand.
    pub objects: Objects,
    pub(crate) zeros: (u64, u64),
    hooks: Hooks,
    pub(crate) host_return: u64,
    pub(crate) stacks: StackArea,
    runtime_next: u64,
    runtime_end: u64,
    g: u64,
    tls: u64,
    pub(crate) marking: Option<Marking>,
    depth: usize,
    until_step: u64,
    /// Whether the service at work was called by guest code and has not opened its frame yet.
    pub(crate) called_by_guest: bool,
    /// Whether the collector may stop the goroutine: not while the workload's values are being made.
    pub points_on: bool,
    /// When the stack moves by itself.
    pub moves: Moves,
    /// The roots of the point at hand: kept for its memory.
    pub(crate) roots: Vec<rcsim_machine::shadow::Root<S::Word>>,
    /// Addresses of the words that the move at hand adjusts: kept for its memory.
    pub(crate) words: Vec<u64>,
    pub(crate) declared: Vec<Declared<S::Word>>,
    pub(crate) levels: Vec<Level>,
    /// Points that have gone by.
    pub(crate) points: u32,
    /// Whether the guard is above the stack, so that every check fails.
    pub(crate) guard_raised: bool,
    deviations: Deviations,
    /// What the call under way was passed, to compare with what arrives.
    pub(crate) passed: Passed,
    /// What the calls of `reflectcall` under way were told.
    pub(crate) under_way: UnderWay,
    /// Words of global variables that keep objects.
    pub globals: Vec<u64>,
    /// Global variables of the program.
    pub(crate) statics: Statics,
    /// What is known of the prologues of the program's functions, by entry.
    pub(crate) prologues: Prologues,
}

/// What a world is made of.
pub struct Setup<'w> {
    /// The port.
    pub port: &'static dyn Port,
    /// Where things are in its address space.
    pub places: Places,
    /// The epoch whose rules are in force.
    pub epoch: Epoch,
    /// In what its code differs from correct code.
    pub deviations: Deviations,
    /// The instruction set.
    pub isa: Arc<dyn Isa>,
    /// Layouts of the workload's types on this port.
    pub layouts: Layouts<'w>,
    /// What the workload asks for.
    pub plan: crate::services::Plan<'w>,
    /// The workload's objects, none in memory yet.
    pub objects: Objects,
    /// Argument registers.
    pub registers: ArgRegisters,
    /// Guest instructions, at most.
    pub max_steps: u64,
    /// What is other than it was built.
    pub mutation: Mutation,
}

/// Addresses for services: those that a built-in image refers to by symbol, and others.
pub struct ServiceAddresses {
    port: &'static dyn Port,
    count: u32,
    given: Vec<(String, u64)>,
}

impl ServiceAddresses {
    /// The port's addresses, none given yet.
    #[must_use]
    pub const fn new(port: &'static dyn Port) -> Self {
        Self { port, count: 0, given: Vec::new() }
    }

    /// The symbols that were asked for, with their addresses.
    #[must_use]
    pub fn given(&self) -> &[(String, u64)] {
        &self.given
    }

    /// An address for nobody's symbol.
    ///
    /// # Panics
    /// When the port has no room for a dozen services: a mistake in the port.
    pub fn fresh(&mut self) -> u64 {
        let addr = self.port.service_address(self.count);
        self.count += 1;
        addr.expect("a port has room for the few services that there are")
    }
}

impl Externs for ServiceAddresses {
    fn address(&mut self, symbol: &str) -> u64 {
        if let Some((_, addr)) = self.given.iter().find(|(name, _)| name == symbol) {
            return *addr;
        }
        let addr = self.fresh();
        self.given.push((symbol.to_owned(), addr));
        addr
    }
}

impl<'w, S: Shadow> World<'w, S> {
    /// Set up a goroutine for `code`, whose bytes the caller has put into `mem`.
    ///
    /// # Errors
    /// When the structures of the runtime do not fit into memory.
    pub fn new(
        setup: Setup<'w>,
        code: Code,
        mem: Memory<S>,
        shadow: S,
        mut services: ServiceAddresses,
    ) -> Result<Self, Failure> {
        let places = setup.places;
        let word = setup.port.word();
        let convention = setup.port.convention_in(setup.epoch);
        let watch = FrameWatch::new(setup.port, setup.epoch, &*setup.isa, code.functions().len());
        let core = Core {
            port: setup.port,
            epoch: setup.epoch,
            isa: setup.isa,
            cpu: Cpu::default(),
            mem,
            code: CodeCache::with_edits(setup.mutation.code),
            shadow,
            meter: PhaseMeter::new(&code),
            following: None,
            watch,
            convention,
            registers: setup.registers,
            word,
            action: "".into(),
            service_steps: 0,
            steps: Steps::new(setup.mutation.steps, setup.mutation.listen),
            timeline: None,
            spare: Spare::default(),
        };
        let mut world = Self {
            core,
            layouts: setup.layouts,
            heap: Heap::new(places.heap, places.heap_bytes),
            stack: Stack { lo: 0, hi: 0 },
            stack_moves: 0,
            frames: Vec::new(),
            plan: setup.plan,
            callee_service: 0,
            called_back_service: 0,
            objects: setup.objects,
            zeros: (0, 0),
            hooks: Hooks::default(),
            host_return: services.fresh(),
            stacks: StackArea::new(places.stacks, places.stacks_bytes, u64::from(word.bytes)),
            runtime_next: places.runtime,
            runtime_end: places.runtime + places.runtime_bytes,
            g: 0,
            tls: 0,
            marking: None,
            depth: 0,
            until_step: setup.max_steps,
            called_by_guest: false,
            points_on: false,
            moves: Moves::Never,
            roots: Vec::new(),
            words: Vec::new(),
            declared: Vec::new(),
            levels: Vec::new(),
            points: 0,
            guard_raised: false,
            deviations: setup.deviations,
            passed: Passed::default(),
            under_way: UnderWay::default(),
            globals: Vec::new(),
            statics: Statics::default(),
            prologues: Prologues::default(),
            code,
        };
        world.core.mem.map(places.runtime, places.runtime_bytes, Perms::DATA);
        world.core.mem.map(places.heap, places.heap_bytes, Perms::DATA);
        world.core.shadow.heap(places.heap, places.heap + places.heap_bytes);
        let host_return = world.host_return;
        world.hook(host_return, Hook { service: Service::HostReturn, abi: HookAbi::Stack });
        for (symbol, addr) in services.given().to_vec() {
            // A symbol says when its caller passes arguments as compiled code does.
            let (name, abi) = match symbol.strip_suffix("<ABIInternal>") {
                Some(name) => (name, HookAbi::Registers),
                None => (symbol.as_str(), HookAbi::Stack),
            };
            let service = Service::for_symbol(name)
                .ok_or_else(|| Failure::Unsupported { what: format!("a service for {symbol}") })?;
            world.hook(addr, Hook { service, abi });
        }
        world.callee_service = services.fresh();
        let callee = world.callee_service;
        world.hook(callee, Hook { service: Service::Callee, abi: HookAbi::Registers });
        world.called_back_service = services.fresh();
        let called_back = world.called_back_service;
        world.hook(called_back, Hook { service: Service::CalledBack, abi: HookAbi::Registers });
        world.hook_image();
        world.core.watch.host_return = host_return;
        if S::POINTS
            && let Source::BuiltIn { image, epoch } = world.code.source()
        {
            world.core.watch.judge_image(image, *epoch);
        }
        world.start_goroutine()?;
        Ok(world)
    }

    fn hook(&mut self, addr: u64, hook: Hook) {
        let fact = crate::services::fact(self, hook);
        self.core.watch.service_is(addr, fact);
        self.core.mem.set_hook(addr, self.hooks.list.len() as u32);
        self.hooks.list.push(hook);
    }

    /// Put services in front of the functions of a file that rcsim performs itself.
    fn hook_image(&mut self) {
        if !matches!(self.code.source(), Source::File(_)) {
            return;
        }
        let functions = self.code.functions().to_vec();
        for function in functions.iter().filter(|function| !function.wrapper) {
            if let Some(service) = Service::replacing(&function.name) {
                let abi = if function.internal_abi { HookAbi::Registers } else { HookAbi::Stack };
                self.hook(function.entry, Hook { service, abi });
                let start = self.core.mem.peek(function.entry, Access::little(3)).unwrap_or(0);
                let inner = self.core.port.inner_entry(start.to_le_bytes());
                if inner > 0 {
                    self.hook(function.entry + inner, Hook { service, abi });
                }
            }
        }
    }

    fn start_goroutine(&mut self) -> Result<(), Failure> {
        self.stack = self.stacks.take(INITIAL_BYTES)?;
        self.core.mem.map(self.stack.lo, self.stack.mapped_bytes(), Perms::DATA);
        self.tls = self.runtime_alloc(256, 16)? + 128;
        self.g = self.runtime_alloc(1024, 16)?;
        let m = self.runtime_alloc(8192, 16)?;
        let word = self.core.word_bytes();
        self.core.act("set up the goroutine");
        // runtime.g: stack.lo, stack.hi, two guards, panic and defer lists, then the thread.
        self.core.store_word(self.g + 6 * word, m)?;
        self.announce_stack()?;
        self.core.shadow.stack_guard(self.g + 2 * word);
        self.core.watch.guard_is(self.g + 2 * word);
        self.set_goroutine()?;
        // Some room above the first frame, as runtime.goexit leaves it.
        let align = u64::from(self.core.convention.stack_align);
        let top = self.stack.hi - (64_u64).next_multiple_of(align);
        self.core.set_sp(top);
        Ok(())
    }

    /// Put what the registers of a goroutine always hold into them.
    pub(crate) fn set_goroutine(&mut self) -> Result<(), Failure> {
        let (g, tls, port) = (self.g, self.tls, self.core.port);
        port.set_constants(&mut self.core.guest());
        port.set_g(&mut self.core.guest(), g, tls).map_err(|fault| self.core.fault(fault))
    }

    /// Address of the goroutine's structure.
    pub(crate) const fn g(&self) -> u64 {
        self.g
    }

    /// Whether an address is in what the file has brought.
    pub(crate) fn is_of_image(&self, addr: u64) -> bool {
        let Source::File(image) = self.code.source() else { return false };
        image.memory().segments().any(|segment| {
            let start = segment.address.0;
            (start..start + segment.size_bytes.max(segment.bytes.len() as u64)).contains(&addr)
        })
    }

    /// Write the stack's bounds to the goroutine.
    pub(crate) fn announce_stack(&mut self) -> Result<(), Failure> {
        let (g, word, stack) = (self.g, self.core.word_bytes(), self.stack);
        self.core.shadow.stack(stack.lo, stack.hi);
        // Above every stack pointer, and a legal address on each port: Go's stackPreempt has the same effect.
        let guard = if self.guard_raised { stack.hi } else { stack.guard() };
        self.core.watch.stack_is(stack);
        self.core.store_word(g, stack.lo)?;
        self.core.store_word(g + word, stack.hi)?;
        self.core.store_word(g + 2 * word, guard)?;
        self.core.store_word(g + 3 * word, guard)
    }

    /// Memory for a structure of the runtime that is no heap object.
    ///
    /// # Errors
    /// When there is no more.
    pub fn runtime_alloc(&mut self, bytes: u64, align: u64) -> Result<u64, Failure> {
        let addr = self.runtime_next.next_multiple_of(align);
        let next = addr.checked_add(bytes).filter(|next| *next <= self.runtime_end);
        self.runtime_next = next.ok_or(Failure::Limit(Limit::Heap(self.runtime_end)))?;
        Ok(addr)
    }

    /// Whether the Go-level code is wrong in this way.
    #[must_use]
    pub fn deviates(&self, deviation: Deviation) -> bool {
        self.deviations.contains(deviation)
    }

    /// Registers that pass arguments.
    #[must_use]
    pub fn reg_counts(&self) -> RegCounts {
        RegCounts { ints: self.core.registers.ints.len(), floats: self.core.registers.floats.len() }
    }

    /// The shape of a `RegArgs`.
    #[must_use]
    pub fn reg_args(&self) -> RegArgsLayout {
        RegArgsLayout::new(self.core.word, self.reg_counts(), self.core.registers.float32)
    }

    /// Allocate a heap object.
    ///
    /// # Errors
    /// When the heap is full.
    pub fn allocate(
        &mut self,
        bytes: u64,
        pointers: Vec<bool>,
        what: impl Into<String>,
    ) -> Result<u64, Failure> {
        let what = what.into();
        if S::POINTS {
            self.gc_point(PointKind::Allocation)?;
        }
        let addr = self.heap.allocate(bytes, &pointers, &what)?;
        self.note_allocation();
        if S::POINTS {
            self.core.watch.allocated(addr, bytes);
            let place = self.service_place();
            self.core.shadow.allocated(NewObject {
                addr,
                bytes,
                pointers: &pointers,
                what: &what,
                place: &place,
            });
        }
        Ok(addr)
    }
}

/// Frames of services.
impl<S: Shadow> World<'_, S> {
    /// Open a frame for the service at work: `outgoing` bytes for the arguments of calls it will make, and `locals` bytes
    /// of its own, zero. Pointers may be kept only in the given offsets of the locals. `pointer_args` counts the incoming
    /// argument words that are pointers.
    ///
    /// # Errors
    /// When the stack cannot grow that far.
    pub fn open_frame(
        &mut self,
        outgoing: u64,
        locals: u64,
        slots: Vec<u64>,
        pointer_args: u64,
    ) -> Result<(), Failure> {
        let align = u64::from(self.core.convention.stack_align).max(self.core.word_bytes());
        let fixed = u64::from(self.core.convention.args_above_sp) - self.core.pushed_bytes();
        let outgoing = (fixed + outgoing).next_multiple_of(8);
        let kept = self.kept_above_frame();
        let bytes = outgoing + locals.next_multiple_of(8) + kept;
        let entry_sp = self.core.sp();
        let low = |sp: u64| sp.checked_sub(bytes).map(|low| low & !(align - 1));
        // A service that another service calls has no return address: the host knows where to go on.
        let called_by_guest = std::mem::take(&mut self.called_by_guest);
        let return_to = if called_by_guest { self.return_address()? } else { self.host_return };
        if low(entry_sp).is_none_or(|low| low < self.stack.guard() + 256) {
            let link = return_to;
            let start = Start { go_pc: self.host_return, sp: entry_sp, link: None };
            self.frames.push(ServiceFrame {
                entry_from_hi: self.stack.hi - entry_sp,
                low_from_hi: self.stack.hi - entry_sp,
                locals: 0,
                return_to: link,
                slots: Vec::new(),
                pointer_args,
                blocks: Vec::new(),
            });
            let grown = self.grow_stack(start, bytes + 4096);
            self.frames.pop();
            grown?;
        }
        let entry_sp = self.core.sp();
        let sp = low(entry_sp).ok_or(Failure::Limit(Limit::Stack(self.stack.bytes())))?;
        self.core.act("open the frame of a service");
        if let Link::Register(_) = self.core.convention.link {
            self.core.store(sp, self.core.word.register_bytes, return_to)?;
        }
        self.core.set_sp(sp);
        self.core.clear(sp + outgoing, entry_sp - kept - sp - outgoing)?;
        self.core.watch.service_opened(entry_sp, sp, sp + outgoing);
        self.frames.push(ServiceFrame {
            entry_from_hi: self.stack.hi - entry_sp,
            low_from_hi: self.stack.hi - sp,
            locals: outgoing,
            return_to,
            slots,
            pointer_args,
            blocks: Vec::new(),
        });
        Ok(())
    }

    /// Bytes at the top of a frame that are the caller's: where return addresses are kept in a register, a function saves the
    /// frame pointer just below its own frame.
    pub(crate) fn kept_above_frame(&self) -> u64 {
        match (self.core.convention.link, self.core.convention.frame_pointer) {
            (Link::Register(_), Some(_)) => self.core.word_bytes(),
            _ => 0,
        }
    }

    /// The return address of a service at its first instruction.
    pub(crate) fn return_address(&mut self) -> Result<u64, Failure> {
        match self.core.convention.link {
            Link::Register(link) => Ok(self.core.cpu.reg(link)),
            Link::Stack => {
                let (sp, bytes) = (self.core.sp(), self.core.word.register_bytes);
                self.core.load(sp, bytes)
            }
        }
    }

    /// Close the frame opened last; the state is again that of the service's entry.
    pub fn close_frame(&mut self) {
        self.core.steps.end();
        if let Some(frame) = self.frames.pop() {
            self.core.watch.service_closed();
            let sp = self.stack.hi - frame.entry_from_hi;
            self.core.set_sp(sp);
            if let Link::Register(link) = self.core.convention.link {
                self.core.guest().set_reg(link, frame.return_to);
            }
        }
    }

    /// Address of a local of the innermost frame. Good until the stack moves: ask again after every call.
    ///
    /// # Panics
    /// When no frame is open: a mistake of the service.
    #[must_use]
    pub fn local(&self, offset: u64) -> u64 {
        let frame = self.frames.last().expect("a service opens a frame before it uses locals");
        self.stack.hi - frame.low_from_hi + frame.locals + offset
    }

    /// Set a word of the innermost frame's locals.
    ///
    /// # Errors
    /// When the stack cannot be written.
    pub(crate) fn set_local(&mut self, offset: u64, value: u64) -> Result<(), Failure> {
        let at = self.local(offset);
        self.core.store_word(at, value)
    }

    /// Address of an incoming stack argument of the service whose frame is innermost, given its offset.
    ///
    /// # Panics
    /// When no frame is open: a mistake of the service.
    #[must_use]
    pub fn incoming(&self, offset: u64) -> u64 {
        let frame = self.frames.last().expect("a service opens a frame before it uses its arguments");
        self.stack.hi - frame.entry_from_hi + u64::from(self.core.convention.args_above_sp) + offset
    }
}

/// Calls.
impl<S: Shadow> World<'_, S> {
    /// Call guest code at `entry` from the service whose frame is innermost, with arguments in place, and run until it
    /// returns.
    ///
    /// # Errors
    /// Whatever ends the run before that.
    pub fn call(&mut self, entry: u64) -> Result<(), Failure> {
        if self.depth >= MAX_DEPTH {
            return Err(Failure::Limit(Limit::Depth(MAX_DEPTH)));
        }
        let before = self.stack.hi - self.core.sp();
        self.core.watch.entered_by_host = true;
        let (port, return_to) = (self.core.port, self.host_return);
        self.core.steps.end();
        self.core.action = format!("call {}", self.code.place(entry)).into();
        let pc = port.call(&mut self.core.guest(), entry, return_to);
        self.core.cpu.pc = pc.map_err(|fault| self.core.fault(fault))?;
        self.depth += 1;
        let result = self.run_until_return();
        self.depth -= 1;
        result?;
        let after = self.stack.hi.wrapping_sub(self.core.sp());
        if after != before {
            let function = self.code.place(entry);
            let (before, after) = (self.stack.hi - before, self.core.sp());
            return Err(Failure::Unbalanced { function, before, after });
        }
        Ok(())
    }

    fn run_until_return(&mut self) -> Result<(), Failure> {
        loop {
            let (pc, before) = (self.core.cpu.pc, self.core.cpu.steps);
            let every_step = S::POINTS && self.points_on && self.core.shadow.every_step();
            let single = every_step || self.records_steps();
            let until = if single { self.until_step.min(before + 1) } else { self.until_step };
            let exit = self.core.resume(&self.code, until);
            if single && self.core.cpu.steps > before {
                self.note_step(pc, before);
            }
            match exit {
                Exit::Hook(number) => {
                    let hook = self.hooks.list[number as usize];
                    if hook.service == Service::HostReturn {
                        return Ok(());
                    }
                    self.serve(hook)?;
                }
                Exit::Shadow => self.gc_point(PointKind::StackCheck)?,
                Exit::StepLimit if until < self.until_step => self.after_step()?,
                Exit::StepLimit => return Err(Failure::Limit(Limit::Steps(self.until_step))),
                Exit::Syscall(number) => {
                    let place = self.code.place(self.core.cpu.pc);
                    return Err(Failure::Unsupported { what: format!("system call {number} in {place}") });
                }
                Exit::Trap(trap) => return Err(self.trapped(trap)),
            }
        }
    }

    fn trapped(&mut self, trap: rcsim_machine::Trap) -> Failure {
        if let TrapKind::Lift(error @ rcsim_uop::LiftError::Unsupported { .. }) = &trap.kind {
            return Failure::Unsupported { what: format!("{} in {error}", self.code.place(trap.pc)) };
        }
        let text = self.core.isa.disasm(&self.core.mem, trap.pc).ok().map(|disasm| disasm.text);
        Failure::Trap { place: self.code.place(trap.pc), trap: Box::new(trap), text }
    }

    /// Run a service and return from it.
    fn serve(&mut self, hook: Hook) -> Result<(), Failure> {
        self.called_by_guest = true;
        let after = crate::services::dispatch(self, hook)?;
        self.called_by_guest = false;
        let (port, isa) = (self.core.port, Arc::clone(&self.core.isa));
        self.core.steps.end();
        self.core.action = hook.service.name().into();
        let pc = match after {
            After::Return => port.ret(&mut self.core.guest()),
            After::Restart => port.ret_from_growth(&mut self.core.guest(), &*isa),
        };
        self.core.cpu.pc = pc.map_err(|fault| self.core.fault(fault))?;
        Ok(())
    }
}
