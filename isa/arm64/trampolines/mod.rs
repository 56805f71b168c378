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
use rcsim_uop::port::{BuildError, BuiltinImage, Externs, PointerMap};

use crate::routine;
use assembler::Assembler;
use frame::Routine;

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

/// Assemble and link the machinery of an epoch.
///
/// # Errors
/// When something cannot be encoded, or an external function is out of a branch's reach.
pub fn image(epoch: Epoch, base: u64, externs: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
    let finished = routines(epoch).into_iter().map(Routine::finish).collect::<Result<Vec<_>, _>>()?;
    routine::link(finished, FUNCTION_ALIGN, base, externs)
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
    use rcsim_uop::port::BuiltinFunction;

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
