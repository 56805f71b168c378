//! arm: 32-bit Arm (A32 of Armv7-A) with VFP, and how Go uses it.
//!
//! | file | holds |
//! |---|---|
//! | `regs.rs` | the register file |
//! | `features.rs` | CPU features that can be switched |
//! | `decode.rs` | the fields of an instruction word |
//! | `lift/` | what each instruction means, conditions included |
//! | `kernel.rs` | routines that Linux provides at the end of the address space |
//! | `helpers.rs` | operations too odd for a micro-op |
//! | `text.rs` | disassembly |
//! | `machine.rs` | the instruction set as a whole |
//! | `encode.rs` | the assembler of the built-in images |
//! | `trampolines/` | Go's hand-written routines, epoch by epoch |
//! | `port.rs` | the calling convention |
//! | `copy_loop.rs` | the program that speed is measured on |
//!
//! Facts about instructions are from *Arm Architecture Reference Manual, Armv7-A and Armv7-R edition* (DDI 0406C), sections
//! A5 (encodings), A8 (instructions) and B9; facts about Go from its sources and from the binaries that its toolchains
//! make. Instructions are decoded from their bits. Thumb, and the vector part of Advanced SIMD, which Go never emits, are
//! not modelled. Start reading at `lift/mod.rs` and `port.rs`.

mod copy_loop;
mod decode;
mod encode;
mod features;
mod helpers;
mod kernel;
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
    vec![&port::Arm]
}
