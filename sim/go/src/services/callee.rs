//! The workload's callee, performed by rcsim: the actions in order, then the outcome.

use rcsim_machine::Shadow;
use rcsim_machine::shadow::PointKind;
use rcsim_uop::Guest;
use rcsim_workloads::gotype::TypeId;
use rcsim_workloads::{Action, Outcome};

use super::barrier::Stores;
use super::made_results::returned;
use super::marshal::Target;
use crate::failure::Failure;
use crate::rules::values::{Arrival, Which};
use crate::world::World;

/// Longest frame that the callee opens at once to use up stack, in bytes.
const GROWTH_STEP: u64 = 2048;

/// A function called through the machinery: its arguments are where compiled code would look for them.
pub(super) fn callee<S: Shadow>(world: &mut World<'_, S>) -> Result<(), Failure> {
    world.core.meter.enter_callee();
    let (abi, reflects) = (world.plan.callee_abi.clone(), world.plan.reflect_abi.clone());
    let workload = world.plan.workload;
    let params = workload.signature().params.clone();
    let results = workload.signature().results.clone();
    let word = world.core.word_bytes();
    let mut places = Vec::new();
    let mut bytes = 0;
    for id in &params {
        places.push(bytes);
        bytes += world.size_of(*id)?.next_multiple_of(8);
    }
    let receiver = bytes;
    let slots = world.pointer_slots(params.iter().copied().zip(places.iter().copied()))?;
    let made: Vec<u64> = (1..=results.len() as u64).map(|n| receiver + n * word).collect();
    let slots = slots.into_iter().chain([receiver]).chain(made.iter().copied()).collect();
    world.open_frame(0, bytes + (1 + results.len() as u64) * word, slots, 0)?;
    let stack = world.incoming(0);
    if let Some(steps) = &abi.receiver {
        world.core.act("callee: take the receiver");
        let to = world.local(receiver);
        world.get_value(steps, to, stack, Target::Registers, false, Stores::Plain)?;
        let found = world.core.load_word(to)?;
        if found != world.plan.receiver {
            let expected = world.plan.receiver;
            return Err(Failure::WrongReceiver { expected, found });
        }
        read_receiver(world, found)?;
    }
    for (n, (steps, place)) in abi.args.iter().zip(&places).enumerate() {
        world.core.act("callee: take an argument");
        let to = world.local(*place);
        world.get_value(steps, to, stack, Target::Registers, false, Stores::Plain)?;
        world.judge_arrival(&Arrival {
            which: Which::Argument(n),
            ty: params[n],
            at: to,
            taken: steps,
            put: reflects.args.get(n).map_or(&[], Vec::as_slice),
            between: ("the callee", "reflect"),
        })?;
    }
    world.gc_point(PointKind::UserCode)?;
    if workload.drops_results() {
        receive(world, &params, &places)?;
    }
    run_actions(world, &|world, n| Ok(world.local(places[n])))?;
    let made = match workload.callee.outcome {
        Outcome::Return => returned(world, &[], &made)?,
        Outcome::ReturnArgs | Outcome::DropArgs | Outcome::Panic(_) => Vec::new(),
    };
    let stack = world.incoming(0);
    for (n, steps) in abi.results.iter().enumerate() {
        world.core.act("callee: leave a result");
        match &workload.callee.outcome {
            Outcome::ReturnArgs => {
                let from = world.local(places[n]);
                world.remember_result(results[n], from)?;
                world.put_value(steps, from, stack, Target::Registers, false, Stores::Plain)?;
            }
            Outcome::Return => {
                let from = world.value_addr(made[n])?;
                world.remember_result(results[n], from)?;
                world.put_value(steps, from, stack, Target::Registers, false, Stores::Plain)?;
            }
            Outcome::DropArgs => {
                let bytes = world.size_of(results[n])?;
                let zero = world.zero_memory(bytes)?;
                world.remember_result(results[n], zero)?;
                world.put_value(steps, zero, stack, Target::Registers, false, Stores::Plain)?;
            }
            Outcome::Panic(text) => return Err(Failure::Panic { text: text.clone() }),
        }
    }
    world.close_frame();
    if let Outcome::Panic(text) = &workload.callee.outcome {
        return Err(Failure::Panic { text: text.clone() });
    }
    Ok(())
}

