//! Marking, as compiled code sees it: the flag that switches write barriers on, and the buffer that they fill.
//!
//! Owns: where both are in the memory of an image, and setting them up. Where they are is in no table: it is found out by
//! running two functions of the image once and watching what they read ([`probe`]). Must not know: what is done with shaded
//! pointers, which is the shadow's.

mod recorder;

use rcsim_machine::{Perms, Shadow};
use rcsim_uop::Guest;
use rcsim_uop::reg::RegClass;

use crate::failure::Failure;
use crate::services::{Service, descriptor};
use crate::world::World;
use recorder::Access;

pub use recorder::Recorder;

/// Entries of a write barrier buffer, as Go has it (`wbBufEntries` in runtime/mwbbuf.go). Another number would do.
const BUFFER_WORDS: u64 = 512;
/// Bytes of a thread's and a processor's structure that are looked through.
const STRUCTURE_BYTES: u64 = 64 << 10;
/// Distance of what the words of a made-up processor structure point to: more than a barrier writes at once.
const STRIDE: u64 = 256;

/// Where an image keeps what write barriers need. Offsets are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BarrierPlaces {
    /// Address of `runtime.writeBarrier`.
    pub flag: u64,
    /// Where a thread keeps its processor.
    pub processor: u64,
    /// Where a processor keeps the address of the next free buffer entry.
    pub next: u64,
    /// Where it keeps that of the buffer's end.
    pub end: u64,
}

/// What is set up while the collector marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marking {
    /// Address of the word that holds the next free entry.
    next: u64,
    /// Address of the buffer.
    buffer: u64,
}

impl<S: Shadow> World<'_, S> {
    /// Switch the barriers of compiled code on.
    ///
    /// # Errors
    /// When there is no memory for the buffer, or none where the places say.
    pub fn start_marking(&mut self, places: &BarrierPlaces) -> Result<(), Failure> {
        let word = self.core.word_bytes();
        self.core.act("switch write barriers on");
        let processor = self.runtime_alloc(places.next.max(places.end) + word, 16)?;
        let (buffer, bytes) = (self.runtime_alloc(BUFFER_WORDS * word, 16)?, BUFFER_WORDS * word);
        let thread = self.thread()?;
        self.core.store_word(thread + places.processor, processor)?;
        self.core.store_word(processor + places.next, buffer)?;
        self.core.store_word(processor + places.end, buffer + bytes)?;
        self.set_flag(places.flag)?;
        self.core.shadow.barrier_buffer(buffer, buffer + bytes);
        self.marking = Some(Marking { next: processor + places.next, buffer });
        Ok(())
    }

    /// `runtime.writeBarrier` begins with a byte that says whether barriers are on; until Go 1.20 the fifth said whether
    /// stores need them, for this or another reason.
    fn set_flag(&mut self, flag: u64) -> Result<(), Failure> {
        self.core.store(flag, 1, 1)?;
        self.core.store(flag + 4, 1, 1)
    }

    /// `wbBufFlush`: the collector has taken over what is in the buffer.
    pub(crate) fn flush_barrier_buffer(&mut self) -> Result<(), Failure> {
        let Some(Marking { next, buffer }) = self.marking else { return Ok(()) };
        self.core.act("runtime.wbBufFlush");
        self.core.store_word(next, buffer)
    }

    fn thread(&mut self) -> Result<u64, Failure> {
        let at = self.g() + 6 * self.core.word_bytes();
        self.core.load_word(at)
    }
}

/// Find out where an image keeps what write barriers need. `None` when its barriers have no buffer, or it has no code that
/// asks whether they are on.
///
/// # Errors
/// When there is no memory to try it.
pub(crate) fn probe(world: &mut World<'_, Recorder>) -> Result<Option<BarrierPlaces>, Failure> {
    let Some(flag) = probe_flag(world)? else { return Ok(None) };
    let Some((processor, next, end)) = probe_buffer(world)? else { return Ok(None) };
    Ok(Some(BarrierPlaces { flag, processor, next, end }))
}

