//! Records of what happened in a run, moment by moment: `rcsim run --timeline`.
//!
//! Each moment says what changed. Whoever reads it keeps the state: registers that hold pointers, and objects that a scan of
//! the collector would not reach.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happened in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// Heap objects; number 1 comes first.
    pub objects: Vec<Object>,
    /// The instructions that were executed, each once; moments name them by index.
    pub code: Vec<Line>,
    /// What happened, in order.
    pub moments: Vec<Moment>,
    /// Whether there was more than is recorded.
    pub truncated: bool,
}

/// One heap object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Object {
    /// Its number; findings call it `#12`.
    pub number: u32,
    /// Its size.
    pub bytes: u64,
    /// What it is for.
    pub what: String,
    /// The first GC point that did not reach it, where there was one: a collection there frees it.
    pub freed_at_point: Option<u32>,
    /// Its first use after that point: the defect.
    pub used_after: Option<Use>,
}

/// Use of an object that a collection would have freed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Use {
    /// Guest instructions before it.
    pub step: u64,
    /// What used it: an instruction's place, or an action of a service.
    pub place: String,
}

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// Function and offset.
    pub place: String,
    /// Its text.
    pub text: String,
}

/// One thing that happened, and what it changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// What happened.
    #[serde(flatten)]
    pub what: Happening,
    /// Guest instructions before it.
    pub step: u64,
    /// Registers that hold another pointer than before, or none any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registers: Vec<Register>,
    /// What a scan here would reach, where that is other than before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sight: Option<Sight>,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Happening {
    /// An instruction was executed.
    Instruction {
        /// Its index in [`Timeline::code`].
        line: usize,
        /// The part of the call that it belongs to.
        phase: String,
    },
    /// A service began an action.
    Action {
        /// Its name.
        name: String,
    },
    /// A heap object was made.
    Allocation {
        /// Its number.
        object: u32,
    },
    /// The collector may stop the goroutine.
    GcPoint {
        /// Number of the point, from 0.
        number: u32,
        /// Where.
        place: String,
        /// Words that the scan reads as pointers.
        roots: usize,
        /// Frames scanned.
        frames: usize,
    },
}

/// A register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Register {
    /// Its name.
    pub name: String,
    /// The pointer that it holds now: `#2+8` into an object, `stack-64` so many bytes below the end of the stack; nothing when
    /// it holds none.
    pub holds: Option<String>,
}

/// What a scan would reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sight {
    /// The frames cannot be told here.
    Unknown,
    /// All objects but those with these numbers.
    AllBut(Vec<u32>),
}
