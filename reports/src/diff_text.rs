//! A comparison of two results as text.

use std::fmt::Write as _;

use crate::diff::{Comparison, InsnChange, Pair, PhaseChange, Side, Which};

/// Instructions that are shown for each pair.
const INSTRUCTIONS: usize = 10;

/// Everything there is to say.
#[must_use]
pub fn comparison(comparison: &Comparison, which: Which) -> String {
    let mut out = String::new();
    for one in &comparison.pairs {
        pair(&mut out, one, which);
        out.push('\n');
    }
    for side in &comparison.unpaired {
        let _ = writeln!(out, "only in one  {}  {}", side.workload, place(side));
    }
    let (pairs, rest) = (comparison.pairs.len(), comparison.unpaired.len());
    let _ = writeln!(out, "{pairs} compared, {rest} without a partner");
    out
}

fn place(side: &Side) -> String {
    format!("{}, epoch {}, {}", side.arch, side.epoch, side.core)
}

fn pair(out: &mut String, pair: &Pair, which: Which) {
    let _ = writeln!(out, "{}, {} call", pair.a.workload, which.name());
    let _ = writeln!(out, "  A  {}", place(&pair.a));
    let _ = writeln!(out, "  B  {}", place(&pair.b));
    out.push_str("  phase            instructions A          B   cycles A         B       B-A\n");
    for phase in &pair.phases {
        out.push_str(&row(phase));
    }
    if !pair.causes.is_empty() {
        let causes: Vec<String> = pair
            .causes
            .iter()
            .map(|change| format!("{} {} -> {}", change.cause, change.cycles[0], change.cycles[1]))
            .collect();
        let _ = writeln!(out, "  causes  {}", causes.join(", "));
    }
    instructions(out, &pair.instructions);
}

fn row(phase: &PhaseChange) -> String {
    let [a, b] = phase.cycles;
    let [instructions_a, instructions_b] = phase.instructions;
    let more = b.cast_signed() - a.cast_signed();
    format!("  {:<16} {instructions_a:>14} {instructions_b:>10} {a:>10} {b:>9} {more:>+9}\n", phase.name)
}

fn instructions(out: &mut String, changes: &[InsnChange]) {
    if changes.is_empty() {
        return;
    }
    out.push_str("      B-A  cycles A         B  instruction\n");
    for change in changes.iter().take(INSTRUCTIONS) {
        let [a, b] = change.cycles;
        let _ = writeln!(
            out,
            "  {:>+7} {a:>9} {b:>9}  {}: {}  ({})",
            change.more(),
            change.function,
            change.text,
            change.phase
        );
    }
    if changes.len() > INSTRUCTIONS {
        let rest: i64 = changes[INSTRUCTIONS..].iter().map(InsnChange::more).sum();
        let _ = writeln!(out, "  {rest:>+7}  in {} others", changes.len() - INSTRUCTIONS);
    }
}
