//! The scheduler alone, with caches and front end off, beside llvm-mca 19 on every straight piece of the trampolines and
//! stubs, for each core that both have.

use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::require;
use rcsim_tests::timing::cores;
use rcsim_tests::timing::mca::{llvm_cycles, own_cycles, pieces};

/// The median difference that is allowed.
const MOST_MEDIAN: f64 = 0.05;

#[test]
fn the_median_piece_takes_what_llvm_says() {
    let mut report = String::new();
    let mut bad = Vec::new();
    for core in cores().into_iter().filter(|core| core.llvm.is_some()) {
        let cpu = core.llvm.as_deref().expect("it was chosen by it");
        let port = rcsim_isa::port(&core.archs[0]).expect("a port");
        let arch = require(ArchOracle::load(port.goarch()));
        let (pieces, isa) = pieces(port);
        let theirs = require(llvm_cycles(&pieces, &arch, cpu));
        assert_eq!(theirs.len(), pieces.len(), "llvm-mca understands every piece on {cpu}");
        let mut differences = Vec::new();
        for (piece, theirs) in pieces.iter().zip(theirs) {
            let ours = own_cycles(piece, &isa, &core);
            let difference = ours / theirs - 1.0;
            differences.push(difference.abs());
            if difference.abs() > MOST_MEDIAN {
                report += &format!(
                    "{:<14} {:<32} {ours:>7.2} here {theirs:>7.2} by LLVM {:>+6.0} %\n",
                    core.name,
                    piece.name,
                    100.0 * difference
                );
            }
        }
        differences.sort_by(f64::total_cmp);
        let median = differences[differences.len() / 2];
        println!("{:<14} {} pieces, median difference {:.1} %", core.name, pieces.len(), 100.0 * median);
        if median > MOST_MEDIAN {
            bad.push(format!("{}: {:.1} %", core.name, 100.0 * median));
        }
    }
    println!("{report}");
    assert!(bad.is_empty(), "{}\n{report}", bad.join(", "));
}
