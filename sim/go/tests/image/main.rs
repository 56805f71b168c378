//! The image loader against real Go programs and against what strangers say about them.
//!
//! Each file has one stranger: Go's own tools, the compiler's listing, a disassembler, the running program, another ELF reader, damage.

mod against_compiler;
mod against_disassembly;
mod against_elf_reader;
mod against_nm;
mod against_runtime;
mod damage;
mod foreign;
mod known_values;
mod layouts;
mod toolchain;
mod wasm;
