//! `reflect.MakeFunc`: compiled code that calls a made function, and `reflect.callReflect` behind its stub.

use rcsim_machine::Shadow;
use rcsim_machine::shadow::PointKind;
use rcsim_uop::Guest;
use rcsim_workloads::layout::align_up;

use super::barrier::Stores;
use super::callee::run_actions;
use super::made_results::{leave_results, returned};
use super::marshal::{Target, Val, is_direct};
use super::objects::ContextWord;
use super::stub_args::StubArgs;
use super::{HookAbi, objects};
use crate::abi::{Place, Step};
use crate::deviation::Deviation;
use crate::failure::Failure;
use crate::rules::values::{Arrival, Which};
use crate::world::World;

/// Call a function made by `reflect.MakeFunc` as compiled code does.
///
/// # Errors
/// Whatever ends the run in it.
pub fn call_made_func<S: Shadow>(
    world: &mut World<'_, S>,
    args: &[Val],
    results: &mut [Val],
) -> Result<(), Failure> {
    let cells = new_cells(world, results)?;
    let context = objects::context(
        world,
        "reflect.makeFuncStub",
        &[ContextWord::Nil, ContextWord::Nil],
        "made function",
    )?;
    call_context(world, context, args, &cells)
}

/// Call a closure that begins with a context, as compiled code calls closures: through the image's own compiled caller
/// when there is one, else from here.
pub(super) fn call_context<S: Shadow>(
    world: &mut World<'_, S>,
    context: u64,
    args: &[Val],
    cells: &[u64],
) -> Result<(), Failure> {
    let (entry, abi, first) = match world.plan.caller.clone() {
        Some((entry, abi)) => (entry, abi, Some(context)),
        None => (entry_of(world, context)?, world.plan.value_abi.clone(), None),
    };
    world.open_frame(abi.reserved_bytes(), world.core.word_bytes(), Vec::new(), 0)?;
    let stack = world.core.outgoing_base();
    let (func, rest) = abi.args.split_at(usize::from(first.is_some()));
    for (val, steps) in args.iter().zip(rest) {
        world.core.act("caller: pass an argument");
        let from = world.value_addr(*val)?;
        world.put_value(steps, from, stack, Target::Registers, false, Stores::Plain)?;
    }
    // The caller does not look at its arguments again.
    world.end_of_life(args);
    if let (Some(context), Some(steps)) = (first, func.first()) {
        let at = world.local(0);
        world.core.store_word(at, context)?;
        world.put_value(steps, at, stack, Target::Registers, false, Stores::Plain)?;
    } else {
        let reg = world.core.convention.context;
        world.core.guest().set_reg(reg, context);
    }
    world.call(entry)?;
    let stack = world.core.outgoing_base();
    let ids = world.plan.workload.signature().results.clone();
    for ((steps, cell), id) in abi.results.iter().zip(cells).zip(ids) {
        world.core.act("caller: take a result");
        let pointers = world.pointer_map(id)?;
        world.get_value(steps, *cell, stack, Target::Registers, false, Stores::Typed(&pointers))?;
    }
    world.close_frame();
    Ok(())
}

/// Where the code of a closure begins.
fn entry_of<S: Shadow>(world: &mut World<'_, S>, closure: u64) -> Result<u64, Failure> {
    let code = world.core.load_word(closure)?;
    let what = || Failure::Unsupported { what: "calling a code pointer that names no code".to_owned() };
    world.core.port.machine_pc(&*world.core.isa, code).ok_or_else(what)
}

/// A heap object for each result, in its slot.
pub(super) fn new_cells<S: Shadow>(
    world: &mut World<'_, S>,
    results: &mut [Val],
) -> Result<Vec<u64>, Failure> {
    let mut cells = Vec::new();
    for val in results {
        let (bytes, pointers) = (world.size_of(val.ty)?, world.pointer_map(val.ty)?);
        let cell = world.allocate(bytes.max(1), pointers, "result")?;
        val.indirect = true;
        let slot = world.slot_addr(*val);
        world.core.store_word(slot, cell)?;
        cells.push(cell);
    }
    Ok(cells)
}