/// `runtime.reflectcallmove` asks whether barriers are on before it moves a typed value into the heap: the flag is what it
/// reads of the image's variables.
fn probe_flag(world: &mut World<'_, Recorder>) -> Result<Option<u64>, Failure> {
    let Some(entry) = world.code.internal_entry("runtime.reflectcallmove") else { return Ok(None) };
    let read = record_move(world, entry)?;
    let function = world.code.at(entry).map(|function| function.entry..function.end);
    let variable = |access: &Access| {
        let own = function.as_ref().is_some_and(|range| range.contains(&access.pc));
        let writable = world.core.mem.region(access.addr).is_some_and(|region| region.perms.write);
        own && !access.write && writable && world.is_of_image(access.addr)
    };
    let Some(found) = read.iter().find(|access| variable(access)) else { return Ok(None) };
    // The structure ends with a 64-bit number that is there to align it.
    let flag = found.addr & !7;
    world.set_flag(flag)?;
    record_move(world, entry)?;
    Ok(world.plan.used.contains(&Service::BulkBarrier).then_some(flag))
}

/// Move one pointer into the heap by `reflectcallmove(typ, dst, src, size, regs)`, and tell what memory that accessed.
fn record_move(world: &mut World<'_, Recorder>, entry: u64) -> Result<Vec<Access>, Failure> {
    let (word, block) = (world.core.word_bytes(), world.reg_args().size().max(8));
    let typ = descriptor(world, word, &[true])?;
    let dst = world.allocate(word, vec![true], "probe")?;
    world.open_frame(5 * word, word + block, Vec::new(), 0)?;
    let args = [typ, dst, world.local(0), word, world.local(word)];
    let stack = world.core.outgoing_base();
    for (n, arg) in args.iter().enumerate() {
        world.core.store_word(stack + n as u64 * word, *arg)?;
        if let Some(reg) = world.core.registers.ints.get(n).copied() {
            world.core.guest().set_reg(reg, *arg);
        }
    }
    world.core.shadow.start();
    world.call(entry)?;
    let accesses = world.core.shadow.stop();
    world.close_frame();
    Ok(accesses)
}

/// `runtime.gcWriteBarrier` goes from the goroutine to the thread, the processor and its buffer. Each structure is made up so
/// that every word of it leads on. Offsets of the processor in the thread, and of the buffer's next entry and end in the
/// processor.
fn probe_buffer(world: &mut World<'_, Recorder>) -> Result<Option<(u64, u64, u64)>, Failure> {
    let names = ["runtime.gcWriteBarrier1", "runtime.gcWriteBarrier"];
    let Some(entry) = names.iter().find_map(|name| world.code.own(name)).map(|function| function.entry)
    else {
        return Ok(None);
    };
    let word = world.core.word_bytes();
    let processor = world.runtime_alloc(STRUCTURE_BYTES, 16)?;
    let entries = world.runtime_alloc(STRUCTURE_BYTES / word * STRIDE, 16)?;
    let thread = world.runtime_alloc(STRUCTURE_BYTES, 16)?;
    for n in 0..STRUCTURE_BYTES / word {
        world.core.store_word(thread + n * word, processor)?;
        world.core.store_word(processor + n * word, entries + n * STRIDE)?;
    }
    let at = world.g() + 6 * word;
    world.core.store_word(at, thread)?;
    let accesses = record_barrier(world, entry, entries)?;
    let inside = |base: u64| {
        let offsets =
            accesses.iter().filter(|access| !access.write).map(move |access| access.addr.wrapping_sub(base));
        offsets.filter(|offset| *offset < STRUCTURE_BYTES)
    };
    let Some(in_thread) = inside(thread).next() else { return Ok(None) };
    let Some(next) = inside(processor).next() else { return Ok(None) };
    let end = inside(processor).find(|offset| *offset != next);
    Ok(end.map(|end| (in_thread, next, end)))
}

/// Run a barrier with every register pointing to memory that may be written, and tell what it accessed.
fn record_barrier(
    world: &mut World<'_, Recorder>,
    entry: u64,
    anywhere: u64,
) -> Result<Vec<Access>, Failure> {
    const PAGE: u64 = rcsim_machine::memory::PAGE_BYTES;
    world.open_frame(0, world.core.word_bytes(), Vec::new(), 0)?;
    let sp = world.core.convention.sp;
    let registers = world.core.isa.regs().named().iter().filter(|info| info.class == RegClass::Int);
    let registers: Vec<_> = registers.map(|info| info.reg).filter(|reg| *reg != sp).collect();
    for reg in registers {
        world.core.guest().set_reg(reg, anywhere);
    }
    // Where arguments are no registers, the pointers are nil, and this world ends here: let it go on.
    if world.core.mem.region(0).is_none() {
        world.core.mem.map(0, PAGE, Perms::DATA);
    }
    world.set_goroutine()?;
    world.core.shadow.start();
    // What it does after it has looked up the buffer is no matter here.
    let _ = world.call(entry);
    Ok(world.core.shadow.stop())
}
