//! How much stack is left when `reflectcall` begins, where the workload says so: the goroutine gets a stack of that size.
//!
//! A prologue's check lets a function go on when its frame ends less than [`SMALL_BYTES`] below the guard. The limit is told from
//! the tables of the image: `"too-little"` is what the check has to refuse and `"just-enough"` what it may not, for the trampoline
//! that the call is to take.

use rcsim_machine::Shadow;
use rcsim_uop::port::Container;
use rcsim_workloads::StackLeft;

use super::reflectcall::Request;
use crate::failure::Failure;
use crate::rules::fact::Fact;
use crate::rules::nosplit::SMALL_BYTES;
use crate::world::World;

/// Give the goroutine the stack that the workload wants it to have at this call.
pub(super) fn arrange<S: Shadow>(world: &mut World<'_, S>, request: &Request) -> Result<(), Failure> {
    let left = match world.plan.workload.stack_left {
        None => return Ok(()),
        Some(StackLeft::Bytes(bytes)) => u64::from(bytes),
        Some(StackLeft::TooLittle) => refused_with(world, request)?,
        Some(StackLeft::JustEnough) => refused_with(world, request)? + alignment(world),
    };
    world.leave_stack(left)
}

/// What the stack pointer is a multiple of.
fn alignment<S: Shadow>(world: &World<'_, S>) -> u64 {
    u64::from(world.core.convention.stack_align).max(world.core.word_bytes())
}

/// The most bytes left with which the trampoline's check refuses.
fn refused_with<S: Shadow>(world: &World<'_, S>, request: &Request) -> Result<u64, Failure> {
    let frame = trampoline_frame(world, request).ok_or_else(|| {
        let what = "`stack-left` in words for a frame that no trampoline is large enough for".to_owned();
        Failure::Unsupported { what }
    })?;
    Ok(frame.saturating_sub(SMALL_BYTES))
}

/// Bytes of the frame of the trampoline that is to make the call: the smallest that is large enough.
fn trampoline_frame<S: Shadow>(world: &World<'_, S>, request: &Request) -> Option<u64> {
    let by_reserve = world.core.epoch.has_reg_args();
    let wanted = if by_reserve { request.reserved_bytes } else { request.frame_bytes };
    let functions = world.code.functions().iter().enumerate().filter(|(_, function)| !function.wrapper);
    let sizes = functions.filter_map(|(index, function)| {
        let size: u64 = function.name.strip_prefix("runtime.call")?.parse().ok()?;
        (size >= wanted).then_some((size, index))
    });
    let (_, index) = sizes.min()?;
    let entry = world.code.functions()[index].entry;
    let go_pc = world.core.port.go_pc(&*world.core.isa, entry).unwrap_or(entry);
    let deepest = Fact::of(&world.code, index, go_pc).frame_bytes;
    // In WebAssembly a function pushes the return address of what it calls by itself.
    let pushes = world.core.port.container() == Container::Wasm;
    Some(deepest - if pushes { world.core.pushed_bytes() } else { 0 })
}
