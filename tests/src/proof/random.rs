//! Random signatures: compiled by a real toolchain, called by rcsim through the real trampolines of that program.

use std::collections::BTreeMap;
use std::ops::Range;

use rcsim_uop::Port;
use rcsim_workloads::{Call, Workload, random};

use super::{GoProgram, judge};
use crate::oracle::OracleError;
use crate::oracle::go::Toolchain;

/// Signatures in one Go program: enough that the toolchain's start-up does not count, few enough that it stays small.
pub const BATCH: u64 = 500;

/// What became of some random signatures.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Signatures that were called, by the kind of call.
    pub calls: BTreeMap<&'static str, u64>,
    /// How often each trampoline ran.
    pub trampolines: BTreeMap<String, u64>,
    /// Runs in which the stack moved.
    pub moved: u64,
    /// Guest instructions of all runs.
    pub instructions: u64,
    /// What went wrong: number of the signature, and how.
    pub wrong: Vec<(u64, String)>,
}

impl Tally {
    /// All signatures that were called.
    pub fn signatures(&self) -> u64 {
        self.calls.values().sum()
    }

    /// Adds what became of others.
    pub fn add(&mut self, other: Self) {
        for (kind, count) in other.calls {
            *self.calls.entry(kind).or_default() += count;
        }
        for (name, count) in other.trampolines {
            *self.trampolines.entry(name).or_default() += count;
        }
        self.moved += other.moved;
        self.instructions += other.instructions;
        self.wrong.extend(other.wrong);
    }
}

/// Signatures `numbers` of a seed, in one program.
///
/// # Panics
/// When a random workload cannot be read: a mistake of the generator.
pub fn run(
    toolchain: Toolchain,
    port: &'static dyn Port,
    seed: u64,
    numbers: Range<u64>,
) -> Result<Tally, OracleError> {
    let read = |number| random::workload(seed, number).unwrap_or_else(|errors| panic!("{errors}"));
    let workloads: Vec<Workload> = numbers.clone().map(read).collect();
    let program = GoProgram::build_callees(toolchain, port, &workloads)?;
    let mut tally = Tally::default();
    for (number, workload) in numbers.zip(&workloads) {
        count(&mut tally, &program, number, workload);
    }
    Ok(tally)
}

fn count(tally: &mut Tally, program: &GoProgram, number: u64, workload: &Workload) {
    *tally.calls.entry(kind(&workload.call)).or_default() += 1;
    let judgement = judge(program, workload);
    if let Some(what) = judgement.difference(&expected_line(program.port(), workload)) {
        tally.wrong.push((number, what));
    }
    if let Some(report) = judgement.report() {
        for name in &report.trampolines {
            *tally.trampolines.entry(name.clone()).or_default() += 1;
        }
        tally.moved += u64::from(report.stack_moves > 0);
        tally.instructions += report.instructions;
    }
}

fn kind(call: &Call) -> &'static str {
    match call {
        Call::ValueCall => "value-call",
        Call::MakeFunc => "make-func",
        Call::MethodValue(_) => "method-value",
        Call::Runtime(caller) => caller.word(),
        Call::MethodCall(_) => "method-call",
        Call::Reflectcall(_) => "reflectcall",
    }
}

/// The line that a Go program would print.
fn expected_line(port: &dyn Port, workload: &Workload) -> String {
    let arguments = workload.arguments(u64::from(port.word().bytes));
    let end = arguments.and_then(|arguments| workload.expected(&arguments));
    let end = end.unwrap_or_else(|errors| panic!("{errors}"));
    format!("{}\t{}", workload.name.value, end.line())
}
