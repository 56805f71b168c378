//! `reflectcall`: choose a `callN`.

use super::{frame_sizes, leaf};
use crate::wasm::encode::source::{Function, Line, Load, Plain, Reg};

/// Bytes of `reflectcall`'s arguments.
pub const ARGS_BYTES: u32 = 48;
/// Where its arguments stand: the function value,
pub const FN: u32 = 8;
/// and the size of the frame that the call needs.
const FRAME_SIZE: u32 = 32;

/// The same in all epochs with register arguments.
pub fn reflectcall() -> Function {
    let mut function = Function { args_bytes: ARGS_BYTES, ..leaf("runtime.reflectcall") };
    function.load_arg(Load::Word, FN);
    function.extend([
        Line::Plain(Plain::I64Eqz),
        Line::If,
        Line::CallNoResume("runtime.sigpanic"),
        Line::End,
    ]);
    let needed = Reg::R(0);
    function.load_arg(Load::Half, FRAME_SIZE);
    function.extend([Line::Set(needed)]);
    for size in frame_sizes() {
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
