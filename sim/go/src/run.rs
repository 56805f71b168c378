//! Running one workload from its text to its results.

use rcsim_diag::Diagnostics;
use rcsim_machine::Shadow;
use rcsim_uop::epoch::Epoch;
use rcsim_uop::port::{ArgRegisters, BuildError, Port, SetupError};
use rcsim_workloads::gotype::{GoType, TypeId};
use rcsim_workloads::layout::{LayoutError, LayoutRules, Layouts};
use rcsim_workloads::value::{Printer, Value};
use rcsim_workloads::{Arguments, Call, ExpectedText, Frame, RuntimeCaller, Workload, gogen};

use crate::abi::{AbiRules, CallAbi, CallShape, RegCounts};
use crate::code::{Code, Source};
use crate::deviation::{Deviation, Deviations};
use crate::failure::Failure;
use crate::image::ImageError;
use crate::loading::load;
pub use crate::loading::{epoch_of_release, is_of_port};
use crate::marking::{self, BarrierPlaces, Recorder};
use crate::mutation::Mutation;
use crate::patch;
use crate::phases::{Phase, PhaseCount};
use crate::places::Places;
use crate::rules::values::{Arrival, Which};
use crate::services::{self, Plan, Service, Val, func_value, is_direct};
use crate::timeline::Timeline;
use crate::values::Objects;
use crate::world::{Moves, ServiceAddresses, Setup, World};

mod ways;

use ways::Beside;
pub use ways::{
    run, run_arranged, run_followed, run_marking, run_mutated, run_noted, run_recorded, run_with,
};

/// Guest instructions of a run that sets no limit of its own.
pub const DEFAULT_MAX_STEPS: u64 = 2_000_000_000;

/// Which code runs.
#[derive(Clone, Copy, Debug)]
pub enum CodeChoice<'a> {
    /// The machinery as rcsim assembles it.
    BuiltIn,
    /// The code of this file.
    File(&'a [u8]),
}

/// One run.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The workload.
    pub workload: &'a Workload,
    /// The port.
    pub port: &'static dyn Port,
    /// The epoch; for a file the nearest one, which decides what services do.
    pub epoch: Epoch,
    /// The code.
    pub code: CodeChoice<'a>,
    /// CPU features beyond the baseline.
    pub features: &'a [&'a str],
    /// Whether the stack really moves at every point where it may: the replay of pointers that a move misses. Only a
    /// shadow that wants points has them.
    pub move_stacks: bool,
    /// Deviations to switch on, beyond those of the epoch.
    pub deviations: &'a [Deviation],
    /// Deviations of the epoch to switch off.
    pub fixes: &'a [Deviation],
}

impl<'a> Request<'a> {
    /// A plain run: no further features, a stack that stays where it is, and the epoch as it was.
    #[must_use]
    pub const fn new(
        workload: &'a Workload,
        port: &'static dyn Port,
        epoch: Epoch,
        code: CodeChoice<'a>,
    ) -> Self {
        let move_stacks = false;
        Self { workload, port, epoch, code, features: &[], move_stacks, deviations: &[], fixes: &[] }
    }

    /// Those of the epoch, with what the workload's patches and the request itself switch on and off.
    fn all_deviations(&self) -> Deviations {
        let (mut on, mut off) = patch::deviations(self);
        on.extend(self.deviations);
        off.extend(self.fixes);
        Deviations::of(self.epoch, &on, &off)
    }
}

/// Why a run could not start.
#[derive(Debug)]
pub enum RunError {
    /// The workload asks for values that cannot be made.
    Workload(Diagnostics),
    /// The built-in image could not be assembled.
    Build(BuildError),
    /// The file is no image that can be run.
    Image(ImageError),
    /// The instruction set could not be set up.
    Setup(SetupError),
    /// A type is too large.
    Layout(LayoutError),
    /// The file has no function of the name that the workload gives as `symbol`.
    NoSymbol {
        /// The symbol.
        symbol: String,
        /// Names in the image that are like it.
        similar: Vec<String>,
    },
    /// The world could not be set up.
    World(Failure),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The call returned; the results in canonical text.
    Returned(String),
    /// It did not.
    Failed(Failure),
}

/// Which function was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalleeUsed {
    /// rcsim's own.
    Service,
    /// A function of the image.
    Image(String),
}

