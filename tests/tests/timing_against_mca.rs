//! The scheduler alone, with caches and front end off, beside llvm-mca 19 on every straight piece of the trampolines and
//! stubs, for each core that both have: cycles of one round among many. `sim/timing/CYCLES.md` explains each difference; that the
//! explanations are all of it, cores with LLVM's conventions show.

use std::sync::Arc;

use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::require;
use rcsim_tests::timing::conventions::{self, Supposed};
use rcsim_tests::timing::cores;
use rcsim_tests::timing::mca::{Piece, assembly, llvm_cycles, own_cycles, pieces};
use rcsim_timing::Core;
use rcsim_uop::Isa;

/// The median difference that is allowed, for cores as they are stated, and for all with LLVM's conventions.
const MOST_MEDIAN: f64 = 0.05;
/// Cores with a larger median difference, which the page explains.
const EXPLAINED: [(&str, f64); 4] =
    [("bonnell", 0.25), ("cortex-a53", 0.30), ("cortex-a72", 0.15), ("power9", 0.25)];
/// Rounds after which every piece goes on as before.
const ROUNDS: u32 = 100;

/// Every piece for a core, and what is needed to run and to spell them.
struct Pieces<'a> {
    all: Vec<Piece>,
    isa: Arc<dyn Isa>,
    texts: Vec<String>,
    arch: ArchOracle,
    cpu: &'a str,
}

impl<'a> Pieces<'a> {
    fn of(core: &Core, cpu: &'a str) -> Self {
        let port = rcsim_isa::port(&core.archs[0]).expect("a port");
        let arch = require(ArchOracle::load(port.goarch()));
        let (all, isa) = pieces(port, core);
        let texts = all.iter().map(|piece| require(assembly(&piece.bytes, &arch, cpu))).collect();
        Self { all, isa, texts, arch, cpu }
    }

    /// Cycles of a round of each by llvm-mca.
    fn theirs(&self, respelled: fn(&str) -> String) -> Vec<f64> {
        let spelled = |text: &String| text.lines().map(|line| respelled(line) + "\n").collect();
        let texts: Vec<String> = self.texts.iter().map(spelled).collect();
        let cycles = |rounds| require(llvm_cycles(&texts, &self.arch, self.cpu, rounds));
        let (once, often) = (cycles(1), cycles(1 + ROUNDS));
        assert_eq!(often.len(), texts.len(), "llvm-mca understands every piece on {}", self.cpu);
        once.iter().zip(&often).map(|(once, often)| round(*once, *often)).collect()
    }

    /// The same by this project's model.
    fn ours(&self, supposed: &Supposed) -> Vec<f64> {
        let core = Arc::new(supposed.core.clone());
        let cycles = |piece: &Piece, rounds| own_cycles(piece, &self.isa, &core, supposed.parts, rounds);
        self.all.iter().map(|piece| round(cycles(piece, 1), cycles(piece, 1 + ROUNDS))).collect()
    }

    /// One line for each piece that differs much.
    fn large(&self, core: &Core, ours: &[f64], theirs: &[f64]) -> String {
        let line = |((piece, ours), theirs): ((&Piece, &f64), &f64)| {
            let difference = difference((ours, theirs));
            (difference.abs() > MOST_MEDIAN).then(|| {
                format!(
                    "{:<14} {:<32} {ours:>7.2} here {theirs:>7.2} by LLVM {:>+6.0} %\n",
                    core.name,
                    piece.name,
                    100.0 * difference
                )
            })
        };
        self.all.iter().zip(ours).zip(theirs).filter_map(line).collect()
    }
}

fn round(once: f64, often: f64) -> f64 {
    (often - once) / f64::from(ROUNDS)
}

fn difference((ours, theirs): (&f64, &f64)) -> f64 {
    ours / theirs - 1.0
}

fn median_difference(ours: &[f64], theirs: &[f64]) -> f64 {
    let mut values: Vec<f64> = ours.iter().zip(theirs).map(|pair| difference(pair).abs()).collect();
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len().is_multiple_of(2) { (values[half - 1] + values[half]) / 2.0 } else { values[half] }
}

#[test]
fn the_median_piece_takes_what_llvm_says() {
    let (mut report, mut bad) = (String::new(), Vec::new());
    for core in cores() {
        let Some(cpu) = core.llvm.as_deref() else { continue };
        let pieces = Pieces::of(&core, cpu);
        let mut supposed = Supposed::stated(&core);
        let mut theirs = pieces.theirs(supposed.respelled);
        let ours = pieces.ours(&supposed);
        let mut median = median_difference(&ours, &theirs);
        println!("{:<14} {} pieces, median difference {:.1} %", core.name, ours.len(), 100.0 * median);
        report += &pieces.large(&core, &ours, &theirs);
        let known = EXPLAINED.iter().find(|(name, _)| *name == core.name);
        if median > known.map_or(MOST_MEDIAN, |(_, most)| *most) {
            bad.push(format!("{}: {:.1} %", core.name, 100.0 * median));
        }
        for convention in conventions::of(&core.name) {
            let before = supposed.respelled;
            supposed.suppose(convention);
            if !std::ptr::fn_addr_eq(before, supposed.respelled) {
                theirs = pieces.theirs(supposed.respelled);
            }
            median = median_difference(&pieces.ours(&supposed), &theirs);
            println!("{:<14} {:>5.1} % with: {}", "", 100.0 * median, convention.what);
        }
        if median > MOST_MEDIAN {
            bad.push(format!("{} with LLVM's conventions: {:.1} %", core.name, 100.0 * median));
        }
    }
    println!("{report}");
    assert!(bad.is_empty(), "{}\n{report}", bad.join(", "));
}
