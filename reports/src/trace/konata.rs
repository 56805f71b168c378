//! Kanata, the text that the pipeline viewer Konata reads, version 4:
//! <https://github.com/shioyadan/Konata/blob/master/docs/kanata-log-format.md>.
//!
//! Each operation is a row. Phases, calls and what happens between instructions are rows too, as threads of their own.

use std::fmt::Write as _;

use super::{Op, Trace};

/// Threads of rows.
const OPERATIONS: u8 = 0;
const PHASES: u8 = 1;
const CALLS: u8 = 2;
const MARKS: u8 = 3;

/// One row.
struct Row<'a> {
    start: u64,
    /// Among those that start in the same cycle: what is around an operation comes before it.
    rank: u8,
    thread: u8,
    label: String,
    detail: String,
    what: What<'a>,
}

enum What<'a> {
    /// An operation and its number.
    Op(usize, &'a Op),
    /// Something that lasts until a cycle, under the name of a stage.
    Lasts(u64, &'static str),
}

/// One line.
enum Line {
    /// As it is written.
    Text(String),
    /// A row retires: with the number of those that did before.
    Retired(usize),
}

/// The trace as Kanata text.
#[must_use]
pub fn konata(trace: &Trace) -> String {
    let mut rows = rows(trace);
    rows.sort_by_key(|row| (row.start, row.rank));
    let mut ids = vec![0; trace.ops.len()];
    for (id, row) in rows.iter().enumerate() {
        if let What::Op(number, _) = row.what {
            ids[number] = id;
        }
    }
    let mut lines = Vec::new();
    for (id, row) in rows.iter().enumerate() {
        row.lines(id, &ids, &mut lines);
    }
    lines.sort_by_key(|(cycle, _)| *cycle);
    written(&lines)
}

fn rows(trace: &Trace) -> Vec<Row<'_>> {
    let spans = |spans: &[super::Span], rank, thread, stage| -> Vec<Row<'_>> {
        let row = |span: &super::Span| Row {
            start: span.start,
            rank,
            thread,
            label: format!("{}{}", "  ".repeat(span.depth), span.name),
            detail: format!("{stage}: {} cycles", span.end - span.start),
            what: What::Lasts(span.end, stage),
        };
        spans.iter().map(row).collect()
    };
    let mut rows = spans(&trace.phases, 0, PHASES, "phase");
    rows.extend(spans(&trace.calls, 1, CALLS, "call"));
    rows.extend(trace.marks.iter().map(|mark| Row {
        start: mark.cycle,
        rank: 2,
        thread: MARKS,
        label: mark.name.clone(),
        detail: format!("{}, after {} instructions", mark.kind.name(), mark.step),
        what: What::Lasts(mark.cycle + 1, mark.kind.name()),
    }));
    rows.extend(trace.ops.iter().enumerate().map(|(number, op)| Row {
        start: op.delivered,
        rank: 3,
        thread: OPERATIONS,
        label: format!("{}: {}", trace.place(op), trace.label(op)),
        detail: format!("{}, {}, instruction {}", op.class, op.phase, op.step),
        what: What::Op(number, op),
    }));
    rows
}

impl Row<'_> {
    /// The lines of a row, each with its cycle.
    fn lines(&self, id: usize, ids: &[usize], lines: &mut Vec<(u64, Line)>) {
        let simulated = match self.what {
            What::Op(number, _) => number,
            What::Lasts(..) => id,
        };
        lines.push((self.start, Line::Text(format!("I\t{id}\t{simulated}\t{}", self.thread))));
        lines.push((self.start, Line::Text(format!("L\t{id}\t0\t{}", clean(&self.label)))));
        lines.push((self.start, Line::Text(format!("L\t{id}\t1\t{}", clean(&self.detail)))));
        let end = match self.what {
            What::Op(_, op) => {
                for stage in op.stages() {
                    lines.push((stage.start, Line::Text(format!("S\t{id}\t0\t{}", stage.letter))));
                    if stage.letter == "X"
                        && let Some(producer) = op.waited_for
                    {
                        lines.push((stage.start, Line::Text(format!("W\t{id}\t{}\t0", ids[producer]))));
                    }
                    lines.push((stage.end, Line::Text(format!("E\t{id}\t0\t{}", stage.letter))));
                }
                op.end()
            }
            What::Lasts(end, stage) => {
                lines.push((self.start, Line::Text(format!("S\t{id}\t0\t{stage}"))));
                lines.push((end, Line::Text(format!("E\t{id}\t0\t{stage}"))));
                end
            }
        };
        lines.push((end, Line::Retired(id)));
    }
}

/// A column holds no tab and no end of line.
fn clean(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

fn written(lines: &[(u64, Line)]) -> String {
    let mut out = String::from("Kanata\t0004\nC=\t0\n");
    let (mut now, mut retired) = (0, 0);
    for (cycle, line) in lines {
        if *cycle > now {
            let _ = writeln!(out, "C\t{}", cycle - now);
            now = *cycle;
        }
        let _ = match line {
            Line::Text(text) => writeln!(out, "{text}"),
            Line::Retired(id) => {
                retired += 1;
                writeln!(out, "R\t{id}\t{}\t0", retired - 1)
            }
        };
    }
    out
}
