//! The scheduler alone, with caches and front end off, beside llvm-mca 19 on every straight piece of the trampolines and
//! stubs, for each core that both have: cycles of one round among many. `sim/timing/CYCLES.md` explains each difference.

use rcsim_tests::oracle::arch::ArchOracle;
use rcsim_tests::oracle::require;
use rcsim_tests::timing::cores;
use rcsim_tests::timing::mca::{Piece, llvm_cycles, own_cycles, pieces};
use rcsim_timing::core_file::OpCost;
use rcsim_timing::{Core, OpClass, Parts};

/// The median difference that is allowed.
const MOST_MEDIAN: f64 = 0.05;
/// Cores with a larger median difference, which the page explains.
const EXPLAINED: [(&str, f64); 3] = [("bonnell", 0.25), ("cortex-a53", 0.30), ("power9", 0.25)];
/// Those of them that agree as soon as they have LLVM's figures.
const EQUALISED: [&str; 2] = ["bonnell", "cortex-a53"];
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

/// A core with what LLVM says where the two differ.
fn with_llvms_figures(core: &Core) -> (Core, Parts) {
    let (mut core, mut parts) = (core.clone(), Parts::SCHEDULER);
    let cost = |core: &mut Core, class: OpClass, change: &dyn Fn(&mut OpCost)| {
        change(&mut core.costs[class.index()]);
    };
    match core.name.as_str() {
        "cortex-a53" => {
            // Stores wait for their data, a new base counts as an instruction's first result, and results are written in order.
            core.window.late_data = 0;
            parts.ordered_results = true;
            for class in [OpClass::StoreAddress, OpClass::StorePairAddress] {
                cost(&mut core, class, &|cost| cost.latency = 4);
            }
            cost(&mut core, OpClass::AddressUpdate, &|cost| {
                (cost.latency, cost.slots, cost.ports) = (0, 1, 0)
            });
            cost(&mut core, OpClass::LoadPair, &|cost| cost.slots = 2);
        }
        "bonnell" => {
            // Everything takes one cycle, loads included, and no operand is needed late.
            (core.window.late_operands, core.window.late_data) = (0, 0);
            for class in OpClass::ALL
                .iter()
                .filter(|class| core.cost(**class).latency <= 4)
                .copied()
                .collect::<Vec<_>>()
            {
                cost(&mut core, class, &|cost| cost.latency = cost.latency.min(1));
            }
        }
        _ => {}
    }
    (core, parts)
}

fn compared(core: &Arc<Core>, parts: Parts, cpu: &str) -> Vec<Compared> {
    let port = rcsim_isa::port(&core.archs[0]).expect("a port");
    let arch = require(ArchOracle::load(port.goarch()));
    let (pieces, isa) = pieces(port, core);
    let theirs = [1, 1 + ROUNDS].map(|rounds| require(llvm_cycles(&pieces, &arch, cpu, rounds)));
    assert_eq!(theirs[1].len(), pieces.len(), "llvm-mca understands every piece on {cpu}");
    let round = |once: f64, often: f64| (often - once) / f64::from(ROUNDS);
    let all = pieces.into_iter().enumerate().map(|(n, piece)| {
        let ours = [1, 1 + ROUNDS].map(|rounds| own_cycles(&piece, &isa, core, parts, rounds));
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
        let rows = compared(&core, Parts::SCHEDULER, cpu);
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

#[test]
fn what_differs_agrees_with_llvms_figures() {
    for core in cores().into_iter().filter(|core| EQUALISED.contains(&core.name.as_str())) {
        let cpu = core.llvm.clone().expect("compared with LLVM");
        let (changed, parts) = with_llvms_figures(&core);
        let rows = compared(&Arc::new(changed), parts, &cpu);
        for row in &rows {
            println!("{:<14} {:<32} {:>7.2} {:>7.2}", core.name, row.piece.name, row.ours, row.theirs);
        }
        let median = median(rows.iter().map(|row| row.difference().abs()).collect());
        println!(
            "{:<14} {} pieces, median difference {:.1} % with LLVM's figures",
            core.name,
            rows.len(),
            100.0 * median
        );
        assert!(median <= MOST_MEDIAN, "{}: {:.1} %", core.name, 100.0 * median);
    }
}
