//! x86: the ports amd64, 386 and amd64p32.
//!
//! Map: [`mode`] what tells the machines apart; [`regs`] which slot holds which register; [`features`] what can be switched on; [`decode`] bytes to iced's
//! instructions; [`lift`] instructions to micro-ops, one file per group; [`helpers`] what has no micro-op, and [`x87`]
//! its arithmetic of 80 bits; [`isa`] ties
//! these together; [`encode`] the assembler for built-in images; [`trampolines`] Go's hand-written routines of each
//! epoch; [`port`] how Go uses the machine. Start reading at [`isa`].
//!
//! Decoding and operands are those of the `iced-x86` crate; nothing here looks at instruction bytes except the encoder.

mod copy_loop;
mod decode;
mod encode;
mod features;
mod helpers;
mod isa;
mod lift;
mod mode;
mod port;
mod regs;
mod trampolines;
mod x87;

use rcsim_uop::Port;

/// The ports of this family.
#[must_use]
pub fn ports() -> Vec<&'static dyn Port> {
    vec![&port::AMD64, &port::I386, &port::AMD64P32]
}
