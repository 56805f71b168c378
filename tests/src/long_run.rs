//! One long run under the checker, with all rules and the program's own barriers on: a real Go program that allocates and drops objects for as many rounds as
//! are asked for (`tests/go/long`).

use std::fs;

use rcsim_diag::{Colour, Source};
use rcsim_gc::barrier::Protocol;
use rcsim_gc::{Checker, Mode};
use rcsim_go::mutation::Mutation;
use rcsim_go::run::{CodeChoice, Request, probe_barriers, run_marking};
use rcsim_go::world::World;
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::Workload;

use crate::oracle::go::{Go, GoBuild, Toolchain};
use crate::oracle::{OracleError, workspace_root};

/// What a run was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongRun {
    /// Guest instructions.
    pub instructions: u64,
    /// GC points examined.
    pub points: u32,
    /// Heap objects allocated.
    pub objects: usize,
    /// Messages of what was found; there should be none.
    pub findings: Vec<String>,
    /// Whether it returned what it should.
    pub passed: bool,
}

/// Run so many rounds on a port with tables of ELF.
///
/// # Errors
/// When the program cannot be built.
///
/// # Panics
/// When the workload or the program cannot be read: a mistake of the project.
pub fn long_run(port: &'static dyn Port, rounds: u64) -> Result<LongRun, OracleError> {
    let toolchain = Toolchain::ALL[Toolchain::ALL.len() - 1];
    let build = GoBuild::linux(port.goarch(), workspace_root().join("tests/go/long"));
    let path = Go::find(toolchain)?.build(&build)?;
    let file = fs::read(&path).map_err(OracleError::io(format!("read {}", path.display())))?;
    let workload = workload(rounds);
    let request = Request::new(
        &workload,
        port,
        Epoch::by_name(toolchain.release()).expect("toolchains are named as epochs are"),
        CodeChoice::File(&file),
    );
    let word = port.word();
    let checker = Checker::new(Mode::AllPoints, u64::from(word.bytes)).with_barriers(Protocol::Hybrid, word);
    let look = |world: &World<'_, Checker>| {
        let checker = &world.core.shadow;
        let findings = checker.findings().into_iter().map(|finding| finding.message).collect();
        (checker.points(), checker.objects().len(), findings)
    };
    let places = probe_barriers(&request).expect("the program can be loaded").expect("it has barriers");
    let ran = run_marking(&request, &Mutation::default(), &places, checker, look);
    let (report, (points, objects, findings)) = ran.expect("the program can be run");
    Ok(LongRun { instructions: report.instructions, points, objects, findings, passed: report.passed })
}

fn workload(rounds: u64) -> Workload {
    let text = format!(
        "name = \"long\"\ncall = \"value-call\"\nfunc = \"func(rounds int) int\"\nargs = [{rounds}]\n\
         symbol = \"main.work\"\ncallee = \"return-args\"\n"
    );
    match Workload::parse(&Source::new("long.toml", text)) {
        Ok(workload) => workload,
        Err(errors) => panic!("{}", errors.render(Colour::Never)),
    }
}

/// The most memory that this process has had at any time, in bytes, as the system counts it.
///
/// # Panics
/// Where there is no `/proc`.
#[must_use]
pub fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("a system with /proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the line VmHWM");
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().expect("a number of kB");
    kibibytes << 10
}