/// What a run did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How it ended.
    pub end: End,
    /// The canonical text of what should have come out: results, or a panic's text.
    pub expected: String,
    /// Whether the end is the expected one.
    pub passed: bool,
    /// What was counted in each phase.
    pub phases: Vec<(Phase, PhaseCount)>,
    /// Trampolines that ran, in order.
    pub trampolines: Vec<String>,
    /// Which function was called.
    pub callee: CalleeUsed,
    /// Which function called the made function or method value; for other calls it is a service.
    pub caller: CalleeUsed,
    /// Services that ran.
    pub services: Vec<Service>,
    /// Guest instructions.
    pub instructions: u64,
    /// Atomic actions of services.
    pub service_steps: u64,
    /// Instructions and micro-ops of the blocks that were lifted.
    pub lifted: (usize, usize),
    /// How often the stack moved.
    pub stack_moves: u32,
    /// Objects allocated.
    pub objects: usize,
    /// Bytes of the heap frame, offset of the results in it, bytes reserved for spilling.
    pub frame: (u64, u64, u64),
}

/// The shape of the workload's calls on a port and in an epoch.
struct Shapes {
    callee: CallAbi,
    reflect: CallAbi,
    value: CallAbi,
    reflect_value: CallAbi,
    caller: CallAbi,
}

impl Shapes {
    fn of(request: &Request<'_>, layouts: &Layouts<'_>) -> Result<Self, LayoutError> {
        let regs = reg_counts(request);
        let signature = request.workload.signature();
        let method = request.workload.call.receiver().is_some();
        let (params, results) = (&signature.params[..], &signature.results[..]);
        let reflect = AbiRules::of_reflect(request.all_deviations());
        let with =
            |rules, receiver| CallAbi::assign(layouts, rules, regs, CallShape { receiver, params, results });
        let func_first: Vec<TypeId> =
            std::iter::once(request.workload.func).chain(params.iter().copied()).collect();
        let caller = CallShape { receiver: false, params: &func_first, results };
        Ok(Self {
            callee: with(AbiRules::SPECIFIED, method)?,
            reflect: with(reflect, method)?,
            value: with(AbiRules::SPECIFIED, false)?,
            reflect_value: with(reflect, false)?,
            caller: CallAbi::assign(layouts, AbiRules::SPECIFIED, regs, caller)?,
        })
    }
}

/// Registers that pass arguments. In 2020 only `Value.Call` used them: the stubs came a year later.
fn reg_counts(request: &Request<'_>) -> RegCounts {
    // The runtime's own callers of `reflectcall` learned it later still.
    let last_without = match request.workload.call {
        Call::MakeFunc | Call::MethodValue(_) => Some(Epoch::Y2020),
        Call::Runtime(_) => Some(Epoch::Y2021),
        Call::ValueCall | Call::MethodCall(_) | Call::Reflectcall(_) => None,
    };
    if last_without.is_some_and(|last| request.epoch <= last) {
        return RegCounts::default();
    }
    let registers = arg_registers(request);
    RegCounts { ints: registers.ints.len(), floats: registers.floats.len() }
}

/// Registers that pass arguments, as the Go side of the machinery knows them.
fn arg_registers(request: &Request<'_>) -> ArgRegisters {
    if request.all_deviations().contains(Deviation::SpillArgsVsZeroRegcount) {
        return ArgRegisters::none();
    }
    request.port.arg_registers(request.epoch)
}

/// Find out where the image of a request keeps what write barriers need; `None` for built-in code, whose barriers are all
/// run by rcsim, and for images that have none.
///
/// # Errors
/// As [`run`].
pub fn probe_barriers(request: &Request<'_>) -> Result<Option<BarrierPlaces>, RunError> {
    if matches!(request.code, CodeChoice::BuiltIn) {
        return Ok(None);
    }
    let rules = layout_rules(request);
    let layouts = Layouts::new(request.workload.space.types(), rules);
    let shapes = Shapes::of(request, &layouts).map_err(RunError::Layout)?;
    let word_bytes = u64::from(request.port.word().bytes);
    let arguments = request.workload.arguments(word_bytes).map_err(RunError::Workload)?;
    let places = Places::of(request.port);
    let made =
        make(request, &Mutation::default(), places, layouts, &shapes, &arguments, Recorder::default())?;
    let mut world = made.world;
    marking::probe(&mut world).map_err(RunError::World)
}

