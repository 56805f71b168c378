//! `rcsim run --trace`: each format read by somebody else where there is somebody, and all telling the same.
//!
//! Perfetto's format is read by the classes that Perfetto generates from it, where `tests/oracles/install.sh` puts them. Konata
//! comes in no package; its format is read here as its page documents it.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::cases;

/// Reads a trace in Perfetto's or Chrome's format and prints what it shows: for each track, names, beginnings and ends, in order.
const READ: &str = r#"
import json, sys
from google.protobuf.unknown_fields import UnknownFieldSet
from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as proto

def known(message):
    assert len(UnknownFieldSet(message)) == 0, message
    for field, value in message.ListFields():
        if field.message_type is None: continue
        for one in (value if field.is_repeated else [value]): known(one)

def perfetto(data):
    trace = proto.Trace.FromString(data)
    known(trace)
    assert trace.packet[0].sequence_flags & proto.TracePacket.SEQ_INCREMENTAL_STATE_CLEARED
    names, tracks, slices, open_, now, process = {}, {}, {}, {}, 0, None
    for packet in trace.packet:
        for entry in packet.interned_data.event_names:
            assert entry.iid not in names
            names[entry.iid] = entry.name
        if packet.HasField("track_descriptor"):
            track = packet.track_descriptor
            assert track.uuid not in tracks
            assert not track.parent_uuid or track.parent_uuid in tracks
            tracks[track.uuid] = track.name
            if track.HasField("process"): process = track.process.process_name
            continue
        event = packet.track_event
        assert packet.timestamp >= now
        now = packet.timestamp
        shown = slices.setdefault(tracks[event.track_uuid], [])
        stack = open_.setdefault(event.track_uuid, [])
        if event.type == proto.TrackEvent.TYPE_SLICE_BEGIN:
            stack.append([names[event.name_iid], now, None])
            shown.append(stack[-1])
        elif event.type == proto.TrackEvent.TYPE_SLICE_END:
            stack.pop()[2] = now
        else:
            assert event.type == proto.TrackEvent.TYPE_INSTANT
            shown.append([names[event.name_iid], now, now])
    assert not any(open_.values())
    return process, slices

def chrome(data):
    events = json.loads(data)["traceEvents"]
    names, slices, process = {}, {}, None
    for event in events:
        if event["ph"] == "M":
            if event["name"] == "thread_name": names[event["tid"]] = event["args"]["name"]
            if event["name"] == "process_name": process = event["args"]["name"]
            continue
        start = round(event["ts"] * 1000)
        slices.setdefault(names[event["tid"]], []).append([event["name"], start, start + round(event.get("dur", 0) * 1000)])
    return process, slices

data = open(sys.argv[1], "rb").read()
process, slices = (chrome if sys.argv[1].endswith(".json") else perfetto)(data)
print(json.dumps({"process": process, "tracks": slices}))
"#;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// What a reader shows of a trace; nothing where the reader is missing, which is an error for CI.
fn read(path: &Path) -> Option<Value> {
    let reader = root().join("target/oracles/perfetto");
    if !reader.join("complete").is_file() {
        let message = "perfetto is not there: run tests/oracles/install.sh";
        assert!(env::var_os("CI").is_none(), "{message}");
        eprintln!("NOT TESTED: {message}");
        return None;
    }
    let mut command = Command::new("python3");
    command.env("PYTHONPATH", reader).args(["-W", "ignore", "-c", READ]).arg(path);
    let output = command.output().expect("python3 starts");
    assert!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// One call, traced in every format, and its report.
struct Traced {
    report: Value,
    files: BTreeMap<&'static str, PathBuf>,
}

fn traced(name: &str, arguments: &str) -> Traced {
    let folder = cases::scratch(name);
    let mut files = BTreeMap::new();
    let mut report = Value::Null;
    for ending in ["kanata", "pftrace", "json"] {
        let path = folder.join(format!("call.{ending}"));
        let mut command = cases::rcsim(root());
        command.args(["run", "--format", "json", "--trace"]).arg(&path).args(arguments.split(' '));
        let output = command.output().expect("rcsim starts");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        report = serde_json::from_slice(&output.stdout).expect("a report");
        files.insert(ending, path);
    }
    Traced { report: report["runs"][0].clone(), files }
}

/// A row of Kanata text: its label, and its stages with their first and last cycles.
#[derive(Default)]
struct Row {
    thread: u64,
    label: String,
    stages: Vec<(String, u64, u64)>,
    open: Option<(String, u64)>,
    retired: bool,
}

/// The rows of Kanata text, read as its page says.
fn rows(text: &str) -> Vec<Row> {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("Kanata\t0004"));
    assert_eq!(lines.next(), Some("C=\t0"));
    let (mut rows, mut now, mut retired): (Vec<Row>, u64, u64) = (Vec::new(), 0, 0);
    for line in lines {
        let columns: Vec<&str> = line.split('\t').collect();
        let number = |n: usize| columns[n].parse::<u64>().expect("a number");
        let id = number(1) as usize;
        match (columns[0], columns.len()) {
            ("C", 2) => {
                assert!(number(1) > 0);
                now += number(1);
            }
            ("I", 4) => {
                assert_eq!(id, rows.len(), "numbers go up by one");
                rows.push(Row { thread: number(3), ..Row::default() });
            }
            ("L", 4) => {
                assert!(!rows[id].retired && ["0", "1"].contains(&columns[2]), "{line}");
                if columns[2] == "0" {
                    rows[id].label += columns[3];
                }
            }
            ("S", 4) => {
                assert!(rows[id].open.is_none() && !rows[id].retired, "{line}");
                rows[id].open = Some((columns[3].to_owned(), now));
            }
            ("E", 4) => {
                let (stage, start) = rows[id].open.take().expect("a stage that began");
                assert_eq!(stage, columns[3]);
                rows[id].stages.push((stage, start, now));
            }
            ("W", 4) => {
                let known = number(2) < rows.len() as u64 && !rows[id].retired;
                assert!(known && columns[3] == "0", "{line}");
            }
            ("R", 4) => {
                // Nothing is ever flushed: the model sees what retired.
                assert_eq!((number(2), columns[3]), (retired, "0"), "{line}");
                retired += 1;
                assert!(rows[id].open.is_none() && !std::mem::replace(&mut rows[id].retired, true), "{line}");
            }
            _ => panic!("no such command: {line}"),
        }
    }
    assert!(rows.iter().all(|row| row.retired && !row.label.is_empty()));
    rows
}

