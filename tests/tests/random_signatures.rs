//! Functions of random types, compiled by a real toolchain and called through the trampolines of that very program, give
//! the right values back. A small fixed sample of what `examples/random_signatures.rs` does at length.

use rcsim_isa::ports;
use rcsim_tests::oracle::go::Toolchain;
use rcsim_tests::oracle::require;
use rcsim_tests::proof::random::{Tally, run};
use rcsim_uop::Epoch;

/// The seed of the sample; change it to look at others.
const SEED: u64 = 0xc1;

/// Signatures a toolchain and port.
const COUNT: u64 = 100;

fn sample(toolchain: Toolchain) {
    let epoch = Epoch::by_name(toolchain.release()).expect("toolchains are named as epochs are");
    for port in ports().into_iter().filter(|port| port.last_epoch() >= epoch) {
        let tally = require(run(toolchain, port, SEED, 0..COUNT));
        let wrong: Vec<String> =
            tally.wrong.iter().map(|(number, what)| format!("{number}: {what}")).collect();
        let label = format!("{toolchain} {}, seed {SEED:#x}", port.goarch());
        assert!(wrong.is_empty(), "{label}:\n{}", wrong.join("\n"));
        assert_varied(&label, &tally);
    }
}

/// A sample that only calls one way, or only small frames, would prove little.
fn assert_varied(label: &str, tally: &Tally) {
    assert_eq!(tally.signatures(), COUNT, "{label}");
    assert_eq!(tally.calls.len(), 3, "{label}: {:?}", tally.calls);
    assert!(tally.trampolines.len() >= 4, "{label}: {:?}", tally.trampolines);
    assert!(tally.moved > 0, "{label}: no stack has moved");
}

#[test]
fn of_go_1_19_give_the_right_values_back() {
    sample(Toolchain::Go1_19);
}

#[test]
fn of_go_1_27_give_the_right_values_back() {
    sample(Toolchain::Go1_27);
}