fn layout_rules(request: &Request<'_>) -> LayoutRules {
    let word = request.port.word();
    LayoutRules { word_bytes: u64::from(word.bytes), max_align: u64::from(word.max_align) }
}

fn run_in<S: Shadow, T>(
    request: &Request<'_>,
    mutation: &Mutation,
    beside: Beside<'_>,
    shadow: S,
    look: impl FnOnce(&World<'_, S>) -> T,
) -> Result<(Report, T), RunError> {
    let workload = request.workload;
    let layouts = Layouts::new(workload.space.types(), layout_rules(request));
    let shapes = Shapes::of(request, &layouts).map_err(RunError::Layout)?;
    let word_bytes = u64::from(request.port.word().bytes);
    let arguments = workload.arguments(word_bytes).map_err(RunError::Workload)?;
    let expected = workload.expected(&arguments).map_err(RunError::Workload)?;
    let places = Places::of(request.port).arranged(beside.arrangement);
    let Made { mut world, callee } = make(request, mutation, places, layouts, &shapes, &arguments, shadow)?;
    if let Some(places) = beside.marking {
        world.start_marking(places).map_err(RunError::World)?;
    }
    world.core.timeline = beside.recorded.map(|detail| Box::new(Timeline::new(detail)));
    world.core.following = beside.following;
    if let Some(following) = &mut world.core.following {
        following.begin(&world.core.isa);
    }
    let end = Driver::new(&mut world, &arguments, callee.1, request.move_stacks).go();
    patch::check_steps(request, world.core.steps.seen()).map_err(RunError::Workload)?;
    let report = report(&world, end, &expected, callee.0, &shapes);
    Ok((report, look(&world)))
}

/// A world about to run.
struct Made<'w, S: Shadow> {
    world: World<'w, S>,
    callee: (CalleeUsed, Option<u64>),
}

fn make<'w, S: Shadow>(
    request: &Request<'w>,
    mutation: &Mutation,
    places: Places,
    layouts: Layouts<'w>,
    shapes: &Shapes,
    arguments: &Arguments,
    shadow: S,
) -> Result<Made<'w, S>, RunError> {
    let workload = request.workload;
    let mut services = ServiceAddresses::new(request.port);
    let mut loaded = load(request, &mut services)?;
    let mut mutation = mutation.clone();
    patch::apply(request, &mut loaded, &mut mutation).map_err(RunError::Workload)?;
    patch::state(&mut loaded.code, &mutation.frames);
    let callee = find_callee(request, &loaded.code)?;
    let plan = plan(request, shapes, &loaded.code, arguments);
    let setup = Setup {
        port: request.port,
        places,
        epoch: request.epoch,
        deviations: request.all_deviations(),
        isa: loaded.isa,
        layouts,
        plan,
        objects: Objects::new(arguments.heap.clone()),
        registers: arg_registers(request),
        max_steps: workload
            .limits
            .steps
            .unwrap_or(DEFAULT_MAX_STEPS)
            .min(mutation.max_steps.unwrap_or(u64::MAX)),
        mutation,
    };
    let mut world = World::new(setup, loaded.code, loaded.mem, shadow, services).map_err(RunError::World)?;
    world.scan_statics().map_err(RunError::Image)?;
    Ok(Made { world, callee })
}

/// Which function of the image is the callee, and where.
fn find_callee(request: &Request<'_>, code: &Code) -> Result<(CalleeUsed, Option<u64>), RunError> {
    let workload = request.workload;
    if matches!(code.source(), Source::BuiltIn { .. })
        || matches!(workload.call, Call::MakeFunc | Call::Runtime(_))
        || workload.returned.is_some()
    {
        return Ok((CalleeUsed::Service, None));
    }
    let named = workload.symbol.as_ref().map(|symbol| symbol.value.clone());
    let symbol = named.clone().unwrap_or_else(|| method_entry_symbol(workload));
    if let Some(entry) = code.internal_entry(&symbol) {
        return Ok((CalleeUsed::Image(symbol), Some(entry)));
    }
    if named.is_none() {
        return Ok((CalleeUsed::Service, None));
    }
    let tail = symbol.rsplit('.').next().unwrap_or(&symbol).to_ascii_lowercase();
    let like = |name: &str| name.to_ascii_lowercase().contains(&tail);
    let similar = code.functions().iter().filter(|f| like(&f.name)).take(5).map(|f| f.name.clone()).collect();
    Err(RunError::NoSymbol { symbol, similar })
}

