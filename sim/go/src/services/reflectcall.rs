//! Calling `runtime.reflectcall` from Go code, and the heap frame that it is given.
//!
//! Its arguments, on the stack in every epoch:
//!
//! | epoch | arguments |
//! |---|---|
//! | 2014-before | function, frame, bytes of the frame, offset of the results |
//! | 2014-df027ac to 2018 | the frame's type first |
//! | since 2020 | bytes of stack to reserve and the register block behind |

use rcsim_machine::Shadow;
use rcsim_uop::{Epoch, Guest};
use rcsim_workloads::Frame;
use rcsim_workloads::layout::align_up;

use super::{objects, stack_left};
use crate::abi::CallAbi;
use crate::deviation::Deviation;
use crate::failure::Failure;
use crate::rules::handed_on::Told;
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

impl Request {
    /// A call with this frame and this register block.
    pub(super) fn new<S: Shadow>(
        world: &World<'_, S>,
        abi: &CallAbi,
        func: u64,
        (frame_type, frame): (u64, u64),
        block: u64,
    ) -> Self {
        // Until commit 72c5d5e756 there was no offset: arguments were copied back as well (Go issue 7725).
        let copies_all = world.deviates(Deviation::CopyBackOfArguments);
        Self {
            frame_type,
            func,
            frame,
            frame_bytes: abi.frame_bytes,
            ret_offset: if copies_all { 0 } else { abi.ret_offset },
            reserved_bytes: abi.reserved_bytes().max(reserved_at_least(world)),
            block,
        }
    }
}

/// Offsets of the arguments.
#[derive(Clone, Copy, Debug)]
struct Args {
    frame_type: Option<u64>,
    func: u64,
    frame: u64,
    sizes: u64,
    block: Option<u64>,
    bytes: u64,
    /// Bytes of a word.
    word: u8,
}

impl Args {
    fn of(epoch: Epoch, word: u64) -> Self {
        let frame_type = (epoch > Epoch::Y2014Before).then_some(0);
        let func = if frame_type.is_some() { word } else { 0 };
        let sizes = func + 2 * word;
        let block = epoch.has_reg_args().then(|| align_up(sizes + 12, word));
        Self {
            frame_type,
            func,
            frame: func + word,
            sizes,
            block,
            bytes: block.map_or(sizes + 8, |at| at + word),
            word: word as u8,
        }
    }

    /// Offset, size in bytes and value of each, in order.
    fn values(&self, request: &Request, block: Option<u64>) -> Vec<(u64, u8, u64)> {
        let reserved = self.block.map(|_| (self.sizes + 8, 4, request.reserved_bytes));
        let block = self.block.zip(block).map(|(at, block)| (at, self.word, block));
        let frame_type = self.frame_type.map(|at| (at, self.word, request.frame_type));
        let always = [
            (self.func, self.word, request.func),
            (self.frame, self.word, request.frame),
            (self.sizes, 4, request.frame_bytes),
            (self.sizes + 4, 4, request.ret_offset),
        ];
        frame_type.into_iter().chain(always).chain(reserved).chain(block).collect()
    }
}

/// Pass as many of these in registers as there are; tells how many.
fn pass_in_registers<S: Shadow>(world: &mut World<'_, S>, values: &[(u64, u8, u64)]) -> usize {
    let regs = world.core.registers.ints.clone();
    for (reg, (_, _, value)) in regs.iter().zip(values) {
        world.core.guest().set_reg(*reg, *value);
    }
    regs.len().min(values.len())
}

/// Bytes of the arguments of `reflectcall`.
pub(super) fn reflectcall_args_bytes<S: Shadow>(world: &World<'_, S>) -> u64 {
    Args::of(world.core.epoch, world.core.word_bytes()).bytes
}

/// Call `reflectcall` as an assembly function, with its arguments on the stack.
pub(super) fn reflectcall<S: Shadow>(world: &mut World<'_, S>, request: Request) -> Result<(), Failure> {
    let missing = || Failure::Unsupported { what: "an image without runtime.reflectcall".to_owned() };
    let entry = world.code.own("runtime.reflectcall").ok_or_else(missing)?.entry;
    stack_left::arrange(world, &request)?;
    let args = Args::of(world.core.epoch, world.core.word_bytes());
    let base = world.core.outgoing_base();
    world.core.act("pass the arguments of reflectcall");
    world.judge_frame(request.frame_bytes, request.ret_offset);
    let block = args.block.map(|_| world.local(request.block));
    if let Some(block) = block {
        let block_bytes = world.reg_args().size();
        world.core.watch.lends(block, block_bytes);
    }
    let values = args.values(&request, block);
    // An assembly function takes nothing from registers, whatever its declaration says.
    let in_registers = world.deviates(Deviation::ReflectcallMarkedAbiInternal);
    let taken = if in_registers { pass_in_registers(world, &values) } else { 0 };
    for (at, bytes, value) in values.into_iter().skip(taken) {
        world.core.store(base + at, bytes, value)?;
    }
    world.under_way.begins(Told {
        frame_type: args.frame_type.map_or(0, |_| request.frame_type),
        frame: request.frame,
        bytes: request.frame_bytes,
        ret_offset: request.ret_offset,
        block: args.block.map(|_| request.block),
    });
    world.core.meter.enter_call();
    let called = world.call(entry);
    world.under_way.ends();
    world.core.meter.leave_call();
    called
}

