//! The matrix: a row for each run, sorted by clicking on a column's head.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Page, class, escape, word};
use crate::records::{Run, Verdict};
use crate::sweep;
use crate::timing::Timing;

/// One row.
struct Row {
    verdict: Verdict,
    workload: String,
    arch: String,
    epoch: String,
    frame_bytes: Option<u64>,
    instructions: Option<u64>,
    cycles: String,
    gc_points: Option<u32>,
    found: String,
    /// Where on the page its findings are.
    anchor: Option<String>,
}

const COLUMNS: [&str; 9] = [
    "verdict",
    "workload",
    "arch",
    "epoch",
    "frame bytes",
    "instructions",
    "warm cycles",
    "GC points",
    "findings",
];
const FIRST_NUMBER: usize = 4;
const LAST_NUMBER: usize = 7;

pub fn write(page: &Page<'_>, out: &mut String) {
    let runs = page.runs.iter().enumerate().map(|(n, run)| of_run(n, run));
    let rows: Vec<Row> =
        runs.chain(page.points.iter().enumerate().map(|(n, line)| of_line(n, line))).collect();
    out.push_str(
        "<section aria-labelledby=\"matrix\">\n<h2 id=\"matrix\" tabindex=\"-1\">Matrix</h2>\n\
         <p class=\"tools\"><label>Show rows that contain <input id=\"filter\" type=\"search\" autocomplete=\"off\"></label> \
         <output id=\"shown\" for=\"filter\"></output></p>\n\
         <div class=\"wide\" tabindex=\"0\" role=\"region\" aria-labelledby=\"matrix\">\n<table id=\"runs\">\n\
         <caption>A row for each run. Click on a head to sort.</caption>\n<thead><tr>\n",
    );
    for (n, name) in COLUMNS.iter().enumerate() {
        let number = (FIRST_NUMBER..=LAST_NUMBER).contains(&n);
        let kind = if number { " class=\"number\"" } else { "" };
        let _ = writeln!(
            out,
            "<th scope=\"col\"{kind} aria-sort=\"none\"><button type=\"button\">{name}</button></th>"
        );
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &rows {
        row.write(out);
    }
    out.push_str("</tbody>\n</table>\n</div>\n</section>\n");
}

fn of_run(n: usize, run: &Run) -> Row {
    let execution = run.execution.as_ref();
    Row {
        verdict: run.verdict,
        workload: run.workload.path.clone(),
        arch: run.arch.clone(),
        epoch: run.epoch.clone(),
        frame_bytes: execution.map(|execution| execution.frame.frame_bytes),
        instructions: execution.map(|execution| execution.instructions),
        cycles: cycles(&run.timing),
        gc_points: execution.map(|execution| execution.gc_points),
        found: codes(run.diagnostics.iter().map(|one| (one.code.as_deref(), one.class.as_str()))),
        anchor: (!run.diagnostics.is_empty()).then(|| format!("run-{n}")),
    }
}

fn of_line(n: usize, line: &sweep::Line) -> Row {
    let measured = line.measured.as_ref();
    Row {
        verdict: line.verdict,
        workload: line.point.workload.clone(),
        arch: line.point.arch.clone(),
        epoch: line.point.epoch.clone(),
        frame_bytes: measured.map(|measured| measured.frame.frame_bytes),
        instructions: measured.map(|measured| measured.instructions),
        cycles: cycles(&line.timing),
        gc_points: measured.map(|measured| measured.gc_points),
        found: codes(line.found.iter().map(|one| (one.code.as_deref(), one.class.as_str()))),
        anchor: (!line.found.is_empty()).then(|| format!("point-{n}")),
    }
}

fn cycles(timing: &[Timing]) -> String {
    let one = |timing: &Timing| match timing.warm.cycles {
        cycles if timing.core.is_empty() => cycles.to_string(),
        cycles => format!("{cycles} {}", timing.core),
    };
    timing.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Codes of findings, and classes of what has no code, each once.
fn codes<'d>(all: impl Iterator<Item = (Option<&'d str>, &'d str)>) -> String {
    let words: BTreeSet<&str> = all.map(|(code, class)| code.unwrap_or(class)).collect();
    words.into_iter().collect::<Vec<_>>().join(" ")
}

impl Row {
    fn write(&self, out: &mut String) {
        let (class, word) = (class(self.verdict), word(self.verdict));
        let number = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
        let _ = write!(
            out,
            "<tr><td class=\"{class}\">{word}</td><th scope=\"row\">{}</th>",
            escape(&self.workload)
        );
        for text in [&self.arch, &self.epoch] {
            let _ = write!(out, "<td>{}</td>", escape(text));
        }
        let points = self.gc_points.map(u64::from);
        let numbers =
            [number(self.frame_bytes), number(self.instructions), escape(&self.cycles), number(points)];
        for text in numbers {
            let _ = write!(out, "<td class=\"number\">{text}</td>");
        }
        let found = escape(&self.found);
        let _ = match &self.anchor {
            Some(anchor) => writeln!(out, "<td><a href=\"#{anchor}\">{found}</a></td></tr>"),
            None => writeln!(out, "<td>{found}</td></tr>"),
        };
    }
}
