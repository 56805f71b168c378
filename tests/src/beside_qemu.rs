//! The sample Go program in the simulator and in qemu, compared after every instruction.
//!
//! The program is real, but for its monitor: see [`sample`]. Start reading at [`compare`].

use std::path::{Path, PathBuf};

use object::{Object, ObjectSection, ObjectSymbol, SectionKind};
use rcsim_uop::Port;

use crate::lockstep::{self, Ended, MemoryPolicy, Options, Report};
use crate::oracle::arch::ArchOracle;
use crate::oracle::gdbstub::Session;
use crate::oracle::go::{Go, GoBuild, Toolchain};
use crate::oracle::{require, workspace_root};
use crate::simulator::Simulator;

/// How often a comparison is tried.
pub const ATTEMPTS: usize = 5;

/// Vector registers that no instruction changed are compared every so many instructions.
const OTHERS_EVERY: u64 = 64;

/// Ports whose programs qemu runs and of which an oracle description exists.
#[must_use]
pub fn ports() -> Vec<(&'static dyn Port, ArchOracle)> {
    let described = ArchOracle::all();
    rcsim_isa::ports()
        .into_iter()
        .filter(|port| described.iter().any(|name| name == port.goarch()))
        .map(|port| (port, require(ArchOracle::load(port.goarch())).featured()))
        .collect()
}

/// The sample program without its monitor.
///
/// # Panics
/// When the toolchain cannot build it, or builds something else than expected.
#[must_use]
pub fn sample(toolchain: Toolchain, arch: &ArchOracle) -> PathBuf {
    let go = require(Go::find(toolchain));
    let folder = workspace_root().join("tests").join("go").join("sample");
    without_monitor(&require(go.build(&GoBuild::linux(&arch.goarch, folder))))
}

/// A copy of a Go program, beside it, in which no thread watches the others: only then does a stepped one do what it
/// does when nobody steps it. Tests run in parallel: each makes the file under a name of its own, and then gives it the
/// common one.
///
/// # Panics
/// When the program is not what a toolchain makes.
#[must_use]
pub fn without_monitor(program: &Path) -> PathBuf {
    let sibling = |suffix: &str| PathBuf::from(format!("{}.{suffix}", program.display()));
    let calm = sibling("unmonitored");
    if calm.is_file() {
        return calm;
    }
    let mut file = std::fs::read(program).expect("the program was just built");
    remove_monitor(&mut file);
    let own = sibling(&format!("{:?}-{}", std::thread::current().id(), std::process::id()));
    // The copy brings the permission to execute.
    std::fs::copy(program, &own).expect("the folder is writable");
    std::fs::write(&own, file).expect("the folder is writable");
    std::fs::rename(&own, &calm).expect("the folder is writable");
    calm
}

/// The function of the thread that asks goroutines to yield which run for long, and takes the processors of those in
/// system calls. A stepped program is slow; it would be disturbed all the time.
const MONITOR: &str = "runtime.sysmon";
/// Counts as a thread of the system just so, and sleeps until a goroutine needs a thread of a clean state. None does.
const SLEEPER: &str = "runtime.templateThread";

/// Where function values are.
const DATA: [SectionKind; 3] =
    [SectionKind::Data, SectionKind::ReadOnlyData, SectionKind::ReadOnlyDataWithRel];

/// Lets the thread of the monitor sleep: the one function value of the monitor in the program's data becomes another's.
fn remove_monitor(file: &mut [u8]) {
    let elf = object::File::parse(&*file).expect("the toolchain makes ELF files");
    let bytes = if elf.is_64() { 8 } else { 4 };
    let word = |symbol: &str| {
        let address = find(&elf, symbol).to_be_bytes();
        let mut word = address[8 - bytes..].to_vec();
        if elf.is_little_endian() {
            word.reverse();
        }
        word
    };
    let (monitor, sleeper) = (word(MONITOR), word(SLEEPER));
    let data = elf.sections().filter(|section| DATA.contains(&section.kind()));
    let ranges = data.filter_map(|section| section.file_range());
    let words = ranges.flat_map(|(offset, size)| (offset as usize..(offset + size) as usize).step_by(bytes));
    let places: Vec<usize> = words.filter(|&at| file.get(at..at + bytes) == Some(&monitor)).collect();
    let &[place] = &*places else { panic!("{MONITOR} is in {} places of the data", places.len()) };
    file[place..place + bytes].copy_from_slice(&sleeper);
}

fn find(elf: &object::File<'_>, symbol: &str) -> u64 {
    let found = elf.symbols().find(|candidate| candidate.name() == Ok(symbol));
    found.unwrap_or_else(|| panic!("no symbol {symbol}")).address()
}

fn address_of(program: &Path, symbol: &str) -> u64 {
    let file = std::fs::read(program).expect("the program was just built");
    find(&object::File::parse(&*file).expect("the toolchain makes ELF files"), symbol)
}

/// Compares up to `steps` instructions from the first call of the function `start` on, or from the program's first.
///
/// # Panics
/// When qemu or the toolchain is missing, or qemu stops answering.
pub fn compare(
    port: &dyn Port,
    arch: &ArchOracle,
    toolchain: Toolchain,
    start: Option<&str>,
    steps: u64,
) -> Report {
    let program = sample(toolchain, arch);
    let mut qemu = require(Session::start(arch, &program, &[]));
    if let Some(symbol) = start {
        require(qemu.run_to(address_of(&program, symbol)));
    }
    let mut subject = Simulator::new(port, arch);
    let options =
        Options { steps, memory: MemoryPolicy::Settling, others_every: OTHERS_EVERY, ..Options::default() };
    require(lockstep::run(arch, &mut qemu, &mut subject, options))
}

/// Compares until an attempt ends without a difference, or two differ at the same instruction, at most [`ATTEMPTS`] times:
/// all reports, the best last.
///
/// Another thread may write between qemu's step and the comparison, which is rare now that threads work in turns. A
/// mistake of the simulator shows in every attempt, so one that ends well proves all its instructions.
pub fn attempts(
    port: &dyn Port,
    arch: &ArchOracle,
    toolchain: Toolchain,
    start: Option<&str>,
    steps: u64,
) -> Vec<Report> {
    let mut reports: Vec<Report> = Vec::new();
    let mut places = Vec::new();
    while reports.len() < ATTEMPTS && !reports.last().is_some_and(agrees) {
        reports.push(compare(port, arch, toolchain, start, steps));
        let place =
            reports.last().and_then(Report::divergence).and_then(|found| found.history.last()).cloned();
        if place.is_some() && places.contains(&place) {
            break;
        }
        places.push(place);
    }
    reports
}

/// Whether the comparison ended without a difference.
#[must_use]
pub fn agrees(report: &Report) -> bool {
    matches!(report.ended, Ended::StepLimit | Ended::Exited(0))
}

/// How the comparison ended, in words.
#[must_use]
pub fn described(report: &Report) -> String {
    report.divergence().map_or_else(|| format!("{:?}", report.ended), ToString::to_string)
}
