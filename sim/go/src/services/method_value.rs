//! Method values: compiled code that calls one, and `reflect.callMethod` behind its stub.

use rcsim_machine::Shadow;
use rcsim_uop::Epoch;
use rcsim_workloads::layout::align_up;

use super::barrier::Stores;
use super::make_func::{call_context, new_cells};
use super::marshal::{Target, Val};
use super::objects::ContextWord;
use super::reflectcall::{
    Request, block_slots, has_frame_pool, heap_frame, mark_pointer_results, put_into_pool, reflectcall,
    reflectcall_args_bytes,
};
use super::stub_args::StubArgs;
use super::{HookAbi, objects};
use crate::abi::{CallAbi, Place, Step};
use crate::deviation::Deviation;
use crate::failure::Failure;
use crate::world::World;

/// Call a method value as compiled code does.
///
/// # Errors
/// Whatever ends the run in it.
pub fn call_method_value<S: Shadow>(
    world: &mut World<'_, S>,
    args: &[Val],
    results: &mut [Val],
) -> Result<(), Failure> {
    // The Value of the receiver, which its owner does not look at again once it has the method value.
    const RECEIVER: u64 = 0;
    let word = world.core.word_bytes();
    world.open_frame(0, word, vec![RECEIVER], 0)?;
    world.set_local(RECEIVER, world.plan.receiver)?;
    let cells = new_cells(world, results)?;
    // Behind the context: method number, then the receiver as a Value (type, pointer, flags).
    let words = [ContextWord::Scalar, ContextWord::Nil, ContextWord::Local(RECEIVER), ContextWord::Scalar];
    let context = objects::context(world, "reflect.methodValueCall", &words, "method value")?;
    world.end_of_slots(&[RECEIVER]);
    call_context(world, context, args, &cells)?;
    world.close_frame();
    Ok(())
}

/// Offsets of the locals of `callMethod`, behind the arguments of the stub.
#[derive(Clone, Copy)]
struct Locals {
    /// The heap frame.
    frame: u64,
    /// A pointer into it.
    place: u64,
    /// The method's register block.
    block: u64,
}

impl Locals {
    fn open<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Result<Self, Failure> {
        let word = world.core.word_bytes();
        let args = StubArgs::read(world, abi)?;
        let frame = align_up(StubArgs::WORDS * word, 8);
        let locals = Self { frame, place: frame + word, block: align_up(frame + 2 * word, 8) };
        let mut slots: Vec<u64> = (0..StubArgs::WORDS).map(|n| n * word).collect();
        slots.push(locals.place);
        // Until commit 0ab8f2d287 the frame was a number to the collector.
        if !world.deviates(Deviation::ArgsHiddenAsUintptr) {
            slots.push(locals.frame);
        }
        slots.extend(block_slots(world, locals.block));
        let bytes = locals.block + world.reg_args().size();
        let incoming = StubArgs::on_stack(world, abi);
        world.open_frame(reflectcall_args_bytes(world), bytes, slots, incoming)?;
        StubArgs::keep(world, &args)?;
        Ok(locals)
    }
}

/// `reflect.callMethod`: translate a call without receiver into one with, make it, and hand the results back.
pub(super) fn call_method<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Result<(), Failure> {
    let value = world.plan.reflect_value_abi.clone();
    let method = world.plan.reflect_abi.clone();
    let locals = Locals::open(world, abi)?;
    let (frame_type, frame) = heap_frame(world, &method)?;
    world.set_local(locals.frame, frame)?;
    store_receiver(world, &method, frame, locals.block)?;
    StubArgs::context_was_read(world);
    if world.core.epoch >= Epoch::Y2021 {
        translate_each(world, &value, &method, frame, locals.block)?;
    } else {
        copy_arguments(world, &value, &method, frame, locals)?;
    }
    // Since commit ef36e4fd0e pointer results are shown to the collector.
    if world.core.epoch.has_reg_args() && !world.deviates(Deviation::CallMethodReturnIsPtrMissing) {
        mark_pointer_results(world, locals.block, &method)?;
    }
    let func = world.plan.method_func;
    let request = Request::new(world, &method, func, (frame_type, frame), locals.block);
    reflectcall(world, request)?;
    finish(world, &value, &method, frame, locals)?;
    world.close_frame();
    Ok(())
}

/// Hand the results back, say so, and drop the scratch memory, in this order: somebody must hold the results throughout.
fn finish<S: Shadow>(
    world: &mut World<'_, S>,
    value: &CallAbi,
    method: &CallAbi,
    frame: u64,
    locals: Locals,
) -> Result<(), Failure> {
    if world.deviates(Deviation::RetvalidBeforeCopy) {
        StubArgs::results_are_valid(world)?;
    }
    hand_back_registers(world, locals.block)?;
    // The method's own block has served.
    world.end_of_slots(&block_slots(world, locals.block));
    hand_back_stack(world, value, method, frame, locals)?;
    let too_late = world.deviates(Deviation::RetvalidAfterClear);
    if !too_late {
        StubArgs::results_are_valid(world)?;
    }
    // Until commit ef36e4fd0e nothing kept the caller's register block alive from here on.
    if world.deviates(Deviation::CallMethodBlockNotKeptAlive) {
        world.forget_blocks();
    }
    if has_frame_pool(world.core.epoch) {
        release_frame(world, method, frame)?;
    }
    if too_late { StubArgs::results_are_valid(world) } else { Ok(()) }
}

