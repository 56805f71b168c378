//! `callRet`: pass the results on to `reflectcallmove`, whose arguments need a frame of their own: type, where to, where
//! from, bytes and, since 2020, the register arguments, each a word from the stack pointer up.

use rcsim_uop::Epoch;

use super::leaf;
use crate::wasm::encode::source::{Function, Line, Reg, Store};

/// Go's symbol name; the function is static to its file.
pub const NAME: &str = "callRet";

/// There are no register arguments here, so it passes nil for them, where they are a parameter.
pub fn call_ret(epoch: Epoch) -> Function {
    let with_registers = epoch.has_reg_args();
    let mut function = Function { frame_bytes: if with_registers { 40 } else { 32 }, ..leaf(NAME) };
    for n in 0..4 {
        function.store_reg(8 * u32::from(n), Reg::Ret(n));
    }
    if with_registers {
        function.store_constant(Store::Word, 32, 0);
    }
    function.extend([Line::Call("runtime.reflectcallmove"), Line::Ret]);
    function
}
