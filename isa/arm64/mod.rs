//! arm64: the A64 instruction set of Armv8-A and how Go uses it.
//!
//! | file | holds |
//! |---|---|
//! | `regs.rs` | the register file |
//! | `decode.rs` | operands as slots, widths and addresses |
//! | `lift/` | what each instruction means |
//! | `helpers.rs` | operations too odd for a micro-op |
//! | `features.rs` | the CPU features that can be switched |
//! | `machine.rs` | the instruction set as a whole |
//! | `encode.rs` | the assembler of the built-in images |
//! | `trampolines/` | Go's hand-written routines, epoch by epoch |
//! | `port.rs` | the calling convention |
//!
//! Facts about instructions are from the Arm Architecture Reference Manual for A-profile (DDI 0487); facts about Go from
//! its sources and from the binaries that its toolchains make. Start reading at `lift/mod.rs` and `port.rs`.

mod copy_loop;
mod decode;
mod encode;
mod features;
mod helpers;
mod lift;
mod machine;
mod port;
mod regs;
mod trampolines;

use rcsim_uop::Port;

/// The ports of the family.
#[must_use]
pub fn ports() -> Vec<&'static dyn Port> {
    vec![&port::Arm64]
}