/// Clear the frame and put it back into its pool.
fn release_frame<S: Shadow>(world: &mut World<'_, S>, method: &CallAbi, frame: u64) -> Result<(), Failure> {
    let untyped = world.deviates(Deviation::UntypedClearInCallMethod);
    if !untyped {
        world.calls("reflect.callMethod: call typedmemclr")?;
    }
    world.core.act("reflect.callMethod: clear the frame");
    if untyped {
        world.untyped_clear(frame, method.frame_bytes)?;
    } else {
        world.typed_clear(frame, method.frame_bytes, &method.frame_pointers)?;
    }
    put_into_pool(world, "reflect.callMethod")
}

/// Where the method's arguments start, behind the receiver. Until commit 5f45a3337e the first was taken to follow it at
/// once, which it does not where a value may need a larger alignment than a pointer.
fn arguments_behind_receiver<S: Shadow>(world: &mut World<'_, S>) -> Result<u64, Failure> {
    let word = world.core.word_bytes();
    let first = world.plan.workload.signature().params.first().copied();
    match first.filter(|_| !world.deviates(Deviation::FirstArgumentAlignment)) {
        Some(id) => Ok(align_up(word, world.align_of(id)?)),
        None => Ok(word),
    }
}

/// Until 2020 all arguments are on the stack, and those of the method are the same, further on by the receiver: one move.
fn copy_arguments<S: Shadow>(
    world: &mut World<'_, S>,
    value: &CallAbi,
    method: &CallAbi,
    frame: u64,
    locals: Locals,
) -> Result<(), Failure> {
    let behind = arguments_behind_receiver(world)?;
    let to = frame + behind;
    // Until commit 627798db4e the address was formed even when nothing is there (Go issue 19724).
    let always = world.deviates(Deviation::CallMethodOobPtrs);
    if value.stack_args_bytes == 0 && !always {
        return Ok(());
    }
    world.core.act("reflect.callMethod: form the address of the arguments");
    world.set_local(locals.place, to)?;
    let bare = world.deviates(Deviation::WbMissingInReflectCopies);
    if !bare {
        world.calls("reflect.callMethod: call typedmemmovepartial")?;
    }
    world.core.act("reflect.callMethod: copy the arguments");
    let (from, bytes) = (StubArgs::frame(world)?, value.stack_args_bytes);
    let pointers = pointers_from(method, behind, world.core.word_bytes());
    let how = if bare { Stores::Plain } else { Stores::Typed(pointers) };
    world.store_value(to, from, bytes, how)?;
    world.set_local(locals.place, 0)
}

/// Which words of the frame are pointers, from an offset on.
fn pointers_from(abi: &CallAbi, offset: u64, word: u64) -> &[bool] {
    abi.frame_pointers.get((offset / word) as usize..).unwrap_or_default()
}

fn store_receiver<S: Shadow>(
    world: &mut World<'_, S>,
    method: &CallAbi,
    frame: u64,
    block: u64,
) -> Result<(), Failure> {
    let layout = world.reg_args();
    world.core.act("reflect.callMethod: store the receiver");
    let from = StubArgs::context(world)? + objects::receiver_offset(world);
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

/// Since 2021 the two calls may use different registers: argument by argument.
fn translate_each<S: Shadow>(
    world: &mut World<'_, S>,
    value: &CallAbi,
    method: &CallAbi,
    frame: u64,
    block: u64,
) -> Result<(), Failure> {
    let params = world.plan.workload.signature().params.clone();
    for ((from, to), id) in value.args.iter().zip(&method.args).zip(params) {
        let pointers = world.pointer_map(id)?;
        if matches!(from.first().map(|step| step.place), Some(Place::Stack(_))) {
            world.calls("reflect.callMethod: call typedmemmove")?;
        }
        world.core.act("reflect.callMethod: translate an argument");
        translate(world, (from, to), &pointers, frame, block)?;
    }
    Ok(())
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

/// Copy result registers back to the value's caller, all of them.
fn hand_back_registers<S: Shadow>(world: &mut World<'_, S>, block: u64) -> Result<(), Failure> {
    let size = world.reg_args().size();
    let Target::BlockAt(to) = StubArgs::block(world)? else { return Ok(()) };
    if size == 0 || to == 0 {
        return Ok(());
    }
    world.core.act("reflect.callMethod: copy result registers");
    let from = world.local(block);
    // The compiler's barrier finds that this is the goroutine's own stack, and that all of it is defined.
    world.core.copy(to, from, size)
}

/// Copy stack results back to the value's caller, at their other offset.
fn hand_back_stack<S: Shadow>(
    world: &mut World<'_, S>,
    value: &CallAbi,
    method: &CallAbi,
    frame: u64,
    locals: Locals,
) -> Result<(), Failure> {
    let (from, bytes) = (frame + method.ret_offset, method.frame_bytes - method.ret_offset);
    // Until commit 627798db4e the address was formed even when nothing is there (Go issue 19724).
    if bytes == 0 && !world.deviates(Deviation::CallMethodOobPtrs) {
        return Ok(());
    }
    world.core.act("reflect.callMethod: form the address of the results");
    world.set_local(locals.place, from)?;
    // Until commit e35a412 with a barrier, although this is the caller's stack.
    let typed = world.deviates(Deviation::BarrierOnStackResultCopy);
    if typed {
        world.calls("reflect.callMethod: call typedmemmovepartial")?;
    }
    world.core.act("reflect.callMethod: copy stack results");
    let to = StubArgs::frame(world)? + value.ret_offset;
    let pointers = pointers_from(method, method.ret_offset, world.core.word_bytes());
    let how = if typed { Stores::Typed(pointers) } else { Stores::Plain };
    world.store_value(to, from, bytes, how)?;
    world.set_local(locals.place, 0)
}
