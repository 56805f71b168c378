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
use rcsim_uop::port::{BuiltinImage, Externs, FrameMaps, PointerMap};

use super::encode::image::{Described, image as assemble};
use super::encode::source::Function;

/// Frame sizes that have a `callN`: the powers of two from 16 bytes to 1 GiB; in 2018 from 32 bytes, as on other ports.
fn frame_sizes(epoch: Epoch) -> impl Iterator<Item = u32> {
    (if epoch <= Epoch::Y2018 { 5 } else { 4 }..=30).map(|log2| 1 << log2)
}

/// Assemble the machinery of an epoch. That of 2018 follows Go 1.11, the release of the month before; no toolchain at hand
/// makes its bytes.
pub fn image(epoch: Epoch, base: u64, externs: &mut dyn Externs) -> BuiltinImage {
    assemble(&functions(epoch), epoch, base, externs)
}

fn functions(epoch: Epoch) -> Vec<Described> {
    let mut all = Vec::new();
    if epoch <= Epoch::Y2018 {
        all.push(without_arguments(reflectcall::reflect_call(), FrameMaps::Prototype));
    }
    all.push(by_prototype(epoch, reflectcall::reflectcall(epoch)));
    all.extend(frame_sizes(epoch).map(|size| by_prototype(epoch, call_n::call_n(epoch, size))));
    all.push(without_arguments(call_ret::call_ret(epoch), FrameMaps::Prototype));
    all.push(without_arguments(stubs::make_func_stub(epoch), FrameMaps::Context));
    all.push(without_arguments(stubs::method_value_call(epoch), FrameMaps::Context));
    if call_n::copies_by_loop(epoch) {
        all.push(without_arguments(wasm_move::wasm_move(), FrameMaps::None));
    }
    all
}

/// Arguments of `reflectcall`: type, function, arguments; two sizes in a word; since 2020 another in half a word, and the
/// register arguments.
fn by_prototype(epoch: Epoch, function: Function) -> Described {
    let mut words = vec![true, true, true, false];
    if epoch.has_reg_args() {
        words.extend([false, true]);
    }
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
