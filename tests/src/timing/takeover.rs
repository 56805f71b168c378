//! A real program in the middle of its work: qemu runs it to a function, then the interpreter goes on from there, with a model
//! following. So the code of a real toolchain is timed from end to end, with nothing of it replaced.
//!
//! Memory comes from qemu where the program touches it: a first pass finds out which, instruction by instruction; what is
//! timed has all of it from the start.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rcsim_machine::memory::PAGE_BYTES;
use rcsim_machine::{
    CodeCache, Cpu, Exit, Limits, Memory, NoObserver, NoShadow, Observer, Perms, Trap, TrapKind, run,
};
use rcsim_timing::{Core, Follow, Model, Parts};
use rcsim_uop::flags::LazyFlags;
use rcsim_uop::guest::FaultCause;
use rcsim_uop::isa::{DebugReg, DebugSource};
use rcsim_uop::port::{Link, Program};
use rcsim_uop::{Isa, LiftError, Port};

use crate::oracle::OracleError;
use crate::oracle::arch::ArchOracle;
use crate::oracle::gdbstub::Session;

const MEMORY_BYTES: u64 = 1 << 30;
const ANYTHING: Perms = Perms { read: true, write: true, execute: true };
/// Instructions from one visit of the function to the next, at most.
const MOST_STEPS: u64 = 1_000_000;

/// A program that stands still at the entry of a function, with all memory that it touches until it has come there so many times
/// again.
pub struct Takeover {
    isa: Arc<dyn Isa>,
    port: &'static dyn Port,
    cpu: Cpu<NoShadow>,
    pages: BTreeMap<u64, Vec<u8>>,
    entry: u64,
    visits: u32,
}

/// The program under way.
struct Under<'t> {
    of: &'t Takeover,
    cpu: Cpu<NoShadow>,
    memory: Memory<NoShadow>,
    code: CodeCache,
}

impl Takeover {
    /// Runs a program in qemu until it calls the function at `entry`, and finds out what memory it needs to come there so many
    /// times more.
    ///
    /// # Errors
    /// When qemu does not get there, or the program does what the interpreter cannot.
    pub fn new(
        port: &'static dyn Port,
        arch: &ArchOracle,
        program: &Path,
        arguments: &[&str],
        entry: u64,
        visits: u32,
    ) -> Result<Self, OracleError> {
        let mut qemu = Session::start(arch, program, arguments)?;
        qemu.run_to(entry)?;
        let features: Vec<&str> = port.features().iter().map(|feature| feature.name).collect();
        let isa = port.isa(&features, Program { base: 0, file: &[] }).expect("the listed features exist");
        let mut cpu = Cpu::default();
        let registers = qemu.read_registers()?;
        let known: BTreeMap<String, DebugReg> =
            isa.debug_registers().into_iter().map(|reg| (reg.name.clone(), reg)).collect();
        for register in qemu.layout().registers() {
            if let Some(known) = known.get(&register.name) {
                give(&mut cpu, known, registers.value(register), port.word().big_endian);
            }
        }
        let mut takeover = Self { isa, port, cpu, pages: BTreeMap::new(), entry, visits };
        takeover.find_pages(&mut qemu)?;
        Ok(takeover)
    }

    /// Go through all of it an instruction at a time: one that lacks memory is begun anew once it is there.
    fn find_pages(&mut self, qemu: &mut Session) -> Result<(), OracleError> {
        let mut found = BTreeMap::new();
        {
            let mut under = self.begin();
            for _ in 0..self.visits {
                under.leave(&mut |under, fault| under.take(qemu, fault, &mut found))?;
                under.go(&mut |under, fault| under.take(qemu, fault, &mut found))?;
            }
        }
        self.pages = found;
        Ok(())
    }

    fn begin(&self) -> Under<'_> {
        let mut memory = Memory::new(self.port.word().bytes, MEMORY_BYTES);
        for (page, bytes) in &self.pages {
            memory.map(*page, PAGE_BYTES, ANYTHING);
            memory.load_image(*page, bytes).expect("it was just mapped");
        }
        memory.set_hook(self.entry, 0);
        Under { of: self, cpu: self.cpu.clone(), memory, code: CodeCache::new() }
    }

    /// Cycles on a core from each visit of the function to the next.
    ///
    /// # Panics
    /// When it goes elsewhere than the first time.
    #[must_use]
    pub fn cycles(&self, core: &Arc<Core>) -> Vec<u64> {
        let mut under = self.begin();
        let mut model = Model::new(Arc::clone(core), Parts::ALL);
        model.begin(&self.isa);
        // The program has been at this for long: what it works on has been through the caches.
        for page in self.pages.keys() {
            model.used_long_ago(*page, PAGE_BYTES);
        }
        let visit = |_| {
            model.restart();
            under
                .leave(&mut |_, fault| panic!("all memory is there, but for {fault:#x}"))
                .expect("as before");
            let exit = under.run(&mut Follow::new(&mut model), MOST_STEPS);
            assert_eq!(exit, Exit::Hook(0), "the same way as before");
            model.outcome().cycles
        };
        (0..self.visits).map(visit).collect()
    }
}

