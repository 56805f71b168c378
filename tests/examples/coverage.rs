//! How much of the code of real Go programs rcsim lifts: a table.
//!
//! `cargo run --release -p rcsim-tests --example coverage [-- GOARCH...]`
//!
//! Counts the instructions that control reaches in the sample program, runtime and libraries included, for each port and
//! toolchain. Exceptions are listed by name: operations of CPU features that no guest can have (a program asks first),
//! operations that are lifted but refuse some values, and places that hold no instruction. Exits 1 when a guest may reach
//! anything that is not lifted.

use std::collections::BTreeMap;
use std::process::ExitCode;

use rcsim_tests::coverage::{Coverage, Occurrence};
use rcsim_tests::oracle::go::Toolchain;
use rcsim_uop::{Epoch, Port};

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted =
        |port: &&'static dyn Port| wanted.is_empty() || wanted.iter().any(|name| name == port.goarch());
    let mut complete = true;
    let mut exceptions = Vec::new();
    println!(
        "{:10} {:8} {:>9} {:>9} {:>8} {:>11} {:>9}",
        "port", "program", "reached", "lifted", "percent", "not offered", "micro-ops"
    );
    for port in rcsim_isa::ports().into_iter().filter(is_wanted) {
        if port.last_epoch() != Epoch::Go127 {
            println!("{:10} no toolchain at hand: the port ended with {}", port.goarch(), port.last_epoch());
            continue;
        }
        for toolchain in Toolchain::ALL {
            let coverage = Coverage::of(port, toolchain);
            complete &= coverage.gaps.is_empty();
            println!("{}", line(port.goarch(), toolchain, &coverage));
            exceptions
                .extend(exceptions_of(&format!("{:10} {:8}", port.goarch(), toolchain.release()), &coverage));
        }
    }
    println!("\nexceptions");
    for line in exceptions {
        println!("{line}");
    }
    ExitCode::from(u8::from(!complete))
}

fn line(goarch: &str, toolchain: Toolchain, coverage: &Coverage) -> String {
    format!(
        "{goarch:10} {:8} {:>9} {:>9} {:>8.3} {:>11} {:>9.3}",
        toolchain.release(),
        coverage.reached(),
        coverage.lifted,
        100.0 * coverage.lifted as f64 / coverage.reached().max(1) as f64,
        coverage.instructions() - coverage.reached(),
        coverage.ratio()
    )
}

/// A line for each kind of exception, with the names of the operations.
fn exceptions_of(name: &str, coverage: &Coverage) -> Vec<String> {
    let constants = &coverage.constants;
    let no_instruction =
        (!constants.is_empty()).then(|| format!("{name}  no instruction at {}", constants.join(", ")));
    let gaps = coverage.gaps.iter().map(|(operation, found)| {
        format!("{name}  NOT LIFTED: {operation}, {} times, first at {}", found.times, found.first)
    });
    let not_offered = named(&coverage.not_offered);
    let not_offered = not_offered.map(|(feature, names)| format!("{name}  no guest has {feature}: {names}"));
    let partial = named(&coverage.partial);
    let partial = partial.map(|(value, names)| format!("{name}  refuses another {value} than Go's: {names}"));
    gaps.chain(not_offered).chain(partial).chain(no_instruction).collect()
}

/// The operations of each feature, with how often they stand there.
fn named(
    operations: &BTreeMap<(&'static str, String), Occurrence>,
) -> impl Iterator<Item = (&'static str, String)> {
    let mut of_feature: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for ((feature, operation), found) in operations {
        of_feature.entry(feature).or_default().push(format!("{operation} {}", found.times));
    }
    of_feature.into_iter().map(|(feature, names)| (feature, names.join(", ")))
}
