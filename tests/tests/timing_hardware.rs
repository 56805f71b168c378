//! Bare `reflectcall` on this machine and on the model of its core, with both toolchains.
//!
//! The core's costs of string instructions were measured on their own; nothing was fitted to whole calls. On a machine
//! whose core has no file there is nothing to compare, and the tests say so.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rcsim_go::run::CodeChoice;
use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::{require, run, workspace_root};
use rcsim_tests::timing::calls::{repeated, workload};
use rcsim_tests::timing::cores;
use rcsim_timing::Core;
use rcsim_uop::Epoch;

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

/// The core of this machine: its file names the processor as the kernel does.
fn own_core() -> Option<Arc<Core>> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let field = |name: &str| {
        let line = text.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name))?;
        Some(line.split(':').nth(1)?.trim().to_owned())
    };
    let own = format!("{} {} {}", field("vendor_id")?, field("cpu family")?, field("model")?);
    cores().into_iter().find(|core| core.host.contains(&own))
}

struct Row {
    name: String,
    measured: f64,
    modelled: f64,
}

impl Row {
    fn error(&self) -> f64 {
        self.modelled / self.measured - 1.0
    }
}

fn rows(toolchain: Toolchain, core: &Arc<Core>, frames: &[(u32, u32)]) -> Vec<Row> {
    let go = require(Go::find(toolchain));
    let goarch = &core.archs[0];
    let mut build = GoBuild::linux(goarch, workspace_root().join("tests").join("go").join("cycles"));
    // The program calls the runtime's own function.
    build.ldflags = (toolchain == Toolchain::Go1_27).then(|| "-checklinkname=0".to_owned());
    let program = require(go.build(&build));
    let arguments: Vec<String> = frames.iter().map(|(bytes, results)| format!("{bytes}:{results}")).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let output = require(run::run(&go, &build, &program, &arguments, run::Limits::default()));
    let text = require(output.success("measuring"));
    let measured = text.lines().filter_map(|line| line.split_once('\t')?.1.parse::<f64>().ok());
    let rows = frames.iter().zip(measured).map(|(frame, measured)| Row {
        name: format!("{} {:?}", toolchain.release(), frame),
        measured,
        modelled: modelled(&program, toolchain, core, *frame),
    });
    rows.collect()
}

fn modelled(program: &Path, toolchain: Toolchain, core: &Arc<Core>, (bytes, results): (u32, u32)) -> f64 {
    let text = format!(
        "name = \"bare\"\ncall = \"reflectcall\"\nframe-bytes = {bytes}\nret-offset = {}\ncallee = \"drop-args\"\nsymbol = \"main.empty\"\n",
        bytes - results
    );
    let port = rcsim_isa::port(&core.archs[0]).expect("the core's file was checked");
    let epoch = match toolchain {
        Toolchain::Go1_19 => Epoch::Go119,
        Toolchain::Go1_27 => Epoch::Go127,
    };
    let image = fs::read(program).expect("it was built");
    let (_, outcome) = repeated(&workload(&text), port, epoch, CodeChoice::File(&image), core, CALLS);
    outcome.cycles as f64
}

fn compare(frames: &[(u32, u32)], what: &str) {
    let Some(core) = own_core() else {
        println!("no core file names this machine's processor: nothing is measured");
        return;
    };
    let rows: Vec<Row> =
        Toolchain::ALL.into_iter().flat_map(|toolchain| rows(toolchain, &core, frames)).collect();
    assert_eq!(rows.len(), 2 * frames.len(), "every frame was measured");
    println!("{what}: cycles of one call on {}, frame as (bytes, of them results)", core.name);
    for row in &rows {
        println!(
            "{:<24} {:>8.1} measured {:>8.1} modelled {:>+6.1} %",
            row.name,
            row.measured,
            row.modelled,
            100.0 * row.error()
        );
    }
    let mean = rows.iter().map(|row| row.error().abs()).sum::<f64>() / rows.len() as f64;
    println!("mean absolute error {:.1} %", 100.0 * mean);
    assert!(mean <= MOST_ERROR, "mean absolute error {:.1} %", 100.0 * mean);
}

#[test]
fn usual_frames_take_what_they_take_here() {
    compare(&USUAL, "usual frames");
}

#[test]
fn other_frames_take_what_they_take_here() {
    compare(&OTHERS, "other frames");
}
