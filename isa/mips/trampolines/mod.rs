//! Go's hand-written routines on the four ports, one file each, with the epoch as parameter.
//!
//! `frame.rs` stands for Go's assembler: prologue, epilogue, accesses to the frame. The routines describe what their
//! authors wrote, on 64-bit and on 32-bit machines almost the same but for the size of words; together they give the
//! bytes that the toolchain of the epoch makes. This file lines the routines up and links them.

mod args;
mod assembler;
mod call;
mod frame;
mod reflectcall;
mod stub;

use rcsim_uop::Epoch;
use rcsim_uop::port::{BuildError, BuiltinImage, Externs};

use super::mode::Mode;
use crate::routine;
use assembler::Assembler;
use frame::Routine;

/// Functions start at multiples of this (Go's linker, `funcAlign` of both).
const FUNCTION_ALIGN: u32 = 8;

/// Largest argument area of each trampoline: 16, 32, ... 1 GiB. Until 2018 none had 16.
pub fn call_sizes(epoch: Epoch) -> impl Iterator<Item = u32> {
    let first = if epoch <= Epoch::Y2018 { 5 } else { 4 };
    (first..=30).map(|log2| 1 << log2)
}

fn routines(epoch: Epoch, assembler: Assembler) -> Vec<Routine> {
    let mut list = Vec::new();
    if epoch <= Epoch::Y2018 {
        list.push(reflectcall::reflect_call(assembler));
    }
    list.push(reflectcall::reflectcall(epoch, assembler));
    list.push(call::call_ret(epoch, assembler));
    list.extend(call_sizes(epoch).map(|size| call::call(epoch, assembler, size)));
    list.push(stub::make_func_stub(epoch, assembler));
    list.push(stub::method_value_call(epoch, assembler));
    list
}

/// Assemble and link the machinery of an epoch.
///
/// # Errors
/// When something cannot be encoded, or an external function is out of reach.
pub fn image(epoch: Epoch, base: u64, mode: Mode, externs: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
    let routines = routines(epoch, Assembler::of(epoch, mode));
    let finished = routines.into_iter().map(Routine::finish).collect::<Result<Vec<_>, _>>()?;
    routine::link(finished, FUNCTION_ALIGN, base, externs)
}
