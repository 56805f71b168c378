//! Values that a callee makes and returns, and how `callReflect` hands those of a made function to its caller.

use rcsim_machine::Shadow;
use rcsim_machine::shadow::PointKind;
use rcsim_uop::Epoch;
use rcsim_workloads::gotype::{TypeId, reflect_text};
use rcsim_workloads::value::{interface_methods, same_layout};
use rcsim_workloads::{Outcome, gogen};

use super::barrier::Stores;
use super::convert::{Assigned, Scratch, assign_to, put_nil_pointer};
use super::marshal::{Target, Val, is_direct};
use super::stub_args::StubArgs;
use crate::abi::{Place, Step};
use crate::deviation::Deviation;
use crate::failure::Failure;
use crate::world::World;

/// The values that the callee returns (`out` of `callReflect`): the arguments again, or new ones in the given slots of the
/// innermost frame.
pub(super) fn returned<S: Shadow>(
    world: &mut World<'_, S>,
    args: &[Val],
    slots: &[u64],
) -> Result<Vec<Val>, Failure> {
    let workload = world.plan.workload;
    let count = workload.signature().results.len();
    match &workload.callee.outcome {
        Outcome::ReturnArgs => return Ok(args[..count].to_vec()),
        Outcome::Panic(text) => return Err(Failure::Panic { text: text.clone() }),
        Outcome::Return | Outcome::DropArgs => {}
    }
    // The list of arguments is not looked at again.
    world.end_of_life(args);
    let frame = world.frames.len() - 1;
    let mut out = Vec::new();
    for (n, ty) in workload.returned_types().into_iter().enumerate() {
        let given = workload.returned.as_ref().map(|list| list.value.values[n].addressable);
        let direct = is_direct(&world.layouts, ty);
        let addressable = given == Some(true);
        let val = Val { ty, frame, slot: slots[n], indirect: !direct || addressable, addressable };
        make(world, val, n)?;
        out.push(val);
    }
    world.gc_point(PointKind::UserCode)?;
    Ok(out)
}

/// Make a value that the function returns. It is the function's own business how; no point is inside.
fn make<S: Shadow>(world: &mut World<'_, S>, val: Val, n: usize) -> Result<(), Failure> {
    let value = world.plan.returned.get(n).cloned();
    let bytes = world.size_of(val.ty)?;
    let Some(value) = value else {
        // `reflect.Zero`: a pointer is nil, all else is memory that is never written.
        let zero = if val.indirect { world.zero_memory(bytes)? } else { 0 };
        let slot = world.slot_addr(val);
        return world.core.store_word(slot, zero);
    };
    world.core.act(format!("callee: make result {n}"));
    let points = std::mem::replace(&mut world.points_on, false);
    let made = write(world, val, &value, bytes);
    world.points_on = points;
    made
}

fn write<S: Shadow>(
    world: &mut World<'_, S>,
    val: Val,
    value: &rcsim_workloads::value::Value,
    bytes: u64,
) -> Result<(), Failure> {
    let slot = world.slot_addr(val);
    if !val.indirect {
        return world.write_value(val.ty, value, slot);
    }
    let pointers = world.pointer_map(val.ty)?;
    let cell = world.allocate(bytes.max(1), pointers, "callee: made result")?;
    world.write_value(val.ty, value, cell)?;
    let slot = world.slot_addr(val);
    world.core.store_word(slot, cell)
}

/// Convert the values and leave them where the caller looks.
pub(super) fn leave_results<S: Shadow>(
    world: &mut World<'_, S>,
    ids: &[TypeId],
    results: &[Vec<Step>],
    out: &[Val],
) -> Result<(), Failure> {
    if world.deviates(Deviation::MakeFuncConvertedResultHidden) {
        // What has been left is not yet seen by the collector while the next one is converted.
        return each_result(ids, results, out, |id, steps, val| {
            let assigned = assign_result(world, val, id, steps)?;
            leave(world, id, steps, assigned)
        });
    }
    each_result(ids, results, out, |id, steps, val| {
        let assigned = assign_result(world, val, id, steps)?;
        keep(world, val, assigned)
    })?;
    each_result(ids, results, out, |id, steps, val| {
        let indirect = val.indirect || !same_layout(world.layouts.types(), val.ty, id);
        let at = world.value_addr(Val { indirect, ..val })?;
        leave(world, id, steps, Assigned::Bytes { at, indirect })
    })
}

