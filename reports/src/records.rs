//! The records: what `rcsim run --format json` writes, and `report.json` of `--out`.
//!
//! A field is never renamed and never changes its meaning within one [`SCHEMA_VERSION`]; a new field may appear. Sizes are in
//! bytes, counts are of guest instructions unless their name says otherwise. Nothing here depends on time or machine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a document of this kind calls itself.
pub const SCHEMA: &str = "rcsim-run";
/// Version of the records; raised when a field changes or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// One invocation of `rcsim run`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: String,
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Who wrote it.
    pub tool: Tool,
    /// The runs in order.
    pub runs: Vec<Run>,
    /// Combinations that were left out, with the reason.
    pub skipped: Vec<Skipped>,
    /// How many runs ended how.
    pub summary: Summary,
}

/// Why a text is no document.
#[derive(Debug)]
pub enum NotADocument {
    /// It is no JSON, or has other fields.
    Json(serde_json::Error),
    /// It calls itself something else, or is of another version.
    Other(String, u32),
}

impl std::fmt::Display for NotADocument {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Json(error) => write!(to, "it is no result of `rcsim run`: {error}"),
            Self::Other(schema, version) => {
                write!(to, "it is `{schema}` version {version}, not `{SCHEMA}` version {SCHEMA_VERSION}")
            }
        }
    }
}

/// The program that wrote a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `rcsim`
    pub name: String,
    /// Its version.
    pub version: String,
}

/// How many runs ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// As expected.
    pub passed: usize,
    /// Otherwise than expected.
    pub failed: usize,
    /// Not to an end that says anything: bad input, or something that rcsim lacks.
    pub unusable: usize,
    /// Combinations left out.
    pub skipped: usize,
    /// Runs that were not begun, because an earlier one failed or the user interrupted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_run: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// What came of a run, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The end and the findings are the expected ones.
    Pass,
    /// They are not.
    Fail,
    /// The run could not start, or not go on: bad input, or something that rcsim lacks.
    Unusable,
}

/// One workload on one architecture, in one epoch, with one code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The workload.
    pub workload: Workload,
    /// GOARCH.
    pub arch: String,
    /// The epoch whose rules were in force.
    pub epoch: String,
    /// CPU features of the guest beyond the baseline of the port.
    pub cpu_features: Vec<String>,
    /// What code ran.
    pub code: Code,
    /// What came of it.
    pub verdict: Verdict,
    /// What ran, and how it ended; nothing when it could not start.
    pub execution: Option<Execution>,
    /// What happened, moment by moment; only where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeline: Option<crate::timeline::Timeline>,
    /// What it cost on the cores that were asked for, one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timing: Vec<crate::timing::Timing>,
    /// Findings and errors, in order.
    pub diagnostics: Vec<Diagnostic>,
    /// The command that runs the same again.
    pub replay: String,
}

/// Which workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Workload {
    /// The file, as it was named on the command line or found in a folder named there.
    pub path: String,
    /// Its `name`.
    pub name: String,
    /// Its `call`.
    pub call: String,
    /// The function type as it was written.
    pub func: String,
}

/// Where code came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "source", rename_all = "kebab-case")]
pub enum Code {
    /// Assembled by rcsim.
    BuiltIn {
        /// The epoch.
        epoch: String,
    },
    /// Loaded from a file.
    File {
        /// The file, as it was named on the command line.
        path: String,
        /// SHA-256 of its bytes, in hexadecimal.
        sha256: String,
        /// The Go that built it.
        go: String,
    },
}

/// What ran, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Execution {
    /// How it ended.
    pub end: End,
    /// The text of what should have come out: results, or a panic.
    pub expected: String,
    /// Trampolines in the order in which they ran.
    pub trampolines: Vec<String>,
    /// The call frame as `reflect` of the epoch lays it out.
    pub frame: Frame,
    /// Which function was called.
    pub callee: Callee,
    /// Functions that rcsim performed itself, in order of first use.
    pub services: Vec<String>,
    /// Atomic actions of those.
    pub service_steps: u64,
    /// What each phase cost.
    pub phases: Vec<Phase>,
    /// Guest instructions.
    pub instructions: u64,
    /// What was lifted.
    pub lifted: Lifted,
    /// How often the goroutine's stack moved.
    pub stack_moves: u32,
    /// Objects allocated on the heap.
    pub objects: usize,
    /// Points where the collector may stop the goroutine; each was examined, but in a replay. 0 when the workload wants none.
    #[serde(default)]
    pub gc_points: u32,
    /// What a replay really did at such a point, in words; or that there is no collector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gc_really: Option<String>,
    /// What the steps between those points showed, for workloads that ask for points at every step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps_between: Option<StepsBetween>,
}

