//! `runtime.cgocallbackg1` until Go 1.15: C code calls a Go function through `reflectcall`, with a frame on the C stack.
//!
//! The collector does not look at that stack: whoever passes a Go pointer to C keeps it alive. The results come back
//! without a barrier, and with them all of the frame, since the offset of the results is 0.

use rcsim_machine::Shadow;
use rcsim_uop::Epoch;
use rcsim_workloads::gotype::TypeId;

use super::barrier::Stores;
use super::marshal::{Target, Val};
use super::reflectcall::{Request, block_slots, reflectcall, reflectcall_args_bytes};
use crate::abi::Place;
use crate::failure::Failure;
use crate::world::World;

/// Why an epoch has no such calls.
#[must_use]
pub fn absent_in(epoch: Epoch) -> Option<&'static str> {
    (epoch >= Epoch::Y2020).then_some("since Go 1.16 functions that C code calls back are called directly")
}

/// Call `func` as C code does. Returns type and address of each result.
///
/// # Errors
/// Whatever ends the run in it.
pub fn call_from_c<S: Shadow>(
    world: &mut World<'_, S>,
    func: u64,
    args: &[Val],
) -> Result<Vec<(TypeId, u64)>, Failure> {
    let (abi, block) = (world.plan.callee_abi.clone(), 0);
    let frame = world.runtime_alloc(abi.frame_bytes.max(8), 16)?;
    for (val, steps) in args.iter().zip(&abi.args) {
        world.core.act("C code: pass an argument");
        let from = world.value_addr(*val)?;
        world.put_value(steps, from, frame, Target::Registers, false, Stores::Plain)?;
    }
    let slots = block_slots(world, block);
    let locals = world.reg_args().size().max(world.core.word_bytes());
    world.open_frame(reflectcall_args_bytes(world), locals, slots, 0)?;
    world.calls("runtime.cgocallbackg1: stack check")?;
    let bytes = abi.frame_bytes;
    let request = Request {
        frame_type: 0,
        func,
        frame,
        frame_bytes: bytes,
        ret_offset: 0,
        reserved_bytes: bytes,
        block,
    };
    reflectcall(world, request)?;
    world.close_frame();
    let ids = world.plan.workload.signature().results.iter();
    let places = ids.zip(&abi.results).zip(&abi.results_at).map(|((id, steps), at)| {
        let offset = match steps.first().map(|step| step.place) {
            Some(Place::Stack(offset)) => offset,
            Some(Place::Int { .. } | Place::Float { .. }) | None => *at,
        };
        (*id, frame + offset)
    });
    Ok(places.collect())
}