/// Do something for each result that has a size.
fn each_result(
    ids: &[TypeId],
    results: &[Vec<Step>],
    out: &[Val],
    mut visit: impl FnMut(TypeId, &[Step], Val) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let all = ids.iter().zip(results).zip(out);
    all.filter(|((_, steps), _)| !steps.is_empty()).try_for_each(|((id, steps), val)| visit(*id, steps, *val))
}

/// Put a converted value into the list of those that the function returned, which is kept alive.
fn keep<S: Shadow>(world: &mut World<'_, S>, val: Val, assigned: Assigned) -> Result<(), Failure> {
    let at = match assigned {
        Assigned::Bytes { at, .. } => at,
        Assigned::NilPointer => world.zero_memory(2 * world.core.word_bytes())?,
    };
    if at == world.value_addr(val)? {
        return Ok(());
    }
    world.core.act("reflect.callReflect: keep a converted result");
    let slot = world.slot_addr(val);
    world.core.store_word(slot, at)
}

fn leave<S: Shadow>(
    world: &mut World<'_, S>,
    id: TypeId,
    steps: &[Step],
    assigned: Assigned,
) -> Result<(), Failure> {
    world.core.act("reflect.callReflect: store a result");
    let (stack, block) = (StubArgs::frame(world)?, StubArgs::block(world)?);
    let Assigned::Bytes { at, indirect } = assigned else {
        return leave_nil(world, steps, stack, block);
    };
    // Until commit 7e987b7b33 with a barrier, although this is the caller's stack (Go issue 30041).
    let pointers = world.pointer_map(id)?;
    let how = match indirect {
        _ if !world.deviates(Deviation::MakefuncResultBarrier) => Stores::Plain,
        false => Stores::Pointer,
        true => Stores::Typed(&pointers),
    };
    world.put_value(steps, at, stack, block, false, how)
}

/// Leave the nil interface that is one nil pointer. On the stack that is half of it.
fn leave_nil<S: Shadow>(
    world: &mut World<'_, S>,
    steps: &[Step],
    stack: u64,
    block: Target,
) -> Result<(), Failure> {
    if let Some(Place::Stack(offset)) = steps.first().map(|step| step.place)
        && !world.deviates(Deviation::NilInterfaceHalfWritten)
    {
        return world.core.clear(stack + offset, 2 * world.core.word_bytes());
    }
    put_nil_pointer(world, steps, stack, block)
}

/// Convert a result as the epoch does.
fn assign_result<S: Shadow>(
    world: &mut World<'_, S>,
    val: Val,
    want: TypeId,
    steps: &[Step],
) -> Result<Assigned, Failure> {
    match world.core.epoch {
        epoch if epoch < Epoch::Y2020 => same_type(world, val, want),
        Epoch::Y2020 if world.deviates(Deviation::MakeFuncConvertedResultHidden) => {
            let scratch = cleared_place(world, want, steps)?;
            assign_to(world, val, want, scratch)
        }
        _ => assign_to(world, val, want, Scratch::New),
    }
}

/// Until Go 1.13 a made function had to return exactly the declared types (Go issue 28761).
fn same_type<S: Shadow>(world: &mut World<'_, S>, val: Val, want: TypeId) -> Result<Assigned, Failure> {
    if val.ty == want {
        return Ok(Assigned::Bytes { at: world.value_addr(val)?, indirect: val.indirect });
    }
    let types = world.layouts.types();
    let (have, want) = (reflect_text(types, val.ty), reflect_text(types, want));
    let func = gogen::callee_symbol(world.plan.workload);
    let text = format!(
        "reflect: function created by MakeFunc using {func} returned wrong type: have {have} for {want}"
    );
    Err(Failure::Panic { text })
}

/// The place of the result, as scratch for the conversion: cleared first when it is to be an interface, because the
/// conversion writes it with a barrier (Go issue 39541).
fn cleared_place<S: Shadow>(
    world: &mut World<'_, S>,
    want: TypeId,
    steps: &[Step],
) -> Result<Scratch, Failure> {
    let Some(Place::Stack(offset)) = steps.first().map(|step| step.place) else { return Ok(Scratch::New) };
    let at = StubArgs::frame(world)? + offset;
    let clears = !world.deviates(Deviation::AssignToScratchOnStack);
    if clears && interface_methods(world.layouts.types(), want).is_some() {
        world.core.act("reflect.callReflect: clear the place of a result");
        world.core.clear(at, 2 * world.core.word_bytes())?;
    }
    Ok(Scratch::At(at))
}
