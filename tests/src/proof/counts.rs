//! How many instructions a reflectcall executes, as qemu counts them: step by step, between two addresses.

use std::ops::Range;

use object::{Object, ObjectSymbol};

use crate::beside_qemu::without_monitor;
use crate::oracle::OracleError;
use crate::oracle::arch::ArchOracle;
use crate::oracle::gdbstub::{Session, Stop};

use super::GoProgram;

/// Names of the trampoline's entry in a binary, the first that exists: with register arguments it has a wrapper, which
/// takes the plain name.
const ENTRIES: [&str; 2] = ["runtime.reflectcall.abi0", "runtime.reflectcall"];
/// Who may call it: reflect itself, or the wrapper.
const CALLERS: [&str; 2] = ["reflect.Value.call", "runtime.reflectcall"];
/// A comparison that takes longer has lost its way.
const MOST: u64 = 10_000_000;

/// Instructions from the entry of reflectcall to its return, one number for each of these calls of the program.
/// Each iteration of an instruction that repeats itself counts.
///
/// # Errors
/// When qemu fails, or the program makes fewer calls.
///
/// # Panics
/// When the program has no reflectcall.
pub fn reflectcalls(program: &GoProgram, calls: Range<usize>) -> Result<Vec<u64>, OracleError> {
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
    calls.map(|_| count(&mut qemu, entry, returned)).collect()
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

fn count(qemu: &mut Session, entry: u64, returned: impl Fn(u64) -> bool) -> Result<u64, OracleError> {
    arrive(qemu, entry)?;
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
