//! What rcsim says of Go as it is today, plain Go programs show with the real toolchains, without rcsim: `tests/go/evidence`.
//!
//! Here is the one that shows its defect every time. The other, `converted-result`, waits for a collection that comes at the wrong
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