/// `reflect.callReflect`: make values of the arguments, run the function, put its results where the caller looks.
pub(super) fn call_reflect<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Result<(), Failure> {
    let (call, caller) = (world.plan.reflect_value_abi.clone(), world.plan.value_abi.clone());
    let signature = world.plan.workload.signature().clone();
    let word = world.core.word_bytes();
    let args = StubArgs::read(world, abi)?;
    let values = align_up(StubArgs::WORDS * word, 8);
    let slot = |n: usize| values + n as u64 * word;
    let count = signature.params.len();
    let out: Vec<u64> = (0..signature.results.len()).map(|n| slot(count + n)).collect();
    let values = count + out.len();
    let slots = (0..StubArgs::WORDS).map(|n| n * word).chain((0..values).map(slot)).collect();
    world.open_frame(0, slot(values), slots, StubArgs::on_stack(world, abi))?;
    StubArgs::keep(world, &args)?;
    let frame = world.frames.len() - 1;
    let mut vals = Vec::new();
    for (n, (id, steps)) in signature.params.iter().zip(&call.args).enumerate() {
        world.core.act("reflect.callReflect: make a value of an argument");
        let mut val = Val { ty: *id, frame, slot: slot(n), indirect: true, addressable: false };
        take_argument(world, &mut val, steps)?;
        let at = world.value_addr(val)?;
        world.judge_arrival(&Arrival {
            which: Which::Argument(n),
            ty: *id,
            at,
            taken: steps,
            put: caller.args.get(n).map_or(&[], Vec::as_slice),
            between: ("reflect", "the caller"),
        })?;
        vals.push(val);
    }
    StubArgs::context_was_read(world);
    let out = run_user_function(world, &vals, &out)?;
    if world.deviates(Deviation::RetvalidBeforeCopy) {
        StubArgs::results_are_valid(world)?;
    }
    leave_results(world, &signature.results, &call.results, &out)?;
    StubArgs::results_are_valid(world)?;
    world.close_frame();
    Ok(())
}

fn take_argument<S: Shadow>(world: &mut World<'_, S>, val: &mut Val, steps: &[Step]) -> Result<(), Failure> {
    if is_direct(&world.layouts, val.ty) && !steps.is_empty() {
        val.indirect = false;
        let (stack, block) = (StubArgs::frame(world)?, StubArgs::block(world)?);
        let slot = world.slot_addr(*val);
        return world.get_value(steps, slot, stack, block, true, Stores::Plain);
    }
    let (bytes, pointers) = (world.size_of(val.ty)?, world.pointer_map(val.ty)?);
    let object = world.allocate(bytes.max(1), pointers.clone(), "argument of a made function")?;
    if matches!(steps.first().map(|step| step.place), Some(Place::Stack(_))) {
        let slot = world.slot_addr(*val);
        world.core.store_word(slot, object)?;
        world.calls("reflect.callReflect: call typedmemmove")?;
    }
    world.core.act("reflect.callReflect: make a value of an argument");
    // Addresses on the stack are asked for only now: an allocation may move it.
    let (stack, block) = (StubArgs::frame(world)?, StubArgs::block(world)?);
    let slot = world.slot_addr(*val);
    world.core.store_word(slot, object)?;
    let bare = world.deviates(Deviation::WbMissingInReflectCopies);
    let how = if bare { Stores::Plain } else { Stores::Typed(&pointers) };
    world.get_value(steps, object, stack, block, true, how)
}

/// The function that was given to `reflect.MakeFunc`.
fn run_user_function<S: Shadow>(
    world: &mut World<'_, S>,
    vals: &[Val],
    slots: &[u64],
) -> Result<Vec<Val>, Failure> {
    world.gc_point(PointKind::UserCode)?;
    run_actions(world, &|world, n| world.value_addr(vals[n]))?;
    returned(world, vals, slots)
}
