//! `Value.Call`, made functions and method values from end to end: on this machine, and on the model of its core, which follows
//! the same program from the middle of its work on, all code of Go included.
//!
//! Nothing was fitted to these calls. On a machine whose core has no file there is nothing to compare, and the test says so.

use std::sync::Arc;

use rcsim_tests::beside_qemu::without_monitor;
use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::go::Toolchain;
use rcsim_tests::oracle::require;
use rcsim_tests::timing::cycles::Program;
use rcsim_tests::timing::own_core;
use rcsim_tests::timing::score::{Row, mean_error, rank_correlation};
use rcsim_tests::timing::takeover::Takeover;
use rcsim_timing::Core;

/// Calls that are followed; those of the second half count.
const CALLS: u32 = 12;
/// Calls before those. Now and then Go asks the system for memory, which nobody models; then it is tried with the next.
const BEFORE: [u32; 6] = [300, 317, 341, 379, 411, 450];
/// The mean absolute error that the model may have; a busy machine measures too much.
const MOST_ERROR: f64 = 0.18;
/// How often it is measured before that counts against the model: what else a machine does comes and goes.
const ATTEMPTS: u32 = 3;
/// How well the order of the calls must fit; many of them are alike.
const LEAST_RANKS: f64 = 0.92;

fn rows(toolchain: Toolchain, core: &Arc<Core>) -> Vec<Row> {
    let port = rcsim_isa::port(&core.archs[0]).expect("the core's file was checked");
    let arch = require(ArchOracle::load(port.goarch()));
    let program = Program::build(toolchain, port.goarch());
    let mark = program.address("main.mark");
    // A program that stands still for long is asked to yield otherwise.
    let calm = without_monitor(&program.path);
    let row = |(name, measured): (String, f64)| {
        let taken = BEFORE.iter().map(|before| {
            let arguments = ["follow", &name, &before.to_string()];
            Takeover::new(port, &arch, &calm, &arguments, mark, CALLS)
        });
        let mut refused = Vec::new();
        let taken = taken.filter_map(|taken| taken.map_err(|error| refused.push(error)).ok()).next();
        let taken = taken.unwrap_or_else(|| panic!("{name}: {refused:?}"));
        let mut cycles = taken.cycles(core).split_off(CALLS as usize / 2);
        cycles.sort_unstable();
        Row {
            name: format!("{} {name}", toolchain.release()),
            measured,
            modelled: cycles[cycles.len() / 2] as f64,
            llvm: None,
        }
    };
    program.measured(&["calls".to_owned()]).into_iter().map(row).collect()
}

#[test]
fn whole_calls_take_what_they_take_here() {
    let Some(core) = own_core() else {
        println!("no core file names this machine's processor: nothing is measured");
        return;
    };
    let fits = (0..ATTEMPTS).any(|_| {
        let rows: Vec<Row> =
            Toolchain::ALL.into_iter().flat_map(|toolchain| rows(toolchain, &core)).collect();
        assert!(rows.len() > 20, "{} calls", rows.len());
        println!("cycles of one call on {}", core.name);
        for row in &rows {
            println!("{}", row.line());
        }
        let (mean, ranks) = (mean_error(&rows), rank_correlation(&rows));
        println!("mean absolute error {:.1} %, rank correlation {ranks:.3}", 100.0 * mean);
        mean <= MOST_ERROR && ranks >= LEAST_RANKS
    });
    assert!(fits, "each time the error was over {MOST_ERROR} or the rank correlation under {LEAST_RANKS}");
}
