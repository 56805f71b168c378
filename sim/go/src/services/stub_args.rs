//! What `makeFuncStub` and `methodValueCall` pass to `callReflect` and `callMethod`, kept in the first words of the service's
//! frame: the context, the caller's stack arguments, since Go 1.12 the flag of valid results, and since 2021 the register
//! block.

use rcsim_machine::Shadow;
use rcsim_machine::shadow::FrameRule;
use rcsim_uop::Epoch;

use super::marshal::Target;
use super::{HookAbi, word_arg};
use crate::code::Source;
use crate::deviation::Deviation;
use crate::failure::Failure;
use crate::unwind::valid_word;
use crate::world::World;

/// The arguments of the service whose frame is innermost.
pub(super) struct StubArgs;

impl StubArgs {
    /// Words of the frame that they may take.
    pub(super) const WORDS: u64 = 4;

    /// How many there are.
    pub(super) const fn count(epoch: Epoch) -> u64 {
        match epoch {
            Epoch::Y2014Before | Epoch::Y2014 | Epoch::Y2016 | Epoch::Y2018 => 2,
            Epoch::Y2020 => 3,
            Epoch::Y2021 | Epoch::Go119 | Epoch::Go127 => Self::WORDS,
        }
    }

    /// How the service takes them: as it was called, unless the stub called its other form (Go commit d446cb7cff).
    fn taken<S: Shadow>(world: &World<'_, S>, abi: HookAbi) -> HookAbi {
        if world.deviates(Deviation::StubCallsAbiInternalCallReflect) { HookAbi::Registers } else { abi }
    }

    /// How many incoming words of the stack are pointers.
    pub(super) fn on_stack<S: Shadow>(world: &World<'_, S>, abi: HookAbi) -> u64 {
        if Self::taken(world, abi) == HookAbi::Stack { Self::count(world.core.epoch) } else { 0 }
    }

    /// Take them over into the frame that the service is about to open.
    pub(super) fn read<S: Shadow>(world: &mut World<'_, S>, abi: HookAbi) -> Result<Vec<u64>, Failure> {
        let abi = Self::taken(world, abi);
        world.core.act("take the arguments of the stub");
        (0..Self::count(world.core.epoch)).map(|n| word_arg(world, abi, n as usize)).collect()
    }

    /// Write them to the open frame.
    pub(super) fn keep<S: Shadow>(world: &mut World<'_, S>, args: &[u64]) -> Result<(), Failure> {
        for (n, arg) in args.iter().enumerate() {
            let at = world.local(n as u64 * world.core.word_bytes());
            world.core.store_word(at, *arg)?;
        }
        if args.len() > 3 {
            world.refers_to_block(3 * world.core.word_bytes());
        }
        Ok(())
    }

    fn get<S: Shadow>(world: &mut World<'_, S>, n: u64) -> Result<u64, Failure> {
        // As it is now: the stack may have moved.
        let at = world.local(n * world.core.word_bytes());
        world.core.load_word(at)
    }

    /// The context.
    pub(super) fn context<S: Shadow>(world: &mut World<'_, S>) -> Result<u64, Failure> {
        Self::get(world, 0)
    }

    /// The context has been read for the last time. Since commit 22689c4450 it is kept alive to the end (Go issue 18635).
    pub(super) fn context_was_read<S: Shadow>(world: &mut World<'_, S>) {
        if world.deviates(Deviation::MakefuncimplDiesUnderStub) {
            world.end_of_slots(&[0]);
        }
    }

    /// The caller's stack arguments.
    pub(super) fn frame<S: Shadow>(world: &mut World<'_, S>) -> Result<u64, Failure> {
        Self::get(world, 1)
    }

    /// The caller's registers. The stubs until 2020 have no block, and nothing is in registers then.
    pub(super) fn block<S: Shadow>(world: &mut World<'_, S>) -> Result<Target, Failure> {
        Ok(Target::BlockAt(Self::get(world, 3)?))
    }

    /// Tell the runtime that the results are there. Until 2018 nobody asked.
    pub(super) fn results_are_valid<S: Shadow>(world: &mut World<'_, S>) -> Result<(), Failure> {
        let has_flag = Self::count(world.core.epoch) > 2;
        if !has_flag || world.deviates(Deviation::RetvalidMissing) {
            return Ok(());
        }
        world.core.act("set retValid");
        let flag = Self::get(world, 2)?;
        Self::judge_flag(world, flag);
        world.core.store(flag, 1, 1)
    }

    /// The flag that the stub passes is the one that the runtime reads, behind the arguments that the stub passes.
    fn judge_flag<S: Shadow>(world: &mut World<'_, S>, flag: u64) {
        let (Source::BuiltIn { .. }, Some(frame)) = (world.code.source(), world.frames.last()) else {
            return;
        };
        let entry_sp = world.stack.hi - frame.entry_from_hi;
        let args = entry_sp + u64::from(world.core.convention.args_above_sp);
        let read = args + valid_word(world.core.epoch) * world.core.word_bytes();
        if flag == read {
            return;
        }
        let message = format!(
            "cannot unwind the stub: it passes {flag:#x} as its flag of valid results, the runtime reads {read:#x}"
        );
        let note =
            "results on the caller's stack are scanned once the flag is set (runtime.getArgInfo)".to_owned();
        world.core.violated(FrameRule::CannotUnwind, message, "sets the flag", vec![note]);
    }
}
