//! Every instruction of real Go programs that control flow reaches can be lifted, in few micro-ops.
//!
//! `cargo run --release -p rcsim-tests --example coverage` prints the figures.

use rcsim_tests::coverage::Coverage;
use rcsim_tests::oracle::go::Toolchain;
use rcsim_uop::{Epoch, Port};

/// Most micro-ops for an instruction on average: more, and the set of micro-ops is too thin.
const MAX_RATIO: f64 = 1.4;

/// More places without an instruction, and the decoder misses instructions. Go's start-up code has a few.
const MAX_CONSTANTS: usize = 10;

#[test]
fn everything_that_is_reached_can_be_lifted_in_few_micro_ops() {
    let has_toolchain = |port: &&'static dyn Port| port.last_epoch() == Epoch::Go127;
    let mut failures = String::new();
    for port in rcsim_isa::ports().into_iter().filter(has_toolchain) {
        for toolchain in Toolchain::ALL {
            let coverage = Coverage::of(port, toolchain);
            let name = format!("{} {toolchain}", port.goarch());
            let (lifted, ratio) = (coverage.lifted, coverage.ratio());
            println!("{name}: {lifted} instructions, {ratio:.3} micro-ops each");
            assert!(lifted > 50_000, "{name}: only {lifted} instructions");
            let constants = &coverage.constants;
            assert!(constants.len() <= MAX_CONSTANTS, "{name}: no instruction at {constants:?}");
            if ratio > MAX_RATIO {
                failures += &format!("{name}: {ratio:.3} micro-ops for an instruction\n");
            }
            for (operation, found) in &coverage.gaps {
                failures += &format!("{name}: {operation} {} times, as in {}\n", found.times, found.first);
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}
