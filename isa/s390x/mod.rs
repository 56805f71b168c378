//! s390x: the 64-bit z/Architecture, and how Go uses it.
//!
//! | file | holds |
//! |---|---|
//! | `regs.rs` | the register file |
//! | `decode.rs` | length and fields of an instruction |
//! | `lift/` | what each instruction means |
//! | `helpers.rs` | operations too odd for a micro-op |
//! | `text.rs` | disassembly |
//! | `machine.rs` | the instruction set as a whole |
//! | `encode.rs` | the assembler of the built-in images |
//! | `trampolines/` | Go's hand-written routines, epoch by epoch |
//! | `port.rs` | the calling convention |
//! | `copy_loop.rs` | the program that speed is measured on |
//!
//! Facts about instructions are from the z/Architecture Principles of Operation (SA22-7832); facts about Go from its
//! sources and from the binaries that its toolchains make. Instructions are decoded from their bits, by format: the
//! disassembly library hides condition masks in its mnemonics. Start reading at `lift/mod.rs` and `port.rs`.

mod copy_loop;
mod decode;
mod encode;
mod helpers;
mod lift;
mod machine;
mod port;
mod regs;
mod text;
mod trampolines;

use rcsim_uop::Port;

/// The ports of the family.
#[must_use]
pub fn ports() -> Vec<&'static dyn Port> {
    vec![&port::S390X]
}
