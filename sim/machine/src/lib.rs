//! Guest memory and the interpreter.
//!
//! Owns: paged memory with permissions, the cache of lifted blocks, the one interpreter of micro-ops, traps and limits,
//! and the two type parameters through which others look on: [`Shadow`] follows values, [`Observer`] sees the retired
//! stream. Must not know: any instruction set, Go, garbage collection, timing.
//!
//! A guest thread is a [`Cpu`]; memory and code are shared, so any number of threads can take turns on one
//! [`Memory`] and one [`CodeCache`]. Start reading at [`interp::run`].

pub mod alu;
pub mod cache;
pub mod cpu;
pub mod float;
pub mod guest;
pub mod interp;
pub mod memory;
pub mod observer;
pub mod retired;
pub mod shadow;
pub mod trap;
pub mod vector;

pub use cache::CodeCache;
pub use cpu::Cpu;
pub use guest::GuestThread;
pub use interp::{Limits, run};
pub use memory::{Memory, Perms};
pub use observer::{Both, NoObserver, Observer, Sight};
pub use retired::{BlockRecorder, MemoryAccess, RetiredBlock};
pub use shadow::{NoShadow, Shadow};
pub use trap::{Exit, Trap, TrapKind};
