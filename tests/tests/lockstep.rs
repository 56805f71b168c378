//! The lockstep driver finds the first lie of a subject, and none in a truthful one.

use std::path::{Path, PathBuf};

use rcsim_tests::lockstep::{
    self, Divergence, Ended, MemoryPolicy, Options, Outside, Report, Stepped, Subject, Write,
};
use rcsim_tests::oracle::OracleError;
use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::gdbstub::{RegisterFile, Session};
use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::llvm::assemble;
use rcsim_tests::oracle::{require, workspace_root};

const ARCHS: [&str; 2] = ["arm64", "amd64"];
const GUILTY_STEP: u64 = 37;

/// What a subject does wrong, or does not do itself.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Truthful,
    /// Changes one bit of a register at the guilty step.
    WrongRegister(&'static str),
    /// Claims at the guilty step to have written other bytes to the stack than are there.
    WrongMemory,
    /// Refuses the guilty step.
    Refusing,
    /// Leaves every fourth instruction to the environment.
    Leaving,
}

/// A subject that is a second qemu.
struct Mirror {
    qemu: Session,
    registers: RegisterFile,
    stack_pointer: &'static str,
    manner: Manner,
    steps: u64,
    forgotten: u64,
}

impl Mirror {
    fn new(arch: &ArchOracle, program: &Path, manner: Manner) -> Self {
        let mut qemu = require(Session::start(arch, program, &[]));
        let registers = require(qemu.read_registers());
        let stack_pointer = if arch.goarch == "arm64" { "sp" } else { "rsp" };
        Self { qemu, registers, stack_pointer, manner, steps: 0, forgotten: 0 }
    }

    fn stack(&mut self) -> u64 {
        let bytes = self.read_register(self.stack_pointer).expect("every guest has a stack pointer");
        self.qemu.number(&bytes)
    }

    /// A repeated string instruction is one step here.
    fn step_whole_instruction(&mut self) -> Result<(), OracleError> {
        let pc = self.qemu.program_counter(&self.registers);
        for _ in 0..1 << 16 {
            self.qemu.step()?;
            self.registers = self.qemu.read_registers()?;
            if self.qemu.program_counter(&self.registers) != pc {
                break;
            }
        }
        Ok(())
    }

    fn is_guilty(&self) -> bool {
        self.steps == GUILTY_STEP
    }
}

impl Subject for Mirror {
    type Error = OracleError;

    fn step(&mut self, outside: &mut dyn Outside) -> Result<Stepped, OracleError> {
        self.steps += 1;
        let mut theirs = [0; 16];
        let mut ours = [0; 16];
        let stack = self.stack();
        outside.read(stack, &mut theirs)?;
        self.qemu.read_memory(stack, &mut ours)?;
        assert_eq!(theirs, ours, "the driver shows memory as it is before the instruction");
        match self.manner {
            Manner::Refusing if self.is_guilty() => {
                return Err(OracleError::GuestEnded { how: "refused".to_owned() });
            }
            Manner::Leaving if self.steps.is_multiple_of(4) => {
                self.qemu.step()?;
                return Ok(Stepped::Environment);
            }
            _ => {}
        }
        self.step_whole_instruction()?;
        if let Manner::WrongRegister(name) = self.manner
            && self.is_guilty()
        {
            let register = self.qemu.layout().register(name)?.clone();
            let mut value = self.registers.value(&register).to_vec();
            value[1] ^= 0x10;
            self.registers.set_value(&register, &value);
        }
        Ok(Stepped::Instruction { count: 1, writes: vec![Write { address: self.stack(), bytes: 16 }] })
    }

    fn read_register(&mut self, name: &str) -> Option<Vec<u8>> {
        let register = self.qemu.layout().register(name).ok()?;
        Some(self.registers.value(register).to_vec())
    }

    fn write_register(&mut self, name: &str, value: &[u8]) {
        let register = require(self.qemu.layout().register(name)).clone();
        self.registers.set_value(&register, value);
    }

    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), OracleError> {
        self.qemu.read_memory(address, into)?;
        if self.manner == Manner::WrongMemory && self.is_guilty() {
            into[3] ^= 1;
        }
        Ok(())
    }

    fn forget_memory(&mut self) {
        self.forgotten += 1;
    }
}

