//! `reflect.Value.Call`, and a bare `reflectcall`.

use rcsim_machine::Shadow;
use rcsim_workloads::layout::align_up;

use super::barrier::Stores;
use super::marshal::{Target, Val, is_direct};
use super::{HookAbi, objects, word_arg, word_result_at};
use crate::abi::CallAbi;
use crate::deviation::Deviation;
use crate::failure::Failure;
use crate::world::World;

/// What `reflectcall` is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    /// Type descriptor of the heap frame, or 0.
    pub frame_type: u64,
    /// The function value.
    pub func: u64,
    /// The heap frame, or 0.
    pub frame: u64,
    /// Bytes of arguments and results in it.
    pub frame_bytes: u64,
    /// Offset of the results in it.
    pub ret_offset: u64,
    /// Bytes of stack to reserve.
    pub reserved_bytes: u64,
    /// Offset of the register block in the innermost frame's locals.
    pub block: u64,
}

/// Bytes of the arguments of `reflectcall`: three pointers, three 32-bit sizes, the pointer to the register block.
pub(super) fn reflectcall_args_bytes(word: u64) -> u64 {
    align_up(3 * word + 12, word) + word
}

/// Call `reflectcall` as an assembly function, with its arguments on the stack.
pub(super) fn reflectcall<S: Shadow>(world: &mut World<'_, S>, request: Request) -> Result<(), Failure> {
    let missing = || Failure::Unsupported { what: "an image without runtime.reflectcall".to_owned() };
    let entry = world.code.own("runtime.reflectcall").ok_or_else(missing)?.entry;
    let word = world.core.word_bytes();
    let args = world.core.outgoing_base();
    world.core.act("pass the arguments of reflectcall");
    world.core.store_word(args, request.frame_type)?;
    world.core.store_word(args + word, request.func)?;
    world.core.store_word(args + 2 * word, request.frame)?;
    world.core.store(args + 3 * word, 4, request.frame_bytes)?;
    world.core.store(args + 3 * word + 4, 4, request.ret_offset)?;
    world.core.store(args + 3 * word + 8, 4, request.reserved_bytes)?;
    let block = world.local(request.block);
    world.core.store_word(args + align_up(3 * word + 12, word), block)?;
    world.core.meter.enter_call();
    let called = world.call(entry);
    world.core.meter.leave_call();
    called
}

/// The heap frame for a call, and its type descriptor; both 0 when nothing goes on the stack.
pub(super) fn heap_frame<S: Shadow>(world: &mut World<'_, S>, abi: &CallAbi) -> Result<(u64, u64), Failure> {
    let descriptor = objects::descriptor(world, abi.frame_bytes, &abi.frame_pointers)?;
    if abi.frame_bytes == 0 {
        return Ok((descriptor, 0));
    }
    world.core.act("allocate the call frame");
    let frame = world.allocate(abi.frame_bytes, abi.frame_pointers.clone(), "call frame")?;
    Ok((descriptor, frame))
}

/// Mark the result registers that hold pointers.
pub(super) fn mark_pointer_results<S: Shadow>(
    world: &mut World<'_, S>,
    block: u64,
    abi: &CallAbi,
) -> Result<(), Failure> {
    let bitmap = world.reg_args().result_bitmap();
    for reg in &abi.result_pointers {
        let at = world.local(block) + bitmap + *reg as u64 / 8;
        let old = world.core.load(at, 1)?;
        world.core.store(at, 1, old | 1 << (reg % 8))?;
    }
    Ok(())
}

/// Offsets of the pointer words of a register block.
pub(super) fn block_slots<S: Shadow>(world: &World<'_, S>, block: u64) -> Vec<u64> {
    let layout = world.reg_args();
    (0..layout.counts().ints).map(|reg| block + layout.pointer(reg)).collect()
}

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
    call_with(world, func, &abi, args, results)
}

