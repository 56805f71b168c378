//! WebAssembly as Go uses it: one port, `wasm`.
//!
//! The stack machine becomes a register machine: [`plan`] finds the height of the operand stack at each operator of a
//! function, so that every local and operand has a slot of the register file ([`regs`]), and [`lift`] turns operators
//! into micro-ops on slots. A program is a [`module`] whose file is mapped in the guest's memory, where code cannot
//! write; an operator's address is its place in the file, and [`address`] gives addresses to what has no bytes. Linear
//! memory is the first 4 GiB of the same address space. [`port`] says how Go calls functions: its own stack in linear
//! memory beside WebAssembly's. [`encode`] and [`trampolines`] make the built-in modules.
//!
//! Floating point: operations give the canonical NaN, which the specification allows wherever it allows a choice
//! (core specification, "NaN propagation"); engines on x86 or Arm pass operands' payloads on instead.
//!
//! Not modelled: vectors, several results, atomics, exceptions, several memories or tables. Start reading at [`isa`].

pub mod address;
mod disasm;
pub mod encode;
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
