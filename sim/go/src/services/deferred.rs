//! Deferred calls that `runtime.Goexit` and `runtime.gopanic` make through `reflectcall`: until Go 1.17 a deferred function
//! had arguments, which were kept behind the record of the call.
//!
//! The record's type ends before them (`mallocgc` cuts what `newdefer` asks for down to it), so the heap's map says nothing of
//! them. The collector finds them by walking the goroutine's list of deferred calls, with the map of the function that is
//! to be called (`tracebackdefers`), until the call is over.

use rcsim_machine::Shadow;
use rcsim_uop::Epoch;

use super::barrier::Stores;
use super::marshal::{Target, Val};
use super::reflectcall::{Request, block_slots, reflectcall, reflectcall_args_bytes};
use crate::abi::CallAbi;
use crate::deviation::Deviation;
use crate::failure::Failure;
use crate::world::World;

/// Words of the record before the arguments.
const RECORD_WORDS: u64 = 8;

/// Why an epoch has no such calls.
#[must_use]
pub fn absent_in(epoch: Epoch) -> Option<&'static str> {
    (epoch >= Epoch::Go119)
        .then_some("since Go 1.17 deferred functions take no arguments and are called directly")
}

/// Defer a call of `func`, and end the goroutine's function by `runtime.Goexit`.
///
/// # Errors
/// Whatever ends the run in it.
pub fn run_deferred<S: Shadow>(world: &mut World<'_, S>, func: u64, args: &[Val]) -> Result<(), Failure> {
    let (abi, block) = (world.plan.callee_abi.clone(), 0);
    let globals = world.globals.len();
    let at = defer(world, &abi, args)?;
    let slots = block_slots(world, block);
    let locals = world.reg_args().size().max(world.core.word_bytes());
    world.open_frame(reflectcall_args_bytes(world), locals, slots, 0)?;
    world.calls("runtime.Goexit: take the next deferred call")?;
    let bytes = abi.frame_bytes;
    let request = Request {
        frame_type: 0,
        func,
        frame: at,
        frame_bytes: bytes,
        ret_offset: bytes,
        reserved_bytes: bytes,
        block,
    };
    reflectcall(world, request)?;
    world.core.act("runtime.Goexit: drop the deferred call");
    world.globals.truncate(globals);
    world.close_frame();
    Ok(())
}

/// `runtime.deferproc`: make a record, with the arguments behind it. Returns where they are (`runtime.deferArgs`).
fn defer<S: Shadow>(world: &mut World<'_, S>, abi: &CallAbi, args: &[Val]) -> Result<u64, Failure> {
    let word = world.core.word_bytes();
    world.core.act("runtime.newdefer: allocate the record");
    let record = world.allocate(RECORD_WORDS * word + abi.frame_bytes, Vec::new(), "deferred call")?;
    world.keep(record)?;
    let at = record + RECORD_WORDS * word;
    for (val, steps) in args.iter().zip(&abi.args) {
        world.core.act("runtime.deferproc: store an argument");
        let from = world.value_addr(*val)?;
        world.put_value(steps, from, at, Target::Registers, false, Stores::Plain)?;
    }
    let pointers = abi.frame_pointers.iter().enumerate().filter(|(_, pointer)| **pointer);
    let words = pointers.map(|(n, _)| n as u64 * word).filter(|offset| *offset < abi.ret_offset);
    world.globals.extend(words.map(|offset| at + offset));
    world.end_of_life(args);
    // The record may end its block of memory, so what is behind it may be another object.
    let none = abi.frame_bytes == 0 && !world.deviates(Deviation::DeferArgsPastEnd);
    Ok(if none { 0 } else { at })
}
