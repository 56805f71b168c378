//! From TOML text to a [`Workload`](crate::Workload).
//!
//! `rcsim_diag::table` reads keys of tables and words the errors; `words.rs` has the closed sets of words; `read.rs` puts a workload
//! together; `callee.rs`, `arguments.rs`, `given.rs`, `expect.rs`, `stack_left.rs` and `patch.rs` read its larger parts.

mod arguments;
mod break_off;
mod callee;
mod defects;
mod expect;
mod finalizer;
mod given;
pub(crate) mod known;
mod patch;
mod read;
mod snippets;
mod stack_left;
mod words;

pub(crate) use defects::read as read_defects;
pub(crate) use read::read;