fn sample(goarch: &str) -> PathBuf {
    let go = require(Go::find(Toolchain::Go1_19));
    require(go.build(&GoBuild::linux(goarch, workspace_root().join("tests/go/sample"))))
}

fn compare(goarch: &str, manner: Manner, options: Options) -> (Report, Mirror) {
    let arch = require(ArchOracle::load(goarch));
    let program = sample(goarch);
    let mut qemu = require(Session::start(&arch, &program, &[]));
    let mut mirror = Mirror::new(&arch, &program, manner);
    let report = require(lockstep::run(&arch, &mut qemu, &mut mirror, options));
    (report, mirror)
}

fn divergence(goarch: &str, manner: Manner) -> Divergence {
    let (report, _) = compare(goarch, manner, Options { steps: 60, ..Options::default() });
    match report.ended {
        Ended::Diverged(divergence) => *divergence,
        ended => panic!("{goarch}: the lie was not found: {ended:?}"),
    }
}

#[test]
fn truthful_subject_agrees_on_the_start_of_a_go_program() {
    for goarch in ARCHS {
        let (report, _) = compare(goarch, Manner::Truthful, Options { steps: 2_000, ..Options::default() });
        assert!(matches!(report.ended, Ended::StepLimit), "{goarch}: {}", described(&report));
        assert_eq!(report.steps, 2_000);
        assert_eq!(report.from_environment, 0);
    }
}

fn described(report: &Report) -> String {
    report.divergence().map_or_else(|| format!("{:?}", report.ended), ToString::to_string)
}

#[test]
fn wrong_register_is_found_at_its_instruction() {
    for (goarch, register) in [("arm64", "x1"), ("arm64", "v9"), ("amd64", "rsi"), ("amd64", "xmm4")] {
        let found = divergence(goarch, Manner::WrongRegister(register));
        assert_eq!(found.step, GUILTY_STEP, "{goarch} {register}");
        let names: Vec<&str> = found.registers.iter().map(|difference| difference.name.as_str()).collect();
        assert_eq!(names, [register], "{goarch}");
        let difference = &found.registers[0];
        assert_eq!(difference.qemu[1] ^ difference.subject[1], 0x10);
        assert!(found.memory.is_none());
    }
}

#[test]
fn wrong_memory_is_found_at_its_instruction() {
    for goarch in ARCHS {
        let found = divergence(goarch, Manner::WrongMemory);
        assert_eq!(found.step, GUILTY_STEP, "{goarch}");
        let memory = found.memory.expect("memory differs");
        assert_eq!(memory.qemu[3] ^ memory.subject[3], 1, "{goarch}");
        assert!(found.registers.is_empty(), "{goarch}");
    }
}

#[test]
fn refused_instruction_is_a_divergence_with_its_reason() {
    for goarch in ARCHS {
        let found = divergence(goarch, Manner::Refusing);
        assert_eq!(found.step, GUILTY_STEP, "{goarch}");
        assert!(found.refusal.as_deref().is_some_and(|reason| reason.contains("refused")), "{goarch}");
    }
}

#[test]
fn report_shows_the_way_to_the_instruction_and_both_states() {
    let found = divergence("arm64", Manner::WrongRegister("x1"));
    assert_eq!(found.history.len(), 20);
    assert!(found.history.iter().all(|(_, text)| !text.starts_with('[')), "{:?}", found.history);
    let (guilty, instruction) = found.history.last().expect("20 instructions");
    let text = found.to_string();
    assert!(text.starts_with(&format!("diverged at step 37: {guilty:#x}  {instruction}\n")), "{text}");
    for name in ["x30", "sp", "pc", "cpsr", "v31", "fpcr"] {
        assert!(text.contains(&format!("\n  {name:10} ")), "{name} in {text}");
    }
}

#[test]
fn state_after_an_instruction_of_the_environment_comes_from_qemu() {
    for goarch in ARCHS {
        let (report, mirror) = compare(goarch, Manner::Leaving, Options { steps: 100, ..Options::default() });
        assert!(matches!(report.ended, Ended::StepLimit), "{goarch}: {}", described(&report));
        assert_eq!(report.from_environment, 25, "{goarch}");
        assert_eq!(mirror.forgotten, 1 + 25, "{goarch}: memory may have changed each time, and at the start");
    }
}

