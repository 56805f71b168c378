//! Go's hand-written routines of the reflective call, assembled for each epoch.
//!
//! One function per routine with the epoch as parameter, so that history reads as differences. [`frame`] holds what Go's
//! assembler adds on its own; [`mod@reflectcall`], [`spill`] and [`stubs`] hold the routines; this file collects and links them.

mod frame;
mod reflectcall;
mod spill;
mod stubs;

use std::collections::BTreeMap;

use rcsim_uop::Epoch;
use rcsim_uop::port::{BuildError, BuiltinFunction, BuiltinImage, Externs, FrameMaps, PointerMap};

use super::encode::{Assembler, MissingLabel, Reference};
use super::mode::Mode;

pub use frame::{g_slots, keeps_frame_pointer};

/// What Go's linker aligns functions to, and fills the gaps with (INT3).
const fn function_align(mode: Mode) -> usize {
    if mode.bits == 64 { 32 } else { 16 }
}
const FILL: u8 = 0xcc;

/// What routines are assembled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The machine.
    pub mode: Mode,
    /// The epoch.
    pub epoch: Epoch,
}

impl Target {
    /// Whether registers pass arguments, which they do on amd64 only.
    fn has_reg_args(self) -> bool {
        self.mode == Mode::LONG && self.epoch.has_reg_args()
    }

    /// Offset of a word of an argument list.
    const fn word(self, index: i32) -> i32 {
        self.mode.word(index)
    }
}

/// A routine: its code and what Go's assembler is told about it.
#[derive(Debug)]
struct Routine {
    name: String,
    code: Assembler,
    frame_bytes: u32,
    args_bytes: u32,
    splits_stack: bool,
    maps: FrameMaps,
    args: PointerMap,
}

/// Assemble and link the routines of an epoch.
///
/// # Errors
/// When a symbol is out of reach.
pub fn build(target: Target, base: u64, externs: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
    let (mut bytes, functions, references) = assemble(routines(target), function_align(target.mode))?;
    link(&mut bytes, &functions, &references, base, externs)?;
    Ok(BuiltinImage { base, bytes, code_offset: 0, functions })
}

/// The routines of an epoch in the order of Go's source.
fn routines(target: Target) -> Vec<Routine> {
    let mut all = Vec::new();
    if target.has_reg_args() {
        all.extend([spill::spill_args(target), spill::unspill_args(target)]);
    }
    if !target.epoch.has_reg_args() {
        all.push(reflectcall::reflect_call(target));
    }
    all.push(reflectcall::reflectcall(target));
    if target.epoch >= Epoch::Y2016 {
        all.push(reflectcall::call_ret(target));
    }
    all.extend(reflectcall::sizes(target).map(|bytes| reflectcall::call_n(target, bytes)));
    all.extend(stubs::stubs(target));
    all
}

/// How each relocation of each function refers to its symbol.
type References = Vec<Vec<Reference>>;

fn assemble(routines: Vec<Routine>, align: usize) -> Result<(Vec<u8>, Vec<BuiltinFunction>, References), BuildError> {
    let (mut bytes, mut functions, mut all_references) = (Vec::new(), Vec::new(), Vec::new());
    for routine in routines {
        bytes.resize(usize::next_multiple_of(bytes.len(), align), FILL);
        let failed = |MissingLabel(label)| BuildError::Assembly {
            function: routine.name.clone(),
            what: format!("{label:?} is never placed"),
        };
        let code = routine.code.finish().map_err(failed)?;
        let (relocations, references) = code.relocations.into_iter().unzip();
        functions.push(BuiltinFunction {
            offset: bytes.len() as u32,
            size: code.bytes.len() as u32,
            frame_bytes: routine.frame_bytes,
            args_bytes: routine.args_bytes,
            splits_stack: routine.splits_stack,
            sp_deltas: code.sp_deltas,
            maps: routine.maps,
            args: routine.args,
            relocations,
            name: routine.name,
        });
        all_references.push(references);
        bytes.extend(code.bytes);
    }
    Ok((bytes, functions, all_references))
}

/// Fill in what refers to symbols, inside the image or outside.
fn link(
    bytes: &mut [u8],
    functions: &[BuiltinFunction],
    references: &References,
    base: u64,
    externs: &mut dyn Externs,
) -> Result<(), BuildError> {
    let inside: BTreeMap<&str, u64> =
        functions.iter().map(|f| (f.name.as_str(), base.wrapping_add(f.offset.into()))).collect();
    for (function, references) in functions.iter().zip(references) {
        for (relocation, reference) in function.relocations.iter().zip(references) {
            let place = (function.offset + relocation.offset) as usize;
            let target = match inside.get(relocation.target.as_str()) {
                Some(address) => *address,
                None => externs.address(&relocation.target),
            };
            let value = referred(*reference, target, base.wrapping_add(place as u64)).ok_or_else(|| {
                let what = format!("{} is out of reach", relocation.target);
                BuildError::Assembly { function: function.name.clone(), what }
            })?;
            bytes[place..place + 4].copy_from_slice(&value);
        }
    }
    Ok(())
}

