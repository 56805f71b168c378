//! The debugger client stops, reads, changes and steps guests of every architecture that has a probe.

use std::path::Path;
use std::process::Command;

use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::gdbstub::{Session, Stop};
use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::run::{Limits, run_command};
use rcsim_tests::oracle::{OracleError, require, workspace_root};
use rcsim_tests::probe;

fn session_of_probe(goarch: &str) -> (ArchOracle, Session) {
    let arch = require(ArchOracle::load(goarch));
    let program = require(probe::program(&arch));
    let session = require(Session::start(&arch, &program, &[]));
    (arch, session)
}

/// Register, and a value that the guest accepts there.
const WRITABLE: [(&str, &str, &[u8]); 6] = [
    ("arm64", "x7", &[1, 2, 3, 4, 5, 6, 7, 8]),
    ("arm64", "v31", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
    ("arm64", "fpsr", &[0x1f, 0, 0, 8]),
    ("amd64", "r13", &[1, 2, 3, 4, 5, 6, 7, 8]),
    ("amd64", "xmm15", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
    ("amd64", "mxcsr", &[0x80, 0x3f, 0, 0]),
];

#[test]
fn registers_keep_what_is_written() {
    for (goarch, name, value) in WRITABLE {
        let (_, mut session) = session_of_probe(goarch);
        require(session.write_register(name, value));
        assert_eq!(require(session.read_register(name)), value, "{goarch} {name}");
        let all = require(session.read_registers());
        let register = require(session.layout().register(name));
        assert_eq!(all.value(register), value, "{goarch} {name} among all");
    }
}

#[test]
fn all_registers_can_be_written_back_at_once() {
    for (goarch, name, value) in WRITABLE {
        let (_, mut session) = session_of_probe(goarch);
        let mut all = require(session.read_registers());
        let register = require(session.layout().register(name)).clone();
        all.set_value(&register, value);
        require(session.write_registers(&all));
        assert_eq!(require(session.read_registers()), all, "{goarch} {name}");
    }
}

#[test]
fn memory_keeps_what_is_written_and_has_an_end() {
    for goarch in ["arm64", "amd64"] {
        let (_, mut session) = session_of_probe(goarch);
        let written: Vec<u8> = (0..probe::SCRATCH_BYTES).map(|index| (index * 7) as u8).collect();
        require(session.write_memory(probe::SCRATCH, &written));
        let mut read = vec![0; written.len()];
        require(session.read_memory(probe::SCRATCH, &mut read));
        assert_eq!(read, written, "{goarch}");
        let beyond = probe::SCRATCH + probe::SCRATCH_BYTES as u64;
        let error = session.read_memory(beyond, &mut [0; 8]).expect_err("nothing is there");
        assert!(matches!(error, OracleError::GuestMemory { address, .. } if address == beyond), "{error}");
    }
}

#[test]
fn step_executes_one_instruction() {
    // The first instructions of each probe: address and length are fixed by its assembly.
    for (goarch, lengths) in [("arm64", [4_u64, 4, 4]), ("amd64", [7, 2, 5])] {
        let (_, mut session) = session_of_probe(goarch);
        let mut registers = require(session.read_registers());
        for length in lengths {
            let before = session.program_counter(&registers);
            assert_eq!(require(session.step()), Stop::Trap);
            require(session.read_general(&mut registers));
            assert_eq!(session.program_counter(&registers), before + length, "{goarch}");
        }
    }
}

#[test]
fn unknown_register_is_an_error() {
    let (_, mut session) = session_of_probe("arm64");
    let error = session.read_register("eax").expect_err("arm64 has none");
    assert!(matches!(error, OracleError::NoSuchRegister { .. }), "{error}");
}

fn symbol(program: &Path, name: &str) -> u64 {
    let mut command = Command::new("llvm-nm-19");
    command.arg(program);
    let symbols =
        require(require(run_command(command, "llvm-nm-19", Limits::default())).success("llvm-nm-19"));
    let line = symbols
        .lines()
        .find(|line| line.ends_with(&format!(" {name}")))
        .expect("the program has that symbol");
    u64::from_str_radix(&line[..16], 16).expect("llvm-nm prints addresses in hexadecimal")
}

/// `runtime.main` starts a second thread, waits for goroutines that need a third, then calls `main.main`.
fn steps_through_the_start_of_go(toolchain: Toolchain, goarch: &str) {
    let arch = require(ArchOracle::load(goarch));
    let go = require(Go::find(toolchain));
    let program = require(go.build(&GoBuild::linux(goarch, workspace_root().join("tests/go/sample"))));
    let mut session = require(Session::start(&arch, &program, &[]));
    let start = symbol(&program, "runtime.main");
    assert_eq!(require(session.run_to(start)), Stop::Trap);
    let mut registers = require(session.read_registers());
    assert_eq!(session.program_counter(&registers), start);
    for _ in 0..5_000 {
        assert_eq!(require(session.step()), Stop::Trap);
    }
    require(session.read_general(&mut registers));
    assert_ne!(session.program_counter(&registers), start);
    assert_eq!(require(session.run()), Stop::Exited(0));
    assert!(require(session.output()).starts_with("call true true 34 gogo 2.125\n"));
}

#[test]
fn go1_19_arm64_start_up_is_stepped_with_its_threads() {
    steps_through_the_start_of_go(Toolchain::Go1_19, "arm64");
}

#[test]
fn go1_27_arm64_start_up_is_stepped_with_its_threads() {
    steps_through_the_start_of_go(Toolchain::Go1_27, "arm64");
}

#[test]
fn go1_19_amd64_start_up_is_stepped_with_its_threads() {
    steps_through_the_start_of_go(Toolchain::Go1_19, "amd64");
}

#[test]
fn go1_27_amd64_start_up_is_stepped_with_its_threads() {
    steps_through_the_start_of_go(Toolchain::Go1_27, "amd64");
}
