//! Functions of the runtime: allocation, the copy of results, panics.

use rcsim_machine::Shadow;
use rcsim_machine::shadow::{BarrierBitmap, BarrierOrder, NewPointers};
use rcsim_uop::Epoch;

use super::barrier::Bulk;
use super::{HookAbi, objects, word_arg, word_result};
use crate::deviation::Deviation;
use crate::failure::Failure;
use crate::rules::handed_on::HandedOn;
use crate::world::World;

/// Argument words of `reflectcallmove`: the register block came with arguments in registers.
pub(super) fn reflectcallmove_args(epoch: Epoch) -> u64 {
    if epoch < Epoch::Y2020 { 4 } else { 5 }
}

/// `reflectcallmove(typ, dst, src, size, regs)`: copy results to the heap frame, and pointer results in registers to where
/// the collector sees them.
pub(super) fn reflectcallmove<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Result<(), Failure> {
    copy_results(world, abi)?;
    let layout = world.reg_args();
    if layout.counts().ints == 0 {
        return Ok(());
    }
    let regs = word_arg(world, abi, 4)?;
    world.core.act("runtime.reflectcallmove: find the register block");
    world.judge_block_handed_on(regs);
    for n in 0..layout.counts().ints {
        world.core.act("runtime.reflectcallmove: show a result register to the collector");
        let byte = world.core.load(regs + layout.result_bitmap() + n as u64 / 8, 1)?;
        if byte >> (n % 8) & 1 == 1 {
            world.pointer_store(regs + layout.pointer(n), regs + layout.int(n))?;
        }
    }
    Ok(())
}

/// Copy the stack results to the heap frame, with a barrier when the frame's type is known.
fn copy_results<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Result<(), Failure> {
    let (typ, dst) = (word_arg(world, abi, 0)?, word_arg(world, abi, 1)?);
    let (src, bytes) = (word_arg(world, abi, 2)?, word_arg(world, abi, 3)?);
    world.core.act("runtime.reflectcallmove: copy stack results");
    world.judge_handed_on(HandedOn { typ, dst, bytes });
    let typed = typ != 0 && objects::has_pointers(world, typ)?;
    let typed = typed && !world.deviates(Deviation::ReflectcallmoveNoBarrier);
    let first = world.deviates(Deviation::ReflectcallmoveMemmoveFirst);
    let from_dst = first || world.deviates(Deviation::ReflectcallmoveNewPointersFromDst);
    let new = NewPointers::At(if from_dst { dst } else { src });
    let of_src = world.deviates(Deviation::ReflectcallmoveBitmapOfSrc);
    let bitmap = BarrierBitmap::Heap(if of_src { src } else { dst });
    let bulk = Bulk { dst, bytes, new, bitmap };
    if typed && !first {
        world.bulk_barrier(BarrierOrder::Before, bulk);
    }
    world.core.copy(dst, src, bytes)?;
    if typed && first {
        world.bulk_barrier(BarrierOrder::After, bulk);
    }
    Ok(())
}

/// `callwritebarrier(typ, frame, framesize, retoffset)`: the barrier for results that the trampoline has already copied.
pub(super) fn callwritebarrier<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Result<(), Failure> {
    let (typ, frame) = (word_arg(world, abi, 0)?, word_arg(world, abi, 1)?);
    let (frame_bytes, ret_offset) = (word_arg(world, abi, 2)?, word_arg(world, abi, 3)?);
    world.core.act("runtime.callwritebarrier");
    let bytes = frame_bytes.wrapping_sub(ret_offset);
    world.judge_handed_on(HandedOn { typ, dst: frame.wrapping_add(ret_offset), bytes });
    if typ == 0 || !objects::has_pointers(world, typ)? {
        return Ok(());
    }
    let dst = frame + ret_offset;
    let new = NewPointers::At(dst);
    // The one that overran its frame went by the heap's bitmap, that of the commit by the type's.
    if world.deviates(Deviation::CallwritebarrierOverrun) {
        let bitmap = BarrierBitmap::Heap(dst);
        world.bulk_barrier(BarrierOrder::After, Bulk { dst, bytes: frame_bytes, new, bitmap });
        return Ok(());
    }
    let words = objects::descriptor_pointers(world, typ, frame_bytes)?;
    let first = (ret_offset / world.core.word_bytes()) as usize;
    let bitmap = BarrierBitmap::Words(words.get(first..).unwrap_or_default());
    let bytes = frame_bytes.saturating_sub(ret_offset);
    world.bulk_barrier(BarrierOrder::After, Bulk { dst, bytes, new, bitmap });
    Ok(())
}

