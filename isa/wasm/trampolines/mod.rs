//! The machinery of each epoch on WebAssembly, one file per routine.
//!
//! There are no argument registers, so there is nothing to spill: `reflectcall` picks the smallest `callN` whose frame
//! holds the arguments, `callN` copies them to its frame, calls, and hands what came back to `callRet`. WebAssembly jumps
//! to functions by calling them, so `reflectcall` stays on WebAssembly's stack though not on Go's.

mod call_n;
mod call_ret;
mod reflectcall;
mod stubs;
mod wasm_move;

use rcsim_uop::Epoch;
use rcsim_uop::port::{BuildError, BuiltinImage, Externs, FrameMaps, PointerMap};

use super::encode::image::{Described, image as assemble};
use super::encode::source::Function;

/// Frame sizes that have a `callN`: the powers of two from 16 bytes to 1 GiB.
fn frame_sizes() -> impl Iterator<Item = u32> {
    (4..=30).map(|log2| 1 << log2)
}

/// Assemble the machinery of an epoch.
///
/// # Errors
/// [`BuildError::Assembly`] for 2018, when functions took no parameter and the machine's globals were others.
pub fn image(epoch: Epoch, base: u64, externs: &mut dyn Externs) -> Result<BuiltinImage, BuildError> {
    if epoch < Epoch::Y2020 {
        return Err(BuildError::Assembly {
            function: "runtime.reflectcall".into(),
            what: format!("the convention of Go 1.11, in use in epoch {epoch}, is not described"),
        });
    }
    Ok(assemble(&functions(epoch), epoch, base, externs))
}

fn functions(epoch: Epoch) -> Vec<Described> {
    let mut all = vec![by_prototype(reflectcall::reflectcall())];
    all.extend(frame_sizes().map(|size| by_prototype(call_n::call_n(epoch, size))));
    all.push(without_arguments(call_ret::call_ret(), FrameMaps::Prototype));
    all.push(without_arguments(stubs::make_func_stub(epoch), FrameMaps::Context));
    all.push(without_arguments(stubs::method_value_call(epoch), FrameMaps::Context));
    if call_n::copies_by_loop(epoch) {
        all.push(without_arguments(wasm_move::wasm_move(), FrameMaps::None));
    }
    all
}

/// Arguments of `reflectcall`: type, function, arguments; three sizes in a word and a half; register arguments.
fn by_prototype(function: Function) -> Described {
    let words = vec![true, true, true, false, false, true];
    Described { function, maps: FrameMaps::Prototype, args: PointerMap { words } }
}

fn without_arguments(function: Function, maps: FrameMaps) -> Described {
    Described { function, maps, args: PointerMap::default() }
}

/// A Go function without a frame, a stack check or arguments.
fn leaf(name: &str) -> Function {
    Function {
        name: name.into(),
        frame_bytes: 0,
        args_bytes: 0,
        splits_stack: false,
        adjusts_panic: false,
        raw_params: None,
        lines: Vec::new(),
    }
}

/// Whether the assembler of an epoch has wrappers look after a running panic.
fn wrappers_adjust_panic(epoch: Epoch) -> bool {
    epoch < Epoch::Go127
}
