//! How many instructions a reflectcall executes, as qemu counts them: step by step, between two addresses. And whether its
//! frame stood above the goroutine's stack or below, on which some of them depend.

use std::ops::Range;

use object::{Object, ObjectSymbol};
use rcsim_go::places::Arrangement;
use rcsim_uop::Port;
use rcsim_uop::isa::DebugSource;
use rcsim_uop::port::Program;
use rcsim_workloads::Workload;

use crate::beside_qemu::without_monitor;
use crate::oracle::OracleError;
use crate::oracle::arch::ArchOracle;
use crate::oracle::gdbstub::{Session, Stop};
use crate::oracle::go::Toolchain;
use crate::oracle::require;

use super::{GoProgram, Variant, all_workloads, judge_arranged};

/// Names of the trampoline's entry in a binary, the first that exists: with register arguments it has a wrapper, which
/// takes the plain name.
const ENTRIES: [&str; 2] = ["runtime.reflectcall.abi0", "runtime.reflectcall"];
/// Who may call it: reflect itself, or the wrapper.
const CALLERS: [&str; 2] = ["reflect.Value.call", "runtime.reflectcall"];
/// A comparison that takes longer has lost its way.
const MOST: u64 = 10_000_000;

/// Arguments of reflectcall before that of the frame: the frame's type and the function.
const BEFORE_FRAME: u64 = 2;

/// The first call grows the goroutine's stack for all others, and is not compared.
const FIRST: &str = "call: arguments fill a frame of 32768 bytes";

/// Instructions of reflectcalls of these workloads, one after another in one program: rcsim's and qemu's.
///
/// `memmove` asks which of its addresses is higher, even to move nothing, and Go's frames are objects that stand above the
/// goroutine's stack or below, as memory was free when they were made: rcsim puts them on the side where qemu's process has
/// them.
///
/// # Panics
/// When there is no such workload, a tool is missing, or a call fails.
#[must_use]
pub fn both(toolchain: Toolchain, port: &'static dyn Port, names: &[&str]) -> Vec<(u64, u64)> {
    let all = all_workloads();
    let named = |name: &str| all.iter().find(|workload| workload.name.value == name).cloned();
    let names = [FIRST].into_iter().chain(names.iter().copied());
    let workloads: Vec<Workload> =
        names.map(|name| named(name).unwrap_or_else(|| panic!("no workload {name:?}"))).collect();
    let program = require(GoProgram::build(toolchain, port, Variant::Plain, &workloads));
    let qemu = require(reflectcalls(&program, 1..workloads.len()));
    let executed = |(workload, counted): (&Workload, &Counted)| {
        let judgement = judge_arranged(&program, workload, counted.arrangement);
        let report = judgement.report().expect("the workload runs");
        (report.phases.iter().map(|(_, count)| count.instructions).sum(), counted.instructions)
    };
    workloads.iter().skip(1).zip(&qemu).map(executed).collect()
}

/// What qemu saw of a reflectcall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Instructions from its entry to its return.
    pub instructions: u64,
    /// On which side of the goroutine's stack its frame was; without a frame, either.
    pub arrangement: Arrangement,
}

/// Instructions from the entry of reflectcall to its return, one number for each of these calls of the program.
/// Each iteration of an instruction that repeats itself counts.
///
/// # Errors
/// When qemu fails, or the program makes fewer calls.
///
/// # Panics
/// When the program has no reflectcall.
pub fn reflectcalls(program: &GoProgram, calls: Range<usize>) -> Result<Vec<Counted>, OracleError> {
    let arch = ArchOracle::load(program.port().goarch())?;
    let mut qemu = Session::start(&arch, &without_monitor(program.path()), &[])?;
    let elf = object::File::parse(program.file()).expect("the toolchain makes ELF files");
    let range = |name: &str| function(&elf, name);
    let entry = ENTRIES.iter().find_map(|name| range(name)).expect("the program calls by reflection").start;
    let callers: Vec<Range<u64>> = CALLERS.iter().filter_map(|name| range(name)).collect();
    // Without a wrapper the trampoline has the name itself.
    let returned = |pc: u64| callers.iter().any(|caller| caller.contains(&pc) && !caller.contains(&entry));
    for _ in 0..calls.start {
        arrive(&mut qemu, entry)?;
        // From where the breakpoint was, so that it is not met again.
        expect_trap(qemu.step()?)?;
    }
    let counted = |_| {
        arrive(&mut qemu, entry)?;
        let arrangement = arrangement(&mut qemu, program.port())?;
        Ok(Counted { instructions: count(&mut qemu, returned)?, arrangement })
    };
    calls.map(counted).collect()
}

fn arrive(qemu: &mut Session, entry: u64) -> Result<(), OracleError> {
    expect_trap(qemu.run_to(entry)?)
}

fn expect_trap(stop: Stop) -> Result<(), OracleError> {
    match stop {
        Stop::Trap => Ok(()),
        stop => {
            Err(OracleError::GuestEnded { how: format!("{stop:?} before the last reflectcall returned") })
        }
    }
}

/// On which side of the stack the frame is, at the entry of reflectcall.
fn arrangement(qemu: &mut Session, port: &dyn Port) -> Result<Arrangement, OracleError> {
    let sp = stack_pointer(qemu, port)?;
    let word = usize::from(port.word().bytes);
    let arguments = sp + u64::from(port.convention().args_above_sp);
    let mut frame = [0; 8];
    qemu.read_memory(arguments + BEFORE_FRAME * word as u64, &mut frame[..word])?;
    let below = qemu.number(&frame[..word]) > sp;
    Ok(if below { Arrangement::StacksBelow } else { Arrangement::StacksAbove })
}

fn stack_pointer(qemu: &mut Session, port: &dyn Port) -> Result<u64, OracleError> {
    let isa =
        port.isa(&[], Program { base: 0, file: &[] }).expect("the baseline has no feature to be missing");
    let source = DebugSource::Slots(port.convention().sp, 1);
    let named = isa.debug_registers().into_iter().find(|register| register.source == source);
    let name = named.expect("every debugger shows the stack pointer").name;
    let registers = qemu.read_registers()?;
    Ok(qemu.number(registers.value(qemu.layout().register(&name)?)))
}

fn count(qemu: &mut Session, returned: impl Fn(u64) -> bool) -> Result<u64, OracleError> {
    let mut registers = qemu.read_registers()?;
    for instructions in 1..MOST {
        expect_trap(qemu.step()?)?;
        qemu.read_general(&mut registers)?;
        let pc = qemu.program_counter(&registers);
        if returned(pc) {
            return Ok(instructions);
        }
    }
    Err(OracleError::GuestEnded { how: format!("no return from reflectcall within {MOST} instructions") })
}

/// Where the code of a function is, up to the next symbol.
fn function(elf: &object::File<'_>, name: &str) -> Option<Range<u64>> {
    let start = elf.symbols().find(|symbol| symbol.name() == Ok(name))?.address();
    let later = elf.symbols().map(|symbol| symbol.address()).filter(|&address| address > start);
    Some(start..later.min().unwrap_or(u64::MAX))
}
