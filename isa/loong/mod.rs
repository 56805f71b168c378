//! loong64: the LoongArch64 instruction set and how Go uses it.
//!
//! | file | holds |
//! |---|---|
//! | `regs.rs` | the register file |
//! | `table.rs`, `table/` | every instruction that is known: its bits, its operands, its name |
//! | `decode.rs` | from bytes to operands |
//! | `text.rs` | from operands to text |
//! | `lift/` | what each instruction means |
//! | `helpers.rs` | operations too odd for a micro-op |
//! | `features.rs` | the CPU features that can be switched |
//! | `machine.rs` | the instruction set as a whole |
//! | `encode.rs` | the assembler of the built-in images |
//! | `trampolines/` | Go's hand-written routines, epoch by epoch |
//! | `port.rs` | the calling convention |
//! | `copy_loop.rs` | the loop that speed is measured on |
//!
//! Instructions are decoded from the bits: no library at hand knows them. Facts about instructions are from the
//! *LoongArch Reference Manual, Volume 1: Basic Architecture* (version 1.10); facts about Go from its sources and from the
//! binaries that its toolchains make. Start reading at `table.rs`, `lift/mod.rs` and `port.rs`.

mod copy_loop;
mod decode;
mod encode;
mod features;
mod helpers;
mod lift;
mod machine;
mod port;
mod regs;
mod table;
mod text;
mod trampolines;

use rcsim_uop::Port;

/// The ports of the family.
#[must_use]
pub fn ports() -> Vec<&'static dyn Port> {
    vec![&port::Loong64]
}
