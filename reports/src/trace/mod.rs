//! One call on one time line: for viewers that people already have.
//!
//! | file | idea |
//! |---|---|
//! | `konata.rs` | Kanata text, for Konata: a row for each operation with its stages |
//! | `perfetto.rs`, `protobuf.rs` | track events in the protobuf encoding, for Perfetto |
//! | `chrome.rs` | the JSON that chrome://tracing and Perfetto read |
//! | `lanes.rs` | which of the operations that overlap are drawn beside each other |
//!
//! Times are cycles; the first operation is delivered in cycle 0. Viewers that count in nanoseconds show one for each cycle.

mod chrome;
mod konata;
mod lanes;
mod perfetto;
mod protobuf;

pub use chrome::chrome;
pub use konata::konata;
pub use perfetto::perfetto;

/// What happened in one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Workload, architecture and epoch.
    pub title: String,
    /// The core.
    pub core: String,
    /// The instructions that ran, each once.
    pub lines: Vec<Line>,
    /// The operations of the core, in order.
    pub ops: Vec<Op>,
    /// Functions from the retirement of what came before their first instruction to that of their last, in the order of
    /// their beginnings; inner ones follow the one that they are in.
    pub calls: Vec<Span>,
    /// Phases of the call; they follow each other.
    pub phases: Vec<Span>,
    /// What happened between instructions, in order.
    pub marks: Vec<Mark>,
    /// Whether more happened than is recorded.
    pub truncated: bool,
}

/// An instruction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Function and offset.
    pub place: String,
    /// Its text.
    pub text: String,
}

/// When one operation went through the core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// Its instruction, as an index of [`Trace::lines`].
    pub line: usize,
    /// Whether it is the first of its instruction.
    pub first: bool,
    /// What kind of operation.
    pub class: &'static str,
    /// The phase that it belongs to.
    pub phase: &'static str,
    /// Guest instructions before its own.
    pub step: u64,
    /// Cycle in which it was delivered by the front end.
    pub delivered: u64,
    /// Entered the window.
    pub dispatched: u64,
    /// Started.
    pub started: u64,
    /// Its result was known.
    pub done: u64,
    /// Retired.
    pub retired: u64,
    /// The operation that it waited for last, as an index of [`Trace::ops`].
    pub waited_for: Option<usize>,
}

/// A stretch of time with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub name: String,
    /// How many others it is in.
    pub depth: usize,
    /// Its first cycle.
    pub start: u64,
    /// The cycle after its last.
    pub end: u64,
}

/// Something that took no time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Of which kind.
    pub kind: MarkKind,
    /// What happened.
    pub name: String,
    /// When.
    pub cycle: u64,
    /// Guest instructions before it.
    pub step: u64,
}

/// What happens between instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// The collector may stop the goroutine.
    GcPoint,
    /// Part of a finding.
    Finding,
    /// An action of a service, or an object that it makes. It costs no cycles.
    Service,
}

impl MarkKind {
    /// All kinds, in the order of viewers.
    pub const ALL: [Self; 3] = [Self::GcPoint, Self::Finding, Self::Service];

    /// The name of its track.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GcPoint => "GC points",
            Self::Finding => "findings",
            Self::Service => "services",
        }
    }
}

/// What an operation does between two moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its letter, as viewers of pipelines want it.
    pub letter: &'static str,
    /// Its name.
    pub name: &'static str,
    /// First cycle.
    pub start: u64,
    /// The cycle after its last.
    pub end: u64,
}

impl Op {
    /// The cycle after its last.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.retired.max(self.done).max(self.started).max(self.dispatched).max(self.delivered)
    }

    /// Its stages that take time, one after the other.
    pub fn stages(&self) -> impl Iterator<Item = Stage> + use<> {
        let dispatched = self.dispatched.max(self.delivered);
        let started = self.started.max(dispatched);
        let done = self.done.max(started);
        let all = [
            ("F", "front end", self.delivered, dispatched),
            ("Q", "waits", dispatched, started),
            ("X", "executes", started, done),
            ("C", "waits to retire", done, self.end()),
        ];
        let all = all.map(|(letter, name, start, end)| Stage { letter, name, start, end });
        all.into_iter().filter(|stage| stage.start < stage.end)
    }
}

impl Trace {
    /// What an operation is called: its instruction, or for those after its first, their kind.
    fn label(&self, op: &Op) -> String {
        let text = self.lines.get(op.line).map_or("", |line| &line.text);
        if op.first { text.to_owned() } else { format!("{text} [{}]", op.class) }
    }

    fn place(&self, op: &Op) -> &str {
        self.lines.get(op.line).map_or("", |line| &line.place)
    }

    /// What it is a trace of, in one line.
    fn heading(&self) -> String {
        let cut = if self.truncated { ", cut off" } else { "" };
        format!("rcsim: {} on {}{cut}", self.title, self.core)
    }
}

/// Beginnings and ends of spans that lie in each other, in the order in which they happen.
fn nested(spans: &[Span]) -> Vec<(u64, Option<&Span>)> {
    let mut events = Vec::new();
    let mut open: Vec<&Span> = Vec::new();
    for span in spans {
        while open.len() > span.depth
            && let Some(last) = open.pop()
        {
            events.push((last.end, None));
        }
        events.push((span.start, Some(span)));
        open.push(span);
    }
    events.extend(open.iter().rev().map(|span| (span.end, None)));
    events
}

#[cfg(test)]
mod tests;
