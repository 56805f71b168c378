//! Perfetto's own format: packets with track events, in the protobuf encoding.
//!
//! Numbers of fields are those of Perfetto's `trace.proto`, `trace_packet.proto`, `track_descriptor.proto`, `track_event.proto`,
//! `interned_data.proto` and `debug_annotation.proto` (<https://perfetto.dev/docs/reference/trace-packet-proto>). Texts
//! that occur often are sent once and named by a number.

use std::collections::HashMap;

use super::lanes::lanes;
use super::protobuf::Message;
use super::{MarkKind, Op, Trace, nested};

const TRACE_PACKET: u32 = 1;

const PACKET_TIMESTAMP: u32 = 8;
const PACKET_SEQUENCE: u32 = 10;
const PACKET_TRACK_EVENT: u32 = 11;
const PACKET_INTERNED: u32 = 12;
const PACKET_FLAGS: u32 = 13;
const PACKET_TRACK: u32 = 60;
const STATE_CLEARED: u64 = 1;
const NEEDS_STATE: u64 = 2;

const TRACK_UUID: u32 = 1;
const TRACK_NAME: u32 = 2;
const TRACK_PROCESS: u32 = 3;
const TRACK_PARENT: u32 = 5;
const TRACK_CHILD_ORDERING: u32 = 11;
const TRACK_RANK: u32 = 12;
const EXPLICIT: u64 = 3;
const PROCESS_PID: u32 = 1;
const PROCESS_NAME: u32 = 6;

const EVENT_ANNOTATIONS: u32 = 4;
const EVENT_TYPE: u32 = 9;
const EVENT_NAME_ID: u32 = 10;
const EVENT_TRACK: u32 = 11;
const BEGIN: u64 = 1;
const END: u64 = 2;
const INSTANT: u64 = 3;

const INTERNED_NAMES: u32 = 2;
const INTERNED_ID: u32 = 1;
const INTERNED_TEXT: u32 = 2;

const ANNOTATION_NUMBER: u32 = 3;
const ANNOTATION_TEXT: u32 = 6;
const ANNOTATION_NAME: u32 = 10;

/// Tracks: the process, phases, calls, one for each kind of mark, the parent of the lanes, the lanes.
const PROCESS: u64 = 1;
const PHASES: u64 = 2;
const CALLS: u64 = 3;
const MARKS: u64 = 4;
const OPERATIONS: u64 = 8;
const LANES: u64 = 16;
const SEQUENCE: u64 = 1;