type Slices = BTreeSet<(String, u64, u64)>;

/// What a track shows, without order.
fn slices(trace: &Value, track: &str) -> Slices {
    let all = trace["tracks"][track].as_array().map_or(&[][..], Vec::as_slice);
    all.iter().map(|slice| serde_json::from_value(slice.clone()).expect("a slice")).collect()
}

fn lanes(trace: &Value) -> Slices {
    let tracks = trace["tracks"].as_object().expect("tracks");
    let lanes = tracks.keys().filter(|name| name.starts_with("operations "));
    lanes.flat_map(|lane| slices(trace, lane)).collect()
}

/// Every format shows the same, and what the report says.
fn agrees(traced: &Traced, core: &str) -> Option<Value> {
    let rows = rows(&fs::read_to_string(&traced.files["kanata"]).expect("written"));
    let (perfetto, chrome) = (read(&traced.files["pftrace"])?, read(&traced.files["json"])?);
    assert_eq!(perfetto["process"], chrome["process"]);
    assert!(perfetto["process"].as_str().is_some_and(|name| name.ends_with(&format!(" on {core}"))));
    for track in ["phases", "calls", "GC points", "findings", "services"] {
        assert_eq!(slices(&perfetto, track), slices(&chrome, track), "{track}");
    }
    assert_eq!(lanes(&perfetto), lanes(&chrome));

    let cost = &traced.report["timing"][0]["warm"];
    let phases = perfetto["tracks"]["phases"].as_array().expect("phases");
    let (first, last) = (&phases[0], &phases[phases.len() - 1]);
    assert_eq!(last[2].as_u64().map(|end| end - first[1].as_u64().unwrap_or(0)), cost["cycles"].as_u64());
    let points = traced.report["execution"]["gc_points"].as_u64();
    assert_eq!(slices(&perfetto, "GC points").len() as u64, points.unwrap_or(0));

    let operations = rows.iter().filter(|row| row.thread == 0).count() as u64;
    assert_eq!(Some(operations), cost["operations"].as_u64());
    let executed: Slices = lanes(&perfetto).into_iter().filter(|slice| slice.0 == "executes").collect();
    let stages = rows.iter().flat_map(|row| &row.stages).filter(|stage| stage.0 == "X");
    let also: Slices = stages.map(|(_, start, end)| ("executes".to_owned(), *start, *end)).collect();
    assert_eq!(executed, also);
    Some(perfetto)
}

#[test]
fn a_call_out_of_order_looks_the_same_in_every_format() {
    let traced = traced("trace-zen4", "--core zen4 --epoch go1.27 workloads/quickstart.toml");
    let Some(trace) = agrees(&traced, "zen4") else { return };
    let calls: BTreeSet<String> = slices(&trace, "calls").into_iter().map(|slice| slice.0).collect();
    assert!(calls.iter().any(|name| name == "runtime.call32") && calls.len() > 2, "{calls:?}");
}

#[test]
fn a_call_in_order_with_a_finding_looks_the_same_in_every_format() {
    let workload = "workloads/bugs/makefunc-converted-result-hidden.toml";
    let traced = traced("trace-a53", &format!("--core cortex-a53 --epoch go1.27 {workload}"));
    let Some(trace) = agrees(&traced, "cortex-a53") else { return };
    let findings = slices(&trace, "findings");
    assert!(findings.iter().any(|finding| finding.0.starts_with("RC0101: ")), "{findings:?}");
}

#[test]
fn a_call_on_a_cost_model_looks_the_same_in_every_format() {
    let traced = traced("trace-wasm", "--core interpreter --epoch go1.27 workloads/quickstart.toml");
    agrees(&traced, "interpreter");
}