/// The function that a method table names: it takes the receiver as one word, so a method on a value that does not fit
/// into a word is entered through the wrapper of the pointer type.
fn method_entry_symbol(workload: &Workload) -> String {
    let symbol = gogen::callee_symbol(workload);
    let Some(receiver) = workload.call.receiver() else { return symbol };
    let types = workload.space.types();
    let base = match types.get(receiver.ty) {
        GoType::Pointer(base) => *base,
        _ => receiver.ty,
    };
    let layouts = Layouts::new(types, LayoutRules::WORD64);
    if symbol.contains("(*") || (base == receiver.ty && is_direct(&layouts, base)) {
        return symbol;
    }
    match symbol.strip_prefix("main.").and_then(|rest| rest.rsplit_once('.')) {
        Some((ty, method)) => format!("main.(*{ty}).{method}"),
        None => symbol,
    }
}

fn plan<'w>(request: &Request<'w>, shapes: &Shapes, code: &Code, arguments: &Arguments) -> Plan<'w> {
    let compiled = matches!(request.workload.call, Call::MakeFunc | Call::MethodValue(_));
    let from_file = matches!(code.source(), Source::File(_));
    let symbol = gogen::caller_symbol(request.workload);
    let caller = (compiled && from_file).then(|| code.internal_entry(&symbol)).flatten();
    Plan {
        workload: request.workload,
        callee_abi: shapes.callee.clone(),
        reflect_abi: shapes.reflect.clone(),
        value_abi: shapes.value.clone(),
        reflect_value_abi: shapes.reflect_value.clone(),
        caller: caller.map(|entry| (entry, shapes.caller.clone())),
        callback_func: 0,
        method_func: 0,
        receiver: 0,
        receiver_copy_bytes: 0,
        returned: arguments.returned.clone(),
        received: Vec::new(),
        used: Vec::new(),
    }
}

/// Carries one workload through its world.
struct Driver<'a, 'w, S: Shadow> {
    world: &'a mut World<'w, S>,
    arguments: &'a Arguments,
    callee: Option<u64>,
    move_stacks: bool,
}

impl<'a, 'w, S: Shadow> Driver<'a, 'w, S> {
    fn new(
        world: &'a mut World<'w, S>,
        arguments: &'a Arguments,
        callee: Option<u64>,
        move_stacks: bool,
    ) -> Self {
        Self { world, arguments, callee, move_stacks }
    }

    fn go(mut self) -> End {
        match self.call() {
            Ok(text) => End::Returned(text),
            Err(failure) => End::Failed(failure),
        }
    }

    fn call(&mut self) -> Result<String, Failure> {
        let workload = self.world.plan.workload;
        let why = services::reserve_absent_in(self.world.core.epoch);
        if let Some(why) = why.filter(|_| workload.reserve_bytes.is_some()) {
            let what = format!("`reserve-bytes` in epoch {}: {why}", self.world.core.epoch);
            return Err(Failure::Unsupported { what });
        }
        let signature = workload.signature().clone();
        let callee = self.callee.unwrap_or(self.world.callee_service);
        let func = func_value(self.world, callee)?;
        self.world.plan.method_func = func;
        let called_back = self.world.called_back_service;
        self.world.plan.callback_func = func_value(self.world, called_back)?;
        if let Call::Reflectcall(frame) = &workload.call {
            return self.bare(func, *frame);
        }
        let (args, mut results) = self.open_main(&signature.results)?;
        if workload.call.receiver().is_some() {
            self.world.plan.receiver = self.receiver()?;
        }
        self.world.remember_arguments(&args)?;
        self.start_points()?;
        match &workload.call {
            Call::Runtime(caller) => return self.runtime_call(*caller, func, &args),
            Call::ValueCall | Call::MethodCall(_) | Call::Reflectcall(_) => {
                services::value_call(self.world, func, &args, &mut results)?;
            }
            Call::MakeFunc => services::call_made_func(self.world, &args, &mut results)?,
            Call::MethodValue(_) => services::call_method_value(self.world, &args, &mut results)?,
        }
        self.world.end_points()?;
        let mut places = Vec::new();
        for (n, val) in results.iter().enumerate() {
            let at = self.world.value_addr(*val)?;
            self.judge_result(n, *val, at)?;
            places.push((val.ty, at));
        }
        let text = self.read_back(&places);
        self.world.close_frame();
        text
    }

