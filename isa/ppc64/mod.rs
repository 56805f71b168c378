//! ppc64 and ppc64le: the 64-bit Power ISA in both byte orders, and how Go uses it.
//!
//! | file | holds |
//! |---|---|
//! | `regs.rs` | the register file |
//! | `decode.rs` | the fields of an instruction word |
//! | `lift/` | what each instruction means |
//! | `helpers.rs` | operations too odd for a micro-op |
//! | `features.rs` | the CPU features that can be switched |
//! | `text.rs` | disassembly |
//! | `machine.rs` | the instruction set as a whole |
//! | `encode.rs` | the assembler of the built-in images |
//! | `trampolines/` | Go's hand-written routines, epoch by epoch |
//! | `port.rs` | the calling convention |
//! | `copy_loop.rs` | the program that speed is measured on |
//!
//! Facts about instructions are from the Power ISA (2.07 for POWER8, 3.0 for POWER9); facts about Go from its sources and
//! from the binaries that its toolchains make. Instructions are decoded from their bits: the fields of a word are few and
//! regular, and the disassembly libraries are wrong about the indirect call through LR. Start reading at `lift/mod.rs`
//! and `port.rs`.

mod copy_loop;
mod decode;
mod encode;
mod features;
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
    vec![&port::LITTLE, &port::BIG]
}
