//! A small trace, in each format.

use super::lanes::lanes;
use super::{Line, Mark, MarkKind, Op, Span, Trace, chrome, konata, nested, perfetto};

fn op(delivered: u64, started: u64, done: u64, retired: u64) -> Op {
    Op {
        line: 0,
        first: true,
        class: "alu",
        phase: "dispatch",
        step: 0,
        delivered,
        dispatched: delivered + 1,
        started,
        done,
        retired,
        waited_for: None,
    }
}

fn trace() -> Trace {
    let line = |place: &str, text: &str| Line { place: place.to_owned(), text: text.to_owned() };
    let span = |name: &str, depth, start, end| Span { name: name.to_owned(), depth, start, end };
    Trace {
        title: "a, b, c".to_owned(),
        core: "core".to_owned(),
        lines: vec![line("f", "add"), line("f+0x4", "mul\t1")],
        ops: vec![
            op(0, 2, 3, 4),
            Op { line: 1, first: false, waited_for: Some(0), step: 1, ..op(0, 3, 6, 7) },
        ],
        calls: vec![span("f", 0, 0, 7), span("g", 1, 4, 4), span("h", 1, 4, 7)],
        phases: vec![span("dispatch", 0, 0, 7)],
        marks: vec![Mark { kind: MarkKind::GcPoint, name: "point 0".to_owned(), cycle: 4, step: 1 }],
        truncated: false,
    }
}

#[test]
fn operations_that_overlap_have_lanes_of_their_own() {
    assert_eq!(lanes(&[op(0, 2, 3, 4), op(0, 2, 3, 6), op(4, 6, 7, 8), op(5, 7, 8, 9)]), [0, 1, 0, 2]);
}

#[test]
fn what_begins_and_ends_in_one_cycle_is_in_order() {
    let trace = trace();
    let names: Vec<_> = nested(&trace.calls).iter().map(|(at, span)| (*at, span.map(|s| &*s.name))).collect();
    let expected = [(0, Some("f")), (4, Some("g")), (4, None), (4, Some("h")), (7, None), (7, None)];
    assert_eq!(names, expected);
}

#[test]
fn kanata_has_a_row_for_each_operation_and_time_only_goes_on() {
    let text = konata(&trace());
    let expected = "\
Kanata\t0004
C=\t0
I\t0\t0\t1
L\t0\t0\tdispatch
L\t0\t1\tphase: 7 cycles
S\t0\t0\tphase
I\t1\t1\t2
L\t1\t0\tf
L\t1\t1\tcall: 7 cycles
S\t1\t0\tcall
I\t2\t0\t0
L\t2\t0\tf: add
L\t2\t1\talu, dispatch, instruction 0
S\t2\t0\tF
I\t3\t1\t0
L\t3\t0\tf+0x4: mul 1 [alu]
L\t3\t1\talu, dispatch, instruction 1
S\t3\t0\tF
C\t1
E\t2\t0\tF
S\t2\t0\tQ
E\t3\t0\tF
S\t3\t0\tQ
C\t1
E\t2\t0\tQ
S\t2\t0\tX
C\t1
E\t2\t0\tX
S\t2\t0\tC
E\t3\t0\tQ
S\t3\t0\tX
W\t3\t2\t0
C\t1
E\t2\t0\tC
R\t2\t0\t0
I\t4\t4\t2
L\t4\t0\t  g
L\t4\t1\tcall: 0 cycles
S\t4\t0\tcall
E\t4\t0\tcall
R\t4\t1\t0
I\t5\t5\t2
L\t5\t0\t  h
L\t5\t1\tcall: 3 cycles
S\t5\t0\tcall
I\t6\t6\t3
L\t6\t0\tpoint 0
L\t6\t1\tGC points, after 1 instructions
S\t6\t0\tGC points
C\t1
E\t6\t0\tGC points
R\t6\t2\t0
C\t1
E\t3\t0\tX
S\t3\t0\tC
C\t1
E\t0\t0\tphase
R\t0\t3\t0
E\t1\t0\tcall
R\t1\t4\t0
E\t3\t0\tC
R\t3\t5\t0
E\t5\t0\tcall
R\t5\t6\t0
";
    assert_eq!(text, expected);
}

#[test]
fn the_json_says_when_each_stage_begins_and_how_long_it_takes() {
    let value: serde_json::Value = serde_json::from_str(&chrome(&trace())).expect("JSON");
    let events = value["traceEvents"].as_array().expect("events");
    let executes: Vec<_> = events.iter().filter(|event| event["name"] == "executes").collect();
    assert_eq!(executes.len(), 2);
    assert_eq!((executes[1]["ts"].as_f64(), executes[1]["dur"].as_f64()), (Some(0.003), Some(0.003)));
    assert_ne!(executes[0]["tid"], executes[1]["tid"]);
}

#[test]
fn the_bytes_for_perfetto_name_a_text_once() {
    let bytes = perfetto(&trace());
    let count = |text: &str| bytes.windows(text.len()).filter(|part| *part == text.as_bytes()).count();
    assert_eq!((count("executes"), count("point 0"), count("rcsim: a, b, c on core")), (1, 1, 1));
}