/// Whether `reflect` keeps frames that nobody refers to in a pool. A collection empties it, so it keeps nothing alive here.
pub(super) fn has_frame_pool(epoch: Epoch) -> bool {
    epoch >= Epoch::Y2016
}

/// The heap frame for a call: its type descriptor and its address, 0 when nothing goes on the stack. Until 2018 there was
/// one even then, without bytes.
pub(super) fn heap_frame<S: Shadow>(world: &mut World<'_, S>, abi: &CallAbi) -> Result<(u64, u64), Failure> {
    let as_bytes = world.deviates(Deviation::ArgsAsBytes);
    let pointers = if as_bytes { vec![false; abi.frame_pointers.len()] } else { abi.frame_pointers.clone() };
    let descriptor = objects::descriptor(world, abi.frame_bytes, &pointers)?;
    if abi.frame_bytes == 0 {
        let none = if world.core.epoch.has_reg_args() { 0 } else { world.zero_memory(8)? };
        return Ok((descriptor, none));
    }
    world.core.act("allocate the call frame");
    let frame = world.allocate(abi.frame_bytes, pointers, "call frame")?;
    // Results stay in it; what is before them serves this call only.
    world.core.shadow.scratch(frame, abi.ret_offset);
    Ok((descriptor, frame))
}

/// Put a frame into the pool.
pub(super) fn put_into_pool<S: Shadow>(world: &mut World<'_, S>, of: &str) -> Result<(), Failure> {
    world.calls(format!("{of}: put the frame into its pool"))
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

/// What the workload wants to be reserved at least.
pub(super) fn reserved_at_least<S: Shadow>(world: &World<'_, S>) -> u64 {
    world.plan.workload.reserve_bytes.map_or(0, u64::from)
}

/// Why an epoch's `reflectcall` cannot be told what to reserve.
#[must_use]
pub fn reserve_absent_in(epoch: Epoch) -> Option<&'static str> {
    (!epoch.has_reg_args())
        .then_some("until Go 1.16 reflectcall reserves what the frame takes, and is not told how much")
}

/// `reflectcall` itself with a frame of the given shape on the heap, and no registers.
///
/// # Errors
/// Whatever ends the run in it.
pub fn bare_reflectcall<S: Shadow>(
    world: &mut World<'_, S>,
    func: u64,
    frame: u64,
    shape: Frame,
) -> Result<(), Failure> {
    let (frame_bytes, ret_offset) = (u64::from(shape.frame_bytes), u64::from(shape.ret_offset));
    let (word, block) = (world.core.word_bytes(), 0);
    let slots = block_slots(world, block);
    let locals = world.reg_args().size().max(word);
    world.open_frame(reflectcall_args_bytes(world), locals, slots, 0)?;
    let request = Request {
        // No type: the frame holds no pointers, so no barrier is due.
        frame_type: 0,
        func,
        frame,
        frame_bytes,
        ret_offset,
        reserved_bytes: frame_bytes.max(reserved_at_least(world)),
        block,
    };
    reflectcall(world, request)?;
    world.close_frame();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_those_of_the_prototypes() {
        let of = |epoch| {
            let args = Args::of(epoch, 8);
            (args.func, args.frame, args.sizes, args.block, args.bytes)
        };
        assert_eq!(of(Epoch::Y2014Before), (0, 8, 16, None, 24));
        assert_eq!(of(Epoch::Y2014), (8, 16, 24, None, 32));
        assert_eq!(of(Epoch::Y2018), (8, 16, 24, None, 32));
        assert_eq!(of(Epoch::Y2020), (8, 16, 24, Some(40), 48));
        let args = Args::of(Epoch::Go127, 4);
        assert_eq!((args.sizes, args.block, args.bytes), (12, Some(24), 28));
    }
}
