//! Method values: compiled code that calls one, and `reflect.callMethod` behind its stub.

use rcsim_machine::Shadow;
use rcsim_machine::shadow::PointKind;
use rcsim_workloads::layout::align_up;

use super::barrier::Stores;
use super::make_func::{StubArgs, call_context, new_cells};
use super::marshal::{Target, Val};
use super::value_call::{
    Request, block_slots, heap_frame, mark_pointer_results, reflectcall, reflectcall_args_bytes,
};
use super::{HookAbi, objects};
use crate::abi::{CallAbi, Place, Step};
use crate::deviation::Deviation;
use crate::failure::Failure;
use crate::world::World;
use rcsim_uop::Epoch;

/// Call a method value as compiled code does.
///
/// # Errors
/// Whatever ends the run in it.
pub fn call_method_value<S: Shadow>(
    world: &mut World<'_, S>,
    args: &[Val],
    results: &mut [Val],
) -> Result<(), Failure> {
    let cells = new_cells(world, results)?;
    let receiver = world.plan.receiver;
    // Behind the context: method number, then the receiver as a Value (type, pointer, flags).
    let context = objects::context(world, "reflect.methodValueCall", &[0, 0, receiver, 0], "method value")?;
    // From here on only the method value holds it.
    let slot = world.plan.receiver_slot;
    world.end_of_slots(&[slot]);
    call_context(world, context, args, &cells)
}

/// `reflect.callMethod`: translate a call without receiver into one with, make it, and hand the results back.
pub(super) fn call_method<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Result<(), Failure> {
    let value = world.plan.reflect_value_abi.clone();
    let method = world.plan.reflect_abi.clone();
    let word = world.core.word_bytes();
    let args = StubArgs::read(world, abi)?;
    let frame_slot = align_up(StubArgs::COUNT * word, 8);
    let block = align_up(frame_slot + word, 8);
    let mut slots: Vec<u64> = (0..StubArgs::COUNT).map(|n| n * word).collect();
    slots.push(frame_slot);
    slots.extend(block_slots(world, block));
    let locals = block + world.reg_args().size();
    let incoming = if abi == HookAbi::Stack { StubArgs::COUNT } else { 0 };
    world.open_frame(reflectcall_args_bytes(word), locals, slots, incoming)?;
    StubArgs::keep(world, &args)?;
    let (frame_type, frame) = heap_frame(world, &method)?;
    let slot = world.local(frame_slot);
    world.core.store_word(slot, frame)?;
    store_receiver(world, &method, frame, block)?;
    let params = world.plan.workload.signature().params.clone();
    for ((from, to), id) in value.args.iter().zip(&method.args).zip(params) {
        world.core.act("reflect.callMethod: translate an argument");
        let pointers = world.pointer_map(id)?;
        translate(world, (from, to), &pointers, frame, block)?;
    }
    if !world.deviates(Deviation::CallMethodReturnIsPtrMissing) {
        mark_pointer_results(world, block, &method)?;
    }
    reflectcall(
        world,
        Request {
            frame_type,
            func: world.plan.method_func,
            frame,
            frame_bytes: method.frame_bytes,
            ret_offset: method.ret_offset,
            reserved_bytes: method.reserved_bytes(),
            block,
        },
    )?;
    hand_back(world, &value, &method, frame, block)?;
    // The method's own block has served.
    world.end_of_slots(&block_slots(world, block));
    StubArgs::results_are_valid(world)?;
    if world.deviates(Deviation::CallMethodBlockNotKeptAlive) {
        world.forget_blocks();
    }
    if frame != 0 {
        world.core.act("reflect.callMethod: clear the frame");
        world.typed_clear(frame, method.frame_bytes, &method.frame_pointers)?;
    }
    world.core.act("reflect.callMethod: put the frame into its pool");
    world.gc_point(PointKind::Allocation)?;
    world.close_frame();
    Ok(())
}

