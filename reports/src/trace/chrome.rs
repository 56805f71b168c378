//! The JSON of `chrome://tracing`, which Perfetto reads too: "Trace Event Format", the object format with complete and instant
//! events. Its times are microseconds; a cycle is a thousandth of one.

use serde_json::{Value, json};

use super::lanes::lanes;
use super::{MarkKind, Op, Trace};

/// Threads: phases, calls, one for each kind of mark, then the lanes of operations.
const PHASES: usize = 1;
const CALLS: usize = 2;
const MARKS: usize = 3;
const LANES: usize = 10;
const PROCESS: usize = 1;

/// The trace as JSON.
#[must_use]
pub fn chrome(trace: &Trace) -> String {
    let lanes = lanes(&trace.ops);
    let mut events = vec![named("process_name", 0, &trace.heading())];
    events.extend(thread(PHASES, "phases"));
    events.extend(thread(CALLS, "calls"));
    for (n, kind) in MarkKind::ALL.into_iter().enumerate() {
        events.extend(thread(MARKS + n, kind.name()));
    }
    for lane in 0..lanes.iter().max().map_or(0, |last| last + 1) {
        events.extend(thread(LANES + lane, &format!("operations {lane}")));
    }
    for (spans, thread, kind) in [(&trace.phases, PHASES, "phase"), (&trace.calls, CALLS, "call")] {
        events.extend(
            spans.iter().map(|span| slice(&span.name, kind, thread, (span.start, span.end), json!({}))),
        );
    }
    events.extend(trace.marks.iter().map(|mark| {
        let thread = MARKS + MarkKind::ALL.iter().position(|kind| *kind == mark.kind).unwrap_or(0);
        json!({
            "name": mark.name, "cat": mark.kind.name(), "ph": "i", "s": "p", "ts": time(mark.cycle),
            "pid": PROCESS, "tid": thread, "args": { "step": mark.step },
        })
    }));
    for (op, lane) in trace.ops.iter().zip(lanes) {
        operation(trace, op, LANES + lane, &mut events);
    }
    let lines: Vec<String> = events.iter().map(Value::to_string).collect();
    format!("{{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n{}\n]}}\n", lines.join(",\n"))
}

fn operation(trace: &Trace, op: &Op, thread: usize, events: &mut Vec<Value>) {
    let args = json!({ "place": trace.place(op), "class": op.class, "phase": op.phase, "step": op.step });
    events.push(slice(&trace.label(op), "operation", thread, (op.delivered, op.end()), args));
    events.extend(
        op.stages().map(|stage| slice(stage.name, "stage", thread, (stage.start, stage.end), json!({}))),
    );
}

fn slice(name: &str, kind: &str, thread: usize, (start, end): (u64, u64), args: Value) -> Value {
    json!({
        "name": name, "cat": kind, "ph": "X", "ts": time(start), "dur": time(end - start),
        "pid": PROCESS, "tid": thread, "args": args,
    })
}

fn time(cycles: u64) -> f64 {
    cycles as f64 / 1000.0
}

fn named(what: &str, thread: usize, name: &str) -> Value {
    json!({ "name": what, "ph": "M", "pid": PROCESS, "tid": thread, "args": { "name": name } })
}

fn thread(number: usize, name: &str) -> [Value; 2] {
    let order = json!({
        "name": "thread_sort_index", "ph": "M", "pid": PROCESS, "tid": number, "args": { "sort_index": number },
    });
    [named("thread_name", number, name), order]
}