/// `moveMakeFuncArgPtrs(ctxt, args)`: show the collector the pointers among the argument registers.
pub(super) fn move_make_func_arg_ptrs<S: Shadow>(
    world: &mut World<'_, S>,
    abi: HookAbi,
) -> Result<(), Failure> {
    let context = word_arg(world, abi, 0)?;
    let regs = word_arg(world, abi, 1)?;
    let (layout, word) = (world.reg_args(), world.core.word_bytes());
    for n in 0..layout.counts().ints {
        world.core.act("reflect.moveMakeFuncArgPtrs: show an argument register to the collector");
        // The bitmap is the fourth field of the context, after code, map and length.
        let byte = world.core.load(context + 3 * word + n as u64 / 8, 1)?;
        if byte >> (n % 8) & 1 == 1 {
            world.core.copy(regs + layout.pointer(n), regs + layout.int(n), word)?;
        } else {
            world.core.store_word(regs + layout.pointer(n), 0)?;
        }
    }
    Ok(())
}

/// `mallocgc(size, typ, needzero) pointer`.
pub(super) fn mallocgc<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Result<(), Failure> {
    let size = word_arg(world, abi, 0)?;
    let typ = word_arg(world, abi, 1)?;
    let addr = allocate_typed(world, size, typ, "runtime.mallocgc")?;
    word_result(world, abi, 3, addr)
}

/// `newobject(typ) pointer`.
pub(super) fn newobject<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Result<(), Failure> {
    let typ = word_arg(world, abi, 0)?;
    world.core.act("runtime.newobject: read the size");
    let size = world.core.load_word(typ)?;
    let addr = allocate_typed(world, size, typ, "runtime.newobject")?;
    word_result(world, abi, 1, addr)
}

/// `makeslice(typ, len, cap) pointer`.
pub(super) fn makeslice<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Result<(), Failure> {
    let typ = word_arg(world, abi, 0)?;
    let cap = word_arg(world, abi, 2)?;
    world.core.act("runtime.makeslice: read the element size");
    let size = world.core.load_word(typ)?;
    let bytes = size.checked_mul(cap).filter(|bytes| *bytes < 1 << 40);
    let bytes =
        bytes.ok_or_else(|| Failure::Panic { text: "runtime error: makeslice: cap out of range".into() })?;
    let addr = allocate_typed(world, bytes, typ, "runtime.makeslice")?;
    word_result(world, abi, 3, addr)
}

/// Allocate `bytes` bytes of elements of the type that a descriptor describes.
fn allocate_typed<S: Shadow>(
    world: &mut World<'_, S>,
    bytes: u64,
    typ: u64,
    what: &'static str,
) -> Result<u64, Failure> {
    world.core.act(what);
    let pointers = if typ == 0 { Vec::new() } else { objects::descriptor_pointers(world, typ, bytes)? };
    world.allocate(bytes, pointers, what)
}

/// What `badreflectcall` says.
pub(super) const TOO_LARGE: &str = "arg size to reflect.call more than 1GB";

/// The failure that a panicking function means.
pub(super) fn panic<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Failure {
    let place = world.code.place(world.core.cpu.pc);
    // A function with two entries may have been called at the inner one.
    let function = place.split_once('+').map_or(place.as_str(), |(function, _)| function);
    let name = function.strip_prefix("runtime.").unwrap_or(function);
    let text = match name {
        "gopanic" => match panic_value(world, abi) {
            Ok(Some(text)) => text,
            Ok(None) => "a value that is no string".to_owned(),
            Err(failure) => return failure,
        },
        "panicdivide" => "runtime error: integer divide by zero".to_owned(),
        "panicmem" | "sigpanic" => {
            "runtime error: invalid memory address or nil pointer dereference".to_owned()
        }
        _ if name.contains("Index") => "runtime error: index out of range".to_owned(),
        _ if name.contains("Slice") => "runtime error: slice bounds out of range".to_owned(),
        _ => function.to_owned(),
    };
    Failure::Panic { text }
}

/// The argument of `gopanic`, an empty interface, when it is a string.
fn panic_value<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Result<Option<String>, Failure> {
    /// `reflect.String`, and the bits of the kind byte that hold a kind.
    const STRING: u64 = 24;
    const KIND_MASK: u64 = 31;
    const MAX_TEXT_BYTES: u64 = 1 << 16;
    let (typ, data) = (word_arg(world, abi, 0)?, word_arg(world, abi, 1)?);
    world.core.act("runtime.gopanic: read the value");
    let word = world.core.word_bytes();
    // Behind size, pointer bytes, hash, flags and the two alignments.
    if typ == 0 || world.core.load(typ + 2 * word + 7, 1)? & KIND_MASK != STRING {
        return Ok(None);
    }
    let (text, bytes) = (world.core.load_word(data)?, world.core.load_word(data + word)?);
    let mut read = Vec::new();
    for n in 0..bytes.min(MAX_TEXT_BYTES) {
        read.push(world.core.load(text.wrapping_add(n), 1)? as u8);
    }
    Ok(Some(String::from_utf8_lossy(&read).into_owned()))
}
