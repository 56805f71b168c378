//! Bare `reflectcall` on this machine and on the model of its core, with both toolchains.
//!
//! llvm-mca stands beside both, on the very instructions that the call executes: it has no caches, no prediction, and string
//! instructions are one of their elements to it. The core's costs of string instructions were measured on their own; nothing was fitted to whole calls. On a machine
//! whose core has no file there is nothing to compare, and the tests say so.

use std::fs;
use std::sync::Arc;

use rcsim_go::run::CodeChoice;
use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::go::Toolchain;
use rcsim_tests::oracle::require;
use rcsim_tests::timing::calls::{executed, repeated, workload};
use rcsim_tests::timing::mca::{assembly, llvm_cycles};
use rcsim_tests::timing::score::{Row, llvm_mean_error, mean_error, rank_correlation};
use rcsim_tests::timing::{cycles, own_core};
use rcsim_timing::Core;
use rcsim_workloads::Workload;

/// Frames, as bytes and bytes of results: those that calls of this kind are usually reported for, and others.
const USUAL: [(u32, u32); 9] =
    [(0, 0), (16, 0), (64, 0), (256, 0), (1024, 0), (4096, 0), (16384, 0), (32768, 0), (65536, 0)];
const OTHERS: [(u32, u32); 10] = [
    (8, 0),
    (32, 0),
    (128, 0),
    (512, 0),
    (2048, 0),
    (8192, 0),
    (49152, 0),
    (64, 32),
    (1024, 512),
    (8192, 4096),
];
/// Calls until nothing changes any more.
const CALLS: u32 = 8;
/// The mean absolute error that the model may have. It has about half of that; a busy machine measures too much.
const MOST_ERROR: f64 = 0.20;
/// How often it is measured before that counts against the model: what else a machine does comes and goes.
const ATTEMPTS: u32 = 3;
/// The order of the frames is that of their cycles.
const LEAST_RANKS: f64 = 0.9;
/// Rounds of llvm-mca after which nothing changes any more.
const LLVM_ROUNDS: u32 = 50;

fn rows(toolchain: Toolchain, core: &Arc<Core>, frames: &[(u32, u32)]) -> Vec<Row> {
    let program = cycles::Program::build(toolchain, &core.archs[0]);
    let arguments: Vec<String> = frames.iter().map(|(bytes, results)| format!("{bytes}:{results}")).collect();
    let measured = program.measured(&arguments);
    let image = fs::read(&program.path).expect("it was built");
    let port = rcsim_isa::port(&core.archs[0]).expect("the core's file was checked");
    let (epoch, code) = (program.epoch(), CodeChoice::File(&image));
    let workloads: Vec<Workload> = frames.iter().map(|frame| bare(*frame)).collect();
    let codes: Vec<Vec<u8>> = workloads.iter().map(|one| executed(one, port, epoch, code)).collect();
    let llvm = core.llvm.as_ref().map(|cpu| {
        let arch = require(ArchOracle::load(port.goarch()));
        let texts: Vec<String> = codes.iter().map(|code| require(assembly(code, &arch, cpu))).collect();
        let cycles = |rounds| require(llvm_cycles(&texts, &arch, cpu, rounds));
        let (once, often) = (cycles(1), cycles(1 + LLVM_ROUNDS));
        let rounds = f64::from(LLVM_ROUNDS);
        once.iter().zip(often).map(|(once, often)| (often - once) / rounds).collect::<Vec<f64>>()
    });
    let row = |(n, frame): (usize, &(u32, u32))| Row {
        name: format!("{} {:?}", toolchain.release(), frame),
        measured: measured[n].1,
        modelled: repeated(&workloads[n], port, epoch, code, core, CALLS).1.cycles as f64,
        llvm: llvm.as_ref().and_then(|llvm| llvm.get(n).copied()),
    };
    frames.iter().enumerate().map(row).collect()
}

/// The call as a workload.
fn bare((bytes, results): (u32, u32)) -> Workload {
    let text = format!(
        "name = \"bare\"\ncall = \"reflectcall\"\nframe-bytes = {bytes}\nret-offset = {}\ncallee = \"drop-args\"\nsymbol = \"main.empty\"\n",
        bytes - results
    );
    workload(&text)
}

fn compare(frames: &[(u32, u32)], what: &str) {
    let Some(core) = own_core() else {
        println!("no core file names this machine's processor: nothing is measured");
        return;
    };
    let fits = (0..ATTEMPTS).any(|_| {
        let rows: Vec<Row> =
            Toolchain::ALL.into_iter().flat_map(|toolchain| rows(toolchain, &core, frames)).collect();
        assert_eq!(rows.len(), 2 * frames.len(), "every frame was measured");
        println!("{what}: cycles of one call on {}, frame as (bytes, of them results)", core.name);
        for row in &rows {
            println!("{}", row.line());
        }
        let (mean, ranks) = (mean_error(&rows), rank_correlation(&rows));
        println!("mean absolute error {:.1} %, rank correlation {ranks:.3}", 100.0 * mean);
        println!("mean absolute error of llvm-mca {:.1} %", 100.0 * llvm_mean_error(&rows));
        mean <= MOST_ERROR && ranks >= LEAST_RANKS
    });
    assert!(fits, "each time the error was over {MOST_ERROR} or the rank correlation under {LEAST_RANKS}");
}

#[test]
fn usual_frames_take_what_they_take_here() {
    compare(&USUAL, "usual frames");
}

#[test]
fn other_frames_take_what_they_take_here() {
    compare(&OTHERS, "other frames");
}