fn store_receiver<S: Shadow>(
    world: &mut World<'_, S>,
    method: &CallAbi,
    frame: u64,
    block: u64,
) -> Result<(), Failure> {
    let layout = world.reg_args();
    world.core.act("reflect.callMethod: store the receiver");
    let from = StubArgs::get(world, 0)? + objects::receiver_offset(world);
    let word = world.core.word_bytes();
    match method.receiver.as_ref().and_then(|steps| steps.first()).map(|step| step.place) {
        Some(Place::Int { reg, .. }) => {
            let at = world.local(block);
            world.core.copy(at + layout.int(reg), from, word)?;
            if world.deviates(Deviation::ReceiverOnlyInIntsCallMethod) {
                return Ok(());
            }
            world.core.copy(at + layout.pointer(reg), from, word)
        }
        Some(Place::Stack(offset)) => world.pointer_store(frame + offset, from),
        Some(Place::Float { .. }) | None => Ok(()),
    }
}

/// Move one argument from where the value's caller put it to where the method wants it.
fn translate<S: Shadow>(
    world: &mut World<'_, S>,
    (from, to): (&[Step], &[Step]),
    pointers: &[bool],
    frame: u64,
    block: u64,
) -> Result<(), Failure> {
    let stack = StubArgs::frame(world)?;
    let source = StubArgs::block(world)?;
    match (from.first().map(|step| step.place), to.first().map(|step| step.place)) {
        (None, _) | (_, None) => Ok(()),
        (Some(Place::Stack(at)), Some(Place::Stack(target))) => {
            world.typed_move(frame + target, stack + at, from[0].size, pointers)
        }
        (Some(_), Some(Place::Stack(target))) => {
            world.get_value(from, frame + target, stack, source, true, Stores::Typed(pointers))
        }
        // The receiver can push one argument off the registers that then suffice for the next.
        (Some(Place::Stack(at)), Some(_)) => {
            world.put_value(to, stack + at, frame, Target::Block(block), true, Stores::Plain)
        }
        (Some(_), Some(_)) => registers_to_registers(world, from, to, source, block),
    }
}

/// Whole registers are copied, pointers to both of their places.
fn registers_to_registers<S: Shadow>(
    world: &mut World<'_, S>,
    from: &[Step],
    to: &[Step],
    source: Target,
    block: u64,
) -> Result<(), Failure> {
    let (layout, word) = (world.reg_args(), world.core.word_bytes());
    let Target::BlockAt(source) = source else { return Ok(()) };
    let target = world.local(block);
    for (from, to) in from.iter().zip(to) {
        match (from.place, to.place) {
            (Place::Int { reg: a, pointer }, Place::Int { reg: b, .. }) => {
                world.core.copy(target + layout.int(b), source + layout.int(a), word)?;
                if pointer {
                    world.core.copy(target + layout.pointer(b), source + layout.pointer(a), word)?;
                }
            }
            (Place::Float { reg: a }, Place::Float { reg: b }) => {
                world.core.copy(target + layout.float(b), source + layout.float(a), 8)?;
            }
            _ => {
                return Err(Failure::Unsupported {
                    what: "an argument whose two assignments differ".to_owned(),
                });
            }
        }
    }
    Ok(())
}

/// Copy results back to the value's caller: registers as a whole, the stack part at its other offset.
fn hand_back<S: Shadow>(
    world: &mut World<'_, S>,
    value: &CallAbi,
    method: &CallAbi,
    frame: u64,
    block: u64,
) -> Result<(), Failure> {
    let size = world.reg_args().size();
    if size > 0 && world.core.epoch >= Epoch::Y2021 {
        world.core.act("reflect.callMethod: copy result registers");
        let to = StubArgs::get(world, 3)?;
        let from = world.local(block);
        world.typed_move(to, from, size, &[true])?;
    }
    let results = method.frame_bytes - method.ret_offset;
    if results > 0 {
        world.core.act("reflect.callMethod: copy stack results");
        let to = StubArgs::frame(world)? + value.ret_offset;
        world.core.copy(to, frame + method.ret_offset, results)?;
    }
    Ok(())
}
