//! `makeFuncStub` and `methodValueCall`: the code of function values that reflect makes.

use rcsim_uop::Epoch;

use super::{leaf, wrappers_adjust_panic};
use crate::wasm::encode::source::{Function, Line, Reg, Store};

/// Entry of a function made by `reflect.MakeFunc`.
pub fn make_func_stub(epoch: Epoch) -> Function {
    stub("reflect.makeFuncStub", "reflect.callReflect", epoch)
}

/// Entry of a method value made by `reflect.Value.Method`.
pub fn method_value_call(epoch: Epoch) -> Function {
    stub("reflect.methodValueCall", "reflect.callMethod", epoch)
}

/// Arguments of the Go function, each a word from the stack pointer up: context, caller's arguments; since 2020 where to
/// note that results are valid; since 2021 the registers, of which there are none. The note follows them in the frame.
fn stub(name: &str, go_function: &'static str, epoch: Epoch) -> Function {
    let passes_registers = epoch >= Epoch::Y2021;
    let ret_valid = match epoch {
        Epoch::Y2021 | Epoch::Go119 | Epoch::Go127 => Some(32),
        Epoch::Y2020 => Some(24),
        Epoch::Y2014Before | Epoch::Y2014 | Epoch::Y2016 | Epoch::Y2018 => None,
    };
    let mut function = Function {
        frame_bytes: ret_valid.map_or(16, |at| at + 8),
        adjusts_panic: wrappers_adjust_panic(epoch),
        ..leaf(name)
    };
    function.store_reg(0, Reg::Ctxt);
    let caller_args = function.arg(0);
    function.store_address(8, caller_args);
    if let Some(ret_valid) = ret_valid {
        function.store_constant(Store::Byte, ret_valid, 0);
        function.store_address(16, ret_valid);
    }
    if passes_registers {
        function.store_constant(Store::Word, 24, 0);
    }
    function.extend([Line::Call(go_function), Line::Ret]);
    function
}
