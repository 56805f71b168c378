//! Go's hand-written routines on arm, one file each, with the epoch as parameter.
//!
//! `frame.rs` stands for Go's assembler: prologue, epilogue, accesses to the frame. The routines describe what their
//! authors wrote; together they give the bytes that the toolchain of the epoch makes. This file lines the routines up and
//! links them.

mod args;
mod assembler;
mod call;
mod frame;
mod reflectcall;
mod stub;

use rcsim_uop::Epoch;
use rcsim_uop::port::{BuildError, BuiltinImage, Externs};

use crate::routine;
use assembler::Assembler;
use frame::Routine;

/// Functions start at multiples of this (Go's linker, `funcAlign` of arm).
const FUNCTION_ALIGN: u32 = 4;

/// Largest argument area of each trampoline: 16, 32, ... 1 GiB. Four words fit the smallest here, so that it never went.
pub fn call_sizes() -> impl Iterator<Item = u32> {
    (4..=30).map(|log2| 1 << log2)
}

fn routines(epoch: Epoch) -> Vec<Routine> {
    let assembler = Assembler::of(epoch);
    let mut list = Vec::new();
    if epoch <= Epoch::Y2018 {
        list.push(reflectcall::reflect_call(assembler));
    }
    list.push(reflectcall::reflectcall(epoch, assembler));
    if epoch >= Epoch::Y2016 {
        list.push(call::call_ret(epoch, assembler));
    }
    list.extend(call_sizes().map(|size| call::call(epoch, assembler, size)));
    list.push(stub::make_func_stub(epoch, assembler));
    list.push(stub::method_value_call(epoch, assembler));
    list
}

/// Assemble and link the machinery of an epoch.
///
/// # Errors
/// When something cannot be encoded, or an external function is out of a branch's reach.
pub fn image(epoch: Epoch, base: u64, externs: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
    let finished = routines(epoch).into_iter().map(Routine::finish).collect::<Result<Vec<_>, _>>()?;
    routine::link(finished, FUNCTION_ALIGN, base, externs)
}
