//! What rcsim says of Go as it is today, plain Go programs show with the real toolchains, without rcsim: `tests/go/evidence`.
//!
//! Here are those that show their defect every time. The other, `converted-result`, waits for a collection that comes at the wrong
//! moment; it is for people who want to see it happen.

use rcsim_tests::oracle::go::{Go, GoBuild, Toolchain};
use rcsim_tests::oracle::run::build_and_run;
use rcsim_tests::oracle::{require, workspace_root};

/// What the program finds in the word that should be zero: what it left on the stack before.
const MARK: &str = "0x5ca1ab1e";

#[test]
fn half_of_a_nil_interface_is_left_as_it_was() {
    let port = rcsim_isa::ports()[0];
    for toolchain in Toolchain::ALL {
        let go = require(Go::find(toolchain));
        let source = workspace_root().join("tests/go/evidence/half-written-nil");
        let output = require(build_and_run(&go, &GoBuild::linux(port.goarch(), source), &[]));
        assert!(output.stdout.contains(MARK), "{toolchain} printed: {}", output.stdout);
        assert_eq!(output.status.code(), Some(1), "{toolchain}");
    }
}

/// `workloads/bugs/s390x-block-in-assembler-register.toml`, beside a release and an architecture that are free of it.
#[test]
fn a_large_frame_ends_in_a_fault_where_the_assembler_overwrites_the_block() {
    let source = workspace_root().join("tests/go/evidence/large-frame");
    for (toolchain, goarch, faults) in [
        (Toolchain::Go1_27, "s390x", true),
        (Toolchain::Go1_19, "s390x", false),
        (Toolchain::Go1_27, "amd64", false),
    ] {
        let go = require(Go::find(toolchain));
        let output = require(build_and_run(&go, &GoBuild::linux(goarch, source.clone()), &[]));
        let all = format!("{}{}", output.stdout, output.stderr);
        assert_eq!(output.status.code(), Some(if faults { 2 } else { 0 }), "{toolchain} {goarch}: {all}");
        let sign = if faults { "runtime.reflectcallmove(" } else { "the sum is 42" };
        assert!(all.contains(sign), "{toolchain} {goarch}: {all}");
    }
}
