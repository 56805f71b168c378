//! Cycles as text.

use std::fmt::Write as _;

use crate::timing::{Cost, Mean, Part, PhaseCost, Timing};

/// Instructions of a critical chain that are shown.
const CHAIN_LINES: usize = 6;

/// Everything about one core.
pub fn report(timing: &Timing) -> String {
    let mut out = format!("  cycles on {}: {}\n", timing.core, timing.summary);
    out.push_str("  phase            instructions      cold      warm    IPC  where the warm cycles go\n");
    for phase in &timing.warm.phases {
        let cold =
            timing.cold.phases.iter().find(|other| other.name == phase.name).map_or(0, |other| other.cycles);
        out.push_str(&row(&phase.name, phase.instructions, cold, phase.cycles, &phase.stack));
    }
    let warm = &timing.warm;
    out.push_str(&row("total", warm.instructions, timing.cold.cycles, warm.cycles, &warm.stack));
    let (low, high) = timing.steady;
    let calls = timing.repeats;
    let steady = match timing.mean() {
        _ if low == high => format!("{low} cycles each"),
        Some(mean) => {
            let Mean { cycles, within } = mean;
            format!("{low} to {high} cycles each, {cycles:.1} +- {within:.1} in the mean (95 % confidence)")
        }
        None => format!("{low} to {high} cycles each"),
    };
    let events = &warm.events;
    let _ = writeln!(
        out,
        "  {calls} calls, the later half {steady}; warm: {} of {} branches mispredicted, {} lines not in L1",
        events.mispredicted,
        events.branches,
        events.l1d_misses + events.l1i_misses,
    );
    out.push_str(&chain(warm));
    out
}

fn row(name: &str, instructions: u64, cold: u64, warm: u64, stack: &[Part]) -> String {
    let ipc = if warm == 0 { "-".to_owned() } else { format!("{:.2}", instructions as f64 / warm as f64) };
    let line = format!("  {name:<16} {instructions:>12} {cold:>9} {warm:>9} {ipc:>6}  {}", parts(stack));
    line.trim_end().to_owned() + "\n"
}

/// The largest causes first.
fn parts(stack: &[Part]) -> String {
    let mut sorted: Vec<&Part> = stack.iter().filter(|part| part.cycles > 0).collect();
    sorted.sort_by_key(|part| std::cmp::Reverse(part.cycles));
    let shown: Vec<String> = sorted.iter().map(|part| format!("{} {}", part.cause, part.cycles)).collect();
    shown.join(", ")
}

/// The instructions that the critical chain spends most cycles in.
fn chain(cost: &Cost) -> String {
    let mut links: Vec<_> = cost.instructions_by_cycles.iter().filter(|insn| insn.critical > 0).collect();
    links.sort_by_key(|insn| std::cmp::Reverse(insn.critical));
    let total: u64 = cost.chain.iter().map(|part| part.cycles).sum();
    if links.is_empty() || total == 0 {
        return String::new();
    }
    let mut out = format!("  critical chain of {total} cycles: {}\n", parts(&cost.chain));
    for insn in links.iter().take(CHAIN_LINES) {
        let _ = writeln!(out, "  {:>9}  {}  {}", insn.critical, insn.place, insn.text);
    }
    if links.len() > CHAIN_LINES {
        let rest: u64 = links[CHAIN_LINES..].iter().map(|insn| insn.critical).sum();
        let _ = writeln!(out, "  {rest:>9}  in {} other instructions", links.len() - CHAIN_LINES);
    }
    out
}

/// Several cores beside each other: warm cycles by phase.
pub fn comparison(timings: &[Timing]) -> String {
    if timings.len() < 2 {
        return String::new();
    }
    let mut out = format!("  {:<16}", "warm cycles");
    for timing in timings {
        let _ = write!(out, " {:>18}", timing.core);
    }
    out.push('\n');
    let cells = |name: &str, of: &dyn Fn(&Timing) -> u64| {
        let cells: String = timings.iter().map(|timing| format!(" {:>18}", of(timing))).collect();
        format!("  {name:<16}{cells}\n")
    };
    for PhaseCost { name, .. } in &timings[0].warm.phases {
        let of = |timing: &Timing| {
            let phase = timing.warm.phases.iter().find(|phase| phase.name == *name);
            phase.map_or(0, |phase| phase.cycles)
        };
        out.push_str(&cells(name, &of));
    }
    out + &cells("total", &|timing| timing.warm.cycles)
}
