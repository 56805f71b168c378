//! Go's hand-written routines on arm64, one file each, with the epoch as parameter.
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

use super::encode::{Place, Unencodable};

/// Functions start at multiples of this (Go's linker, `FuncAlign` of arm64).
const FUNCTION_ALIGN: u32 = 16;

/// Largest argument area of each trampoline: 16, 32, ... 1 GiB. Until 2018 there is none of 16 bytes, which once were too
/// few for the arguments of a barrier (2014-df027ac, before this port).
pub fn call_sizes(epoch: Epoch) -> impl Iterator<Item = u32> {
    (if epoch <= Epoch::Y2018 { 5 } else { 4 }..=30).map(|log2| 1 << log2)
}

/// Whether functions of an epoch keep a frame pointer.
pub fn keeps_frame_pointer(epoch: Epoch) -> bool {
    Assembler::of(epoch).keeps_frame_pointer()
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
/// When something cannot be encoded, or an external function is out of a branch's reach.
pub fn image(epoch: Epoch, base: u64, externs: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
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
        bytes: bytes(&finished, &offsets),
        code_offset: 0,
        functions: finished.iter().zip(&offsets).map(|(f, offset)| describe(f, *offset)).collect(),
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

fn bytes(finished: &[Finished], offsets: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (function, offset) in finished.iter().zip(offsets) {
        bytes.resize(*offset as usize, 0);
        bytes.extend(function.words.iter().flat_map(|word| word.to_le_bytes()));
    }
    bytes
}

fn describe(function: &Finished, offset: u32) -> BuiltinFunction {
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
        relocations: function.places.iter().map(Place::relocation).collect(),
    }
}

/// The argument words of `reflectcall` and the trampolines from its Go prototype: type, function and stack arguments are
/// pointers, then come two 32-bit sizes; since 2020 a third with padding, and the pointer to the register arguments.
fn reflectcall_args(epoch: Epoch) -> PointerMap {
    let mut words = vec![true, true, true, false];
    if epoch.has_reg_args() {
        words.extend([false, true]);
    }
    PointerMap { words }
}

/// Bytes of those arguments.
fn reflectcall_args_bytes(epoch: Epoch) -> u32 {
    reflectcall_args(epoch).words.len() as u32 * 8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything outside the image stands just behind it.
    struct Nearby;

    impl Externs for Nearby {
        fn address(&mut self, _symbol: &str) -> u64 {
            0x40_0000
        }
    }

    fn function(epoch: Epoch, name: &str) -> Option<BuiltinFunction> {
        let image = image(epoch, 0x10_0000, &mut Nearby).expect("the epoch is described");
        image.functions.into_iter().find(|function| function.name == name)
    }

    fn described() -> impl Iterator<Item = Epoch> {
        Epoch::ALL.into_iter().filter(|epoch| *epoch >= Epoch::Y2016)
    }

    #[test]
    fn every_epoch_has_all_trampolines_and_both_stubs() {
        for epoch in described() {
            for name in ["runtime.reflectcall", "callRet", "reflect.makeFuncStub", "reflect.methodValueCall"] {
                assert!(function(epoch, name).is_some(), "{epoch} {name}");
            }
            for bytes in call_sizes(epoch) {
                let call = function(epoch, &format!("runtime.call{bytes}")).expect("one for each size");
                let stated = if epoch <= Epoch::Y2018 { (bytes + 8, 24) } else { (bytes, 48) };
                assert_eq!((call.frame_bytes, call.args_bytes), stated, "{epoch}");
            }
            assert_eq!(function(epoch, "runtime.call16").is_some(), epoch >= Epoch::Y2020, "{epoch}");
        }
    }

    #[test]
    fn the_stack_pointer_is_as_low_in_all_epochs_and_is_back_at_the_return() {
        for epoch in described() {
            let call = function(epoch, "runtime.call1024").expect("every epoch has it");
            let deltas = || call.sp_deltas.iter().map(|(_, delta)| *delta);
            assert_eq!(deltas().max(), Some(1024 + 16), "{epoch}");
            assert!(deltas().filter(|delta| *delta == 0).count() > 1, "{epoch}");
        }
    }

    #[test]
    fn registers_are_spilled_only_where_they_pass_arguments() {
        for (epoch, spills) in [(Epoch::Y2020, false), (Epoch::Y2021, false), (Epoch::Go119, true)] {
            assert_eq!(function(epoch, "runtime.spillArgs").is_some(), spills, "{epoch}");
            let call = function(epoch, "runtime.call64").expect("every epoch has it");
            let loads = call.relocations.iter().any(|r| r.target == "runtime.unspillArgs");
            assert_eq!(loads, spills, "{epoch}");
        }
    }

    #[test]
    fn a_symbol_out_of_reach_is_named() {
        struct Far;
        impl Externs for Far {
            fn address(&mut self, _symbol: &str) -> u64 {
                1 << 40
            }
        }
        let error = image(Epoch::Go127, 0x10_0000, &mut Far).expect_err("branches reach 128 MiB");
        assert!(error.to_string().contains("out of reach"), "{error}");
    }
}
