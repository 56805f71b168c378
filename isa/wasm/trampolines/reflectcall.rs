//! `reflectcall`: choose a `callN`.

use rcsim_uop::Epoch;

use super::{frame_sizes, leaf};
use crate::wasm::encode::source::{Function, Line, Load, Plain, Reg};

/// Bytes of `reflectcall`'s arguments.
pub fn args_bytes(epoch: Epoch) -> u32 {
    if epoch.has_reg_args() { 48 } else { 32 }
}

/// Where its arguments stand: the function value,
pub const FN: u32 = 8;
/// and the size of the frame that the call needs, before 2020 that of the arguments.
fn frame_size(epoch: Epoch) -> u32 {
    if epoch.has_reg_args() { 32 } else { 24 }
}

/// What `reflect` calls: a jump to `reflectcall`, before the linker could give one function two names (Go 1.12).
pub fn reflect_call() -> Function {
    let mut function = leaf("reflect.call");
    function.extend([Line::Jump("runtime.reflectcall")]);
    function
}

/// The one that `reflect` means.
pub fn reflectcall(epoch: Epoch) -> Function {
    let mut function = Function { args_bytes: args_bytes(epoch), ..leaf("runtime.reflectcall") };
    function.load_arg(Load::Word, FN);
    function.extend([
        Line::Plain(Plain::I64Eqz),
        Line::If,
        Line::CallNoResume("runtime.sigpanic"),
        Line::End,
    ]);
    let needed = Reg::R(0);
    function.load_arg(Load::Half, frame_size(epoch));
    function.extend([Line::Set(needed)]);
    for size in frame_sizes(epoch) {
        function.extend([
            Line::Get(needed),
            Line::I64(i64::from(size)),
            Line::Plain(Plain::I64LeU),
            Line::If,
            Line::Jump(super::call_n::name(size)),
            Line::End,
        ]);
    }
    function.extend([Line::Jump("runtime.badreflectcall")]);
    function
}
