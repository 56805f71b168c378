//! Go's hand-written routines on ppc64, one file each, with the epoch as parameter.
//!
//! `frame.rs` stands for Go's assembler: prologue, epilogue, accesses to the frame. The routines describe what their
//! authors wrote; together they give the bytes that the toolchain of the epoch makes. This file lines the routines up
//! and links them.

mod args;
mod assembler;
mod call;
mod copy;
mod frame;
mod reflectcall;
mod spill;
mod stub;

use rcsim_uop::Epoch;
use rcsim_uop::port::{BuildError, BuiltinImage, Externs};

use crate::routine;
use assembler::Assembler;
use frame::Routine;

/// Functions start at multiples of this (Go's linker, `FuncAlign` of ppc64).
const FUNCTION_ALIGN: u32 = 16;

/// Largest argument area of each trampoline: 16, 32, ... 1 GiB. From the commit of 2014 until 2018 there is none of 16 bytes,
/// which were too few for the arguments of a barrier; for a time it was still written down, but nothing refers to it, and the
/// linker leaves out what nothing refers to.
fn call_sizes(epoch: Epoch) -> impl Iterator<Item = u32> {
    let lacks_16 = (Epoch::Y2014..=Epoch::Y2018).contains(&epoch);
    (if lacks_16 { 5 } else { 4 }..=30).map(|log2| 1 << log2)
}

fn routines(epoch: Epoch, big_endian: bool) -> Vec<Routine> {
    let assembler = Assembler::of(epoch, big_endian);
    let mut list = Vec::new();
    if epoch >= Epoch::Go119 {
        list.push(spill::spill_args(assembler));
        list.push(spill::unspill_args(assembler));
    }
    if epoch <= Epoch::Y2018 {
        list.push(reflectcall::reflect_call(assembler));
    }
    list.push(reflectcall::reflectcall(epoch, assembler));
    if epoch >= Epoch::Y2016 {
        list.push(call::call_ret(epoch, assembler));
    }
    list.extend(call_sizes(epoch).map(|size| call::call(epoch, assembler, size)));
    list.push(stub::make_func_stub(epoch, assembler));
    list.push(stub::method_value_call(epoch, assembler));
    list
}

/// Where outgoing arguments start above the stack pointer in an epoch: behind the fixed part of a frame.
pub fn args_above_sp(epoch: Epoch) -> u8 {
    // It is 8 or 32.
    Assembler::of(epoch, false).generation.fixed_frame() as u8
}

/// Assemble and link the machinery of an epoch.
///
/// # Errors
/// When something cannot be encoded, or an external function is out of a branch's reach.
pub fn image(
    epoch: Epoch,
    base: u64,
    big_endian: bool,
    externs: &mut dyn Externs,
) -> Result<BuiltinImage, BuildError> {
    let finished = routines(epoch, big_endian).into_iter().map(Routine::finish).collect::<Result<Vec<_>, _>>()?;
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

    fn function(epoch: Epoch, name: &str) -> Option<(BuiltinFunction, Vec<u32>)> {
        let image = image(epoch, 0x10_0000, false, &mut Nearby).expect("every epoch is described");
        let function = image.functions.iter().find(|function| function.name == name)?.clone();
        let bytes = &image.bytes[function.offset as usize..][..function.size as usize];
        let words = bytes.chunks(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]));
        Some((function.clone(), words.collect()))
    }

    fn call64(epoch: Epoch) -> (BuiltinFunction, Vec<u32>) {
        function(epoch, "runtime.call64").expect("every epoch has it")
    }

    #[test]
    fn every_epoch_has_both_stubs_and_the_trampolines_of_its_time() {
        for epoch in Epoch::ALL {
            for name in ["runtime.reflectcall", "reflect.makeFuncStub", "reflect.methodValueCall", "runtime.call1073741824"] {
                assert!(function(epoch, name).is_some(), "{epoch} {name}");
            }
            let has_16 = epoch == Epoch::Y2014Before || epoch >= Epoch::Y2020;
            assert_eq!(function(epoch, "runtime.call16").is_some(), has_16, "{epoch}");
            assert_eq!(function(epoch, "callRet").is_some(), epoch >= Epoch::Y2016, "{epoch}");
            assert_eq!(function(epoch, "reflect.call").is_some(), epoch <= Epoch::Y2018, "{epoch}");
        }
    }

    #[test]
    fn the_table_pointer_comes_back_since_frames_have_a_place_for_it() {
        const LD_R2_24_R1: u32 = 0xe841_0018;
        for epoch in Epoch::ALL {
            assert_eq!(call64(epoch).1.contains(&LD_R2_24_R1), epoch >= Epoch::Y2016, "{epoch}");
        }
    }

    #[test]
    fn results_are_shaded_by_the_trampoline_in_one_epoch_only() {
        for epoch in Epoch::ALL {
            let (call, _) = call64(epoch);
            let shades = call.relocations.iter().any(|relocation| relocation.target == "runtime.callwritebarrier");
            assert_eq!(shades, epoch == Epoch::Y2014, "{epoch}");
        }
    }

    #[test]
    fn the_third_pointer_was_forgotten_for_a_while() {
        let pointers = |epoch| call64(epoch).0.args.words.iter().filter(|pointer| **pointer).count();
        let epochs = [Epoch::Y2014Before, Epoch::Y2014, Epoch::Y2016, Epoch::Y2018, Epoch::Go127];
        assert_eq!(epochs.map(pointers), [2, 2, 3, 3, 4]);
    }

    #[test]
    fn a_loop_tests_at_its_end_until_the_assembler_left_loops_alone() {
        // stbu r6, 1(r5) of the loop that copies arguments, and what follows it.
        const STBU_R6_1_R5: u32 = 0x9cc5_0001;
        const CMPD_R5_R4: u32 = 0x7c25_2000;
        let after = |epoch| {
            let words = call64(epoch).1;
            let at = words.iter().position(|word| *word == STBU_R6_1_R5).expect("bytes are copied");
            words[at + 1]
        };
        for epoch in [Epoch::Y2014Before, Epoch::Y2014, Epoch::Y2016] {
            assert_eq!(after(epoch), CMPD_R5_R4, "{epoch}");
        }
    }

    #[test]
    fn frames_grow_by_three_words_with_the_elf_abi() {
        let lowered = |epoch| call64(epoch).0.sp_deltas.iter().map(|(_, by)| *by).max();
        assert_eq!(lowered(Epoch::Y2014), Some(64 + 8));
        assert_eq!(lowered(Epoch::Y2016), Some(64 + 32));
        assert_eq!([Epoch::Y2014, Epoch::Y2016].map(args_above_sp), [8, 32]);
    }
}
