//! Runs a subject and qemu side by side, and compares them after every instruction.
//!
//! Knows no architecture and not the simulator: a subject is whatever implements [`Subject`]. Registers are compared by
//! the names of qemu's debugger, bytes for bytes. What a subject cannot know (the effect of a system call, memory that it
//! has not seen) comes from qemu. Start reading at [`run`].

mod report;

use std::collections::VecDeque;
use std::fmt;

use crate::oracle::OracleError;
use crate::oracle::arch::{ArchOracle, EmulatorDiffers};
use crate::oracle::gdbstub::{RegisterFile, Session, Stop};
use crate::oracle::llvm::disassemble;

pub use report::{Divergence, MemoryDifference, RegisterDifference, Report};

/// How many instructions before a divergence are shown.
const HISTORY: usize = 20;
/// How many instructions after a system call another thread may still be on its way to sleep.
const SETTLING_STEPS: u64 = 200;
/// A repeated string instruction is many steps for qemu and may be one for the subject.
const REPEAT_LIMIT: usize = 1 << 20;

/// The machine under test.
pub trait Subject {
    /// Why it could not execute an instruction.
    type Error: fmt::Display;

    /// Executes the instruction at its program counter. Memory that it lacks it takes from `outside`, which shows the
    /// guest before this instruction; it may keep what it took until [`Subject::forget_memory`].
    fn step(&mut self, outside: &mut dyn Outside) -> Result<Stepped, Self::Error>;

    /// The value of a register by the name that qemu's debugger gives it, in the byte order of the guest; `None` when
    /// the subject does not model it, and it is not compared then.
    fn read_register(&mut self, name: &str) -> Option<Vec<u8>>;

    /// The bits of that register that the subject models, in the byte order of the guest; `None` stands for all.
    fn modelled_bits(&mut self, _name: &str) -> Option<Vec<u8>> {
        None
    }

    /// Sets a register; one that the subject does not model is ignored.
    fn write_register(&mut self, name: &str, value: &[u8]);

    /// Reads memory that this step wrote.
    fn read_memory(&mut self, address: u64, into: &mut [u8]) -> Result<(), Self::Error>;

    /// Whether it executes this instruction only together with the one before it, as that in the delay slot of a branch.
    fn is_second_of_two(&mut self, _address: u64) -> bool {
        false
    }

    /// Drops all memory: the guest changed it behind the subject's back.
    fn forget_memory(&mut self);
}

/// Memory of the guest as qemu has it.
pub trait Outside {
    /// Reads guest memory, or says that there is none.
    fn read(&mut self, address: u64, into: &mut [u8]) -> Result<(), OracleError>;
}

impl Outside for Session {
    fn read(&mut self, address: u64, into: &mut [u8]) -> Result<(), OracleError> {
        self.read_memory(address, into)
    }
}

/// What a subject did in one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stepped {
    /// It executed the instruction, and wrote these pieces of memory.
    Instruction {
        /// How many instructions qemu makes of it: two for a branch with a delay slot.
        count: u64,
        /// What was written.
        writes: Vec<Write>,
    },
    /// It made a conditional store that a stepped qemu cannot make: qemu is to be given what was written, and the one
    /// register that says so.
    ConditionalStore {
        /// What was written.
        writes: Vec<Write>,
    },
    /// The effect of this instruction comes from outside (a system call, a clock, an identification register): the
    /// subject did nothing, and all its state is to be taken from qemu.
    Environment,
}

/// A piece of memory that a step wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Write {
    /// Its first address.
    pub address: u64,
    /// Its length in bytes.
    pub bytes: usize,
}

/// How long a subject may keep memory that it took from qemu.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemoryPolicy {
    /// Until the next system call: right for programs of one thread.
    #[default]
    Keep,
    /// Until the next system call, but for one step only just after it: right for threads that work in turns. One that
    /// wakes another goes to sleep itself, but a little later.
    Settling,
}

