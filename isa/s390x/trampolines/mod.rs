//! Go's hand-written routines on s390x, one file each, with the epoch as parameter.
//!
//! `frame.rs` stands for Go's assembler: prologue, epilogue, accesses to the frame. The routines describe what their
//! authors wrote; together they give the bytes that the toolchain of the epoch makes. This file lines the routines up
//! and links them.

mod assembler;
mod call;
mod frame;
mod reflectcall;
mod spill;
mod stub;

use rcsim_uop::Epoch;
use rcsim_uop::port::{BuildError, BuiltinImage, Externs, PointerMap};

use crate::routine;
use assembler::Assembler;
use frame::Routine;

/// Functions start at multiples of this (Go's linker, `FuncAlign` of s390x).
const FUNCTION_ALIGN: u32 = 16;

/// Largest argument area of each trampoline: 16, 32, ... 1 GiB. Until 2018 there is none of 16 bytes, which once were too
/// few for the arguments of a barrier.
fn call_sizes(epoch: Epoch) -> impl Iterator<Item = u32> {
    (if epoch <= Epoch::Y2018 { 5 } else { 4 }..=30).map(|log2| 1 << log2)
}

/// Whether arguments come in registers, in Go 1.27 and not yet in Go 1.19.
pub fn has_register_arguments(epoch: Epoch) -> bool {
    epoch >= Epoch::Go127
}

/// The argument words of `reflectcall` and the trampolines: until 2018 type, function, arguments and two sizes.
fn reflectcall_args(epoch: Epoch) -> PointerMap {
    if epoch.has_reg_args() {
        return routine::reflectcall_args();
    }
    PointerMap { words: vec![true, true, true, false] }
}

fn routines(epoch: Epoch) -> Vec<Routine> {
    let assembler = Assembler::of(epoch);
    let mut list = Vec::new();
    if has_register_arguments(epoch) {
        list.push(spill::spill_args(assembler));
        list.push(spill::unspill_args(assembler));
    }
    if epoch <= Epoch::Y2018 {
        list.push(reflectcall::reflect_call(assembler));
    }
    list.push(reflectcall::reflectcall(epoch, assembler));
    list.push(call::call_ret(epoch, assembler));
    list.push(call::move_rest(assembler));
    list.extend(call_sizes(epoch).map(|size| call::call(epoch, assembler, size)));
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
