//! The cycle model: what the retired stream costs on a core that is described as data.
//!
//! Owns: what an instruction is to a core ([`shape`], [`translate`]), core files ([`core_file`]), and the model of window,
//! ports, caches, store queue, prediction and microcode sequences ([`model`]). Must not know: any instruction set, Go, garbage
//! collection, command lines. It follows a run and never changes it.
//!
//! Start reading at [`Model::retired`].

pub mod account;
pub mod class;
pub mod core_file;
pub mod follow;
pub mod memory;
pub mod model;
pub mod shape;
pub mod trace;
pub mod translate;

pub use account::{Cause, InsnCount, Stack, TagCount};
pub use class::OpClass;
pub use core_file::{Core, Kind, OpCost, Trust};
pub use follow::Follow;
pub use model::{Events, Model, Outcome, Parts};
pub use trace::{OpTimes, Recorded};