fn call_with<S: Shadow>(
    world: &mut World<'_, S>,
    func: u64,
    abi: &CallAbi,
    args: &[Val],
    results: &mut [Val],
) -> Result<(), Failure> {
    let (word, block) = (world.core.word_bytes(), 0);
    let frame_slot = align_up(world.reg_args().size(), word);
    let mut slots = block_slots(world, block);
    slots.push(frame_slot);
    world.open_frame(reflectcall_args_bytes(word), frame_slot + word, slots, 0)?;
    let (frame_type, frame) = heap_frame(world, abi)?;
    let slot = world.local(frame_slot);
    world.core.store_word(slot, frame)?;
    for (val, steps) in args.iter().zip(&abi.args) {
        world.core.act("reflect.Value.call: store an argument");
        let from = world.value_addr(*val)?;
        // A value that is itself one pointer has always been shown to the collector.
        let mirror = !val.indirect || !world.deviates(Deviation::AggregateArgNotInPtrs);
        let pointers = world.pointer_map(val.ty)?;
        let how = match val.indirect {
            true if world.deviates(Deviation::WbMissingInReflectCopies) => Stores::Plain,
            true => Stores::Typed(&pointers),
            false => Stores::Pointer,
        };
        world.put_value(steps, from, frame, Target::Block(block), mirror, how)?;
    }
    // The argument list is not looked at again.
    world.end_of_life(args);
    mark_pointer_results(world, block, abi)?;
    reflectcall(
        world,
        Request {
            frame_type,
            func,
            frame,
            frame_bytes: abi.frame_bytes,
            ret_offset: abi.ret_offset,
            reserved_bytes: abi.reserved_bytes(),
            block,
        },
    )?;
    if frame != 0 {
        world.core.act("reflect.Value.call: clear the arguments");
        let used = if results.is_empty() { abi.frame_bytes } else { abi.ret_offset };
        world.typed_clear(frame, used, &abi.frame_pointers)?;
    }
    for (val, steps) in results.iter_mut().zip(&abi.results) {
        world.core.act("reflect.Value.call: wrap a result");
        take_result(world, val, steps, frame, block)?;
    }
    world.close_frame();
    Ok(())
}

/// Make a value of a result: in the frame, or, when it came in registers, in a new object or the pointer itself.
fn take_result<S: Shadow>(
    world: &mut World<'_, S>,
    val: &mut Val,
    steps: &[crate::abi::Step],
    frame: u64,
    block: u64,
) -> Result<(), Failure> {
    use crate::abi::Place;
    match steps.first().map(|step| step.place) {
        // The zero value: its bytes are nowhere.
        None => {
            val.indirect = true;
            let zero = world.zero_memory(8)?;
            let slot = world.slot_addr(*val);
            world.core.store_word(slot, zero)
        }
        Some(Place::Stack(offset)) => {
            val.indirect = true;
            let slot = world.slot_addr(*val);
            world.core.store_word(slot, frame + offset)
        }
        Some(Place::Int { .. }) if is_direct(&world.layouts, val.ty) => {
            val.indirect = false;
            let slot = world.slot_addr(*val);
            world.get_value(steps, slot, frame, Target::Block(block), true, Stores::Plain)
        }
        Some(_) => {
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
    (abi.frame_pointers, abi.result_pointers) = (Vec::new(), Vec::new());
    (abi.frame_bytes, abi.ret_offset, abi.spill_bytes) = (0, 0, 0);
    call_with(world, func, &abi, &[], &mut [])
}

/// `reflectcall` itself with a frame of the given size on the heap, and no registers.
///
/// # Errors
/// Whatever ends the run in it.
pub fn bare_reflectcall<S: Shadow>(
    world: &mut World<'_, S>,
    func: u64,
    frame: u64,
    frame_bytes: u64,
    ret_offset: u64,
) -> Result<(), Failure> {
    let (word, block) = (world.core.word_bytes(), 0);
    let slots = block_slots(world, block);
    let locals = world.reg_args().size().max(word);
    world.open_frame(reflectcall_args_bytes(word), locals, slots, 0)?;
    let request = Request {
        // No type: the frame holds no pointers, so no barrier is due.
        frame_type: 0,
        func,
        frame,
        frame_bytes,
        ret_offset,
        reserved_bytes: frame_bytes,
        block,
    };
    reflectcall(world, request)?;
    world.close_frame();
    Ok(())
}
