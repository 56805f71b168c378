//! The copy loop in rcsim itself.

use std::sync::Arc;
use std::time::Duration;

use rcsim_machine::{
    CodeCache, Cpu, Exit, Limits, Memory, NoObserver, NoShadow, Observer, Perms, Shadow, run,
};
use rcsim_timing::{Core, Follow, Model, Parts};
use rcsim_uop::copy_loop::{CopyPlan, CopyProgram};
use rcsim_uop::op::Access;
use rcsim_uop::port::{Container, Program};
use rcsim_uop::{Isa, Port};

use super::clock;
use super::error::BenchError;
use super::measure::Contestant;

/// Where the loop reads.
pub const SOURCE: u32 = 0x20_0000;
/// And writes.
pub const DESTINATION: u32 = 0x21_0000;
/// Bytes of guest memory around both.
pub const DATA: (u64, u64) = (0x20_0000, 0x2_0000);
/// Words of one round: 4 KiB, which every cache holds.
pub const WORDS: u16 = 512;
/// Where the code stands: low for processors, and above linear memory for WebAssembly.
const CODE: u64 = 0x10_0000;
const WASM_CODE: u64 = 1 << 40;
const MEMORY_BYTES: u64 = 64 << 20;
const PAGE: u64 = rcsim_machine::memory::PAGE_BYTES;

/// The loop on a port, so many rounds of it.
pub fn plan(port: &dyn Port, rounds: u32) -> CopyPlan {
    let base = if port.container() == Container::Wasm { WASM_CODE } else { CODE };
    CopyPlan { base, source: SOURCE, destination: DESTINATION, words: WORDS, rounds }
}

/// The interpreter running the copy loop, with somebody looking on or not, with a shadow or not.
pub struct Interpreter<O, S = NoShadow> {
    name: String,
    plan: CopyPlan,
    program: CopyProgram,
    isa: Arc<dyn Isa>,
    pointer_bytes: u8,
    observer: MakeObserver<O>,
    shadow: Box<dyn Fn() -> S>,
}

/// Makes the observer of a turn, which looks on at this instruction set.
type MakeObserver<O> = Box<dyn Fn(&Arc<dyn Isa>) -> O>;

impl Interpreter<NoObserver> {
    /// Nobody looks on.
    ///
    /// # Errors
    /// When the instruction set cannot be set up.
    pub fn bare(port: &dyn Port, rounds: u32) -> Result<Self, BenchError> {
        Self::new("rcsim", port, rounds, Box::new(|_| NoObserver))
    }
}

impl Interpreter<Follow<Model>> {
    /// The cycle model of a core looks on.
    ///
    /// # Errors
    /// When the instruction set cannot be set up.
    pub fn modelled(port: &dyn Port, rounds: u32, core: &Arc<Core>) -> Result<Self, BenchError> {
        let core = Arc::clone(core);
        let name = format!("rcsim, cycles on {}", core.name);
        let follow = move |isa: &Arc<dyn Isa>| {
            let mut model = Model::new(Arc::clone(&core), Parts::ALL);
            model.begin(isa);
            Follow::new(model)
        };
        Self::new(&name, port, rounds, Box::new(follow))
    }
}

impl<O: Observer> Interpreter<O> {
    /// The interpreter with an observer made anew for each turn.
    ///
    /// # Errors
    /// When the instruction set cannot be set up.
    pub fn new(
        name: &str,
        port: &dyn Port,
        rounds: u32,
        observer: MakeObserver<O>,
    ) -> Result<Self, BenchError> {
        Self::with(name, port, rounds, observer, Box::new(NoShadow::default))
    }
}

impl<S: Shadow> Interpreter<NoObserver, S> {
    /// The interpreter with a shadow made anew for each turn.
    ///
    /// # Errors
    /// When the instruction set cannot be set up.
    pub fn shadowed(
        name: &str,
        port: &dyn Port,
        rounds: u32,
        shadow: Box<dyn Fn() -> S>,
    ) -> Result<Self, BenchError> {
        Self::with(name, port, rounds, Box::new(|_| NoObserver), shadow)
    }
}

impl<O: Observer, S: Shadow> Interpreter<O, S> {
    fn with(
        name: &str,
        port: &dyn Port,
        rounds: u32,
        observer: MakeObserver<O>,
        shadow: Box<dyn Fn() -> S>,
    ) -> Result<Self, BenchError> {
        let plan = plan(port, rounds);
        let program = port.copy_loop(&plan);
        let isa =
            port.isa(&[], Program { base: plan.base, file: &program.bytes }).map_err(BenchError::Setup)?;
        Ok(Self {
            name: name.to_owned(),
            plan,
            program,
            isa,
            pointer_bytes: port.word().bytes,
            observer,
            shadow,
        })
    }