/// Keep the arguments in objects of their own: they are what is looked at in the end.
fn receive<S: Shadow>(world: &mut World<'_, S>, params: &[TypeId], places: &[u64]) -> Result<(), Failure> {
    for (id, place) in params.iter().zip(places) {
        let (bytes, pointers) = (world.size_of(*id)?, world.pointer_map(*id)?);
        world.core.act("callee: keep an argument");
        let object = world.allocate(bytes.max(1), pointers.clone(), "callee: kept argument")?;
        let from = world.local(*place);
        world.typed_move(object, from, bytes, &pointers)?;
        world.keep(object)?;
        world.plan.received.push((*id, object));
    }
    Ok(())
}

/// A method on a value is entered through a wrapper, which copies the receiver from where its word points to.
fn read_receiver<S: Shadow>(world: &mut World<'_, S>, receiver: u64) -> Result<(), Failure> {
    world.core.act("callee: read the receiver");
    let word = world.core.word_bytes();
    for n in 0..world.plan.receiver_copy_bytes / word {
        world.core.load_word(receiver + n * word)?;
    }
    Ok(())
}

/// Tells where the bytes of an argument are.
type ArgAddr<'a, 'w, S> = &'a dyn Fn(&mut World<'w, S>, usize) -> Result<u64, Failure>;

/// Do what the callee does before it ends.
pub(super) fn run_actions<'w, S: Shadow>(
    world: &mut World<'w, S>,
    arg_addr: ArgAddr<'_, 'w, S>,
) -> Result<(), Failure> {
    for action in &world.plan.workload.callee.actions {
        match action {
            Action::StoreToHeap { arg } => {
                let object = store_target(world, *arg)?;
                let from = arg_addr(world, *arg)?;
                let id = world.plan.workload.signature().params[*arg];
                let (bytes, pointers) = (world.size_of(id)?, world.pointer_map(id)?);
                world.typed_move(object, from, bytes, &pointers)?;
                world.keep(object)?;
            }
            Action::Allocate { bytes } => {
                world.core.act("callee: allocate");
                let object = world.allocate(*bytes, Vec::new(), "callee: allocate")?;
                world.keep(object)?;
            }
            Action::GrowStack { bytes } => grow(world, *bytes)?,
            Action::CallBack => super::value_call::call_back(world)?,
            Action::ClobberRegisters => {
                world.core.act("callee: clobber registers");
                clobber_registers(world);
            }
            Action::Gc => {
                world.core.act("callee: collect");
                world.gc_point(PointKind::UserCode)?;
            }
        }
    }
    Ok(())
}

/// A fresh object for an argument that is stored to the heap.
fn store_target<S: Shadow>(world: &mut World<'_, S>, arg: usize) -> Result<u64, Failure> {
    let id = world.plan.workload.signature().params[arg];
    let (bytes, pointers) = (world.size_of(id)?, world.pointer_map(id)?);
    world.core.act("callee: store an argument to the heap");
    world.allocate(bytes, pointers, "callee: stored argument")
}

/// Use up stack in small frames, as recursion does, then give it back.
fn grow<S: Shadow>(world: &mut World<'_, S>, bytes: u64) -> Result<(), Failure> {
    let mut opened = 0;
    let mut left = bytes;
    while left > 0 {
        let step = left.min(GROWTH_STEP);
        world.open_frame(0, step, Vec::new(), 0)?;
        opened += 1;
        left -= step;
    }
    for _ in 0..opened {
        world.close_frame();
    }
    Ok(())
}

/// Overwrite every argument register: a callee may, and under Go's conventions no other register survives a call either.
pub(super) fn clobber_registers<S: Shadow>(world: &mut World<'_, S>) {
    let registers = world.core.registers.clone();
    for (n, reg) in registers.ints.iter().chain(&registers.floats).enumerate() {
        world.core.guest().set_reg(*reg, 0xdead_0000_0000_0000 | n as u64);
    }
    let context = world.core.convention.context;
    world.core.guest().set_reg(context, 0xdead_c0de_dead_c0de);
}
