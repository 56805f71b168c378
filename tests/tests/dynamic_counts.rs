//! rcsim executes exactly as many instructions between the entry of reflectcall and its return as qemu does.

use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::go::Toolchain;
use rcsim_tests::proof::counts;

/// Larger frames: `cargo run --release -p rcsim-tests --example dynamic_counts`.
const FRAMES: [&str; 4] = [
    "reflectcall: frame of 0 bytes",
    "reflectcall: frame of 64 bytes",
    "call: arguments fill a frame of 256 bytes",
    "call: arguments fill a frame of 1024 bytes",
];

fn equal(toolchain: Toolchain) {
    let described = ArchOracle::all();
    let mut different = Vec::new();
    for port in
        rcsim_isa::ports().into_iter().filter(|port| described.iter().any(|name| name == port.goarch()))
    {
        let counts = counts::both(toolchain, port, &FRAMES);
        println!("{toolchain} {:9} {counts:?}", port.goarch());
        if counts.iter().any(|(rcsim, qemu)| rcsim != qemu) {
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
