//! Go values outside any memory: made from a type, written by the user, compared, printed.
//!
//! Owns: the value model ([`Value`], [`Heap`]), deterministic values of a type ([`generate`]), values in Go syntax
//! ([`parse`]), the one canonical text ([`Printer`]) that the simulator and a generated Go program both print. Must not
//! know: bytes and addresses. Start reading at `model.rs`.

mod assign;
mod generate;
mod literal;
mod members;
mod model;
mod parse;
mod scalars;
mod text;

pub use assign::{assignable, assigned, interface_methods, same_layout};
pub use generate::{GenerateError, MAX_LEAVES, generate, implementer};
pub use literal::{GoLiterals, go_float32, go_float64, go_string};
pub use model::{Content, Heap, InterfaceValue, Object, ObjectId, SliceValue, Value, zero};
pub use parse::parse;
pub use text::{MAX_DEPTH, Printer, quoted};
