//! Go's hand-written routines on loong64, one file each, with the epoch as parameter.
//!
//! `frame.rs` stands for Go's assembler: prologue, epilogue, accesses to the frame. The routines describe what their
//! authors wrote; together they give the bytes that the toolchain of the epoch makes. This file lines the routines up
//! and links them, with the variable that tells which CPU features there are.

mod assembler;
mod call;
mod flags;
mod frame;
mod reflectcall;
mod spill;
mod stub;

use rcsim_uop::Epoch;
use rcsim_uop::port::{BuildError, BuiltinImage, Externs};

use crate::routine;
use assembler::Assembler;
use frame::Routine;

/// Functions start at multiples of this (Go's linker, `FuncAlign` of loong64).
const FUNCTION_ALIGN: u32 = 16;

/// Largest argument area of each trampoline: 32, 64, ... 1 GiB. Go's sources have one of 16, which nothing refers to and no
/// program contains.
pub fn call_sizes() -> impl Iterator<Item = u32> {
    (5..=30).map(|log2| 1 << log2)
}

fn routines(epoch: Epoch) -> Vec<Routine> {
    let assembler = Assembler::of(epoch);
    let mut list = vec![reflectcall::reflectcall(epoch, assembler), call::call_ret(epoch, assembler)];
    list.extend(call_sizes().map(|size| call::call(epoch, assembler, size)));
    if epoch >= Epoch::Go127 {
        list.push(spill::spill_args(assembler));
        list.push(spill::unspill_args(assembler));
    }
    list.push(stub::make_func_stub(epoch, assembler));
    list.push(stub::method_value_call(epoch, assembler));
    list
}

/// Assemble and link the machinery of an epoch.
///
/// # Errors
/// When something cannot be encoded, or an external function is out of a branch's reach.
pub fn image(epoch: Epoch, base: u64, externs: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
    let mut finished = routines(epoch).into_iter().map(Routine::finish).collect::<Result<Vec<_>, _>>()?;
    let mut externs = flags::Program::new(externs);
    if epoch >= Epoch::Go127 && externs.lacks_flags() {
        finished.push(flags::variable().finish()?);
    }
    let mut image = routine::link(finished, FUNCTION_ALIGN, base, &mut externs)?;
    // It stands behind the routines as they stand behind each other, and is none.
    image.functions.retain(|function| function.name != flags::HAS_LSX);
    Ok(image)
}
