//! Single instructions, executed on chosen states by qemu or by this machine.
//!
//! A small guest program (`probe.s` in an architecture's folder, assembled here) takes cases in batches: a register state, a page of
//! memory and up to 32 bytes of code; it gives back the state and the page after the code ran. Start reading at
//! [`Probe::run`].
//!
//! Speed, measured on one 2-core cloud machine by the example `oracle_speed`: 56,000 cases a second for arm64 and 30,000
//! for amd64 under qemu 7.2, 120,000 for amd64 by the machine itself, all through one process.

mod build;
mod elf;
mod state;

use std::fmt;
use std::io::{BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub use build::program;
pub use state::{State, StateLayout};

use crate::oracle::OracleError;
use crate::oracle::arch::ArchOracle;
use crate::oracle::gdbstub::{from_hex, to_hex};
use crate::oracle::run::{emulated, kill};

/// Where the page of memory lies that code under test may use; there is nothing on either side of it.
pub const SCRATCH: u64 = 0x2000_0000;
/// Size of that page.
pub const SCRATCH_BYTES: usize = 4096;
/// Room for the code of a case.
pub const CODE_BYTES: usize = 32;

const SLOTS: u64 = elf::BASE + 0x1000;
const SLOT_BYTES: u64 = 64;
const SLOT_CODE: u64 = 16;
const CASES_IN_A_BATCH: usize = 64;

/// One case: code and what it starts from.
#[derive(Clone, PartialEq, Eq)]
pub struct Case {
    /// Straight-line code, or code whose branches stay inside; at most [`CODE_BYTES`].
    pub code: Vec<u8>,
    /// Registers before.
    pub state: State,
    /// The page at [`SCRATCH`] before.
    pub memory: Box<[u8; SCRATCH_BYTES]>,
}

/// What became of a case.
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Where the code lay.
    pub address: u64,
    /// How it ended.
    pub end: End,
    /// The page at [`SCRATCH`] after.
    pub memory: Box<[u8; SCRATCH_BYTES]>,
}

impl Outcome {
    /// In words, what differs from `other`; empty when nothing does.
    pub fn differences(&self, other: &Self, layout: &StateLayout) -> Vec<String> {
        let mut found = match (&self.end, &other.end) {
            (End::Finished(left), End::Finished(right)) => left.differences(right, layout),
            (left, right) if left == right => Vec::new(),
            (left, right) => vec![format!("end: {} | {}", left.summary(), right.summary())],
        };
        if let Some(at) = self.memory.iter().zip(other.memory.iter()).position(|(left, right)| left != right)
        {
            found.push(format!("memory at {at}: {:02x} | {:02x}", self.memory[at], other.memory[at]));
        }
        found
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("code", &to_hex(&self.code))
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("address", &self.address)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The code ran to its end with these registers.
    Finished(State),
    /// The guest was sent a signal.
    Trapped {
        /// Its Linux number: 4 for an undefined instruction, 11 for an access that is not allowed.
        signal: u64,
        /// The address that the kernel reports with it.
        address: u64,
    },
}

impl End {
    /// Without the registers.
    pub fn summary(&self) -> String {
        match self {
            Self::Finished(_) => "finished".to_owned(),
            Self::Trapped { signal, address } => format!("signal {signal} with address {address:#x}"),
        }
    }
}

/// Who executes the cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executor {
    /// qemu-user.
    Emulator,
    /// This machine, which must have that architecture.
    Native,
}

/// A running guest that executes cases.
pub struct Probe {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    layout: StateLayout,
    nop: Vec<u8>,
}

impl Probe {
    /// Assembles the guest program, if that was not done before, and starts it.
    pub fn start(arch: &ArchOracle, executor: Executor) -> Result<Self, OracleError> {
        let (description, _) = arch.probe()?;
        let program = program(arch)?;
        let mut command = match executor {
            Executor::Emulator => emulated(arch, &program)?,
            Executor::Native => Command::new(&program),
        };
        command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(OracleError::io(format!("start {}", program.display())))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            kill(&mut child);
            return Err(OracleError::protocol("a child process without its pipes"));
        };
        let layout = StateLayout::new(description);
        Ok(Self { child, input, output: BufReader::new(output), layout, nop: from_hex(&description.nop)? })
    }

    /// The registers of a state.
    pub fn layout(&self) -> &StateLayout {
        &self.layout
    }

    /// Executes one case.
    pub fn run_one(&mut self, case: &Case) -> Result<Outcome, OracleError> {
        let mut outcomes = self.run(std::slice::from_ref(case))?;
        outcomes.pop().ok_or_else(|| OracleError::protocol("no outcome for the case"))
    }

    /// Executes all cases, in order and independently of each other.
    pub fn run(&mut self, cases: &[Case]) -> Result<Vec<Outcome>, OracleError> {
        let mut outcomes = Vec::with_capacity(cases.len());
        for batch in cases.chunks(CASES_IN_A_BATCH) {
            self.send(batch)?;
            for index in 0..batch.len() {
                outcomes.push(self.receive(index)?);
            }
        }
        Ok(outcomes)
    }

    fn send(&mut self, batch: &[Case]) -> Result<(), OracleError> {
        let mut bytes = (batch.len() as u64).to_ne_bytes().to_vec();
        for case in batch {
            bytes.extend_from_slice(case.state.bytes(&self.layout)?);
            bytes.extend_from_slice(&self.padded(&case.code)?);
            bytes.extend_from_slice(case.memory.as_slice());
        }
        self.input.write_all(&bytes).map_err(OracleError::io("write to the probe"))
    }

    fn padded(&self, code: &[u8]) -> Result<Vec<u8>, OracleError> {
        let mut padded = code.to_vec();
        while padded.len() < CODE_BYTES {
            padded.extend_from_slice(&self.nop);
        }
        if padded.len() != CODE_BYTES {
            return Err(OracleError::protocol(format!("code of {} bytes does not fit a slot", code.len())));
        }
        Ok(padded)
    }

    fn receive(&mut self, index: usize) -> Result<Outcome, OracleError> {
        let signal = self.receive_number()?;
        let address = self.receive_number()?;
        let mut state = vec![0; self.layout.size_bytes()];
        self.receive_bytes(&mut state)?;
        let mut memory = Box::new([0; SCRATCH_BYTES]);
        self.receive_bytes(memory.as_mut_slice())?;
        let end = match signal {
            0 => End::Finished(State::from_bytes(state)),
            _ => End::Trapped { signal, address },
        };
        Ok(Outcome { address: code_address(index), end, memory })
    }

    fn receive_number(&mut self) -> Result<u64, OracleError> {
        let mut bytes = [0; 8];
        self.receive_bytes(&mut bytes)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    fn receive_bytes(&mut self, into: &mut [u8]) -> Result<(), OracleError> {
        self.output.read_exact(into).map_err(OracleError::io("read from the probe, which has ended"))
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        kill(&mut self.child);
    }
}

/// Where the code of the case with that index in a call of [`Probe::run`] lies while it runs.
pub fn code_address(index: usize) -> u64 {
    SLOTS + (index % CASES_IN_A_BATCH) as u64 * SLOT_BYTES + SLOT_CODE
}
