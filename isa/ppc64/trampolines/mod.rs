//! Go's hand-written routines on ppc64, one file each, with the epoch as parameter.
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
use rcsim_uop::port::{BuildError, BuiltinFunction, BuiltinImage, Externs, PointerMap};

use assembler::Assembler;
use frame::Routine;

use super::encode::{self, Place, Unencodable};

/// Functions start at multiples of this (Go's linker, `FuncAlign` of ppc64).
const FUNCTION_ALIGN: u32 = 16;

/// Largest argument area of each trampoline: 16, 32, ... 1 GiB.
pub fn call_sizes() -> impl Iterator<Item = u32> {
    (4..=30).map(|log2| 1 << log2)
}

/// A routine before linking.
struct Finished {
    routine: Routine,
    words: Vec<u32>,
    places: Vec<Place>,
}

fn routines(epoch: Epoch) -> Vec<Routine> {
    let assembler = Assembler::of(epoch);
    let mut list = Vec::new();
    if epoch >= Epoch::Go119 {
        list.push(spill::spill_args(assembler));
        list.push(spill::unspill_args(assembler));
    }
    list.push(reflectcall::reflectcall(assembler));
    list.push(call::call_ret(epoch, assembler));
    list.extend(call_sizes().map(|size| call::call(epoch, assembler, size)));
    list.push(stub::make_func_stub(epoch, assembler));
    list.push(stub::method_value_call(epoch, assembler));
    list
}

fn assembly(function: &str, what: Unencodable) -> BuildError {
    BuildError::Assembly { function: function.to_owned(), what }
}

fn finish(mut routine: Routine) -> Result<Finished, BuildError> {
    let (words, places) = routine.take_code().map_err(|what| assembly(routine.name(), what))?;
    Ok(Finished { routine, words, places })
}

/// Assemble and link the machinery of an epoch.
///
/// # Errors
/// When the epoch is not described, something cannot be encoded, or an external function is out of a branch's reach.
pub fn image(
    epoch: Epoch,
    base: u64,
    big_endian: bool,
    externs: &mut dyn Externs,
) -> Result<BuiltinImage, BuildError> {
    if epoch < Epoch::Y2020 {
        return Err(assembly("runtime.reflectcall", format!("its form in epoch {epoch} is not described")));
    }
    let mut finished = routines(epoch).into_iter().map(finish).collect::<Result<Vec<_>, _>>()?;
    let offsets = lay_out(&finished);
    let inside: Vec<(String, u64)> = finished
        .iter()
        .zip(&offsets)
        .map(|(f, offset)| (f.routine.name().to_owned(), base + u64::from(*offset)))
        .collect();
    let mut address = |symbol: &str| {
        let own = inside.iter().find(|(name, _)| name == symbol).map(|(_, address)| *address);
        own.unwrap_or_else(|| externs.address(symbol))
    };
    for (function, offset) in finished.iter_mut().zip(&offsets) {
        link(function, base + u64::from(*offset), &mut address)?;
    }
    Ok(BuiltinImage {
        base,
        bytes: bytes(&finished, &offsets, big_endian),
        code_offset: 0,
        functions: finished.iter().zip(&offsets).map(|(f, offset)| describe(f, *offset, big_endian)).collect(),
    })
}

fn lay_out(finished: &[Finished]) -> Vec<u32> {
    let mut next = 0;
    finished
        .iter()
        .map(|function| {
            let offset = next;
            next = (offset + function.words.len() as u32 * 4).next_multiple_of(FUNCTION_ALIGN);
            offset
        })
        .collect()
}

fn link(function: &mut Finished, start: u64, address: &mut dyn FnMut(&str) -> u64) -> Result<(), BuildError> {
    for place in &function.places {
        let pc = start + place.at as u64 * 4;
        place
            .resolve(&mut function.words, pc, address(&place.target))
            .map_err(|what| assembly(function.routine.name(), what))?;
    }
    Ok(())
}

fn bytes(finished: &[Finished], offsets: &[u32], big_endian: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (function, offset) in finished.iter().zip(offsets) {
        bytes.resize(*offset as usize, 0);
        bytes.extend(function.words.iter().flat_map(|word| encode::bytes(*word, big_endian)));
    }
    bytes
}

fn describe(function: &Finished, offset: u32, big_endian: bool) -> BuiltinFunction {
    let routine = &function.routine;
    BuiltinFunction {
        name: routine.name().to_owned(),
        offset,
        size: function.words.len() as u32 * 4,
        frame_bytes: routine.frame_bytes(),
        args_bytes: routine.args_bytes(),
        splits_stack: routine.splits_stack(),
        sp_deltas: routine.sp_deltas().to_vec(),
        maps: routine.maps(),
        args: routine.args().clone(),
        relocations: function.places.iter().map(|place| place.relocation(big_endian)).collect(),
    }
}

/// The argument words of `reflectcall` and the trampolines from its Go prototype: type, function and stack arguments are
/// pointers, then come three 32-bit sizes with padding, then the pointer to the register arguments.
fn reflectcall_args() -> PointerMap {
    PointerMap { words: vec![true, true, true, false, false, true] }
}

/// Bytes of those arguments.
const REFLECTCALL_ARGS_BYTES: u32 = 48;