/// What is done about memory that is not there.
type Lacking<'a> = dyn FnMut(&mut Under<'_>, u64) -> Result<(), OracleError> + 'a;

impl Under<'_> {
    fn run<O: Observer>(&mut self, observer: &mut O, steps: u64) -> Exit {
        let limits = Limits { until_step: self.cpu.steps + steps };
        let Self { cpu, memory, code, of } = self;
        run(cpu, memory, code, &*of.isa, &mut NoShadow, observer, limits)
    }

    /// Return from the function, whose only instruction that is.
    fn leave(&mut self, lacking: &mut Lacking<'_>) -> Result<(), OracleError> {
        let convention = self.of.port.convention();
        match convention.link {
            Link::Register(link) => self.cpu.pc = self.cpu.reg(link),
            Link::Stack => {
                let (sp, word) = (self.cpu.reg(convention.sp), self.of.port.word());
                let access = word.access();
                if self.memory.peek(sp, access).is_none() {
                    lacking(self, sp)?;
                }
                self.cpu.pc = self.memory.peek(sp, access).expect("the stack is there");
                self.cpu.set(convention.sp, sp + u64::from(word.bytes), ());
            }
        }
        Ok(())
    }

    /// Come to the function again, an instruction at a time.
    fn go(&mut self, lacking: &mut Lacking<'_>) -> Result<(), OracleError> {
        for _ in 0..MOST_STEPS {
            let before = self.cpu.clone();
            match self.run(&mut NoObserver, 1) {
                Exit::StepLimit => {}
                Exit::Hook(_) => return Ok(()),
                exit => {
                    let fault = missing(&exit).ok_or_else(|| OracleError::protocol(format!("{exit:?}")))?;
                    self.cpu = before;
                    lacking(self, fault)?;
                }
            }
        }
        Err(OracleError::protocol("the function is not called again"))
    }

    /// Take a page from qemu, as it was when the program was stopped.
    fn take(
        &mut self,
        qemu: &mut Session,
        fault: u64,
        found: &mut BTreeMap<u64, Vec<u8>>,
    ) -> Result<(), OracleError> {
        let page = fault & !(PAGE_BYTES - 1);
        let mut bytes = vec![0; PAGE_BYTES as usize];
        qemu.read_memory(page, &mut bytes)?;
        self.memory.map(page, PAGE_BYTES, ANYTHING);
        self.memory.load_image(page, &bytes).expect("it was just mapped");
        self.code.clear();
        found.insert(page, bytes);
        Ok(())
    }
}

/// The address that the machine lacks, when that is why it trapped.
fn missing(exit: &Exit) -> Option<u64> {
    match exit {
        Exit::Trap(Trap { kind: TrapKind::Memory(fault), .. }) if fault.cause == FaultCause::Unmapped => {
            Some(fault.addr)
        }
        Exit::Trap(Trap { kind: TrapKind::Lift(LiftError::Fetch { pc }), .. }) => Some(*pc),
        _ => None,
    }
}

fn give(cpu: &mut Cpu<NoShadow>, reg: &DebugReg, value: &[u8], big_endian: bool) {
    let mut bytes = [0; 16];
    let len = value.len().min(16);
    bytes[..len].copy_from_slice(&value[..len]);
    if big_endian {
        bytes[..len].reverse();
    }
    let number = u128::from_le_bytes(bytes);
    match reg.source {
        DebugSource::Pc => cpu.pc = number as u64,
        DebugSource::Slots(first, words) => {
            for word in 0..words {
                cpu.set(first.plus(word), (number >> (64 * u32::from(word))) as u64, ());
            }
        }
        DebugSource::Flags(bits) => {
            let set = bits.iter().filter(|(_, bit)| number >> bit & 1 != 0);
            cpu.flags = LazyFlags::packed(set.map(|(flag, _)| flag).sum());
        }
        DebugSource::Fields(fields) => {
            for (slot, lsb, len) in fields {
                cpu.set(*slot, (number >> lsb) as u64 & ((1 << len) - 1), ());
            }
        }
    }
}