/// What stands in a field at `place` that refers to `target`; `None` when that is out of reach.
fn referred(reference: Reference, target: u64, place: u64) -> Option<[u8; 4]> {
    match reference {
        // The processor counts from the end of the instruction, which is the end of the field.
        Reference::Distance => {
            let distance = target.wrapping_sub(place.wrapping_add(4)) as i64;
            i32::try_from(distance).ok().map(i32::to_le_bytes)
        }
        Reference::Address => u32::try_from(target).ok().map(u32::to_le_bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Far(u64);

    impl Externs for Far {
        fn address(&mut self, _symbol: &str) -> u64 {
            self.0
        }
    }

    const fn amd64(epoch: Epoch) -> Target {
        Target { mode: Mode::LONG, epoch }
    }

    #[test]
    fn every_epoch_links_at_any_base_within_reach_of_its_services() {
        for epoch in Epoch::ALL {
            for base in [0x40_0000, 0x7fff_0000_0000] {
                let image = build(amd64(epoch), base, &mut Far(base - 0x1_0000)).expect("it links");
                assert!(image.functions.iter().all(|f| f.size > 0 && f.sp_deltas[0] == (0, 0)));
            }
        }
    }

    #[test]
    fn a_service_out_of_reach_is_an_error() {
        let error = build(amd64(Epoch::Go127), 0x40_0000, &mut Far(1 << 40)).expect_err("four bytes cannot reach");
        assert!(matches!(error, BuildError::Assembly { .. }));
    }

    fn function(epoch: Epoch, name: &str) -> Option<BuiltinFunction> {
        let image = build(amd64(epoch), 0x40_0000, &mut Far(0x50_0000)).expect("it links");
        image.functions.into_iter().find(|f| f.name == name)
    }

    fn targets(epoch: Epoch, name: &str) -> Vec<String> {
        function(epoch, name).expect("it exists").relocations.into_iter().map(|r| r.target).collect()
    }

    #[test]
    fn there_is_a_trampoline_for_every_size_but_16_while_the_barrier_was_called_from_it() {
        for epoch in Epoch::ALL {
            let has = |log2: u32| function(epoch, &format!("runtime.call{}", 1_u32 << log2)).is_some();
            assert!((5..=30).all(has), "{epoch}");
            let lacks_16 = [Epoch::Y2014, Epoch::Y2016, Epoch::Y2018].contains(&epoch);
            assert_eq!(has(4), !lacks_16, "{epoch}");
        }
    }

    #[test]
    fn the_stack_pointer_is_back_at_the_return() {
        let deltas = |epoch| -> Vec<i32> {
            let call64 = function(epoch, "runtime.call64").expect("it exists");
            call64.sp_deltas.iter().map(|(_, delta)| *delta).collect()
        };
        assert_eq!(deltas(Epoch::Go127), [0, 8, 72, 8, 0]);
        assert_eq!(deltas(Epoch::Y2014), [0, 64, 0], "no frame pointer, nothing behind the return");
        assert_eq!(deltas(Epoch::Y2016), [0, 72, 0]);
    }

    #[test]
    fn the_way_results_go_back_is_that_of_the_epoch() {
        let more = "runtime.morestack_noctxt";
        assert_eq!(targets(Epoch::Y2014Before, "runtime.call64"), [more]);
        assert_eq!(targets(Epoch::Y2014, "runtime.call64"), [more, "runtime.callwritebarrier"]);
        for epoch in [Epoch::Y2016, Epoch::Y2018] {
            assert_eq!(targets(epoch, "runtime.call64"), ["callRet", more]);
            assert_eq!(targets(epoch, "callRet"), ["runtime.reflectcallmove"]);
        }
    }

    #[test]
    fn the_arguments_of_trampolines_are_those_of_the_epochs_prototypes() {
        let call64 = |epoch| {
            let call64 = function(epoch, "runtime.call64").expect("it exists");
            (call64.args_bytes, call64.args.words)
        };
        assert_eq!(call64(Epoch::Y2014Before), (24, vec![true, true, false]));
        assert_eq!(call64(Epoch::Y2014), (32, vec![true, true, false, false]), "the third pointer is forgotten");
        assert_eq!(call64(Epoch::Y2016), (32, vec![true, true, true, false]));
        assert_eq!(call64(Epoch::Y2020), (48, vec![true, true, true, false, false, true]));
    }

    #[test]
    fn pointers_of_32_bits_make_shorter_argument_lists() {
        for mode in [Mode::PROTECTED, Mode::LONG_SMALL] {
            for epoch in [Epoch::Y2014Before, Epoch::Y2014, Epoch::Y2016, Epoch::Y2018] {
                let image = build(Target { mode, epoch }, 0x40_0000, &mut Far(0x50_0000)).expect("it links");
                let call16 = image.functions.iter().find(|f| f.name == "runtime.call16").expect("it was never dropped");
                assert_eq!(call16.args_bytes, if epoch == Epoch::Y2014Before { 16 } else { 20 });
                assert_eq!(call16.args_bytes, 4 * call16.args.words.len() as u32);
            }
        }
    }

    #[test]
    fn an_address_beyond_32_bits_is_an_error_where_addresses_are_taken() {
        let target = Target { mode: Mode::PROTECTED, epoch: Epoch::Go127 };
        assert!(build(target, 0x1_0000_0000, &mut Far(0x1_0000_0000)).is_err());
    }
}