    fn memory(&self) -> Result<Memory<S>, BenchError> {
        let mut mem = Memory::new(self.pointer_bytes, MEMORY_BYTES);
        let bytes = &self.program.bytes;
        mem.map(self.plan.base, (bytes.len() as u64).next_multiple_of(PAGE), Perms::CODE);
        mem.load_image(self.plan.base, bytes)?;
        mem.map(DATA.0, DATA.1, Perms::DATA);
        self.fill(&mut mem)?;
        mem.set_hook(self.plan.base + u64::from(self.program.end), 0);
        Ok(mem)
    }
}

impl<O: Observer, S: Shadow> Interpreter<O, S> {
    /// What is copied are pointers, each to its own word.
    fn fill(&self, mem: &mut Memory<S>) -> Result<(), BenchError> {
        let word = usize::from(self.pointer_bytes);
        for place in (SOURCE..SOURCE + 8 * u32::from(WORDS)).step_by(word) {
            mem.store(u64::from(place), Access::little(word.trailing_zeros() as u8), u64::from(place))?;
        }
        Ok(())
    }
}

impl<O: Observer, S: Shadow> Contestant for Interpreter<O, S> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn run(&mut self) -> Result<(u64, Duration), BenchError> {
        let mut mem = self.memory()?;
        let mut cpu = Cpu::at(self.plan.base + u64::from(self.program.entry));
        let (mut code, mut observer) = (CodeCache::new(), (self.observer)(&self.isa));
        let mut shadow = (self.shadow)();
        let limits = Limits { until_step: 2 * self.program.instructions };
        let (exit, time) = clock::own(|| {
            Ok::<_, BenchError>(run(
                &mut cpu,
                &mut mem,
                &mut code,
                &*self.isa,
                &mut shadow,
                &mut observer,
                limits,
            ))
        })?;
        let what = || "the copy loop".to_owned();
        if exit != Exit::Hook(0) {
            return Err(BenchError::Guest { what: what(), exit });
        }
        let (expected, found) = (self.program.instructions, cpu.steps);
        if expected != found {
            return Err(BenchError::Count { what: what(), expected, found });
        }
        Ok((found, time))
    }
}

#[cfg(test)]
mod tests {
    use rcsim_machine::{CodeCache, Cpu, Exit, Limits, NoObserver, NoShadow, run};
    use rcsim_uop::op::Access;

    use super::{DESTINATION, Interpreter, SOURCE, WORDS};
    use crate::bench::measure::Contestant;

    #[test]
    fn the_loop_of_every_port_has_the_instructions_that_it_states() {
        for port in rcsim_isa::ports() {
            let (count, _) = Interpreter::bare(port, 3)
                .and_then(|mut loops| loops.run())
                .unwrap_or_else(|error| panic!("{}: {error:?}", port.goarch()));
            assert!(count > 3 * 6 * u64::from(WORDS), "{}: {count} instructions", port.goarch());
        }
    }

    #[test]
    fn the_loop_of_every_port_copies_all_words() {
        for port in rcsim_isa::ports() {
            let loops =
                Interpreter::bare(port, 1).unwrap_or_else(|error| panic!("{}: {error:?}", port.goarch()));
            let mut mem = loops.memory().expect("the loop fits");
            let word = Access::little(3);
            let place = |start: u32, n: u16| u64::from(start) + 8 * u64::from(n);
            for n in 0..=WORDS {
                mem.store(place(SOURCE, n), word, u64::from(n) << 32 | 0x1234).expect("mapped");
            }
            let mut cpu = Cpu::at(loops.plan.base + u64::from(loops.program.entry));
            let exit = run(
                &mut cpu,
                &mut mem,
                &mut CodeCache::new(),
                &*loops.isa,
                &mut NoShadow,
                &mut NoObserver,
                Limits::NONE,
            );
            assert_eq!(exit, Exit::Hook(0), "{}", port.goarch());
            for n in 0..=WORDS {
                let copied = mem.load(place(DESTINATION, n), word).expect("mapped");
                let expected = if n < WORDS { u64::from(n) << 32 | 0x1234 } else { 0 };
                assert_eq!(copied, expected, "{} word {n}", port.goarch());
            }
        }
    }
}
