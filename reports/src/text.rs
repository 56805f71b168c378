//! Records as text for people.

use std::fmt::Write as _;

use crate::records::{Callee, Code, End, Execution, Phase, Run, Skipped, Summary, Verdict};
use crate::timing_text;

/// One line: verdict, workload, architecture, epoch, and what it took.
#[must_use]
pub fn line(run: &Run) -> String {
    let head = head(run);
    let cycles: String = run
        .timing
        .iter()
        .map(|timing| format!("  {} cycles on {}", timing.warm.cycles, timing.core))
        .collect();
    match &run.execution {
        Some(execution) => format!("{head}  {}{cycles}", count(execution.instructions, "instruction")),
        None => head,
    }
}

/// Everything that is known about a run, ending with a newline. Diagnostics are not in it: they have a renderer of their own.
#[must_use]
pub fn report(run: &Run) -> String {
    let mut out = head(run);
    out.push('\n');
    let mut say = |label: &str, text: &str| {
        let _ = writeln!(out, "  {label:<12} {text}");
    };
    say("workload", &format!("{} ({})", run.workload.name, run.workload.call));
    say("function", &run.workload.func);
    say("code", &code(run));
    if !run.cpu_features.is_empty() {
        say("cpu features", &run.cpu_features.join(", "));
    }
    if let Some(execution) = &run.execution {
        executed(execution, &mut say);
        out.push_str(&phases(execution));
    }
    for timing in &run.timing {
        out.push_str(&timing_text::report(timing));
    }
    out + &timing_text::comparison(&run.timing)
}

/// The line of a combination that was left out.
#[must_use]
pub fn skipped(skipped: &Skipped) -> String {
    let parts = [skipped.workload.as_deref(), Some(skipped.arch.as_str()), skipped.epoch.as_deref()];
    let what: Vec<&str> = parts.into_iter().flatten().collect();
    format!("skip  {}  {}", what.join("  "), skipped.why)
}

/// The line at the end.
#[must_use]
pub fn summary(summary: &Summary) -> String {
    let Summary { passed, failed, unusable, skipped, not_run } = *summary;
    let mut parts = vec![format!("{passed} passed"), format!("{failed} failed")];
    if unusable > 0 {
        parts.push(format!("{unusable} unusable"));
    }
    if skipped > 0 {
        parts.push(format!("{skipped} skipped"));
    }
    if not_run > 0 {
        parts.push(format!("{not_run} not run"));
    }
    format!("{}: {}", count((passed + failed + unusable) as u64, "run"), parts.join(", "))
}

fn head(run: &Run) -> String {
    let verdict = match run.verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "FAIL",
        Verdict::Unusable => "void",
    };
    format!("{verdict}  {}  {}  {}", run.workload.path, run.arch, run.epoch)
}

fn code(run: &Run) -> String {
    match &run.code {
        Code::BuiltIn { epoch } => format!("built in, epoch {epoch}"),
        Code::File { path, sha256, go } => format!("{path}, built by {go}, sha-256 {sha256}"),
    }
}

fn executed(execution: &Execution, say: &mut impl FnMut(&str, &str)) {
    let (label, text) = match &execution.end {
        End::Returned { results } => ("results", results),
        End::Panicked { text } => ("panic", text),
        End::Stopped { why } => ("stopped", why),
    };
    say(label, if text.is_empty() { "(none)" } else { text });
    say(
        "callee",
        &match &execution.callee {
            Callee::Service => "a service of rcsim, as the workload describes it".to_owned(),
            Callee::Image { symbol } => format!("{symbol}, a function of the image"),
        },
    );
    let none = |text: String| if text.is_empty() { "none".to_owned() } else { text };
    say("trampoline", &none(execution.trampolines.join(", ")));
    let frame = execution.frame;
    say(
        "frame",
        &format!(
            "{}, results at {}, {} to spill registers to",
            count(frame.frame_bytes, "byte"),
            frame.ret_offset_bytes,
            count(frame.spill_bytes, "byte")
        ),
    );
    let actions = count(execution.service_steps, "action");
    say("services", &format!("{} ({actions} by rcsim itself)", none(execution.services.join(", "))));
    let lifted = execution.lifted;
    say(
        "micro-ops",
        &format!(
            "{} for {} of code: {} each",
            lifted.micro_ops,
            count(lifted.instructions as u64, "instruction"),
            ratio(lifted.micro_ops, lifted.instructions)
        ),
    );
    say(
        "memory",
        &format!(
            "{} allocated, the stack moved {}",
            count(execution.objects as u64, "object"),
            count(u64::from(execution.stack_moves), "time")
        ),
    );
    if execution.gc_points > 0 {
        let points = count(u64::from(execution.gc_points), "GC point");
        let done = execution.gc_really.as_deref().unwrap_or("all examined");
        say("collector", &format!("{points}, {done}"));
    } else if let Some(off) = &execution.gc_really {
        say("collector", off);
    }
    if let Some(between) = &execution.steps_between {
        let (steps, without) = (count(between.steps, "step"), between.without_frames);
        say("between", &format!("{steps}, all looked at; at {without} of them there is no whole frame"));
        for remark in &between.remarks {
            say("", remark);
        }
    }
}

/// The table of phases; those in which nothing ran are left out.
fn phases(execution: &Execution) -> String {
    let mut out =
        format!("  {:<16}{:>14}{:>14}{:>16}\n", "phase", "instructions", "bytes read", "bytes written");
    let ran = |phase: &&Phase| phase.instructions > 0;
    for phase in execution.phases.iter().filter(ran).chain([&execution.total()]) {
        let Phase { name, instructions, bytes_read, bytes_written } = phase;
        let _ = writeln!(out, "  {name:<16}{instructions:>14}{bytes_read:>14}{bytes_written:>16}");
    }
    out
}

/// `1 byte`, `2 bytes`.
fn count(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// A quotient with two digits, rounded down; integers only, so that it is the same everywhere.
fn ratio(of: usize, by: usize) -> String {
    match (of * 100).checked_div(by) {
        Some(hundredths) => format!("{}.{:02}", hundredths / 100, hundredths % 100),
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{count, ratio, summary};
    use crate::records::Summary;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(count(1, "byte"), "1 byte");
        assert_eq!(count(0, "byte"), "0 bytes");
        assert_eq!(ratio(110, 89), "1.23");
        assert_eq!(ratio(0, 0), "-");
    }

    #[test]
    fn summary_names_what_there_is() {
        let all = Summary { passed: 1, failed: 2, unusable: 3, skipped: 4, not_run: 5 };
        let text = "6 runs: 1 passed, 2 failed, 3 unusable, 4 skipped, 5 not run";
        assert_eq!(summary(&all), text);
        let good = Summary { passed: 1, ..Summary::default() };
        assert_eq!(summary(&good), "1 run: 1 passed, 0 failed");
    }
}
