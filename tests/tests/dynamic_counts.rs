//! rcsim executes exactly as many instructions between the entry of reflectcall and its return as qemu does.

use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::go::Toolchain;
use rcsim_tests::oracle::require;
use rcsim_tests::proof::{GoProgram, Variant, all_workloads, counts, judge};
use rcsim_uop::Port;
use rcsim_workloads::Workload;

/// The first call grows the goroutine's stack for all others; it is not compared. The larger frames have no results:
/// `memmove` copies those in the direction that suits the addresses, and rcsim's stack lies elsewhere.
const NAMES: [&str; 5] = [
    "call: arguments fill a frame of 16384 bytes",
    "reflectcall: frame of 0 bytes",
    "reflectcall: frame of 64 bytes",
    "call: arguments fill a frame of 256 bytes",
    "call: arguments fill a frame of 1024 bytes",
];

/// `memmove` asks which of its addresses is higher, even to move nothing, and takes so many instructions more in one of the
/// cases; the addresses of a stack are rcsim's own. A frame of 0 bytes has no addresses.
const DIRECTION: u64 = 2;

fn workloads() -> Vec<Workload> {
    let all = all_workloads();
    let named = |name: &&str| all.iter().find(|workload| workload.name.value == **name).cloned();
    NAMES.iter().map(|name| named(name).unwrap_or_else(|| panic!("no workload {name:?}"))).collect()
}

/// Instructions of the frames of a port: rcsim's and qemu's.
fn both(toolchain: Toolchain, port: &'static dyn Port) -> Vec<(u64, u64)> {
    let workloads = workloads();
    let program = require(GoProgram::build(toolchain, port, Variant::Plain, &workloads));
    let qemu = require(counts::reflectcalls(&program, 1..workloads.len()));
    let executed = |workload: &Workload| {
        let judgement = judge(&program, workload);
        let report = judgement.report().expect("the workload runs");
        report.phases.iter().map(|(_, count)| count.instructions).sum()
    };
    workloads.iter().skip(1).map(executed).zip(qemu).collect()
}

fn equal(toolchain: Toolchain) {
    let described = ArchOracle::all();
    let mut different = Vec::new();
    for port in
        rcsim_isa::ports().into_iter().filter(|port| described.iter().any(|name| name == port.goarch()))
    {
        let counts = both(toolchain, port);
        println!("{toolchain} {:9} {counts:?}", port.goarch());
        let differs = |(n, (rcsim, qemu)): (usize, &(u64, u64))| {
            rcsim.abs_diff(*qemu) > if n == 0 { 0 } else { DIRECTION }
        };
        if counts.iter().enumerate().any(differs) {
            different.push(format!("{toolchain} {}: (rcsim, qemu) {counts:?}", port.goarch()));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn of_a_release_with_stack_arguments_and_registers() {
    equal(Toolchain::Go1_19);
}

#[test]
fn of_the_newest_release() {
    equal(Toolchain::Go1_27);
}
