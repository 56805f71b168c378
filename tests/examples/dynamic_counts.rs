//! How many instructions a reflectcall executes, from its entry to its return, in rcsim and in qemu: a table.
//!
//! `cargo run --release -p rcsim-tests --example dynamic_counts [-- GOARCH...]`
//!
//! For each port and toolchain, with frames of several sizes. A cell with one number stands for both; exits 1 when one has
//! two.

use std::process::ExitCode;

use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::go::Toolchain;
use rcsim_tests::proof::counts;
use rcsim_uop::Port;

const FRAMES: [&str; 5] = [
    "reflectcall: frame of 0 bytes",
    "reflectcall: frame of 64 bytes",
    "call: arguments fill a frame of 256 bytes",
    "call: arguments fill a frame of 1024 bytes",
    "call: arguments fill a frame of 16384 bytes",
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let described = ArchOracle::all();
    let is_wanted = |port: &&'static dyn Port| {
        let goarch = port.goarch();
        let named = wanted.is_empty() || wanted.iter().any(|name| name == goarch);
        named && described.iter().any(|name| name == goarch)
    };
    let (mut equal, mut all) = (0, 0);
    println!(
        "{:10} {:8} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "port", "program", "0", "64", "256", "1024", "16384"
    );
    for port in rcsim_isa::ports().into_iter().filter(is_wanted) {
        for toolchain in Toolchain::ALL {
            let counts = counts::both(toolchain, port, &FRAMES);
            all += counts.len();
            equal += counts.iter().filter(|(rcsim, qemu)| rcsim == qemu).count();
            let cells: Vec<String> = counts.into_iter().map(cell).collect();
            println!("{:10} {:8} {}", port.goarch(), toolchain.release(), cells.join(" "));
        }
    }
    println!("{equal} of {all} equal");
    ExitCode::from(u8::from(equal != all))
}

fn cell((rcsim, qemu): (u64, u64)) -> String {
    if rcsim == qemu { format!("{rcsim:>8}") } else { format!("{rcsim}, qemu {qemu}") }
}
