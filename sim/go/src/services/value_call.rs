//! `reflect.Value.Call`.

use rcsim_machine::Shadow;
use rcsim_uop::Epoch;
use rcsim_workloads::gotype::TypeId;
use rcsim_workloads::layout::align_up;

use super::barrier::Stores;
use super::convert::{Assigned, Scratch, assign_to, put_nil_pointer};
use super::marshal::{Target, Val, is_direct};
use super::reflectcall::{
    Request, block_slots, has_frame_pool, heap_frame, mark_pointer_results, put_into_pool, reflectcall,
    reflectcall_args_bytes,
};
use super::{HookAbi, word_arg, word_result_at};
use crate::abi::{CallAbi, Place, Step};
use crate::deviation::Deviation;
use crate::failure::Failure;
use crate::world::World;

/// `reflect.Value.call`: call the function value with the arguments; each result's pointer goes to its slot.
///
/// # Errors
/// Whatever ends the run in it.
pub fn value_call<S: Shadow>(
    world: &mut World<'_, S>,
    func: u64,
    args: &[Val],
    results: &mut [Val],
) -> Result<(), Failure> {
    let abi = world.plan.reflect_abi.clone();
    let Some(receiver) = world.plan.workload.call.receiver().map(|receiver| receiver.ty) else {
        return call_with(world, func, &abi, None, args, results);
    };
    // The Value of the method, which its owner does not look at again.
    let word = world.core.word_bytes();
    world.open_frame(0, word, vec![0], 0)?;
    world.set_local(0, world.plan.receiver)?;
    let frame = world.frames.len() - 1;
    let receiver = Val { ty: receiver, frame, slot: 0, indirect: false, addressable: false };
    call_with(world, func, &abi, Some(receiver), args, results)?;
    world.close_frame();
    Ok(())
}

/// Offsets of the locals of `Value.call`.
#[derive(Clone, Copy)]
struct Locals {
    /// The register block.
    block: u64,
    /// The heap frame.
    frame: u64,
    /// A pointer that a call is given.
    place: u64,
}

impl Locals {
    fn open<S: Shadow>(world: &mut World<'_, S>) -> Result<Self, Failure> {
        let word = world.core.word_bytes();
        let frame = align_up(world.reg_args().size(), word);
        let locals = Self { block: 0, frame, place: frame + word };
        let mut slots = block_slots(world, locals.block);
        slots.push(locals.place);
        // Until commit 0ab8f2d287 the frame was a number to the collector.
        if !world.deviates(Deviation::ArgsHiddenAsUintptr) {
            slots.push(locals.frame);
        }
        world.open_frame(reflectcall_args_bytes(world), frame + 2 * word, slots, 0)?;
        Ok(locals)
    }
}

fn call_with<S: Shadow>(
    world: &mut World<'_, S>,
    func: u64,
    abi: &CallAbi,
    receiver: Option<Val>,
    args: &[Val],
    results: &mut [Val],
) -> Result<(), Failure> {
    let locals = Locals::open(world)?;
    let (frame_type, frame) = heap_frame(world, abi)?;
    world.set_local(locals.frame, frame)?;
    if let Some(receiver) = receiver {
        store_receiver(world, abi, receiver, frame, locals)?;
    }
    let params = if args.is_empty() { Vec::new() } else { world.plan.workload.signature().params.clone() };
    let places = abi.args.iter().zip(&abi.args_at);
    for (n, ((val, want), (steps, at))) in args.iter().zip(params).zip(places).enumerate() {
        if steps.is_empty() {
            empty_argument(world, *val, want, locals, frame + at)?;
        } else {
            let assigned = assign_argument(world, *val, want, steps, frame)?;
            world.remember_converted(n, want, assigned.address())?;
            store_argument(world, assigned, want, steps, frame, locals)?;
        }
    }
    // The argument list is not looked at again.
    world.end_of_life(args);
    if world.core.epoch.has_reg_args() {
        mark_pointer_results(world, locals.block, abi)?;
    }
    let request = Request::new(world, abi, func, (frame_type, frame), locals.block);
    reflectcall(world, request)?;
    clear_frame(world, abi, frame, results.is_empty())?;
    for ((val, steps), at) in results.iter_mut().zip(&abi.results).zip(&abi.results_at) {
        world.core.act("reflect.Value.call: wrap a result");
        if steps.is_empty() {
            empty_result(world, val, frame + at)?;
        } else {
            take_result(world, val, steps, frame, locals.block)?;
        }
    }
    world.close_frame();
    Ok(())
}

