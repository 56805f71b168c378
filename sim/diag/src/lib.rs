//! The one diagnostic type of rcsim and its two renderings.
//!
//! Owns: what a message to the user consists of ([`Diagnostic`]), where in a source text it points ([`Span`]), and how it
//! looks on a terminal ([`Diagnostic::render`]) and in JSON (`serde::Serialize`). Must not know: workloads, images,
//! architectures, or when a process ends; exit codes are derived from [`Class`] by the command line.
//!
//! Start reading at `diagnostic.rs`.

mod diagnostic;
mod diagnostics;
mod json;
mod source;
mod suggest;
pub mod table;
mod terminal;

pub use diagnostic::{
    Class, Code, CodeLine, Diagnostic, Label, ListingLine, Note, ParseCodeError, Severity, Whose,
};
pub use diagnostics::Diagnostics;
pub use source::{LineColumn, Located, Source, Span};
pub use suggest::nearest;
pub use terminal::Colour;
