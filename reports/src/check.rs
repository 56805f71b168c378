//! The journal of a check: runs that passed, kept until all are made, so that a check that was killed goes on where it was.
//!
//! It is no result: it is gone when the check ends. Runs that failed are not in it; they are made again, and told again.

use serde::{Deserialize, Serialize};

use crate::journal::{Head, Piece};
use crate::records::{Run, Tool};

/// What a file of this kind calls itself.
pub const SCHEMA: &str = "rcsim-check-journal";
/// Version of the lines; raised when a field changes or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`SCHEMA`].
    pub schema: String,
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Who wrote it.
    pub tool: Tool,
    /// SHA-256 over everything that the runs are made of, rcsim itself included, in hexadecimal.
    pub runs_sha256: String,
    /// How many runs there are.
    pub runs: u32,
}

/// A run that passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number among the runs of this check, from 0.
    pub number: u32,
    /// Its record.
    pub run: Run,
}

impl Head for Header {
    const SCHEMA: &'static str = SCHEMA;
    const VERSION: u32 = SCHEMA_VERSION;

    fn pieces(&self) -> u32 {
        self.runs
    }
}

impl Piece for Line {
    fn number(&self) -> u32 {
        self.number
    }
}
