//! Workloads run twice: by a real Go program on the machine it was built for, and by rcsim on the code of that program.
//!
//! Owns the Go program made from workloads ([`program::GoProgram`]), rcsim's runs on its binary ([`judge`]), and the list
//! of differences. Start reading at [`differences`].

pub mod check;
pub mod counts;
pub mod judge;
pub mod program;
pub mod random;

use std::path::PathBuf;
use std::sync::Arc;

use rcsim_diag::{Colour, Source};
use rcsim_go::places::Places;
use rcsim_go::services::absent_in;
use rcsim_go::world::ServiceAddresses;
use rcsim_uop::{Epoch, Port};
use rcsim_workloads::defects::{self, Defects};
use rcsim_workloads::{Call, Workload};

use crate::oracle::go::Toolchain;
use crate::oracle::workspace_root;

pub use check::checked;
pub use judge::{Judgement, judge, judge_arranged};
pub use program::{GoProgram, Variant};

/// Every workload of the project, in order of file name, the quickstart last.
///
/// # Panics
/// When a file cannot be read or is wrong; the tests of the workloads say more.
pub fn all_workloads() -> Vec<Workload> {
    let folder = workspace_root().join("workloads");
    let entries = std::fs::read_dir(folder.join("abi")).expect("the folder of the workloads");
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry of the folder").path()).collect();
    paths.sort();
    paths.push(folder.join("quickstart.toml"));
    paths.iter().map(|path| read(path)).collect()
}

/// Those whose call the runtime of the toolchain makes.
///
/// # Panics
/// As [`all_workloads`].
pub fn workloads_of(toolchain: Toolchain) -> Vec<Workload> {
    let epoch = Epoch::by_name(toolchain.release()).expect("toolchains are named as epochs are");
    let is_made = |workload: &Workload| match workload.call {
        Call::Runtime(caller) => absent_in(caller, epoch).is_none(),
        _ => true,
    };
    // A program cannot have more reserved than the call takes.
    let all = all_workloads().into_iter().filter(|workload| workload.reserve_bytes.is_none());
    all.filter(is_made).collect()
}

/// Where no function that `reflect` calls comes back to its caller.
const LOST: [(Epoch, &str); 2] = [
    // A line of the macro ended too early: the trampolines have no end (Go's commit a6a30fefd9).
    (Epoch::Y2014, "arm"),
    // A trampoline's tail cleared the stack pointer: the assembler took the store of a zero for a move of it to the base
    // register (Go's commit f0be3cc547).
    (Epoch::Y2020, "riscv64"),
];

/// Whether no function that `reflect` calls comes back to its caller, by a defect of the port in that epoch.
#[must_use]
pub fn is_lost(port: &dyn Port, epoch: Epoch) -> bool {
    LOST.contains(&(epoch, port.goarch()))
}

/// Whether rcsim assembles the machinery of a port in an epoch.
#[must_use]
pub fn is_built_in(port: &'static dyn Port, epoch: Epoch) -> bool {
    let existed = (port.first_epoch()..=port.last_epoch()).contains(&epoch);
    let mut services = ServiceAddresses::new(port);
    existed && port.builtin(epoch, Places::of(port).code, &mut services).is_ok()
}

fn source(path: &std::path::Path) -> Arc<Source> {
    let text = std::fs::read_to_string(path).expect("a workload is a text file");
    let name = path.strip_prefix(workspace_root()).unwrap_or(path).display().to_string();
    Source::new(name, text)
}

/// The defects of the machinery itself, which show in every workload that gets there.
///
/// # Panics
/// When their list cannot be read or is wrong.
#[must_use]
pub fn known_defects() -> Defects {
    match Defects::parse(&source(&workspace_root().join("workloads").join(defects::FILE_NAME))) {
        Ok(defects) => defects,
        Err(errors) => panic!("{}", errors.render(Colour::Never)),
    }
}

fn read(path: &std::path::Path) -> Workload {
    match Workload::parse(&source(path)) {
        Ok(workload) => workload,
        Err(errors) => panic!("{}", errors.render(Colour::Never)),
    }
}

/// Every workload that rcsim, on the program's code, does not end as `lines` say, which the program printed: one text a
/// workload.
pub fn differences(program: &GoProgram, workloads: &[Workload], lines: &[String]) -> Vec<String> {
    assert_eq!(lines.len(), workloads.len(), "a line a workload");
    let both = workloads.iter().zip(lines);
    both.filter_map(|(workload, line)| {
        let judgement = judge(program, workload);
        judgement.difference(line).map(|what| format!("{} {}: {what}", program.label(), workload.name.value))
    })
    .collect()
}
