//! Results of a sweep: what `rcsim sweep` writes, and how they are read back.
//!
//! A file of results is JSON lines: a [`Header`], then one [`Line`] for each point of the matrix, in the order of their numbers,
//! each number once. While a sweep runs, its journal has the same lines in the order in which they were done; the file of results
//! has them sorted, so that it is the same whatever the order was. A field is never renamed and never changes its meaning within
//! one [`SCHEMA_VERSION`]; a new field may appear.

mod read;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::journal::{Head, Piece, line};
use crate::records::{End, Execution, Frame, Lifted, Phase, Run, Tool, Verdict};
use crate::timing::{Cost, Timing};

pub use read::read;

/// What a file of this kind calls itself.
pub const SCHEMA: &str = "rcsim-sweep";
/// Version of the lines; raised when a field changes or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// [`SCHEMA`].
    pub schema: String,
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Who wrote it.
    pub tool: Tool,
    /// The `name` of the sweep.
    pub name: String,
    /// SHA-256 over everything that the points are made of, in hexadecimal: results of another matrix are not mixed in.
    pub matrix_sha256: String,
    /// How many points there are: so many lines follow.
    pub points: u32,
}

/// One point of the matrix, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// The number of the point in its matrix, from 0.
    pub number: u32,
    /// Where the point is on each axis.
    pub point: Point,
    /// What came of it. Findings make it `fail` unless the workload expects them.
    pub verdict: Verdict,
    /// What was counted; nothing when the run could not start.
    pub measured: Option<Measured>,
    /// What the call cost on the cores of the sweep that execute the architecture; without the lists of instructions and the
    /// critical chain, which `rcsim run --core` has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timing: Vec<Timing>,
    /// Findings and errors, in order.
    pub found: Vec<Found>,
    /// The command that runs the point again and shows everything about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub replay: String,
}

/// A point: its place on each axis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// GOARCH.
    pub arch: String,
    /// The epoch.
    pub epoch: String,
    /// The name of the workload; those that the sweep makes are named by what they are made of.
    pub workload: String,
    /// How the function is called: a word of the key `call` of workloads.
    pub call: String,
    /// The function type, as Go writes it.
    pub signature: String,
    /// Bytes of the frame, where the point is one of a list of frame sizes. What `reflect` laid out is in [`Measured::frame`].
    pub frame_bytes: Option<u64>,
    /// The GC policy.
    pub gc: GcPolicy,
    /// CPU features beyond the baseline of the port.
    pub cpu_features: Vec<String>,
}

/// What the collector does during a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GcPolicy {
    /// The write barrier in force: `epoch`, `none`, `dijkstra` or `hybrid`.
    pub barrier: String,
    /// Where it may stop the goroutine: `go`, `every` or `none`.
    pub points: String,
    /// Whether the stack moves at each of those.
    pub move_stacks: bool,
}

/// What was counted in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// `returned`, `panicked` or `stopped`.
    pub end: String,
    /// Trampolines in the order in which they ran.
    pub trampolines: Vec<String>,
    /// The call frame as `reflect` of the epoch lays it out.
    pub frame: Frame,
    /// What each phase took.
    pub phases: Vec<Phase>,
    /// Guest instructions of all phases.
    pub instructions: u64,
    /// Atomic actions of what rcsim performs itself.
    pub service_steps: u64,
    /// Code that was lifted.
    pub lifted: Lifted,
    /// Objects allocated on the heap.
    pub objects: u64,
    /// How often the goroutine's stack moved.
    pub stack_moves: u32,
    /// Points where the collector could stop the goroutine; each was examined.
    pub gc_points: u32,
}

/// A finding or an error, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Found {
    /// `finding`, `input`, `unsupported` or `bug`.
    pub class: String,
    /// The code of a finding.
    pub code: Option<String>,
    /// What went wrong.
    pub message: String,
}

/// Results that are complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Results {
    /// The first line.
    pub header: Header,
    /// The others, in order of their numbers.
    pub lines: Vec<Line>,
}

impl Results {
    /// The file of these results.
    #[must_use]
    pub fn to_text(&self) -> String {
        let lines = self.lines.iter().map(line);
        std::iter::once(line(&self.header)).chain(lines).collect()
    }
}

impl Head for Header {
    const SCHEMA: &'static str = SCHEMA;
    const VERSION: u32 = SCHEMA_VERSION;

    fn pieces(&self) -> u32 {
        self.points
    }
}

impl Piece for Line {
    fn number(&self) -> u32 {
        self.number
    }
}

impl Line {
    /// The line of a run.
    #[must_use]
    pub fn of(number: u32, point: Point, run: &Run, replay: String) -> Self {
        let measured = run.execution.as_ref().map(Measured::of);
        let found = run.diagnostics.iter().map(|diagnostic| Found {
            class: diagnostic.class.clone(),
            code: diagnostic.code.clone(),
            message: diagnostic.message.clone(),
        });
        let timing = run.timing.iter().map(in_short).collect();
        Self { number, point, verdict: run.verdict, measured, timing, found: found.collect(), replay }
    }
}

fn in_short(timing: &Timing) -> Timing {
    let short = |cost: &Cost| Cost { chain: Vec::new(), instructions_by_cycles: Vec::new(), ..cost.clone() };
    Timing { cold: short(&timing.cold), warm: short(&timing.warm), ..timing.clone() }
}

impl Measured {
    fn of(execution: &Execution) -> Self {
        let end = match execution.end {
            End::Returned { .. } => "returned",
            End::Panicked { .. } => "panicked",
            End::Stopped { .. } => "stopped",
        };
        Self {
            end: end.to_owned(),
            trampolines: execution.trampolines.clone(),
            frame: execution.frame,
            phases: execution.phases.clone(),
            instructions: execution.instructions,
            service_steps: execution.service_steps,
            lifted: execution.lifted,
            objects: execution.objects as u64,
            stack_moves: execution.stack_moves,
            gc_points: execution.gc_points,
        }
    }
}
