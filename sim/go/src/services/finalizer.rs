//! `runtime.runfinq`: a finalizer is called through `reflectcall`, since only its type is known.
//!
//! The frame is memory without a type, on purpose: no map says what is in it, and the collector does not look. The object is
//! alive because the queue of finalizers, which is a root, refers to it until the call is over. Arguments go in registers since Go 1.17, where the port has any.

use rcsim_machine::Shadow;
use rcsim_workloads::gotype::TypeId;
use rcsim_workloads::layout::align_up;
use rcsim_workloads::value::interface_methods;

use super::marshal::Val;
use super::reflectcall::{Request, block_slots, reflectcall, reflectcall_args_bytes};
use crate::abi::Place;
use crate::failure::Failure;
use crate::world::World;

/// Run the finalizer `func` of the object that `object` points to.
///
/// # Errors
/// Whatever ends the run in it.
pub fn run_finalizer<S: Shadow>(world: &mut World<'_, S>, func: u64, object: Val) -> Result<(), Failure> {
    let word = world.core.word_bytes();
    let queued = queue(world, object)?;
    let block = 0;
    let frame_slot = align_up(world.reg_args().size(), word);
    let slots = block_slots(world, block).into_iter().chain([frame_slot]).collect();
    world.open_frame(reflectcall_args_bytes(world), frame_slot + word, slots, 0)?;
    let bytes = 2 * word + result_bytes(world)?;
    world.core.act("runtime.runfinq: allocate the frame");
    let frame = world.allocate(bytes, Vec::new(), "frame of a finalizer")?;
    world.set_local(frame_slot, frame)?;
    store_object(world, object.ty, queued, frame, block)?;
    let request = Request {
        frame_type: 0,
        func,
        frame,
        frame_bytes: bytes,
        ret_offset: bytes,
        reserved_bytes: bytes,
        block,
    };
    reflectcall(world, request)?;
    world.core.act("runtime.runfinq: drop the finalizer");
    world.core.store_word(queued, 0)?;
    world.close_frame();
    Ok(())
}

/// Put the object into the queue of finalizers, which is then the only one that refers to it. Returns the queue's word.
fn queue<S: Shadow>(world: &mut World<'_, S>, object: Val) -> Result<u64, Failure> {
    world.core.act("runtime.queuefinalizer: queue the object");
    let (variable, from) = (world.runtime_alloc(world.core.word_bytes(), 8)?, world.value_addr(object)?);
    let word = world.core.word_bytes();
    world.core.copy(variable, from, word)?;
    world.globals.push(variable);
    world.end_of_life(&[object]);
    Ok(variable)
}

/// Bytes of the results, as `SetFinalizer` counts them.
fn result_bytes<S: Shadow>(world: &World<'_, S>) -> Result<u64, Failure> {
    let mut bytes = 0;
    for id in &world.plan.workload.signature().results {
        bytes = align_up(bytes, world.align_of(*id)?) + world.size_of(*id)?;
    }
    Ok(align_up(bytes, world.core.word_bytes()))
}

/// Pass the object: as a pointer, or as an interface that holds it.
fn store_object<S: Shadow>(
    world: &mut World<'_, S>,
    ty: TypeId,
    queued: u64,
    frame: u64,
    block: u64,
) -> Result<(), Failure> {
    let word = world.core.word_bytes();
    let want = world.plan.workload.signature().params[0];
    let in_registers =
        matches!(world.plan.callee_abi.args[0].first().map(|step| step.place), Some(Place::Int { .. }));
    let at = if in_registers {
        world.local(block) + world.reg_args().int(0)
    } else {
        // The memory is not cleared when it is allocated, and is about to be written with a barrier.
        world.core.act("runtime.runfinq: clear the frame");
        world.core.clear(frame, 2 * word)?;
        frame
    };
    world.core.act("runtime.runfinq: store the object");
    if interface_methods(world.layouts.types(), want).is_none() {
        return world.core.copy(at, queued, word);
    }
    let first = world.type_word(want, ty)?;
    world.core.store_word(at, first)?;
    world.core.copy(at + word, queued, word)
}