#[test]
fn memory_is_asked_for_again_while_threads_settle() {
    let options = Options { steps: 50, memory: MemoryPolicy::Settling, ..Options::default() };
    let (_, mirror) = compare("arm64", Manner::Truthful, options);
    assert_eq!(mirror.forgotten, 1 + 50);
}

#[test]
fn vector_register_is_compared_when_the_subject_changed_it() {
    // The general packet of arm64 has no vector registers, and the lie is over before all of them are looked at.
    let options = Options { steps: 60, others_every: 60, ..Options::default() };
    let (report, _) = compare("arm64", Manner::WrongRegister("v9"), options);
    assert_eq!(report.divergence().map(|divergence| divergence.step), Some(37), "{}", described(&report));
}

#[test]
fn vector_registers_are_not_compared_when_nobody_asks() {
    let options = Options { steps: 60, others_every: 0, ..Options::default() };
    let (report, _) = compare("arm64", Manner::WrongRegister("v9"), options);
    assert!(matches!(report.ended, Ended::StepLimit), "{}", described(&report));
}

#[test]
fn comparison_ends_at_the_address_that_was_asked_for() {
    let (report, mut mirror) =
        compare("arm64", Manner::Truthful, Options { steps: 30, ..Options::default() });
    assert_eq!(report.steps, 30);
    let registers = require(mirror.qemu.read_registers());
    let thirtieth = mirror.qemu.program_counter(&registers);
    let options = Options { steps: 1_000, until: Some(thirtieth), ..Options::default() };
    let (report, _) = compare("arm64", Manner::Truthful, options);
    assert!(matches!(report.ended, Ended::Reached));
    assert!(report.steps <= 30);
}

#[test]
fn repeated_string_instruction_is_one_step_of_the_subject() {
    let arch = require(ArchOracle::load("amd64"));
    let program = require(rcsim_tests::probe::program(&arch));
    let mut qemu = require(Session::start(&arch, &program, &[]));
    let mut mirror = Mirror::new(&arch, &program, Manner::Truthful);
    let assembly =
        ".intel_syntax noprefix\nmov ecx, 9\nmov edi, 0x20000000\nmov esi, 0x10000000\nrep movsb\nnop\n";
    let code = require(assemble(&arch, assembly));
    let entry = qemu.program_counter(&mirror.registers);
    require(qemu.write_memory(entry, &code));
    require(mirror.qemu.write_memory(entry, &code));
    let report =
        require(lockstep::run(&arch, &mut qemu, &mut mirror, Options { steps: 5, ..Options::default() }));
    assert!(matches!(report.ended, Ended::StepLimit), "{}", described(&report));
    assert_eq!(require(qemu.read_register("rcx")), [0; 8]);
    assert_eq!(qemu.program_counter(&require(mirror.qemu.read_registers())), entry + code.len() as u64);
}

#[test]
fn end_of_the_guest_ends_the_comparison() {
    let arch = require(ArchOracle::load("arm64"));
    // Without input the probe ends by itself after some system calls.
    let program = require(rcsim_tests::probe::program(&arch));
    let mut qemu = require(Session::start(&arch, &program, &[]));
    let mut stuck = Follower;
    let report = require(lockstep::run(&arch, &mut qemu, &mut stuck, Options::default()));
    assert!(matches!(report.ended, Ended::Exited(0)), "{}", described(&report));
    assert_eq!(report.from_environment, report.steps);
}

/// A subject that can do nothing itself.
struct Follower;

impl Subject for Follower {
    type Error = OracleError;

    fn step(&mut self, _: &mut dyn Outside) -> Result<Stepped, OracleError> {
        Ok(Stepped::Environment)
    }

    fn read_register(&mut self, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn write_register(&mut self, _: &str, _: &[u8]) {}

    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), OracleError> {
        Err(OracleError::GuestMemory { address, bytes: into.len() })
    }

    fn forget_memory(&mut self) {}
}
