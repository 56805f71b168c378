//! Reading results: those that are complete, and the journal of a sweep that was interrupted.

use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Header, Line, Results, SCHEMA, SCHEMA_VERSION};

/// Why a text is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// It is no file of results at all.
    Foreign,
    /// It is of another version of the format.
    Version {
        /// The version that it states.
        found: u64,
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
        /// How many points there are.
        found: usize,
        /// How many there should be.
        points: u32,
    },
    /// A number stands twice or is none of the matrix.
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
            Self::Foreign => write!(f, "not results of a sweep: the first line is no `{SCHEMA}` header"),
            Self::Version { found } => {
                write!(f, "results of schema version {found}; this version of rcsim reads {SCHEMA_VERSION}")
            }
            Self::Damaged { line, why } => write!(f, "line {line} is damaged: {why}"),
            Self::Truncated { found, points } => {
                write!(f, "the results are not complete: {found} of {points} points")
            }
            Self::Number { line, number } => {
                write!(f, "line {line} has point {number}, which stands there twice or is none of the sweep")
            }
        }
    }
}

impl std::error::Error for ReadError {}

/// Reads results that are complete.
///
/// # Errors
/// When they are not, or are no results of this version.
pub fn read(text: &str) -> Result<Results, ReadError> {
    let mut rows = text.lines();
    let header = header(rows.next().unwrap_or_default())?;
    let lines = rows.enumerate().map(|(n, row)| parse(row, n + 2));
    let mut lines: Vec<Line> = lines.collect::<Result<_, _>>()?;
    check_numbers(&header, &lines)?;
    if lines.len() < header.points as usize || !text.ends_with('\n') {
        return Err(ReadError::Truncated { found: lines.len(), points: header.points });
    }
    lines.sort_by_key(|line| line.number);
    Ok(Results { header, lines })
}

/// What an interrupted sweep left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// The first line.
    pub header: Header,
    /// What was done, in the order in which it was done.
    pub lines: Vec<Line>,
    /// Bytes of the text that are whole lines; what follows was torn.
    pub whole_bytes: usize,
}

/// Reads the journal of a sweep that may have been killed at any moment: a last line without its end is left out, and nothing is
/// returned when not even the first line is whole.
///
/// # Errors
/// When a whole line cannot be read: that was not done by a kill.
pub fn recover(bytes: &[u8]) -> Result<Option<Journal>, ReadError> {
    let whole_bytes = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if whole_bytes == 0 {
        return Ok(None);
    }
    let text = std::str::from_utf8(&bytes[..whole_bytes]).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        ReadError::Damaged { line, why: "it is not UTF-8 text".to_owned() }
    })?;
    let mut rows = text.lines();
    let header = header(rows.next().unwrap_or_default())?;
    let lines = rows.enumerate().map(|(n, row)| parse(row, n + 2));
    let lines: Vec<Line> = lines.collect::<Result<_, _>>()?;
    check_numbers(&header, &lines)?;
    Ok(Some(Journal { header, lines, whole_bytes }))
}

/// What every version of the first line has.
#[derive(Deserialize)]
struct Kind {
    schema: String,
    schema_version: u64,
}

fn header(row: &str) -> Result<Header, ReadError> {
    let kind: Kind = serde_json::from_str(row).map_err(|_| ReadError::Foreign)?;
    match kind.schema_version {
        _ if kind.schema != SCHEMA => Err(ReadError::Foreign),
        found if found != u64::from(SCHEMA_VERSION) => Err(ReadError::Version { found }),
        _ => parse(row, 1),
    }
}

fn parse<T: DeserializeOwned>(row: &str, line: usize) -> Result<T, ReadError> {
    serde_json::from_str(row).map_err(|error| ReadError::Damaged { line, why: error.to_string() })
}

