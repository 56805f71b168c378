//! The world of Go around the machinery: images, ABI, types in memory, heap, goroutine stack, and the services that rcsim
//! performs itself.
//!
//! Owns: everything between a workload and the bare interpreter. Must not know: any architecture by name (a
//! [`rcsim_uop::Port`] tells what is needed), terminals, files other than images.
//!
//! Start reading at [`run::run`], which runs one workload; [`world::World`] is what it sets up.

pub mod abi;
pub mod code;
pub mod core;
pub mod deviation;
pub mod failure;
pub mod follow;
mod growth;
pub mod heap;
pub mod image;
mod loading;
pub mod marking;
pub mod mutation;
mod patch;
pub mod phases;
pub mod places;
pub mod points;
mod prologue;
pub mod rules;
pub mod run;
pub mod services;
pub mod stack;
mod statics;
pub mod steps;
pub mod timeline;
pub mod unwind;
pub mod values;
pub mod world;