/// The receiver word goes where the method looks for it, and where the collector does.
fn store_receiver<S: Shadow>(
    world: &mut World<'_, S>,
    abi: &CallAbi,
    receiver: Val,
    frame: u64,
    locals: Locals,
) -> Result<(), Failure> {
    world.core.act("reflect.Value.call: store the receiver");
    let mirror = !world.deviates(Deviation::ReceiverOnlyInIntsCall);
    let from = world.slot_addr(receiver);
    let steps = abi.receiver.clone().unwrap_or_default();
    world.put_value(&steps, from, frame, Target::Block(locals.block), mirror, Stores::Pointer)?;
    world.end_of_life(&[receiver]);
    Ok(())
}

/// Nothing is stored for an argument of size zero. Until commit 8bb51a73e9 its address was formed nevertheless, which may be
/// the end of the frame, and was alive while `assignTo` ran (Go issue 21733).
fn empty_argument<S: Shadow>(
    world: &mut World<'_, S>,
    val: Val,
    want: TypeId,
    locals: Locals,
    at: u64,
) -> Result<(), Failure> {
    let forms_address = world.deviates(Deviation::UnsafeAddAudit);
    if forms_address {
        world.core.act("reflect.Value.call: form the address of an empty argument");
        world.set_local(locals.place, at)?;
    }
    assign_to(world, val, want, Scratch::New)?;
    if forms_address { world.set_local(locals.place, 0) } else { Ok(()) }
}

/// Convert an argument as the epoch does: until 2020 in its place in the frame, which is on the heap.
fn assign_argument<S: Shadow>(
    world: &mut World<'_, S>,
    val: Val,
    want: TypeId,
    steps: &[Step],
    frame: u64,
) -> Result<Assigned, Failure> {
    let scratch = match steps[0].place {
        Place::Stack(offset) if world.core.epoch < Epoch::Y2020 => Scratch::At(frame + offset),
        _ => Scratch::New,
    };
    assign_to(world, val, want, scratch)
}

fn store_argument<S: Shadow>(
    world: &mut World<'_, S>,
    assigned: Assigned,
    want: TypeId,
    steps: &[Step],
    frame: u64,
    locals: Locals,
) -> Result<(), Failure> {
    let Assigned::Bytes { at, indirect } = assigned else {
        world.core.act("reflect.Value.call: store an argument");
        return put_nil_pointer(world, steps, frame, Target::Block(locals.block));
    };
    let pointers = world.pointer_map(want)?;
    let on_stack = matches!(steps[0].place, Place::Stack(_));
    let how = match indirect {
        true if world.deviates(Deviation::WbMissingInReflectCopies) => Stores::Plain,
        true => Stores::Typed(&pointers),
        false => Stores::Pointer,
    };
    if on_stack && indirect {
        // The source is an argument of that call.
        world.set_local(locals.place, at)?;
        world.calls("reflect.Value.call: call typedmemmove")?;
        world.set_local(locals.place, 0)?;
    }
    world.core.act("reflect.Value.call: store an argument");
    // A value that is itself one pointer has always been shown to the collector.
    let mirror = !indirect || !world.deviates(Deviation::AggregateArgNotInPtrs);
    world.put_value(steps, at, frame, Target::Block(locals.block), mirror, how)
}

/// The frame has served: it goes back to its pool, or its arguments are cleared, because the results keep all of it alive.
fn clear_frame<S: Shadow>(
    world: &mut World<'_, S>,
    abi: &CallAbi,
    frame: u64,
    no_results: bool,
) -> Result<(), Failure> {
    if no_results && !has_frame_pool(world.core.epoch) || abi.frame_bytes == 0 {
        return Ok(());
    }
    if no_results {
        let untyped = world.deviates(Deviation::UntypedClearWithoutResults);
        clear(world, abi, frame, abi.frame_bytes, untyped)?;
        return put_into_pool(world, "reflect.Value.call");
    }
    if world.deviates(Deviation::ArgumentsNotCleared) {
        return Ok(());
    }
    let untyped = world.deviates(Deviation::UntypedClearOfArguments);
    clear(world, abi, frame, abi.ret_offset, untyped)
}

