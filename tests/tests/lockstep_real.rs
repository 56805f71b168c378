//! The simulator does what qemu does, register by register, instruction by instruction, on real Go programs.
//!
//! A sample; `cargo run --release -p rcsim-tests --example lockstep` compares whole programs.

use rcsim_tests::beside_qemu::{agrees, attempts, described, ports};
use rcsim_tests::oracle::go::Toolchain;

/// Instructions compared from each starting point.
const STEPS: u64 = 6_000;
/// A comparison that ends earlier has proven little.
const LEAST_STEPS: u64 = 1_000;

fn agree_from(symbol: &str) {
    let ports = ports();
    assert!(!ports.is_empty(), "no port can be compared");
    for (port, arch) in ports {
        for toolchain in Toolchain::ALL {
            let name = format!("{} {toolchain} from {symbol}", port.goarch());
            let reports = attempts(port, &arch, toolchain, Some(symbol), STEPS);
            let last = reports.last().expect("there is an attempt");
            println!("{name}: {} steps agree, attempt {}", last.steps, reports.len());
            let failures: Vec<String> = reports.iter().map(described).collect();
            assert!(agrees(last) && last.steps >= LEAST_STEPS, "{name}:\n{}", failures.join("\n"));
        }
    }
}

#[test]
fn when_the_runtime_starts() {
    agree_from("runtime.main");
}

#[test]
fn when_reflect_calls_a_function_with_all_kinds_of_arguments() {
    agree_from("main.callMixed");
}

#[test]
fn when_reflect_calls_with_a_large_frame() {
    agree_from("main.callLarge");
}

#[test]
fn when_a_made_function_is_called() {
    agree_from("main.makeFunc");
}

#[test]
fn when_method_values_are_called() {
    agree_from("main.methodValues");
}

#[test]
fn when_maps_and_text_are_worked_on() {
    agree_from("main.mapsAndText");
}
