//! riscv64: the RV64GC instruction set and how Go uses it.
//!
//! | file | holds |
//! |---|---|
//! | `regs.rs` | the register file |
//! | `table.rs` | every instruction that is known: its bits, its operands, its name |
//! | `compressed.rs` | the 16-bit instructions and the 32-bit ones that they stand for |
//! | `decode.rs` | from bytes to operands, and to text |
//! | `pseudo.rs` | the names of instructions with special operands |
//! | `lift/` | what each instruction means |
//! | `helpers.rs` | operations too odd for a micro-op |
//! | `features.rs` | the CPU features that can be switched |
//! | `machine.rs` | the instruction set as a whole |
//! | `encode.rs` | the assembler of the built-in images |
//! | `trampolines/` | Go's hand-written routines, epoch by epoch |
//! | `port.rs` | the calling convention |
//! | `copy_loop.rs` | the loop that speed is measured on |
//!
//! Instructions are decoded from the bits: the libraries at hand lack the bit manipulation extensions and rounding
//! modes. Facts about instructions are from the RISC-V Instruction Set Manual, volume I (version 20240411); facts about
//! Go from its sources and from the binaries that its toolchains make. Start reading at `table.rs`, `lift/mod.rs` and
//! `port.rs`.

mod compressed;
mod copy_loop;
mod decode;
mod encode;
mod features;
mod helpers;
mod lift;
mod machine;
mod port;
mod pseudo;
mod regs;
mod table;
mod trampolines;

use rcsim_uop::Port;

/// The ports of the family.
#[must_use]
pub fn ports() -> Vec<&'static dyn Port> {
    vec![&port::Riscv64]
}