/// How far and how closely to compare.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Ends after so many instructions.
    pub steps: u64,
    /// Ends before the instruction at this address.
    pub until: Option<u64>,
    /// What the subject may remember.
    pub memory: MemoryPolicy,
    /// Registers outside qemu's general packet (arm64's vector registers) are compared every so many instructions, since
    /// reading them takes longer than the step, and after each that changed one of the subject's. 1 finds the guilty
    /// instruction itself, 0 never compares them.
    pub others_every: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { steps: 10_000, until: None, memory: MemoryPolicy::Keep, others_every: 1 }
    }
}

impl Options {
    fn settling(&self) -> u64 {
        match self.memory {
            MemoryPolicy::Keep => 0,
            MemoryPolicy::Settling => SETTLING_STEPS,
        }
    }
}

/// How a comparison ended.
#[derive(Debug)]
pub enum Ended {
    /// The number of steps was reached.
    StepLimit,
    /// The address in [`Options::until`] was reached.
    Reached,
    /// The guest exited with this status.
    Exited(u8),
    /// Subject and qemu differ.
    Diverged(Box<Divergence>),
}

/// Gives the subject the state of qemu, then runs both until they differ or an end is reached.
pub fn run<S: Subject>(
    arch: &ArchOracle,
    qemu: &mut Session,
    subject: &mut S,
    options: Options,
) -> Result<Report, OracleError> {
    let registers = qemu.read_registers()?;
    let mut driver = Driver {
        arch,
        qemu,
        subject,
        options,
        registers,
        history: VecDeque::new(),
        report: Report::new(),
        settling: options.settling(),
    };
    driver.give_registers();
    driver.subject.forget_memory();
    driver.run()
}

/// Whether two values agree in the modelled bits.
fn same(subject: &[u8], qemu: &[u8], modelled: Option<&[u8]>) -> bool {
    let Some(modelled) = modelled else { return subject == qemu };
    let mut bytes = subject.iter().zip(qemu).zip(modelled);
    subject.len() == qemu.len() && bytes.all(|((subject, qemu), mask)| (subject ^ qemu) & mask == 0)
}

struct Driver<'a, S> {
    arch: &'a ArchOracle,
    qemu: &'a mut Session,
    subject: &'a mut S,
    options: Options,
    /// Of qemu, before the instruction that is executed next.
    registers: RegisterFile,
    /// Program counters of the last instructions, the newest last.
    history: VecDeque<u64>,
    report: Report,
    /// For how many more steps the subject's memory may be out of date.
    settling: u64,
}