/// Steps at which Go never stops the goroutine. What would be wrong there is no finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepsBetween {
    /// Steps that were looked at.
    pub steps: u64,
    /// How many of them lie between the instructions that make or leave a frame, so that no frames could be told.
    pub without_frames: u64,
    /// What a collection there would do, in words.
    pub remarks: Vec<String>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum End {
    /// The call returned.
    Returned {
        /// The results as text.
        results: String,
    },
    /// The Go program panicked.
    Panicked {
        /// The text of the panic.
        text: String,
    },
    /// The guest trapped, hit a limit, or needed what rcsim lacks.
    Stopped {
        /// Why.
        why: String,
    },
}

/// A call frame; all of it in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Frame {
    /// Arguments and results on the stack.
    pub frame_bytes: u64,
    /// Offset of the results.
    pub ret_offset_bytes: u64,
    /// Room behind them to which a callee may spill argument registers.
    pub spill_bytes: u64,
}

/// Which function was called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Callee {
    /// rcsim's own, as the workload describes it.
    Service,
    /// A function of the image.
    Image {
        /// Its symbol.
        symbol: String,
    },
}

/// One phase of a reflective call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Phase {
    /// Its name.
    pub name: String,
    /// Guest instructions.
    pub instructions: u64,
    /// Bytes that they read.
    pub bytes_read: u64,
    /// Bytes that they wrote.
    pub bytes_written: u64,
}

/// Code that was lifted, each instruction once, however often it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lifted {
    /// Instructions.
    pub instructions: usize,
    /// Micro-ops.
    pub micro_ops: usize,
}

/// A finding or an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Diagnostic {
    /// `finding`, `input`, `unsupported` or `bug`.
    pub class: String,
    /// The code of a finding.
    pub code: Option<String>,
    /// What went wrong.
    pub message: String,
    /// Where: file, line and column, or what else tells the place.
    pub place: Option<String>,
    /// Explanations and events in time order.
    pub notes: Vec<String>,
    /// Whose defect it is.
    pub whose: Option<String>,
    /// Remedies.
    pub help: Vec<String>,
    /// All of it as a terminal shows it, without colours: with the excerpt of code or of the workload that it points at.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The command that shows it again; nothing when the run's own does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<String>,
    /// The place in the workload: what the message points at, else where the function type is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// The line of Go source that the guilty instruction was compiled from, where the program tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_line: Option<Location>,
}

/// A place in a text file; both numbers from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// The file: as it was named on the command line, or as a compiler recorded it.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column in characters, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
}

/// A combination that was left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// The workload; nothing when the reason holds for all of them.
    pub workload: Option<String>,
    /// GOARCH.
    pub arch: String,
    /// The epoch; nothing when the reason holds for all of them.
    pub epoch: Option<String>,
    /// Why.
    pub why: String,
}

impl Document {
    /// A document of these runs.
    #[must_use]
    pub fn new(version: &str, runs: Vec<Run>, skipped: Vec<Skipped>) -> Self {
        let tool = Tool { name: "rcsim".to_owned(), version: version.to_owned() };
        let summary = Summary::of(&runs, skipped.len());
        Self { schema: SCHEMA.to_owned(), schema_version: SCHEMA_VERSION, tool, runs, skipped, summary }
    }

    /// Says that so many runs were not begun.
    #[must_use]
    pub fn with_not_run(mut self, not_run: usize) -> Self {
        self.summary.not_run = not_run;
        self
    }

    /// The document as JSON, ending with a newline.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("the records have string keys only");
        text.push('\n');
        text
    }

    /// Reads what [`Document::to_json`] wrote.
    ///
    /// # Errors
    /// When it is something else, or of another version.
    pub fn from_json(text: &str) -> Result<Self, NotADocument> {
        let document: Self = serde_json::from_str(text).map_err(NotADocument::Json)?;
        if (document.schema.as_str(), document.schema_version) != (SCHEMA, SCHEMA_VERSION) {
            return Err(NotADocument::Other(document.schema, document.schema_version));
        }
        Ok(document)
    }
}

impl Summary {
    /// Counts runs by verdict.
    #[must_use]
    pub fn of<'r>(runs: impl IntoIterator<Item = &'r Run>, skipped: usize) -> Self {
        let mut summary = Self { skipped, ..Self::default() };
        for run in runs {
            *match run.verdict {
                Verdict::Pass => &mut summary.passed,
                Verdict::Fail => &mut summary.failed,
                Verdict::Unusable => &mut summary.unusable,
            } += 1;
        }
        summary
    }
}

impl Execution {
    /// All phases together.
    #[must_use]
    pub fn total(&self) -> Phase {
        let sum = |part: fn(&Phase) -> u64| self.phases.iter().map(part).sum();
        Phase {
            name: "total".to_owned(),
            instructions: sum(|phase| phase.instructions),
            bytes_read: sum(|phase| phase.bytes_read),
            bytes_written: sum(|phase| phase.bytes_written),
        }
    }
}
