//! Small programs on modelled cores: assembly text, assembled by LLVM, run in the interpreter with a model following.

pub mod calls;
pub mod conventions;
pub mod cycles;
pub mod mca;
pub mod score;
pub mod takeover;

use std::sync::Arc;

use object::{Object as _, ObjectSection as _};
use rcsim_diag::Source;
use rcsim_machine::{CodeCache, Cpu, Exit, Limits, Memory, NoShadow, Perms, run};
use rcsim_timing::{Core, Follow, Model, Outcome, Parts};
use rcsim_uop::port::Program;
use rcsim_uop::{Isa, Port};

use crate::oracle::arch::ArchOracle;
use crate::oracle::llvm;

/// Where code stands, and where there is memory for data: 16 MiB from here on.
pub const CODE: u64 = 0x10_0000;
/// Start of the data.
pub const DATA: u64 = 0x100_0000;
const DATA_BYTES: u64 = 16 << 20;
const MEMORY_BYTES: u64 = 64 << 20;

/// All built-in cores.
///
/// # Panics
/// When the file of one is broken.
#[must_use]
pub fn cores() -> Vec<Arc<Core>> {
    let files = rcsim_isa::core_files().into_iter();
    let read = files.map(|file| {
        Core::parse(&Source::new(file.path, file.text))
            .unwrap_or_else(|errors| panic!("{}", errors.render(rcsim_diag::Colour::Never)))
    });
    read.map(Arc::new).collect()
}

/// The core of this machine: its file names the processor as the kernel does.
#[must_use]
pub fn own_core() -> Option<Arc<Core>> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let field = |name: &str| {
        let line = text.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name))?;
        Some(line.split(':').nth(1)?.trim().to_owned())
    };
    let own = format!("{} {} {}", field("vendor_id")?, field("cpu family")?, field("model")?);
    cores().into_iter().find(|core| core.host.contains(&own))
}

/// The built-in core of this name.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn core(name: &str) -> Arc<Core> {
    cores().into_iter().find(|core| core.name == name).unwrap_or_else(|| panic!("no core {name}"))
}

/// A program on a core.
pub struct Bench {
    port: &'static dyn Port,
    isa: Arc<dyn Isa>,
    model: Model,
    mem: Memory<NoShadow>,
    code: CodeCache,
    entry: u64,
}

impl Bench {
    /// A program of one instruction a line, on a core that has run nothing. It ends at its last instruction's end.
    ///
    /// # Panics
    /// When it cannot be assembled.
    #[must_use]
    pub fn new(goarch: &str, core: &Arc<Core>, parts: Parts, assembly: &str) -> Self {
        let arch = ArchOracle::load(goarch).unwrap_or_else(|error| panic!("{error}"));
        let object = llvm::assemble_object(&arch, assembly).unwrap_or_else(|error| panic!("{error}"));
        let file = object::File::parse(&*object).expect("LLVM writes ELF");
        let text = file.section_by_name(".text").expect("there is code");
        let bytes = text.data().expect("it has bytes").to_vec();
        Self::of_bytes(goarch, core, parts, &bytes)
    }

    /// The same of machine code.
    ///
    /// # Panics
    /// When the architecture does not exist.
    #[must_use]
    pub fn of_bytes(goarch: &str, core: &Arc<Core>, parts: Parts, bytes: &[u8]) -> Self {
        let port = rcsim_isa::port(goarch).expect("an architecture that exists");
        let isa = port.isa(&[], Program { base: CODE, file: bytes }).expect("the baseline");
        let mut mem = Memory::new(port.word().bytes, MEMORY_BYTES);
        mem.map(CODE, (bytes.len() as u64 + 1).next_multiple_of(4096), Perms::CODE);
        mem.load_image(CODE, bytes).expect("mapped");
        mem.map(DATA, DATA_BYTES, Perms::DATA);
        mem.set_hook(CODE + bytes.len() as u64, 0);
        let mut model = Model::new(Arc::clone(core), parts);
        model.begin(&isa);
        Self { port, isa, model, mem, code: CodeCache::new(), entry: CODE }
    }

    /// Runs it with these registers set; what it cost.
    ///
    /// # Panics
    /// When it does not come to its end.
    pub fn run(&mut self, registers: &[(&str, u64)]) -> Outcome {
        let mut cpu: Cpu<NoShadow> = Cpu::at(self.entry);
        let sp = self.port.convention().sp;
        cpu.set(sp, DATA + DATA_BYTES - 4096, ());
        for (name, value) in registers {
            let info = self.isa.regs().by_name(name).unwrap_or_else(|| panic!("no register {name}"));
            cpu.set(info.reg, *value, ());
        }
        self.model.restart();
        let mut follow = Follow::new(&mut self.model);
        let exit = run(
            &mut cpu,
            &mut self.mem,
            &mut self.code,
            &*self.isa,
            &mut NoShadow,
            &mut follow,
            Limits { until_step: 200_000_000 },
        );
        assert_eq!(exit, Exit::Hook(0), "the program comes to its end");
        self.model.outcome()
    }

    /// Cycles for one round of a loop that counts a register down from `rounds`, everything warm.
    pub fn per_round(&mut self, counter: &str, rounds: u64, registers: &[(&str, u64)]) -> f64 {
        let with = |rounds: u64| [registers, &[(counter, rounds)]].concat();
        self.run(&with(rounds));
        let short = self.run(&with(rounds)).cycles;
        let long = self.run(&with(2 * rounds)).cycles;
        (long - short) as f64 / rounds as f64
    }
}