    /// A call that the runtime makes. What is read back is what the callee got, or the results on the C stack.
    fn runtime_call(&mut self, caller: RuntimeCaller, func: u64, args: &[Val]) -> Result<String, Failure> {
        if let Some(why) = services::absent_in(caller, self.world.core.epoch) {
            let what = format!("`{}` in epoch {}: {why}", caller.word(), self.world.core.epoch);
            return Err(Failure::Unsupported { what });
        }
        let places = match caller {
            RuntimeCaller::Finalizer => {
                services::run_finalizer(self.world, func, args[0])?;
                self.world.plan.received.clone()
            }
            RuntimeCaller::Defer => {
                services::run_deferred(self.world, func, args)?;
                self.world.plan.received.clone()
            }
            RuntimeCaller::CgoCallback => services::call_from_c(self.world, func, args)?,
        };
        self.world.points_on = false;
        let text = self.read_back(&places);
        self.world.close_frame();
        text
    }

    /// Compare a result with what the callee left.
    fn judge_result(&mut self, n: usize, val: Val, at: u64) -> Result<(), Failure> {
        let (taken, put) = (self.world.plan.reflect_abi.clone(), self.world.plan.callee_abi.clone());
        self.world.core.act("the caller: look at a result");
        self.world.judge_arrival(&Arrival {
            which: Which::Result(n),
            ty: val.ty,
            at,
            taken: taken.results.get(n).map_or(&[], Vec::as_slice),
            put: put.results.get(n).map_or(&[], Vec::as_slice),
            between: ("reflect", "the callee"),
        })
    }

    /// The frame of the function that makes the reflective call: a slot for each argument and result, the arguments in
    /// objects of their own.
    fn open_main(&mut self, results: &[TypeId]) -> Result<(Vec<Val>, Vec<Val>), Failure> {
        let word = self.world.core.word_bytes();
        let given = self.world.plan.workload.given_args();
        let count = (given.len() + results.len()) as u64;
        let slots = (0..count).map(|n| n * word).collect();
        self.world.open_frame(0, (count * word).max(word), slots, 0)?;
        let frame = self.world.frames.len() - 1;
        let val = |n: usize, ty: TypeId, indirect, addressable| {
            let slot = n as u64 * word;
            Val { ty, frame, slot, indirect, addressable }
        };
        let mut args = Vec::new();
        for (n, (given, value)) in given.iter().zip(&self.arguments.args).enumerate() {
            self.world.core.act(format!("workload: argument {n}"));
            let id = given.ty;
            let direct = is_direct(&self.world.layouts, id) && !given.addressable;
            let arg = val(n, id, !direct, given.addressable);
            let slot = self.world.slot_addr(arg);
            if direct {
                self.world.write_value(id, value, slot)?;
            } else {
                let (bytes, pointers) = (self.world.size_of(id)?, self.world.pointer_map(id)?);
                let cell = self.world.allocate(bytes.max(1), pointers, format!("argument {n}"))?;
                self.world.write_value(id, value, cell)?;
                self.world.core.store_word(slot, cell)?;
            }
            args.push(arg);
        }
        let results =
            results.iter().enumerate().map(|(n, id)| val(given.len() + n, *id, true, false)).collect();
        Ok((args, results))
    }

    /// The workload's values are made: from here on the collector may stop the goroutine.
    fn start_points(&mut self) -> Result<(), Failure> {
        let chosen = self.world.core.shadow.move_at().map_or(Moves::Never, Moves::At);
        self.world.start_points(if self.move_stacks { Moves::Always } else { chosen })
    }

