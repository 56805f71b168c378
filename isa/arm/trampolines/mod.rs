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

    fn function(epoch: Epoch, name: &str) -> Option<(BuiltinFunction, u32)> {
        let image = image(epoch, 0x10_0000, &mut Nearby).expect("the epoch is described");
        let function = image.functions.iter().find(|function| function.name == name)?.clone();
        let end = (function.offset + function.size) as usize;
        let last = image.bytes[end - 4..end].try_into().expect("an instruction has four bytes");
        Some((function, u32::from_le_bytes(last)))
    }

    fn call64(epoch: Epoch) -> (BuiltinFunction, u32) {
        function(epoch, "runtime.call64").expect("every epoch has it")
    }

    #[test]
    fn every_epoch_has_all_trampolines_and_both_stubs() {
        for epoch in Epoch::ALL {
            for name in ["runtime.reflectcall", "reflect.makeFuncStub", "reflect.methodValueCall"] {
                assert!(function(epoch, name).is_some(), "{epoch} {name}");
            }
            assert_eq!(function(epoch, "callRet").is_some(), epoch >= Epoch::Y2016, "{epoch}");
            for bytes in call_sizes() {
                let (call, _) = function(epoch, &format!("runtime.call{bytes}")).expect("one for each size");
                let stated = match epoch {
                    Epoch::Y2014Before => 16,
                    _ if epoch.has_reg_args() => 28,
                    _ => 20,
                };
                assert_eq!((call.frame_bytes, call.args_bytes), (bytes, stated), "{epoch}");
            }
        }
    }

    #[test]
    fn the_trampolines_of_one_commit_have_no_end() {
        const SUB_R2_R3: u32 = 0xe042_2003;
        let (call, last) = call64(Epoch::Y2014);
        assert_eq!(last, SUB_R2_R3);
        assert!(!call.relocations.iter().any(|relocation| relocation.target == "runtime.callwritebarrier"));
        for epoch in Epoch::ALL.into_iter().filter(|epoch| *epoch != Epoch::Y2014) {
            assert_ne!(call64(epoch).1, SUB_R2_R3, "{epoch}");
        }
    }

    #[test]
    fn the_third_pointer_was_forgotten_for_a_while() {
        let pointers = |epoch| call64(epoch).0.args.words.iter().filter(|pointer| **pointer).count();
        let epochs = [Epoch::Y2014Before, Epoch::Y2014, Epoch::Y2016, Epoch::Go127];
        assert_eq!(epochs.map(pointers), [2, 2, 3, 4]);
    }

    #[test]
    fn a_symbol_out_of_reach_is_named() {
        struct Far;
        impl Externs for Far {
            fn address(&mut self, _symbol: &str) -> u64 {
                0x4000_0000
            }
        }
        let error = image(Epoch::Go127, 0x10_0000, &mut Far).expect_err("branches reach 32 MiB");
        assert!(error.to_string().contains("out of reach"), "{error}");
    }
}
