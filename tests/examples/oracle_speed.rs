//! Prints how fast the oracles answer on this machine: `cargo run -p rcsim-tests --example oracle_speed`.

use std::time::Instant;

use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::gdbstub::Session;
use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::{OracleError, workspace_root};
use rcsim_tests::probe::{Case, Executor, Probe, SCRATCH_BYTES};

const STEPS: u32 = 5_000;
const CASES: usize = 20_000;

fn main() -> Result<(), OracleError> {
    for goarch in ArchOracle::all() {
        let arch = ArchOracle::load(&goarch)?;
        stepping(&arch)?;
        if arch.probe.is_some() {
            probing(&arch, Executor::Emulator)?;
            if arch.is_native() {
                probing(&arch, Executor::Native)?;
            }
        }
    }
    Ok(())
}

fn stepping(arch: &ArchOracle) -> Result<(), OracleError> {
    let go = Go::find(Toolchain::Go1_19)?;
    let program = go.build(&GoBuild::linux(&arch.goarch, workspace_root().join("tests/go/sample")))?;
    let mut session = Session::start(arch, &program, &[])?;
    let mut registers = session.read_registers()?;
    report(&arch.goarch, "steps", STEPS, || session.step().map(drop))?;
    report(&arch.goarch, "steps with general registers", STEPS, || {
        session.step()?;
        session.read_general(&mut registers)
    })?;
    report(&arch.goarch, "steps with all registers", STEPS, || {
        session.step()?;
        session.read_registers().map(drop)
    })
}

fn report(
    goarch: &str,
    what: &str,
    count: u32,
    mut action: impl FnMut() -> Result<(), OracleError>,
) -> Result<(), OracleError> {
    let started = Instant::now();
    for _ in 0..count {
        action()?;
    }
    println!("{goarch:8} {what:30} {:8.0} per second", f64::from(count) / started.elapsed().as_secs_f64());
    Ok(())
}

fn probing(arch: &ArchOracle, executor: Executor) -> Result<(), OracleError> {
    let mut probe = Probe::start(arch, executor)?;
    let state = probe.layout().zero();
    let cases = vec![Case { code: Vec::new(), state, memory: Box::new([0; SCRATCH_BYTES]) }; CASES];
    let started = Instant::now();
    let outcomes = probe.run(&cases)?;
    let speed = outcomes.len() as f64 / started.elapsed().as_secs_f64();
    println!("{:8} {:30} {speed:8.0} per second", arch.goarch, format!("probe cases, {executor:?}"));
    Ok(())
}
