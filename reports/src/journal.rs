//! Files that grow line by line while work is done, so that a kill at any moment leaves them usable: a first line that says what the work
//! is, then one line for each piece of it, in the order in which they were done.
//!
//! What the lines hold belongs to [`crate::sweep`] and [`crate::check`]; here is how they are read back.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A first line. Its fields `schema` and `schema_version` say the kind of the file.
pub trait Head: Serialize + DeserializeOwned + PartialEq {
    /// What a file of this kind calls itself.
    const SCHEMA: &'static str;
    /// Version of its lines.
    const VERSION: u32;

    /// How many pieces of work there are.
    fn pieces(&self) -> u32;
}

/// A line about a piece of work that is done.
pub trait Piece: Serialize + DeserializeOwned {
    /// The number of the piece, from 0.
    fn number(&self) -> u32;
}

/// Why a text is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// It is no such file at all.
    Foreign {
        /// What such a file calls itself.
        schema: &'static str,
    },
    /// It is of another version of the format.
    Version {
        /// The version that it states.
        found: u64,
        /// The version that can be read.
        read: u32,
    },
    /// A line cannot be read.
    Damaged {
        /// Which, from 1.
        line: usize,
        /// Why.
        why: String,
    },
    /// Lines are missing.
    Truncated {
        /// How many pieces there are.
        found: usize,
        /// How many there should be.
        pieces: u32,
    },
    /// A number stands twice or is none of the whole.
    Number {
        /// In which line, from 1.
        line: usize,
        /// The number.
        number: u32,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign { schema } => write!(f, "the first line is no `{schema}` header"),
            Self::Version { found, read } => {
                write!(f, "it is of schema version {found}; this version of rcsim reads {read}")
            }
            Self::Damaged { line, why } => write!(f, "line {line} is damaged: {why}"),
            Self::Truncated { found, pieces } => write!(f, "it is not complete: {found} of {pieces} points"),
            Self::Number { line, number } => {
                write!(f, "line {line} has number {number}, which stands there twice or is none of the whole")
            }
        }
    }
}

impl std::error::Error for ReadError {}

/// What interrupted work left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal<H, P> {
    /// The first line.
    pub head: H,
    /// What was done, in the order in which it was done.
    pub pieces: Vec<P>,
    /// Bytes of the text that are whole lines; what follows was torn.
    pub whole_bytes: usize,
}

/// A value as one line, with its end.
///
/// # Panics
/// When a record had a map with keys that are no text, which none has.
#[must_use]
pub fn line(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string(value).expect("the records have string keys only");
    text.push('\n');
    text
}

/// Reads a text of whole lines.
///
/// # Errors
/// When one of them cannot be read, or its number stands twice.
pub fn read<H: Head, P: Piece>(text: &str) -> Result<(H, Vec<P>), ReadError> {
    let mut rows = text.lines();
    let head: H = head(rows.next().unwrap_or_default())?;
    let pieces = rows.enumerate().map(|(n, row)| parse(row, n + 2));
    let pieces: Vec<P> = pieces.collect::<Result<_, _>>()?;
    check_numbers(&head, &pieces)?;
    Ok((head, pieces))
}

/// Reads a journal whose writer may have been killed at any moment: a last line without its end is left out, and nothing is returned
/// when not even the first line is whole.
///
/// # Errors
/// When a whole line cannot be read: that was not done by a kill.
pub fn recover<H: Head, P: Piece>(bytes: &[u8]) -> Result<Option<Journal<H, P>>, ReadError> {
    let whole_bytes = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if whole_bytes == 0 {
        return Ok(None);
    }
    let text = std::str::from_utf8(&bytes[..whole_bytes]).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        ReadError::Damaged { line, why: "it is not UTF-8 text".to_owned() }
    })?;
    let (head, pieces) = read(text)?;
    Ok(Some(Journal { head, pieces, whole_bytes }))
}

/// What every version of the first line has.
#[derive(Deserialize)]
struct Kind {
    schema: String,
    schema_version: u64,
}

fn head<H: Head>(row: &str) -> Result<H, ReadError> {
    let foreign = ReadError::Foreign { schema: H::SCHEMA };
    let kind: Kind = serde_json::from_str(row).map_err(|_| foreign.clone())?;
    match kind.schema_version {
        _ if kind.schema != H::SCHEMA => Err(foreign),
        found if found != u64::from(H::VERSION) => Err(ReadError::Version { found, read: H::VERSION }),
        _ => parse(row, 1),
    }
}

fn parse<T: DeserializeOwned>(row: &str, line: usize) -> Result<T, ReadError> {
    serde_json::from_str(row).map_err(|error| ReadError::Damaged { line, why: error.to_string() })
}

fn check_numbers<P: Piece>(head: &impl Head, pieces: &[P]) -> Result<(), ReadError> {
    // Lines are fewer than the file has bytes, whatever the header claims.
    let mut seen = BTreeSet::new();
    for (n, piece) in pieces.iter().enumerate() {
        let number = piece.number();
        if number >= head.pieces() || !seen.insert(number) {
            return Err(ReadError::Number { line: n + 2, number });
        }
    }
    Ok(())
}
