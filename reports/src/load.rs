//! Reading records back from files.

use serde::Deserialize;

use crate::journal::ReadError;
use crate::plot::samples::{self, Sample};
use crate::records::{Document, SCHEMA, SCHEMA_VERSION};
use crate::sweep;

/// Results of either kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Results {
    /// Of `rcsim run` or `rcsim check`.
    Document(Box<Document>),
    /// Of `rcsim sweep`.
    Sweep(Box<sweep::Results>),
}

impl Results {
    /// The runs, reduced to what plots need.
    #[must_use]
    pub fn samples(&self) -> Vec<Sample> {
        match self {
            Self::Document(document) => samples::of_document(document),
            Self::Sweep(results) => samples::of_sweep(results),
        }
    }
}

/// Why a text is no results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It ends too early.
    Truncated,
    /// It is no JSON, or not of the form that its schema says: line, column, and why.
    Malformed {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// Why.
        why: String,
    },
    /// It is a sweep that cannot be read.
    Sweep(ReadError),
    /// It is JSON of another kind.
    Foreign,
    /// It is of another version of the records.
    Version {
        /// The version that it states.
        found: u64,
        /// The version that is read.
        known: u32,
    },
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Truncated => write!(f, "it ends in the middle: the file is truncated"),
            Self::Malformed { line, column, why } => write!(f, "line {line}, column {column}: {why}"),
            Self::Sweep(error) => error.fmt(f),
            Self::Foreign => write!(f, "it has no `schema` that rcsim writes"),
            Self::Version { found, known } => {
                write!(f, "its schema version is {found}, and this version of rcsim reads {known}")
            }
        }
    }
}

impl std::error::Error for LoadError {}

/// What every document of rcsim begins with, whatever its version.
#[derive(Deserialize)]
struct Kind {
    schema: String,
    schema_version: u64,
}

/// Reads results.
///
/// # Errors
/// When they are none that this version reads.
pub fn results(text: &str) -> Result<Results, LoadError> {
    let first = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>().next();
    let value = first.ok_or(LoadError::Truncated)?.map_err(|error| because(&error))?;
    let kind: Kind = serde_json::from_value(value).map_err(|_| LoadError::Foreign)?;
    match (kind.schema.as_str(), kind.schema_version) {
        (SCHEMA, found) if found != u64::from(SCHEMA_VERSION) => {
            Err(LoadError::Version { found, known: SCHEMA_VERSION })
        }
        (SCHEMA, _) => serde_json::from_str(text)
            .map(|document| Results::Document(Box::new(document)))
            .map_err(|error| because(&error)),
        (sweep::SCHEMA, found) if found != u64::from(sweep::SCHEMA_VERSION) => {
            Err(LoadError::Version { found, known: sweep::SCHEMA_VERSION })
        }
        (sweep::SCHEMA, _) => {
            sweep::read(text).map(|results| Results::Sweep(Box::new(results))).map_err(LoadError::Sweep)
        }
        _ => Err(LoadError::Foreign),
    }
}

fn because(error: &serde_json::Error) -> LoadError {
    if error.is_eof() {
        return LoadError::Truncated;
    }
    let text = error.to_string();
    let why = text.rsplit_once(" at line ").map_or(text.as_str(), |(why, _)| why).to_owned();
    LoadError::Malformed { line: error.line(), column: error.column(), why }
}

#[cfg(test)]
mod tests {
    use super::{LoadError, Results, results};
    use crate::records::Document;

    #[test]
    fn what_was_written_is_read() {
        let document = Document::new("1", Vec::new(), Vec::new());
        assert_eq!(results(&document.to_json()), Ok(Results::Document(Box::new(document))));
    }

    #[test]
    fn a_document_that_was_cut_off_anywhere_is_refused() {
        let text = Document::new("1", Vec::new(), Vec::new()).to_json();
        for end in 0..text.trim_end().len() {
            assert_eq!(results(&text[..end]), Err(LoadError::Truncated), "{}", &text[..end]);
        }
    }

    #[test]
    fn other_versions_and_other_files_are_refused() {
        let text = Document::new("1", Vec::new(), Vec::new()).to_json();
        let newer = text.replace("\"schema_version\": 1", "\"schema_version\": 99");
        assert_eq!(results(&newer), Err(LoadError::Version { found: 99, known: 1 }));
        for foreign in ["{}", "[1]", "7", "{\"schema\": \"other\", \"schema_version\": 1}"] {
            assert_eq!(results(foreign), Err(LoadError::Foreign), "{foreign}");
        }
        let twice = text.clone() + &text;
        assert!(matches!(results(&twice), Err(LoadError::Malformed { .. })));
        assert!(matches!(results("name = 1"), Err(LoadError::Malformed { line: 1, .. })));
    }
}