fn check_numbers(header: &Header, lines: &[Line]) -> Result<(), ReadError> {
    // Lines are fewer than the file has bytes, whatever the header claims.
    let mut seen = std::collections::BTreeSet::new();
    for (n, line) in lines.iter().enumerate() {
        if line.number >= header.points || !seen.insert(line.number) {
            return Err(ReadError::Number { line: n + 2, number: line.number });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{ReadError, read, recover};
    use crate::records::{Tool, Verdict};
    use crate::sweep::{GcPolicy, Header, Line, Point, Results, SCHEMA, SCHEMA_VERSION};

    fn line(number: u32) -> Line {
        let gc = GcPolicy { barrier: "epoch".into(), points: "go".into(), move_stacks: false };
        let point = Point {
            arch: "arm64".into(),
            epoch: "go1.27".into(),
            workload: "one".into(),
            call: "value-call".into(),
            signature: "func()".into(),
            frame_bytes: None,
            gc,
            cpu_features: Vec::new(),
        };
        let (timing, found, replay) = (Vec::new(), Vec::new(), "rcsim".to_owned());
        Line { number, point, verdict: Verdict::Pass, measured: None, timing, found, replay }
    }

    fn results(numbers: &[u32]) -> Results {
        let header = Header {
            schema: SCHEMA.into(),
            schema_version: SCHEMA_VERSION,
            tool: Tool { name: "rcsim".into(), version: "0".into() },
            name: "a sweep".into(),
            matrix_sha256: "00".into(),
            points: 3,
        };
        Results { header, lines: numbers.iter().map(|number| line(*number)).collect() }
    }

    #[test]
    fn what_is_read_is_what_was_written_in_order() {
        assert_eq!(read(&results(&[2, 0, 1]).to_text()), Ok(results(&[0, 1, 2])));
    }

    #[test]
    fn missing_and_doubled_points_are_noticed() {
        assert_eq!(read(&results(&[0, 2]).to_text()), Err(ReadError::Truncated { found: 2, points: 3 }));
        assert_eq!(read(&results(&[0, 0]).to_text()), Err(ReadError::Number { line: 3, number: 0 }));
        assert_eq!(read(&results(&[7]).to_text()), Err(ReadError::Number { line: 2, number: 7 }));
    }

    #[test]
    fn another_version_and_another_file_are_refused() {
        let other = results(&[]).to_text().replace("\"schema_version\":1", "\"schema_version\":99");
        assert_eq!(read(&other), Err(ReadError::Version { found: 99 }));
        for foreign in ["", "x", "{}", "{\"schema\":\"other\",\"schema_version\":1}"] {
            assert_eq!(read(foreign), Err(ReadError::Foreign), "{foreign}");
        }
    }

    /// A journal is cut off behind each of its bytes in turn.
    #[test]
    fn journal_that_was_cut_off_anywhere_keeps_its_whole_lines() {
        let text = results(&[1, 0, 2]).to_text();
        for end in 0..=text.len() {
            let cut = &text[..end];
            let whole = cut.matches('\n').count();
            let found = recover(cut.as_bytes()).expect("whole lines can be read");
            let Some(journal) = found else {
                assert_eq!(whole, 0);
                continue;
            };
            assert_eq!(journal.lines, results(&[1, 0, 2]).lines[..whole - 1]);
            assert_eq!(&text[..journal.whole_bytes], &text[..text[..end].rfind('\n').map_or(0, |at| at + 1)]);
        }
    }

    #[test]
    fn damage_in_the_middle_is_not_taken_for_a_torn_line() {
        let text = results(&[1, 0, 2]).to_text();
        let damaged = text.replacen("\"number\":0", "\"number\":", 1);
        assert!(matches!(recover(damaged.as_bytes()), Err(ReadError::Damaged { line: 3, .. })));
        let mut bytes = text.into_bytes();
        let at = bytes.len() - 10;
        bytes[at] = 0xff;
        assert!(matches!(recover(&bytes), Err(ReadError::Damaged { line: 4, .. })));
    }
}