    /// The receiver word: the receiver itself when it is one pointer, else a pointer to a copy of it.
    fn receiver(&mut self) -> Result<u64, Failure> {
        let Some(receiver) = self.world.plan.workload.call.receiver() else { return Ok(0) };
        let mut value = self.arguments.receiver.clone().unwrap_or(Value::Pointer(None));
        let mut ty = receiver.ty;
        if let Value::Interface(Some(inner)) = value {
            (ty, value) = (inner.ty, inner.value);
        }
        self.world.core.act("workload: receiver");
        let direct = is_direct(&self.world.layouts, ty);
        let (bytes, pointers) = (self.world.size_of(ty)?, self.world.pointer_map(ty)?);
        let cell = self.world.allocate(bytes.max(8), pointers, "receiver")?;
        self.world.write_value(ty, &value, cell)?;
        if direct {
            return self.world.core.load_word(cell);
        }
        self.world.plan.receiver_copy_bytes = bytes;
        Ok(cell)
    }

    fn bare(&mut self, func: u64, shape: Frame) -> Result<String, Failure> {
        let (frame_bytes, ret_offset) = (u64::from(shape.frame_bytes), u64::from(shape.ret_offset));
        let signature = self.world.plan.workload.signature().clone();
        let word = self.world.core.word_bytes();
        self.world.open_frame(0, word, vec![0], 0)?;
        let frame =
            if frame_bytes == 0 { 0 } else { self.world.allocate(frame_bytes, Vec::new(), "call frame")? };
        if let (Some(id), Some(value)) = (signature.params.first(), self.arguments.args.first()) {
            self.world.write_value(*id, value, frame)?;
        }
        // Where results will be is something that no result is: one that does not arrive shows, also where it is zero.
        for at in (ret_offset..frame_bytes).step_by(word as usize) {
            self.world.core.store_word(frame + at, 0xa5a5_a5a5_a5a5_a5a5)?;
        }
        // The results will be read from it.
        self.world.set_local(0, frame)?;
        self.start_points()?;
        services::bare_reflectcall(self.world, func, frame, shape)?;
        self.world.end_points()?;
        let places: Vec<(TypeId, u64)> =
            signature.results.first().map(|id| (*id, frame + ret_offset)).into_iter().collect();
        let text = self.read_back(&places);
        self.world.close_frame();
        text
    }

    /// The results as canonical text.
    fn read_back(&mut self, places: &[(TypeId, u64)]) -> Result<String, Failure> {
        self.world.core.act("read the results");
        let mut values = Vec::new();
        for (id, addr) in places {
            let read = |objects: &mut Objects, world: &mut World<'w, S>| objects.read(world, *id, *addr);
            values.push(self.world.with_objects(read)?);
        }
        let workload = self.world.plan.workload;
        let mut printer = Printer::new(workload.space.types(), &self.world.objects.heap);
        printer.section(&workload.arg_types(), &self.arguments.args);
        Ok(printer.section(workload.end_types(), &values))
    }
}

fn report<S: Shadow>(
    world: &World<'_, S>,
    end: End,
    expected: &ExpectedText,
    callee: CalleeUsed,
    shapes: &Shapes,
) -> Report {
    let passed = match (&end, expected) {
        (End::Returned(text), ExpectedText::AfterArguments(want) | ExpectedText::Fresh(want)) => text == want,
        (End::Failed(Failure::Panic { text }), ExpectedText::Panic(want)) => text == want,
        _ => false,
    };
    let meter = &world.core.meter;
    let (_, insns, ops) = world.core.code.totals();
    let abi = if matches!(world.plan.workload.call, Call::MakeFunc) {
        &shapes.reflect_value
    } else {
        &shapes.reflect
    };
    Report {
        end,
        expected: expected.line(),
        passed,
        phases: meter.counts().collect(),
        trampolines: meter.trampolines().iter().map(|pc| world.code.place(*pc)).collect(),
        callee,
        caller: match &world.plan.caller {
            Some(_) => CalleeUsed::Image(gogen::caller_symbol(world.plan.workload)),
            None => CalleeUsed::Service,
        },
        services: world.plan.used.clone(),
        instructions: world.core.cpu.steps,
        service_steps: world.core.service_steps,
        lifted: (insns, ops),
        stack_moves: world.stack_moves,
        objects: world.heap.objects().count(),
        frame: (abi.frame_bytes, abi.ret_offset, abi.spill_bytes),
    }
}
