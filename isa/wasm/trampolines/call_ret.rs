//! `callRet`: pass the results on to `reflectcallmove`, whose arguments need a frame of their own.

use super::leaf;
use crate::wasm::encode::source::{Function, Line, Reg, Store};

/// Go's symbol name; the function is static to its file.
pub const NAME: &str = "callRet";
/// Five words of arguments.
const FRAME_BYTES: u32 = 40;

/// The same in all epochs with register arguments; there are none here, so it passes nil for them.
pub fn call_ret() -> Function {
    let mut function = Function { frame_bytes: FRAME_BYTES, ..leaf(NAME) };
    for n in 0..4 {
        function.store_reg(8 * u32::from(n), Reg::Ret(n));
    }
    function.store_constant(Store::Word, 32, 0);
    function.extend([Line::Call("runtime.reflectcallmove"), Line::Ret]);
    function
}