impl<S: Subject> Driver<'_, S> {
    fn run(mut self) -> Result<Report, OracleError> {
        let ended = loop {
            let pc = self.qemu.program_counter(&self.registers);
            if self.options.until == Some(pc) {
                break Ended::Reached;
            }
            if self.report.steps == self.options.steps {
                break Ended::StepLimit;
            }
            if let Some(ended) = self.step(pc)? {
                break ended;
            }
        };
        self.report.ended = ended;
        Ok(self.report)
    }

    fn step(&mut self, pc: u64) -> Result<Option<Ended>, OracleError> {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(pc);
        self.report.steps += 1;
        if self.settling > 0 {
            self.settling -= 1;
            self.subject.forget_memory();
        }
        match self.subject.step(self.qemu) {
            Ok(Stepped::Environment) => self.follow_qemu(),
            Ok(Stepped::Instruction { count, writes }) => self.compare_step(pc, count, &writes),
            Ok(Stepped::ConditionalStore { writes }) => self.follow_subject(pc, &writes),
            Err(error) => {
                self.diverged(Divergence { refusal: Some(error.to_string()), ..Divergence::default() })
            }
        }
    }

    /// Lets qemu do what the subject cannot, and copies the result.
    fn follow_qemu(&mut self) -> Result<Option<Ended>, OracleError> {
        self.report.from_environment += 1;
        self.settling = self.options.settling();
        if let Some(ended) = self.step_qemu()? {
            return Ok(Some(ended));
        }
        self.registers = self.qemu.read_registers()?;
        // A stepped system call takes the next instruction with it; the subject cannot begin in a delay slot.
        let pc = self.qemu.program_counter(&self.registers);
        if self.subject.is_second_of_two(pc) {
            if let Some(ended) = self.step_qemu()? {
                return Ok(Some(ended));
            }
            self.registers = self.qemu.read_registers()?;
        }
        self.give_registers();
        self.subject.forget_memory();
        Ok(None)
    }

    /// Lets qemu fail to store, then gives it what the subject stored and the register that tells of it.
    fn follow_subject(&mut self, pc: u64, writes: &[Write]) -> Result<Option<Ended>, OracleError> {
        if let Some(ended) = self.step_qemu()? {
            return Ok(Some(ended));
        }
        let before = self.registers.clone();
        self.read_after_step(pc, true)?;
        let different = self.different_registers(&before, true);
        if different.len() > 1 {
            return self.diverged(Divergence { registers: different, ..Divergence::default() });
        }
        for write in writes {
            let mut bytes = vec![0; write.bytes];
            if self.subject.read_memory(write.address, &mut bytes).is_ok() {
                self.qemu.write_memory(write.address, &bytes)?;
            }
        }
        for register in different {
            self.qemu.write_register(&register.name, &register.subject)?;
        }
        self.registers = self.qemu.read_registers()?;
        Ok(None)
    }

    fn compare_step(&mut self, pc: u64, count: u64, writes: &[Write]) -> Result<Option<Ended>, OracleError> {
        for _ in 0..count {
            if let Some(ended) = self.step_qemu()? {
                return Ok(Some(ended));
            }
        }
        let before = self.registers.clone();
        let every = self.options.others_every;
        let compare_others =
            every != 0 && (self.report.steps.is_multiple_of(every) || self.subject_changed_others());
        self.read_after_step(pc, compare_others)?;
        let registers = self.different_registers(&before, compare_others);
        let memory = self.different_memory(writes)?;
        if registers.is_empty() && memory.is_none() {
            return Ok(None);
        }
        if memory.is_none() && self.is_known(pc, &registers)? {
            return self.correct(&registers[0]);
        }
        self.diverged(Divergence { registers, memory, ..Divergence::default() })
    }

    /// Whether qemu alone is wrong here, as its description says.
    fn is_known(&mut self, pc: u64, registers: &[RegisterDifference]) -> Result<bool, OracleError> {
        let [register] = registers else { return Ok(false) };
        let known: Vec<&EmulatorDiffers> =
            self.arch.emulator_differs.iter().filter(|known| known.register == register.name).collect();
        let mut code = [0; 16];
        if known.is_empty() || self.qemu.read_memory(pc, &mut code).is_err() {
            return Ok(false);
        }
        let text = disassemble(self.arch, &code)?;
        Ok(known.iter().any(|known| text.starts_with(&known.instruction)))
    }

    /// Gives qemu the modelled bits of the subject's register.
    fn correct(&mut self, register: &RegisterDifference) -> Result<Option<Ended>, OracleError> {
        let all = vec![u8::MAX; register.qemu.len()];
        let modelled = self.subject.modelled_bits(&register.name).unwrap_or(all);
        let both = register.qemu.iter().zip(&register.subject).zip(&modelled);
        let value: Vec<u8> = both.map(|((qemu, subject), mask)| qemu & !mask | subject & mask).collect();
        self.qemu.write_register(&register.name, &value)?;
        self.registers = self.qemu.read_registers()?;
        self.report.corrected += 1;
        Ok(None)
    }

    /// Whether the subject changed a register outside the general packet since the last comparison of those.
    fn subject_changed_others(&mut self) -> bool {
        let layout = self.qemu.layout();
        layout.registers()[layout.in_general_packet()..].iter().any(|register| {
            let modelled = self.subject.modelled_bits(&register.name);
            let subject = self.subject.read_register(&register.name);
            subject
                .is_some_and(|subject| !same(&subject, self.registers.value(register), modelled.as_deref()))
        })
    }

    fn step_qemu(&mut self) -> Result<Option<Ended>, OracleError> {
        match self.qemu.step()? {
            Stop::Trap => Ok(None),
            Stop::Exited(status) => Ok(Some(Ended::Exited(status))),
            Stop::Signal(signal) => Err(OracleError::GuestEnded { how: format!("signal {signal}") }),
            Stop::Killed(signal) => {
                Err(OracleError::GuestEnded { how: format!("killed by signal {signal}") })
            }
        }
    }

    /// Reads qemu's registers; while its program counter stands still and the subject's does not, steps on.
    fn read_after_step(&mut self, pc: u64, others: bool) -> Result<(), OracleError> {
        let name = &self.arch.program_counter;
        let subject_pc = self.subject.read_register(name).map(|bytes| self.qemu.number(&bytes));
        for _ in 0..REPEAT_LIMIT {
            self.qemu.read_general(&mut self.registers)?;
            let stands_still = self.qemu.program_counter(&self.registers) == pc;
            if !stands_still || subject_pc == Some(pc) {
                break;
            }
            if self.step_qemu()?.is_some() {
                break;
            }
        }
        if others {
            self.qemu.read_others(&mut self.registers)?;
        }
        Ok(())
    }

    fn different_registers(&mut self, before: &RegisterFile, others: bool) -> Vec<RegisterDifference> {
        let layout = self.qemu.layout();
        let compared = if others { layout.registers().len() } else { layout.in_general_packet() };
        let mut different = Vec::new();
        for register in &layout.registers()[..compared] {
            let qemu = self.registers.value(register);
            let modelled = self.subject.modelled_bits(&register.name);
            match self.subject.read_register(&register.name) {
                Some(subject) if !same(&subject, qemu, modelled.as_deref()) => {
                    different.push(RegisterDifference {
                        name: register.name.clone(),
                        before: before.value(register).to_vec(),
                        qemu: qemu.to_vec(),
                        subject,
                    })
                }
                _ => {}
            }
        }
        different
    }

    fn different_memory(&mut self, writes: &[Write]) -> Result<Option<MemoryDifference>, OracleError> {
        for write in writes {
            let mut qemu = vec![0; write.bytes];
            self.qemu.read_memory(write.address, &mut qemu)?;
            let mut subject = vec![0; write.bytes];
            let readable = self.subject.read_memory(write.address, &mut subject).is_ok();
            if !readable || subject != qemu {
                return Ok(Some(MemoryDifference { address: write.address, qemu, subject }));
            }
        }
        Ok(None)
    }

    /// Completes a divergence with what both sides look like and how they came there.
    fn diverged(&mut self, mut divergence: Divergence) -> Result<Option<Ended>, OracleError> {
        divergence.step = self.report.steps;
        for &pc in &self.history {
            let mut code = [0; 16];
            // Near the end of the text there are fewer bytes; the disassembly then says so.
            let text = match self.qemu.read_memory(pc, &mut code) {
                Ok(()) => disassemble(self.arch, &code)?,
                Err(_) => "(no code can be read here)".to_owned(),
            };
            divergence.history.push((pc, text));
        }
        for register in self.qemu.layout().registers() {
            let qemu = self.registers.value(register).to_vec();
            let subject = self.subject.read_register(&register.name);
            divergence.states.push((register.name.clone(), qemu, subject));
        }
        Ok(Some(Ended::Diverged(Box::new(divergence))))
    }

    fn give_registers(&mut self) {
        for register in self.qemu.layout().registers() {
            self.subject.write_register(&register.name, self.registers.value(register));
        }
    }
}
