//! The micro-op language of rcsim and the contract that every architecture fulfils.
//!
//! Owns: what a micro-op means in words ([`op`]), how micro-ops form a block ([`block`]), how a block is built and
//! checked ([`build`], [`verify`]), and the two traits an architecture implements: [`isa::Isa`] (what an instruction
//! means) and [`port::Port`] (how Go uses the architecture). Must not know: memory, the interpreter, Go's types,
//! any particular architecture. Depends on nothing.
//!
//! Start reading at [`op::Op`]; it is the closed set that the interpreter, the shadow and the timing model share.

mod accesses;
pub mod block;
pub mod build;
pub mod copy_loop;
pub mod display;
pub mod edit;
pub mod effects;
pub mod epoch;
pub mod flags;
pub mod fp;
pub mod guest;
pub mod isa;
pub mod op;
pub mod port;
pub mod reg;
pub mod vary;
pub mod verify;

pub use block::{Block, InsnMark, Place};
pub use build::{BlockBuilder, build_block, build_edited_block};
pub use edit::{Edits, Lifted};
pub use epoch::Epoch;
pub use flags::{Cond, FlagOp};
pub use guest::Guest;
pub use isa::{CodeView, Isa, LiftError};
pub use op::Op;
pub use port::Port;
pub use reg::{Reg, RegFile};