/// One event of a track.
struct Event {
    cycle: u64,
    track: u64,
    kind: u64,
    name: String,
    annotations: Vec<(&'static str, Annotation)>,
}

enum Annotation {
    Number(u64),
    Text(String),
}

/// The trace as Perfetto's bytes.
#[must_use]
pub fn perfetto(trace: &Trace) -> Vec<u8> {
    let lanes = lanes(&trace.ops);
    let mut out = Message::default();
    tracks(trace, lanes.iter().max().map_or(0, |last| last + 1), &mut out);
    let mut events = spans(trace);
    for (op, lane) in trace.ops.iter().zip(&lanes) {
        operation(trace, op, LANES + *lane as u64, &mut events);
    }
    // Events of one track are in order already, also those of one cycle.
    events.sort_by_key(|event| event.cycle);
    let mut names = HashMap::new();
    for event in &events {
        packet(event, &mut names, &mut out);
    }
    out.into_bytes()
}

fn tracks(trace: &Trace, lanes: usize, out: &mut Message) {
    out.message(TRACE_PACKET, |packet| {
        packet.number(PACKET_SEQUENCE, SEQUENCE).number(PACKET_FLAGS, STATE_CLEARED);
        packet.message(PACKET_TRACK, |track| {
            track.number(TRACK_UUID, PROCESS).number(TRACK_CHILD_ORDERING, EXPLICIT);
            track.message(TRACK_PROCESS, |process| {
                process.number(PROCESS_PID, 1).text(PROCESS_NAME, &trace.heading());
            });
        });
    });
    track(out, (PHASES, PROCESS), "phases");
    track(out, (CALLS, PROCESS), "calls");
    for (n, kind) in MarkKind::ALL.into_iter().enumerate() {
        track(out, (MARKS + n as u64, PROCESS), kind.name());
    }
    track(out, (OPERATIONS, PROCESS), "operations");
    for lane in 0..lanes {
        track(out, (LANES + lane as u64, OPERATIONS), &format!("operations {lane}"));
    }
}

/// A track, its parent, and its name; siblings come in the order of their numbers.
fn track(out: &mut Message, (uuid, parent): (u64, u64), name: &str) {
    out.message(TRACE_PACKET, |packet| {
        packet.number(PACKET_SEQUENCE, SEQUENCE).number(PACKET_FLAGS, NEEDS_STATE);
        packet.message(PACKET_TRACK, |track| {
            track.number(TRACK_UUID, uuid).number(TRACK_PARENT, parent).text(TRACK_NAME, name);
            track.number(TRACK_CHILD_ORDERING, EXPLICIT).number(TRACK_RANK, uuid);
        });
    });
}

fn spans(trace: &Trace) -> Vec<Event> {
    let mut events = Vec::new();
    for (track, spans) in [(PHASES, &trace.phases), (CALLS, &trace.calls)] {
        events.extend(nested(spans).into_iter().map(|(cycle, span)| Event {
            cycle,
            track,
            kind: if span.is_some() { BEGIN } else { END },
            name: span.map_or_else(String::new, |span| span.name.clone()),
            annotations: Vec::new(),
        }));
    }
    events.extend(trace.marks.iter().map(|mark| Event {
        cycle: mark.cycle,
        track: MARKS + MarkKind::ALL.iter().position(|kind| *kind == mark.kind).unwrap_or(0) as u64,
        kind: INSTANT,
        name: mark.name.clone(),
        annotations: vec![("step", Annotation::Number(mark.step))],
    }));
    events
}

fn operation(trace: &Trace, op: &Op, track: u64, events: &mut Vec<Event>) {
    let event = |cycle, kind, name: &str| Event {
        cycle,
        track,
        kind,
        name: name.to_owned(),
        annotations: Vec::new(),
    };
    let annotations = vec![
        ("place", Annotation::Text(trace.place(op).to_owned())),
        ("class", Annotation::Text(op.class.to_owned())),
        ("phase", Annotation::Text(op.phase.to_owned())),
        ("step", Annotation::Number(op.step)),
    ];
    events.push(Event { annotations, ..event(op.delivered, BEGIN, &trace.label(op)) });
    for stage in op.stages() {
        events.extend([event(stage.start, BEGIN, stage.name), event(stage.end, END, "")]);
    }
    events.push(event(op.end(), END, ""));
}

fn packet(event: &Event, names: &mut HashMap<String, u64>, out: &mut Message) {
    let next = names.len() as u64 + 1;
    let (id, new) = match names.get(&event.name) {
        _ if event.kind == END => (0, false),
        Some(id) => (*id, false),
        None => (next, true),
    };
    if new {
        names.insert(event.name.clone(), id);
    }
    out.message(TRACE_PACKET, |packet| {
        packet.number(PACKET_TIMESTAMP, event.cycle);
        packet.number(PACKET_SEQUENCE, SEQUENCE).number(PACKET_FLAGS, NEEDS_STATE);
        if new {
            packet.message(PACKET_INTERNED, |interned| {
                interned.message(INTERNED_NAMES, |name| {
                    name.number(INTERNED_ID, id).text(INTERNED_TEXT, &event.name);
                });
            });
        }
        packet.message(PACKET_TRACK_EVENT, |body| {
            body.number(EVENT_TYPE, event.kind).number(EVENT_TRACK, event.track);
            if event.kind != END {
                body.number(EVENT_NAME_ID, id);
            }
            for (name, annotation) in &event.annotations {
                body.message(EVENT_ANNOTATIONS, |message| {
                    message.text(ANNOTATION_NAME, name);
                    match annotation {
                        Annotation::Number(value) => message.number(ANNOTATION_NUMBER, *value),
                        Annotation::Text(text) => message.text(ANNOTATION_TEXT, text),
                    };
                });
            }
        });
    });
}
