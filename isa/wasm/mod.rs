//! WebAssembly as Go uses it: one port, `wasm`.
//!
//! The stack machine becomes a register machine: every local and operand of the function that runs has a slot of the
//! register file, and operators become micro-ops on slots. A program is a module whose file is mapped where code cannot
//! write; an operator's address is its place in the file. Linear memory is the first 4 GiB of the same address space.
//!
//! | file | holds |
//! |---|---|
//! | `regs.rs` | the register file: globals, and the window of locals and operands |
//! | `module.rs` | types, functions, the table, globals of a module |
//! | `plan.rs` | the height of the operand stack at each operator of a function, and where branches go |
//! | `address.rs` | addresses for what has no bytes: imports and table entries |
//! | `isa.rs` | the instruction set of a module |
//! | `lift/` | what each operator means |
//! | `helpers.rs` | bulk memory and the conversions that trap |
//! | `disasm.rs` | operators as text |
//! | `encode/` | the assembler of the built-in modules, with the conventions of Go's |
//! | `trampolines/` | Go's hand-written routines, epoch by epoch |
//! | `go_pc.rs` | Go's numbering of places in code |
//! | `port.rs` | Go's calling convention |
//!
//! Floating point: operations give the canonical NaN, which the specification allows wherever it allows a choice
//! (core specification, "NaN propagation"); engines on x86 or Arm pass operands' payloads on instead.
//!
//! Not modelled: vectors, several results, atomics, exceptions, several memories or tables. Start reading at [`isa`].

pub mod address;
mod copy_loop;
mod disasm;
mod encode;
pub mod go_pc;
mod helpers;
pub mod isa;
mod lift;
pub mod module;
pub mod plan;
mod port;
pub mod regs;
#[cfg(test)]
mod tests;
mod trampolines;

use rcsim_uop::Port;

pub use isa::WasmIsa;

/// The ports of this family.
#[must_use]
pub fn ports() -> Vec<&'static dyn Port> {
    vec![&port::Wasm]
}
