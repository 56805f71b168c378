//! The scheduler alone, with caches and front end off, beside llvm-mca 19 on every straight piece of the trampolines and
//! stubs, for each core that both have: cycles of one round among many. `sim/timing/CYCLES.md` explains each difference.

use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::require;
use rcsim_tests::timing::cores;
use rcsim_tests::timing::mca::{Piece, llvm_cycles, own_cycles, pieces};

/// The median difference that is allowed.
const MOST_MEDIAN: f64 = 0.05;
/// Cores with a larger median difference, which the page explains.
const EXPLAINED: [(&str, f64); 3] = [("bonnell", 0.25), ("cortex-a53", 0.30), ("power9", 0.25)];
/// Rounds after which every piece goes on as before.
const ROUNDS: u32 = 100;

struct Compared {
    piece: Piece,
    ours: f64,
    theirs: f64,
}

impl Compared {
    fn difference(&self) -> f64 {
        self.ours / self.theirs - 1.0
    }
}

fn compared(core: &std::sync::Arc<rcsim_timing::Core>, cpu: &str) -> Vec<Compared> {
    let port = rcsim_isa::port(&core.archs[0]).expect("a port");
    let arch = require(ArchOracle::load(port.goarch()));
    let (pieces, isa) = pieces(port, core);
    let theirs = [1, 1 + ROUNDS].map(|rounds| require(llvm_cycles(&pieces, &arch, cpu, rounds)));
    assert_eq!(theirs[1].len(), pieces.len(), "llvm-mca understands every piece on {cpu}");
    let round = |once: f64, often: f64| (often - once) / f64::from(ROUNDS);
    let all = pieces.into_iter().enumerate().map(|(n, piece)| {
        let ours = [1, 1 + ROUNDS].map(|rounds| own_cycles(&piece, &isa, core, rounds));
        Compared { piece, ours: round(ours[0], ours[1]), theirs: round(theirs[0][n], theirs[1][n]) }
    });
    all.collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len().is_multiple_of(2) { (values[half - 1] + values[half]) / 2.0 } else { values[half] }
}

#[test]
fn the_median_piece_takes_what_llvm_says() {
    let (mut report, mut bad) = (String::new(), Vec::new());
    for core in cores() {
        let Some(cpu) = core.llvm.as_deref() else { continue };
        let rows = compared(&core, cpu);
        for row in rows.iter().filter(|row| row.difference().abs() > MOST_MEDIAN) {
            report += &format!(
                "{:<14} {:<32} {:>7.2} here {:>7.2} by LLVM {:>+6.0} %\n",
                core.name,
                row.piece.name,
                row.ours,
                row.theirs,
                100.0 * row.difference()
            );
        }
        let median = median(rows.iter().map(|row| row.difference().abs()).collect());
        println!("{:<14} {} pieces, median difference {:.1} %", core.name, rows.len(), 100.0 * median);
        let known = EXPLAINED.iter().find(|(name, _)| *name == core.name);
        if median > known.map_or(MOST_MEDIAN, |(_, most)| *most) {
            bad.push(format!("{}: {:.1} %", core.name, 100.0 * median));
        }
    }
    println!("{report}");
    assert!(bad.is_empty(), "{}\n{report}", bad.join(", "));
}
