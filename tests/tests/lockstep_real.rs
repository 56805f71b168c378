//! The simulator does what qemu does, register by register, instruction by instruction, on real Go programs.

mod simulator;

use std::path::{Path, PathBuf};

use object::{Object, ObjectSection, ObjectSymbol};
use rcsim_tests::lockstep::{self, Ended, MemoryPolicy, Options, Report};
use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::gdbstub::Session;
use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::{require, workspace_root};
use rcsim_uop::Port;
use simulator::Simulator;

/// Instructions compared from each starting point. Set `RCSIM_LOCKSTEP_STEPS` for more.
const STEPS: u64 = 6_000;
/// A comparison that ends earlier has proven little.
const LEAST_STEPS: u64 = 1_000;
/// How often a comparison is tried.
const ATTEMPTS: usize = 5;

fn steps() -> u64 {
    std::env::var("RCSIM_LOCKSTEP_STEPS").ok().and_then(|text| text.parse().ok()).unwrap_or(STEPS)
}

/// Ports whose programs qemu runs and of which an oracle description exists. Set `RCSIM_LOCKSTEP_PORT` for one of them.
fn ports() -> Vec<(&'static dyn Port, ArchOracle)> {
    let described = ArchOracle::all();
    let only = std::env::var("RCSIM_LOCKSTEP_PORT").ok();
    rcsim_isa::ports()
        .into_iter()
        .filter(|port| only.as_deref().is_none_or(|only| only == port.goarch()))
        .filter(|port| described.iter().any(|name| name == port.goarch()))
        .map(|port| (port, require(ArchOracle::load(port.goarch())).featured()))
        .collect()
}

/// The sample program, with the preemptor switched off. Tests run in parallel: each makes the file under a name of its
/// own, and then gives it the common one.
fn sample(toolchain: Toolchain, arch: &ArchOracle) -> PathBuf {
    let go = require(Go::find(toolchain));
    let folder = workspace_root().join("tests").join("go").join("sample");
    let program = require(go.build(&GoBuild::linux(&arch.goarch, folder)));
    let sibling = |suffix: &str| PathBuf::from(format!("{}.{suffix}", program.display()));
    let calm = sibling("calm");
    if calm.is_file() {
        return calm;
    }
    let mut file = std::fs::read(&program).expect("the program was just built");
    let at = file_offset(&file, PREEMPTOR);
    let code = require(arch.return_code());
    file[at..at + code.len()].copy_from_slice(&code);
    let own = sibling(&format!("{:?}-{}", std::thread::current().id(), std::process::id()));
    // The copy brings the permission to execute.
    std::fs::copy(&program, &own).expect("the folder is writable");
    std::fs::write(&own, file).expect("the folder is writable");
    std::fs::rename(&own, &calm).expect("the folder is writable");
    calm
}

/// Where the code of a function lies in the file.
fn file_offset(file: &[u8], symbol: &str) -> usize {
    let elf = object::File::parse(file).expect("the toolchain makes ELF files");
    let address = find(&elf, symbol);
    let section = elf.section_by_name(".text").expect("a program has code");
    let (offset, _) = section.file_range().expect("code is in the file");
    (address - section.address() + offset) as usize
}

fn find(elf: &object::File<'_>, symbol: &str) -> u64 {
    let found = elf.symbols().find(|candidate| candidate.name() == Ok(symbol));
    found.unwrap_or_else(|| panic!("no symbol {symbol}")).address()
}

fn address_of(program: &Path, symbol: &str) -> u64 {
    let file = std::fs::read(program).expect("the program was just built");
    find(&object::File::parse(&*file).expect("the toolchain makes ELF files"), symbol)
}

/// The Go function that asks goroutines to yield which run for long, and takes the processors of those in system calls.
/// A stepped program is slow; it would be disturbed all the time.
const PREEMPTOR: &str = "runtime.retake";

fn once(port: &dyn Port, arch: &ArchOracle, toolchain: Toolchain, symbol: &str) -> Report {
    let program = sample(toolchain, arch);
    let mut qemu = require(Session::start(arch, &program, &[]));
    require(qemu.run_to(address_of(&program, symbol)));
    let mut subject = Simulator::new(port, arch);
    // Other threads of the Go runtime write memory too.
    let options = Options { steps: steps(), memory: MemoryPolicy::Fresh, ..Options::default() };
    require(lockstep::run(arch, &mut qemu, &mut subject, options))
}

fn is_whole(report: &Report) -> bool {
    matches!(report.ended, Ended::StepLimit | Ended::Exited(0)) && report.steps >= LEAST_STEPS
}

/// The other threads run on while one is stepped, and may write between qemu's step and the comparison. A mistake of
/// the simulator shows in every attempt, so one that ends well proves all its instructions.
fn agrees(symbol: &str) {
    let ports = ports();
    assert!(!ports.is_empty(), "no port can be compared");
    for (port, arch) in ports {
        for toolchain in Toolchain::ALL {
            let name = format!("{} {toolchain} from {symbol}", port.goarch());
            let mut attempts = Vec::new();
            while attempts.len() < ATTEMPTS && !attempts.last().is_some_and(is_whole) {
                attempts.push(once(port, &arch, toolchain, symbol));
            }
            let last = attempts.last().expect("there is an attempt");
            println!("{name}: {} steps agree, attempt {}", last.steps, attempts.len());
            let failures: Vec<String> = attempts.iter().map(described).collect();
            assert!(is_whole(last), "{name}:\n{}", failures.join("\n"));
        }
    }
}

fn described(report: &Report) -> String {
    report.divergence().map_or_else(|| format!("{:?}", report.ended), ToString::to_string)
}

#[test]
fn when_the_runtime_starts() {
    agrees("runtime.main");
}

#[test]
fn when_reflect_calls_a_function_with_all_kinds_of_arguments() {
    agrees("main.callMixed");
}

#[test]
fn when_reflect_calls_with_a_large_frame() {
    agrees("main.callLarge");
}

#[test]
fn when_a_made_function_is_called() {
    agrees("main.makeFunc");
}

#[test]
fn when_method_values_are_called() {
    agrees("main.methodValues");
}

#[test]
fn when_maps_and_text_are_worked_on() {
    agrees("main.mapsAndText");
}