fn clear<S: Shadow>(
    world: &mut World<'_, S>,
    abi: &CallAbi,
    frame: u64,
    bytes: u64,
    untyped: bool,
) -> Result<(), Failure> {
    if !untyped {
        world.calls("reflect.Value.call: call typedmemclr")?;
    }
    world.core.act("reflect.Value.call: clear the frame");
    if untyped {
        world.untyped_clear(frame, bytes)
    } else {
        world.typed_clear(frame, bytes, &abi.frame_pointers)
    }
}

/// A result of size zero is the zero value, whose bytes are nowhere. Until commit 0a48185b43 it pointed into the frame, at
/// its end perhaps (Go issue 21717).
fn empty_result<S: Shadow>(world: &mut World<'_, S>, val: &mut Val, at: u64) -> Result<(), Failure> {
    val.indirect = true;
    let points_to = if world.deviates(Deviation::ZeroSizeResultPtr) { at } else { world.zero_memory(8)? };
    let slot = world.slot_addr(*val);
    world.core.store_word(slot, points_to)
}

/// Make a value of a result: in the frame, or, when it came in registers, in a new object or the pointer itself.
fn take_result<S: Shadow>(
    world: &mut World<'_, S>,
    val: &mut Val,
    steps: &[Step],
    frame: u64,
    block: u64,
) -> Result<(), Failure> {
    match steps[0].place {
        Place::Stack(offset) => {
            val.indirect = true;
            let slot = world.slot_addr(*val);
            world.core.store_word(slot, frame + offset)
        }
        Place::Int { .. } if is_direct(&world.layouts, val.ty) => {
            val.indirect = false;
            let of_function = world.deviates(Deviation::KindFromFuncType);
            world.judge_flags(*val, if of_function { world.plan.workload.func } else { val.ty });
            let slot = world.slot_addr(*val);
            world.get_value(steps, slot, frame, Target::Block(block), true, Stores::Plain)
        }
        Place::Int { .. } | Place::Float { .. } => {
            val.indirect = true;
            let (bytes, pointers) = (world.size_of(val.ty)?, world.pointer_map(val.ty)?);
            let object = world.allocate(bytes, pointers, "result")?;
            world.get_value(steps, object, frame, Target::Block(block), true, Stores::Pointer)?;
            let slot = world.slot_addr(*val);
            world.core.store_word(slot, object)
        }
    }
}

/// `Value.call(op string, in []Value) []Value`, called by a compiled callee. Its types are those of the image, of which
/// rcsim knows only that they have no parameters and results: other calls are not supported.
pub(super) fn call_of_image<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Result<(), Failure> {
    /// `reflect.flagIndir` and `reflect.flagMethod`.
    const INDIRECT: u64 = 1 << 7;
    const METHOD: u64 = 1 << 9;
    const ARGUMENT_WORDS: usize = 8;
    const RESULT_WORDS: usize = 3;
    let (typ, func, flag) = (word_arg(world, abi, 0)?, word_arg(world, abi, 1)?, word_arg(world, abi, 2)?);
    world.core.act("reflect.Value.call: read the function type");
    // Behind the common part of a type descriptor: how many parameters, how many results.
    let counts = world.core.load(typ + 4 * world.core.word_bytes() + 16, 4)?;
    if counts != 0 || flag & METHOD != 0 {
        let what = "a compiled callee that calls a function with parameters or results through reflect";
        return Err(Failure::Unsupported { what: what.to_owned() });
    }
    let func = if flag & INDIRECT == 0 { func } else { world.core.load_word(func)? };
    call_without_values(world, func)?;
    for n in 0..RESULT_WORDS {
        word_result_at(world, abi, ARGUMENT_WORDS, n, 0)?;
    }
    Ok(())
}

/// One more reflective call, made by the callee: of a function without parameters and results.
pub(super) fn call_back<S: Shadow>(world: &mut World<'_, S>) -> Result<(), Failure> {
    let func = world.plan.callback_func;
    call_without_values(world, func)
}

fn call_without_values<S: Shadow>(world: &mut World<'_, S>, func: u64) -> Result<(), Failure> {
    let mut abi = world.plan.reflect_abi.clone();
    abi.receiver = None;
    (abi.args, abi.results) = (Vec::new(), Vec::new());
    (abi.args_at, abi.results_at) = (Vec::new(), Vec::new());
    (abi.frame_pointers, abi.result_pointers) = (Vec::new(), Vec::new());
    (abi.frame_bytes, abi.ret_offset, abi.spill_bytes) = (0, 0, 0);
    call_with(world, func, &abi, None, &[], &mut [])
}
