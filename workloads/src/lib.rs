//! The workload format of rcsim.
//!
//! Owns: what a workload file may say ([`Workload`]), the Go types and values in it, and the Go program that does the same
//! as a workload ([`gogen`]). Must not know: architectures and epochs (the caller hands in the lists of known names),
//! registers, memory, images.
//!
//! Start reading at `workload.rs`; `gotype/` has the types, `layout.rs` their sizes, `value/` the values.

pub mod defects;
mod ends;
mod format;
mod given;
pub mod gogen;
pub mod gotype;
mod known;
pub mod layout;
pub mod patch;
pub mod random;
pub mod schema;
pub mod snippet;
pub mod value;
mod workload;

pub use ends::{Arguments, ExpectedText};
pub use given::{Given, GivenValue};
pub use known::{check_defect_names, check_deviations, check_names, unknown_arch, unknown_epoch};
pub use workload::{
    Action, Barrier, BreakKind, Call, Callee, Expect, ExpectedBreak, ExpectedEnd, ExpectedFinding, Frame, Gc,
    Limits, Outcome, Points, Receiver, RuntimeCaller, StackLeft, Values, Workload,
};
