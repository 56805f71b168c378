//! mips, mipsle, mips64 and mips64le: MIPS32 and MIPS III to V in both byte orders, and how Go uses them.
//!
//! | file | holds |
//! |---|---|
//! | `mode.rs` | what tells the four machines apart: size of registers, byte order |
//! | `regs.rs` | the register file |
//! | `decode.rs` | the fields of an instruction word |
//! | `lift/` | what each instruction means, delay slots included |
//! | `helpers.rs` | operations too odd for a micro-op |
//! | `text.rs` | disassembly |
//! | `machine.rs` | the instruction set as a whole |
//! | `encode.rs` | the assembler of the built-in images |
//! | `trampolines/` | Go's hand-written routines, epoch by epoch |
//! | `port.rs` | the calling convention |
//! | `copy_loop.rs` | the program that speed is measured on |
//!
//! Facts about instructions are from *MIPS Architecture for Programmers*, volumes II-A (MIPS64 instruction set) and I-A
//! (floating point), release 2 as far as it leaves release 1 alone; facts about Go from its sources and from the binaries
//! that its toolchains make. Instructions are decoded from their bits: there are three formats. Start reading at
//! `lift/mod.rs` and `port.rs`.

mod copy_loop;
mod decode;
mod encode;
mod helpers;
mod lift;
mod machine;
mod mode;
mod port;
mod regs;
mod text;
mod trampolines;

use rcsim_uop::Port;

/// The ports of the family.
#[must_use]
pub fn ports() -> Vec<&'static dyn Port> {
    vec![&port::MIPS64LE, &port::MIPS64, &port::MIPSLE, &port::MIPS]
}
