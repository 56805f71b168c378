//! What a comparison found, and its text.

use std::fmt;

use super::Ended;
use crate::oracle::gdbstub::to_hex;

/// The result of a comparison.
#[derive(Debug)]
pub struct Report {
    /// Instructions that the subject was asked to execute.
    pub steps: u64,
    /// Those among them whose effect was taken from qemu and not compared.
    pub from_environment: u64,
    /// Those after which qemu differed from processors, as its description says, and was put right.
    pub corrected: u64,
    /// How it ended.
    pub ended: Ended,
}

impl Report {
    pub(super) fn new() -> Self {
        Self { steps: 0, from_environment: 0, corrected: 0, ended: Ended::StepLimit }
    }

    /// The divergence, if there is one.
    pub fn divergence(&self) -> Option<&Divergence> {
        match &self.ended {
            Ended::Diverged(divergence) => Some(divergence),
            Ended::StepLimit | Ended::Reached | Ended::Exited(_) => None,
        }
    }
}

/// The first instruction after which subject and qemu differ.
#[derive(Debug, Default)]
pub struct Divergence {
    /// The number of the step, counted from 1.
    pub step: u64,
    /// Why the subject refused the instruction, if it did.
    pub refusal: Option<String>,
    /// Registers that differ.
    pub registers: Vec<RegisterDifference>,
    /// The first piece of written memory that differs.
    pub memory: Option<MemoryDifference>,
    /// The last instructions with their addresses; the guilty one is the last.
    pub history: Vec<(u64, String)>,
    /// Every register: name, qemu's value, the subject's value if it models the register.
    pub states: Vec<(String, Vec<u8>, Option<Vec<u8>>)>,
}

/// A register after the instruction on both sides; all values in the byte order of the guest.
#[derive(Debug)]
pub struct RegisterDifference {
    /// Its name in qemu's debugger.
    pub name: String,
    /// Before the instruction.
    pub before: Vec<u8>,
    /// What qemu has.
    pub qemu: Vec<u8>,
    /// What the subject has.
    pub subject: Vec<u8>,
}

/// Memory that the subject wrote, on both sides.
#[derive(Debug)]
pub struct MemoryDifference {
    /// First address.
    pub address: u64,
    /// What qemu has there.
    pub qemu: Vec<u8>,
    /// What the subject has there.
    pub subject: Vec<u8>,
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (pc, text) = self.history.last().map_or((0, "?"), |(pc, text)| (*pc, text.as_str()));
        writeln!(f, "diverged at step {}: {pc:#x}  {text}", self.step)?;
        if let Some(refusal) = &self.refusal {
            writeln!(f, "  the subject refused it: {refusal}")?;
        }
        for register in &self.registers {
            writeln!(f, "  {} (bytes in the guest's order)", register.name)?;
            writeln!(f, "    before  {}", to_hex(&register.before))?;
            writeln!(f, "    qemu    {}", to_hex(&register.qemu))?;
            writeln!(f, "    subject {}", to_hex(&register.subject))?;
        }
        if let Some(memory) = &self.memory {
            writeln!(f, "  memory at {:#x}", memory.address)?;
            writeln!(f, "    qemu    {}", to_hex(&memory.qemu))?;
            writeln!(f, "    subject {}", to_hex(&memory.subject))?;
        }
        writeln!(f, "last instructions:")?;
        for (pc, text) in &self.history {
            writeln!(f, "  {pc:#x}  {text}")?;
        }
        writeln!(f, "registers after it (qemu, subject):")?;
        for (name, qemu, subject) in &self.states {
            let subject = subject.as_ref().map_or_else(|| "not modelled".to_owned(), |value| to_hex(value));
            writeln!(f, "  {name:10} {} {subject}", to_hex(qemu))?;
        }
        Ok(())
    }
}
